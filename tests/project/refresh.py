"""Renew tables of facts from published documents, or from what the service principals of a tenant offer.

    python tests/project/refresh.py permissions --from graph.json permissions-reference.md
    python tests/project/refresh.py titles --from GraphAppRoles.json GraphDelegateRoles.json
    python tests/project/refresh.py contained --from permissions.json
    python tests/project/refresh.py roles --from roles.json
    python tests/project/refresh.py app-ids --from application_ids.go constants.go
    python tests/project/refresh.py suffixes --from public_suffix_list.dat

It reads files and calls no service. Get them once, by hand:

- permissions: a response of ``GET
  https://graph.microsoft.com/v1.0/servicePrincipals?$select=appId,displayName,appRoles, oauth2PermissionScopes``, one
  or several pages of it, in a tenant of the global cloud (the two lists of Microsoft Graph are published each day as
  GraphAppRoles.json and GraphDelegateRoles.json of merill/microsoft-info); or what ``az ad sp show --id APP-ID``
  prints; or ``concepts/permissions-reference.md`` of microsoft-graph-docs-contrib.
- titles: the two published lists of Microsoft Graph, or a response as for permissions.
- contained: ``permissions/new/permissions.json`` of microsoftgraph/microsoft-graph-devx-content, which has the calls
  that each permission of Microsoft Graph allows.
- roles: a response of ``GET https://graph.microsoft.com/beta/roleManagement/directory/roleDefinitions``, which has
  ``isPrivileged``; or ``docs/identity/role-based-access-control/permissions-reference.md`` of entra-docs.
- app-ids: the two files in ``sdk/environments`` of hashicorp/go-azure-sdk.
- suffixes: https://publicsuffix.org/list/public_suffix_list.dat. No row is added: a person chooses them.

Columns that a person wrote (tier, reach, note) are kept. A new row has the note ``not reviewed``: choose its tier or
reach, and replace the note; a test fails until that is done. What vanished is printed and stays, because registrations
still request it. A second run changes nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from advisor.sources.terraform.published import PublishedApi
from rules.knowledge.data import parse_table
from rules.knowledge.hosts import SharedSuffix
from rules.knowledge.permission_names import Contained
from rules.knowledge.permission_titles import PermissionTitle
from rules.knowledge.permissions import GRAPH, Kind, Permission, Source, resources
from rules.knowledge.roles import Role

ROOT: Final = Path(__file__).resolve().parents[2]

#: The note of a row that this script added and that was not rated yet.
NOT_REVIEWED: Final = "not reviewed"

T = TypeVar("T", bound=msgspec.Struct)

_GUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_HEADING: Final = re.compile(r"^#{3,4} +(\S+)\s*$")
_IDENTIFIERS: Final = re.compile(rf"^\| *Identifier *\| *({_GUID}|-?) *\| *({_GUID}|-?) *\|")
_ROLE: Final = re.compile(rf"^> \| \[([^\]]+)\]\([^)]*\) \| (.*) \| ({_GUID}) \|")
_PRIVILEGED: Final = "privileged-label"
_GO_CONSTANT: Final = re.compile(rf'^const (\w+) = "({_GUID})"', re.MULTILINE)
_GO_ENTRY: Final = re.compile(rf'^\t"(\w+)":\s+(?:(\w+)|"({_GUID})"),', re.MULTILINE)
_SOURCES: Final = {source: rank for rank, source in enumerate(get_args(Source))}


class Renewed(NamedTuple):
    """A renewed table as text, and what there is to say of it, a line each."""

    text: str
    news: list[str]


def permissions(table: str, texts: Iterable[str]) -> Renewed:
    """``permissions.tsv`` with what *texts* publish: pages of service principals, or the permissions reference."""
    rows = parse_table(table, Permission, "permissions.tsv")
    found: dict[tuple[str, str, str], str] = {}
    covered: set[str] = set()
    news = []
    for text in texts:
        for app_id, kind, id_, value in _offered(text):
            if app_id in resources():
                covered.add(app_id)
                found[app_id, kind, id_] = value
            else:
                news.append(f"skipped {app_id}: not in resources.tsv")
    ratings = {(row.resource, row.kind, row.value): (row.tier, row.note) for row in rows}

    def made(key: tuple[str, str, str], value: str) -> Permission:
        resource, kind, id_ = key
        tier, note = ratings.get((resource, kind, value), ("other", NOT_REVIEWED))  # type: ignore[arg-type]
        return Permission(resource, kind, id_, value, tier, "microsoft", note)  # type: ignore[arg-type]

    merged, changes = _merged(
        rows,
        found,
        key=lambda row: (row.resource, row.kind, row.id),
        name="value",
        made=made,
        expected=lambda row: row.resource in covered and row.source != "other-cloud",
    )
    # Microsoft's own list is the better source for what a tool's table had first.
    merged = [
        msgspec.structs.replace(row, source="microsoft") if (row.resource, row.kind, row.id) in found else row
        for row in merged
    ]
    merged.sort(key=lambda row: (row.resource, row.kind, row.value.casefold(), _SOURCES[row.source], row.id))
    return Renewed(_written(table, merged), [*dict.fromkeys(news), *changes])


def titles(table: str, texts: Iterable[str]) -> Renewed:
    """``permission_titles.tsv`` with what *texts* publish of Microsoft Graph: its principal or its two lists."""
    rows = parse_table(table, PermissionTitle, "permission_titles.tsv")
    found = {(row.kind, row.id): row for text in texts for row in _titles(text)}
    kept = [row for row in rows if (row.kind, row.id) not in found]
    before, after = set(map(_words, rows)), set(map(_words, found.values()))
    news = [
        *(f"gone     {_words(row)}" for row in kept),
        *(f"new      {words}" for words in sorted(after - before)),
    ]
    return Renewed(_written(table, sorted([*kept, *found.values()], key=lambda row: (row.kind, row.id))), news)


def _titles(text: str) -> Iterator[PermissionTitle]:
    for one in _objects(text):
        principal = {f"{name[:1].lower()}{name[1:]}": value for name, value in one.items()}
        if principal.get("appId") == GRAPH:
            yield from _titles(json.dumps([*principal["appRoles"], *principal["oauth2PermissionScopes"]]))
        elif "displayName" in principal and "allowedMemberTypes" in principal:
            yield PermissionTitle("Role", principal["id"].lower(), " ".join(principal["displayName"].split()), "admin")
        elif "adminConsentDisplayName" in principal:
            title, consent = " ".join(principal["adminConsentDisplayName"].split()), principal["type"].lower()
            yield PermissionTitle("Scope", principal["id"].lower(), title, consent)


def contained(table: str, texts: Iterable[str]) -> Renewed:
    """``contained_permissions.tsv`` with the pairs for which *texts* list every call of the narrower for the wider too.

    A name proves nothing, so a pair that its names suggest needs the calls. Rows of another source are kept.
    """
    rows = parse_table(table, Contained, "contained_permissions.tsv")
    listed: dict[str, Any] = {}
    for text in texts:
        listed |= json.loads(text)["permissions"]
    kept = [row for row in rows if row.source != "calls"]
    known = {(row.kind, row.wider, row.narrower) for row in kept}
    found = [*kept]
    for kind, scheme in (("Role", "Application"), ("Scope", "DelegatedWork")):
        calls = {value: _calls(one, scheme) for value, one in listed.items() if scheme in one["schemes"]}
        by_thing: dict[str, list[str]] = {}
        for value in calls:
            by_thing.setdefault(value.partition(".")[0], []).append(value)
        for values in by_thing.values():
            for wider, narrower in permutations(values, 2):
                is_subset = calls[narrower] and calls[narrower] <= calls[wider]
                pair = (kind, wider, narrower)
                if is_subset and _suggests(wider, narrower, kind) and pair not in known:
                    found.append(Contained(kind, wider, narrower, "calls"))  # type: ignore[arg-type]
    found = [msgspec.structs.replace(row, accounts=_accounts(row, listed)) for row in found]
    before, after = ({_words(row) for row in some} for some in (rows, found))
    news = sorted([*(f"new      {one}" for one in after - before), *(f"gone     {one}" for one in before - after)])
    found.sort(key=lambda row: (row.kind, row.wider.casefold(), row.narrower.casefold()))
    return Renewed(_written(table, found), news)


def _accounts(row: Contained, listed: Mapping[str, Any]) -> Literal["", "work"]:
    """Whether only work accounts have the wider one of two delegated permissions."""
    wider, narrower = (
        "DelegatedPersonal" in listed.get(one, {}).get("schemes", {}) for one in (row.wider, row.narrower)
    )
    return "work" if row.kind == "Scope" and narrower and not wider else ""


def _calls(permission: dict[str, Any], scheme: str) -> frozenset[tuple[str, str]]:
    """The calls that a *permission* allows by itself in a *scheme*, as method and path."""
    return frozenset(
        (method, path.casefold())
        for one in permission["pathSets"]
        if scheme in one["schemeKeys"]
        for method in one["methods"]
        for path, notes in one["paths"].items()
        if "AlsoRequires" not in notes
    )


#: The operations and the bounds in names of permissions, with the narrower ones that each suggests. No bounds at all
#: (``""``) means what the signed-in user has, and for an application all there is. Source: Microsoft, "Microsoft Graph
#: permissions reference", naming pattern.
_WRITES: Final = frozenset({"Read", "ReadBasic", "ReadWrite", "ReadWriteBasic", "ReadWriteSelf", "Write"})
_OPERATIONS: Final = {
    "FullControl": {*_WRITES, "Manage"},
    "Manage": _WRITES,
    "ReadWrite": _WRITES - {"ReadWrite"},
    "ReadWriteBasic": {"ReadBasic"},
    "Read": {"ReadBasic"},
    "ReadWriteSelf": (),
    "ReadBasic": (),
    "Send": (),
}
_BOUNDS: Final = {
    "All": {"", "AppFolder", "CreatedByApp", "OwnedBy", "Selected", "Shared"},
    "Shared": {"", "AppFolder", "CreatedByApp", "Selected"},
    "": {"AppFolder", "CreatedByApp", "Selected"},
}
#: What signing in requests, whatever else is requested.
_SIGN_IN: Final = "User.Read"


def _suggests(wider: str, narrower: str, kind: str) -> bool:
    """Say whether the names of two permissions suggest that *wider* allows all that *narrower* does."""
    large, small = _parts(wider, kind), _parts(narrower, kind)
    if narrower == _SIGN_IN or large is None or small is None or large[0] != small[0] or large == small:
        return False
    does = large[1] == small[1] or small[1] in _OPERATIONS[large[1]]
    return does and (large[2] == small[2] or small[2] in _BOUNDS.get(large[2], ()))


def _parts(value: str, kind: str) -> tuple[str, str, str] | None:
    """The thing, what is done with it, and the bounds; ``None`` for a name of another form."""
    thing, _, rest = value.partition(".")
    does, _, bounds = rest.partition(".")
    does, _, place = does.partition("For")
    if does not in _OPERATIONS:
        return None
    return f"{thing} {place}", does, bounds or ("All" if kind == "Role" else "")


def roles(table: str, texts: Iterable[str]) -> Renewed:
    """``roles.tsv`` with the privileged roles that *texts* publish: the built-in roles page, or role definitions."""
    rows = parse_table(table, Role, "roles.tsv")
    listed = {row.id for row in rows}
    published = {id_: (name, privileged) for text in texts for id_, name, privileged in _roles(text)}
    merged, changes = _merged(
        rows,
        {id_: name for id_, (name, privileged) in published.items() if privileged or id_ in listed},
        key=lambda row: row.id,
        name="name",
        made=lambda id_, name: Role(id_, name, "privileged", NOT_REVIEWED),
        expected=lambda _: True,
    )
    return Renewed(_written(table, sorted(merged, key=lambda row: row.name.casefold())), changes)


def app_ids(table: str, texts: Iterable[str]) -> Renewed:
    """``published_app_ids.tsv`` with the map that *texts*, Go files, declare. The provider's names are the keys."""
    text = "\n".join(texts)
    constants = dict(_GO_CONSTANT.findall(text))
    entries = {name: literal or constants.get(constant, "") for name, constant, literal in _GO_ENTRY.findall(text)}
    missing = [f"skipped {name}: its constant is in no file" for name, app_id in entries.items() if not app_id]
    merged, changes = _merged(
        parse_table(table, PublishedApi, "published_app_ids.tsv"),
        {name: app_id for name, app_id in entries.items() if app_id},
        key=lambda row: row.name,
        name="app_id",
        made=PublishedApi,
        expected=lambda _: True,
    )
    return Renewed(
        _written(table, sorted(merged, key=lambda row: (row.name.casefold(), row.name))), [*missing, *changes]
    )


