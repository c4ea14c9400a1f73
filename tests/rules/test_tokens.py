"""What tokens say: optional claims, protections that are switched off, versions and keys."""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread

TOKENS = tuple(rule for rule in RULES if rule.family == "tokens")


def checked(fragment: dict[str, Any], *, without: tuple[str, ...] = (), unread: tuple[str, ...] = ()) -> Result:
    data = merged_into("web", fragment)
    for name in without:
        del data[name]
    app = msgspec.convert(data, Registration)
    mark_unread(app, {pointer: Unread("placeholder") for pointer in unread})
    return lint([Subject("x", app)], TOKENS, Context(NOW))


def said(fragment: dict[str, Any], **options: Any) -> dict[str, str]:
    return {found.rule: found.severity for found in checked(fragment, **options).findings}


def asks(kind: str, name: str, *properties: str) -> dict[str, Any]:
    return {"optionalClaims": {kind: [{"name": name, "additionalProperties": list(properties)}]}}


# Email addresses of other tenants

OLD = "2022-03-01T09:00:00Z"
NEW = "2025-06-01T09:00:00Z"


@pytest.mark.parametrize(
    ("audience", "created", "removes", "expected"),
    [
        ("AzureADMultipleOrgs", OLD, None, {"unverified-email-claim": "high"}),
        ("azureadmultipleorgs", OLD, None, {"unverified-email-claim": "high"}),
        ("AzureADandPersonalMicrosoftAccount", OLD, None, {"unverified-email-claim": "high"}),
        # By default, the platform removes such addresses for what was registered since June 2023.
        ("AzureADMultipleOrgs", NEW, None, {"unverified-email-claim": "low"}),
        ("AzureADMultipleOrgs", OLD, True, {}),
        # Turned off: one finding, not two.
        ("AzureADMultipleOrgs", NEW, False, {"unverified-email-allowed": "high"}),
        # No administrator of another tenant sets addresses there.
        ("AzureADMyOrg", OLD, False, {}),
        ("PersonalMicrosoftAccount", OLD, False, {}),
        # Graph has no date, or a tool wrote one for it.
        ("AzureADMultipleOrgs", None, None, {"unverified-email-claim": "high"}),
        ("AzureADMultipleOrgs", "0001-01-01T00:00:00Z", None, {"unverified-email-claim": "high"}),
    ],
)
def test_addresses_that_are_not_verified(
    audience: str, created: str | None, removes: bool | None, expected: dict[str, str]
) -> None:
    fragment = {
        **asks("idToken", "email"),
        "signInAudience": audience,
        "createdDateTime": created,
        "authenticationBehaviors": {"removeUnverifiedEmailClaim": removes},
    }
    assert said(fragment) == expected


def test_where_the_protection_was_not_read_the_claim_and_the_gap_are_reported() -> None:
    fragment = {**asks("idToken", "email"), "signInAudience": "AzureADMultipleOrgs", "createdDateTime": OLD}
    result = checked(fragment, without=("authenticationBehaviors",))
    assert [found.rule for found in result.findings] == ["unverified-email-claim"]
    assert "/authenticationBehaviors/removeUnverifiedEmailClaim" in {gap.pointer for gap in result.not_assessed}


def test_how_old_an_app_is_whose_date_is_not_one_is_not_known() -> None:
    graph, email = "00000003-0000-0000-c000-000000000000", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"
    scope = [{"resourceAppId": graph, "resourceAccess": [{"id": email, "type": "Scope"}]}]
    shared = {
        "signInAudience": "AzureADMultipleOrgs",
        "createdDateTime": "yesterday",
        "authenticationBehaviors": {"removeUnverifiedEmailClaim": None},
    }
    for asked, findings, rule in (
        (asks("idToken", "email"), {"unverified-email-claim": "low"}, "unverified-email-claim"),
        ({"requiredResourceAccess": scope}, {}, "unverified-email-scope"),
    ):
        assert said({**asked, **shared}) == findings
        gaps = [gap for gap in checked({**asked, **shared}).not_assessed if gap.pointer == "/createdDateTime"]
        assert [(gap.rule, gap.reason, gap.note) for gap in gaps] == [(rule, "malformed", "yesterday is not a date")]


def test_the_mark_of_one_kind_of_token_says_nothing_of_another() -> None:
    claims = {
        "optionalClaims": {"idToken": [{"name": "email"}, {"name": "xms_edov"}], "accessToken": [{"name": "email"}]}
    }
    fragment = {
        **claims,
        "signInAudience": "AzureADMultipleOrgs",
        "createdDateTime": OLD,
        "authenticationBehaviors": None,
    }
    assert [found.pointer for found in checked(fragment).findings] == ["/optionalClaims/accessToken/0"]


