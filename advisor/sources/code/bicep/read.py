"""Registrations in ``.bicep`` files, with the modules that they call and the parameter files that decide their values.

What other files that were not read, functions that are not known, or the deployment itself decide is not known yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from advisor.errors import InputError
from advisor.limits import budget
from advisor.sources.code.bicep.parse import Statement
from advisor.sources.code.bicep.scope import Use, written_of
from advisor.sources.code.bicep.world import BicepFile, World
from advisor.sources.code.expressions import evaluate
from advisor.sources.code.graph_resource import (
    APPLICATION,
    CREDENTIAL,
    GRANT,
    IDENTITY,
    IDENTITY_CREDENTIAL,
    Declaration,
    Declared,
    Deployment,
    Grant,
    add_deployments,
    credential_of,
    grant_of,
)
from advisor.sources.code.parameters import Parameters, learn_secure, parameters_of
from advisor.sources.code.template_expressions import Apply
from advisor.sources.code.template_functions import LONGEST_LIST
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.guard import guarded
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.source import File
from reports.rows import Input, Problem

KIND: Final = "Bicep"
#: The format of what a Bicep file compiles to.
ARM: Final = "ARM template"
#: At most this many applications that are not deployed are named.
_NAMED: Final = 5
_SYMBOL: Final = re.compile(r"(\w+)(?:\.\w+)?")


def read_files(builder: Builder, files: Sequence[File]) -> None:
    """Add the registrations that Bicep files declare, and those of the modules that they call.

    A file that another one calls as a module is read with the parameters of that call. A file that the user named and
    that declares nothing is a problem.
    """
    for role in ("found", "candidate", "named"):
        some = [file for file in files if file.role == role]
        if some:
            _Run(builder, some).read(is_named=role == "named")


class _Run:
    """The files that were chosen in one way."""

    def __init__(self, builder: Builder, files: Sequence[File]) -> None:
        self._builder = builder
        self._world = World(builder, files)
        #: Where the applications are declared that are deployed as far as is known.
        self._deployed: set[tuple[str, Any]] = set()
        self._complete: set[str] = set()

    def read(self, *, is_named: bool) -> None:
        """Read the files that no other calls."""
        wanted = self._world.wanted()
        called = self._world.called(wanted)
        roots = [name for name in wanted if name not in called] or wanted
        compiled = {row.name for row in self._builder.inputs if row.format == ARM and row.status == "read"}
        for name in self._world.templates():
            template = f"{name.removesuffix('.bicep')}.json"
            if template in compiled and not is_named:
                self._builder.notes.append(f"{name} was not read, but {template}, which it compiles to.")
            elif name in roots:
                self._read_root(name, is_named=is_named)
            elif is_named and name not in wanted:
                with guarded(self._builder, name):
                    raise _nothing(self._world.get(name), name)
        for name in self._world.parameter_files_alone() if is_named else ():
            what, hint = "contains parameters, no registration", "also name its template"
            self._builder.problems.append(Problem(what=what, file=name, hint=hint))
        self._world.report_unread(self._builder)
        idle = list(self._idle(wanted)) if self._complete.issuperset(roots) else []
        if idle:
            more = f", and {len(idle) - _NAMED:,} more" if len(idle) > _NAMED else ""
            listed = ", ".join(idle[:_NAMED])
            self._builder.notes.append(f"No instance with the values that were read: {listed}{more}.")

    def _idle(self, names: Iterable[str]) -> Iterator[str]:
        """The applications of some files that are not deployed: a condition is false, or a loop has no turn."""
        for name in names:
            file = self._world.get(name)
            for one in file.statements if file is not None and file.mistake is None else ():
                is_application = one.kind == "resource" and not one.existing and APPLICATION.match(one.type)
                if is_application and one.value is not None and _where(one.place) not in self._deployed:
                    yield f"{one.name} ({name}:{_line(one.place)})"

    def _read_root(self, name: str, *, is_named: bool) -> None:
        builder = self._builder
        with guarded(builder, name), budget(builder.limits, self._world.size(name)):
            file = self._world.get(name)
            if file is None:
                return
            found: list[Parameters | None] = [
                *parameters_of(builder, name, file.parameters(), self._world.parameter_files(name))
            ]
            self._world.cut.clear()
            deployments = [self._deployment(file, one) for one in found or [None]]
            declared = (one for deployment in deployments for one in deployment.declared)
            self._complete.add(name)
            self._deployed |= {_where(one.place) for one in declared if isinstance(one, Declared)}
            has_mistakes = self._world.report_mistakes(builder, name)
            if not has_mistakes and not any(one.declared for one in deployments):
                if is_named:
                    raise _nothing(file, name)
                return
            count = add_deployments(builder, deployments, file=name, format=KIND)
            builder.inputs.append(self._row(name, count))

    def _deployment(self, file: BicepFile, parameters: Parameters | None) -> Deployment:
        if parameters is None:
            return Deployment(list(_declared(Use(file, self._world, None))))
        learn_secure(self._builder, parameters.values, file.secure())
        use = Use(file, self._world, parameters.values)
        return Deployment(list(_declared(use.opened() if parameters.is_open else use)), parameters.file)

    def _row(self, name: str, count: int) -> Input:
        cut = self._world.cut
        if not cut:
            return Input(name=name, format=KIND, status="read", registrations=count)
        note = f"of {cut[0]}, only the first {LONGEST_LIST:,} turns were read"
        return Input(name=name, format=KIND, status="partly", registrations=count, note=note, remedy="split the file")


def _where(place: Place) -> tuple[str, Any]:
    return place.document.file, place.span


def _line(place: Place) -> int:
    return place.document.places.position(place.span[0] if place.span else 0)[0]


def _nothing(file: BicepFile | None, name: str) -> InputError:
    existing = file is not None and any(one.existing and APPLICATION.match(one.type) for one in file.statements)
    what = "only refers to existing registrations" if existing else "declares no registration"
    return InputError(what, file=name, hint="lint the file that declares it, or the tenant")


def _declared(use: Use) -> Iterator[Declaration]:
    """The applications, credentials and grants of a file and of the modules that it calls."""
    for statement in use.file.statements:
        if statement.kind == "resource":
            yield from _resource(use, statement, ())
        elif statement.kind == "module":
            for inner in use.modules(statement):
                yield from _declared(inner)


def _resource(use: Use, statement: Statement, parents: tuple[str, ...]) -> Iterator[Declaration]:
    if statement.value is None:
        return
    is_application = APPLICATION.match(statement.type) is not None
    is_identity = IDENTITY.match(statement.type) is not None
    if statement.existing or is_identity:
        for inner in statement.inner if is_application or is_identity else ():
            kind = "managed identity" if is_identity else "application"
            yield from _credentials(use, inner, (f"{use.path}{statement.name}",), kind)
    elif is_application:
        for turn, scope in use.turns(statement):
            yield from _application(scope, statement, f"{use.path}{statement.name}{turn}")
    elif IDENTITY_CREDENTIAL.match(statement.type):
        yield from _credentials(use, statement, parents, "managed identity")
    elif CREDENTIAL.match(statement.type):
        yield from _credentials(use, statement, parents, "application")
    elif GRANT.match(statement.type):
        yield from _grants(use, statement)


def _grants(use: Use, statement: Statement) -> Iterator[Grant]:
    """The grants of a resource, which belong to what the object ID of their principal is of."""
    principal = written_of(statement.value, "principalId" if "approle" in statement.type.lower() else "clientId")
    api = written_of(statement.value, "resourceId")
    for _, scope in use.turns(statement):
        node = evaluate(statement.value, scope) if statement.value is not None else None
        members = node.value if node is not None and isinstance(node.value, dict) else {}
        grant = grant_of(statement.type, members, statement.place, scope.client_of(api, statement.place))
        if grant is not None:
            kind, name = scope.principal_of(principal)
            yield msgspec.structs.replace(grant, of=tuple(filter(None, (name,))), kind=kind)


def _application(use: Use, statement: Statement, symbol: str) -> Iterator[Declaration]:
    node = evaluate(statement.value, use) if statement.value is not None else Node({}, statement.place)
    unique = node.value.get("uniqueName") if isinstance(node.value, dict) else None
    names = [f"{use.path}{statement.name}"]
    if unique is not None and isinstance(unique.value, str):
        names.insert(0, unique.value)
    elif statement.repeat is None and (written := written_of(statement.value, "uniqueName")) is not None:
        names.append(f"{use.path}{written.words}")
    note = "conditional" if use.is_conditional(statement) else ""
    yield Declared(symbol, node, statement.place, tuple(names), note)
    for inner in statement.inner:
        yield from _credentials(use, inner, (symbol,), "application")


def _credentials(use: Use, statement: Statement, parents: tuple[str, ...], kind: str) -> Iterator[Declaration]:
    if statement.value is None or statement.existing or "federatedidentitycredentials" not in statement.type.lower():
        return
    for _, scope in use.turns(statement):
        owners = (*(f"{use.path}{name}" for name in _owners(statement)), *_unique_names(use, statement))
        yield credential_of(evaluate(statement.value, scope), (*parents, *owners), kind=kind)


def _unique_names(use: Use, statement: Statement) -> Iterator[str]:
    """The ``uniqueName`` of the existing application to which a credential belongs, where it is known."""
    symbols = set(_owners(statement))
    for one in use.file.statements:
        inside = one.name in symbols or any(inner is statement for inner in one.inner)
        written = (
            written_of(one.value, "uniqueName") if one.existing and inside and APPLICATION.match(one.type) else None
        )
        unique = evaluate(written, use) if written is not None else None
        if unique is not None and isinstance(unique.value, str):
            yield unique.value


def _owners(statement: Statement) -> Iterator[str]:
    """How a credential names its application: by the symbol of its parent, or by the beginning of its name."""
    parent, name = written_of(statement.value, "parent"), written_of(statement.value, "name")
    begins = name.arguments[1] if isinstance(name, Apply) and len(name.arguments) > 1 else None
    for one in filter(None, (parent, begins)):
        symbol = _SYMBOL.match(one.words)
        yield from filter(None, (symbol[1] if symbol else "", one.words))
