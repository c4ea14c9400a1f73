"""The AADSTS codes: what each means, its causes in the order of likelihood, how to check them, and the sources."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from rules.knowledge.reference import Reference, entra, learn, rfc

#: The older and the newer spelling of a code, anywhere in a text.
_SPELLED: Final = re.compile(r"AADSTS\s?(\d{4,8})", re.IGNORECASE)
_BARE: Final = re.compile(r"\s*(?:error|code)?[\s=:]*(\d{5,8})\s*", re.IGNORECASE)
_FIELD: Final = re.compile(r"(?:error_codes\"?\s*[:=]\s*\[\s*|[?&#]code=)(\d{5,8})\b", re.IGNORECASE)

#: Longer texts are no error messages.
MOST_CHARACTERS: Final = 100_000

_TITLES: Final = {
    "reference-error-codes": "Authentication and authorization error codes",
    "reply-url": "Redirect URI restrictions",
    "v2-oauth2-auth-code-flow": "Authorization code flow",
    "v2-oauth2-client-creds-grant-flow": "Client credentials flow",
    "v2-oauth2-on-behalf-of-flow": "On-Behalf-Of flow",
    "v2-oauth2-device-code": "Device authorization grant",
    "v2-oauth2-implicit-grant-flow": "Implicit grant flow",
    "v2-oauth-ropc": "Resource owner password credentials",
    "certificate-credentials": "Certificate credentials",
    "scopes-oidc": "Scopes and permissions",
    "v2-protocols": "OAuth 2.0 and OpenID Connect protocols",
    "howto-convert-app-to-be-multi-tenant": "Convert an application to multi-tenant",
}


class Cause(msgspec.Struct, frozen=True):
    """A cause, how to check it, and the properties of a registration that tell.

    Where a number has several meanings, ``message`` has words that only this cause's message has, and ``means`` what
    the code means then.
    """

    text: str
    check: str
    look: tuple[str, ...] = ()
    message: str = ""
    means: str = ""


class Code(msgspec.Struct, frozen=True):
    """An AADSTS code. ``where`` is the endpoint that answers with it; ``near`` are codes that say nearly the same."""

    id: int
    title: str
    means: str
    where: Literal["authorize", "token", "both"]
    causes: tuple[Cause, ...]
    sources: tuple[Reference, ...]
    near: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The code as Microsoft writes it."""
        return f"AADSTS{self.id}"


@lru_cache(maxsize=1)
def load_codes() -> dict[int, Code]:
    """All codes by their number."""
    table = tomllib.loads(files("advisor.preflight").joinpath("aadsts.toml").read_text("utf-8"))
    rows = (
        Code(
            row["id"],
            row.get("title", ""),
            row["means"],
            row["where"],
            msgspec.convert(row["cause"], tuple[Cause, ...]),
            tuple(source(name) for name in row["sources"]),
            tuple(row.get("near", ())),
        )
        for row in table["code"]
    )
    return {code.id: code for code in rows}


def narrow(code: Code, message: str) -> Code:
    """*code* with the one meaning that *message* has words of; as it is where the message tells none."""
    message = message.lower()
    told = next((cause for cause in code.causes if cause.message and cause.message.lower() in message), None)
    return code if told is None else msgspec.structs.replace(code, means=told.means, causes=(told,))


@lru_cache(maxsize=512)
def source(name: str) -> Reference:
    """A document by its short name, such as ``entra:reply-url``, ``thread:owner/repository#1`` or
    ``file:owner/repository/path``.

    Raises ``ValueError`` for a name of another kind.
    """
    kind, _, rest = name.partition(":")
    if kind == "entra":
        page = rest.partition("#")[0]
        return entra(rest, _TITLES.get(page, page.replace("-", " ")))
    if kind == "learn":
        return learn(rest, rest.rpartition("/")[2].replace("-", " "))
    if kind == "rfc":
        number, _, section = rest.partition(":")
        return rfc(int(number), section)
    if kind == "thread":
        repository, _, number = rest.partition("#")
        return Reference(f"GitHub, {rest}", f"https://github.com/{repository}/issues/{number}")
    if kind == "file":
        owner, repository, path = rest.split("/", 2)
        return Reference(
            f"GitHub, {owner}/{repository}, {path}", f"https://github.com/{owner}/{repository}/blob/HEAD/{path}"
        )
    raise ValueError(f"no source is called {name!r}")


def find_codes(text: str) -> tuple[int, ...]:
    """The codes that are in *text*, in its order: a code, a message, an address or a JSON answer."""
    text = text[:MOST_CHARACTERS]
    bare = _BARE.fullmatch(text)
    if bare:
        return (int(bare[1]),)
    text = text.replace("%20", " ").replace("+", " ")
    return tuple(dict.fromkeys(int(number) for pattern in (_SPELLED, _FIELD) for number in pattern.findall(text)))
