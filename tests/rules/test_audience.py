"""Who may sign in and who publishes the app. Other tools report the inputs 72 to 76 and 89 wrongly."""

from typing import Any

import msgspec
import pytest

from reports.escape import cell, github_data, markdown, markup, visible_line
from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration

AUDIENCE = tuple(rule for rule in RULES if rule.family == "audience")


def checked(fragment: dict[str, Any], *, without: tuple[str, ...] = ()) -> Result:
    data = merged_into("web", fragment)
    for name in without:
        del data[name]
    return lint([Subject("x", msgspec.convert(data, Registration))], AUDIENCE, Context(NOW))


def said(fragment: dict[str, Any]) -> dict[str, str]:
    return {found.rule: found.severity for found in checked(fragment).findings}


# Strangers


@pytest.mark.parametrize(
    ("audience", "who"),
    [
        ("AzureADandPersonalMicrosoftAccount", "other organizations and personal accounts"),  # 72
        ("PersonalMicrosoftAccount", "personal accounts"),  # 73
        ("AzureADMultipleOrgs", "other organizations"),
        ("AZUREADMULTIPLEORGS", "other organizations"),
    ],
)
def test_an_audience_is_named_in_one_finding(audience: str, who: str) -> None:
    (found,) = checked({"signInAudience": audience}).findings
    assert found.rule == "unverified-multi-tenant-publisher"
    assert found.message == f"allows sign-in from {who} and has no verified publisher"


@pytest.mark.parametrize("audience", ["AzureADMyOrg", "azureadmyorg", None])
def test_the_home_tenant_alone_is_no_finding(audience: str | None) -> None:
    bare = {"publisherDomain": None, "info": {"termsOfServiceUrl": None}}
    assert said({"signInAudience": audience, **bare}) == {}


def test_a_verified_publisher_answers_for_strangers() -> None:
    assert said({"signInAudience": "AzureADMultipleOrgs", "verifiedPublisher": {"verifiedPublisherId": "1"}}) == {}


def test_an_audience_that_was_not_read_is_not_assessed() -> None:
    result = checked({"publisherDomain": None}, without=("signInAudience",))
    assert result.findings == ()
    assert {"unverified-multi-tenant-publisher", "unverified-publisher-domain", "missing-terms-of-service"} <= {
        gap.rule for gap in result.not_assessed if gap.pointer == "/signInAudience"
    }


def test_what_is_missing_is_named() -> None:
    fragment = {"signInAudience": "AzureADMultipleOrgs", "info": {"termsOfServiceUrl": None, "privacyStatementUrl": ""}}
    messages = [found.message for found in checked(fragment).findings]
    assert (
        "allows sign-in from other organizations and has no terms of service and no privacy statement URL" in messages
    )


def test_an_app_for_a_list_of_tenants_is_not_for_any_tenant() -> None:
    for kind, expected in (("allowedTenants", False), ("unrestricted", True), (None, False)):
        restrictions = {"kind": kind, "allowedTenantIds": ["0f0f0f0f-0000-4000-8000-000000000002"]}
        found = said({"signInAudience": "AzureADMultipleOrgs", "signInAudienceRestrictions": restrictions})
        assert ("unverified-multi-tenant-publisher" in found) is expected
    # Users of the listed tenants see the consent page too.
    listed = {"signInAudience": "AzureADMultipleOrgs", "signInAudienceRestrictions": {"kind": "allowedTenants"}}
    assert said({**listed, "info": {"privacyStatementUrl": None}}) == {"missing-terms-of-service": "info"}


# The lock

WIDE = "AzureADMultipleOrgs"
PARTS = {"credentialsWithUsageVerify": True, "credentialsWithUsageSign": True, "tokenEncryptionKeyId": True}
PARTLY = {"isEnabled": True, "allProperties": False}


