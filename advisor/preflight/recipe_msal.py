"""A recipe as a snippet for MSAL, the library with which Microsoft recommends to do it."""

from __future__ import annotations

import json
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from advisor.preflight.recipe import Recipe
from advisor.preflight.resources import exchange_audience
from advisor.preflight.wire import is_placeholder

LANGUAGES: Final = ("python", "dotnet", "javascript", "java")

#: MSAL adds these by itself. MSAL Python refuses to be given them.
_RESERVED: Final = frozenset(("openid", "profile", "offline_access"))


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(files("advisor.preflight").joinpath("msal.toml").read_text("utf-8"))


def render_msal(recipe: Recipe, language: str) -> str | None:
    """The snippet in *language*; ``None`` when MSAL for that language has no call for the grant."""
    rows = [
        row
        for row in _load()["snippet"]
        if row["language"] == language
        and row["grant"] == recipe.grant
        and row.get("client", _client(recipe)) == _client(recipe)
    ]
    if not rows:
        return None
    credential, imported, prepared = (
        str(_load()[part].get(language, {}).get(recipe.credential, "")) for part in ("credential", "import", "prepare")
    )
    scope = [word for word in recipe.scope.split() if word not in _RESERVED]
    confidential = bool(recipe.credential)
    argument = "client_credential=" if language == "python" else ""
    values = {
        "CLIENT_ID": _quoted(recipe.client_id),
        "AUTHORITY": _quoted(f"https://{recipe.login}/{recipe.tenant}"),
        "SCOPE": '", "'.join(_quoted(word) for word in scope),
        "REDIRECT_URI": _quoted(recipe.redirect_uri),
        "CREDENTIAL": credential,
        "APPLICATION": "ConfidentialClientApplication" if confidential else "PublicClientApplication",
        "CREDENTIAL_ARGUMENT": f", {argument}{credential}" if confidential else "",
        "EXCHANGE": exchange_audience(recipe.login),
    }
    text = _lines(_lines(str(rows[0]["text"]).lstrip("\n"), "@IMPORT@", imported), "@PREPARE@", prepared)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _lines(text: str, name: str, lines: str) -> str:
    """*text* with the line *name* replaced by *lines*, indented alike; without that line where there are none."""
    found = re.search(rf"^([ ]*){name}\n", text, re.MULTILINE)
    if found is None:
        return text
    indented = "".join(f"{found[1]}{line}\n" for line in lines.splitlines())
    return text[: found.start()] + indented + text[found.end() :]


def _client(recipe: Recipe) -> str:
    if recipe.platform == "spa":
        return "page"
    return "confidential" if recipe.credential else "public"


def _quoted(text: str) -> str:
    """*text* inside a string in double quotes of all four languages; a placeholder says what to put there."""
    return f"<{text[1:-1]}>" if is_placeholder(text) else json.dumps(text)[1:-1]
