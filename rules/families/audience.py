"""Who may sign in, and who stands behind the registration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET, Registration, ServicePrincipalLock
from rules.model.uri_traits import scripts
from rules.primitives.uri import parse

_WHO = {
    "azureadmultipleorgs": "other organisations",
    "azureadandpersonalmicrosoftaccount": "other organisations and personal accounts",
    "personalmicrosoftaccount": "personal accounts",
}


@rule(
    "unverified-multi-tenant-publisher",
    severity="medium",
    needs=("signInAudience",),
    needs_all=("verifiedPublisher.verifiedPublisherId",),
    checks=("AU-01", "AU-02", "AU-03"),
    references=("entra:publisher-verification-overview", "entra:configure-risk-based-step-up-consent"),
    bad=(
        Bad({"signInAudience": "AzureADMultipleOrgs"}, at="/signInAudience"),
        # Four other tools know one of the three audiences, or tell them by case.
        Bad({"signInAudience": "AzureADAndPersonalMicrosoftAccount", "verifiedPublisher": None}, at="/signInAudience"),
        Bad({"signInAudience": "PersonalMicrosoftAccount"}, at="/signInAudience"),
    ),
    good=(
        Good({"signInAudience": "AzureADMultipleOrgs", "verifiedPublisher": {"verifiedPublisherId": "1234567"}}),
        Good({"signInAudience": "azureadmyorg"}, why="the home tenant alone, in another case"),
    ),
    base="web",
)
def unverified_multi_tenant_publisher(app: Registration, _: Context) -> Iterator[Hit]:
    """Strangers may sign in, and nobody has verified who publishes the application.

    Why: People cannot tell it from an imitation that asks for the same permissions, and many tenants refuse their consent.
    Fix: Verify the publisher, or admit the home tenant alone (AzureADMyOrg). National clouds have no verification.
    """
    if not app.is_multi_tenant or (app.verified_publisher and app.verified_publisher.verified_publisher_id):
        return
    who = _WHO.get(str(app.sign_in_audience).casefold(), "other organisations")
    because = Because("/verifiedPublisher", "no verified publisher")
    yield Hit(pointer="/signInAudience", message=f"admits {who} without a verified publisher", because=(because,))


_STRANGERS: Final = ("unverified-multi-tenant-publisher",)


#: What a lock holds beside ``isEnabled`` and ``allProperties``: Graph's names, and ours. ``identifierUris`` stands in exports
#: and is described nowhere.
_PARTS: Final = {
    "credentialsWithUsageVerify": "credentials_with_usage_verify",
    "credentialsWithUsageSign": "credentials_with_usage_sign",
    "tokenEncryptionKeyId": "token_encryption_key_id",
}
_LOCK: Final = "/servicePrincipalLockConfiguration"
_OF_GALLERY: Final = [
    {
        "id": "b9632174-c057-4f7e-951b-be3adc52bfe6",
        "displayName": "msiam_access",
        "value": None,
        "isEnabled": True,
        "allowedMemberTypes": ["User"],
    }
]
_EACH: Final = {"isEnabled": True, "allProperties": False, **dict.fromkeys(_PARTS, True)}


@rule(
    "unowned-publisher-domain",
    severity="low",
    needs=("signInAudience",),
    needs_all=("publisherDomain",),
    checks=("AU-04",),
    references=("entra:howto-configure-publisher-domain",),
    bad=(
        Bad({"signInAudience": "AzureADMultipleOrgs", "publisherDomain": "contoso.onmicrosoft.com"}, at="/publisherDomain", expected_rules=_STRANGERS),
        Bad({"signInAudience": "AzureADMultipleOrgs", "publisherDomain": None}, at="/publisherDomain", expected_rules=_STRANGERS),
    ),
    good=Good({"publisherDomain": "contoso.onmicrosoft.com"}, why="the home tenant alone"),
    base="web",
)  # fmt: skip
def unowned_publisher_domain(app: Registration, _: Context) -> Iterator[Hit]:
    """Strangers may sign in, and the publisher domain is none of the organisation's own.

    Why: Without a domain of your own the publisher cannot be verified, and the consent page says unverified. With no
        domain at all the redirect URIs must share one root domain.
    Fix: Choose a domain that the tenant has verified as the publisher domain; that can be done in the portal alone.
    """
    domain = app.publisher_domain or ""
    if app.is_multi_tenant and (not domain or domain.casefold().endswith(".onmicrosoft.com")):
        yield Hit(pointer="/publisherDomain", message=f"has {domain or 'no domain'} as the domain of its publisher")


@rule(
    "unlocked-instance",
    severity="medium",
    may_be=("low", "info"),
    needs=("signInAudience", "appRoles", *(f"servicePrincipalLockConfiguration.{name}" for name in _PARTS)),
    needs_all=("servicePrincipalLockConfiguration.isEnabled", "servicePrincipalLockConfiguration.allProperties"),
    checks=("AU-05", "AU-06"),
    references=("entra:app-instance-property-lock", "graph:serviceprincipallockconfiguration"),
    bad=(
        Bad({"servicePrincipalLockConfiguration": None, "signInAudience": "AzureADMultipleOrgs"}, at=_LOCK, expected_rules=_STRANGERS),
        Bad({"servicePrincipalLockConfiguration": {"isEnabled": False}}, at=_LOCK, severity="info"),
        Bad({"servicePrincipalLockConfiguration": {"isEnabled": False}, "signInAudience": "PersonalMicrosoftAccount"}, at=_LOCK, severity="info", expected_rules=_STRANGERS),
        Bad({"servicePrincipalLockConfiguration": {**_EACH, "credentialsWithUsageVerify": False}, "signInAudience": "AzureADMultipleOrgs"}, at=_LOCK, expected_rules=_STRANGERS),
        Bad({"servicePrincipalLockConfiguration": {**_EACH, "tokenEncryptionKeyId": False}, "signInAudience": "AzureADMultipleOrgs"}, at=_LOCK, severity="low", expected_rules=_STRANGERS),
    ),
    good=(
        Good({"signInAudience": "AzureADMultipleOrgs"}, why="everything is locked"),
        Good({"servicePrincipalLockConfiguration": _EACH, "signInAudience": "AzureADMultipleOrgs"}, why="each part by itself"),
        Good({"servicePrincipalLockConfiguration": None, "appRoles": _OF_GALLERY}, why="an application of the gallery for this tenant alone, whose SAML certificate is changed on the instance"),
    ),
    base="web",
)  # fmt: skip
def unlocked_instance(app: Registration, _: Context) -> Iterator[Hit]:
    """Instances of the application may be given credentials of their own.

    Why: An administrator of another tenant, or an attacker in it, adds a credential to the instance and acts as the
        application there. In the home tenant a credential on the instance escapes whoever looks at the registration.
    Fix: Set servicePrincipalLockConfiguration with isEnabled and allProperties on.
    """
    opened = _open_parts(app.service_principal_lock_configuration or None)
    # The certificate that signs SAML stands on the instance, and a lock over all holds in the home tenant too
    # (CannotUpdateLockedServicePrincipalProperty, Azure/azure-cli#28734): nobody could renew it.
    if not opened or (app.is_gallery_app and not app.allows_other_organizations):
        return
    says = "locks nothing in its instances" if len(opened) == len(_PARTS) else f"leaves open {' and '.join(opened)}"
    takes_credentials = "credentialsWithUsageVerify" in opened
    severity: Severity = ("medium" if takes_credentials else "low") if app.allows_other_organizations else "info"
    yield Hit(pointer=_LOCK, message=says, severity=severity, set_to={"isEnabled": True, "allProperties": True})


def _open_parts(lock: ServicePrincipalLock | None) -> list[str]:
    """What a lock leaves open, in Graph's names; what the lock does not say is open."""
    if lock is None or lock.is_enabled is not True:
        return list(_PARTS)
    if lock.all_properties is True:
        return []
    return [name for name, ours in _PARTS.items() if getattr(lock, ours) is not True]


