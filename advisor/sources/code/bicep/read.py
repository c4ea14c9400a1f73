"""Registrations in ``.bicep`` files, as far as they are written there.

What is built by other files, by functions that are not known, or by the deployment itself is not known yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Final

from advisor.errors import InputError
from advisor.sources.code.bicep.parse import Parser, Statement
from advisor.sources.code.expressions import Memo, evaluate
from advisor.sources.code.graph_resource import (
    APPLICATION,
    CREDENTIAL,
    PRINCIPAL,
    Credential,
    Declared,
    add_declared,
    credential_of,
)
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, absent
from advisor.sources.reading.text import decode
from advisor.sources.reading.well_known import offers_of
from reports.rows import Input, Problem
from rules.model.registration import Unread, UnreadReason

KIND: Final = "Bicep"
_COMPILE: Final = "lint what it compiles to: bicep build"
_SYMBOL: Final = re.compile(r"\$\{\s*(\w+)\.|^(\w+)$")
_COPIES: Final = 100


def read_bicep(builder: Builder, file: str, data: bytes) -> None:
    """Read the registrations that a file declares. Raises ``InputError`` when there is none."""
    text = decode(data, file).replace("\ufeff", "")
    builder.secrets.learn(text)
    document = Document(file, text, text)
    parser = Parser(document)
    statements = parser.statements()
    found = list(_File(statements).declared())
    applications = [one for one in found if isinstance(one, Declared)]
    credentials = [one for one in found if isinstance(one, Credential)]
    if parser.mistake is not None:
        line, column = document.places.position(parser.mistake)
        what, hint = "is not Bicep here", "fix the syntax: bicep build shows it"
        builder.problems.append(Problem(what=what, file=file, line=line, column=column, hint=hint))
    elif not found:
        existing = any(one.existing and APPLICATION.match(one.type) for one in statements)
        what = "only refers to registrations that exist" if existing else "declares no registration"
        raise InputError(what, file=file, hint="lint the file that declares it, or the tenant")
    count = add_declared(builder, applications, credentials, file=file, format=KIND)
    builder.inputs.append(Input(name=file, format=KIND, status="read", registrations=count))


class _File:
    """The statements of a file: the scope of its expressions."""

    def __init__(self, statements: Sequence[Statement], names: Mapping[str, Node] | None = None) -> None:
        self._statements = statements
        self._values = {one.name: one for one in statements if one.kind in ("param", "var")}
        self._resources = {one.name: one for one in statements if one.kind == "resource"}
        self._names = dict(names or {})
        self._memo = Memo()
        #: The scope of what is declared at the top: without the names of loops.
        self._top = self

    def within(self, names: Mapping[str, Node]) -> _File:
        """The same with more names."""
        inner = copy(self)
        inner._names = {**self._names, **names}
        return inner

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        names = set(re.findall(r"\w+", words))
        reason: UnreadReason = "unknown-until-apply" if names & self._resources.keys() else "placeholder"
        return Unread(reason, note=words, remedy=_COMPILE)

    def find(self, name: str, _: Sequence[str | int]) -> tuple[Node, int] | None:
        """A parameter, a variable, or a property of a resource; see ``Scope``."""
        if name in self._names:
            return self._names[name], 0
        return self._memo.find(name, lambda: self._top._declared_value(name))

    def _declared_value(self, name: str) -> tuple[Node, int] | None:
        """What a declaration at the top of the file comes to."""
        value = self._values[name].value if name in self._values else None
        resource = self._resources.get(name)
        if resource is not None and resource.repeat is None:
            if PRINCIPAL.match(resource.type):
                return self._principal(resource), 0
            value = None if resource.existing else resource.value
        return (evaluate(value, self), 0) if value is not None else None

    def _principal(self, resource: Statement) -> Node:
        """A service principal: what is written of it, and what one of Microsoft's is known to offer."""
        node = evaluate(resource.value, self) if resource.value is not None else Node({}, resource.place)
        members = dict(node.value) if isinstance(node.value, dict) else {}
        app_id = members.get("appId")
        resource_id = app_id.value if app_id is not None else None
        if isinstance(resource_id, str):  # of both a finding stands where they are asked for
            members |= {"appId": absent(resource_id, resource.place), **offers_of(resource_id, resource.place)}
        return Node(members, node.place)

    def declared(self) -> Iterator[Declared | Credential]:
        """The applications and credentials of the file."""
        for statement in self._statements:
            yield from self._resource(statement, ())

    def _resource(self, statement: Statement, parents: tuple[str, ...]) -> Iterator[Declared | Credential]:
        if statement.kind != "resource" or statement.value is None:
            return
        is_application = APPLICATION.match(statement.type) is not None
        if not is_application and not CREDENTIAL.match(statement.type):
            return
        if statement.existing:
            for inner in statement.inner:
                yield from self._resource(inner, (statement.name,))
            return
        for suffix, scope in self._turns(statement):
            if statement.condition is not None and evaluate(statement.condition, scope).value is False:
                continue
            node = evaluate(statement.value, scope)
            if is_application:
                yield from self._application(statement, scope, node, suffix)
            else:
                yield credential_of(node, (*parents, *_owners(statement)))

    def _application(
        self, statement: Statement, scope: _File, node: Node, suffix: str
    ) -> Iterator[Declared | Credential]:
        symbol = f"{statement.name}{suffix}"
        unique = node.value.get("uniqueName") if isinstance(node.value, dict) else None
        names = (unique.value,) if unique is not None and isinstance(unique.value, str) else ()
        note = "conditional" if statement.condition is not None else ""
        yield Declared(symbol, node, statement.place, (*names, statement.name), note)
        for inner in statement.inner:
            yield from scope._resource(inner, (symbol,))

    def _turns(self, statement: Statement) -> Iterator[tuple[str, _File]]:
        """The scopes of a resource: one, or one for each turn of a loop as far as it can be counted."""
        repeat = statement.repeat
        if repeat is None:
            yield "", self
            return
        over = evaluate(repeat.over, self)
        if not isinstance(over.value, list):
            unknown = Node(self.not_known(repeat.element), over.place)
            yield "", self.within({name: unknown for name in (repeat.element, repeat.index) if name})
            return
        for number, element in enumerate(over.value[:_COPIES]):
            names = {repeat.element: element, repeat.index: Node(number, element.place)}
            yield f"[{number}]", self.within({name: node for name, node in names.items() if name})


def _owners(statement: Statement) -> Iterator[str]:
    """The symbols by which a credential names its application: its parent, or a name with the application's in it."""
    members = getattr(statement.value, "members", ())
    for key, value in members:
        if getattr(key, "value", "") in ("parent", "name"):
            for match in _SYMBOL.finditer(value.words):
                yield match[1] or match[2]
