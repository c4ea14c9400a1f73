"""Who may sign in, and who publishes the app."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from msgspec import UnsetType

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import NOT_DISABLED, UNSET, Registration, ServicePrincipalLock
from rules.primitives.texts import is_invisible, text_of
from rules.primitives.uri import parse

_WHO: Final = {
    "azureadmultipleorgs": "other organizations",
    "azureadandpersonalmicrosoftaccount": "other organizations and personal accounts",
    "personalmicrosoftaccount": "personal accounts",
}


@rule(
    "unverified-multi-tenant-publisher",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("signInAudience",),
    needs_all=("verifiedPublisher.verifiedPublisherId",),
    checks=("AU-01", "AU-02", "AU-03", "AG-10"),
    references=(
        "entra:application-consent-experience",
        "entra:publisher-verification-overview",
        "entra:configure-risk-based-step-up-consent",
        "graph:allowedtenantsaudience",
        "graph:application",
    ),
    bad=(
        Bad({"signInAudience": "AzureADMultipleOrgs"}, at="/signInAudience"),
        # Four other tools know only one of the three audiences, or compare them by case.
        Bad({"signInAudience": "AzureADAndPersonalMicrosoftAccount", "verifiedPublisher": None}, at="/signInAudience"),
        Bad({"signInAudience": "PersonalMicrosoftAccount"}, at="/signInAudience"),
    ),
    good=(
        Good({"signInAudience": "AzureADMultipleOrgs", "verifiedPublisher": {"verifiedPublisherId": "1234567"}}),
        Good({"signInAudience": "azureadmyorg"}, why="only the home tenant; letter case makes no difference"),
        Good(
            {
                "signInAudience": "AzureADMultipleOrgs",
                "signInAudienceRestrictions": {"kind": "allowedTenants", "allowedTenantIds": []},
            },
            why="only the listed tenants can use it",
        ),
    ),
    base="web",
)
def unverified_multi_tenant_publisher(app: Registration, _: Context) -> Iterator[Hit]:
    """An app for other organizations or personal accounts has no verified publisher.

    Why: The consent prompt shows "Unverified" instead of the name of the publisher. By default, users in other
        organizations cannot consent to most multitenant apps without a verified publisher. The default applies to apps
        that were registered after 8 November 2020 and request more than basic sign-in and profile.
    Acceptable: Publisher verification is not available in national clouds, in Azure AD B2C tenants, or for apps that a
        personal account registered. The consent prompt still shows "Unverified", so administrators should review the
        app before they consent.
    Fix: Verify the publisher. If only your own organization uses the app, set signInAudience to AzureADMyOrg instead.
        Keep AzureADandPersonalMicrosoftAccount if the app signs in users with Azure AD B2C user flows, which need it.
    """
    if not app.allows_any_tenant or (app.verified_publisher and app.verified_publisher.verified_publisher_id):
        return
    because = Because("/verifiedPublisher", "no verified publisher")
    says = f"allows sign-in from {_who(app)} and has no verified publisher"
    yield Hit(pointer="/signInAudience", message=says, because=(because,))


def _who(app: Registration) -> str:
    """Who may sign in to a multitenant app from outside the home tenant."""
    return _WHO.get(str(app.sign_in_audience).casefold(), "other organizations")


_UNVERIFIED: Final = ("unverified-multi-tenant-publisher",)
_WIDE: Final = {"signInAudience": "AzureADMultipleOrgs"}
_PERSONAL: Final = {"signInAudience": "PersonalMicrosoftAccount"}


#: What a lock has apart from ``isEnabled`` and ``allProperties``: Graph's names, and ours. ``identifierUris`` is in
#: exports and is not documented.
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


def _lock(lock: dict[str, Any] | None) -> dict[str, Any]:
    return {"servicePrincipalLockConfiguration": lock}


@rule(
    "unverified-publisher-domain",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("signInAudience", "verifiedPublisher.verifiedPublisherId"),
    needs_all=("publisherDomain",),
    checks=("AU-04",),
    references=(
        "entra:howto-configure-publisher-domain",
        "entra:publisher-verification-overview",
        "entra:application-consent-experience",
    ),
    bad=(
        Bad({**_WIDE, "publisherDomain": "contoso.onmicrosoft.com"}, at="/publisherDomain", expected_rules=_UNVERIFIED),
        Bad({**_WIDE, "publisherDomain": " "}, at="/publisherDomain", expected_rules=_UNVERIFIED),
    ),
    good=(
        Good({"publisherDomain": "contoso.onmicrosoft.com"}, why="only the home tenant can use the app"),
        Good(
            {**_WIDE, "publisherDomain": "contoso.onmicrosoft.com", "verifiedPublisher": {"verifiedPublisherId": "1"}},
            why="the publisher is verified",
        ),
    ),
    base="web",
)
def unverified_publisher_domain(app: Registration, _: Context) -> Iterator[Hit]:
    """A multitenant app has no publisher domain, or one under onmicrosoft.com.

    Why: Without a custom domain, the publisher cannot be verified, and the consent prompt shows "Unverified". Without
        any publisher domain, all redirect URIs with http or https must share one root domain. Localhost is exempt.
    Acceptable: The app can lack a custom domain if an administrator of each tenant consents for all users. Users then
        see no consent prompt, unless the app requests new permissions. Publisher verification is not available in
        national clouds, in Azure AD B2C tenants, or for apps that a personal account registered.
    Fix: Set publisherDomain in the portal: select a verified custom domain of the tenant, or verify a new domain.
        Microsoft Graph cannot set publisherDomain.
    """
    domain, is_verified = text_of(app.publisher_domain).strip(), _publisher(app)
    if is_verified or is_verified is UNSET:
        return
    if app.is_multi_tenant and (not domain or domain.casefold().endswith(".onmicrosoft.com")):
        says = f"has {domain} as its publisher domain" if domain else "has no publisher domain"
        yield Hit(pointer="/publisherDomain", message=says)


def _publisher(app: Registration) -> str | UnsetType | None:
    """The ID of the verified publisher; None or empty without one, ``UNSET`` where it was not read."""
    publisher = app.verified_publisher
    return publisher.verified_publisher_id if publisher else UNSET if publisher is UNSET else None


@rule(
    "missing-instance-property-lock",
    severity="medium",
    may_be=("low", "info"),
    needs=("signInAudience", "appRoles", *(f"servicePrincipalLockConfiguration.{name}" for name in _PARTS)),
    needs_all=("servicePrincipalLockConfiguration.isEnabled", "servicePrincipalLockConfiguration.allProperties"),
    checks=("AU-05", "AU-06"),
    references=(
        "entra:app-instance-property-lock",
        "graph:serviceprincipallockconfiguration",
        "entra:app-best-practices#instance-lock",
    ),
    bad=(
        Bad({**_lock(None), **_WIDE}, at=_LOCK, expected_rules=_UNVERIFIED),
        Bad(_lock({"isEnabled": False}), at=_LOCK, severity="info"),
        Bad({**_lock({"isEnabled": False}), **_PERSONAL}, at=_LOCK, severity="info", expected_rules=_UNVERIFIED),
        Bad({**_lock({**_EACH, "credentialsWithUsageVerify": False}), **_WIDE}, at=_LOCK, expected_rules=_UNVERIFIED),
        Bad(
            {**_lock({**_EACH, "tokenEncryptionKeyId": False}), **_WIDE},
            at=_LOCK,
            severity="low",
            expected_rules=_UNVERIFIED,
        ),
    ),
    good=(
        Good(_WIDE, why="all properties are locked"),
        Good({**_lock(_EACH), **_WIDE}, why="each property is locked"),
        Good(
            {**_lock(None), "appRoles": _OF_GALLERY},
            why="a gallery app of this tenant, whose SAML certificate is renewed on the service principal",
        ),
    ),
    base="web",
)
def missing_instance_property_lock(app: Registration, _: Context) -> Iterator[Hit]:
    """Sensitive properties of the app's service principals can be changed.

    Why: An administrator of a tenant that uses the app can change each property that is not locked. If credentials are
        not locked, the administrator can add a credential and authenticate as the app in that tenant.
    Acceptable: A property can stay unlocked if tenants must change it, for example a certificate that signs SAML
        tokens. To limit the risk, lock all other properties.
    Fix: Set servicePrincipalLockConfiguration.isEnabled and servicePrincipalLockConfiguration.allProperties to true. If
        tenants must change a property, for example for SAML, lock only the other properties.
    """
    opened = _open_parts(app.service_principal_lock_configuration or None)
    # The certificate that signs SAML is a property of the service principal, and a lock of all properties applies in
    # the home tenant too (CannotUpdateLockedServicePrincipalProperty, Azure/azure-cli#28734), so it could not be
    # renewed.
    if not opened or (app.is_gallery_app and not app.allows_other_organizations):
        return
    says = (
        "has no app instance property lock"
        if len(opened) == len(_PARTS)
        else f"has an app instance property lock without {' and '.join(opened)}"
    )
    takes_credentials = "credentialsWithUsageVerify" in opened
    severity: Severity = ("medium" if takes_credentials else "low") if app.allows_other_organizations else "info"
    # Other tenants renew a certificate that signs SAML on their own service principals: a full lock ends that.
    change = UNSET if app.is_gallery_app else {"isEnabled": True, "allProperties": True}
    yield Hit(pointer=_LOCK, message=says, severity=severity, set_to=change)


def _open_parts(lock: ServicePrincipalLock | None) -> list[str]:
    """What a lock does not cover, in Graph's names; what it does not name is not covered."""
    if lock is None or lock.is_enabled is not True:
        return list(_PARTS)
    if lock.all_properties is True:
        return []
    return [name for name, ours in _PARTS.items() if getattr(lock, ours) is not True]