@pytest.mark.parametrize(
    ("lock", "audience", "severity", "opened"),
    [
        # 74
        (dict.fromkeys(PARTS, False) | PARTLY, WIDE, "medium", "has no app instance property lock"),
        # 75
        (
            {**PARTLY, "credentialsWithUsageVerify": True},
            WIDE,
            "low",
            "has an app instance property lock without credentialsWithUsageSign and tokenEncryptionKeyId",
        ),
        # Who may add a credential is the application, whatever else is locked.
        (
            {**PARTS, **PARTLY, "credentialsWithUsageVerify": False},
            WIDE,
            "medium",
            "has an app instance property lock without credentialsWithUsageVerify",
        ),
        ({"isEnabled": False, "allProperties": True}, WIDE, "medium", "has no app instance property lock"),
        (None, WIDE, "medium", "has no app instance property lock"),
        (None, "AzureADMyOrg", "info", "has no app instance property lock"),
        # Personal accounts have no tenant in which an instance could be.
        (None, "PersonalMicrosoftAccount", "info", "has no app instance property lock"),
    ],
)
def test_what_a_lock_leaves_open(lock: Any, audience: str, severity: str, opened: str) -> None:
    data = merged_into("web", {"signInAudience": audience})
    data["servicePrincipalLockConfiguration"] = lock
    result = lint([Subject("x", msgspec.convert(data, Registration))], AUDIENCE, Context(NOW))
    (found,) = (found for found in result.findings if found.rule == "missing-instance-property-lock")
    assert (found.severity, found.message) == (severity, opened)


@pytest.mark.parametrize("identifier_uris", [False, True])
@pytest.mark.parametrize("lock", [{"isEnabled": True, "allProperties": True}, {**PARTS, **PARTLY}])
def test_all_at_once_or_each_by_itself_is_a_whole_lock(lock: dict[str, bool], identifier_uris: bool) -> None:
    data = merged_into("web", {"signInAudience": WIDE})
    data["servicePrincipalLockConfiguration"] = {
        **dict.fromkeys(PARTS, False),
        **lock,
        "identifierUris": identifier_uris,
    }
    result = lint([Subject("x", msgspec.convert(data, Registration))], AUDIENCE, Context(NOW))
    assert "missing-instance-property-lock" not in {found.rule for found in result.findings}


def test_a_lock_that_is_not_in_the_file_is_not_assessed() -> None:  # 76
    result = checked({"signInAudience": WIDE}, without=("servicePrincipalLockConfiguration",))
    assert "missing-instance-property-lock" not in {found.rule for found in result.findings}
    assert "missing-instance-property-lock" in {gap.rule for gap in result.not_assessed}


# Names


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("Microsoft Teams", "info"),
        ("  MICROSOFT   Teams", "info"),
        ("Microsoft", "info"),
        ("Micros\u043eft Teams", "medium"),
        ("Micr0soft", "medium"),
        ("rnicrosoft login", "medium"),
        ("Contoso\u200b Portal", "medium"),
        ("Microsoftware", None),
        ("Entrance Desk", None),
        ("Teams Bot for Microsoft 365", None),
        ("Zoom", None),
        ("Caf\u00e9 Z\u00fcrich", None),
        ("\u041f\u043e\u0440\u0442\u0430\u043b Contoso", None),
        # Each word is checked alone, and only letters that look like Latin ones count.
        ("\u041f\u043e\u0440\u0442\u0430\u043b-ERP \u041e\u0442\u0447\u0451\u0442", None),
        ("1\u0421-Bitrix24", None),
        ("TGF-\u03b2 Analyzer", None),
        ("\u039bambda", None),
        ("Azure Portal", None),
        ("C\u043entoso", "medium"),
        # Joiners between Latin letters, fillers, styled letters, and marks of direction where nothing needs them.
        ("Micro\u200csoft", "medium"),
        ("Contoso\u3164", "medium"),
        ("\U0001d40cicrosoft Teams", "medium"),
        ("M\u00edcrosoft", "medium"),
        ("Contoso \u200f", "medium"),
        ("\u05e4\u05d5\u05e8\u05d8\u05dc\u200f Contoso", None),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),
        ("\U0001f468\u200d\U0001f4bb Contoso", None),
        ("\u0600 \u0661", None),
        # The flag of Wales; the same tags after a letter.
        ("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f Contoso", None),
        ("Contoso\U000e0067\U000e007f", "medium"),
        ("", None),
        (None, None),
    ],
)
def test_names_that_imitate(name: str | None, severity: str | None) -> None:
    assert said({"displayName": name}).get("misleading-name") == severity


