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
from rules.engine.run import Result, lint
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


def checked(*entries: tuple[str, str, str]) -> Result:
    """The result for a registration that requests these: resource, ID and kind."""
    access = [{"resourceAppId": r, "resourceAccess": [{"id": i, "type": k}]} for r, i, k in entries]
    app = msgspec.convert(merged_into("daemon", {"requiredResourceAccess": access}), Registration)
    result = lint([Subject("x", app)], RULES, Context(NOW))
    assert not any(gap.reason == "internal" for gap in result.not_assessed)
    return result


def findings_of(*entries: tuple[str, str, str]) -> list[Finding]:
    return list(checked(*entries).findings)


def said(*entries: tuple[str, str, str]) -> Counter[str]:
    return Counter(found.rule for found in findings_of(*entries))


def named(value: str, kind: Kind, resource: str = GRAPH) -> tuple[str, str, str]:
    return resource, permissions_by_value(resource, kind)[value.casefold()].id, kind


# The table


def test_a_permission_is_once_in_the_table() -> None:
    keys = Counter((row.resource, row.id, row.kind) for row in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_has_an_id_and_a_permission_or_a_host(resource: str) -> None:
    assert GUID.fullmatch(resource)
    assert RESOURCES[resource].hosts or any(row.resource == resource for row in ROWS)


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


def test_an_id_of_another_cloud_has_one_of_the_global_cloud() -> None:
    for row in ROWS:
        if row.source == "other-cloud":
            assert permissions_by_value(row.resource, row.kind)[row.value.casefold()].source != "other-cloud", row


def test_mailbox_is_a_tier_of_applications_and_whole_one_of_users() -> None:
    assert {row.kind for row in ROWS if row.tier in ("mailbox", "assigned")} == {"Role"}
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
        (GRAPH, "Application.ReadUpdate.All", "Role", "tenant"),
        (GRAPH, "Group-OnPremisesSyncBehavior.ReadWrite.All", "Role", "tenant"),
        (GRAPH, "SecurityIdentitiesActions.ReadWrite.All", "Role", "tenant"),
        (GRAPH, "DelegatedAdminRelationship.ReadWrite.All", "Role", "tenant"),
        (GRAPH, "PublicKeyInfrastructure.ReadWrite.All", "Role", "tenant"),
        (GRAPH, "MailboxItem.ImportExport.All", "Role", "data"),
        (GRAPH, "AiEnterpriseInteraction.Read.All", "Role", "data"),
        (GRAPH, "CallTranscripts.Read.All", "Role", "data"),
        (GRAPH, "Calendars.Read", "Scope", "data"),
        (EXCHANGE, "full_access_as_app", "Role", "mailbox"),
        (EXCHANGE, "SMTP.SendAsApp", "Role", "assigned"),
        (EXCHANGE, "EWS.AccessAsUser.All", "Scope", "data"),
    ],
)
def test_contested_permissions(resource: str, value: str, kind: Kind, tier: str) -> None:
    row = permissions_by_value(resource, kind)[value.casefold()]
    assert row.tier == tier


def test_a_tier_that_is_not_plain_has_its_reason() -> None:
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


# Permissions that contain each other


@pytest.mark.parametrize(
    ("kind", "wider", "narrower"),
    [
        ("Role", "Mail.ReadWrite", "Mail.Read"),
        # The bare name of an application permission means all mailboxes.
        ("Role", "Mail.Read", "Mail.ReadBasic.All"),
        ("Role", "User.Read.All", "User.ReadBasic.All"),
        ("Role", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"),
        ("Role", "RoleManagement.ReadWrite.Directory", "RoleManagement.Read.Directory"),
        ("Scope", "Files.ReadWrite.All", "Files.Read"),
        ("Scope", "Mail.Send.Shared", "Mail.Send"),
    ],
)
def test_one_permission_contains_another(kind: Kind, wider: str, narrower: str) -> None:
    large, small = (permissions_by_value(GRAPH, kind)[value.casefold()] for value in (wider, narrower))
    assert contains(large, small)
    assert not contains(small, large)
    assert not contains(large, large)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("Role", "Mail.ReadWrite", "Mail.Send"),
        ("Scope", "User.Read.All", "User.Read"),
        ("Role", "Sites.Read.All", "Sites.Selected"),
        ("Role", "Policy.ReadWrite.ConditionalAccess", "Policy.Read.All"),
        # Microsoft Graph, "Known issues": it does not read the policies.
        ("Role", "Policy.ReadWrite.ConditionalAccess", "Policy.Read.ConditionalAccess"),
        # Microsoft lists Read.All alone for reading simulations.
        ("Role", "AttackSimulation.ReadWrite.All", "AttackSimulation.Read.All"),
        ("Role", "GroupMember.Read.All", "Group.Read.All"),
        ("Scope", "Directory.AccessAsUser.All", "Directory.Read.All"),
        ("Scope", "openid", "profile"),
    ],
)
def test_two_permissions_of_which_neither_contains_the_other(kind: Kind, one: str, other: str) -> None:
    first, second = (permissions_by_value(GRAPH, kind)[value.casefold()] for value in (one, other))
    assert not contains(first, second)
    assert not contains(second, first)


