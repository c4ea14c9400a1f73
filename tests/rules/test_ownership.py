"""Who owns a registration. Other tools report the inputs 84 to 86 wrongly."""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings

OWNERSHIP = tuple(rule for rule in RULES if rule.family == "ownership")
HOME = "0f0f0f0f-0000-4000-8000-000000000001"

ADELE = {"id": "a", "userPrincipalName": "adelev@contoso.com", "userType": "Member"}
LEE = {"id": "b", "userPrincipalName": "leeg@contoso.com"}
GUEST = {"id": "c", "userPrincipalName": "ann_fabrikam.com#EXT#@contoso.onmicrosoft.com"}
MADE_MEMBER = {**GUEST, "userType": "Member"}
DEPLOYER = {"id": "d", "displayName": "Deployer", "@odata.type": "#microsoft.graph.servicePrincipal"}
FOREIGN = {**DEPLOYER, "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"}
OWN = {**DEPLOYER, "appOwnerOrganizationId": HOME.upper()}
ITSELF = {**DEPLOYER, "appId": "11111111-1111-4111-8111-111111111111"}

#: RoleManagement.ReadWrite.Directory of Microsoft Graph, as an application permission.
POWER = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
}


def checked(fragment: dict[str, Any], settings: Settings | None = None) -> Result:
    app = msgspec.convert(merged_into("web", fragment), Registration)
    return lint([Subject("x", app)], OWNERSHIP, Context(NOW, settings or Settings()))


def said(fragment: dict[str, Any], settings: Settings | None = None) -> dict[str, str]:
    return {found.rule: found.severity for found in checked(fragment, settings).findings}


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([], {"no-owner": "low"}),  # 84
        (None, {"no-owner": "low"}),
        ([ADELE], {"single-owner": "info"}),
        ([ADELE, LEE], {}),  # 86: owners of the registration are enough
        ([ADELE, GUEST], {"guest-owner": "medium"}),
        ([ADELE, MADE_MEMBER], {}),
        ([ADELE, DEPLOYER], {"application-as-owner": "low"}),
        ([ADELE, ITSELF], {"application-as-owner": "low"}),
        # Graph v1.0 leaves the type out where a client did not ask for it.
        ([ADELE, {"id": "d", "servicePrincipalType": "Application"}], {"application-as-owner": "low"}),
    ],
)
def test_owners_of_an_ordinary_registration(owners: Any, expected: dict[str, str]) -> None:
    assert said({"owners": owners}) == expected


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        # Administrators manage it, so it needs no owner.
        ([], {}),
        ([ADELE], {"owner-of-powerful-application": "medium"}),
        ([ADELE, LEE], {"owner-of-powerful-application": "medium"}),
        # Each owner is reported once.
        ([GUEST], {"guest-owner": "high"}),
        ([ADELE, GUEST], {"owner-of-powerful-application": "medium", "guest-owner": "high"}),
        ([DEPLOYER], {"application-as-owner": "medium"}),
    ],
)
def test_owners_of_an_application_that_takes_the_tenant_over(owners: Any, expected: dict[str, str]) -> None:
    assert said({"owners": owners, **POWER}) == expected


def test_who_can_take_it_over_is_named_and_why() -> None:
    (found,) = checked({"owners": [ADELE, LEE], **POWER}).findings
    owners = "its 2 owners (adelev@contoso.com, leeg@contoso.com)"
    assert found.message == f"lets {owners} take over the tenant, once RoleManagement.ReadWrite.Directory is granted"
    assert [because.note for because in found.because] == ["RoleManagement.ReadWrite.Directory"]


@pytest.mark.parametrize(
    ("owner", "tenants", "severity"),
    [(FOREIGN, (HOME,), "medium"), (OWN, (HOME,), "low"), (FOREIGN, (), "low"), (DEPLOYER, (HOME,), "low")],
)
def test_an_application_of_an_external_organization_is_known_by_the_home_tenants(
    owner: dict[str, Any], tenants: tuple[str, ...], severity: str
) -> None:
    settings = Settings(home_tenants=tenants)
    assert said({"owners": [ADELE, owner]}, settings) == {"application-as-owner": severity}


