"""In which version tokens are issued, who may change what they say, and how they are kept from other eyes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.uri import parse

_OTHERS: Final = ("unverified-multi-tenant-publisher",)
_KEY: Final = {"keyId": "33333333-3333-4333-8333-333333333339", "displayName": "CN=tokens", "startDateTime": "2025-11-01T00:00:00Z", "endDateTime": "2026-09-01T00:00:00Z", "type": "AsymmetricX509Cert"}  # fmt: skip


@rule(
    "v1-tokens-for-personal-accounts",
    severity="low",
    needs=("api.requestedAccessTokenVersion", "signInAudience"),
    checks=("TK-03",),
    references=("entra:app-manifest", "entra:optional-claims-reference", "graph:apiapplication"),
    bad=(
        Bad({"api": {"requestedAccessTokenVersion": None}, "signInAudience": "AzureADandPersonalMicrosoftAccount"}, at="/api/requestedAccessTokenVersion", expected_rules=_OTHERS),
        Bad({"api": {"requestedAccessTokenVersion": 1}, "signInAudience": "PersonalMicrosoftAccount"}, at="/api/requestedAccessTokenVersion", expected_rules=_OTHERS),
    ),
    good=Good({"api": {"requestedAccessTokenVersion": None}}, why="custom-uri-with-v1-tokens judges work accounts"),
    base="web",
)  # fmt: skip
def v1_tokens_for_personal_accounts(app: Registration, _: Context) -> Iterator[Hit]:
    """Personal accounts may sign in, and the version of access tokens is not 2.

    Why: There are no v1 tokens for personal accounts: the platform demands version 2, and refuses what this file says.
    Fix: Set requestedAccessTokenVersion to 2, and let the API take the issuer and the audience of such tokens.
    """
    if app.allows_personal_accounts and app.api and app.api.requested_access_token_version in (None, 1):
        pointer = "/api/requestedAccessTokenVersion"
        yield Hit(pointer=pointer, message="admits personal accounts and asks for v1 tokens", set_to=2)


@rule(
    "mapped-claims-accepted",
    severity="high",
    may_be=("info",),
    needs=("api.acceptMappedClaims", "signInAudience"),
    when_set=("api.acceptMappedClaims",),
    checks=("TK-04",),
    references=("entra:app-manifest", "entra:jwt-claims-customization"),
    bad=(
        Bad({"api": {"acceptMappedClaims": True}, "signInAudience": "AzureADMultipleOrgs"}, at="/api/acceptMappedClaims", expected_rules=_OTHERS),
        Bad({"api": {"acceptMappedClaims": True}}, at="/api/acceptMappedClaims", severity="info"),
    ),
    good=Good({"api": {"acceptMappedClaims": None}}, why="null is off"),
    base="api",
)  # fmt: skip
def mapped_claims_accepted(app: Registration, _: Context) -> Iterator[Hit]:
    """Tokens may carry claims that a policy made up, without a key that says so.

    Why: In an application for many tenants, a stranger's policy decides what the token says of a person. In the home
        tenant whoever may write policies for its service principal does.
    Fix: Switch acceptMappedClaims off. Where mapped claims are needed, give the application a signing key of its own.
    """
    if not app.api or app.api.accept_mapped_claims is not True:
        return
    if app.allows_other_organizations:
        says = "accepts claims that policies of other tenants make up"
        yield Hit(pointer="/api/acceptMappedClaims", message=says, set_to=False)
    else:
        says = "accepts mapped claims without a signing key of its own"
        yield Hit(pointer="/api/acceptMappedClaims", message=says, severity="info")


@rule(
    "missing-encryption-key",
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
        Good({"tokenEncryptionKeyId": _KEY["keyId"].upper(), "keyCredentials": [{**_KEY, "usage": "Encrypt"}]}, why="another case of letters"),
        Good({"tokenEncryptionKeyId": _KEY["keyId"], "keyCredentials": [_KEY]}, why="what the key is for was not read"),
    ),
    base="web",
)  # fmt: skip
def missing_encryption_key(app: Registration, _: Context) -> Iterator[Hit]:
    """The key for encrypting tokens is not among the registration's keys, or is there for something else.

    Why: What was to be encrypted cannot be, so sign-in fails, or the claims lie open to whatever handles the token.
    Fix: Add the certificate with the usage Encrypt, or take tokenEncryptionKeyId out.
    """
    wanted, keys = app.token_encryption_key_id, app.key_credentials
    if not isinstance(wanted, str) or not wanted or keys is UNSET:
        return
    known = {key.key_id.lower(): key for key in keys or () if isinstance(key.key_id, str)}
    if len(known) < len(keys or ()):  # one of them may be the key; what was not read the engine reports
        return
    key = known.get(wanted.lower())
    if key is None:
        yield Hit(pointer="/tokenEncryptionKeyId", message=f"encrypts tokens with the key {wanted}, which is not there")
    elif isinstance(key.usage, str) and key.usage.casefold() != "encrypt":
        says = f"encrypts tokens with the key {wanted}, which is there for the usage {key.usage}"
        because = (Because("/keyCredentials", f"usage {key.usage}"),)
        yield Hit(pointer="/tokenEncryptionKeyId", message=says, because=because)


@rule(
    "weak-request-signature",
    severity="low",
    needs=("requestSignatureVerification.allowedWeakAlgorithms",),
    when_set=("requestSignatureVerification.allowedWeakAlgorithms",),
    references=("graph:requestsignatureverification", "graph:application"),
    bad=Bad({"requestSignatureVerification": {"isSignedRequestRequired": True, "allowedWeakAlgorithms": "rsaSha1"}}, at="/requestSignatureVerification/allowedWeakAlgorithms"),
    good=(
        Good({"requestSignatureVerification": {"isSignedRequestRequired": True, "allowedWeakAlgorithms": None}}),
        Good({"requestSignatureVerification": {"isSignedRequestRequired": True, "allowedWeakAlgorithms": ""}}, why="none is allowed"),
    ),
    base="web",
)  # fmt: skip
def weak_request_signature(app: Registration, _: Context) -> Iterator[Hit]:
    """Signed sign-in requests are accepted with RSA and SHA-1.

    Why: Collisions of SHA-1 can be made, so the signature no longer proves who wrote the request.
    Fix: Let the client sign with SHA-256, then take rsaSha1 out of allowedWeakAlgorithms.
    """
    verification = app.request_signature_verification
    allowed = verification.allowed_weak_algorithms if verification else None
    if isinstance(allowed, str) and "rsasha1" in {word.strip().casefold() for word in allowed.split(",")}:
        says = "accepts sign-in requests that are signed with SHA-1"
        yield Hit(pointer="/requestSignatureVerification/allowedWeakAlgorithms", message=says, set_to=None)


@rule(
    "plaintext-saml-metadata",
    severity="low",
    needs=("samlMetadataUrl",),
    when_set=("samlMetadataUrl",),
    references=("graph:application", "entra:app-manifest"),
    bad=Bad({"samlMetadataUrl": "http://portal.contoso.com/metadata"}, at="/samlMetadataUrl"),
    good=(Good({"samlMetadataUrl": "https://portal.contoso.com/metadata"}), Good({"samlMetadataUrl": ""}, why="empty")),
    base="web",
)
def plaintext_saml_metadata(app: Registration, _: Context) -> Iterator[Hit]:
    """The service's SAML metadata is read over plain http.

    Why: Who stands on the way writes other keys and reply addresses into it.
    Fix: Give the address with https.
    """
    url = app.saml_metadata_url
    if isinstance(url, str) and parse(url.strip()).scheme == "http":
        yield Hit(pointer="/samlMetadataUrl", message="names SAML metadata that is read over plain http")
