"""Policies that other tools rate wrongly, and what the fragments of the rules do not say.

Each row: a fragment over the clean tenant, and the expected rules with the severity of their worst finding.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.analysis.restrictions import URI_KINDS
from rules.docs.instructions import instructions
from rules.docs.rule_page import patch_of
from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.knowledge.permissions import permissions
from rules.knowledge.risky_scopes import is_risky
from rules.model.clean import NOW
from rules.model.clean_tenant import clean_tenant, tenant_over
from rules.model.finding import SEVERITIES, Finding
from rules.model.registration import UNSET, Unread
from rules.model.settings import Settings
from rules.model.tenant import Tenant

SELF, OWNED = "ManagePermissionGrantsForSelf.", "ManagePermissionGrantsForOwnedResource."


def check(fragment: dict[str, Any], **settings: Any) -> Result:
    return lint([Subject("x", tenant_over(fragment))], RULES, Context(NOW, Settings(**settings)))


def said(fragment: dict[str, Any], **settings: Any) -> dict[str, str]:
    verdict = check(fragment, **settings)
    assert verdict.not_assessed == ()
    worst = sorted(verdict.findings, key=lambda found: SEVERITIES.index(found.severity), reverse=True)
    return {found.rule: found.severity for found in worst}


def finding(fragment: dict[str, Any], rule: str, **settings: Any) -> Finding:
    (found,) = [one for one in check(fragment, **settings).findings if one.rule == rule]
    return found


def assigned(*policies: str) -> dict[str, Any]:
    return {"authorizationPolicy": {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": list(policies)}}}


def default(**members: Any) -> dict[str, Any]:
    return {"defaultAppManagementPolicy": members}


def restrictions(passwords: list[Any], keys: list[Any], uris: Any = UNSET) -> dict[str, Any]:
    """Restrictions for both sides."""
    both = {"passwordCredentials": passwords, "keyCredentials": keys}
    applications = both if uris is UNSET else {**both, "identifierUris": uris}
    return default(applicationRestrictions=applications, servicePrincipalRestrictions=both)


def entry(kind: str, state: str = "enabled", **more: Any) -> dict[str, Any]:
    return {"restrictionType": kind, "state": state, "maxLifetime": None, **more}


#: The default policy as every tenant has it before an administrator changes it, by Microsoft's documents.
UNTOUCHED = default(
    isEnabled=False,
    applicationRestrictions={"identifierUris": None, "passwordCredentials": [], "keyCredentials": []},
    servicePrincipalRestrictions={"passwordCredentials": [], "keyCredentials": []},
)
YEAR = entry("asymmetricKeyLifetime", maxLifetime="P365D")
ADDITIONS = [entry("passwordAddition"), entry("symmetricKeyAddition")]
KEY_LIFETIME = entry("symmetricKeyLifetime", maxLifetime="P180D")


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        # 77: enabled, and restricts nothing
        (restrictions([], []), {"unrestricted-app-credentials": "medium"}),
        (restrictions([entry("passwordAddition", "disabled")], []), {"unrestricted-app-credentials": "medium"}),
        (UNTOUCHED, {"unrestricted-app-credentials": "medium", "any-identifier-uri-allowed": "medium"}),
        # 78: secrets may not be added
        (restrictions(ADDITIONS, [YEAR]), {}),
        # 79: no entry is no restriction
        (
            restrictions([entry("passwordLifetime", maxLifetime="P90D"), KEY_LIFETIME], [YEAR]),
            {"secret-addition-allowed": "low"},
        ),
        (
            restrictions([entry("passwordLifetime", maxLifetime="P90D")], [YEAR]),
            {"secret-addition-allowed": "low", "long-secret-lifetime-allowed": "medium"},
        ),
        (
            restrictions([entry("passwordLifetime", maxLifetime="P900D")], [YEAR]),
            {"secret-addition-allowed": "low", "long-secret-lifetime-allowed": "medium"},
        ),
        (
            restrictions([entry("passwordLifetime", maxLifetime="P900D"), KEY_LIFETIME], [YEAR]),
            {"secret-addition-allowed": "low", "long-secret-lifetime-allowed": "low"},
        ),
        (restrictions([], [YEAR]), {"secret-addition-allowed": "low", "long-secret-lifetime-allowed": "medium"}),
        (restrictions(ADDITIONS, []), {"long-certificate-lifetime-allowed": "low"}),
        (
            restrictions(
                ADDITIONS,
                [YEAR],
                uris={
                    "nonDefaultUriAddition": None,
                    "uriAdditionWithoutUniqueTenantIdentifier": {"state": "enabled", "isStateSetByMicrosoft": True},
                },
            ),
            {"any-identifier-uri-allowed": "low"},
        ),
        # 80 and 81: the legacy policy, alone or with another
        (
            assigned(SELF + "microsoft-user-default-low", SELF + "microsoft-user-default-legacy"),
            {"unrestricted-user-consent": "high"},
        ),
        (assigned(SELF + "microsoft-user-default-legacy"), {"unrestricted-user-consent": "high"}),
        # 83: Graph writes the policies with what they are for before them, in v1.0 and in beta with another first
        # letter
        (assigned(SELF + "microsoft-user-default-low"), {"unrestricted-user-consent": "info"}),
        (assigned("managePermissionGrantsForSelf.microsoft-user-default-low"), {"unrestricted-user-consent": "info"}),
        (assigned("microsoft-user-default-low"), {}),
        (assigned(SELF + "microsoft-user-default-recommended"), {"unrestricted-user-consent": "medium"}),
        (assigned(OWNED + "microsoft-pre-approval-apps-for-team"), {}),
        (
            assigned(OWNED + "microsoft-dynamically-managed-permissions-for-team"),
            {"open-resource-specific-consent": "low"},
        ),
        # 88: by place is not by risk, and either is a policy
        (
            {
                "conditionalAccessPolicies": [
                    clean_tenant()["conditionalAccessPolicies"][0],
                    {
                        **clean_tenant()["conditionalAccessPolicies"][1],
                        "conditions": {
                            "clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]},
                            "locations": {"includeLocations": ["All"]},
                            "servicePrincipalRiskLevels": [],
                        },
                    },
                ]
            },
            {},
        ),
    ],
)
def test_what_other_tools_rate_wrongly(fragment: dict[str, Any], expected: dict[str, str]) -> None:
    assert said(fragment) == expected


def test_an_authorization_policy_that_was_not_read_is_not_assessed() -> None:
    refused = Unread("refused", note="403", remedy="grant Policy.Read.All")
    tenant = msgspec.structs.replace(
        tenant_over({}), authorization_policy=UNSET, unread={"authorizationPolicy": refused}
    )
    verdict = lint([Subject("x", tenant)], RULES, Context(NOW))
    assert verdict.findings == ()
    assert {"unrestricted-user-consent", "users-can-register-applications"} <= {
        gap.rule for gap in verdict.not_assessed
    }
    assert {gap.remedy for gap in verdict.not_assessed} == {"grant Policy.Read.All"}


def test_a_workflow_that_is_turned_off_is_reported_without_the_policy_of_user_consent() -> None:
    off = {"adminConsentRequestPolicy": {"isEnabled": False}}
    tenant = msgspec.structs.replace(tenant_over(off), authorization_policy=UNSET)
    rules = [rule for rule in RULES if rule.id == "no-admin-consent-workflow"]
    (found,) = lint([Subject("x", tenant)], rules, Context(NOW)).findings
    assert found.message == "has the admin consent workflow turned off"


def test_a_tenant_of_which_nothing_was_read_has_no_finding_and_a_gap_for_each_rule() -> None:
    verdict = lint([Subject("x", Tenant())], RULES, Context(NOW))
    assert verdict.findings == ()
    ran = {rule.id for rule in RULES if rule.on == "tenant" and rule.status != "removed"}
    assert {gap.rule for gap in verdict.not_assessed} == ran


def test_a_policy_that_is_disabled_restricts_nothing_and_is_one_finding_and_not_five() -> None:
    found = finding(default(isEnabled=False), "unrestricted-app-credentials")
    assert found.message == "has a disabled default app management policy that contains restrictions"
    assert found.patch == {"defaultAppManagementPolicy": {"isEnabled": True}}
    assert set(said(default(isEnabled=False))) == {"unrestricted-app-credentials", "any-identifier-uri-allowed"}


def test_each_side_is_named_with_its_own_length() -> None:
    lifetimes = [entry("passwordLifetime", maxLifetime="P730D"), KEY_LIFETIME]
    fragment = default(
        applicationRestrictions={"passwordCredentials": lifetimes, "keyCredentials": [YEAR]},
        servicePrincipalRestrictions={"passwordCredentials": [], "keyCredentials": [YEAR]},
    )
    found = finding(fragment, "long-secret-lifetime-allowed")
    assert found.message == "allows secrets of any lifetime (service principals) and valid for 730 days (applications)"
    assert found.severity == "medium"
    assert found.because[0].pointer.endswith("applicationRestrictions/passwordCredentials/0/maxLifetime")


@pytest.mark.parametrize(
    ("length", "expected"), [("P180D", set()), ("P181D", set()), ("P182D", {"low"}), ("P6M", set()), ("P1Y", {"low"})]
)
def test_a_lifetime_is_held_against_the_setting_as_entra_holds_secrets_to_it(length: str, expected: set[str]) -> None:
    fragment = restrictions([entry("passwordLifetime", maxLifetime=length), KEY_LIFETIME], [YEAR])
    found = {one.severity for one in check(fragment).findings if one.rule == "long-secret-lifetime-allowed"}
    assert found == expected
    assert "long-secret-lifetime-allowed" not in said(fragment, max_secret_days=400)


@pytest.mark.parametrize("length", ["180", "P", "", None, "P1DT", "a year"])
def test_a_length_that_cannot_be_read_is_not_assessed_and_not_clean(length: str | None) -> None:
    verdict = check(
        restrictions(
            [entry("passwordLifetime", maxLifetime=length), KEY_LIFETIME],
            [entry("asymmetricKeyLifetime", maxLifetime=length)],
        )
    )
    assert {found.rule for found in verdict.findings} == {"secret-addition-allowed"}
    gaps = {(gap.rule, gap.reason) for gap in verdict.not_assessed}
    assert gaps == {("long-secret-lifetime-allowed", "malformed"), ("long-certificate-lifetime-allowed", "malformed")}


@pytest.mark.parametrize("state", ["unknownFutureValue", None, UNSET])
def test_a_state_that_is_unknown_is_not_assessed_and_not_clean(state: Any) -> None:
    unknown = {name: value for name, value in entry("passwordAddition", state).items() if value is not UNSET}
    verdict = check(restrictions([unknown], []))
    assert {gap.rule for gap in verdict.not_assessed} >= {"unrestricted-app-credentials", "secret-addition-allowed"}
    assert "unrestricted-app-credentials" not in {found.rule for found in verdict.findings}


DATE = "restrictForAppsCreatedAfterDateTime"
PASSWORDS = entry("passwordLifetime", maxLifetime="P180D")


def of_one_application(*targets: str, enabled: bool = True, **more: Any) -> dict[str, Any]:
    kinds = [{"@odata.type": f"#microsoft.graph.{kind}", "id": str(number)} for number, kind in enumerate(targets)]
    policy = {"id": "p", "displayName": "Build servers", "isEnabled": enabled, "appliesTo": kinds, **more}
    return {"appManagementPolicies": [policy]}


def own(passwords: list[Any], keys: list[Any]) -> dict[str, Any]:
    return {"restrictions": {"passwordCredentials": passwords, "keyCredentials": keys, "applicationRestrictions": None}}


def uris(**change: Any) -> dict[str, Any]:
    """A policy that defines a restriction of identifier URIs alone."""
    restriction = {"identifierUris": {"nonDefaultUriAddition": change}}
    return {"restrictions": {"passwordCredentials": [], "keyCredentials": [], "applicationRestrictions": restriction}}


@pytest.mark.parametrize(
    ("fragment", "weaker"),
    [
        # Microsoft's own example: one restriction disabled, the rest inherited.
        (of_one_application("application", **own([entry("passwordAddition", "disabled")], [])), "adding secrets"),
        (
            of_one_application("application", **own([], [entry("asymmetricKeyLifetime", maxLifetime="P2Y")])),
            "certificate lifetime",
        ),
        (
            of_one_application(
                "application", **own([entry("symmetricKeyAddition", **{DATE: "2030-01-01T00:00:00Z"})], [])
            ),
            "adding symmetric keys (only for applications created after 2030-01-01)",
        ),
        # Where secrets can be added, their lifetime matters.
        (
            of_one_application(
                "application",
                "application",
                **own([entry("passwordAddition", "disabled"), entry("passwordLifetime", "disabled")], []),
            ),
            "adding secrets, secret lifetime",
        ),
        (of_one_application("application", **uris(state="disabled")), "identifier URIs"),
        (
            of_one_application("application", **uris(state="enabled", **{DATE: "2030-01-01T00:00:00Z"})),
            "identifier URIs (only for applications created after 2030-01-01)",
        ),
    ],
)
def test_a_weaker_policy_says_for_how_many_and_in_what(fragment: dict[str, Any], weaker: str) -> None:
    count = len(fragment["appManagementPolicies"][0]["appliesTo"])
    applications = "1 application" if count == 1 else f"{count} applications"
    message = finding(fragment, "weaker-app-management-policy").message
    assert message == f"has a policy for {applications} that is weaker than the default: {weaker}"


@pytest.mark.parametrize(
    "fragment",
    [
        of_one_application("application", restrictions=None),
        of_one_application("servicePrincipal", restrictions=None),
        of_one_application("application", **own([], [entry("asymmetricKeyLifetime", maxLifetime="P90D")])),
        of_one_application("application", **own([entry("passwordAddition", **{DATE: "0001-01-01T00:00:00Z"})], [])),
        # Secrets cannot be added at all, so a longer lifetime weakens nothing.
        of_one_application("application", **own([entry("passwordLifetime", maxLifetime="P900D")], [])),
        # A restriction of identifier URIs is about applications only.
        of_one_application("servicePrincipal", **uris(state="disabled")),
        # More than the default restricts is not weaker.
        {
            **of_one_application("application", **own([entry("passwordAddition", "disabled")], [])),
            **restrictions([], [YEAR]),
        },
    ],
)
def test_what_a_policy_does_not_define_is_inherited_from_the_default(fragment: dict[str, Any]) -> None:
    verdict = check(fragment)
    assert verdict.not_assessed == ()
    assert "weaker-app-management-policy" not in {found.rule for found in verdict.findings}


@pytest.mark.parametrize(("name", "restriction"), [("state", {"state": "x"}), (DATE, {"state": "enabled", DATE: "x"})])
def test_a_restriction_of_identifier_uris_that_cannot_be_read_is_not_assessed(
    name: str, restriction: dict[str, Any]
) -> None:
    verdict = check(of_one_application("application", **uris(**restriction)))
    assert verdict.findings == ()
    at = "/appManagementPolicies/0/restrictions/applicationRestrictions/identifierUris/nonDefaultUriAddition"
    assert [(gap.rule, gap.pointer) for gap in verdict.not_assessed] == [
        ("weaker-app-management-policy", f"{at}/{name}")
    ]


def test_whether_a_disabled_policy_applies_is_not_documented_and_not_assessed() -> None:
    weak = own([entry("passwordAddition", "disabled")], [])
    verdict = check(of_one_application("application", enabled=False, **weak))
    assert verdict.findings == ()
    assert [(gap.rule, gap.pointer) for gap in verdict.not_assessed] == [
        ("weaker-app-management-policy", "/appManagementPolicies/0/isEnabled")
    ]
    assert check(of_one_application("application", enabled=False, restrictions=None)) == Result((), ())


@pytest.mark.parametrize(
    ("date", "exempts"),
    [
        ("0001-01-01T00:00:00Z", False),
        ("1601-01-01T00:00:00Z", False),
        ("/Date(-62135596800000)/", False),
        ("2005-01-01T00:00:00Z", False),
        (None, False),
        ("2019-10-19T10:37:00Z", True),
        ("2030-01-01T00:00:00Z", True),
    ],
)
def test_a_date_before_any_application_exempts_none(date: str | None, exempts: bool) -> None:
    dated = [{**one, DATE: date} for one in [*ADDITIONS, entry("passwordLifetime", maxLifetime="P180D")]]
    verdict = check(restrictions(dated, [YEAR]))
    assert verdict.not_assessed == ()
    rules = {found.rule for found in verdict.findings}
    # Where older applications may get symmetric keys, no restriction limits their lifetime.
    assert rules == ({"older-applications-exempt", "long-secret-lifetime-allowed"} if exempts else set())


def test_a_date_that_cannot_be_read_is_not_assessed() -> None:
    verdict = check(restrictions([entry("passwordAddition", **{DATE: "soon"}), ADDITIONS[1], PASSWORDS], [YEAR]))
    assert {gap.rule for gap in verdict.not_assessed} == {"older-applications-exempt"}


EARLY, LATE = "2025-01-01T00:00:00Z", "2025-12-31T00:00:00Z"


@pytest.mark.parametrize(
    ("addition", "lifetime", "allowed"),
    [
        (None, LATE, "of any lifetime (BOTH created before 2025-12-31) and valid for 730 days (BOTH)"),
        (
            LATE,
            EARLY,
            "of any lifetime (BOTH created before 2025-01-01) and valid for 730 days (BOTH created before 2025-12-31)",
        ),
        # No secret can be added to those that are newer than the earlier date.
        (EARLY, LATE, "of any lifetime (BOTH created before 2025-01-01)"),
    ],
)
def test_only_objects_that_no_restriction_covers_may_have_secrets_for_any_time(
    addition: str | None, lifetime: str, allowed: str
) -> None:
    adding = entry("passwordAddition", "enabled" if addition else "disabled", **{DATE: addition})
    limiting = entry("passwordLifetime", maxLifetime="P730D", **{DATE: lifetime})
    found = finding(restrictions([adding, limiting, ADDITIONS[1]], [YEAR]), "long-secret-lifetime-allowed")
    assert found.severity == "medium"
    assert found.message == f"allows secrets {allowed.replace('BOTH', 'applications and service principals')}"


def test_an_exempt_service_principal_is_named_apart_from_all_applications() -> None:
    dated = {"passwordCredentials": [ADDITIONS[1], entry("passwordLifetime", maxLifetime="P90D", **{DATE: LATE})]}
    sides = {"applicationRestrictions": {"passwordCredentials": [ADDITIONS[1]]}, "servicePrincipalRestrictions": dated}
    found = finding(default(**sides), "long-secret-lifetime-allowed")
    whose = "(applications) and of any lifetime (service principals created before 2025-12-31)"
    assert found.message == f"allows secrets of any lifetime {whose}"


@pytest.mark.parametrize(
    ("adding", "limiting"),
    [
        (entry("passwordAddition", **{DATE: "soon"}), entry("passwordLifetime", "disabled")),
        (entry("passwordAddition", "unknownFutureValue"), entry("passwordLifetime", "disabled")),
        (entry("passwordAddition", "disabled"), entry("passwordLifetime", maxLifetime="P90D", **{DATE: "soon"})),
    ],
)
def test_whether_an_unreadable_restriction_limits_secrets_is_not_assessed(
    adding: dict[str, Any], limiting: dict[str, Any]
) -> None:
    verdict = check(restrictions([adding, limiting, ADDITIONS[1]], [YEAR]))
    assert "long-secret-lifetime-allowed" in {gap.rule for gap in verdict.not_assessed}
    assert "long-secret-lifetime-allowed" not in {found.rule for found in verdict.findings}


GRAPH = "00000003-0000-0000-c000-000000000000"
ANY = {"permissionType": "delegated", "permissionClassification": "all", "permissions": ["all"]}
MAIL_READ = {**ANY, "resourceApplication": GRAPH, "permissions": ["570282fd-fa5c-430d-a7fd-fc8dc98a9dca"]}
USER_READ = {**ANY, "resourceApplication": GRAPH, "permissions": ["e1fe6dd8-ba31-4d61-89e7-88639da4683d"]}
RISKY = [row.id for row in permissions() if row.kind == "Scope" and row.resource == GRAPH and is_risky(row)]


def consent(include: dict[str, Any], *excludes: dict[str, Any]) -> dict[str, Any]:
    policy = {"id": "contoso", "includes": [include], "excludes": list(excludes)}
    return {**assigned(SELF + "contoso"), "permissionGrantPolicies": [policy]}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        (consent(ANY), "high"),
        (consent({**ANY, "clientApplicationsFromVerifiedPublisherOnly": True}), "medium"),
        (consent({**ANY, "clientApplicationTenantIds": ["t"]}), "medium"),
        # By the permissions themselves, of any application and of chosen ones.
        (consent(MAIL_READ), "high"),
        (consent({**MAIL_READ, "clientApplicationIds": ["a"]}), "medium"),
        (consent(USER_READ), "low"),
        (consent({**USER_READ, "clientApplicationIds": ["a"]}), "info"),
        (consent({**MAIL_READ, "permissions": ["f00f00f0-0000-4000-8000-000000000000"]}), "medium"),
        # By their classification.
        (consent({**ANY, "permissionClassification": "medium"}), "high"),
        (consent({**ANY, "permissionClassification": "low"}), "low"),
        # An exclusion counts by what it takes away.
        (consent(ANY, {**ANY, "resourceApplication": "f00f00f0-0000-4000-8000-000000000000"}), "high"),
        (consent(ANY, {**ANY, "resourceApplication": GRAPH}), "high"),
        (consent(ANY, {**ANY, "clientApplicationIds": ["a"]}), "high"),
        (consent({**ANY, "resourceApplication": GRAPH}, {**MAIL_READ, "permissions": RISKY}), "medium"),
        (consent(ANY, ANY), None),
        (consent(MAIL_READ, {**ANY, "resourceApplication": GRAPH}), None),
        (consent({**ANY, "clientApplicationIds": ["a"]}, {**ANY, "clientApplicationIds": ["a", "b"]}), None),
        (
            consent(
                {**ANY, "clientApplicationsFromVerifiedPublisherOnly": True},
                {**ANY, "clientApplicationsFromVerifiedPublisherOnly": True},
            ),
            None,
        ),
        (consent(ANY, {**ANY, "clientApplicationsFromVerifiedPublisherOnly": True}), "high"),
    ],
)
def test_a_consent_policy_is_as_severe_as_what_it_allows(fragment: dict[str, Any], expected: str | None) -> None:
    assert said(fragment) == ({} if expected is None else {"broad-consent-policy": expected})


@pytest.mark.parametrize(
    ("include", "words"),
    [
        (ANY, "to any application, for any permission"),
        ({**ANY, "resourceApplication": GRAPH}, "to any application, for any permission of Microsoft Graph"),
        (MAIL_READ, "to any application, for Mail.Read of Microsoft Graph"),
        ({**ANY, "permissionClassification": "medium"}, "to any application, for permissions classified medium"),
        ({**MAIL_READ, "clientApplicationIds": ["a"]}, "to some applications, for Mail.Read of Microsoft Graph"),
    ],
)
def test_a_consent_policy_is_named_by_what_it_allows(include: dict[str, Any], words: str) -> None:
    message = finding(consent(include), "broad-consent-policy").message
    assert message == f"allows users to consent {words} (contoso)"


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (
            {"applications": {"includeApplications": ["All"], "excludeApplications": ["Office365"]}},
            "excluded resources",
        ),
        (
            {
                "applications": {
                    "includeApplications": ["All"],
                    "applicationFilter": {"mode": "exclude", "rule": "x"},
                }
            },
            "excluded resources",
        ),
        ({"users": {"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}}, "guests"),
        (
            {
                "users": {
                    "includeUsers": ["All"],
                    "excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "b2bCollaborationGuest"},
                }
            },
            "guests",
        ),
        ({"users": {"includeUsers": ["All"], "excludeRoles": ["r"]}}, "excluded roles"),
        ({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["windows"]}}, "excluded platforms"),
        # Emergency access accounts, trusted locations and the devices of meeting rooms.
        ({"users": {"includeUsers": ["All"], "excludeUsers": ["u"], "excludeGroups": ["g"]}}, None),
        ({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}, None),
        ({"devices": {"deviceFilter": {"mode": "exclude", "rule": "x"}}}, None),
    ],
)
def test_a_block_of_device_codes_with_exclusions(conditions: dict[str, Any], message: str | None) -> None:
    block, workloads = clean_tenant()["conditionalAccessPolicies"]
    block = {**block, "conditions": {**block["conditions"], **conditions}}
    found = [one.message for one in check({"conditionalAccessPolicies": [block, workloads]}).findings]
    assert found == ([] if message is None else [f"blocks device code flow, but not for {message}"])


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("guestUserRoleId", "11111111-1111-4111-8111-111111111111", "guests-with-member-access"),
        ("allowInvitesFrom", "unknownFutureValue", "open-guest-invitations"),
    ],
)
def test_a_setting_for_guests_that_is_not_known_is_not_assessed(setting: str, value: str, rule: str) -> None:
    verdict = check({"authorizationPolicy": {setting: value}})
    assert verdict.findings == ()
    assert [(gap.rule, gap.reason) for gap in verdict.not_assessed] == [(rule, "unknown")]


def device_code(**changes: Any) -> dict[str, Any]:
    """The clean policy that blocks device codes, changed."""
    return {**clean_tenant()["conditionalAccessPolicies"][0], **changes}


def test_a_policy_of_unknown_state_does_not_hide_one_that_blocks_all_device_codes() -> None:
    strange = device_code(state="unknownFutureValue")
    rule = "device-code-flow-allowed"
    both = check({"conditionalAccessPolicies": [strange, device_code()]})
    assert [gap.rule for gap in both.not_assessed if gap.rule == rule] == []
    alone = check({"conditionalAccessPolicies": [strange]})
    assert [(gap.rule, gap.note) for gap in alone.not_assessed] == [(rule, "its state is unknown")]


@pytest.mark.parametrize(
    ("other", "severity"), [({"includeUsers": ["GuestsOrExternalUsers"]}, None), ({"includeGroups": ["g"]}, "medium")]
)
def test_two_policies_that_block_device_codes_in_part_may_complete_each_other(
    other: dict[str, list[str]], severity: str | None
) -> None:
    conditions = device_code()["conditions"]
    parts = [
        device_code(conditions={**conditions, "users": users})
        for users in (
            {"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]},
            other,
        )
    ]
    found = [
        one for one in check({"conditionalAccessPolicies": parts}).findings if one.rule == "device-code-flow-allowed"
    ]
    assert [one.severity for one in found] == ([severity] if severity else [])
    says = "has no single policy that blocks device code flow for all; 2 policies block parts of device code flow"
    assert {one.message for one in found} <= {says}


def test_chats_have_members_who_consent_and_groups_and_teams_have_owners() -> None:
    policies = [OWNED + f"microsoft-all-application-permissions-for-{kind}" for kind in ("chat", "team", "group")]
    found = finding(assigned(*policies), "open-resource-specific-consent")
    assert found.message.startswith(
        "allows owners of groups and owners and members of teams and members of chats to consent to any application"
    )


def test_each_policy_for_owned_resources_is_named_with_whom_it_allows_what() -> None:
    policies = [OWNED + "microsoft-all-application-permissions-verified-for-chat", OWNED + "contoso-for-group"]
    assert finding(assigned(*policies), "open-resource-specific-consent").message == (
        "allows members of chats to consent to applications of verified publishers and of your own tenant "
        "(microsoft-all-application-permissions-verified-for-chat); "
        "owners of groups to consent by a custom policy (contoso-for-group)"
    )


def changed(side: str, group: str, kind: str, **change: Any) -> dict[str, Any]:
    """The list of restrictions of the clean default policy with one of them changed."""
    entries = clean_tenant()["defaultAppManagementPolicy"][side][group]
    return {group: [{**entry, **(change if entry["restrictionType"] == kind else {})} for entry in entries]}


def test_a_secret_and_a_symmetric_key_are_named_with_the_side_that_allows_each() -> None:
    sides = {
        side: changed(side, "passwordCredentials", kind, state="disabled")
        for side, kind in (
            ("applicationRestrictions", "passwordAddition"),
            ("servicePrincipalRestrictions", "symmetricKeyAddition"),
        )
    }
    found = finding({"defaultAppManagementPolicy": sides}, "secret-addition-allowed")
    assert found.message == "allows adding secrets to applications, and symmetric keys to service principals"


def test_each_exemption_is_named_with_what_it_exempts_from() -> None:
    def exempt(id: str) -> dict[str, Any]:
        return {"customSecurityAttributes": [{"id": id, "operator": "equals", "value": "true"}]}

    date = "restrictForAppsCreatedAfterDateTime"
    side = "applicationRestrictions"
    secrets = {date: "2024-01-01T00:00:00Z", "excludeActors": exempt("Apps_A")}
    certificates = {date: "2025-06-01T00:00:00Z", "excludeActors": exempt("Apps_B")}
    policy = {
        **changed(side, "passwordCredentials", "passwordAddition", **secrets),
        **changed(side, "keyCredentials", "asymmetricKeyLifetime", **certificates),
    }
    given = {"defaultAppManagementPolicy": {side: policy}}
    assert finding(given, "older-applications-exempt").message == (
        "exempts applications created before 2024-01-01 from restrictions on adding secrets; "
        "before 2025-06-01 from restrictions on certificate lifetime"
    )
    assert finding(given, "exempt-callers").message == (
        "exempts callers whose attribute Apps_A is true from restrictions on adding secrets; "
        "whose attribute Apps_B is true from restrictions on certificate lifetime"
    )


def test_a_policy_for_workloads_with_an_unknown_state_is_not_assessed() -> None:
    policy = {"state": "later", "conditions": {"clientApplications": {"includeServicePrincipals": ["s"]}}}
    result = check({"conditionalAccessPolicies": [policy]})
    rule = "workload-identities-without-conditional-access"
    assert rule not in {one.rule for one in result.findings}
    assert rule in {one.rule for one in result.not_assessed}


ALL_GRAPH = {"permissionType": "application", "resourceApplication": "00000003-0000-0000-c000-000000000000"}


@pytest.mark.parametrize(
    ("includes", "excludes", "severity"),
    [
        ([ALL_GRAPH], [], "high"),
        # RoleManagement.ReadWrite.Directory takes over the tenant, Mail.Read reads all mailboxes.
        ([{**ALL_GRAPH, "permissions": ["9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"]}], [], "high"),
        ([{**ALL_GRAPH, "permissions": ["810c84a8-4a9e-49e6-bf7d-12d183f40d01"]}], [], "high"),
        ([{**ALL_GRAPH, "permissions": ["d07a8cc0-3d51-4b77-b3b0-32704d1f69fa"]}], [], "medium"),
        ([{**ALL_GRAPH, "clientApplicationIds": ["11111111-1111-4111-8111-111111111111"]}], [], "medium"),
        ([{"permissionType": "application"}], [ALL_GRAPH], "high"),
        ([ALL_GRAPH], [ALL_GRAPH], None),
        ([{"permissionType": "delegated", "permissionClassification": "low"}], [], "low"),
    ],
    ids=["Graph", "takes over", "mail", "access reviews", "one client", "all but Graph", "nothing", "classified low"],
)
def test_who_may_consent_for_all_users_by_a_custom_role(
    includes: list[Any], excludes: list[Any], severity: str | None
) -> None:
    action = "microsoft.directory/servicePrincipals/managePermissionGrantsForAll.contoso"
    fragment = {
        "permissionGrantPolicies": [{"id": "Contoso", "includes": includes, "excludes": excludes}],
        "roleDefinitions": [
            {"id": "R", "displayName": "Desk", "rolePermissions": [{"allowedResourceActions": [action]}]}
        ],
        "roleAssignments": [{"id": "a", "roleDefinitionId": "r", "principalId": "u", "directoryScopeId": "/"}],
    }
    assert said(fragment).get("consent-by-custom-role") == severity


def test_a_custom_role_with_a_consent_policy_that_is_not_listed_is_not_assessed() -> None:
    action = "microsoft.directory/servicePrincipals/managePermissionGrantsForSelf.contoso"
    roles = [{"id": "R", "displayName": "Desk", "rolePermissions": [{"allowedResourceActions": [action]}]}]
    (gap,) = check({"roleDefinitions": roles}).not_assessed
    assert (gap.rule, gap.reason) == ("consent-by-custom-role", "unknown")


def test_a_consent_policy_that_the_tenant_does_not_list_is_not_assessed() -> None:
    verdict = check(assigned(SELF + "contoso"))
    assert [(gap.rule, gap.reason) for gap in verdict.not_assessed] == [("broad-consent-policy", "unknown")]
    assert "contoso is not in the tenant's list" in verdict.not_assessed[0].note
    verdict = check({**assigned(SELF + "contoso"), "permissionGrantPolicies": [{"id": "contoso"}]})
    assert (verdict.findings, verdict.not_assessed[0].note) == (
        (),
        "the consent policy contoso was read without its conditions",
    )


def test_consent_is_narrowed_and_what_is_about_teams_stays() -> None:
    teams = OWNED + "microsoft-pre-approval-apps-for-team"
    found = finding(assigned(SELF + "microsoft-user-default-legacy", teams), "unrestricted-user-consent")
    lists = {"permissionGrantPoliciesAssigned": [SELF + "microsoft-user-default-low", teams]}
    assert found.patch == {"authorizationPolicy": {"defaultUserRolePermissions": lists}}
    assert "microsoft-user-default-legacy" in found.message
    low = SELF + "microsoft-user-default-low"
    found = finding(assigned(low, SELF + "microsoft-user-default-legacy"), "unrestricted-user-consent")
    lists = {"permissionGrantPoliciesAssigned": [low]}
    assert found.patch == {"authorizationPolicy": {"defaultUserRolePermissions": lists}}


def test_an_organisation_that_switched_the_uri_restriction_off_itself_is_named() -> None:
    off = {"state": "disabled", "isStateSetByMicrosoft": False}
    found = finding(
        restrictions(ADDITIONS, [YEAR], uris={URI_KINDS[0]: None, URI_KINDS[1]: off}), "any-identifier-uri-allowed"
    )
    assert found.message.endswith("; the tenant set this state, not Microsoft")


@pytest.mark.parametrize(
    ("custom", "unsafe", "expected", "gaps"),
    [
        ("enabled", "disabled", (), ()),
        ("enabled", "x", (), ()),
        ("disabled", "enabled", ("low",), ()),
        ("disabled", "disabled", ("medium",), ()),
        ("disabled", "x", (), (URI_KINDS[1],)),
        ("x", "disabled", (), (URI_KINDS[0],)),
        ("x", "enabled", (), (URI_KINDS[0],)),
    ],
)
def test_the_stricter_restriction_of_identifier_uris_blocks_what_the_other_blocks(
    custom: str, unsafe: str, expected: tuple[str, ...], gaps: tuple[str, ...]
) -> None:
    states = {URI_KINDS[0]: {"state": custom}, URI_KINDS[1]: {"state": unsafe}}
    verdict = check(default(applicationRestrictions={"identifierUris": states}))
    found = [one.severity for one in verdict.findings if one.rule == "any-identifier-uri-allowed"]
    unknown = [gap.pointer for gap in verdict.not_assessed if gap.rule == "any-identifier-uri-allowed"]
    at = "/defaultAppManagementPolicy/applicationRestrictions/identifierUris"
    assert (tuple(found), tuple(unknown)) == (expected, tuple(f"{at}/{kind}/state" for kind in gaps))


@pytest.mark.parametrize(
    "exemption",
    [
        {"restrictForAppsCreatedAfterDateTime": "2024-01-01T00:00:00Z"},
        {"excludeActors": {"customSecurityAttributes": [{"id": "a", "operator": "equals", "value": "b"}]}},
    ],
)
def test_the_other_restriction_counts_where_the_stricter_one_has_an_exemption(exemption: dict[str, Any]) -> None:
    both = dict.fromkeys(URI_KINDS, exemption)
    (found,) = check(default(applicationRestrictions={"identifierUris": both})).findings
    at = "/defaultAppManagementPolicy/applicationRestrictions/identifierUris"
    (name,) = exemption
    assert [found.pointer, *(one.pointer for one in found.because)] == [f"{at}/{kind}/{name}" for kind in URI_KINDS]


def test_the_best_of_several_policies_for_device_codes_counts() -> None:
    block = clean_tenant()["conditionalAccessPolicies"]
    pilot = {**block[0], "conditions": {**block[0]["conditions"], "users": {"includeGroups": ["pilot"]}}}
    reported = {**block[0], "state": "enabledForReportingButNotEnforced"}
    assert said({"conditionalAccessPolicies": [pilot, reported, *block]}) == {}
    found = finding({"conditionalAccessPolicies": [reported, pilot, block[1]]}, "device-code-flow-allowed")
    assert (found.severity, found.message) == ("medium", "blocks device code flow only for some users")
    assert found.value == "Block device code"


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.on == "tenant"], ids=lambda rule: rule.id)
def test_a_policy_is_fixed_on_its_own_page_and_at_its_own_address(rule: Rule) -> None:
    for bad in rule.bad:
        words = dict(instructions(bad.at, patch_of(rule, bad)))
        assert "App registrations" not in words["Portal"]
        assert not [line for line in words.values() if "/applications" in line]
        if patch_of(rule, bad):
            name = bad.at.split("/")[1]
            assert all(f"/v1.0/policies/{name}" in words[tool] for tool in ("Azure CLI", "PowerShell", "Graph"))
            assert f'"{name}"' not in words["Graph"]


_TEXTS = st.sampled_from(
    ["enabled", "disabled", "All", "None", "deviceCodeFlow", "low", "P1Y", "x", "", "true", "\x1b[31m"]
)
_LEAVES = st.none() | st.booleans() | _TEXTS | st.integers(-1, 400)


@pytest.mark.exhaustive
@given(st.data())
def test_every_rule_survives_every_policy_that_graph_could_show(data: st.DataObject) -> None:
    value = clean_tenant()
    for name in (
        "authorizationPolicy",
        "defaultAppManagementPolicy",
        "adminConsentRequestPolicy",
        "conditionalAccessPolicies",
        "settings",
    ):
        value[name] = _changed(data, value[name])
    try:
        tenant = msgspec.convert(value, Tenant)
    except msgspec.ValidationError:
        return
    assert not [
        gap for gap in lint([Subject("x", tenant)], RULES, Context(NOW)).not_assessed if gap.reason == "internal"
    ]


def _changed(data: st.DataObject, value: Any) -> Any:
    """*value* with leaves and branches changed or taken out, now and then."""
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if data.draw(st.integers(0, 19))}
        return {name: _changed(data, part) for name, part in kept.items()}
    if isinstance(value, list):
        return [_changed(data, part) for part in value if data.draw(st.integers(0, 9))]
    return value if data.draw(st.integers(0, 4)) else data.draw(st.none() if isinstance(value, dict) else _LEAVES)


@pytest.mark.parametrize(
    ("rule", "fragment"),
    [
        ("users-can-register-applications", {"defaultUserRolePermissions": {"allowedToCreateApps": None}}),
        ("users-can-create-tenants", {"defaultUserRolePermissions": {"allowedToCreateTenants": None}}),
        ("guests-with-member-access", {"guestUserRoleId": None}),
        ("open-guest-invitations", {"allowInvitesFrom": None}),
    ],
)
def test_a_setting_that_is_null_is_not_assessed(rule: str, fragment: dict[str, Any]) -> None:
    result = check({"authorizationPolicy": fragment})
    assert [one for one in result.findings if one.rule == rule] == []
    assert [gap.reason for gap in result.not_assessed if gap.rule == rule] == ["unknown"]


@pytest.mark.parametrize(
    ("rule", "fragment"),
    [
        ("unrestricted-user-consent", assigned(f"{SELF}microsoft-user-default-legacy")),
        ("broad-consent-policy", assigned(f"{SELF}contoso")),
        ("no-admin-consent-workflow", {"adminConsentRequestPolicy": {"isEnabled": False}}),
    ],
)
def test_user_consent_is_not_assessed_in_an_external_tenant(rule: str, fragment: dict[str, Any]) -> None:
    result = check({**fragment, "organization": {"tenantType": "CIAM"}})
    assert [one for one in result.findings if one.rule == rule] == []
    assert [gap.reason for gap in result.not_assessed if gap.rule == rule] == ["unknown"]


def test_an_exemption_from_the_lifetime_of_secrets_that_no_caller_can_add_is_not_named() -> None:
    exempt = {"customSecurityAttributes": [{"id": "Apps_A", "operator": "equals", "value": "true"}]}
    lifetime = entry("passwordLifetime", maxLifetime="P180D", excludeActors=exempt)
    given = restrictions([entry("passwordAddition"), lifetime], [YEAR])
    assert "exempt-callers" not in {one.rule for one in check(given).findings}
    given = restrictions([lifetime], [YEAR])
    assert finding(given, "exempt-callers").message.endswith("from restrictions on secret lifetime")


def test_consent_requests_of_an_external_tenant_are_not_assessed() -> None:
    given = {"organization": {"tenantType": "CIAM"}, "adminConsentRequestPolicy": {"reviewers": []}}
    verdict = check(given)
    assert "consent-requests-without-reviewer" in {one.rule for one in verdict.not_assessed}
    assert "consent-requests-without-reviewer" not in {one.rule for one in verdict.findings}


def test_a_consent_policy_without_its_exclusions_is_not_assessed() -> None:
    given = {**assigned(SELF + "contoso"), "permissionGrantPolicies": [{"id": "contoso", "includes": [ANY]}]}
    assert [one.rule for one in check(given).not_assessed] == ["broad-consent-policy"]
