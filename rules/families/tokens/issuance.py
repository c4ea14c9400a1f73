"""The version of tokens, who can change their claims, and how they are signed and encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.uri import parse

_OTHERS: Final = ("unverified-multi-tenant-publisher",)
_KEY: Final = {
    "keyId": "33333333-3333-4333-8333-333333333339",
    "displayName": "CN=tokens",
    "startDateTime": "2025-11-01T00:00:00Z",
    "endDateTime": "2026-09-01T00:00:00Z",
    "type": "AsymmetricX509Cert",
}
_VERSION: Final = "/api/requestedAccessTokenVersion"
_ALGORITHMS: Final = "/requestSignatureVerification/allowedWeakAlgorithms"


def _version(version: int | None, **more: Any) -> dict[str, Any]:
    return {"api": {"requestedAccessTokenVersion": version}, **more}


def _signed(weak: str | None, *, is_required: bool | None = True) -> dict[str, Any]:
    return {"requestSignatureVerification": {"isSignedRequestRequired": is_required, "allowedWeakAlgorithms": weak}}


@rule(
    "v1-tokens-for-personal-accounts",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("api.requestedAccessTokenVersion", "signInAudience"),
    checks=("TK-03",),
    references=("entra:app-manifest", "entra:optional-claims-reference", "graph:apiapplication"),
    bad=(
        Bad(_version(None, signInAudience="AzureADandPersonalMicrosoftAccount"), at=_VERSION, expected_rules=_OTHERS),
        Bad(_version(1, signInAudience="PersonalMicrosoftAccount"), at=_VERSION, expected_rules=_OTHERS),
        Bad({"api": None, "signInAudience": "PersonalMicrosoftAccount"}, at=_VERSION, expected_rules=_OTHERS),
    ),
    good=Good(_version(None), why="apps for work accounts may use v1.0 tokens; custom-uri-with-v1-tokens checks them"),
    base="web",
)
def v1_tokens_for_personal_accounts(app: Registration, _: Context) -> Iterator[Hit]:
    """An app for personal accounts does not request v2.0 access tokens.

    Why: Microsoft Entra ID requires version 2 for personal accounts, so a deployment with another value can fail.
    Acceptable: Never. Microsoft Entra ID requires version 2 for apps that allow personal accounts.
    Fix: Set api.requestedAccessTokenVersion to 2, and have the API accept the issuer and the audience of v2.0 tokens.
    """
    version = app.api.requested_access_token_version if app.api else app.api  # UNSET where the API was not read
    if app.allows_personal_accounts and version in (None, 1):
        yield Hit(
            pointer=_VERSION, message="allows personal accounts and does not request v2.0 access tokens", set_to=2
        )


@rule(
    "mapped-claims-accepted",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("info",),
    needs=("api.acceptMappedClaims", "signInAudience"),
    when_set=("api.acceptMappedClaims",),
    checks=("TK-04",),
    references=(
        "entra:app-manifest",
        "entra:jwt-claims-customization",
        "entra:reference-claims-customization#jwt-restricted",
    ),
    bad=(
        Bad(
            {"api": {"acceptMappedClaims": True}, "signInAudience": "AzureADMultipleOrgs"},
            at="/api/acceptMappedClaims",
            expected_rules=_OTHERS,
        ),
        Bad({"api": {"acceptMappedClaims": True}}, at="/api/acceptMappedClaims", severity="info"),
    ),
    good=Good({"api": {"acceptMappedClaims": None}}, why="null is the default, false"),
    base="api",
)
def mapped_claims_accepted(app: Registration, _: Context) -> Iterator[Hit]:
    """Claims mapping policies can change tokens without a custom signing key.

    Why: In a multitenant app, an attacker who administers another tenant can change claims that the app trusts. In a
        single-tenant app, only your own tenant can change claims. In JWTs, restricted claims such as oid, upn, email
        and roles cannot be changed.
    Acceptable: The setting is acceptable in a single-tenant app that uses a claims mapping policy, as Microsoft
        documents.
    Fix: Set api.acceptMappedClaims to false. If a claims mapping policy is used, first add a custom signing key to the
        service principal. Otherwise, sign-in fails (AADSTS50146). Turn off the app instance property lock while you add
        the key, and have the client validate tokens with the key.
    """
    if not app.api or app.api.accept_mapped_claims is not True:
        return
    if app.allows_other_organizations:
        says = "accepts mapped claims from policies of other tenants"
        yield Hit(pointer="/api/acceptMappedClaims", message=says, set_to=False)
    else:
        says = "accepts mapped claims without a custom signing key"
        yield Hit(pointer="/api/acceptMappedClaims", message=says, severity="info")


@rule(
    "missing-encryption-key",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("tokenEncryptionKeyId", "keyCredentials"),
    when_set=("tokenEncryptionKeyId",),
    checks=("TK-08",),
    references=("entra:howto-saml-token-encryption", "graph:application"),
    bad=(
        Bad({"tokenEncryptionKeyId": _KEY["keyId"]}, at="/tokenEncryptionKeyId"),
        Bad({"tokenEncryptionKeyId": "33333333-3333-4333-8333-333333333331"}, at="/tokenEncryptionKeyId"),
    ),
    good=(
        Good(
            {"tokenEncryptionKeyId": _KEY["keyId"].upper(), "keyCredentials": [{**_KEY, "usage": "Encrypt"}]},
            why="letter case makes no difference",
        ),
        Good({"tokenEncryptionKeyId": _KEY["keyId"], "keyCredentials": [_KEY]}, why="the usage was not read"),
    ),
    base="web",
)
def missing_encryption_key(app: Registration, _: Context) -> Iterator[Hit]:
    """The token encryption key is missing or has a wrong usage.

    Why: Microsoft Entra ID encrypts tokens for the app with the key that tokenEncryptionKeyId names. The key must be a
        certificate with the usage Encrypt. No document says what happens without such a certificate.
    Acceptable: Never. An app whose tokens are not encrypted needs no tokenEncryptionKeyId.
    Fix: Add the certificate to keyCredentials with the usage Encrypt, and set tokenEncryptionKeyId to its key ID. If
        the app expects tokens that are not encrypted, set tokenEncryptionKeyId to null.
    """
    wanted, keys = app.token_encryption_key_id, app.key_credentials
    if not isinstance(wanted, str) or not wanted or keys is UNSET:
        return
    known = {key.key_id.lower(): key for key in keys or () if isinstance(key.key_id, str)}
    if len(known) < len(keys or ()):  # one of them may be the key, and the engine reports what was not read
        return
    key = known.get(wanted.lower())
    if key is None:
        yield Hit(
            pointer="/tokenEncryptionKeyId",
            message=f"has the token encryption key {wanted}, which is not one of its keys",
        )
    elif isinstance(key.usage, str) and key.usage.casefold() != "encrypt":
        says = f"has the token encryption key {wanted}, whose usage is {key.usage} and not Encrypt"
        because = (Because("/keyCredentials", f"usage {key.usage}"),)
        yield Hit(pointer="/tokenEncryptionKeyId", message=says, because=because)


@rule(
    "weak-request-signature",
    severity="low",
    needs=("requestSignatureVerification.allowedWeakAlgorithms",),
    needs_all=("requestSignatureVerification.isSignedRequestRequired",),
    when_set=("requestSignatureVerification.allowedWeakAlgorithms",),
    references=("graph:requestsignatureverification", "entra:howto-enforce-signed-saml-authentication"),
    bad=Bad(_signed("rsaSha1"), at=_ALGORITHMS),
    good=(
        Good(_signed(None)),
        Good(_signed(""), why="no weak algorithm is allowed"),
        Good(_signed("rsaSha1", is_required=False), why="no signature is verified, unless it is required"),
    ),
    base="web",
)
def weak_request_signature(app: Registration, _: Context) -> Iterator[Hit]:
    """The app accepts sign-in requests that are signed with RSA-SHA1.

    Why: Microsoft Entra ID considers RSA-SHA1 a weak algorithm. It accepts RSA-SHA1 only from apps that allow this
        algorithm.
    Acceptable: RSA-SHA1 is acceptable if the client cannot sign its requests in another way. Microsoft Entra ID still
        responds only to registered URLs.
    Fix: Have the client sign its SAML requests with RSA-SHA256. Then remove rsaSha1 from
        requestSignatureVerification.allowedWeakAlgorithms.
    """
    verification = app.request_signature_verification
    if not verification or verification.is_signed_request_required is not True:
        return
    allowed = verification.allowed_weak_algorithms
    if isinstance(allowed, str) and "rsasha1" in {word.strip().casefold() for word in allowed.split(",")}:
        says = "accepts sign-in requests that are signed with RSA-SHA1"
        yield Hit(pointer=_ALGORITHMS, message=says, set_to=None)


@rule(
    "plaintext-saml-metadata",
    severity="low",
    needs=("samlMetadataUrl",),
    when_set=("samlMetadataUrl",),
    references=("graph:application",),
    bad=Bad({"samlMetadataUrl": "http://portal.contoso.com/metadata"}, at="/samlMetadataUrl"),
    good=(
        Good({"samlMetadataUrl": "https://portal.contoso.com/metadata"}),
        Good({"samlMetadataUrl": ""}, why="no URL is set"),
        Good({"samlMetadataUrl": "http://localhost:8080/metadata"}, why="the metadata is on the user's own device"),
    ),
    base="web",
)
def plaintext_saml_metadata(app: Registration, _: Context) -> Iterator[Hit]:
    """The SAML metadata URL uses plain HTTP.

    Why: An attacker who can tamper with HTTP traffic can replace the metadata that is loaded from this URL.
    Acceptable: Plain HTTP is acceptable only until the metadata is available over HTTPS.
    Fix: Make the metadata available over HTTPS, and use https in samlMetadataUrl.
    """
    url = app.saml_metadata_url
    uri = parse(url.strip()) if isinstance(url, str) else None
    if uri and uri.scheme == "http" and not uri.is_loopback:
        yield Hit(pointer="/samlMetadataUrl", message=f"has a SAML metadata URL over plain HTTP: {url}")
