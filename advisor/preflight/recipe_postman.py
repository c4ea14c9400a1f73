"""A recipe as a Postman collection (v2.1) with its environment.

The collection has the raw requests, and the same grant in its Authorization tab where Postman can send it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from advisor.preflight.recipe import EXCHANGED, INPUTS, Recipe, RecipeStep

#: The published schema (Postman, "Collection format v2.1.0").
COLLECTION_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

_BRACES: Final = re.compile(r"\{([a-z_]+)\}")

#: What an answer gives is kept in the environment, so that the next request finds it.
_KEEP: Final = (
    "const answer = pm.response.json();",
    "for (const name of ['access_token', 'refresh_token', 'device_code']) {",
    "  if (answer[name]) { pm.environment.set(name, answer[name]); }",
    "}",
)
_KEEP_EXCHANGED: Final = (
    "const answer = pm.response.json();",
    "if (answer.access_token) { pm.environment.set('NAME', answer.access_token); }",
)


def postman_collection(recipe: Recipe) -> dict[str, Any]:
    """The collection. Tenant and client id are its variables; secrets are in the environment alone."""
    known = {"tenant": recipe.tenant, "client_id": recipe.client_id}
    kept = {name: value for name, value in known.items() if not _BRACES.fullmatch(value)}
    settings = _authorization(recipe)
    tab = {"auth": _auth({key: _variables(value, kept) for key, value in settings.items()})} if settings else {}
    items = [_item(number, step, kept) for number, step in enumerate(recipe.steps, 1)]
    called = recipe.steps[-1]
    if settings and called.receiver == "resource server":
        # Without an auth of its own, it inherits the token of the Authorization tab.
        again = _item(len(items) + 1, msgspec.structs.replace(called, says=f"{called.says} of the Authorization tab",
            headers=()), kept)  # fmt: skip
        items.append({**again, "request": {key: value for key, value in again["request"].items() if key != "auth"}})
    return {
        "info": {
            "name": f"{recipe.title} ({recipe.client_id})" if "client_id" in kept else recipe.title,
            "description": "Made by grantlint recipe. Store secrets in the environment, as current values.",
            "schema": COLLECTION_SCHEMA,
        },
        **tab,
        "item": items,
        "variable": [{"key": name, "value": value, "type": "string"} for name, value in kept.items()],
    }


def postman_environment(recipe: Recipe) -> dict[str, Any]:
    """The environment: what the reader brings, and what answers give. All values are empty, and hidden in Postman."""
    names = dict.fromkeys((*recipe.inputs, *(name for step in recipe.steps for name in step.gives)))
    return {
        "name": recipe.title,
        "values": [
            {"key": name, "value": "", "type": "default" if name in ("tenant", "client_id",
                "redirect_uri") else "secret", "enabled": True}
            for name in names
        ],
        "_postman_variable_scope": "environment",
    }  # fmt: skip


#: The settings of Postman's Authorization tab for a grant; the first step is the sign-in.
_TAB: Final = {
    "authorization_code": "authorization_code_with_pkce",
    "implicit": "implicit",
    "client_credentials": "client_credentials",
    "password": "password_credentials",
}


def _authorization(recipe: Recipe) -> dict[str, str]:
    """The grant in Postman's Authorization tab; empty where Postman cannot send what Entra needs.

    It signs no assertion, and sends no Origin header, without which a code of spa is not redeemed (AADSTS9002327).
    """
    kind = _TAB.get(recipe.grant, "")
    redeems = recipe.grant == "authorization_code"
    first = dict(recipe.steps[0].parameters)
    if not kind or recipe.credential not in ("", "secret") or (redeems and recipe.platform == "spa"):
        return {}
    if recipe.grant == "implicit" and first.get("response_type") != "token":
        return {}
    found = {"grant_type": kind, "clientId": recipe.client_id, "scope": recipe.scope}
    if recipe.steps[0].in_browser:
        found |= {"authUrl": recipe.steps[0].url, "redirect_uri": recipe.redirect_uri, "state": "{{$guid}}"}
    if recipe.grant != "implicit":
        found["accessTokenUrl"] = next(step.url for step in recipe.steps if step.url.endswith("/token"))
    if redeems:
        found["challengeAlgorithm"] = "S256"
    if recipe.credential:
        found["clientSecret"] = "{client_secret}"
    if recipe.grant == "password":
        found |= {"username": "{username}", "password": "{password}"}
    return {**found, "client_authentication": "body", "addTokenTo": "header"}


def _auth(settings: dict[str, str]) -> dict[str, Any]:
    rows = [{"key": key, "value": value, "type": "string"} for key, value in settings.items()]
    return {"type": "oauth2", "oauth2": rows}


def _item(number: int, step: RecipeStep, known: dict[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": step.method,
        "header": [{"key": name, "value": _variables(value, {})} for name, value in step.headers],
        "url": _url(step, known),
        "auth": {"type": "noauth"},
        "description": _description(step),
    }
    item: dict[str, Any] = {"name": f"{number}. {step.says}", "request": request}
    if not step.in_browser and step.parameters:
        request["body"] = {
            "mode": "urlencoded",
            "urlencoded": [
                {"key": name, "value": _variables(value, known), "type": "text"} for name, value in step.parameters
            ],
        }
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": _kept(step)}}]
    return item


def _kept(step: RecipeStep) -> list[str]:
    """The script that keeps what the answer of *step* gives."""
    exchanged = next((name for name in step.gives if name in EXCHANGED), "")
    return [line.replace("NAME", exchanged) for line in (_KEEP_EXCHANGED if exchanged else _KEEP)]


def _description(step: RecipeStep) -> str:
    who = f"{step.sender} to {step.receiver}. "
    if step.in_browser:
        what = " and ".join(step.gives)
        put = f" and put the value of {what} into the environment" if what else "; the response has an ID token"
        return f"{who}Open the URL in a browser{put}."
    names = [name for name, value in step.parameters if _BRACES.fullmatch(value)]
    return who + " ".join(f"{name}: {INPUTS[name]}." for name in names if name in INPUTS)


def _url(step: RecipeStep, known: dict[str, str]) -> dict[str, Any]:
    from urllib.parse import quote

    raw = _variables(step.url, known)
    host, _, path = raw.partition("://")[2].partition("/")
    url: dict[str, Any] = {
        "raw": raw,
        "protocol": "https",
        "host": host.split("."),
        "path": path.partition("?")[0].split("/"),
    }
    if step.in_browser:
        rows = [(name, _variables(quote(value, safe="{}"), known)) for name, value in step.parameters]
        url["query"] = [{"key": name, "value": value} for name, value in rows]
        url["raw"] = f"{raw}?" + "&".join(f"{name}={value}" for name, value in rows)
    elif "?" in path:
        url["query"] = [
            dict(zip(("key", "value"), part.partition("=")[::2], strict=True))
            for part in path.partition("?")[2].split("&")
        ]
    return url


def _variables(text: str, known: dict[str, str]) -> str:
    if "tenant" in known:
        text = text.replace(f"/{known['tenant']}/oauth2/", "/{tenant}/oauth2/")
    if "client_id" in known:
        text = text.replace(known["client_id"], "{client_id}")
    return _BRACES.sub(r"{{\1}}", text)
