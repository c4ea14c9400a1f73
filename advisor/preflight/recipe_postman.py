"""A recipe as a Postman collection (v2.1) with its environment."""

from __future__ import annotations

import re
from typing import Any, Final

from advisor.preflight.recipe import INPUTS, Recipe, RecipeStep

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


def postman_collection(recipe: Recipe) -> dict[str, Any]:
    """The collection. Tenant and client id are its variables; secrets are in the environment alone."""
    known = {"tenant": recipe.tenant, "client_id": recipe.client_id}
    kept = {name: value for name, value in known.items() if not _BRACES.fullmatch(value)}
    return {
        "info": {
            "name": f"{recipe.title} ({recipe.client_id})" if "client_id" in kept else recipe.title,
            "description": "Made by grantlint recipe. Secrets belong into the environment, as current values.",
            "schema": COLLECTION_SCHEMA,
        },
        "item": [_item(number, step, kept) for number, step in enumerate(recipe.steps, 1)],
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


def _item(number: int, step: RecipeStep, known: dict[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": step.method,
        "header": [{"key": name, "value": _variables(value, {})} for name, value in step.headers],
        "url": _url(step, known),
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
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": list(_KEEP)}}]
    return item


def _description(step: RecipeStep) -> str:
    who = f"{step.sender} to {step.receiver}. "
    if step.in_browser:
        return who + "Open the address in a browser and put the value of code into the environment."
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