@rule(
    "no-terms-for-strangers",
    severity="info",
    needs=("signInAudience",),
    needs_all=("info.termsOfServiceUrl", "info.privacyStatementUrl"),
    checks=("AU-07",),
    references=("entra:terms-of-service",),
    bad=(
        Bad({"signInAudience": "AzureADMultipleOrgs", "info": {"privacyStatementUrl": None}}, at="/info", expected_rules=_STRANGERS),
        Bad({"signInAudience": "PersonalMicrosoftAccount", "info": {"privacyStatementUrl": "", "termsOfServiceUrl": None}}, at="/info", expected_rules=_STRANGERS),
    ),
    good=(Good({"signInAudience": "AzureADMultipleOrgs"}), Good({"info": {"privacyStatementUrl": None}}, why="the home tenant alone")),
    base="web",
)  # fmt: skip
def no_terms_for_strangers(app: Registration, _: Context) -> Iterator[Hit]:
    """Strangers may sign in, and are shown no terms of service or no privacy statement.

    Why: People who are asked for consent cannot tell what happens with their data; some tenants refuse such applications.
    Fix: Set the addresses of both in info.
    """
    info = app.info or None
    pages = (
        ("terms of service", info.terms_of_service_url if info else None),
        ("privacy statement", info.privacy_statement_url if info else None),
    )
    missing = [name for name, url in pages if not url]
    if app.is_multi_tenant and missing:
        yield Hit(pointer="/info", message=f"admits strangers without {' and '.join(missing)}")


