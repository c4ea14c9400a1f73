"""Search the table of permissions: by name, by ID, by words, and by the resource that offers them."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from rules.knowledge.permission_titles import title_of
from rules.knowledge.permissions import GRAPH, Permission, permissions, resembling, resources, rows_with_id
from rules.primitives.texts import is_guid

#: Words as names of permissions run them together: ``ReadWrite``, ``Mail.Read``, ``user_impersonation``.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


class Search(NamedTuple):
    """The result of a search. ``is_exact`` says that *rows* have the ID or the name that was searched for."""

    rows: tuple[Permission, ...]
    is_exact: bool


def search_permissions(query: str) -> Search:
    """The permissions that *query* names: a value, an ID, a scope URL, words, or the name or ID of a resource.

    Those of Microsoft Graph come first. Case makes no difference.

    >>> [row.kind for row in search_permissions("https://graph.microsoft.com/Mail.Read").rows]
    ['Role', 'Scope']
    """
    text = query.strip().casefold()
    if is_guid(text):
        return Search(rows_with_id(text) or _of_resource(text), is_exact=bool(rows_with_id(text)))
    host, slash, value = text.removeprefix("https://").removeprefix("api://").rpartition("/")
    found = tuple(row for row in _ordered() if row.value.casefold() == value)
    if slash:
        offering = {one.id for one in resources().values() if host in (one.id, *one.hosts)}
        found = tuple(row for row in found if row.resource in offering)
    if found or slash:
        return Search(found, is_exact=True)
    named = next((one.id for one in resources().values() if one.name.casefold() == text), "")
    return Search(_of_resource(named) or tuple(_with_words(text)), is_exact=False)


def names_like(query: str) -> list[str]:
    """Names of permissions that resemble *query*, the nearest first; for an ID, those whose ID is almost the same."""
    if is_guid(query):
        near = (resembling(resource, query) for resource in resources())
        return list(dict.fromkeys(row.id for row in near if row is not None))
    by_folded = {row.value.casefold(): row.value for row in permissions()}
    _, _, value = query.strip().casefold().rpartition("/")
    return [by_folded[name] for name in get_close_matches(value, by_folded, 3, 0.75)]


@cache
def _ordered() -> tuple[Permission, ...]:
    """All permissions, those of Microsoft Graph first."""
    return tuple(sorted(permissions(), key=lambda row: row.resource != GRAPH))


def _of_resource(id: str) -> tuple[Permission, ...]:
    return tuple(row for row in permissions() if row.resource == id)


def _with_words(text: str) -> list[Permission]:
    """The permissions in whose name, title or resource a word begins with each word of *text*.

    Those that have all of it as words of their names come first, and short names before long ones.
    """
    wanted = [word.casefold() for word in re.findall(r"\w+", text)]
    found = [
        row
        for row in _ordered()
        if wanted and all(any(map(_begins(one), (*_name(row), *_rest(row)))) for one in wanted)
    ]
    return sorted(found, key=lambda row: (not _name(row).issuperset(wanted), len(_name(row))))


def _begins(start: str) -> Callable[[str], bool]:
    return lambda word: word.startswith(start)


@cache
def _name(row: Permission) -> frozenset[str]:
    return frozenset(word.casefold() for word in (row.value, *_WORD.findall(row.value)))


@cache
def _rest(row: Permission) -> frozenset[str]:
    title = title_of(row)
    return frozenset(re.findall(r"\w+", f"{title.title if title else ''} {resources()[row.resource].name}".casefold()))