def suffixes(table: str, texts: Iterable[str]) -> Renewed:
    """``shared_suffixes.tsv`` as it is, and which of its rows the Public Suffix List in *texts* no longer has."""
    published = {line.strip().removeprefix("*.") for text in texts for line in text.splitlines()}
    rows = parse_table(table, SharedSuffix, "shared_suffixes.tsv")
    listed = (row.suffix for row in rows if row.source.startswith("https://publicsuffix.org/"))
    return Renewed(table, [f"gone     {suffix}" for suffix in listed if suffix not in published])


def _merged(
    rows: Iterable[T],
    found: dict[Any, str],
    *,
    key: Callable[[T], Any],
    name: str,
    made: Callable[[Any, str], T],
    expected: Callable[[T], bool],
) -> tuple[list[T], list[str]]:
    """*rows* with what was *found*, and what changed.

    *found* maps the *key* of a row to what the column *name* should be. A row that was not there before is *made*.
    One that was *expected* and not found is kept and named.
    """
    left = dict(found)
    merged, news = [], []
    for row in rows:
        words, value = _words(row), left.pop(key(row), None)
        if value is None and expected(row):
            news.append(f"gone     {words}")
        elif value is not None and value != getattr(row, name):
            row = msgspec.structs.replace(row, **{name: value})  # noqa: PLW2901
            news.append(f"changed  {words}: now {value}")
        merged.append(row)
    added = [made(one, value) for one, value in left.items()]
    return merged + added, sorted([*news, *(f"new      {_words(row)}" for row in added)])


