"""Whether the tenant keeps applications from taking an identifier URI of another application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.restrictions import UNKNOWN_STATE, state, uri_restrictions
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
    "any-identifier-uri-allowed",
    on="tenant",
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
        Bad(_states(**{_UNSAFE: "disabled", _CUSTOM: "disabled"}), at=f"{_AT}/{_UNSAFE}/state"),
        Bad(_states(**{_UNSAFE: None, _CUSTOM: None}), at=f"{_AT}/{_UNSAFE}/state"),
        Bad(
            {"defaultAppManagementPolicy": {"isEnabled": False}},
            at=f"{_AT}/{_UNSAFE}/state",
            expected_rules=("unrestricted-app-credentials",),
        ),
        Bad(_states(**{_CUSTOM: "disabled"}), at=f"{_AT}/{_CUSTOM}/state", severity="low"),
    ),
    good=(
        Good({}, why="applications that receive v2.0 tokens may be exempt"),
        Good(_states(**{_UNSAFE: "disabled"}), why="nonDefaultUriAddition allows only default URIs, which have an ID"),
    ),
    base="tenant",
)
def any_identifier_uri_allowed(tenant: Tenant, _: Context) -> Iterator[Hit | Gap]:
    """The tenant allows identifier URIs that another tenant can also use.

    Why: An API in another tenant can have the same identifier URI if the URI contains no verified domain and no ID.
        If two APIs have the same identifier URI, an API that checks only the audience may accept tokens for the other.
        Microsoft recommends allowing only the default URIs where possible, to protect against errors in audience
        validation.
    Acceptable: Other URIs are acceptable while applications cannot use the default URIs yet, if
        uriAdditionWithoutUniqueTenantIdentifier is enabled. New URIs then contain a verified domain, a tenant ID or an
        app ID. grantlint then reports the lack of the other restriction as low.
    Fix: Enable uriAdditionWithoutUniqueTenantIdentifier, then nonDefaultUriAddition. In both restrictions,
        set excludeAppsReceivingV2Tokens and excludeSaml to true. Existing identifier URIs are not affected.
    """
    policy = tenant.default_app_management_policy
    if not policy:
        return
    restrictions = policy.application_restrictions
    uris = uri_restrictions(restrictions.identifier_uris if restrictions else None)
    custom, unsafe = (uris.get(kind) for kind in (_CUSTOM, _UNSAFE))
    # A disabled policy restricts nothing. There is no patch: Microsoft's instructions send the existing restrictions
    # along with the new one, since what is left out may be removed.
    enabled = policy.is_enabled is True
    blocks_custom, blocks_unsafe = (state(one.state) if one and enabled else False for one in (custom, unsafe))
    if blocks_custom:
        return  # it blocks all that the other one blocks; other rules report the applications and callers it exempts
    if blocks_custom is None:
        yield Gap(f"{_AT}/{_CUSTOM}/state", message=UNKNOWN_STATE)
    elif blocks_unsafe is None:
        yield Gap(f"{_AT}/{_UNSAFE}/state", message=UNKNOWN_STATE)
    elif blocks_unsafe:
        says = "allows identifier URIs other than the default"
        yield Hit(pointer=f"{_AT}/{_CUSTOM}/state", message=says, severity="low")
    else:
        itself = unsafe and unsafe.is_state_set_by_microsoft is False and state(unsafe.state) is False
        says = "allows identifier URIs without a verified domain or an ID in them"
        says += "; the tenant set this state, not Microsoft" if itself else ""
        yield Hit(pointer=f"{_AT}/{_UNSAFE}/state", message=says)
