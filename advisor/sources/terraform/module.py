"""Modules of Terraform: what the files of a folder declare, and what names mean in one use of them.

Nothing is run. A variable is what was given for it. Its default counts only where the files that may replace it were
read. A local, and an argument of another resource, is what is written there. What only a plan can say is ``Unread``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import msgspec

from advisor.secrets import texts
from advisor.sources.code.expressions import Memo
from advisor.sources.reading.node import Node, Place, absent, plain
from advisor.sources.reading.well_known import ids_by_value
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.evaluate import evaluate
from advisor.sources.terraform.files import Files
from advisor.sources.terraform.functions import later
from advisor.sources.terraform.published import CLIENT_IDS, OFFERS, PRINCIPAL, PUBLISHED, published_ids
from advisor.sources.terraform.schema import APPLICATIONS, GRAPH
from advisor.sources.terraform.syntax import Call, Expression, Members
from advisor.sources.terraform.types import of_type
from advisor.sources.terraform.values import Elements, Fails, Open, Reference, Rest, Unknowable, Unordered, is_open
from rules.knowledge.roles import role_named
from rules.model.registration import Unread, UnreadReason

_PLAN: Final = "lint the plan: terraform show -json"
_VALUES: Final = "name the .tfvars file that decides, or lint the plan: terraform show -json"
_OF_THE_CONFIGURATION: Final = re.compile(r"\b(?:var|local|each|count|data|module)\.")
#: Arguments of every resource, which say nothing about the application.
_META: Final = frozenset(
    ("count", "for_each", "provider", "providers", "depends_on", "lifecycle", "timeouts", "connection", "source",
     "version")
)  # fmt: skip
#: By these other resources name an application.
_IDENTITIES: Final = frozenset(("id", "object_id", "client_id", "application_id"))
#: Of one block at most this many instances are read.
_INSTANCES: Final = 1000
#: Units of the provider ``time``, in seconds; a month is at least 28 days, a year at least 365.
_UNITS: Final = {"minutes": 60, "hours": 3600, "days": 86400, "months": 28 * 86400, "years": 365 * 86400}
_DEEPEST: Final = 8


class Module:
    """What the files of one folder declare."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.resources: dict[tuple[str, str], Block] = {}
        #: What is only looked up.
        self.data: dict[tuple[str, str], Block] = {}
        #: Resources whose name is taken already, which Terraform refuses.
        self.again: list[Block] = []
        self.variables: dict[str, Block] = {}
        self.locals: dict[str, Expression] = {}
        self.outputs: dict[str, Block] = {}
        self.calls: dict[str, Block] = {}
        #: The version of each provider that is required, by the words of the constraint.
        self.versions: dict[str, str] = {}
        #: Values for variables, from the ``.tfvars`` files that apply.
        self.given: dict[str, Expression] = {}
        #: Whether such a file was read, so that it was decided which variables keep their defaults.
        self.is_decided = False
        #: For variables, a ``.tfvars`` file that has a value for it and was not chosen.
        self.contested: dict[str, str] = {}

    def add(self, body: Body) -> None:
        """Take in the blocks of one file."""
        blocks = {"variable": self.variables, "output": self.outputs, "module": self.calls}
        for block in body.blocks:
            match block.type, block.labels:
                case "resource", (type, name):
                    if self.resources.setdefault((type, name), block) is not block:
                        self.again.append(block)
                case "data", (type, name):
                    self.data.setdefault((type, name), block)
                case ("variable" | "output" | "module") as kind, (name, *_):
                    blocks[kind][name] = block
                case "locals", _:
                    self.locals.update(block.body.arguments)
                case "terraform", _:
                    for required in block.body.named("required_providers"):
                        self.versions.update((name, _version(one)) for name, one in required.body.arguments.items())
                case "provider", (name, *_):
                    self.versions.setdefault(name, block.body.text("version"))
                case _:
                    pass

    def override(self, body: Body) -> None:
        """Merge the blocks of an override file into those that are there.

        Source: HashiCorp, "Override files".
        """
        for block in body.blocks:
            tables: dict[str, dict[str, Block] | dict[tuple[str, str], Block]] = {
                "resource": self.resources, "data": self.data, "variable": self.variables,
                "output": self.outputs, "module": self.calls,
            }  # fmt: skip
            table = tables.get(block.type)
            key = block.labels if block.type in ("resource", "data") else (*block.labels, "")[0]
            before = table.get(key) if table is not None else None  # type: ignore[arg-type]
            if table is None or before is None:
                self.add(Body(blocks=[block]))
            else:
                table[key] = _merged(before, block)  # type: ignore[index]

    def is_sensitive(self, variable: str) -> bool:
        """Whether a variable is declared as sensitive: its value is a secret."""
        declared = self.variables.get(variable)
        return declared is not None and declared.body.text("sensitive") == "true"

    def sensitive_texts(self) -> Iterator[str]:
        """The texts that ``.tfvars`` files give for sensitive variables."""
        for name, expression in self.given.items():
            if self.is_sensitive(name):
                yield from texts(plain(evaluate(expression, Use(self, World()))))

    def sources(self) -> Iterator[tuple[str, str]]:
        """The modules that it calls in folders of the same repository: name and folder."""
        for name, block in self.calls.items():
            folder = folder_of(block.body.text("source"), self.folder)
            if folder is not None:
                yield name, folder