def test_an_application_that_owns_itself_is_no_other_app() -> None:
    (found,) = checked({"owners": [ADELE, ITSELF]}).findings
    assert found.message == "is owned by its own service principal"


@pytest.mark.parametrize("owners", [[], [ADELE]])
def test_a_deactivated_application_needs_no_owner_who_could_reactivate_it(owners: list[Any]) -> None:
    assert said({"owners": owners, "isDisabled": True}) == {}


def test_owners_that_the_tenant_refused_are_not_assessed() -> None:  # 85
    data = merged_into("web", {})
    del data["owners"]
    app = msgspec.convert(data, Registration)
    mark_unread(app, {"/owners": Unread("refused", note="403", remedy="grant Application.Read.All")})
    result = lint([Subject("x", app)], OWNERSHIP, Context(NOW))
    assert result.findings == ()
    gaps = {gap.rule: (gap.reason, gap.remedy) for gap in result.not_assessed}
    assert gaps == dict.fromkeys(
        ("no-owner", "single-owner", "owner-of-powerful-application", "guest-owner", "application-as-owner"),
        ("refused", "grant Application.Read.All"),
    )


def test_one_owner_that_was_not_read_makes_the_number_unknown() -> None:
    app = msgspec.convert(merged_into("web", {"owners": [{"id": "a"}]}), Registration)
    mark_unread(app, {"/owners/0": Unread("placeholder")})
    result = lint([Subject("x", app)], OWNERSHIP, Context(NOW))
    assert result.findings == ()
    assert {"no-owner", "single-owner"} <= {gap.rule for gap in result.not_assessed}


@pytest.mark.parametrize(
    ("owner", "unknown"),
    [
        # A configuration names owners by their IDs alone.
        ({"id": "a"}, {"guest-owner", "application-as-owner"}),
        # What a live tenant returns: a guest from outside has #EXT# in the name.
        (LEE, set()),
        ({"id": "a", "@odata.type": "#microsoft.graph.user"}, {"guest-owner"}),
        (ADELE, set()),
        (GUEST, set()),
        # The severity depends on whose tenant has the app.
        (DEPLOYER, {"application-as-owner"}),
        ({**DEPLOYER, "servicePrincipalType": "ManagedIdentity"}, set()),
    ],
)
def test_what_an_owner_is_may_be_unknown(owner: dict[str, Any], unknown: set[str]) -> None:
    result = checked({"owners": [ADELE, owner]})
    assert {gap.rule for gap in result.not_assessed} == unknown
    assert {gap.remedy for gap in result.not_assessed} <= {"lint the tenant"}


def test_owners_are_named_as_what_they_are() -> None:
    internal = {"id": "e", "userPrincipalName": "ann@contoso.com", "userType": "Guest"}
    managed = {**DEPLOYER, "servicePrincipalType": "ManagedIdentity"}
    messages = [checked({"owners": [ADELE, one]}).findings[0].message for one in (internal, GUEST, DEPLOYER, managed)]
    assert messages == [
        "is owned by the guest ann@contoso.com",
        f"is owned by the external user {GUEST['userPrincipalName']}",
        "is owned by the app Deployer",
        "is owned by the managed identity Deployer",
    ]


@pytest.mark.parametrize("name", ["ConnectSyncProvisioning_DC01_a1b2", "b2c-extensions-app. Do not modify."])
@pytest.mark.parametrize("owners", [[], [ADELE]])
def test_what_entra_manages_needs_no_owner_and_no_second_one(name: str, owners: list[Any]) -> None:
    assert said({"displayName": name, "owners": owners}) == {}


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("Portal test", True),
        ("TEST-portal", True),
        ("ContosoTestApp", True),
        ("demo_api", True),
        ("PoC", True),
        ("Contest", False),
        ("Latest News", False),
        ("Penetration Test Portal", False),
        ("Trial Balance Export", False),
        ("Temp sensor gateway", False),
        ("portal-poc-2", True),
        ("Attestation", False),
        ("Templates", False),
        ("DemocracyPortal", False),
        ("MyTemplate", False),
        ("", False),
        (None, False),
    ],
)
def test_names_of_tests(name: str | None, is_test: bool) -> None:
    assert ("powerful-test-application" in said({"displayName": name})) is is_test


