"""The documents that rules, grants, credentials, the decision tree, AADSTS codes and preflight cite.

The table is ``sources.tsv``: one row for each section that something rests on. A citation names the row by its ID,
``document#section``, where the document begins with its kind:

- ``rfc:6749#4.1`` is a section of an RFC.
- ``entra:PAGE`` is a page below learn.microsoft.com/entra/identity-platform/, ``graph:PAGE`` one below
  learn.microsoft.com/graph/api/, ``learn:PATH`` any other page of learn.microsoft.com.
- ``thread:OWNER/REPOSITORY#NUMBER`` and ``file:OWNER/REPOSITORY/PATH`` are on GitHub.
- ``web:NAME`` is any other document.

``checked`` is the date or month in which a copy of the section was read, or ``not re-read``.
``python tests/project/sources.py`` lists the rows that are due.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Final

from rules.knowledge.data import DataError, read_table
from rules.knowledge.reference import Reference

TABLE: Final = "rules/knowledge/sources.tsv"


class Source(Reference, frozen=True, kw_only=True):
    """A row of the table: a citation, and the ID by which others name it."""

    id: str


@cache
def sources() -> Mapping[str, Reference]:
    """The citations by their IDs, in the order of the table."""
    rows = read_table("rules.knowledge", "sources.tsv", Source)
    return {row.id: Reference(row.title, row.url, row.section, row.checked, row.supports) for row in rows}


def cite(cited: str | Reference, by: str) -> Reference:
    """The citation with the ID *cited*; a ``Reference`` is returned as it is. *by* is what cites it, for the message.

    Raises ``DataError`` for an ID that is not in the table.
    """
    if isinstance(cited, Reference):
        return cited
    found = sources().get(cited)
    if found is None:
        near = difflib.get_close_matches(cited, sources(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DataError(f"{by} cites {cited!r}, which has no row in {TABLE}{hint}")
    return found


def cite_all(by: str, *cited: str | Reference) -> tuple[Reference, ...]:
    """The citations of *by*, in the order given. Raises ``DataError`` as ``cite`` does."""
    return tuple(cite(one, by) for one in cited)
