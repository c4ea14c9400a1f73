"""A plan as a shell script for Azure CLI. It can be run again: every write creates or updates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.templates.model import (
    ClientId,
    Input,
    Inserted,
    Plan,
    Planned,
    PrincipalId,
    before_client_ids,
    with_client_ids,
)
from advisor.templates.writing import comments, credential_notes, head, json_with, snake

_HOW: Final = (
    "Sign in first with az login. Set the variables below, then run it with sh. It needs the permissions to create "
    "applications and to assign their roles. It can be run again, for example if Graph does not find a registration "
    "right after it was created."
)

_FUNCTIONS: Final = """\
# Creates or updates: the path below the host of Graph, the body.
upsert() {
  az rest --only-show-errors --output none --method PATCH --url "$graph/$1" \\
    --headers Content-Type=application/json Prefer=create-if-missing --body "$2"
}
# Prints a property: the path, the property.
property() {
  az rest --only-show-errors --method GET --url "$graph/$1?\\$select=$2" --query "$2" --output tsv
}
# Assigns a role, unless it is assigned: object ID of the principal, object ID of the API, role.
assign() {
  assigned=$(az rest --only-show-errors --method GET --url "$graph/servicePrincipals/$1/appRoleAssignments" \\
    --query "length(value[?resourceId=='$2' && appRoleId=='$3'])" --output tsv)
  [ "$assigned" != 0 ] || az rest --only-show-errors --output none --method POST \\
    --url "$graph/servicePrincipals/$2/appRoleAssignedTo" --headers Content-Type=application/json \\
    --body "{\\"principalId\\": \\"$1\\", \\"resourceId\\": \\"$2\\", \\"appRoleId\\": \\"$3\\"}"
}"""


def render_az(plan: Plan) -> str:
    """The script: every registration first, then what they need to know of each other."""
    lines = ["#!/bin/sh", *head(plan, "#", _HOW), "set -eu", f"graph={plan.graph}/v1.0", ""]
    for one in plan.inputs:
        lines += [*comments([f"{_variable(one)}: {one.says}"], "#"), f': "${{{_variable(one)}:?is not set}}"']
    lines += ["", _FUNCTIONS]
    for planned in plan.registrations:
        lines += ["", *comments([planned.name], "#"), *_created(planned, plan.owners)]
    for planned in plan.registrations:
        if body := with_client_ids(planned.body):
            # Graph creates what is missing only with displayName in the body ("Upsert application").
            body = {"displayName": planned.name, **body}
            about = f"Settings of {planned.name} that name other clients"
            lines += ["", *comments([about], "#"), f"upsert {_application(planned.key)} {_body(body)}"]
    for assignment in plan.assignments:
        ids = f'"${_variable(assignment.principal)}" "${_variable(assignment.api)}"'
        lines += ["", *comments([f"The role {assignment.value}"], "#"), f"assign {ids} {assignment.role}"]
    lines += ["", *(f"printf '%s: %s\\n' {one.key} \"${_variable(ClientId(one.key))}\"" for one in plan.registrations)]
    return "\n".join(lines) + "\n"


def _created(planned: Planned, owners: tuple[Input, ...]) -> Iterator[str]:
    name = _variable(ClientId(planned.key))
    principal = _variable(PrincipalId(planned.key))
    yield f"upsert {_application(planned.key)} {_body(before_client_ids(planned.body))}"
    yield f"{name}=$(property {_application(planned.key)} appId)"
    yield f"upsert \"servicePrincipals(appId='${name}')\" {_body({'displayName': planned.name})}"
    yield f"{principal}=$(property \"servicePrincipals(appId='${name}')\" id)"
    for owner in owners:
        yield f'az ad app owner add --id "${name}" --owner-object-id "${_variable(owner)}"'
    trust = planned.trust
    if trust is not None:
        body = {"issuer": trust.issuer, "subject": trust.subject, "audiences": [trust.audience]}
        path = f"\"applications(appId='${name}')/federatedIdentityCredentials(name='workload')\""
        yield f"upsert {path} {_body(body)}"
    yield from comments(credential_notes(planned), "#")
    if planned.credential == "certificate":
        yield f'# az ad app credential reset --id "${name}" --append --cert @certificate.pem'
    elif planned.credential == "secret":
        yield f'# az ad app credential reset --id "${name}" --append --display-name first --end-date YYYY-MM-DD'


def _application(key: str) -> str:
    return f"\"applications(uniqueName='{key}')\""


def _body(value: object) -> str:
    """A body as one word of the shell, with variables between quoted parts. No text in it contains a quote."""
    return f"'{json_with(value, lambda one: _quoted(_variable(one)))}'"


def _quoted(variable: str) -> str:
    return f"'\"${variable}\"'"


def _variable(value: Inserted) -> str:
    """The variable of a value: of the environment for an input, of the script for the rest."""
    if isinstance(value, Input):
        return snake(value.name).upper()
    return f"{'sp' if isinstance(value, PrincipalId) else 'app'}_{snake(value.key)}"