#: The addresses that people are led to: Graph's names, and ours.
_PAGES: Final = {
    "termsOfServiceUrl": "terms_of_service_url",
    "privacyStatementUrl": "privacy_statement_url",
    "supportUrl": "support_url",
    "marketingUrl": "marketing_url",
}


@rule(
    "plaintext-information-url",
    severity="info",
    needs=(*(f"info.{name}" for name in _PAGES), "web.homePageUrl"),
    when_set=(*(f"info.{name}" for name in _PAGES), "web.homePageUrl"),
    references=("graph:informationalurl", "graph:webapplication"),
    bad=(
        Bad({"info": {"privacyStatementUrl": "http://contoso.com/privacy"}}, at="/info/privacyStatementUrl"),
        Bad({"web": {"homePageUrl": "HTTP://portal.contoso.com"}}, at="/web/homePageUrl"),
    ),
    good=(
        Good({"info": {"supportUrl": "https://contoso.com/help"}}),
        Good({"web": {"homePageUrl": "http://localhost:3000"}}, why="the person's own device"),
    ),
    base="web",
)  # fmt: skip
def plaintext_information_url(app: Registration, _: Context) -> Iterator[Hit]:
    """People are led to a page of the application over plain http.

    Why: Who stands on the way shows another page under the application's name, on the consent page or in the list of apps.
    Fix: Give the address with https.
    """
    info, web = app.info or None, app.web or None
    places = [(f"/info/{name}", getattr(info, ours)) for name, ours in _PAGES.items()] if info else []
    for pointer, text in [*places, ("/web/homePageUrl", web.home_page_url if web else None)]:
        uri = parse(text.strip()) if isinstance(text, str) else None
        if uri and uri.scheme == "http" and not uri.is_loopback:
            secure = uri.with_scheme("https") if uri.host and uri.port is None else UNSET
            yield Hit(pointer=pointer, message="leads people to a page over plain http", set_to=secure)


#: Scripts with letters that look like Latin ones, and Microsoft's name with other signs for its letters.
_ALIKE: Final = {"LATIN", "CYRILLIC", "GREEK"}
_MISSPELT: Final = re.compile(r"\s*(?!microsoft)(rn|m)[i1l|]cr[o0]s[o0]ft(?!\S)", re.IGNORECASE)

#: How names of applications of Microsoft begin; and, where strangers are asked for consent, those of others that imitations
#: like to take.
_MICROSOFT: Final = re.compile(
    r"\s*(microsoft|office\s+365|azure\s+ad|entra|onedrive|sharepoint\s+online|outlook|windows)(?!\S)", re.IGNORECASE
)
_VENDORS: Final = re.compile(
    r"\s*(adobe|docusign|dropbox|google|ringcentral|salesforce|slack|zoom)(?!\S)", re.IGNORECASE
)
#: Joiners are part of how some scripts, and emoji, are written.
_JOINERS: Final = "\u200c\u200d"
_IMITATED: Final = "is named like an application of {}'s"