@rule(
    "missing-terms-of-service",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("signInAudience",),
    needs_all=("info.termsOfServiceUrl", "info.privacyStatementUrl"),
    checks=("AU-07",),
    references=("entra:terms-of-service", "entra:application-consent-experience"),
    bad=(
        Bad({**_WIDE, "info": {"privacyStatementUrl": None}}, at="/info", expected_rules=_UNVERIFIED),
        Bad(
            {**_PERSONAL, "info": {"privacyStatementUrl": " ", "termsOfServiceUrl": None}},
            at="/info",
            expected_rules=_UNVERIFIED,
        ),
    ),
    good=(Good(_WIDE), Good({"info": {"privacyStatementUrl": None}}, why="only the home tenant can use the app")),
    base="web",
)
def missing_terms_of_service(app: Registration, _: Context) -> Iterator[Hit]:
    """A multitenant app has no terms of service or privacy statement URL.

    Why: The consent prompt links to the terms of service and privacy statement, which help users to trust the app. If a
        link is missing, the consent prompt shows an alert, which may discourage users.
    Acceptable: The URLs are not needed if an administrator of each tenant consents for all users. Users then see no
        consent prompt, unless the app requests new permissions.
    Fix: Set info.termsOfServiceUrl and info.privacyStatementUrl.
    """
    info = app.info or None
    pages = (
        ("terms of service", info.terms_of_service_url if info else None),
        ("privacy statement", info.privacy_statement_url if info else None),
    )
    missing = [name for name, url in pages if not text_of(url).strip()]
    if app.is_multi_tenant and missing:
        yield Hit(pointer="/info", message=f"allows sign-in from {_who(app)} and has no {' and no '.join(missing)} URL")


