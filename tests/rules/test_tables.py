"""Tables of facts: every row loads, a bad row is named by file and line, and a refresh keeps what people wrote."""

import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.docs.canonical import CHECKS, Check
from rules.knowledge.hosts import SHARED_SUFFIXES, SharedSuffix
from rules.knowledge.permissions import GRAPH, Permission, permissions
from rules.knowledge.roles import ROLES, Role
from rules.knowledge.table import TableError, parse_table, read_table, text_of_table

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "project" / "refresh_permissions.py"
_spec = importlib.util.spec_from_file_location("refresh_permissions", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
refresh = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(refresh)

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TABLES: dict[str, tuple[type[msgspec.Struct], tuple[str, ...]]] = {
    "permissions.tsv": (Permission, ("resource", "kind", "id")),
    "roles.tsv": (Role, ("id",)),
    "shared_suffixes.tsv": (SharedSuffix, ("suffix",)),
    "canonical_checks.tsv": (Check, ("id",)),
}


def test_every_table_is_tested() -> None:
    names = {file.name for file in (ROOT / "rules" / "knowledge").glob("*.tsv")}
    assert names == set(TABLES), "add the table to TABLES, with its struct and its key"


@pytest.mark.parametrize("name", TABLES)
def test_every_row_loads_and_keys_are_unique(name: str) -> None:
    kind, key = TABLES[name]
    rows = read_table(name, kind)
    assert len(rows) > 20
    keys = Counter(tuple(getattr(row, field) for field in key) for row in rows)
    assert [one for one, count in keys.items() if count > 1] == []


def test_ids_are_guids() -> None:
    assert all(GUID.fullmatch(row.id) for row in (*permissions(), *ROLES))
    assert all(row.source.startswith("https://") for row in SHARED_SUFFIXES)
    assert all(check.wrong for check in CHECKS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# note\nid\tname\treach\n1\tReader\tvast\n", "roles.tsv:3: Invalid enum value 'vast' - at `$.reach`"),
        ("id\tname\treach\n\n1\tReader\n", "roles.tsv:3: Object missing required field `reach`"),
        ("id\tname\tpower\n", "roles.tsv:1: unknown column 'power'; one of id, name, reach"),
        ("id\tname\treach\n1\tReader\treading\tx\n", "roles.tsv:2: 4 cells where the header names 3"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(text: str, message: str) -> None:
    with pytest.raises(TableError, match=re.escape(message)):
        list(parse_table("roles.tsv", text, Role))


def response(*roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A page of service principals, as Graph returns it."""
    return {"value": [{"appId": GRAPH.upper(), "displayName": "Microsoft Graph", "appRoles": list(roles), **more}]}


def row(name: str) -> Permission:
    return next(one for one in permissions() if one.resource == GRAPH and one.kind == "Role" and one.value == name)


def as_offered(one: Permission, **changes: Any) -> dict[str, Any]:
    return {"id": one.id, "value": one.value, "isEnabled": True, **changes}


def test_a_refresh_keeps_tiers_and_notes_names_what_is_new_and_what_is_gone() -> None:
    text = text_of_table("permissions.tsv")
    new = {"id": "12345678-1234-4234-8234-123456789abc", "value": "Zebra.Read.All", "isEnabled": True}
    off = {"id": "12345678-1234-4234-8234-123456789abd", "value": "Off.Read.All", "isEnabled": False}
    known = [one for one in permissions() if one.resource == GRAPH and one.kind == "Role"]
    kept = [as_offered(one) for one in known if one.value != "User.Read.All"]
    renewed, remarks = refresh.refreshed(text, [response(*kept, new, off)])
    assert remarks == [
        "gone: User.Read.All of Microsoft Graph (Role) is no longer offered",
        "new: Zebra.Read.All of Microsoft Graph (Role) has the tier other: rate it",
    ]
    rows = {
        (one.kind, one.id): one for one in parse_table("permissions.tsv", renewed, Permission) if one.resource == GRAPH
    }
    assert all((rows[one.kind, one.id].tier, rows[one.kind, one.id].note) == (one.tier, one.note) for one in known)
    assert set(renewed.splitlines()) - set(text.splitlines()) >= {
        f"{GRAPH}\tRole\t{new['id']}\tZebra.Read.All\tother\tmicrosoft"
    }
    again, _ = refresh.refreshed(renewed, [response(*kept, new, off)])
    assert again == renewed


def test_the_table_is_as_a_refresh_would_write_it() -> None:
    text = text_of_table("permissions.tsv")
    assert refresh.refreshed(text, []) == (text, [])


def test_a_resource_that_the_table_does_not_know_is_named() -> None:
    principal = {"appId": "12345678-1234-4234-8234-123456789abc", "displayName": "Orders"}
    with pytest.raises(ValueError, match=r"Orders \(12345678.*\) is not in RESOURCES"):
        list(refresh.offered({"value": [principal]}))
    with pytest.raises(ValueError, match="has no appId"):
        list(refresh.offered({"displayName": "Orders"}))