def test_containment_is_known_of_microsoft_graph_alone() -> None:
    wider, narrower = (
        permissions_by_value(SHAREPOINT, "Role")[name] for name in ("sites.fullcontrol.all", "sites.read.all")
    )
    assert not contains(wider, narrower)


# What the rules make of it

UNKNOWN = "0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f"


@pytest.mark.parametrize(
    ("kind", "rule"), [("Role", "powerful-application-permission"), ("Scope", "powerful-delegated-permission")]
)
@pytest.mark.parametrize("resource", [GRAPH, EXCHANGE])
def test_an_id_that_no_list_has_is_not_assessed(resource: str, kind: str, rule: str) -> None:
    result = checked((resource, UNKNOWN, kind))
    assert result.findings == ()
    (gap,) = (one for one in result.not_assessed if one.rule == rule)
    assert {one.pointer for one in result.not_assessed} == {"/requiredResourceAccess/0/resourceAccess/0"}
    assert UNKNOWN in gap.note


def test_an_id_that_is_almost_a_known_one_is_named() -> None:
    mistyped = "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe9"
    (found,) = findings_of((GRAPH, mistyped, "Role"))
    assert (found.rule, found.severity) == ("unknown-permission", "low")
    assert "almost the ID of RoleManagement.ReadWrite.Directory of Microsoft Graph" in found.message


def test_two_ids_of_a_resource_differ_in_more_characters_than_a_typing_error() -> None:
    for resource in RESOURCES:
        ids = sorted({row.id for row in ROWS if row.resource == resource})
        starts = {one[:n] + "?" + one[n + 1 :] for one in ids for n in range(len(one))}
        assert len(starts) == sum(len(one) for one in ids)


def test_what_takes_over_the_tenant_as_an_application_does_so_as_an_administrator() -> None:
    role, scope = permissions_by_value(GRAPH, "Role"), permissions_by_value(GRAPH, "Scope")
    lower = [
        value
        for value, row in role.items()
        if row.tier == "tenant" and value in scope and scope[value].tier != "tenant"
    ]
    assert lower == []


@pytest.mark.parametrize("resource", sorted(WHOLE))
def test_an_id_that_a_resource_with_one_permission_does_not_offer_is_unknown(resource: str) -> None:
    (found,) = findings_of((resource, UNKNOWN, "Scope"))
    assert (found.rule, found.severity) == ("unknown-permission", "low")
    assert found.message == f"requests {UNKNOWN}, which {RESOURCES[resource].name} does not offer"


def test_a_permission_of_another_resource_is_named() -> None:
    (found,) = findings_of((GRAPH, "678536fe-1083-478a-9c59-b99265e6b0d3", "Role"))
    assert (
        found.message
        == "requests Sites.FullControl.All of SharePoint Online from Microsoft Graph, which does not offer it"
    )


def test_what_is_of_the_wrong_kind_is_not_called_unknown_too() -> None:
    assert said((AZURE, "41094075-9dad-400e-a0bd-54e686782033", "Role")) == {"wrong-permission-type": 1}


def test_the_kind_of_a_permission_is_not_known_where_the_list_of_its_api_is_incomplete() -> None:
    result = checked((EXCHANGE, "dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Scope"))
    assert result.findings == ()
    assert [(gap.rule, gap.pointer, gap.reason) for gap in result.not_assessed] == [
        ("wrong-permission-type", "/requiredResourceAccess/0/resourceAccess/0", "unknown")
    ]


def test_a_broken_id_is_called_broken_and_not_unknown() -> None:
    assert said((AZURE, "41094075-9dad-400e-a0bd", "Scope")) == {"malformed-permission": 1}


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        (named("Sites.Read.All", "Role"), "; Sites.Selected may be enough"),
        (named("Files.ReadWrite.All", "Scope"), "; Files.SelectedOperations.Selected may be enough"),
        (named("Mail.Send", "Role"), "; RBAC for Applications in Exchange Online may be enough"),
        (named("Mail.Send", "Role", EXCHANGE), "; RBAC for Applications in Exchange Online may be enough"),
        (named("ChannelMessage.Read.All", "Role"), "; resource-specific consent in Teams may be enough"),
        # RBAC for Applications is for applications.
        (named("Mail.Send", "Scope"), "which accesses data on behalf of the user"),
        (named("User.Export.All", "Role"), "which can access data of all users"),
        (named("Teamwork.Migrate.All", "Role"), "which can write messages as any user"),
        (named("BitlockerKey.Read.All", "Role"), "which can read the keys that decrypt the disks of all devices"),
    ],
)
def test_a_narrower_permission_is_named_where_there_is_one(asked: tuple[str, str, str], rest: str) -> None:
    (message,) = (found.message for found in findings_of(asked) if found.rule.startswith("powerful"))
    assert message.endswith(rest)