@pytest.mark.parametrize("audience", ["AzureADMyOrg", "AzureADMultipleOrgs", "PersonalMicrosoftAccount"])
def test_an_address_in_an_access_token_is_reported_by_one_rule_at_most(audience: str) -> None:
    fragment = {
        **asks("accessToken", "email"),
        "signInAudience": audience,
        "createdDateTime": OLD,
        "authenticationBehaviors": None,
    }
    findings = [found for found in checked(fragment).findings if found.pointer == "/optionalClaims/accessToken/0"]
    assert len(findings) == 1


# Groups


@pytest.mark.parametrize(
    ("value", "is_all"),
    [
        ("All", True),
        ("SecurityGroup", True),
        ("securitygroup,ApplicationGroup", True),
        ("DirectoryRole", False),
        ("ApplicationGroup", False),
        ("None", False),
        ("", False),
        (None, False),
    ],
)
def test_all_groups(value: str | None, is_all: bool) -> None:
    assert ("all-groups-in-tokens" in said({"groupMembershipClaims": value})) is is_all


@pytest.mark.parametrize(
    ("membership", "properties", "severity"),
    [
        ("ApplicationGroup", ("cloud_displayname",), "medium"),
        ("ApplicationGroup, DirectoryRole", ("cloud_displayname",), "medium"),
        ("ApplicationGroup", ("sam_account_name", "cloud_displayname"), "medium"),
        ("SecurityGroup", ("netbios_domain_and_sam_account_name",), "medium"),
        ("ApplicationGroup", ("emit_as_roles",), "low"),
        # Without effect: no groups are sent, or not those that have such names.
        ("DirectoryRole", ("netbios_domain_and_sam_account_name",), None),
        ("DirectoryRole", ("emit_as_roles",), None),
        ("DirectoryRole", ("cloud_displayname",), None),
        ("None", ("sam_account_name",), None),
        (None, ("sam_account_name", "emit_as_roles"), None),
        ("ApplicationGroup", (), None),
    ],
)
def test_groups_by_name(membership: str | None, properties: tuple[str, ...], severity: str | None) -> None:
    fragment = {**asks("idToken", "groups", *properties), "groupMembershipClaims": membership}
    assert said(fragment).get("groups-by-name") == severity


def test_of_several_names_of_active_directory_the_first_is_used() -> None:
    properties = ("netbios_domain_and_sam_account_name", "sam_account_name", "cloud_displayname")
    (found,) = checked({**asks("idToken", "groups", *properties), "groupMembershipClaims": "ApplicationGroup"}).findings
    expected = "has tokens that identify groups by netbios_domain_and_sam_account_name and cloud_displayname"
    assert found.message == expected


def test_names_of_groups_where_it_was_not_read_which_groups_are_sent() -> None:
    result = checked(asks("saml2Token", "groups", "sam_account_name"), without=("groupMembershipClaims",))
    assert result.findings == ()
    assert ("groups-by-name", "/groupMembershipClaims") in {(gap.rule, gap.pointer) for gap in result.not_assessed}


# Protections


@pytest.mark.parametrize("value", [None, True])
@pytest.mark.parametrize(
    "name",
    ["removeUnverifiedEmailClaim", "requireClientServicePrincipal", "blockAzureADGraphAccess", "coopEnforcement"],
)
def test_a_protection_at_its_default_or_on_is_no_finding(name: str, value: bool | None) -> None:
    assert said({"authenticationBehaviors": {name: value}, "signInAudience": "AzureADMultipleOrgs"}) == {}


def test_each_protection_that_is_off_has_its_own_rule_and_is_switched_on_by_the_patch() -> None:
    names = (
        "removeUnverifiedEmailClaim",
        "requireClientServicePrincipal",
        "blockAzureADGraphAccess",
        "coopEnforcement",
    )
    behaviors = dict.fromkeys(names, False)
    result = checked({"authenticationBehaviors": behaviors, "signInAudience": "AzureADMultipleOrgs"})
    assert {found.rule: found.severity for found in result.findings} == {
        "unverified-email-allowed": "high",
        "clients-without-service-principal-allowed": "low",
        "opener-policy-suppressed": "low",
        "azure-ad-graph-allowed": "info",
    }
    assert sorted(
        name for found in result.findings for name in (found.patch or {})["authenticationBehaviors"]
    ) == sorted(names)


# Versions, policies, keys


@pytest.mark.parametrize(
    ("audience", "severity", "is_patched"),
    [
        ("AzureADMyOrg", "info", False),
        ("PersonalMicrosoftAccount", "info", False),
        ("AzureADMultipleOrgs", "medium", True),
    ],
)
def test_who_may_write_the_policy_decides_what_mapped_claims_are_worth(
    audience: str, severity: str, is_patched: bool
) -> None:
    (found,) = checked({"api": {"acceptMappedClaims": True}, "signInAudience": audience}).findings
    assert (found.rule, found.severity, bool(found.patch)) == ("mapped-claims-accepted", severity, is_patched)