#: The URLs that users are shown: Graph's names, and ours.
_PAGES: Final = {
    "termsOfServiceUrl": "terms_of_service_url",
    "privacyStatementUrl": "privacy_statement_url",
    "supportUrl": "support_url",
    "marketingUrl": "marketing_url",
}


@rule(
    "plaintext-information-url",
    kinds=("application", "blueprint"),
    severity="info",
    needs=(*(f"info.{name}" for name in _PAGES), "web.homePageUrl"),
    when_set=(*(f"info.{name}" for name in _PAGES), "web.homePageUrl"),
    references=("entra:terms-of-service", "graph:informationalurl", "graph:webapplication"),
    bad=(
        Bad({"info": {"privacyStatementUrl": "http://contoso.com/privacy"}}, at="/info/privacyStatementUrl"),
        Bad({"web": {"homePageUrl": "HTTP://portal.contoso.com"}}, at="/web/homePageUrl"),
    ),
    good=(
        Good({"info": {"supportUrl": "https://contoso.com/help"}}),
        Good({"web": {"homePageUrl": "http://localhost:3000"}}, why="the page is on the user's own device"),
    ),
    base="web",
)
def plaintext_information_url(app: Registration, _: Context) -> Iterator[Hit]:
    """The app links to a page over plain HTTP.

    Why: An attacker who can tamper with HTTP traffic can show users another page, such as a fake sign-in page.
    Acceptable: A link over HTTP is acceptable only until the page is available over HTTPS. Until then, users should
        enter no password on the page.
    Fix: Make the page available over HTTPS, and use https in the URL.
    """
    info, web = app.info or None, app.web or None
    places = [(f"/info/{name}", getattr(info, ours)) for name, ours in _PAGES.items()] if info else []
    for pointer, text in [*places, ("/web/homePageUrl", web.home_page_url if web else None)]:
        uri = parse(text.strip()) if isinstance(text, str) else None
        if uri and uri.scheme == "http" and not uri.is_loopback:
            secure = uri.with_scheme("https") if uri.host and uri.port is None else UNSET
            yield Hit(pointer=pointer, message=f"links to a page over plain HTTP: {text}", set_to=secure)


