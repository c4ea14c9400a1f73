"""A registration as Microsoft Graph keeps it: what a request makes of it, and what Graph answers."""

from __future__ import annotations

import copy
from typing import Any

from reports.fix_plan.step import Step
from rules.docs.requests import GRAPH

_OWN_REQUESTS = {"passwordCredentials", "keyCredentials", "federatedIdentityCredentials", "owners"}


def after(app: dict[str, Any], step: Step) -> dict[str, Any]:
    """*app* when *step* was run. Raises ``AssertionError`` for a request that Graph would refuse."""
    if step.request is None:
        words = dict(zip(step.cli[5::2], step.cli[6::2], strict=False))
        assert step.cli[:5] == ("az", "ad", "app", "credential", "delete")
        assert words["--id"] in (app["id"], app["appId"])
        return _without(copy.deepcopy(app), "keyCredentials", "keyId", words["--key-id"])
    return written(app, step.request.method, step.request.url, step.request.body)


def written(app: dict[str, Any], method: str, url: str, body: Any) -> dict[str, Any]:
    """*app* when a request was sent. Raises ``AssertionError`` for a request that Graph would refuse."""
    app = copy.deepcopy(app)
    match method, *_path(app, url):
        case "PATCH", *rest:
            assert not rest
            assert not _OWN_REQUESTS & set(body)
            lock = body.get("servicePrincipalLockConfiguration") or {}
            assert None not in lock.values()
            return _merged(app, body)
        case "POST", "removePassword":
            return _without(app, "passwordCredentials", "keyId", body["keyId"])
        case "POST", "federatedIdentityCredentials":
            assert body["name"] not in [one["name"] for one in app["federatedIdentityCredentials"]]
            new = {**body, "id": f"99999999-0000-4000-8000-{len(app['federatedIdentityCredentials']):012}"}
            return {**app, "federatedIdentityCredentials": [*app["federatedIdentityCredentials"], new]}
        case "POST", "owners", "$ref":
            return {**app, "owners": [*app["owners"], {"id": body["@odata.id"].rpartition("/")[2]}]}
        case "DELETE", "federatedIdentityCredentials", one:
            return _without(app, "federatedIdentityCredentials", "id", one)
        case "DELETE", "owners", one, "$ref":
            return _without(app, "owners", "id", one)
    raise AssertionError(f"no such request: {method} {url}")


def shown(app: dict[str, Any], url: str) -> dict[str, Any]:
    """What Graph answers to a GET of *url*, a list in another order than it was written in."""
    address, _, query = url.partition("?")
    match _path(app, address):
        case []:
            names = query.removeprefix("$select=").split(",")
            return {name: _reversed(app.get(name)) for name in names}
        case ["federatedIdentityCredentials" | "owners" as name]:
            return {"value": _reversed(app.get(name) or [])}
    raise AssertionError(f"no such request: GET {url}")


def _path(app: dict[str, Any], url: str) -> list[str]:
    own = (f"/applications/{app['id']}", f"/applications(appId='{app['appId']}')")
    for start in (f"{GRAPH}/v1.0", f"{GRAPH}/beta", *own):
        url = url.removeprefix(start)
    return url.split("/")[1:]


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(part) for name, part in value.items()}
    return value[::-1] if isinstance(value, list) else value


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
