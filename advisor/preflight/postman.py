"""Postman collections (v2.0 and v2.1): the requests, and those that Postman's own OAuth 2.0 helper would send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from advisor.preflight.wire import AuthRequest, make_request

_USE: Final = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_DEPTH: Final = 5
#: Folders in folders.
_LEVELS: Final = 20

#: What Postman calls a grant, and the response type that its helper requests.
_RESPONSES: Final = {
    "authorization_code": "code",
    "authorization_code_with_pkce": "code",
    "implicit": "token",
}
_DIRECT: Final = {"client_credentials": "client_credentials", "password_credentials": "password"}


def read_postman(
    collection: Mapping[str, Any], name: str, environment: Mapping[str, str] | None = None
) -> tuple[AuthRequest, ...]:
    """The requests of *collection* that go to the identity platform.

    Its variables are put in, and those of *environment*, which win over them as they do in Postman.
    """
    variables = {**_variables(collection.get("variable")), **(environment or {})}
    found = [*_helper(collection.get("auth"), "collection", variables, name)]
    found += _items(collection.get("item"), variables, name, _LEVELS)
    return tuple(found)


def read_environment(environment: Mapping[str, Any]) -> dict[str, str] | None:
    """The values of an exported Postman environment; ``None`` when it is not one."""
    rows = environment.get("values")
    return _variables(rows) if isinstance(rows, list) else None


def _variables(rows: Any) -> dict[str, str]:
    """Names and values of the rows that have one and are turned on."""
    return {
        str(row.get("key", row.get("id", ""))): row["value"]
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
        and isinstance(row.get("value"), str)
        and row["value"]
        and not row.get("disabled")
        and row.get("enabled") is not False
    }


def _items(items: Any, variables: Mapping[str, str], name: str, levels: int) -> Iterator[AuthRequest]:
    for item in items if isinstance(items, list) and levels else ():
        if not isinstance(item, dict):
            continue
        label = item["name"] if isinstance(item.get("name"), str) else ""
        yield from _helper(item.get("auth"), label, variables, name)
        yield from _items(item.get("item"), variables, name, levels - 1)
        request = item.get("request")
        if isinstance(request, str):
            request = {"url": request}
        if isinstance(request, dict):
            yield from _helper(request.get("auth"), label, variables, name)
            made = _request(request, label, variables, name)
            if made is not None:
                yield made


def _filled(text: str, variables: Mapping[str, str]) -> str:
    for _ in range(_DEPTH):
        replaced = _USE.sub(lambda match: variables.get(match[1], match[0]), text)[:200_000]
        if replaced == text:
            break
        text = replaced
    return text


def _request(request: Mapping[str, Any], label: str, variables: Mapping[str, str], name: str) -> AuthRequest | None:
    url = request.get("url")
    if isinstance(url, dict):
        url = url.get("raw") or _joined(url)
    if not isinstance(url, str):
        return None
    headers = [(key, _filled(value, variables)) for key, value in _rows(request.get("header"))]
    auth = request.get("auth")
    if isinstance(auth, dict) and auth.get("type") == "basic":
        headers.append(("Authorization", "Basic "))
    method = request.get("method")
    return make_request(
        method if isinstance(method, str) else "GET",
        _filled(url, variables),
        headers,
        _body(request.get("body"), variables),
        file=name,
        label=label,
    )


def _joined(url: Mapping[str, Any]) -> str:
    """An address that is in its parts alone, as the schema allows."""
    host, path = (
        mark.join(map(str, part)) if isinstance(part, list) else str(part or "")
        for mark, part in ((".", url.get("host")), ("/", url.get("path")))
    )
    query = urlencode(list(_rows(url.get("query"))), safe="{}")
    return f"{url.get('protocol') or 'https'}://{host}/{path.lstrip('/')}?{query}"


def _body(body: Any, variables: Mapping[str, str]) -> str | list[tuple[str, str]] | None:
    if not isinstance(body, dict):
        return None
    mode = body.get("mode")
    if mode in ("urlencoded", "formdata"):
        return [(key, _filled(value, variables)) for key, value in _rows(body.get(mode))]
    raw = body.get("raw")
    return _filled(raw, variables) if isinstance(raw, str) else None


def _rows(rows: Any) -> Iterator[tuple[str, str]]:
    """Key and value of the rows that are turned on."""
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("key"), str) and not row.get("disabled"):
            value = row.get("value")
            yield row["key"], value if isinstance(value, str) else ""


def _helper(auth: Any, label: str, variables: Mapping[str, str], name: str) -> Iterator[AuthRequest]:
    """The requests that Postman's helper sends for "Get New Access Token"."""
    if not isinstance(auth, dict) or auth.get("type") != "oauth2":
        return
    oauth2 = auth.get("oauth2")
    if isinstance(oauth2, list):
        oauth2 = {
            row["key"]: row.get("value") for row in oauth2 if isinstance(row, dict) and isinstance(row.get("key"), str)
        }
    if not isinstance(oauth2, dict):
        return
    settings = {key: _filled(value, variables) for key, value in oauth2.items() if isinstance(value, str)}
    grant = settings.get("grant_type", "authorization_code")
    shared = {
        key: settings[wire] for key, wire in (("client_id", "clientId"), ("scope", "scope")) if settings.get(wire)
    }
    pkce = grant == "authorization_code_with_pkce"
    headers = [("Authorization", "Basic ")] if settings.get("client_authentication") == "header" else []
    proof = {"client_secret": settings["clientSecret"]} if settings.get("clientSecret") and not headers else {}
    if grant in _RESPONSES and settings.get("authUrl"):
        query = {**shared, "response_type": _RESPONSES[grant], "redirect_uri": settings.get("redirect_uri", "")}
        query["state"] = settings.get("state") or "{state}"
        if pkce:
            query |= {
                "code_challenge": "{code_challenge}",
                "code_challenge_method": settings.get("challengeAlgorithm", "S256").replace("S-256", "S256"),
            }
        url = settings["authUrl"] + ("&" if "?" in settings["authUrl"] else "?") + urlencode(query)
        yield from _some(make_request("GET", url, file=name, label=f"{label} (sign-in)".strip()))
    token = settings.get("accessTokenUrl")
    if not token or grant == "implicit":
        return
    body = {"grant_type": _DIRECT.get(grant, "authorization_code"), **shared, **proof}
    if grant in _RESPONSES:
        body |= {"code": "{code}", "redirect_uri": settings.get("redirect_uri", "")}
        body |= {"code_verifier": "{code_verifier}"} if pkce else {}
    elif grant == "password_credentials":
        body |= {"username": "{username}", "password": "{password}"}
    yield from _some(
        make_request("POST", token, headers, list(body.items()), file=name, label=f"{label} (token)".strip())
    )


def _some(request: AuthRequest | None) -> Iterator[AuthRequest]:
    if request is not None:
        yield request
