"""The AADSTS codes: what each means, its causes in the order of likelihood, how to check them, and the sources."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from rules.knowledge.reference import Reference
from rules.knowledge.sources import cite_all

#: The older and the newer spelling of a code, anywhere in a text.
_SPELLED: Final = re.compile(r"AADSTS\s?(\d{4,8})", re.IGNORECASE)
_BARE: Final = re.compile(r"\s*(?:error|code)?[\s=:]*(\d{5,8})\s*", re.IGNORECASE)
#: Fields of answers, of sign-in logs (Graph, portal) and of MSAL's exceptions, and the address of the error page.
_FIELD: Final = re.compile(
    r"(?:error_codes\"?\s*[:=]\s*\[\s*|[?&#]code=|\bs?ErrorCode\"?\s*[:=]\s*[\"']?|\berrorNo\"?\s*:\s*[\"']?"
    r"|sign-in error code\"?\s*[:=,]?\s*[\"']?|\b(?:invalid|unauthorized|interaction|login|consent)_\w+:\s*)"
    r"(\d{5,8})\b",
    re.IGNORECASE,
)
#: The column of a table of sign-ins that the portal exports.
_COLUMN: Final = "Sign-in error code"

#: Longer texts are not error messages.
MOST_CHARACTERS: Final = 100_000


class Cause(msgspec.Struct, frozen=True):
    """A cause, how to check it, and the properties of a registration that decide.

    Where a number has several meanings, ``message`` has words that only this cause's message has, and ``means`` what
    the code means then.
    """

    text: str
    check: str
    look: tuple[str, ...] = ()
    message: str = ""
    means: str = ""


class Code(msgspec.Struct, frozen=True):
    """An AADSTS code. ``where`` is the endpoint that answers with it; ``near`` are similar codes."""

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
            cite_all(f"AADSTS{row['id']}", *row["sources"]),
            tuple(row.get("near", ())),
        )
        for row in table["code"]
    )
    return {code.id: code for code in rows}


def narrow(code: Code, message: str) -> Code:
    """*code* with only the meaning whose words *message* has; unchanged if the message has no such words."""
    message = message.lower()
    found = next((cause for cause in code.causes if cause.message and cause.message.lower() in message), None)
    return code if found is None else msgspec.structs.replace(code, means=found.means, causes=(found,))


def _in_table(text: str) -> tuple[int, ...]:
    """The codes of a CSV table of sign-ins; empty for any other text."""
    head, _, rest = text.lstrip("\ufeff").partition("\n")
    if _COLUMN not in head or "," not in head or not rest.strip():
        return ()
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    found = (row.get(_COLUMN) or "" for row in rows)
    return tuple(dict.fromkeys(int(value) for value in found if re.fullmatch(r"\d{5,8}", value.strip())))


def find_codes(text: str) -> tuple[int, ...]:
    """The codes that are in *text*, in its order: a code, a message, an address or a JSON answer."""
    text = text[:MOST_CHARACTERS]
    bare = _BARE.fullmatch(text)
    if bare:
        return (int(bare[1]),)
    table = _in_table(text)
    if table:
        return table
    text = text.replace("%20", " ").replace("+", " ")
    return tuple(dict.fromkeys(int(number) for pattern in (_SPELLED, _FIELD) for number in pattern.findall(text)))
