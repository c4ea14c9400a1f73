"""The notes that the tables add to a tree: what does not work together, and what each API needs.

A note names only facts and choices that the tree has, so that an organization's tree may have fewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, Literal

from advisor.decide.parts import Note, Question
from advisor.decide.tables.apis import Api, apis
from advisor.decide.tables.rows import USER_GRANTS, Row
from rules.knowledge.data import read_table

#: Facts of a note that are not questions.
_ENDS: Final = ("grant", "credential")

#: Grants whose token names the app itself.
_APP: Final = ("client_credentials",)

#: Leaves of these grants whose token names a user account all the same.
_AS_USER: Final = ("agent-user",)

#: In these tenants customers sign in, who have rights in an organization's own APIs alone.
_CUSTOMERS: Final = ("external-id", "b2c")


class Support(Row, frozen=True, kw_only=True):
    """A row of ``support.tsv``: what does not work where its conditions hold, or only in part."""

    id: str
    verdict: Literal["unsupported", "limited"]
    text: str


@cache
def supports() -> tuple[Support, ...]:
    """The rows of the table."""
    return read_table("advisor.decide.tables", "support.tsv", Support)


def table_notes(facts: Mapping[str, Question], leaves: Mapping[str, object]) -> Iterator[Note]:
    """The notes of all rows that can hold in a tree with these *facts* and *leaves*."""
    for note in (*_of_support(), *_of_apis()):
        when = {key: _known(key, note.when[key], facts, leaves) for key in note.when}
        if all(when.values()):
            unless = {key: _known(key, note.unless[key], facts, leaves) for key in note.unless}
            yield Note(
                id=f"table-{note.id}",
                kind=note.kind,
                text=note.text,
                when=when,
                unless={key: choices for key, choices in unless.items() if choices},
                no_request=note.no_request,
                sources=note.sources,
            )


def _known(
    key: str, values: tuple[str, ...], facts: Mapping[str, Question], leaves: Mapping[str, object]
) -> tuple[str, ...]:
    if key in _ENDS:
        return values
    if key == "leaf":
        return tuple(value for value in values if value in leaves)
    fact = facts.get(key)
    return tuple(value for value in values if fact is not None and fact.choice(value) is not None)


def _of_support() -> Iterator[Note]:
    for row in supports():
        unsupported = row.verdict == "unsupported"
        yield Note(
            id=row.id,
            kind="contradiction" if unsupported else "warning",
            text=row.text,
            when=row.conditions,
            no_request=unsupported and not row.when,
            sources=row.sources,
        )


def _of_apis() -> Iterator[Note]:
    for row in apis():
        yield from _scopes(row)
        for name, text, grants in (
            ("set-up", row.set_up, _APP),
            ("app-limits", row.app_limits, _APP),
            ("limits", row.limits, (*USER_GRANTS, *_APP)),
        ):
            if text:
                yield Note(
                    id=f"api-{row.id}-{name}",
                    kind="warning",
                    text=f"{row.title}: {text}",
                    when={"api": (row.id,), "grant": grants},
                    unless={"leaf": _AS_USER} if grants is _APP else {},
                    sources=row.sources,
                )


def _scopes(row: Api) -> Iterator[Note]:
    """One line for each kind of token: for a user, for a customer who has other scopes, and for the app itself."""
    customers = row.customers != row.delegated
    for name, who, scopes, text, grants in (
        ("user", "a user", row.delegated, row.user_text, USER_GRANTS),
        ("customer", "a customer", row.customers if customers else (), "", USER_GRANTS),
        ("app", "the app itself", row.application, row.app_text, _APP),
    ):
        if scopes:
            yield Note(
                id=f"api-{row.id}-{name}",
                kind="scope",
                text=" ".join(filter(None, (f"{row.title}, for {who}: {' or '.join(scopes)}.", text))),
                when={
                    "api": (row.id,),
                    "grant": grants,
                    **({"audience": _CUSTOMERS[:1]} if name == "customer" else {}),
                },
                unless={
                    **({"audience": _CUSTOMERS} if customers and name == "user" else {}),
                    **({"leaf": _AS_USER} if name == "app" else {}),
                },
                sources=row.sources,
            )
