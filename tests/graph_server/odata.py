"""Graph's query language as far as a reader uses it, and as strict as Graph: what it does not know is an error 400."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

PAGE_DEFAULT, PAGE_MAX, PAGE_EXPANDED, EXPANDED_MAX, IN_MAX = 100, 999, 100, 20, 15
_KNOWN = {"$select", "$top", "$filter", "$count", "$expand", "$skiptoken"}


class Refused(Exception):  # noqa: N818 - an answer of Graph's
    """Graph's own error: status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Query(NamedTuple):
    """A query that was accepted."""

    select: tuple[str, ...]
    top: int
    filter: str
    expand: str
    skip: int


def bad(message: str) -> Refused:
    return Refused(400, "Request_BadRequest", message)


def parse_query(
    text: str, headers: Mapping[str, str], properties: frozenset[str], expandable: frozenset[str] = frozenset()
) -> Query:
    """The query of a list of objects with these *properties*; raises ``Refused`` where Graph would."""
    given = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
    for name in given:
        if name not in _KNOWN:
            raise bad(f"Unrecognized query argument specified: '{name}'.")
    select = tuple(given.get("$select", "").split(",")) if "$select" in given else ()
    for name in select:
        if name not in properties:
            raise bad(f"Could not find a property named '{name}' on type 'microsoft.graph.directoryObject'.")
    top = given.get("$top", str(PAGE_DEFAULT))
    if not top.isdecimal() or not 1 <= int(top) <= PAGE_MAX:
        raise bad(f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
    expand, condition = given.get("$expand", ""), given.get("$filter", "")
    if expand and expand not in expandable:
        raise bad(f"Could not expand '{expand}'.")
    is_eventual = headers.get("consistencylevel", "").lower() == "eventual"
    if is_eventual and expand:
        raise Refused(400, "Request_UnsupportedQuery", "$expand is not supported with advanced queries.")
    if re.search(r"/\$count | ne |^not ", condition) and not (is_eventual and given.get("$count") == "true"):
        raise Refused(400, "Request_UnsupportedQuery", "The query needs ConsistencyLevel: eventual and $count=true.")
    if "$count" in given and not is_eventual:
        raise bad("$count is not currently supported.")
    size = min(int(top), PAGE_EXPANDED) if expand else int(top)
    return Query(select, size, condition, expand, int(given.get("$skiptoken", "0")))


def condition(text: str, counts: Callable[[dict[str, Any], str], int]) -> Callable[[dict[str, Any]], bool]:
    """A ``$filter`` as a function: ``or`` of ``eq``, ``in``, ``startswith`` and ``x/$count ne 0``."""
    alternatives = [_term(term.strip(), counts) for term in re.split(r" or (?=(?:[^']*'[^']*')*[^']*$)", text)]
    return lambda one: any(term(one) for term in alternatives)


def _term(text: str, counts: Callable[[dict[str, Any], str], int]) -> Callable[[dict[str, Any]], bool]:
    if found := re.fullmatch(r"(\w+) eq '((?:[^']|'')*)'", text):
        name, value = found[1], found[2].replace("''", "'")
        return lambda one: one.get(name) == value
    if found := re.fullmatch(r"(\w+) in \((.*)\)", text):
        values = re.findall(r"'([^']*)'", found[2])
        if len(values) > IN_MAX:
            raise bad(
                "Too many child clauses specified in search filter expression containing 'OR' operators: more than 15."
            )
        name, wanted = found[1], set(values)
        return lambda one: one.get(name) in wanted
    if found := re.fullmatch(r"startswith\((\w+), ?'([^']*)'\)", text, re.IGNORECASE):
        name, start = found[1], found[2]
        return lambda one: str(one.get(name)).startswith(start)
    if found := re.fullmatch(r"(\w+)/\$count (ne|eq) (\d+)", text):
        relation, sign, number = found[1], found[2], int(found[3])
        return lambda one: (counts(one, relation) == number) is (sign == "eq")
    raise bad(f"Invalid filter clause: {text}")


def ids_wanted(text: str) -> Sequence[str] | None:
    """The object ids of ``id in (...)``, where nothing else is asked."""
    found = re.fullmatch(r"id in \((.*)\)", text)
    return re.findall(r"'([^']*)'", found[1]) if found else None
