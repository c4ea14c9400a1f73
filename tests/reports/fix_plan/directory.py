"""A registration as Microsoft Graph keeps it: what a step of a plan makes of it, told by the method and the address
alone.
"""

from __future__ import annotations

import copy
from typing import Any

from reports.fix_plan.step import Step


def after(app: dict[str, Any], step: Step) -> dict[str, Any]:
    """*app* when *step* was run. Raises ``AssertionError`` for a request that Graph would refuse."""
    app = copy.deepcopy(app)
    if step.request is None:
        words = dict(zip(step.cli[5::2], step.cli[6::2], strict=False))
        assert step.cli[:5] == ("az", "ad", "app", "credential", "delete")
        assert words["--id"] in (app["id"], app["appId"])
        return _without(app, "keyCredentials", "keyId", words["--key-id"])
    method, url, body = step.request.method, step.request.url, step.request.body
    for version in ("v1.0", "beta"):
        url = url.removeprefix(f"https://graph.microsoft.com/{version}")
    for own in (f"/applications/{app['id']}", f"/applications(appId='{app['appId']}')"):
        url = url.removeprefix(own)
    match method, *url.split("/")[1:]:
        case "PATCH", *rest:
            assert not rest
            assert not {"passwordCredentials", "keyCredentials", "federatedIdentityCredentials", "owners"} & set(body)
            return _merged(app, body)
        case "POST", "removePassword":
            return _without(app, "passwordCredentials", "keyId", body["keyId"])
        case "DELETE", "federatedIdentityCredentials", one:
            return _without(app, "federatedIdentityCredentials", "id", one)
        case "DELETE", "owners", one, "$ref":
            return _without(app, "owners", "id", one)
    raise AssertionError(f"no such request: {method} {url}")


def _without(app: dict[str, Any], listed: str, name: str, one: str) -> dict[str, Any]:
    left = [element for element in app[listed] if element[name] != one]
    assert len(left) == len(app[listed]) - 1
    return {**app, listed: left}


def _merged(target: Any, body: dict[str, Any]) -> dict[str, Any]:
    """OData 4.01, Protocol, 11.4.3: objects member by member, everything else whole; a null is a value."""
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in body.items():
        target[name] = _merged(target.get(name), value) if isinstance(value, dict) else value
    return target