@pytest.mark.parametrize(
    "name",
    ["DocuSign", "Microsoft-Teams Sync", "MS Teams Login", "SharePoint Viewer", "Azure Portal", "Microsoft365"],
)
def test_names_of_vendors_and_products_in_a_multitenant_app(name: str) -> None:
    assert said({"displayName": name, "signInAudience": WIDE})["misleading-name"] == "medium"


def test_a_verified_publisher_may_use_the_name_of_a_vendor() -> None:
    owned = {"displayName": "DocuSign", "signInAudience": WIDE, "verifiedPublisher": {"verifiedPublisherId": "1"}}
    assert said(owned) == {}


def test_without_the_publisher_the_name_of_a_vendor_is_not_assessed_and_a_disguise_is() -> None:
    unread = ("verifiedPublisher",)
    result = checked({"displayName": "DocuSign", "signInAudience": WIDE}, without=unread)
    assert "misleading-name" not in {found.rule for found in result.findings}
    assert "misleading-name" in {gap.rule for gap in result.not_assessed}
    disguised = checked({"displayName": "D\u043ecuSign", "signInAudience": WIDE}, without=unread)
    assert "misleading-name" in {found.rule for found in disguised.findings}


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://evil","x")', '"><script>', "a | b", "::set-output name=x::y", "two\nlines", "\x1b[31m"]
)
def test_a_hostile_name_is_checked_and_can_be_shown(name: str) -> None:  # 89
    result = checked({"displayName": name, "signInAudience": WIDE})
    assert "unverified-multi-tenant-publisher" in {found.rule for found in result.findings}
    assert all(name not in found.message for found in result.findings)
    assert not cell(name).startswith("=")
    assert "<script" not in markup(name)
    assert " | " not in markdown(name)
    assert "\n" not in github_data(name)
    assert "\x1b" not in visible_line(name)


# Pages


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("http://contoso.com/privacy", True),
        (" HTTP://contoso.com", True),
        ("https://contoso.com", False),
        ("http://localhost:5000/", False),
        ("contoso.com", False),
        ("", False),
        (None, False),
        ("http://[", True),
    ],
)
def test_pages_over_plain_http(url: str | None, is_plain: bool) -> None:
    assert ("plaintext-information-url" in said({"info": {"marketingUrl": url}})) is is_plain


@pytest.mark.parametrize(
    ("status", "is_disabled"),
    [("DisabledDueToViolationOfServicesAgreement", True), ("NotDisabled", False), ("", False), (None, False)],
)
def test_what_microsoft_disabled(status: str | None, is_disabled: bool) -> None:
    assert ("disabled-by-microsoft" in said({"disabledByMicrosoftStatus": status})) is is_disabled


def test_no_full_lock_is_proposed_for_a_saml_app_of_several_tenants() -> None:
    role = {"id": "66666666-6666-4666-8666-666666666666", "displayName": "msiam_access", "value": None}
    wide = {"signInAudience": "AzureADMultipleOrgs", "servicePrincipalLockConfiguration": None}
    for more, has_patch in (({}, True), ({"appRoles": [role]}, False)):
        (found,) = [one for one in checked({**wide, **more}).findings if one.rule == "missing-instance-property-lock"]
        assert bool(found.patch) == has_patch
