"""The table of permissions, and what the names in it say of each other."""

import re
from collections import Counter
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.analysis.requested import requested
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.permission_names import contains
from rules.knowledge.permissions import (
    AZURE,
    EXCHANGE,
    GRAPH,
    LEGACY_GRAPH,
    SHAREPOINT,
    Kind,
    Permission,
    Source,
    Tier,
    is_resource,
    permission,
    permissions,
    permissions_by_value,
    resources,
    rows_with_id,
)
from rules.model.clean import NOW, merged_into
from rules.model.finding import Finding
from rules.model.registration import Registration

ROWS = permissions()
RESOURCES = resources()
WHOLE = [row.id for row in RESOURCES.values() if row.listing == "complete"]
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9]+)*(\.[A-Za-z][A-Za-z0-9]*)*")
ANY_ROW = st.sampled_from(ROWS)


def spelled(text: str) -> st.SearchStrategy[str]:
    """The same text with other capitals."""
    letters = [st.sampled_from(sorted({letter.lower(), letter.upper()})) for letter in text]
    return st.tuples(*letters).map("".join)


def judged(*entries: tuple[str, str, str], over: str = "daemon") -> list[Finding]:
    """What is said of a registration that asks for these: resource, id and kind."""
    access = [{"resourceAppId": r, "resourceAccess": [{"id": i, "type": k}]} for r, i, k in entries]
    app = msgspec.convert(merged_into(over, {"requiredResourceAccess": access}), Registration)
    verdict = lint([Subject("x", app)], RULES, Context(NOW))
    assert not any(gap.reason == "internal" for gap in verdict.not_assessed)
    return list(verdict.findings)


def said(*entries: tuple[str, str, str]) -> Counter[str]:
    return Counter(found.rule for found in judged(*entries))


def named(value: str, kind: Kind, resource: str = GRAPH) -> tuple[str, str, str]:
    return resource, permissions_by_value(resource, kind)[value.casefold()].id, kind


# The table


def test_a_permission_stands_once_in_the_table() -> None:
    keys = Counter((row.resource, row.id, row.kind) for row in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_has_an_id_and_at_least_one_permission(resource: str) -> None:
    assert GUID.fullmatch(resource)
    assert any(row.resource == resource for row in ROWS)


def test_every_row_is_well_formed() -> None:
    wrong = [
        row
        for row in ROWS
        if row.resource not in RESOURCES
        or not GUID.fullmatch(row.id)
        or not VALUE.fullmatch(row.value)
        or row.kind not in get_args(Kind)
        or row.tier not in get_args(Tier)
        or row.source not in get_args(Source)
    ]
    assert wrong == []


def test_the_rows_of_a_section_are_sorted_by_value_so_that_a_refresh_is_a_readable_difference() -> None:
    sections: dict[tuple[str, str], list[str]] = {}
    for row in ROWS:
        sections.setdefault((row.resource, row.kind), []).append(row.value.lower())
    assert [key for key, values in sections.items() if values != sorted(values)] == []


def test_one_value_opens_the_same_whichever_cloud_its_id_is_of() -> None:
    tiers: dict[tuple[str, str, str], set[str]] = {}
    for row in ROWS:
        tiers.setdefault((row.resource, row.kind, row.value), set()).add(row.tier)
    assert [key for key, found in tiers.items() if len(found) > 1] == []


def test_an_id_of_another_cloud_stands_beside_the_one_of_the_global_cloud() -> None:
    for row in ROWS:
        if row.source == "other-cloud":
            assert permissions_by_value(row.resource, row.kind)[row.value.casefold()].source != "other-cloud", row


def test_mailbox_is_a_tier_of_applications_and_whole_one_of_people() -> None:
    assert {row.kind for row in ROWS if row.tier == "mailbox"} == {"Role"}
    assert {row.kind for row in ROWS if row.tier == "whole"} == {"Scope"}


def test_azure_ad_graph_opens_nothing_any_more() -> None:
    assert {row.tier for row in ROWS if row.resource == LEGACY_GRAPH} == {"other"}


@pytest.mark.parametrize(
    ("resource", "value", "kind", "tier"),
    [
        # Where tools disagree: the worst case decides, not the family of the name.
        (GRAPH, "Directory.AccessAsUser.All", "Scope", "tenant"),
        (GRAPH, "User.ReadWrite.All", "Role", "tenant"),
        (SHAREPOINT, "User.ReadWrite.All", "Role", "data"),
        (GRAPH, "Mail.ReadWrite", "Role", "data"),
        (GRAPH, "Domain.ReadWrite.All", "Role", "tenant"),
        (GRAPH, "Application.ReadWrite.OwnedBy", "Role", "tenant"),
        (GRAPH, "Directory.Read.All", "Role", "other"),
        (GRAPH, "offline_access", "Scope", "other"),
        (GRAPH, "DeviceLocalCredential.ReadBasic.All", "Role", "other"),
        (GRAPH, "DeviceLocalCredential.Read.All", "Role", "data"),
        (GRAPH, "UserAuthMethod-TAP.ReadWrite.All", "Role", "tenant"),
        (EXCHANGE, "full_access_as_app", "Role", "mailbox"),
        (EXCHANGE, "SMTP.SendAsApp", "Role", "mailbox"),
        (EXCHANGE, "EWS.AccessAsUser.All", "Scope", "data"),
    ],
)
def test_contested_permissions(resource: str, value: str, kind: Kind, tier: str) -> None:
    row = permissions_by_value(resource, kind)[value.casefold()]
    assert row.tier == tier


def test_a_tier_that_is_not_plain_has_its_reason_beside_it() -> None:
    contested = ("User.ReadWrite.All", "Mail.ReadWrite", "Domain.ReadWrite.All", "Directory.Read.All", "Group.Read.All")
    for value in contested:
        assert permissions_by_value(GRAPH, "Role")[value.casefold()].note


# Looking up


@given(st.data(), ANY_ROW)
def test_looking_up_takes_no_heed_of_capitals_in_ids_and_values(data: st.DataObject, row: Permission) -> None:
    resource, id_ = data.draw(spelled(row.resource)), data.draw(spelled(row.id))
    assert permission(resource, id_, row.kind) == row
    assert is_resource(resource)
    assert row in rows_with_id(id_)
    value = data.draw(spelled(row.value)).casefold()
    assert permissions_by_value(resource, row.kind)[value].value.casefold() == row.value.casefold()


@given(st.data(), ANY_ROW)
def test_a_registration_may_spell_ids_as_it_likes(data: st.DataObject, row: Permission) -> None:
    access = [{"id": data.draw(spelled(row.id)), "type": row.kind}]
    listed = [{"resourceAppId": data.draw(spelled(row.resource)), "resourceAccess": access}]
    (found,) = requested(msgspec.convert({"requiredResourceAccess": listed}, Registration))
    assert (found.permission, found.pointer) == (row, "/requiredResourceAccess/0/resourceAccess/0")


@given(ANY_ROW, st.sampled_from(sorted(RESOURCES)), st.sampled_from(get_args(Kind)))
def test_resource_id_and_kind_decide_together(row: Permission, resource: str, kind: str) -> None:
    found = permission(resource, row.id, kind)
    assert found is None or (found.resource, found.id, found.kind) == (resource, row.id, kind)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=8))