#: Letters of other scripts that look like Latin ones (UTS 39, confusables.txt: Cyrillic and Greek).
_CONFUSABLE: Final = frozenset("АВЕЅІЈКМНОРСТУХаеорсухіјѕһԁԛԝӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγινορσυ")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MISSPELT: Final = re.compile(r"\s*(?!microsoft)(rn|m)[i1l|]cr[o0]s[o0]ft(?![a-z])", re.IGNORECASE)
_MISSPELT_ONCE_PLAIN: Final = re.compile(r"\s*(rn|m)[i1l|ı]cr[o0]s[o0]ft(?![a-z])", re.IGNORECASE)
#: Joiners and variation selectors are part of how some scripts, and emoji, are written; not after Latin letters.
_JOINERS: Final = "\u200c\u200d\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINER: Final = re.compile(f"[{_JOINERS}]")
_NEEDLESS_JOINER: Final = re.compile(rf"(?:\A|(?<=[a-z\s]))[{_JOINERS}]", re.IGNORECASE)

#: How names of Microsoft's apps begin; and, for a multitenant app, of other vendors and products that impostors use.
_MICROSOFT: Final = re.compile(
    r"\s*(microsoft|office\s*365|azure\s+ad|entra|onedrive|sharepoint\s+online|outlook|windows"
    r"|ms[\s_-]*(azure|entra|office|outlook|sharepoint|teams))(?![a-z])",
    re.IGNORECASE,
)
_VENDORS: Final = re.compile(
    r"\s*(adobe|azure|docusign|dropbox|google|ringcentral|salesforce|sharepoint|slack|teams|zoom)(?![a-z])",
    re.IGNORECASE,
)
#: The flag of a region such as Wales is a black flag and tags, which are hidden anywhere else.
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]+\U000e007f")
#: Marks of direction, which text from right to left may need.
_DIRECTIONS: Final = "\u200e\u200f\u061c"


@rule(
    "misleading-name",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("info",),
    needs=("displayName", "signInAudience", "verifiedPublisher.verifiedPublisherId"),
    when_set=("displayName",),
    checks=("AU-08",),
    references=(
        "learn:app-permission-policy",
        "entra:protect-against-consent-phishing#hardening",
        "entra:publisher-verification-overview",
        "web:unicode-tr39",
    ),
    bad=(
        Bad({"displayName": "Microsoft Office Update"}, at="/displayName", severity="info"),
        Bad({"displayName": "Micros\u043eft Teams"}, at="/displayName"),
        Bad({"displayName": "Micros0ft Teams"}, at="/displayName"),
        Bad({"displayName": "Contoso\u202e Portal"}, at="/displayName"),
        Bad({"displayName": "Micro\u200dsoft Teams"}, at="/displayName"),
        Bad({"displayName": "Micro\ufe0fsoft Teams"}, at="/displayName"),
        Bad({"displayName": "\uff2dicrosoft Teams"}, at="/displayName"),
        Bad({"displayName": "Office 365 Login", **_WIDE}, at="/displayName", expected_rules=_UNVERIFIED),
        Bad({"displayName": "Microsoft-Teams Sync", **_WIDE}, at="/displayName", expected_rules=_UNVERIFIED),
        Bad({"displayName": "MS Teams Login", **_WIDE}, at="/displayName", expected_rules=_UNVERIFIED),
        Bad({"displayName": "Adobe Drive", **_WIDE}, at="/displayName", expected_rules=_UNVERIFIED),
    ),
    good=(
        Good({"displayName": "Portal for Microsoft Teams"}, why="the name says what the app is for"),
        Good({"displayName": "Windowsill Garden"}, why="Windows is a part of another word"),
        Good({"displayName": "Contoso \u2764\ufe0f"}, why="the invisible character is part of an emoji"),
        Good({"displayName": "Zoom"}, why="a single-tenant app with which users sign in to Zoom"),
        Good(
            {"displayName": "Adobe Sign", **_WIDE, "verifiedPublisher": {"verifiedPublisherId": "1234567"}},
            why="the consent prompt shows the verified publisher",
        ),
        Good({"displayName": "Портал-ERP"}, why="each word is in one alphabet"),
        Good({"displayName": "Λambda"}, why="the Greek letter does not look like a Latin one"),
        Good(
            {"displayName": "\u05e4\u05d5\u05e8\u05d8\u05dc\u200f Contoso"},
            why="Hebrew text uses invisible marks of direction",
        ),
    ),
    base="web",
)
def misleading_name(app: Registration, _: Context) -> Iterator[Hit]:
    """The display name resembles a vendor's app, or contains deceptive characters.

    Why: On the consent prompt, users can mistake the app for another app, such as the vendor's own app, and consent.
        grantlint compares the name with a short list of vendors.
    Acceptable: A product name is acceptable if only your own organization uses the app, and the app connects to that
        product. Invisible characters and mixed alphabets are never acceptable, because users cannot read the real name.
    Fix: Set displayName to a name that starts with your organization, such as "Contoso connector for Microsoft Teams".
        Use visible characters, and letters of one alphabet in each word.
    """
    name = app.display_name
    if not isinstance(name, str):
        return
    disguise = _disguise(_FLAG.sub("", name))
    publisher = _publisher(app)
    if disguise:
        yield Hit(pointer="/displayName", message=disguise)
    elif not publisher and publisher is not UNSET:
        wide = app.allows_any_tenant
        if _MICROSOFT.match(name) or (wide and _VENDORS.match(name)):
            says = "has a name that starts with a vendor or product name"
            yield Hit(pointer="/displayName", message=says, severity="medium" if wide else "info")