@rule(
    "imitating-name",
    severity="low",
    may_be=("medium",),
    needs=("displayName", "signInAudience", "verifiedPublisher.verifiedPublisherId"),
    when_set=("displayName",),
    checks=("AU-08",),
    references=("learn:investigate-risky-oauth", "entra:publisher-verification-overview", "web:unicode-tr39"),
    bad=(
        Bad({"displayName": "Microsoft Office Update"}, at="/displayName"),
        Bad({"displayName": "Micros\u043eft Teams"}, at="/displayName", severity="medium"),
        Bad({"displayName": "Micros0ft Teams"}, at="/displayName", severity="medium"),
        Bad({"displayName": "Contoso\u202e Portal"}, at="/displayName", severity="medium"),
        Bad({"displayName": "Office 365 Login", "signInAudience": "AzureADMultipleOrgs"}, at="/displayName", severity="medium", expected_rules=_STRANGERS),
        Bad({"displayName": "Adobe Drive", "signInAudience": "AzureADMultipleOrgs"}, at="/displayName", severity="medium", expected_rules=_STRANGERS),
    ),
    good=(
        Good({"displayName": "Portal for Microsoft Teams"}, why="it says what it is for"),
        Good({"displayName": "Windowsill Garden"}, why="a part of another word"),
        Good({"displayName": "Zoom"}, why="in the home tenant that is where people sign in to it"),
        Good({"displayName": "Adobe Sign", "signInAudience": "AzureADMultipleOrgs", "verifiedPublisher": {"verifiedPublisherId": "1234567"}}, why="the consent page says whose it is"),
        Good({"displayName": "Портал"}, why="one script"),
    ),
    base="web",
)  # fmt: skip
def imitating_name(app: Registration, _: Context) -> Iterator[Hit]:
    """The name begins like one of a well-known vendor's applications, or hides what it says.

    Why: On a consent page people take it for that vendor's own and agree.
    Fix: Give it a name that says whose it is.
    """
    name = app.display_name
    if not isinstance(name, str):
        return
    disguise = _disguise(name)
    if disguise:
        yield Hit(pointer="/displayName", message=disguise, severity="medium")
    elif not (app.verified_publisher and app.verified_publisher.verified_publisher_id):
        wide = app.is_multi_tenant
        if _MICROSOFT.match(name):
            yield Hit(
                pointer="/displayName", message=_IMITATED.format("Microsoft"), severity="medium" if wide else "low"
            )
        elif wide and (other := _VENDORS.match(name)):
            yield Hit(pointer="/displayName", message=_IMITATED.format(other[1]), severity="medium")


def _disguise(name: str) -> str:
    """How a name hides what it says; empty when it does not."""
    if not name.isascii():
        if any(unicodedata.category(char) == "Cf" and char not in _JOINERS for char in name):
            return "has a name with characters that nobody can see"
        if any({"LATIN"} < set(scripts(word)) & _ALIKE for word in name.split()):
            return "has a name that mixes letters which look alike"
    return "has a name that spells Microsoft with other letters" if _MISSPELT.match(name) else ""


@rule(
    "disabled-by-microsoft",
    severity="high",
    needs=("disabledByMicrosoftStatus",),
    when_set=("disabledByMicrosoftStatus",),
    checks=("AU-09",),
    references=("graph:application",),
    bad=Bad({"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}, at="/disabledByMicrosoftStatus"),
    good=Good({"disabledByMicrosoftStatus": "NotDisabled"}),
    base="web",
)  # fmt: skip
def disabled_by_microsoft(app: Registration, _: Context) -> Iterator[Hit]:
    """Microsoft has disabled the application.

    Why: It was found to be abused or to break the terms; its credentials may be in other hands.
    Fix: Find out what it did, remove its credentials and permissions, and ask Microsoft before it is used again.
    """
    status = app.disabled_by_microsoft_status
    if isinstance(status, str) and status and status.casefold() != "notdisabled":
        yield Hit(pointer="/disabledByMicrosoftStatus", message=f"was disabled by Microsoft ({status})")
