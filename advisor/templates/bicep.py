"""A plan for Bicep with the Microsoft Graph extension.

Bicep deploys resources in an order, so two registrations cannot refer to each other, and none to itself. A client ID
that is not there yet is a parameter: the first deployment outputs it, and the second one takes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from advisor.templates.model import Input, Inserted, Plan, Planned, PrincipalId, client_ids, parts
from advisor.templates.writing import camel, comments, credential_notes, head

_HOW: Final = (
    "It needs the extension microsoftGraphV1 in bicepconfig.json. An administrator grants consent for application "
    "permissions of Microsoft's APIs."
)
_TWICE: Final = (
    "Deploy this file twice. For the second deployment, set the client IDs from the outputs of the first deployment."
)


def render_bicep(plan: Plan) -> str:
    """One file: parameters, registrations with their parts, service principals, role assignments, outputs."""
    later = _later(plan)
    lines = [*head(plan, "//", _HOW, *([_TWICE] if later else [])), "", "extension microsoftGraphV1"]
    for one in plan.inputs:
        lines += ["", f"@description({_text(one.says)})", f"param {camel(one.name)} string"]
    for key in later:
        says = (
            "The output with this name from the first deployment. Leave the parameter empty for the first deployment."
        )
        lines += ["", f"@description({_text(says)})", f"param {_client_id(key)} string = ''"]
    made: set[str] = set()
    for planned in plan.registrations:
        lines += _registration(planned, plan.owners, made)
        made.add(planned.key)
    for number, assignment in enumerate(plan.assignments, 1):
        body = {"appRoleId": assignment.role, "principalId": assignment.principal, "resourceId": assignment.api}
        lines += _resource(f"role{number}", "appRoleAssignedTo", body, made)
    lines += ["", *(f"output {_client_id(one.key)} string = {camel(one.key)}App.appId" for one in plan.registrations)]
    return "\n".join(lines) + "\n"


class _Raw(str):
    """An expression, written as it is."""

    __slots__ = ()


def _later(plan: Plan) -> list[str]:
    """The registrations whose client IDs an earlier one, or they themselves, need."""
    made: set[str] = set()
    later: dict[str, None] = {}
    for planned in plan.registrations:
        later |= dict.fromkeys(sorted(client_ids(planned.body) - made))
        made.add(planned.key)
    return list(later)


def _registration(planned: Planned, owners: tuple[Input, ...], made: Collection[str]) -> Iterator[str]:
    name = camel(planned.key)
    body = {"uniqueName": planned.key, **planned.body, "owners": {"relationships": [*owners]}}
    yield from _resource(f"{name}App", "applications", body, made)
    yield from _resource(f"{name}Principal", "servicePrincipals", {"appId": _Raw(f"{name}App.appId")}, made)
    if trust := planned.trust:
        body = {
            "name": _Raw(f"'${{{name}App.uniqueName}}/workload'"),
            "issuer": trust.issuer,
            "subject": trust.subject,
            "audiences": [trust.audience],
        }
        yield from _resource(f"{name}Trust", "applications/federatedIdentityCredentials", body, made)
    if notes := credential_notes(planned):
        yield from ("", *comments(notes, "//"))


def _resource(name: str, kind: str, body: dict[str, Any], made: Collection[str]) -> list[str]:
    return ["", f"resource {name} 'Microsoft.Graph/{kind}@v1.0' = {_written(body, '', made)}"]


def _written(value: Any, indent: str, made: Collection[str]) -> str:
    """A value as Bicep writes it; client IDs of registrations that are not *made* yet are parameters."""
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{inner}{key}: {_written(item, inner, made)}" for key, item in value.items()]
        return "{\n" + "\n".join(rows) + f"\n{indent}}}" if rows else "{}"
    if isinstance(value, list):
        return _listed(value, indent, made)
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, Inserted):
        return _reference(value, made)
    return str(value) if isinstance(value, _Raw) else "'" + "".join(_in_text(part, made) for part in parts(value)) + "'"


def _listed(items: list[Any], indent: str, made: Collection[str]) -> str:
    """A list; an element with a client ID that may be empty is there only where it is not."""
    inner = indent + "  "

    def rows(some: list[Any]) -> str:
        return "[\n" + "\n".join(f"{inner}{_written(item, inner, made)}" for item in some) + f"\n{indent}]"

    given = [item for item in items if not client_ids(item) - set(made)]
    pieces = [rows(given)] if given else []
    for item in items:
        if open_ := sorted(client_ids(item) - set(made)):
            test = " || ".join(f"empty({_client_id(key)})" for key in open_)
            pieces.append(f"{test} ? [] : {rows([item])}")
    if len(pieces) < 2:
        return pieces[0] if pieces else "[]"
    return f"concat({', '.join(pieces)})"


def _text(text: str) -> str:
    """A literal text. A text of several lines is on one line."""
    one_line = re.sub(r"[\x00-\x1f\x7f]", " ", text)
    return "'" + one_line.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${") + "'"


def _in_text(part: object, made: Collection[str]) -> str:
    return f"${{{_reference(part, made)}}}" if isinstance(part, Inserted) else _text(str(part))[1:-1]


def _reference(value: Inserted, made: Collection[str]) -> str:
    if isinstance(value, Input):
        return camel(value.name)
    if isinstance(value, PrincipalId):
        return f"{camel(value.key)}Principal.id"
    return f"{camel(value.key)}App.appId" if value.key in made else _client_id(value.key)


def _client_id(key: str) -> str:
    return camel(f"{key}-client-id")
