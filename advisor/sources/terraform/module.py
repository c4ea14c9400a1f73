"""Modules of Terraform: what the files of a folder declare, and what names mean in one use of them.

Nothing is run. A variable is what was given for it, or its default; a local, and an argument of another resource, is
what is written there. What only a plan can say is ``Unread``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from advisor.secrets import texts
from advisor.sources.code.expressions import Expression, Memo, evaluate
from advisor.sources.code.function_arguments import is_partial
from advisor.sources.reading.node import Node, absent, plain
from advisor.sources.reading.well_known import ids_by_value
from advisor.sources.terraform.body import Block, Body
from advisor.sources.terraform.published import CLIENT_IDS, OFFERS, PRINCIPAL, PUBLISHED, published_ids
from advisor.sources.terraform.schema import APPLICATIONS, GRAPH
from rules.model.registration import Unread, UnreadReason

_PLAN: Final = "lint the plan: terraform show -json"
_OF_THE_CONFIGURATION: Final = re.compile(r"\b(?:var|local|each|count|data|module)\.")
#: Arguments of every resource, which say nothing about the application.
_META: Final = frozenset(("count", "for_each", "provider", "depends_on", "lifecycle", "timeouts", "connection"))
#: By these other resources name an application.
_IDENTITIES: Final = frozenset(("id", "object_id", "client_id", "application_id"))
#: So many instances of one block are looked at.
_INSTANCES: Final = 200
_DEEPEST: Final = 8


class Reference(Unread, frozen=True, gc=False):
    """A value that is not known yet and stands for an application: by its address."""

    address: str = ""


class Module:
    """What the files of one folder declare."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.resources: dict[tuple[str, str], Block] = {}
        #: What is only looked up.
        self.data: dict[tuple[str, str], Block] = {}
        #: Resources whose name is taken already, which Terraform refuses.
        self.again: list[Block] = []
        self.variables: dict[str, Body] = {}
        self.locals: dict[str, Expression] = {}
        self.outputs: dict[str, Body] = {}
        self.calls: dict[str, Body] = {}
        #: Values for variables, from ``.tfvars`` files.
        self.given: dict[str, Expression] = {}

    def add(self, body: Body) -> None:
        """Take in the blocks of one file."""
        bodies = {"variable": self.variables, "output": self.outputs, "module": self.calls}
        for block in body.blocks:
            match block.type, block.labels:
                case "resource", (type, name):
                    if self.resources.setdefault((type, name), block) is not block:
                        self.again.append(block)
                case "data", (type, name):
                    self.data.setdefault((type, name), block)
                case ("variable" | "output" | "module") as kind, (name, *_):
                    bodies[kind][name] = block.body
                case "locals", _:
                    self.locals.update(block.body.arguments)
                case _:  # provider, terraform and others say nothing about applications
                    pass

    def is_sensitive(self, variable: str) -> bool:
        """Whether a variable is declared as sensitive: its value is a secret."""
        declared = self.variables.get(variable)
        return declared is not None and declared.text("sensitive") == "true"

    def sensitive_texts(self) -> Iterator[str]:
        """The texts that ``.tfvars`` files give for sensitive variables."""
        for name, expression in self.given.items():
            if self.is_sensitive(name):
                yield from texts(plain(evaluate(expression, Use(self, {}))))

    def sources(self) -> Iterator[tuple[str, str]]:
        """The modules that it calls in folders of the same repository: name and folder."""
        for name, body in self.calls.items():
            source = body.text("source").strip('"')
            if source.startswith("."):
                yield name, posixpath.normpath(posixpath.join(self.folder, source))


class Turn(msgspec.Struct, frozen=True):
    """One instance of a resource or module: what is written behind its name, and what ``each`` and ``count`` are.

    Where nobody can say whether there is one, it is *conditional*.
    """

    index: str = ""
    names: Mapping[str, Node] = {}
    conditional: bool = False