def _words(row: msgspec.Struct) -> str:
    """A row in its first columns, which say what it is about."""
    return " ".join(str(getattr(row, name)) for name in row.__struct_fields__[:4])


def _written(table: str, rows: Iterable[msgspec.Struct]) -> str:
    """*rows* as TSV, under the comments and the header of *table*."""
    lines = table.split("\n")
    head = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    columns = lines[head].split("\t")
    body = ("\t".join(str(getattr(row, column)) for column in columns) for row in rows)
    return "\n".join([*lines[: head + 1], *body]) + "\n"


def _offered(text: str) -> Iterator[tuple[str, Kind, str, str]]:
    """Resource, kind, ID and value of each permission in JSON of service principals or in the reference, Markdown."""
    if text.lstrip()[:1] in ("{", "["):
        for principal in _objects(text):
            for list_, kind in (("appRoles", "Role"), ("oauth2PermissionScopes", "Scope")):
                for one in principal.get(list_, ()):
                    if one["isEnabled"] and one["value"]:
                        yield principal["appId"].lower(), kind, one["id"].lower(), one["value"]  # type: ignore[misc]
        return
    value = ""
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            value = heading[1]
        elif identifiers := _IDENTIFIERS.match(line):
            for kind, id_ in zip(("Role", "Scope"), identifiers.groups(), strict=True):
                if len(id_) > 1:
                    yield GRAPH, kind, id_, value  # type: ignore[misc]