def test_a_test_that_can_do_nothing_is_no_finding() -> None:
    assert said({"displayName": "Test", "keyCredentials": []}) == {}
    ended = {"keyId": "k", "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-01-01T00:00:00Z"}
    assert said({"displayName": "Test", "keyCredentials": [ended]}) == {}


def test_a_test_is_usable_with_a_federated_credential_and_says_what_it_has() -> None:
    federated = {"federatedIdentityCredentials": [{"id": "f", "name": "f"}], "keyCredentials": []}
    (found,) = checked({"displayName": "Test", **federated}).findings
    assert found.message == "is named like a test and has a federated credential"
    (found,) = checked({"displayName": "Test", "keyCredentials": [], "owners": [], **POWER}).findings
    assert found.message == "is named like a test and requests RoleManagement.ReadWrite.Directory"


def test_a_test_with_a_permission_that_no_table_lists_is_not_assessed() -> None:
    graph, unlisted = "00000003-0000-0000-c000-000000000000", "0f0f0f0f-aaaa-4aaa-8aaa-0f0f0f0f0f0f"
    for kind, is_gap in (("Role", True), ("Scope", False)):
        asked = [{"resourceAppId": graph, "resourceAccess": [{"id": unlisted, "type": kind}]}]
        result = checked({"displayName": "Test", "keyCredentials": [], "requiredResourceAccess": asked})
        gaps = [gap for gap in result.not_assessed if gap.rule == "powerful-test-application"]
        assert ([gap.reason for gap in gaps] == ["unknown"]) is is_gap
        assert "powerful-test-application" not in {found.rule for found in result.findings}


def test_any_word_on_what_it_is_for_is_enough() -> None:
    silent = {"notes": None, "description": None, "serviceManagementReference": None}
    assert said(silent) == {"registration-without-description": "info"}
    for name in silent:
        assert said({**silent, name: "orders"}) == {}


UNLISTED = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "99999999-9999-4999-8999-999999999999", "type": "Role"}],
        }
    ]
}


@pytest.mark.parametrize(
    ("rule", "fragment"),
    [
        ("owner-of-powerful-application", {}),
        ("guest-owner", {"owners": [{"id": "g", "userPrincipalName": "a@b.com", "userType": "Guest"}]}),
        ("application-as-owner", {"owners": [{"id": "s", "servicePrincipalType": "ManagedIdentity"}]}),
        ("powerful-test-application", {"displayName": "Test", "keyCredentials": []}),
    ],
)
def test_the_power_of_a_permission_that_no_table_lists_is_not_known(rule: str, fragment: dict[str, Any]) -> None:
    gaps = [gap for gap in checked({**fragment, **UNLISTED}).not_assessed if gap.rule == rule]
    assert [(gap.pointer, gap.reason) for gap in gaps] == [("/requiredResourceAccess/0/resourceAccess/0", "unknown")]


def test_an_owner_that_is_listed_twice_is_one_owner() -> None:
    one = {"id": "22222222-2222-4222-8222-22222222222a", "userPrincipalName": "a@contoso.com", "userType": "Member"}
    same = {**one, "id": one["id"].upper()}
    assert said({"owners": [one, same]}) == {"single-owner": "info"}
    assert said({"owners": [{**one, "id": ""}, {**one, "id": ""}]}) == {"single-owner": "info"}
    assert said({"owners": [{"displayName": "A"}, {"displayName": "A"}]}) == {}
    guest = {**one, "id": "g", "userType": "Guest"}
    (found,) = (hit for hit in checked({"owners": [one, same, guest]}).findings if hit.rule == "guest-owner")
    assert found.patch is None
    assert len([hit for hit in checked({"owners": [guest, guest]}).findings if hit.rule == "guest-owner"]) == 1