def _version(required: Expression) -> str:
    """The version constraint in an entry of ``required_providers``; empty where there is none."""
    if not isinstance(required, Members):
        return required.words
    return next((value.words for key, value in required.members if key.words.strip('"') == "version"), "")


def folder_of(source: str, folder: str) -> str | None:
    """The folder of a module by its *source*, in words, from the *folder* that calls it; nothing for a remote one."""
    path = source.strip('"')
    return posixpath.normpath(posixpath.join(folder, path)) if path.startswith(".") else None


def _merged(before: Block, over: Block) -> Block:
    """A block with the arguments of another over its own; blocks of a type are replaced together.

    In JSON, a block looks like an argument of its type.
    """
    replaced = {*over.body.arguments, *map(_type_of, over.body.blocks)}
    kept = [block for block in before.body.blocks if _type_of(block) not in replaced or block.type == "lifecycle"]
    lifecycle = next((block for block in kept if block.type == "lifecycle"), None)
    added = []
    for block in over.body.blocks:
        if block.type == "lifecycle" and lifecycle is not None:
            kept[kept.index(lifecycle)] = _merged(lifecycle, block)
        else:
            added.append(block)
    arguments = {name: value for name, value in before.body.arguments.items() if name not in replaced}
    body = Body(arguments | over.body.arguments, [*kept, *added])
    return msgspec.structs.replace(before, inside=body, broken=before.broken or over.broken)


