"""Tables of facts: every row loads, keys are unique, IDs are GUIDs, and a bad row is named by file and line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pytest

from advisor.decide.tables.apis import Api
from advisor.decide.tables.support import Support
from advisor.decide.tables.values import Framework, Printed
from advisor.policy.renamed import Renamed
from advisor.sources.graph.clouds import Cloud
from advisor.sources.terraform.published import PublishedApi
from rules.docs.canonical import Check
from rules.knowledge import issuers, permissions, sources
from rules.knowledge.addresses import Address
from rules.knowledge.agent_permissions import Blocked
from rules.knowledge.data import DataError, parse_records, parse_table, read_table
from rules.knowledge.grant_flow import ROLES, sequences
from rules.knowledge.hosts import RedirectEndpoint, SharedSuffix
from rules.knowledge.permission_names import Alternative, Contained
from rules.knowledge.permission_titles import PermissionTitle
from rules.knowledge.permissions import Permission, Resource
from rules.knowledge.property_names import PropertyName
from rules.knowledge.risky_scopes import RiskyScope
from rules.knowledge.roles import APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR, DIRECTORY_READERS, Role
from rules.knowledge.roles import roles as roles_by_id
from rules.knowledge.tenants import MicrosoftTenant
from tests.project.refresh import NOT_REVIEWED

ROOT = Path(__file__).resolve().parents[2]
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Table(NamedTuple):
    """A table: the type of its rows, what identifies a row, what rows are sorted by, and its columns of GUIDs."""

    row: type[msgspec.Struct]
    key: Callable[[Any], Any]
    order: Callable[[Any], Any] | None = None
    guids: tuple[str, ...] = ()


TABLES = {
    "advisor/decide/tables/apis.tsv": Table(Api, lambda row: row.id),
    "advisor/decide/tables/frameworks.tsv": Table(Framework, lambda row: (row.id, row.platform)),
    "advisor/decide/tables/support.tsv": Table(Support, lambda row: row.id),
    "advisor/decide/tables/values.tsv": Table(Printed, lambda row: (row.text, str(row.conditions))),
    "advisor/policy/renamed.tsv": Table(Renamed, lambda row: row.old, lambda row: row.old),
    "advisor/sources/graph/clouds.tsv": Table(Cloud, lambda row: row.name),
    "advisor/sources/terraform/published_app_ids.tsv": Table(
        PublishedApi, lambda row: row.name, lambda row: row.name.casefold(), ("app_id",)
    ),
    "rules/docs/checks.tsv": Table(Check, lambda row: row.id),
    "rules/knowledge/addresses.tsv": Table(Address, lambda row: row.id),
    "rules/knowledge/agent_permissions.tsv": Table(
        Blocked, lambda row: (row.kind, row.value), lambda row: (row.kind, row.value.casefold())
    ),
    "rules/knowledge/contained_permissions.tsv": Table(
        Contained,
        lambda row: (row.kind, row.wider, row.narrower),
        lambda row: (row.kind, row.wider.casefold(), row.narrower.casefold()),
    ),
    "rules/knowledge/issuers.tsv": Table(issuers.Issuer, lambda row: row.pattern, lambda row: row.pattern),
    "rules/knowledge/microsoft_tenants.tsv": Table(MicrosoftTenant, lambda row: row.id, lambda row: row.id, ("id",)),
    "rules/knowledge/narrower_permissions.tsv": Table(
        Alternative, lambda row: (row.kind, row.value), lambda row: (row.kind, row.value)
    ),
    "rules/knowledge/permission_titles.tsv": Table(
        PermissionTitle, lambda row: (row.kind, row.id), lambda row: (row.kind, row.id), ("id",)
    ),
    "rules/knowledge/permissions.tsv": Table(
        Permission,
        lambda row: (row.resource, row.kind, row.id),
        lambda row: (row.resource, row.kind, row.value.casefold()),
        ("resource", "id"),
    ),
    "rules/knowledge/property_names.tsv": Table(PropertyName, lambda row: row.path),
    "rules/knowledge/redirect_endpoints.tsv": Table(RedirectEndpoint, lambda row: row.host, lambda row: row.host),
    "rules/knowledge/resources.tsv": Table(Resource, lambda row: row.id, lambda row: row.id, ("id",)),
    "rules/knowledge/risky_scopes.tsv": Table(RiskyScope, lambda row: row.value, lambda row: row.value.casefold()),
    "rules/knowledge/roles.tsv": Table(Role, lambda row: row.id, lambda row: row.name.casefold(), ("id",)),
    "rules/knowledge/shared_suffixes.tsv": Table(SharedSuffix, lambda row: row.suffix, lambda row: row.suffix),
    "rules/knowledge/sign_in_hosts.tsv": Table(issuers.SignInHost, lambda row: row.host, lambda row: row.host),
    "rules/knowledge/sources.tsv": Table(sources.Source, lambda row: row.id, lambda row: row.id),
}
each_table = pytest.mark.parametrize("name", TABLES)


def rows_of(name: str) -> tuple[Any, ...]:
    package, _, file = name.rpartition("/")
    return read_table(package.replace("/", "."), file, TABLES[name].row)


# Every table


def test_every_table_is_tested_here() -> None:
    files = (path for top in ("rules", "reports", "advisor") for path in (ROOT / top).rglob("*.tsv"))
    found = {path.relative_to(ROOT).as_posix() for path in files}
    assert found == set(TABLES), "add the table to TABLES, with the type of its rows and its key"


@each_table
def test_a_table_loads_and_its_columns_are_all_fields_of_its_rows(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").split("\n")
    head = next(line for line in lines if not line.startswith("#"))
    assert len(rows_of(name)) == len(lines) - lines.index(head) - 2
    assert set(head.split("\t")) == set(TABLES[name].row.__struct_fields__)


@each_table
def test_the_keys_of_a_table_are_unique(name: str) -> None:
    keys = [TABLES[name].key(row) for row in rows_of(name)]
    assert [key for key in set(keys) if keys.count(key) > 1] == []


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.order])
def test_a_table_is_sorted_so_that_a_refresh_is_a_readable_difference(name: str) -> None:
    rows = list(rows_of(name))
    assert rows == sorted(rows, key=TABLES[name].order)


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.guids])
def test_ids_are_guids_in_lower_case(name: str) -> None:
    cells = [getattr(row, column) for row in rows_of(name) for column in TABLES[name].guids]
    assert [cell for cell in cells if not GUID.fullmatch(cell)] == []


@each_table
def test_no_cell_has_blanks_around_it(name: str) -> None:
    cells = [value for row in rows_of(name) for value in msgspec.structs.astuple(row) if isinstance(value, str)]
    assert [cell for cell in cells if cell != cell.strip()] == []


# Single tables


def test_checks_are_sorted_within_their_family() -> None:
    ids = [row.id.split("-") for row in rows_of("rules/docs/checks.tsv")]
    families = list(dict.fromkeys(family for family, _ in ids))
    assert ids == sorted(ids, key=lambda id_: (families.index(id_[0]), id_[1]))


@pytest.mark.parametrize("name", ["rules/knowledge/permissions.tsv", "rules/knowledge/roles.tsv"])
def test_every_new_row_was_reviewed(name: str) -> None:
    new = [row for row in rows_of(name) if row.note == NOT_REVIEWED]
    assert new == [], "choose tier or reach of these rows and delete their note"


def test_what_the_code_names_is_in_the_tables() -> None:
    assert {
        permissions.GRAPH,
        permissions.LEGACY_GRAPH,
        permissions.EXCHANGE,
        permissions.SHAREPOINT,
        permissions.AZURE,
        permissions.DATAVERSE,
    } <= permissions.resources().keys()
    assert {APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR} <= roles_by_id().keys()
    assert DIRECTORY_READERS not in roles_by_id()
    for issuer in (issuers.GITHUB, issuers.GITLAB, issuers.TERRAFORM, issuers.GOOGLE):
        assert issuers.service_of(issuer)


def test_a_host_belongs_to_one_resource() -> None:
    hosts = [host for row in permissions.resources().values() for host in row.hosts]
    assert len(hosts) == len(set(hosts))


def test_contained_permissions_are_permissions_of_microsoft_graph_and_never_contain_each_other() -> None:
    rows = rows_of("rules/knowledge/contained_permissions.tsv")
    pairs = {(row.kind, row.wider, row.narrower) for row in rows}
    assert not {(kind, narrower, wider) for kind, wider, narrower in pairs} & pairs
    by_hand = [row for row in rows if row.source == "description"]
    offered = {kind: permissions.permissions_by_value(permissions.GRAPH, kind) for kind in ("Role", "Scope")}
    assert all(value.casefold() in offered[row.kind] for row in by_hand for value in (row.wider, row.narrower))


@pytest.mark.parametrize("name", ["rules/knowledge/shared_suffixes.tsv"])
def test_a_source_is_a_document(name: str) -> None:
    assert all(row.source.startswith("https://") for row in rows_of(name))


def test_every_known_issuer_belongs_to_a_service() -> None:
    assert all(row.service for row in issuers.known_issuers())


def test_ids_and_names_agree_with_a_published_list() -> None:
    """The list has resources by name; what it has under the same resource, kind and ID must have the same value."""
    path = ROOT.parent / "shared" / "facts" / "permissions.tsv"
    if not path.exists():
        pytest.skip("../shared/facts/permissions.tsv is absent")
    ids = {f"{before}{row.name}": row.id for row in permissions.resources().values() for before in ("", "Office 365 ")}
    kinds = {"application": "Role", "delegated": "Scope"}
    differing, compared = [], 0
    for line in path.read_text("utf-8").splitlines()[1:]:
        resource, kind, id_, value, *_ = line.split("\t")
        row = permissions.permission(ids.get(resource, ""), id_, kinds.get(kind, ""))
        compared += row is not None
        if row is not None and row.value != value:
            differing.append(line)
    assert compared > 100
    assert differing == []


def test_flows_name_roles_of_the_diagrams() -> None:
    names = {role for role, _ in ROLES}
    for flow in sequences().values():
        assert {role for role, _ in flow.players} <= names
        assert all(reference.url.startswith("https://") for reference in flow.references)


# Bad rows


class Sample(msgspec.Struct, frozen=True):
    id: str
    tier: Literal["low", "high"] = "low"
    kept: bool = False
    hosts: tuple[str, ...] = ()


GOOD = "# A comment.\n#\nid\ttier\tkept\thosts\na\thigh\ttrue\tx, y\nb\tlow\t\t\n"


def test_cells_become_texts_switches_and_lists() -> None:
    assert parse_table(GOOD, Sample, "t.tsv") == (Sample("a", "high", kept=True, hosts=("x", "y")), Sample("b", "low"))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("b\tlow", "b\tlowest", "t.tsv:5: unknown tier 'lowest'; one of 'low', 'high'"),
        ("a\thigh", "a\t", "t.tsv:4: unknown tier ''; one of 'low', 'high'"),
        ("high\ttrue", "high\tyes", "t.tsv:4: kept 'yes': Expected `bool`, got `str`"),
        ("b\tlow\t\t", "b\tlow\t", "t.tsv:5: 3 cells where the header has 4"),
        ("b\tlow\t\t", "b\tlow\t\t\t", "t.tsv:5: 5 cells where the header has 4"),
        ("id\ttier", "id\tteir", "t.tsv:3: unknown column 'teir'; one of id, tier, kept, hosts"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(before: str, after: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse_table(GOOD.replace(before, after), Sample, "t.tsv")
    assert str(error.value) == message


def test_a_bad_tier_of_a_permission_is_named_with_the_tiers() -> None:
    path = "rules/knowledge/permissions.tsv"
    text = (ROOT / path).read_text("utf-8").replace("\tother\tmicrosoft", "\tx\tmicrosoft", 1)
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "\tx\tmicrosoft" in line)
    with pytest.raises(DataError) as error:
        parse_table(text, Permission, path)
    assert (
        str(error.value)
        == f"{path}:{line}: unknown tier 'x'; one of 'tenant', 'data', 'mailbox', 'assigned', 'whole', 'other'"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[row]]\nid = "a"\n\n[[row]]\nid = "b"\ntier = "x"\n', "t.toml:4: unknown tier 'x'; one of 'low', 'high'"),
        ('[[row]]\nid = "a"\nhosts = ["b", 1]\n', "t.toml:1: hosts[1]: Expected `str`, got `int`"),
        ('[[row]]\ntier = "low"\n', "t.toml:1: Object missing required field `id`"),
    ],
)
def test_a_bad_record_is_named_by_file_and_line(text: str, message: str) -> None:
    with pytest.raises(DataError) as error:
        parse_records(text, "row", Sample, "t.toml")
    assert str(error.value) == message


def test_what_is_not_toml_is_named_by_file_and_line() -> None:
    with pytest.raises(DataError, match=r"^t\.toml: .*line 2"):
        parse_records('[[row]]\nid = "a\n', "row", Sample, "t.toml")