def _disguise(name: str) -> str:
    """How a name hides what it says; empty when it does not."""
    if not name.isascii():
        if _NEEDLESS_JOINER.search(name) or any(_is_hidden(char, name) for char in name):
            return "has a name with invisible characters"
        if any(_is_mixed(word) for word in _WORD.findall(name)):
            return "has a name that mixes Latin letters with letters that look like them"
    is_misspelt = _MISSPELT.match(name) or (_MISSPELT_ONCE_PLAIN.match(_plain(name)) and not _MICROSOFT.match(name))
    return "has a name that misspells Microsoft" if is_misspelt else ""


def _is_hidden(char: str, name: str) -> bool:
    """Whether a character of *name* cannot be seen and is not part of how its script is written."""
    if char in _DIRECTIONS:
        return not any(unicodedata.bidirectional(one) in ("R", "AL") for one in name if one not in _DIRECTIONS)
    return is_invisible(char) and not _JOINER.match(char)


def _plain(name: str) -> str:
    """*name* with the plain letter for each styled or accented one (UTS 39 calls both confusable)."""
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))


def _is_mixed(word: str) -> bool:
    """Whether letters of another script pass for Latin ones in a word."""
    foreign = [letter for letter in word if not unicodedata.name(letter, "LATIN").startswith("LATIN")]
    return 0 < len(foreign) < len(word) and _CONFUSABLE.issuperset(foreign)


@rule(
    "disabled-by-microsoft",
    kinds=("application", "blueprint"),
    severity="high",
    needs=("disabledByMicrosoftStatus",),
    when_set=("disabledByMicrosoftStatus",),
    checks=("AU-09",),
    keeps_severity=True,
    references=("graph:application", "entra:protect-against-consent-phishing"),
    bad=Bad(
        {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}, at="/disabledByMicrosoftStatus"
    ),
    good=(
        Good({"disabledByMicrosoftStatus": "NotDisabled"}),
        Good({"disabledByMicrosoftStatus": "null"}, why="the word, which some exports write for a null"),
    ),
    base="web",
)
def disabled_by_microsoft(app: Registration, _: Context) -> Iterator[Hit]:
    """Microsoft has disabled the app.

    Why: Microsoft Entra ID issues no new tokens for a disabled app, so users cannot sign in. Reasons to disable an app
        include suspicious, abusive or malicious activity, and a violation of the Microsoft Services Agreement.
    Acceptable: The app can stay disabled if it is malicious or no longer needed. Microsoft Entra ID keeps the object of
        a disabled app, so the app cannot be added to your organization again.
    Fix: Investigate the permissions and the activity of the app. If the app is legitimate, contact Microsoft support.
        Access tokens that were issued earlier remain valid until they expire.
    """
    status = text_of(app.disabled_by_microsoft_status)
    if status.casefold() not in NOT_DISABLED:
        yield Hit(pointer="/disabledByMicrosoftStatus", message=f"was disabled by Microsoft ({status})")
