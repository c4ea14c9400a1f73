"""Protections of the platform that a registration can turn off for itself (``authenticationBehaviors``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration

_AT: Final = "/authenticationBehaviors"
_WIDE: Final = {"signInAudience": "AzureADMultipleOrgs"}
_OTHERS: Final = ("unverified-multi-tenant-publisher",)


def _set(**behaviors: bool | None) -> dict[str, Any]:
    """A fragment with *behaviors*, by their Graph names."""
    return {"authenticationBehaviors": behaviors}


@rule(
    "unverified-email-allowed",
    severity="high",
    needs=("authenticationBehaviors.removeUnverifiedEmailClaim", "signInAudience"),
    when_set=("authenticationBehaviors",),
    checks=("TK-02",),
    references=(
        "graph:authenticationbehaviors",
        "graph:applications-authenticationbehaviors",
        "entra:migrate-off-email-claim-authorization",
        "web:descope-noauth",
    ),
    bad=Bad(
        {**_set(removeUnverifiedEmailClaim=False), **_WIDE},
        at=f"{_AT}/removeUnverifiedEmailClaim",
        expected_rules=_OTHERS,
    ),
    good=(
        Good({**_set(removeUnverifiedEmailClaim=None), **_WIDE}, why="null is the default"),
        Good(
            _set(removeUnverifiedEmailClaim=False),
            why="only the home tenant can use the app, and the risk was found in multitenant apps",
        ),
    ),
    base="web",
)
def unverified_email_allowed(app: Registration, _: Context) -> Iterator[Hit]:
    """The protection against unverified email addresses in tokens is turned off.

    Why: An attacker can set your email address on an account in another tenant. A client that identifies users by email
        then signs the attacker in as you (nOAuth).
    Acceptable: Unverified addresses are acceptable if the client needs them, and never identifies or authorizes users
        by them.
    Fix: Have the client identify users by tid and oid. Then set authenticationBehaviors.removeUnverifiedEmailClaim to
        true.
    """
    behaviors = app.authentication_behaviors
    if app.allows_other_organizations and behaviors and behaviors.remove_unverified_email_claim is False:
        says = "allows unverified email addresses in its tokens"
        yield Hit(pointer=f"{_AT}/removeUnverifiedEmailClaim", message=says, set_to=True)


@rule(
    "clients-without-service-principal-allowed",
    severity="low",
    needs=("authenticationBehaviors.requireClientServicePrincipal", "signInAudience"),
    when_set=("authenticationBehaviors",),
    checks=("TK-09",),
    references=("graph:authenticationbehaviors", "entra:retire-service-principal-less-authentication"),
    bad=Bad(
        {**_set(requireClientServicePrincipal=False), **_WIDE},
        at=f"{_AT}/requireClientServicePrincipal",
        expected_rules=_OTHERS,
    ),
    good=(
        Good(_set(requireClientServicePrincipal=False), why="only the home tenant can use the app"),
        Good({**_set(requireClientServicePrincipal=None), **_WIDE}, why="null is the default"),
    ),
    base="api",
)
def clients_without_service_principal_allowed(app: Registration, _: Context) -> Iterator[Hit]:
    """A multitenant API is configured to accept clients without a service principal.

    Why: A client without a service principal could get an app-only token for the API, in most cases without
        permissions. Since March 2026, Microsoft Entra ID no longer allows this, except for Microsoft's clients.
    Acceptable: The setting is acceptable if the API rejects tokens without the required permissions.
    Fix: Have each tenant create a service principal for its clients. Then set
        authenticationBehaviors.requireClientServicePrincipal to true.
    """
    behaviors = app.authentication_behaviors
    if app.allows_other_organizations and behaviors and behaviors.require_client_service_principal is False:
        says = "does not require clients to have a service principal"
        yield Hit(pointer=f"{_AT}/requireClientServicePrincipal", message=says, set_to=True)


@rule(
    "opener-policy-suppressed",
    severity="low",
    needs=("authenticationBehaviors.coopEnforcement",),
    when_set=("authenticationBehaviors",),
    checks=("TK-11",),
    references=("graph:authenticationbehaviors", "entra:how-to-prepare-app-coop-enforcement", "web:mdn-opener-policy"),
    bad=Bad(_set(coopEnforcement=False), at=f"{_AT}/coopEnforcement"),
    good=(
        Good(_set(coopEnforcement=True)),
        Good(_set(coopEnforcement=None), why="null is the default, which depends on the age of the app"),
    ),
    base="spa",
)
def opener_policy_suppressed(app: Registration, _: Context) -> Iterator[Hit]:
    """Cross-Origin-Opener-Policy is turned off for the sign-in pages of the app.

    Why: A malicious page can open the app in a window and keep a reference to it. The page can then hijack the sign-in,
        and mislead users about the app that they sign in to.
    Acceptable: The policy can stay turned off only until the client works with it. Meanwhile, the app must disconnect
        from its opener before sign-in. Only trusted sites may open the sign-in popup.
    Fix: Change the client so that its sign-in popup needs no connection to its opener, for example with MSAL.js v5.
        Then set authenticationBehaviors.coopEnforcement to true. The default, null, protects only apps created after 31
        January 2027.
    """
    behaviors = app.authentication_behaviors
    if behaviors and behaviors.coop_enforcement is False:
        says = "turns off Cross-Origin-Opener-Policy on its sign-in pages"
        yield Hit(pointer=f"{_AT}/coopEnforcement", message=says, set_to=True)


@rule(
    "azure-ad-graph-allowed",
    severity="info",
    needs=("authenticationBehaviors.blockAzureADGraphAccess",),
    when_set=("authenticationBehaviors",),
    checks=("TK-10",),
    references=("graph:authenticationbehaviors", "graph:applications-authenticationbehaviors"),
    bad=Bad(_set(blockAzureADGraphAccess=False), at=f"{_AT}/blockAzureADGraphAccess"),
    good=Good(_set(blockAzureADGraphAccess=None), why="null is the default"),
    base="web",
)
def azure_ad_graph_allowed(app: Registration, _: Context) -> Iterator[Hit]:
    """The registration is still configured for extended access to Azure AD Graph.

    Why: The extension ended on 31 August 2025, when Azure AD Graph was retired. A client that still calls this API can
        fail.
    Acceptable: The value can remain if the client no longer calls Azure AD Graph. The value allows nothing after 31
        August 2025.
    Fix: Check that the client uses Microsoft Graph. Then set authenticationBehaviors.blockAzureADGraphAccess to true.
    """
    behaviors = app.authentication_behaviors
    if behaviors and behaviors.block_azure_ad_graph_access is False:
        says = "is still configured for extended access to Azure AD Graph"
        yield Hit(pointer=f"{_AT}/blockAzureADGraphAccess", message=says, set_to=True)
