"""A plan as a file of Graph requests, which editors send one at a time (REST Client, JetBrains, Visual Studio)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from advisor.templates.model import (
    Blueprint,
    ClientId,
    Input,
    Inserted,
    Joined,
    Plan,
    Planned,
    PrincipalId,
    before_client_ids,
    with_client_ids,
)
from advisor.templates.writing import camel, comments, credential_notes, head, json_with
from reports.fix_plan.words import HTTP_FILE

_HOW: Final = f"{HTTP_FILE} Fill in the other variables: the answers of the requests contain client IDs and object IDs."

_BLUEPRINT: Final = "microsoft.graph.agentIdentityBlueprint"


def render_graph(plan: Plan) -> str:
    """The requests: every registration first, then what they need to know of each other, then roles."""
    lines = [*head(plan, "#", _HOW), "", f"@graph = {plan.graph}/v1.0"]
    for one in plan.inputs:
        lines += [*comments([one.says], "#"), f"@{camel(one.name)} ="]
    for planned in plan.registrations:
        lines += [f"@{_name(ClientId(planned.key))} =", f"@{_name(PrincipalId(planned.key))} ="]
    for blueprint in plan.blueprints:
        lines += [f"@{_name(one)} =" for one in _made_here(blueprint) if one not in plan.inputs]
    for blueprint in plan.blueprints:
        lines += _blueprint(blueprint, plan)
    for planned in plan.registrations:
        lines += _created(planned, plan)
    for blueprint in plan.blueprints:
        path = f"applications/{_filled(blueprint.object_id)}/{_BLUEPRINT}"
        lines += _write("PATCH", path, blueprint.body, f"What the blueprint of {blueprint.name} exposes", prefer=False)
    for planned in plan.registrations:
        if body := with_client_ids(planned.body):
            # Graph creates what is missing only with displayName in the body ("Upsert application").
            body = {"displayName": planned.name, **body}
            lines += _write("PATCH", _application(planned.key), body, planned.of_others)
    for assignment in plan.assignments:
        body = {"principalId": assignment.principal, "resourceId": assignment.api, "appRoleId": assignment.role}
        path = f"servicePrincipals/{_filled(assignment.api)}/appRoleAssignedTo"
        lines += _write("POST", path, body, f"The role {assignment.value}")
    return "\n".join(lines) + "\n"


def _made_here(blueprint: Blueprint) -> tuple[Input, ...]:
    return (blueprint.client_id, blueprint.object_id, blueprint.principal)


def _blueprint(blueprint: Blueprint, plan: Plan) -> Iterator[str]:
    """The blueprint, its principal, and an agent identity; a sponsor is required for each but the principal."""
    sponsors = [Joined((f"{plan.graph}/v1.0/users/", owner)) for owner in plan.owners]
    made: dict[str, Any] = {"displayName": blueprint.name, "sponsors@odata.bind": sponsors}
    says = f"The agent identity blueprint of {blueprint.name}; the response contains appId and id"
    yield from _write("POST", f"applications/{_BLUEPRINT}", made, says)
    says = f"The principal of the blueprint of {blueprint.name}"
    yield from _write("POST", f"servicePrincipals/{_BLUEPRINT}Principal", {"appId": blueprint.client_id}, says)
    body = {**made, "agentIdentityBlueprintId": blueprint.client_id}
    says = f"The agent identity of {blueprint.name}; the response contains the object ID"
    yield from _write("POST", "servicePrincipals/microsoft.graph.agentIdentity", body, says)


def _created(planned: Planned, plan: Plan) -> Iterator[str]:
    client_id = _filled(ClientId(planned.key))
    name = {"displayName": planned.name}
    yield from _write("PATCH", _application(planned.key), before_client_ids(planned.body), planned.name)
    yield from _request("GET", f"{_application(planned.key)}?$select=appId", f"The client ID of {planned.name}")
    yield from _write(
        "PATCH", f"servicePrincipals(appId='{client_id}')", name, f"The service principal of {planned.name}"
    )
    yield from _request(
        "GET", f"servicePrincipals(appId='{client_id}')?$select=id", "The object ID of the service principal"
    )
    for one in plan.owners:
        owner = {"@odata.id": Joined((f"{plan.graph}/v1.0/directoryObjects/", one))}
        yield from _write("POST", f"{_application(planned.key)}/owners/$ref", owner, f"An owner of {planned.name}")
    if trust := planned.trust:
        body = {"issuer": trust.issuer, "subject": trust.subject, "audiences": [trust.audience]}
        path = f"{_application(planned.key)}/federatedIdentityCredentials(name='workload')"
        yield from _write("PATCH", path, body, f"The federated credential of {planned.name}")
    yield from comments(credential_notes(planned), "#")


def _application(key: str) -> str:
    return f"applications(uniqueName='{key}')"


def _request(method: str, path: str, title: str) -> list[str]:
    """A request without a body; *title* says what it is for."""
    return ["", *comments([title], "###"), f"{method} {{{{graph}}}}/{path}", "Authorization: Bearer {{token}}"]


def _write(method: str, path: str, body: dict[str, Any], title: str, *, prefer: bool = True) -> list[str]:
    """A request with a body. A PATCH creates what is missing, unless it does not *prefer* to."""
    headers = [
        "Content-Type: application/json",
        *(["Prefer: create-if-missing"] if method == "PATCH" and prefer else []),
    ]
    return [*_request(method, path, title), *headers, "", json_with(body, _filled, 2)]


def _filled(value: Inserted) -> str:
    """A variable of the file."""
    return f"{{{{{_name(value)}}}}}"


def _name(value: Inserted) -> str:
    if isinstance(value, Input):
        return camel(value.name)
    return camel(f"{value.key}-{'principal' if isinstance(value, PrincipalId) else 'client'}-id")