@pytest.mark.parametrize(
    ("audience", "version", "is_wrong"),
    [
        ("PersonalMicrosoftAccount", None, True),
        ("AzureADandPersonalMicrosoftAccount", 1, True),
        ("AzureADandPersonalMicrosoftAccount", 2, False),
        ("AzureADMultipleOrgs", 1, False),
    ],
)
def test_personal_accounts_have_tokens_of_version_2_alone(audience: str, version: int | None, is_wrong: bool) -> None:
    found = said({"api": {"requestedAccessTokenVersion": version}, "signInAudience": audience})
    assert ("v1-tokens-for-personal-accounts" in found) is is_wrong


KEY = "33333333-3333-4333-8333-333333333339"


@pytest.mark.parametrize(
    ("keys", "is_wrong"),
    [
        (None, True),
        ([], True),
        ([{"keyId": KEY.upper(), "usage": "encrypt"}], False),
        ([{"keyId": KEY, "usage": "Verify"}], True),
        ([{"keyId": KEY}], False),
        # A key whose ID was not read may be the one.
        ([{"usage": "Encrypt"}], False),
    ],
)
def test_the_key_for_encryption_is_there(keys: Any, is_wrong: bool) -> None:
    assert ("missing-encryption-key" in said({"tokenEncryptionKeyId": KEY, "keyCredentials": keys})) is is_wrong


def test_keys_that_were_not_read_are_not_missing() -> None:
    result = checked({"tokenEncryptionKeyId": KEY}, without=("keyCredentials",))
    assert result.findings == ()
    assert ("missing-encryption-key", "/keyCredentials") in {(gap.rule, gap.pointer) for gap in result.not_assessed}


def test_a_placeholder_among_the_claims_is_not_assessed_and_the_rest_is_checked() -> None:
    claims = {"optionalClaims": {"accessToken": [{}, {"name": "upn"}]}}
    result = checked(claims, unread=("/optionalClaims/accessToken/0",))
    assert [found.pointer for found in result.findings] == ["/optionalClaims/accessToken/1"]
    assert "/optionalClaims/accessToken/0" in {gap.pointer for gap in result.not_assessed}


@pytest.mark.parametrize(
    ("allowed", "is_weak"),
    [("rsaSha1", True), ("RSASHA1, unknownFutureValue", True), ("unknownFutureValue", False), (None, False)],
)
def test_signatures_with_sha_1(allowed: str | None, is_weak: bool) -> None:
    fragment = {"requestSignatureVerification": {"isSignedRequestRequired": True, "allowedWeakAlgorithms": allowed}}
    assert ("weak-request-signature" in said(fragment)) is is_weak


@pytest.mark.parametrize("is_required", [False, None])
def test_a_weak_algorithm_has_no_effect_where_no_signature_is_required(is_required: bool | None) -> None:
    verification = {"isSignedRequestRequired": is_required, "allowedWeakAlgorithms": "rsaSha1"}
    assert said({"requestSignatureVerification": verification}) == {}


def test_an_app_that_is_only_now_created_is_newer_than_the_default() -> None:
    fragment = {**asks("idToken", "email"), "signInAudience": "AzureADMultipleOrgs", "authenticationBehaviors": None}
    result = checked(fragment, without=("createdDateTime",))
    assert [(found.rule, found.severity) for found in result.findings] == [("unverified-email-claim", "low")]
    assert ("unverified-email-claim", "/createdDateTime") in {(gap.rule, gap.pointer) for gap in result.not_assessed}


@pytest.mark.parametrize(
    ("created", "claims", "expected"),
    [
        (OLD, {}, {"unverified-email-scope": "medium"}),
        (NEW, {}, {}),
        # One finding, not two.
        (OLD, asks("idToken", "email"), {"unverified-email-claim": "high"}),
        (OLD, asks("idToken", "xms_edov"), {}),
    ],
)
def test_the_scope_email_adds_the_claim_to_id_tokens(
    created: str, claims: dict[str, Any], expected: dict[str, str]
) -> None:
    email = {"id": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "type": "Scope"}
    graph = {"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [email]}
    fragment = {
        **claims,
        "createdDateTime": created,
        "signInAudience": "AzureADMultipleOrgs",
        "authenticationBehaviors": None,
        "requiredResourceAccess": [graph],
    }
    assert said(fragment) == expected


def test_all_security_groups_are_called_so() -> None:
    for value, words in (("SecurityGroup", "all security groups"), ("All", "all groups")):
        (found,) = checked({"groupMembershipClaims": value}).findings
        assert found.message == f"requests {words} of the user in tokens ({value})"