def test_one_contained_permission_is_reported_once_however_many_contain_it() -> None:
    asked = [named(value, "Role") for value in ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All")]
    places = [found.pointer for found in findings_of(*asked) if found.rule == "redundant-permission"]
    assert places == [f"/requiredResourceAccess/{n}/resourceAccess/0" for n in (0, 1)]


def test_one_value_on_two_resources_is_not_redundant() -> None:
    assert "redundant-permission" not in said(named("Mail.ReadWrite", "Role"), named("Mail.Read", "Role", EXCHANGE))


def test_an_id_of_another_resource_is_not_assessed_where_the_list_is_partial() -> None:
    result = checked((EXCHANGE, named("User.Read.All", "Role")[1], "Role"))
    assert result.findings == ()
    assert "powerful-application-permission" in {gap.rule for gap in result.not_assessed if gap.reason == "unknown"}


@pytest.mark.parametrize("resource", [GRAPH, LEGACY_GRAPH])
def test_permissions_that_an_entry_does_not_name_are_not_assessed(resource: str) -> None:
    fragment = {"requiredResourceAccess": [{"resourceAppId": resource}]}
    result = lint([Subject("x", msgspec.convert(merged_into("daemon", fragment), Registration))], RULES, Context(NOW))
    assert result.findings == ()
    missing = {gap.rule for gap in result.not_assessed if gap.pointer == "/requiredResourceAccess/0/resourceAccess"}
    counted = {"powerful-application-permission", "powerful-delegated-permission", "many-application-permissions"}
    assert missing == counted | ({"azure-ad-graph-permission"} if resource == LEGACY_GRAPH else set())


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        ("full_access_as_app", "medium"),
        ("IMAP.AccessAsApp", "low"),
        ("POP.AccessAsApp", "low"),
        ("SMTP.SendAsApp", "low"),
    ],
)
def test_only_exchange_web_services_reach_every_mailbox(value: str, severity: str) -> None:
    (found,) = findings_of(named(value, "Role", EXCHANGE))
    assert (found.rule, found.severity) == ("legacy-mailbox-permission", severity)


def test_mail_send_of_microsoft_graph_reaches_every_mailbox_and_is_rated_above_smtp() -> None:
    (found,) = findings_of(named("Mail.Send", "Role"))
    assert (found.rule, found.severity) == ("powerful-application-permission", "medium")


def test_what_only_removes_sign_in_methods_does_not_take_over_the_tenant() -> None:
    (found,) = findings_of(named("UserAuthMethod-WindowsHello.ReadWrite.All", "Role"))
    assert (found.rule, found.severity) == ("powerful-application-permission", "medium")
    assert found.message.endswith("which can change the sign-in methods of all users")


def test_the_id_of_another_cloud_is_checked_alike() -> None:
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
    result = lint([Subject("x", app)], RULES, Context(NOW))
    assert ("borrowed-permission-name" in {found.rule for found in result.findings}) is is_taken


def test_permissions_that_were_not_read_may_be_more_than_the_limit() -> None:
    few = [{"id": f"{n:08x}-0000-4000-8000-000000000000", "type": "Role"} for n in range(10)]
    unread = {"resourceAppId": "11111111-1111-4111-8111-111111111119"}
    apis: list[dict[str, Any]] = [{"resourceAppId": "11111111-1111-4111-8111-111111111118", "resourceAccess": few}]
    rules = [rule for rule in RULES if rule.id == "many-application-permissions"]

    def found(*listed: dict[str, Any]) -> tuple[int, list[str]]:
        data = merged_into("daemon", {"requiredResourceAccess": [*listed]})
        result = lint([Subject("x", msgspec.convert(data, Registration))], rules, Context(NOW))
        return len(result.findings), [gap.pointer for gap in result.not_assessed]

    assert found(unread) == (0, ["/requiredResourceAccess/0/resourceAccess"])
    assert found(*apis, unread) == (0, ["/requiredResourceAccess/1/resourceAccess"])
    more = {**unread, "resourceAccess": few[:1]}
    assert (found(*apis), found(*apis, more, unread)) == ((0, []), (1, []))
