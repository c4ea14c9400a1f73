"""What is printed in requests and settings, by what is known: authority, audience, scope, redirect URI, cloud.

The requests of the grants and the settings of the leaves are written for one tenant of the global cloud. A ``Value`` is
what replaces such a text where its conditions are met. Values come from four tables, and from each group of values for
one text the first counts whose conditions hold. The groups are applied in their order, addresses of the clouds last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Final

import msgspec

from advisor.decide.parts import Part, matches
from advisor.decide.tables.apis import apis
from advisor.decide.tables.rows import Row
from rules.knowledge.addresses import CLOUDS, addresses
from rules.knowledge.data import read_table

PACKAGE: Final = "advisor.decide.tables"

#: Redirect URIs of leaves that leave the library open, which the framework decides.
_OPEN_REDIRECTS: Final = {
    "web": ("https://{host}/signin-oidc",),
    "spa": ("https://{host}/{path of the page}",),
    "publicClient": (
        "http://localhost, ms-appx-web://microsoft.aad.brokerplugin/{client_id}",
        "msauth://{package}/{signature}, msauth.{bundle id}://auth",
    ),
}


class Value(Part, frozen=True, kw_only=True):
    """What is printed for ``text`` where all of ``when`` hold, and the documents that say so."""

    text: str
    value: str
    when: dict[str, tuple[str, ...]]
    sources: tuple[str, ...]


class Printed(Row, frozen=True, kw_only=True):
    """A row of ``values.tsv``."""

    text: str
    value: str


class Framework(msgspec.Struct, frozen=True):
    """A row of ``frameworks.tsv``: the redirect URIs that a framework uses on a platform, joined by commas."""

    id: str
    platform: str
    redirect: str
    sources: tuple[str, ...]


@cache
def frameworks() -> tuple[Framework, ...]:
    """The rows of the table."""
    return read_table(PACKAGE, "frameworks.tsv", Framework)


@cache
def values() -> tuple[tuple[str, tuple[Value, ...]], ...]:
    """The texts that have values, in the order in which they are replaced, each with its values."""
    rows = sorted((*_of_table(), *_of_apis(), *_of_frameworks()), key=lambda row: (-len(row.text), row.text))
    return tuple((text, tuple(group)) for text, group in groupby((*rows, *_of_clouds()), key=lambda row: row.text))


def _of_table() -> Iterator[Value]:
    for row in read_table(PACKAGE, "values.tsv", Printed):
        yield Value(text=row.text, value=row.value, when=row.conditions, sources=row.sources)


def _of_apis() -> Iterator[Value]:
    """The scopes of each API, and its identifier; an API that calls another one names that as the downstream API."""
    for row in apis():
        for name in ("api", "next api"):
            texts = (f"{{{name}}}/{{permission}}", f"{{{name}}}/.default", f"{{{name}}}")
            for text, found in zip(texts, (row.delegated, row.application, row.resources), strict=True):
                if found:
                    value = found[0].replace("of the api}", f"of the {name}}}")
                    yield Value(text=text, value=value, when={"api": (row.id,)}, sources=row.sources)


def _of_frameworks() -> Iterator[Value]:
    for row in frameworks():
        for text in _OPEN_REDIRECTS[row.platform]:
            yield Value(text=text, value=row.redirect, when={"framework": (row.id,)}, sources=row.sources)


def _of_clouds() -> Iterator[Value]:
    for row in addresses().values():
        for cloud in CLOUDS:
            value = row.in_cloud(cloud) or row.not_known
            yield Value(text=row.worldwide, value=value, when={"cloud": (cloud,)}, sources=row.sources)


class TableValues:
    """Fills texts by what is known; ``used`` are the facts that decided something so far, ``rows`` the values."""

    def __init__(self, known: Mapping[str, str]) -> None:
        # Several APIs have one token each: these requests are for the first.
        self._known = {**known, "api": known.get("api", "").partition(",")[0]}
        self.used: set[str] = set()
        self.rows: list[Value] = []

    def __call__(self, text: str) -> str:
        """*text* with its parts replaced by their values."""
        for name, rows in values():
            if name in text:
                found = next((row for row in rows if matches(row.when, self._known)), None)
                if found is not None:
                    text = text.replace(name, found.value)
                    self.used.update(found.when)
                    self.rows += [] if found in self.rows else [found]
        return text
