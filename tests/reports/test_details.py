"""The lists of one registration on the page: which permissions an agent identity was granted, and which it inherits."""

from typing import Any

import msgspec
import pytest

from reports.html.details import Lists
from reports.html.page import render_html
from reports.rows import Origin, Owner, PermissionRow, RegistrationRow
from tests.reports.sample import sample_report

GRAPH = "00000003-0000-0000-c000-000000000000"
READ_USERS = "df021288-bdef-4463-88db-98f22de89214"


def permission(*, inherited: bool) -> PermissionRow:
    return PermissionRow(
        resource=GRAPH,
        id=READ_USERS,
        reach="application",
        resource_name="Microsoft Graph",
        name="User.Read.All",
        inherited=inherited,
    )


def agent(*rows: PermissionRow, inherited_unread: bool = False) -> RegistrationRow:
    return RegistrationRow(
        key="agent",
        name="Travel agent",
        app_id=None,
        object_id=None,
        audience="",
        format="tenant",
        origin=Origin(file="contoso.com"),
        complete=True,
        kind="service-principal",
        object_kind="agent identity",
        granted=rows,
        inherited_unread=inherited_unread,
    )


def words(row: RegistrationRow) -> list[tuple[str, str]]:
    details = Lists("2026-01-15", {}).of(row)
    return [(line.name, line.words) for line in details.permissions or ()]


def test_what_an_agent_inherits_is_marked() -> None:
    own, inherited = words(agent(permission(inherited=False), permission(inherited=True)))
    assert own[0] == inherited[0] == "Microsoft Graph: User.Read.All"
    assert ", granted" in own[1]
    assert ", inherited from its blueprint" in inherited[1]
    assert "granted" not in inherited[1]


def test_that_more_may_be_inherited_is_said() -> None:
    assert words(agent(inherited_unread=True)) == [("inherited from its blueprint", "not known whether there are more")]


def test_the_page_lists_the_permissions_of_an_agent() -> None:
    report = sample_report()
    rows = (*report.registrations, agent(permission(inherited=True)))
    page = render_html(msgspec.structs.replace(report, registrations=rows))
    assert "inherited from its blueprint" in page
    table = page[page.index('aria-label="Permissions granted"') :]
    assert "Registrations and agents" in table
    assert "Travel agent (agent identity)" in table[: table.index("</table>")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ("blueprint not known", "user account none")),
        ({"agent_user_unread": True}, ("user account not known",)),
        ({"blueprint": "b1", "agent_user": "u1"}, ("blueprint b1", "user account u1")),
        ({"sponsors": ()}, ("sponsored by no one",)),
        ({"sponsors": (Owner(name="Kim"),)}, ("sponsored by Kim",)),
    ],
)
def test_the_page_names_the_blueprint_and_the_user_account_of_an_agent(
    changes: dict[str, Any], said: tuple[str, ...]
) -> None:
    report = sample_report()
    rows = (*report.registrations, msgspec.structs.replace(agent(), **changes))
    page = render_html(msgspec.structs.replace(report, registrations=rows))
    assert all(f"<span>{words}</span>" in page for words in said)