def _roles(text: str) -> Iterator[tuple[str, str, bool]]:
    """Template ID, name, and whether it is privileged, of each built-in role in JSON or Markdown."""
    if text.lstrip()[:1] in ("{", "["):
        for one in _objects(text):
            if one["isBuiltIn"]:
                yield one["templateId"], one["displayName"], one.get("isPrivileged", False)
        return
    for line in text.splitlines():
        if row := _ROLE.match(line):
            yield row[3], row[1], _PRIVILEGED in row[2]


def _objects(text: str) -> list[dict[str, Any]]:
    """The objects of a Graph page, of a list, or the one that *text* is."""
    page = json.loads(text)
    if isinstance(page, list):
        return page
    found: list[dict[str, Any]] = page.get("value", [page])
    return found


#: What can be renewed: the table, and how.
TABLES: Final[dict[str, tuple[str, Callable[[str, Iterable[str]], Renewed]]]] = {
    "permissions": ("rules/knowledge/permissions.tsv", permissions),
    "titles": ("rules/knowledge/permission_titles.tsv", titles),
    "contained": ("rules/knowledge/contained_permissions.tsv", contained),
    "roles": ("rules/knowledge/roles.tsv", roles),
    "app-ids": ("advisor/sources/terraform/published_app_ids.tsv", app_ids),
    "suffixes": ("rules/knowledge/shared_suffixes.tsv", suffixes),
}


def main(arguments: list[str]) -> int:
    """Renew the named table in place, and print what changed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--from", dest="files", nargs="+", type=Path, required=True, metavar="FILE")
    options = parser.parse_args(arguments)
    name, renew = TABLES[options.table]
    before = (ROOT / name).read_text("utf-8")
    after, news = renew(before, [file.read_text("utf-8-sig") for file in options.files])
    print("\n".join([*news, f"{name} is up to date" if after == before else f"wrote {name}"]))
    if after != before:
        (ROOT / name).write_text(after, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
