"""Protections of the platform that a registration may switch off for itself (Graph's ``authenticationBehaviors``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration

_AT: Final = "/authenticationBehaviors"
_OTHERS: Final = ("unverified-multi-tenant-publisher",)


@rule(
    "unverified-email-kept",
    severity="high",
    needs=("authenticationBehaviors.removeUnverifiedEmailClaim", "signInAudience"),
    when_set=("authenticationBehaviors",),
    checks=("TK-02",),
    references=(
        "graph:authenticationbehaviors",
        "graph:applications-authenticationbehaviors",
        "entra:migrate-off-email-claim-authorization",
    ),
    bad=Bad({"authenticationBehaviors": {"removeUnverifiedEmailClaim": False}, "signInAudience": "AzureADMultipleOrgs"}, at=f"{_AT}/removeUnverifiedEmailClaim", expected_rules=_OTHERS),
    good=(
        Good({"authenticationBehaviors": {"removeUnverifiedEmailClaim": None}, "signInAudience": "AzureADMultipleOrgs"}, why="null is the default, which depends on the age"),
        Good({"authenticationBehaviors": {"removeUnverifiedEmailClaim": False}}, why="the home tenant alone, whose administrators write the addresses"),
    ),
    base="web",
)  # fmt: skip
def unverified_email_kept(app: Registration, _: Context) -> Iterator[Hit]:
    """The protection against unverified e-mail addresses in tokens was switched off.

    Why: Tokens carry addresses that their tenant does not own, and a client that goes by them lets strangers in.
    Fix: Set removeUnverifiedEmailClaim to true, after the client tells people apart by tid and oid.
    """
    behaviors = app.authentication_behaviors
    if app.allows_other_organizations and behaviors and behaviors.remove_unverified_email_claim is False:
        says = "keeps e-mail addresses in tokens that nobody has verified"
        yield Hit(pointer=f"{_AT}/removeUnverifiedEmailClaim", message=says, set_to=True)


@rule(
    "unknown-clients-admitted",
    severity="medium",
    needs=("authenticationBehaviors.requireClientServicePrincipal", "signInAudience"),
    when_set=("authenticationBehaviors",),
    checks=("TK-09",),
    references=("graph:authenticationbehaviors",),
    bad=Bad({"authenticationBehaviors": {"requireClientServicePrincipal": False}, "signInAudience": "AzureADMultipleOrgs"}, at=f"{_AT}/requireClientServicePrincipal", expected_rules=_OTHERS),
    good=(
        Good({"authenticationBehaviors": {"requireClientServicePrincipal": False}}, why="the home tenant alone"),
        Good({"authenticationBehaviors": {"requireClientServicePrincipal": None}, "signInAudience": "AzureADMultipleOrgs"}, why="null is the default"),
    ),
    base="api",
)  # fmt: skip
def unknown_clients_admitted(app: Registration, _: Context) -> Iterator[Hit]:
    """Clients without a service principal in the tenant get tokens for an API of many tenants.

    Why: Nobody in that tenant has consented to the client, sees it or can block it.
    Fix: Find the clients without a service principal, have them consented to, and set requireClientServicePrincipal to
        true.
    """
    behaviors = app.authentication_behaviors
    if app.allows_other_organizations and behaviors and behaviors.require_client_service_principal is False:
        says = "issues tokens to clients that are unknown in the tenant"
        yield Hit(pointer=f"{_AT}/requireClientServicePrincipal", message=says, set_to=True)


@rule(
    "opener-policy-suppressed",
    severity="low",
    needs=("authenticationBehaviors.coopEnforcement",),
    when_set=("authenticationBehaviors",),
    checks=("TK-11",),
    references=("graph:authenticationbehaviors", "graph:applications-authenticationbehaviors", "web:mdn-opener-policy"),
    bad=Bad({"authenticationBehaviors": {"coopEnforcement": False}}, at=f"{_AT}/coopEnforcement"),
    good=(
        Good({"authenticationBehaviors": {"coopEnforcement": True}}),
        Good({"authenticationBehaviors": {"coopEnforcement": None}}, why="null is what the service does by default"),
    ),
    base="spa",
)  # fmt: skip
def opener_policy_suppressed(app: Registration, _: Context) -> Iterator[Hit]:
    """The pages that sign people in do not cut themselves off from the window that opened them.

    Why: The switch is meant for the time in which a client is mended. A hostile page that opens the sign-in keeps hold
        of its window.
    Fix: Let the client do without window.opener, then set coopEnforcement to true, or to null for the default.
    """
    behaviors = app.authentication_behaviors
    if behaviors and behaviors.coop_enforcement is False:
        says = "has sign-in pages keep their tie to the window that opened them"
        yield Hit(pointer=f"{_AT}/coopEnforcement", message=says, set_to=True)


@rule(
    "azure-ad-graph-open",
    severity="info",
    needs=("authenticationBehaviors.blockAzureADGraphAccess",),
    when_set=("authenticationBehaviors",),
    checks=("TK-10",),
    references=("graph:authenticationbehaviors", "graph:applications-authenticationbehaviors"),
    bad=Bad({"authenticationBehaviors": {"blockAzureADGraphAccess": False}}, at=f"{_AT}/blockAzureADGraphAccess"),
    good=Good({"authenticationBehaviors": {"blockAzureADGraphAccess": None}}, why="null is the default"),
    base="web",
)  # fmt: skip
def azure_ad_graph_open(app: Registration, _: Context) -> Iterator[Hit]:
    """The registration still has an extension for Azure AD Graph.

    Why: The extension held until August 2025, when Azure AD Graph was retired. Who asked for it called that API, and
        perhaps still tries.
    Fix: Make sure that the client has moved to Microsoft Graph, then set blockAzureADGraphAccess to true.
    """
    behaviors = app.authentication_behaviors
    if behaviors and behaviors.block_azure_ad_graph_access is False:
        says = "still has an extension for Azure AD Graph"
        yield Hit(pointer=f"{_AT}/blockAzureADGraphAccess", message=says, set_to=True)
