"""Claims mapping policies that change the tokens of an application."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rules.analysis.principals import is_for_signing, uses_saml
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import UNSET, Registration
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import moment
from rules.primitives.texts import text_of

_ID: Final = "77777777-7777-4777-8777-777777777771"
_AT: Final = "/servicePrincipal"
_POLICY: Final = {"tenant": {"claimsMappingPolicies": [{"id": "p", "displayName": "Department", "appliesTo": [_ID]}]}}
_ACCEPTS: Final = {"application": {"api": {"acceptMappedClaims": True}}}
_SIGNING: Final = {
    "keyId": "33333333-3333-4333-8333-333333333337",
    "usage": "Sign",
    "type": "X509CertAndPassword",
    "startDateTime": "2025-11-01T00:00:00Z",
    "endDateTime": "2026-09-01T00:00:00Z",
}
_NEEDS: Final = (
    "application.api.acceptMappedClaims",
    "servicePrincipal.keyCredentials",
    "servicePrincipal.preferredSingleSignOnMode",
    "tenant.claimsMappingPolicies",
)


def _signed(**more: Any) -> dict[str, Any]:
    return {"servicePrincipal": {"keyCredentials": [{**_SIGNING, **more}], "preferredSingleSignOnMode": "oidc"}}


def _policy_of(app: TenantApp) -> str:
    """The name of the claims mapping policy that applies to the service principal; empty without one."""
    found = app.tenant.claims_mapped.get(text_of(app.service_principal.id)) if app.service_principal else None
    return (text_of(found.display_name) or text_of(found.id)) if found else ""


def _accepts(app: TenantApp) -> bool | None:
    """Whether the registration accepts mapped claims; ``None`` where that was not read."""
    api = app.application.api if isinstance(app.application, Registration) else UNSET
    if api is UNSET or (api is not None and api.accept_mapped_claims is UNSET):
        return None
    return api is not None and api.accept_mapped_claims is True


def _has_signing_key(app: TenantApp, context: Context) -> bool | None:
    """Whether the service principal has a key of its own that signs tokens and may be valid now; ``None`` if unread."""
    if app.service_principal is None or app.service_principal.key_credentials is UNSET:
        return None
    return any(
        is_for_signing(key)
        and not (isinstance(end := moment(key.end_date_time), datetime) and end <= context.now)
        and not (isinstance(start := moment(key.start_date_time), datetime) and start > context.now)
        for key in app.service_principal.key_credentials or ()
    )


@rule(
    "mapped-claims-without-signing-key",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="low",
    needs=_NEEDS,
    when_set=("application",),
    checks=("SP-13",),
    references=("entra:jwt-claims-customization", "graph:claimsmappingpolicy"),
    status="preview",
    bad=Bad(_POLICY | _ACCEPTS, at=_AT),
    good=(
        Good(_ACCEPTS, why="no policy applies: mapped-claims-accepted reports the registration"),
        Good(_POLICY | _ACCEPTS | _signed(), why="the custom signing key identifies changed tokens"),
    ),
    base="own",
)
def mapped_claims_without_signing_key(app: TenantApp, context: Context) -> Iterator[Hit]:
    """A claims mapping policy changes tokens that have no custom signing key.

    Why: Administrators of applications can edit the policy, and so change the claims that the application trusts. The
        tokens have the same signing key as other tokens, so the application cannot detect the change.
    Acceptable: In a single-tenant app, Microsoft documents acceptMappedClaims as an alternative to the signing key. It
        is acceptable if the application does not base access on the claims of the policy.
    Fix: Have the application read the signing keys from the metadata for its appid. Then add a custom signing key to
        the service principal, and set api.acceptMappedClaims to false. An app instance property lock must be off while
        you add the key.
    """
    policy = _policy_of(app)
    if policy and _accepts(app) and _has_signing_key(app, context) is False:
        because = (Because("/application/api/acceptMappedClaims", "accepts mapped claims"),)
        says = f"gets claims from the policy {policy} without a custom signing key"
        yield Hit(pointer=_AT, message=says, because=because)


@rule(
    "claims-mapping-policy-fails",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=(*_NEEDS, "servicePrincipal.accountEnabled"),
    references=("entra:jwt-claims-customization", "entra:reference-error-codes"),
    status="preview",
    bad=(
        Bad(_POLICY, at=_AT),
        Bad(_POLICY | _signed(endDateTime="2025-12-01T00:00:00Z"), at=_AT),
        Bad(
            _POLICY | {"servicePrincipal": {"accountEnabled": False}},
            at=_AT,
            severity="low",
            expected_rules=("credentials-of-disabled-application",),
        ),
    ),
    good=(
        Good(_POLICY | _ACCEPTS, why="mapped-claims-without-signing-key reports this case"),
        Good(_POLICY | _signed(), why="the service principal has a custom signing key"),
        Good(
            _POLICY | {"servicePrincipal": {"preferredSingleSignOnMode": "saml"}},
            why="Microsoft Entra ID signs SAML tokens with the certificate of the application",
        ),
    ),
    base="own",
)
def claims_mapping_policy_fails(app: TenantApp, context: Context) -> Iterator[Hit | Gap]:
    """A claims mapping policy applies to an app not configured for it.

    Why: Without acceptMappedClaims or a valid custom signing key, Microsoft Entra ID refuses to issue tokens
        (AADSTS50146). Users cannot sign in. An administrator may then turn on acceptMappedClaims instead of adding a
        key.
    Acceptable: The policy can remain while you set up the signing key, if no user signs in yet.
    Fix: Add a custom signing key to the service principal, and have the application validate tokens with it. If the
        application needs no changed claims, remove the policy from the service principal.
    """
    policy, principal = _policy_of(app), app.service_principal
    if not policy or principal is None or _accepts(app) or _has_signing_key(app, context) is not False:
        return
    if principal.preferred_single_sign_on_mode is UNSET or not (app.is_foreign or app.application):
        return
    if (is_saml := uses_saml(principal)) is None:
        says = "the mode is null, so the application may use SAML"
        yield Gap(f"{_AT}/preferredSingleSignOnMode", says, "unknown", "check which protocol it uses")
    elif not is_saml and _accepts(app) is None and app.is_foreign:
        says = f"the owner of the registration sets whether it accepts claims from the policy {policy}"
        yield Gap(_AT, says, "unknown", "ask the owner of the application")
    elif not is_saml and _accepts(app) is False:
        blocked = app.blocked
        says = f"gets no claims from the policy {policy}; sign-in fails with AADSTS50146"
        says += f"; the application is {blocked.note}" if blocked else ""
        because = (blocked,) if blocked else ()
        yield Hit(pointer=_AT, message=says, severity="low" if blocked else "medium", because=because)