def test_anything_else_is_not_known_and_nothing_raises(resource: str, id_: str, kind: str) -> None:
    assert permission(resource, id_, kind) is None
    assert rows_with_id(id_) == ()


def test_a_value_alone_or_an_id_alone_is_no_permission() -> None:
    assert permission(GRAPH, "User.Read", "Scope") is None
    assert permission("Microsoft Graph", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope") is None


# Names that contain each other

NAMES = st.sampled_from(sorted({row.value for row in ROWS}))


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ("Mail.ReadWrite", "Mail.Read"),
        ("Files.ReadWrite.All", "Files.Read.All"),
        ("Files.Read.All", "Files.Read"),
        ("Files.ReadWrite.All", "Files.Read"),
        ("Mail.Read.Shared", "Mail.Read"),
        ("User.Read.All", "User.ReadBasic.All"),
        ("Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"),
        ("Sites.FullControl.All", "Sites.Read.All"),
        ("Sites.Manage.All", "Sites.ReadWrite.All"),
        ("Sites.FullControl.All", "Sites.Selected"),
        ("AllSites.Write", "AllSites.Read"),
        ("TeamsTab.ReadWriteForUser", "TeamsTab.ReadWriteSelfForUser"),
        ("Mail.Send.Shared", "Mail.Send"),
        ("RoleManagement.ReadWrite.Directory", "RoleManagement.Read.Directory"),
    ],
)
def test_one_permission_contains_another(wider: str, narrower: str) -> None:
    assert contains(wider, narrower)
    assert not contains(narrower, wider)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mail.ReadWrite", "Mail.Send"),
        ("User.Read.All", "User.Read"),
        ("Sites.Read.All", "Sites.Selected"),
        ("Policy.ReadWrite.ConditionalAccess", "Policy.Read.All"),
        ("GroupMember.Read.All", "Group.Read.All"),
        ("TeamsTab.ReadWriteForChat", "TeamsTab.ReadWriteForUser"),
        ("Directory.AccessAsUser.All", "Directory.Read.All"),
        ("PrintJob.Manage.All", "PrintJob.Read.All"),
        ("openid", "profile"),
    ],
)
def test_two_permissions_stand_side_by_side(one: str, other: str) -> None:
    assert not contains(one, other)
    assert not contains(other, one)


