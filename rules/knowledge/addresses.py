"""Addresses and identifiers of Microsoft's services in each cloud: sign-in hosts, resources of APIs, token exchange.

The table is ``addresses.tsv``. An address is known by what it is in the global cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec

from rules.knowledge.data import read_table

#: The clouds in the order of the columns, by the names that answers have.
CLOUDS: Final = ("global", "us-government", "us-dod", "china")
_NOT_KNOWN: Final = "not known"


class Address(msgspec.Struct, frozen=True):
    """A row of the table: what it is, its text in each cloud, and the documents that say so."""

    id: str
    title: str
    worldwide: str
    us_government: str
    us_dod: str
    china: str
    sources: tuple[str, ...]

    @property
    def not_known(self) -> str:
        """What is printed for the address in a cloud for which no document names it."""
        return f"{{{self.title} in this cloud}}"

    def in_cloud(self, cloud: str) -> str:
        """The address in *cloud*; empty where no document names it."""
        text = (self.worldwide, self.us_government, self.us_dod, self.china)[CLOUDS.index(cloud)]
        return "" if text == _NOT_KNOWN else text


@cache
def addresses() -> Mapping[str, Address]:
    """The rows of the table by ID."""
    return {row.id: row for row in read_table("rules.knowledge", "addresses.tsv", Address)}


@cache
def cloud_of_login(login: str) -> str:
    """The cloud whose sign-in host is *login*; the global one for a host that no national cloud has."""
    row = addresses()["sign-in"]
    return next((cloud for cloud in CLOUDS if row.in_cloud(cloud) == f"https://{login.lower()}"), CLOUDS[0])
