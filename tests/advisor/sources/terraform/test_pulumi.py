"""Pulumi previews: Terraform's provider under other names."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
URN = "urn:pulumi:dev::shop::azuread:index/application:Application::portal"


def state(inputs: dict[str, Any], kind: str = "Application", name: str = "portal", **more: Any) -> dict[str, Any]:
    token = f"azuread:index/{kind[:1].lower()}{kind[1:]}:{kind}"
    return {"urn": f"urn:pulumi:dev::shop::{token}::{name}", "type": token, "inputs": inputs, **more}


def preview(*states: dict[str, Any], op: str = "create") -> str:
    steps = [{"op": op, "urn": one["urn"], "newState": one} for one in states]
    return json.dumps({"config": {}, "steps": steps, "changeSummary": {op: len(steps)}}, indent=1)


def test_a_preview_is_read_with_pulumi_s_own_names(reads: Reads) -> None:
    inputs = {
        "displayName": "Portal",
        "web": {"redirectUris": ["http://a/"], "implicitGrant": {"accessTokenIssuanceEnabled": True}},
        "requiredResourceAccesses": [{"resourceAppId": "r", "resourceAccesses": [{"id": "i", "type": "Role"}]}],
        "identifierUris": UNKNOWN,
        "notes": "[secret]",
        "description": SECRET,
    }
    piece = state(
        {"applicationId": UNKNOWN, "endDate": "2030-01-01T00:00:00Z"},
        "ApplicationPassword",
        "secret",
        propertyDependencies={"applicationId": [URN]},
    )
    reading = reads({"preview.json": preview(state(inputs), piece)})
    (subject,) = reading.subjects
    assert reading.row(subject.key).format == "Pulumi preview, create"
    assert subject.key == "portal"
    assert subject.app.required_resource_access[0].resource_access[0].type == "Role"
    assert subject.app.password_credentials[0].end_date_time == "2030-01-01T00:00:00Z"
    assert {"/identifierUris", "/notes"} <= subject.app.unread.keys()
    assert "hunter2" not in str(subject.app)
    for pointer, name in (
        ("/web/implicitGrantSettings/enableAccessTokenIssuance", "portal.web.implicitGrant.accessTokenIssuanceEnabled"),
        ("/requiredResourceAccess/0/resourceAccess/0/id", "portal.requiredResourceAccesses[0].resourceAccesses[0].id"),
        ("/api/requestedAccessTokenVersion", "portal.api.requestedAccessTokenVersion"),
        ("/federatedIdentityCredentials", "ApplicationFederatedIdentityCredential"),
        ("/passwordCredentials/0/endDateTime", "secret.endDate"),
    ):
        assert reading.locate(subject.key, pointer).property == name
    assert reading.locate(subject.key, "/web/redirectUris/0").text.strip() == '"http://a/"'


def test_what_is_deleted_is_left_out(reads: Reads) -> None:
    (problem,) = reads({"preview.json": preview(state({"displayName": "x"}), op="delete")}).problems
    assert problem.what == "contains a Pulumi preview without an application"


@pytest.mark.parametrize("op", ["same", "update"])
def test_of_what_exists_others_may_have_added_credentials(reads: Reads, op: str) -> None:
    app = reads({"preview.json": preview(state({"displayName": "x"}), op=op)}).subjects[0].app
    assert app.unread["/passwordCredentials"].reason == "not-in-file"


def test_an_exported_stack_is_read(reads: Reads) -> None:
    one = state({"displayName": "x"}, outputs={"clientId": "11111111-1111-4111-8111-111111111111"})
    reading = reads({"stack.json": json.dumps({"version": 3, "deployment": {"resources": [one]}})})
    assert reading.subjects[0].key == "11111111-1111-4111-8111-111111111111"


def test_in_a_stack_a_secret_finds_its_application_by_id(reads: Reads) -> None:
    secret = state(
        {"applicationId": "/applications/o", "endDate": "2030-01-01T00:00:00Z"}, "ApplicationPassword", "secret"
    )
    stack = {"version": 3, "deployment": {"resources": [state({"displayName": "A"}, id="/applications/o"), secret]}}
    (subject,) = reads({"stack.json": json.dumps(stack)}).subjects
    assert len(subject.app.password_credentials) == 1