@given(NAMES, NAMES, NAMES)
def test_containing_is_an_order(a: str, b: str, c: str) -> None:
    assert not contains(a, a)
    assert not (contains(a, b) and contains(b, a))
    if contains(a, b) and contains(b, c):
        assert contains(a, c)


# What the rules make of it

UNKNOWN = "0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f"


def test_an_id_that_microsoft_graph_is_not_known_to_offer_is_not_called_unknown() -> None:
    assert said((GRAPH, UNKNOWN, "Role")) == {}


@pytest.mark.parametrize("resource", sorted(WHOLE))
def test_an_id_that_a_resource_with_one_permission_does_not_offer_is_unknown(resource: str) -> None:
    (found,) = judged((resource, UNKNOWN, "Scope"))
    assert (found.rule, found.severity) == ("unknown-permission", "medium")
    assert found.message == f"asks {RESOURCES[resource].name} for {UNKNOWN}, which it does not offer"


def test_a_permission_of_another_resource_is_named() -> None:
    (found,) = judged((GRAPH, "678536fe-1083-478a-9c59-b99265e6b0d3", "Role"))
    assert found.message == "asks Microsoft Graph for Sites.FullControl.All of SharePoint Online"


def test_what_is_of_the_wrong_kind_is_not_called_unknown_too() -> None:
    assert said((AZURE, "41094075-9dad-400e-a0bd-54e686782033", "Role")) == {"permission-of-wrong-kind": 1}


def test_a_broken_id_is_called_broken_and_not_unknown() -> None:
    assert said((AZURE, "41094075-9dad-400e-a0bd", "Scope")) == {"malformed-permission": 1}


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        (named("Sites.Read.All", "Role"), ", where Sites.Selected may do"),
        (named("Files.ReadWrite.All", "Scope"), ", where Files.SelectedOperations.Selected may do"),
        (named("Mail.Send", "Role"), ", where RBAC for Applications in Exchange Online may do"),
        (named("Mail.Send", "Role", EXCHANGE), ", where RBAC for Applications in Exchange Online may do"),
        (named("ChannelMessage.Read.All", "Role"), ", where resource-specific consent in Teams may do"),
        # RBAC for Applications is for applications.
        (named("Mail.Send", "Scope"), " in a person's name"),
        (named("User.Export.All", "Role"), "opens the data of everybody"),
    ],
)
def test_a_narrower_permission_is_named_where_there_is_one(asked: tuple[str, str, str], rest: str) -> None:
    (message,) = (found.message for found in judged(asked) if found.rule.startswith("powerful"))
    assert message.endswith(rest)


def test_one_contained_permission_is_reported_once_however_many_contain_it() -> None:
    asked = [named(value, "Role") for value in ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All")]
    places = [found.pointer for found in judged(*asked) if found.rule == "redundant-permission"]
    assert places == [f"/requiredResourceAccess/{n}/resourceAccess/0" for n in (0, 1)]


def test_one_value_on_two_resources_is_not_redundant() -> None:
    assert "redundant-permission" not in said(named("Mail.ReadWrite", "Role"), named("Mail.Read", "Role", EXCHANGE))


@pytest.mark.parametrize("value", ["full_access_as_app", "IMAP.AccessAsApp", "POP.AccessAsApp", "SMTP.SendAsApp"])
def test_every_mailbox_by_an_old_protocol(value: str) -> None:
    assert said(named(value, "Role", EXCHANGE))["legacy-mailbox-permission"] == 1


def test_the_other_cloud_s_id_of_a_permission_is_judged_alike() -> None:
    row = next(row for row in ROWS if row.source == "other-cloud" and row.value == "IMAP.AccessAsApp")
    assert said((row.resource, row.id, row.kind))["legacy-mailbox-permission"] == 1


def own(value: str) -> dict[str, Any]:
    return {
        "id": "77777777-7777-4777-8777-777777777771",
        "value": value,
        "displayName": "x",
        "description": "x",
        "isEnabled": True,
        "allowedMemberTypes": ["User"],
    }


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("Mail.Send", True),
        ("mail.send", True),
        ("User.Read", True),
        ("Calendars.ReadBasic.All", True),
        ("openid", False),
        ("Orders.Read", False),
        ("Report.Read.All", False),
        ("user_impersonation", False),
        ("Tenant.Read.All", False),
    ],
)
def test_an_own_role_is_compared_with_the_names_of_microsoft_graph_alone(value: str, is_taken: bool) -> None:
    app = msgspec.convert(merged_into("api", {"appRoles": [own(value)]}), Registration)
    verdict = lint([Subject("x", app)], RULES, Context(NOW))
    assert ("name-of-foreign-permission" in {found.rule for found in verdict.findings}) is is_taken