def _type_of(block: Block) -> str:
    """The type of a block; of a ``dynamic`` one, that of the blocks it makes."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


class World:
    """Modules by their folders, the files that expressions may read, and what was left out."""

    def __init__(self, modules: Mapping[str, Module] | None = None, files: Files | None = None) -> None:
        self.modules: Mapping[str, Module] = {} if modules is None else modules
        self.files = files
        #: Blocks of which only the first instances were read.
        self.cut: dict[str, int] = {}


class Turn(msgspec.Struct, frozen=True):
    """One instance of a resource or module: what is written behind its name, and what ``each`` and ``count`` are.

    Where it is not known whether there is one, it is *conditional*.
    """

    index: str = ""
    names: Mapping[str, Node] = {}
    conditional: bool = False
    key: str | int = ""


class Given(Protocol):
    """Values for the variables of a module."""

    def value(self, name: str) -> Node | None:
        """The value for a variable; nothing where its default counts."""


class _Arguments:
    """The arguments of a call of a module."""

    def __init__(self, body: Body, scope: Use) -> None:
        self._body, self._scope = body, scope

    def value(self, name: str) -> Node | None:
        expression = self._body.arguments.get(name)
        return None if expression is None else evaluate(expression, self._scope)


class _Instance(Open):
    """An instance of a resource, or the outputs of one of a module: each member is evaluated when it is needed."""

    is_sure = True

    def __init__(self, find: Callable[[str], Node | None]) -> None:
        super().__init__()
        self._find = find

    def member(self, name: str) -> Node | None:
        """The argument, attribute or output of a name."""
        return self._find(name)


class _Every(Open):
    """Instances of which the number is not known: each of them is the same *instance*."""

    def __init__(self, instance: Node) -> None:
        super().__init__()
        self.instance = instance

    def member(self, name: str) -> Node | None:  # noqa: ARG002 - every index leads to the same instance
        """The instance of an index."""
        return self.instance


class Use:
    """A module as it is used once: the scope of its expressions."""

    def __init__(
        self,
        module: Module,
        world: World,
        path: str = "",
        given: Given | None = None,
        names: Mapping[str, Node] | None = None,
    ) -> None:
        self.module = module
        self.world = world
        self.path = path
        self._given = given
        self._names = dict(names or {})
        self._memo: Memo[tuple[Node, int]] = Memo()
        self._calls: dict[str, list[tuple[Turn, Use]]] = {}
        #: The scope of what is declared in the module: without ``each``, ``count`` and the names of loops.
        self._top = self

    def within(self, names: Mapping[str, Node]) -> Use:
        """The same with more names."""
        use = Use(self.module, self.world, self.path, self._given, {**self._names, **names})
        use._memo, use._top, use._calls = self._memo, self._top, self._calls
        return use

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        reason: UnreadReason = "placeholder" if _OF_THE_CONFIGURATION.search(words) else "unknown-until-apply"
        return Unread(reason, note=words, remedy=_PLAN)

    def from_file(self, call: Call) -> Node | None:
        """What a function that reads files returns; nothing where that is not known."""
        files = self.world.files
        return None if files is None else files.read(call, self)

    def with_paths(self, place: Place) -> Use:
        """The same, with the values of ``path``: they are right only in the name of a file."""
        return self.within({"path": Node({"module": Node(self.module.folder, place)}, place)})

    def find(self, name: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """What a name leads to; see ``Scope``."""
        if name in self._names:
            return self._names[name], 0
        first = steps[0] if steps else None
        if not isinstance(first, str):
            return None
        key = (name, first) if name != "data" else (name, first, steps[1] if len(steps) > 1 else "")
        return self._memo.find(key, lambda: self._top._declared(name, first, steps))

    def _declared(self, name: str, first: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        found: Node | None = None
        used = 1
        if name == "var":
            found = self._variable(first)
        elif name == "local":
            expression = self.module.locals.get(first)
            found = evaluate(expression, self) if expression else None
        elif name == "module":
            found = self._module(first)
        elif name == "data" and len(steps) > 1:
            block = self.module.data.get((first, str(steps[1])))
            found, used = (self._instances(block), 2) if block else (None, 2)
        elif (name, first) in self.module.resources:
            found = self._instances(self.module.resources[name, first])
        return (found, used) if found is not None else None

    def _variable(self, name: str) -> Node | None:
        declared = self.module.variables.get(name)
        if declared is None or self.module.is_sensitive(name):  # a secret takes no part in what is read
            return None
        default = declared.body.arguments.get("default")
        words = f"var.{name}"
        if self._given is not None:
            found = self._given.value(name)
        elif name in self.module.contested:
            note = f"{words}, which {self.module.contested[name]} sets"
            return Node(Unread("placeholder", note, _VALUES), declared.place)
        else:
            expression = self.module.given.get(name)
            found = evaluate(expression, Use(self.module, World())) if expression else None
            if found is None and not self.module.is_decided:
                note = f"{words}, whose default can be replaced" if default is not None else words
                return Node(Unread("placeholder", note, _VALUES), declared.place)
        is_null = found is not None and found.value is None and declared.body.text("nullable") == "false"
        if (found is None or is_null) and default is not None:
            found = evaluate(default, self)
        if found is None:
            return Node(Unread("placeholder", words, _VALUES), declared.place)
        return self._typed(found, declared, words)

    def _typed(self, node: Node, declared: Block, words: str) -> Node:
        constraint = declared.body.arguments.get("type")
        if constraint is None:
            return node
        try:
            return of_type(node, constraint, self)
        except (Fails, Unknowable):
            return Node(Unread("placeholder", f"{words}, of another type", _PLAN), node.place)

    def _module(self, call: str) -> Node | None:
        """The outputs of a module that is called here."""
        block = self.module.calls.get(call)
        if block is None:
            return None
        found = [(turn, _outputs(use, block.place)) for turn, use in self.called(call)]
        return _indexed(block, found) if found or _is_repeated(block) else None

    def _instances(self, block: Block) -> Node:
        """A resource: one instance, a list of them, or a map."""
        return _indexed(block, [(turn, self._instance(block, turn)) for turn in self.turns(block)])

    def _instance(self, block: Block, turn: Turn) -> Node:
        scope = self.within(turn.names)
        key = (block.type, *block.labels, turn.index)

        def member(name: str) -> Node | None:
            def work_out() -> tuple[Node, int] | None:
                node = scope._attribute(block, turn, name)
                return None if node is None else (node, 0)

            found = self._memo.find((*key, name), work_out)
            return None if found is None else found[0]

        return Node(_Instance(member), block.place)

    def _attribute(self, block: Block, turn: Turn, name: str) -> Node | None:
        """An argument of a resource, or what identifies an application."""
        kind, label = block.labels
        address = f"{self.path}{kind}.{label}{turn.index}"
        is_resource = block.type == "resource"
        if is_resource and ((kind in APPLICATIONS and name in _IDENTITIES) or kind in GRAPH):
            words = f"{kind}.{label}{turn.index}.{name}"
            reference = Reference("unknown-until-apply", words, _PLAN, address, is_sure=not turn.conditional)
            return Node(reference, block.place)
        if kind == PUBLISHED and name == "result":
            return published_ids(block.place)
        if kind in ("time_rotating", "time_offset") and name in ("rotation_rfc3339", "rfc3339"):
            return self._later(block, name)
        if kind == "azuread_directory_role" and name in ("template_id", "object_id", "id"):
            return self._directory_role(block)
        if kind == PRINCIPAL:
            found = self._principal(block, f"{kind}.{label}{turn.index}.{name}", name)
            if found is not None:
                return found
        expression = block.body.arguments.get(name) if name not in _META else None
        return None if expression is None else evaluate(expression, self)

    def _later(self, block: Block, name: str) -> Node | None:
        """The moment that a resource of the provider ``time`` sets; nothing where it has a fixed beginning."""
        if "base_rfc3339" in block.body.arguments or (block.type, name) == ("time_rotating", "rfc3339"):
            return None
        found = 0
        for unit, length in _UNITS.items():
            written = block.body.arguments.get(
                f"{block.labels[0].removeprefix('time_').replace('rotating', 'rotation')}_{unit}"
            )
            count = evaluate(written, self).value if written is not None else 0
            if not isinstance(count, int):
                return None
            found += count * length
        return Node(later(found), block.place) if found > 0 else None

    def _directory_role(self, block: Block) -> Node | None:
        """The template ID of a built-in role by its name, which is the same in every tenant."""
        if "template_id" in block.body.arguments:
            return evaluate(block.body.arguments["template_id"], self)
        name = evaluate(block.body.arguments["display_name"], self) if "display_name" in block.body.arguments else None
        known = role_named(name.value) if name is not None else None
        return absent(known.id, block.place) if known else None

    def _principal(self, block: Block, words: str, name: str) -> Node | None:
        """What a service principal has from its application: the client ID, and for Microsoft's APIs the permissions.

        Both are shown where they are used.
        """
        written = next((block.body.arguments[one] for one in CLIENT_IDS if one in block.body.arguments), None)
        client = evaluate(written, self) if written is not None else None
        if client is None:
            return None
        if name in CLIENT_IDS:
            return absent(client.value, block.place)
        if name in ("id", "object_id"):
            if isinstance(client.value, Reference):
                return Node(msgspec.structs.replace(client.value, note=words, is_principal=True), block.place)
            if isinstance(client.value, str):
                reference = Reference("unknown-until-apply", words, _PLAN, client=client.value, is_principal=True)
                return Node(reference, block.place)
        kind = OFFERS.get(name)
        return ids_by_value(client.value, kind, block.place) if kind and isinstance(client.value, str) else None

    def called(self, call: str) -> list[tuple[Turn, Use]]:
        """The instances of a module that is called here; none of one that was not read."""
        if call not in self._calls:
            found: list[tuple[Turn, Use]] = []
            folder = dict(self.module.sources()).get(call)
            module = self.world.modules.get(folder) if folder is not None else None
            if module is not None and module is not self.module and self.path.count("module.") < _DEEPEST:
                block = self.module.calls[call]
                for turn in self._top.turns(block):
                    given = _Arguments(block.body, self._top.within(turn.names))
                    found.append((turn, Use(module, self.world, f"{self.path}module.{call}{turn.index}.", given)))
            self._calls[call] = found
        return self._calls[call]

    def uses(self) -> Iterator[Use]:
        """The modules that are called here and lie in the same repository, once for each instance."""
        for call in self.module.calls:
            for _, use in self.called(call):
                yield use

    def turns(self, block: Block) -> list[Turn]:
        """The instances that ``count`` or ``for_each`` makes of a block.

        Where their number is not known, it is one, of which neither ``each`` nor ``count`` is known.
        """
        body = block.body
        if "count" in body.arguments:
            number = evaluate(body.arguments["count"], self)
            if isinstance(number.value, bool) or not isinstance(number.value, int):
                unknown = Node({"index": Node(self.not_known("count.index"), number.place)}, number.place)
                return [Turn("", {"count": unknown}, conditional=True)]
            return [
                Turn(f"[{n}]", {"count": Node({"index": Node(n, number.place)}, number.place)}, key=n)
                for n in range(self._counted(block, number.value))
            ]
        if "for_each" in body.arguments:
            return self._each(block, evaluate(body.arguments["for_each"], self))
        return [Turn()]

    def _each(self, block: Block, over: Node) -> list[Turn]:
        if isinstance(over.value, _Every):
            each = Node({"key": Node(self.not_known("each.key"), over.place), "value": over.value.instance}, over.place)
            return [Turn("", {"each": each}, conditional=True)]
        pairs = each_of(over)
        if pairs is None:
            unknown = {word: Node(self.not_known(f"each.{word}"), over.place) for word in ("key", "value")}
            return [Turn("", {"each": Node(unknown, over.place)}, conditional=True)]
        count = self._counted(block, len(pairs))
        return [Turn(_index(key), {"each": _iterator(key, value)}, key=key) for key, value in pairs[:count]]

    def _counted(self, block: Block, count: int) -> int:
        """How many of the instances are read; what is left out is noted."""
        if count > _INSTANCES:
            self.world.cut[f"{self.path}{'.'.join(block.labels) or block.type}"] = count - _INSTANCES
        return min(count, _INSTANCES)

    def evaluate_body(self, body: Body) -> dict[str, Node]:
        """The arguments of a block, and the blocks inside it as lists."""
        found = {name: evaluate(value, self) for name, value in body.arguments.items() if name not in _META}
        blocks: dict[str, list[Node]] = {}
        for block in body.blocks:
            if block.type == "dynamic" and block.labels:
                blocks.setdefault(block.labels[0], []).extend(self._generated(block))
            elif block.type not in _META:
                blocks.setdefault(block.type, []).append(Node(self.evaluate_body(block.body), block.place))
        for name, nodes in blocks.items():
            # Where it is not known whether a block is there at all, the whole is not known.
            value = nodes if any(node.known for node in nodes) or not nodes else nodes[0].value
            place = nodes[0].place if nodes else body.blocks[0].place
            found[name] = Node(value, place)
        return found

    def _generated(self, block: Block) -> Iterator[Node]:
        """The blocks that a ``dynamic`` block makes; one that is not known where their number is not."""
        content = next(block.body.named("content"), None)
        over = block.body.arguments.get("for_each")
        if content is None or over is None:
            return
        each = evaluate(over, self)
        pairs = each_of(each, is_strict=False)
        if pairs is None:
            words = f'dynamic "{block.labels[0]}"'
            cause = each.value if isinstance(each.value, Unread) else None
            yield Node(Rest("placeholder", note=words, remedy=cause.remedy if cause else _PLAN), block.place)
            return
        word = block.body.text("iterator") or block.labels[0]
        for key, value in pairs[: self._counted(block, len(pairs))]:
            scope = self.within({word: _iterator(key, value)})
            yield Node(scope.evaluate_body(content.body), content.place)


def _is_repeated(block: Block) -> bool:
    return bool({"count", "for_each"} & block.body.arguments.keys())


def _indexed(block: Block, found: Sequence[tuple[Turn, Node]]) -> Node:
    """Instances by what is written behind their name: one, a list, or a map."""
    if not _is_repeated(block):
        return found[0][1]
    if any(turn.conditional for turn, _ in found):
        return Node(_Every(found[0][1]), block.place)
    if "count" in block.body.arguments:
        return Node([node for _, node in found], block.place)
    return Node({str(turn.key): node for turn, node in found}, block.place)


def _outputs(use: Use, place: Place) -> Node:
    """The outputs of a module."""

    def member(name: str) -> Node | None:
        output = use.module.outputs.get(name)
        expression = output.body.arguments.get("value") if output else None
        if expression is None:
            return None
        found = use._memo.find(("output", name), lambda: (evaluate(expression, use), 0))
        return None if found is None else found[0]

    return Node(_Instance(member), place)


def _iterator(key: str | int, value: Node) -> Node:
    return Node({"key": Node(key, value.place), "value": value}, value.place)


def each_of(node: Node, *, is_strict: bool = True) -> list[tuple[str | int, Node]] | None:
    """Keys and values over which a block is repeated; ``None`` when they are not all known.

    A ``for_each`` is *strict*: Terraform refuses a list there, and takes each text of a set as its own key.
    """
    if is_open(node):
        return None
    if isinstance(node.value, dict):
        return list(node.value.items())
    if not isinstance(node.value, list) or not all(
        isinstance(one.value, str | dict | int | list) for one in node.value
    ):
        return None
    as_set = is_strict or isinstance(node.value, Elements | Unordered)
    return [(one.value if as_set and isinstance(one.value, str) else n, one) for n, one in enumerate(node.value)]


def _index(key: str | int) -> str:
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'
