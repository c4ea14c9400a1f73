"""Whether the tenant keeps applications from taking an identifier URI that may be somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.restrictions import UNKNOWN_STATE, state
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.tenant import Tenant

_URIS: Final = "defaultAppManagementPolicy.applicationRestrictions.identifierUris"
_AT: Final = "/" + _URIS.replace(".", "/")
_UNSAFE: Final = "uriAdditionWithoutUniqueTenantIdentifier"
_CUSTOM: Final = "nonDefaultUriAddition"


def _states(**states: Any) -> dict[str, Any]:
    uris = {name: None if value is None else {"state": value} for name, value in states.items()}
    return {"defaultAppManagementPolicy": {"applicationRestrictions": {"identifierUris": uris}}}


@rule(
    "any-identifier-uri-allowed", on="tenant",
    severity="medium",
    may_be=("low",),
    needs=(f"{_URIS}.{_UNSAFE}.isStateSetByMicrosoft",),
    needs_all=("defaultAppManagementPolicy.isEnabled", f"{_URIS}.{_UNSAFE}.state", f"{_URIS}.{_CUSTOM}.state"),
    checks=("TP-13",),
    references=(
        "entra:identifier-uri-restrictions#policy",
        "graph:identifieruriconfiguration",
        "graph:identifierurirestriction",
    ),
    bad=(
        Bad(_states(**{_UNSAFE: "disabled"}), at=f"{_AT}/{_UNSAFE}/state"),
        Bad(_states(**{_UNSAFE: None, _CUSTOM: None}), at=f"{_AT}/{_UNSAFE}/state"),
        Bad({"defaultAppManagementPolicy": {"isEnabled": False}}, at=f"{_AT}/{_UNSAFE}/state", expected_rules=("unrestricted-app-credentials",)),
        Bad(_states(**{_CUSTOM: "disabled"}), at=f"{_AT}/{_CUSTOM}/state", severity="low"),
    ),
    good=Good({}, why="applications with tokens of version 2 are left out, as Microsoft advises"),
    base="tenant",
)  # fmt: skip
def any_identifier_uri_allowed(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The tenant lets an API take an identifier URI that is not provably its own.

    Why: Two APIs with the same or a like audience take each other's tokens, and one of them belongs to somebody who chose
        the name for that.
    Fix: Enable uriAdditionWithoutUniqueTenantIdentifier, which Microsoft does by itself where it sees no breakage, then
        nonDefaultUriAddition, both with excludeAppsReceivingV2Tokens and excludeSaml. What is there already goes on working.
    """
    policy = tenant.default_app_management_policy
    if not policy:
        return
    restrictions = policy.application_restrictions
    uris = restrictions.identifier_uris if restrictions else None
    unsafe = uris.uri_addition_without_unique_tenant_identifier if uris else None
    custom = uris.non_default_uri_addition if uris else None
    # A policy that is disabled holds nobody to anything. There is no patch: Microsoft's instructions send the restrictions
    # that are already there along with the new one, since what is left out may go.
    enabled = policy.is_enabled is True
    if unsafe and state(unsafe.state) is None:
        yield Gap(f"{_AT}/{_UNSAFE}/state", message=UNKNOWN_STATE)
    elif not enabled or not unsafe or not state(unsafe.state):
        itself = unsafe and unsafe.is_state_set_by_microsoft is False and state(unsafe.state) is False
        says = "lets applications take identifier URIs without a verified domain or an id in them"
        says += "; it switched the restriction off itself" if itself else ""
        yield Hit(pointer=f"{_AT}/{_UNSAFE}/state", message=says)
    elif custom and state(custom.state) is None:
        yield Gap(f"{_AT}/{_CUSTOM}/state", message=UNKNOWN_STATE)
    elif not custom or not state(custom.state):
        says = "lets applications take identifier URIs other than the default"
        yield Hit(pointer=f"{_AT}/{_CUSTOM}/state", message=says, severity="low")