class Use:
    """A module as it is used once: the scope of its expressions."""

    def __init__(
        self,
        module: Module,
        world: Mapping[str, Module],
        path: str = "",
        given: Mapping[str, Node] | None = None,
        names: Mapping[str, Node] | None = None,
    ) -> None:
        self.module = module
        self.path = path
        self._world = world
        self._given = given
        self._names = dict(names or {})
        self._memo = Memo()
        #: The scope of what is declared in the module: without ``each``, ``count`` and the names of loops.
        self._top = self

    def within(self, names: Mapping[str, Node]) -> Use:
        """The same with more names."""
        use = Use(self.module, self._world, self.path, self._given, {**self._names, **names})
        use._memo, use._top = self._memo, self._top
        return use

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        reason: UnreadReason = "placeholder" if _OF_THE_CONFIGURATION.search(words) else "unknown-until-apply"
        return Unread(reason, note=words, remedy=_PLAN)

    def find(self, name: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """What a name leads to; see ``Scope``."""
        if name in self._names:
            return self._names[name], 0
        first = steps[0] if steps else None
        if not isinstance(first, str):
            return None
        key = (name, first) if name in ("var", "local") else (name, *steps)
        return self._memo.find(key, lambda: self._top._declared(name, first, steps), needs=(name, first))

    def _declared(self, name: str, first: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        if name == "var":
            value = self._variable(first)
            return (value, 1) if value else None
        if name == "local":
            expression = self.module.locals.get(first)
            return (evaluate(expression, self), 1) if expression else None
        if name == "module":
            return self._output(first, steps)
        if name == "data":
            return self._looked_up(first, steps)
        if name == PRINCIPAL:
            block = self.module.resources.get((name, first))
            return (self._principal(block, steps, 1) if block else None) or self._argument(name, first, steps)
        return self._argument(name, first, steps)

    def _looked_up(self, type: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """What a data source finds, as far as it finds the same in every tenant."""
        block = self.module.data.get((type, str(steps[1]))) if len(steps) > 2 else None
        if block is None:
            return None
        if type == PUBLISHED and steps[2] == "result":
            return published_ids(block.place), 3
        return self._principal(block, steps, 2) if type == PRINCIPAL else None

    def _principal(self, block: Block, steps: Sequence[str | int], used: int) -> tuple[Node, int] | None:
        """The client id of a service principal, or the ids of what one of Microsoft's offers: both stand where they are
        asked for.
        """
        if len(steps) > used and isinstance(steps[used], int):  # each instance is of the same client
            used += 1
        attribute = steps[used] if len(steps) > used else ""
        written = next((block.body.arguments[name] for name in CLIENT_IDS if name in block.body.arguments), None)
        if written is None or "for_each" in block.body.arguments:
            return None
        client = evaluate(written, self)
        if attribute in CLIENT_IDS:
            return absent(client.value, block.place), used + 1
        kind = OFFERS.get(str(attribute))
        found = ids_by_value(client.value, kind, block.place) if kind and isinstance(client.value, str) else None
        return (found, used + 1) if found else None

    def _variable(self, name: str) -> Node | None:
        if self.module.is_sensitive(name):  # a secret takes no part in what is read
            return None
        if self._given is not None and name in self._given:
            return self._given[name]
        expression = self.module.given.get(name) if self._given is None else None
        if expression is None and name in self.module.variables:
            expression = self.module.variables[name].arguments.get("default")
        return evaluate(expression, self) if expression else None

    def _output(self, call: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """An output of a module that is called here, of its first instance when nobody says which."""
        at = 2 if len(steps) > 2 and isinstance(steps[1], int) else 1
        if len(steps) <= at:
            return None
        for use in self.uses(call):
            output = use.module.outputs.get(str(steps[at]))
            expression = output.arguments.get("value") if output else None
            if expression is not None:
                return evaluate(expression, use), at + 1
        return None

    def _argument(self, type: str, name: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """An argument of another resource, or what stands for an application."""
        block = self.module.resources.get((type, name))
        if block is None:
            return None
        index, used = "", 1
        if len(steps) > 1 and (isinstance(steps[1], int) or "for_each" in block.body.arguments):
            index, used = _index(steps[1]), 2
        attribute = steps[used] if len(steps) > used else "id"
        if (type in APPLICATIONS or type in GRAPH) and attribute in _IDENTITIES:
            words = f"{type}.{name}{index}.{attribute}"
            address = f"{self.path}{type}.{name}{index}"
            place = block.place
            return Node(Reference("unknown-until-apply", words, _PLAN, address), place), used + 1
        expression = block.body.arguments.get(str(attribute))
        if expression is None or index or {"count", "for_each"} & block.body.arguments.keys():
            return None
        return evaluate(expression, self), used + 1

    def uses(self, call: str | None = None) -> Iterator[Use]:
        """The modules that are called here and lie in the same repository, once for each instance."""
        if self.path.count("module.") >= _DEEPEST:
            return
        for name, folder in self.module.sources():
            module = self._world.get(folder)
            if module is None or (call is not None and name != call):
                continue
            body = self.module.calls[name]
            for turn in self.turns(body):
                scope = self.within(turn.names)
                given = {key: evaluate(value, scope) for key, value in body.arguments.items() if key not in _META}
                yield Use(module, self._world, f"{self.path}module.{name}{turn.index}.", given)

    def turns(self, body: Body) -> list[Turn]:
        """The instances that ``count`` or ``for_each`` makes of a block; one, of which nothing is known, where nobody
        can say.
        """
        if "count" in body.arguments:
            number = evaluate(body.arguments["count"], self)
            if not isinstance(number.value, int):
                unknown = Node({"index": Node(self.not_known("count.index"), number.place)}, number.place)
                return [Turn("", {"count": unknown}, conditional=True)]
            return [
                Turn(f"[{n}]", {"count": Node({"index": Node(n, number.place)}, number.place)})
                for n in range(min(number.value, _INSTANCES))
            ]
        if "for_each" in body.arguments:
            return self._each(evaluate(body.arguments["for_each"], self))
        return [Turn()]

    def _each(self, over: Node) -> list[Turn]:
        pairs = each_of(over)
        if pairs is None:
            unknown = {word: Node(self.not_known(f"each.{word}"), over.place) for word in ("key", "value")}
            return [Turn("", {"each": Node(unknown, over.place)}, conditional=True)]
        return [Turn(_index(key), {"each": _iterator(key, value)}) for key, value in pairs[:_INSTANCES]]

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
            # Where nobody can say whether a block is there at all, the whole is not known.
            value = nodes if any(node.known for node in nodes) or not nodes else nodes[0].value
            place = nodes[0].place if nodes else body.blocks[0].place
            found[name] = Node(value, place)
        return found

    def _generated(self, block: Block) -> Iterator[Node]:
        """The blocks that a ``dynamic`` block makes; one that is not known where nobody can say."""
        content = next(block.body.named("content"), None)
        over = block.body.arguments.get("for_each")
        if content is None or over is None:
            return
        each = evaluate(over, self)
        pairs = each_of(each)
        if pairs is None:
            words = f'dynamic "{block.labels[0]}"'
            yield Node(Unread("placeholder", note=words, remedy=_PLAN), block.place)
            return
        word = block.body.text("iterator") or block.labels[0]
        for key, value in pairs[:_INSTANCES]:
            scope = self.within({word: _iterator(key, value)})
            yield Node(scope.evaluate_body(content.body), content.place)


def _iterator(key: str | int, value: Node) -> Node:
    return Node({"key": Node(key, value.place), "value": value}, value.place)


def each_of(node: Node) -> list[tuple[str | int, Node]] | None:
    """Keys and values over which a block is repeated; ``None`` when they are not all known."""
    if is_partial(node):
        return None
    if isinstance(node.value, dict):
        return list(node.value.items())
    if isinstance(node.value, list) and all(isinstance(one.value, str | dict | int) for one in node.value):
        return [(one.value if isinstance(one.value, str) else n, one) for n, one in enumerate(node.value)]
    return None


def _index(key: str | int) -> str:
    return f"[{key}]" if isinstance(key, int) else f'["{key}"]'
