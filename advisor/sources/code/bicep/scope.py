"""What names mean in a Bicep file as it is used once: with the parameters of one deployment, or of one call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Final

from advisor.sources.code.bicep.parse import Statement
from advisor.sources.code.bicep.world import BicepFile, World
from advisor.sources.code.expressions import Expression, Literal, Members, Memo, Name, evaluate
from advisor.sources.code.function_arguments import is_partial
from advisor.sources.code.graph_resource import IDENTITY, PRINCIPAL
from advisor.sources.code.parameters import REMEDY, learn_secure, undecided
from advisor.sources.code.template_expressions import Apply, Chain, Lambda
from advisor.sources.code.template_functions import LONGEST_LIST, SPREAD_OBJECT, opened
from advisor.sources.reading.node import Node, Place, absent
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from advisor.sources.reading.well_known import offers_of
from rules.model.registration import Unread, UnreadReason

_COMPILE: Final = "lint the output of bicep build"
_AFTER: Final = AFTER_DEPLOYMENT
#: The functions that read a file, and what they make of it.
_LOADERS: Final = {"loadtextcontent": "text", "loadjsoncontent": "json", "loadyamlcontent": "yaml"}
_DEEPEST: Final = 8
_DEEPEST_CALL: Final = 20


def written_of(value: Expression | None, name: str) -> Expression | None:
    """The expression of a member of an object as it is written."""
    parts = value.arguments if isinstance(value, Apply) and value.name == SPREAD_OBJECT else (value,)
    for part in parts:
        for key, member in part.members if isinstance(part, Members) else ():
            if isinstance(key, Literal) and key.value == name:
                return member
    return None


class Use:
    """A file as it is used once: the scope of its expressions.

    *given* are the values of its parameters by names in lower case; ``None`` where nothing that decides them was read.
    """

    def __init__(self, file: BicepFile, world: World, given: Mapping[str, Node] | None, path: str = "") -> None:
        self.file = file
        #: The symbols of the modules that lead here, each with a dot after it.
        self.path = path
        self._world = world
        self._given = given
        self._is_open = given is None
        self._is_conditional = False
        self._by_name = {one.name: one for one in file.statements if one.kind not in ("output", "func")}
        self._functions = {one.name.lower(): one for one in file.statements if one.kind == "func"}
        self._names: dict[str, Node] = {}
        self._depth = 0
        self._memo: Memo[Node] = Memo()
        #: The scope of what is declared at the top: without the names of loops and functions.
        self._top = self

    def opened(self) -> Use:
        """The same where another file may give more parameters."""
        self._is_open = True
        return self

    def within(self, names: Mapping[str, Node]) -> Use:
        """The same with more names."""
        inner = copy(self)
        inner._names = {**self._names, **names}
        return inner

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        declared = [self._by_name[name] for name in re.findall(r"\w+", words) if name in self._by_name]
        reason: UnreadReason = (
            "unknown-until-apply" if any(one.kind == "resource" for one in declared) else "placeholder"
        )
        is_undecided = self._is_open and any(one.kind == "param" for one in declared)
        return Unread(reason, note=words, remedy=REMEDY if is_undecided else _COMPILE)

    def find(self, name: str) -> Node | None:
        """A parameter, a variable, a property of a resource, or an output of a module; see ``Scope``."""
        if name in self._names:
            return self._names[name]
        statement = self._by_name.get(name)
        if statement is None:
            imported, there = self._imported(name)
            return imported.find(there) if imported is not None else None
        return self._memo.find(name, lambda: self._top._declared(statement))

    def _imported(self, name: str) -> tuple[Use | None, str]:
        """The file from which a variable or function is imported, and its name there."""
        path, there = self.file.imports.get(name, ("", ""))
        file = self._world.module(self.file.name, path) if path and self._depth <= _DEEPEST_CALL else None
        if file is None:
            return None, there
        use = Use(file, self._world, None)
        use._depth = self._depth + 1
        return use, there

    def _declared(self, statement: Statement) -> Node | None:
        """What a declaration at the top of the file comes to."""
        if statement.kind == "param":
            return self._parameter(statement)
        if statement.repeat is not None or (statement.value is None and not statement.existing):
            return None
        if statement.kind == "module":
            return self._outputs(statement)
        if PRINCIPAL.match(statement.type):
            return self._principal(statement)
        if statement.kind == "resource":  # it has more properties than those that are written
            return opened(evaluate(statement.value, self)) if statement.value and not statement.existing else None
        return evaluate(statement.value, self) if statement.value is not None else None

    def _parameter(self, statement: Statement) -> Node:
        """What was given for a parameter, or its default where that is in effect."""
        if statement.secure:  # a secret takes no part in what is read
            return Node(
                Unread("placeholder", note=f"secure parameter {statement.name}", remedy=_AFTER), statement.place
            )
        given = self._given.get(statement.name.casefold()) if self._given is not None else None
        if given is not None and (given.value is not None or statement.value is None):  # null means the default
            return given
        if self._is_open and given is None:
            return Node(undecided(statement.name), statement.place)
        if statement.value is None:
            value = None if statement.nullable else undecided(statement.name)
            return Node(value, statement.place)
        return evaluate(statement.value, self)

    def _principal(self, statement: Statement) -> Node:
        """A service principal: what is written of it, and what one of Microsoft's is known to offer."""
        node = evaluate(statement.value, self) if statement.value is not None else Node({}, statement.place)
        members = dict(node.value) if isinstance(node.value, dict) else {}
        app_id = members.get("appId")
        resource_id = app_id.value if app_id is not None else None
        if isinstance(resource_id, str):  # findings about both are at the place that uses them
            members |= {"appId": absent(resource_id, statement.place), **offers_of(resource_id, statement.place)}
        return absent(members, node.place)

    def _outputs(self, statement: Statement) -> Node:
        """The outputs of a module that is called once."""
        use = next(self.modules(statement), None)
        found = {}
        for one in use.file.statements if use is not None else ():
            if use is not None and one.kind == "output" and one.value is not None:
                found[one.name] = Node(use.not_known(one.name), one.place) if one.secure else evaluate(one.value, use)
        return absent({"outputs": absent(found, statement.place)}, statement.place)

    def call(self, name: str, arguments: Sequence[Node]) -> Node | None:
        """A function that the file declares, or that loads a file; see ``TemplateScope``."""
        declared = self._functions.get(name)
        if declared is not None and isinstance(declared.value, Lambda):
            return self._called(declared.value, arguments)
        here = next((one for one in self.file.imports if one.lower() == name), "")
        imported, there = self._imported(here)
        if imported is not None:
            return imported.call(there.lower(), arguments)
        load = _LOADERS.get(name)
        if load is None or len(arguments) != 1:
            return None
        return self._loaded(arguments[0], load)

    def _called(self, function: Lambda, arguments: Sequence[Node]) -> Node | None:
        if self._depth > _DEEPEST_CALL or len(arguments) != len(function.parameters):
            return None
        inner = copy(self._top)
        inner._names = dict(zip(function.parameters, arguments, strict=True))
        inner._depth = self._depth + 1
        return evaluate(function.value, inner)

    def _loaded(self, path: Node, format: str) -> Node | None:
        """The content of a file that this one loads; nothing where it must not or cannot be read."""
        return self._world.load(self.file.name, path.value, format) if isinstance(path.value, str) else None

    def principal_of(self, written: Expression | None) -> tuple[str, str]:
        """What an object ID is of, as ``app.id`` of a service principal: its kind, and the symbol of its application,
        or its own where the file does not say more.
        """
        statement = self._referred(written, ("id", "principalId"))
        if statement is None:
            node = evaluate(written, self) if written is not None else None
            return "service principal", node.value if node is not None and isinstance(node.value, str) else ""
        symbol = f"{self.path}{statement.name}"
        if IDENTITY.match(statement.type):
            return "managed identity", symbol
        application = self._referred(written_of(statement.value, "appId"), ("appId",))
        return "service principal", symbol if application is None else f"{self.path}{application.name}"

    def client_of(self, written: Expression | None, place: Place) -> Node:
        """The client ID of the service principal whose object ID an expression is."""
        statement = self._referred(written, ("id",))
        if statement is not None and PRINCIPAL.match(statement.type):
            client = written_of(statement.value, "appId")
            if client is not None:
                return evaluate(client, self)
        words = "resourceId" if written is None else written.words
        return Node(Unread("unknown-until-apply", note=words, remedy=_AFTER), place)

    def _referred(self, written: Expression | None, properties: Sequence[str]) -> Statement | None:
        """The resource of which an expression is one of some *properties*."""
        if not isinstance(written, Chain) or not isinstance(written.of, Name):
            return None
        last = written.steps[-1].key
        if not isinstance(last, Literal) or last.value not in properties:
            return None
        statement = self._by_name.get(written.of.name)
        return statement if statement is not None and statement.kind == "resource" else None

    def turns(self, statement: Statement) -> Iterator[tuple[str, Use]]:
        """The scopes of a resource or module that is deployed as far as is known: one, or one for each turn of a loop,
        with what is written after the symbol.
        """
        for suffix, scope in self._all_turns(statement):
            condition = statement.condition
            if condition is None or evaluate(condition, scope).value is not False:
                yield suffix, scope

    def is_conditional(self, statement: Statement) -> bool:
        """Whether nothing that was read says that a resource or module is deployed."""
        condition = statement.condition
        return self._is_conditional or (condition is not None and evaluate(condition, self).value is not True)

    def _all_turns(self, statement: Statement) -> Iterator[tuple[str, Use]]:
        repeat = statement.repeat
        if repeat is None:
            yield "", self
            return
        over = evaluate(repeat.over, self)
        if not isinstance(over.value, list):
            cause = over.value if isinstance(over.value, Unread) else self.not_known(repeat.element)
            unknown = Node(cause, over.place)
            yield "", self.within({name: unknown for name in (repeat.element, repeat.index) if name})
            return
        if len(over.value) > LONGEST_LIST:
            self._world.cut.append(f"{self.path}{statement.name}")
        for number, element in enumerate(over.value[:LONGEST_LIST]):
            index = (
                Node(self.not_known(repeat.index), element.place) if is_partial(over) else Node(number, element.place)
            )
            names = {repeat.element: element, repeat.index: index}
            suffix = f"[{number}]" if not is_partial(over) else f"[{number if element.known else '*'}]"
            yield suffix, self.within({name: node for name, node in names.items() if name})

    def modules(self, statement: Statement) -> Iterator[Use]:
        """The uses of a module that is called here."""
        file = self._world.module(self.file.name, statement.type)
        if file is None or statement.value is None or self.path.count(".") >= _DEEPEST:
            return
        for suffix, scope in self.turns(statement):
            body = evaluate(statement.value, scope)
            params = body.value.get("params") if isinstance(body.value, dict) else None
            given = params.value if params is not None and isinstance(params.value, dict) else {}
            values = {key.casefold(): node for key, node in given.items()}
            learn_secure(self._world.builder, values, file.secure())
            use = Use(
                file,
                self._world,
                values,
                f"{self.path}{statement.name}{suffix}.",
            )
            is_open = not isinstance(body.value, dict) or (
                params is not None and (not params.known or is_partial(params))
            )
            use._is_conditional = scope.is_conditional(statement)
            yield use.opened() if is_open or is_partial(body) else use
