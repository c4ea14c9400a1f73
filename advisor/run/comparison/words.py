"""Say in a sentence what a difference means: which credential was added, whom a federated credential trusts now.

Each change belongs to one category, which ``diff --fail-on-change`` names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from advisor.run.comparison.walk import Difference, Step
from rules.knowledge.permissions import permission, resources
from rules.primitives.dates import day, moment

Category = Literal["credentials", "grants", "roles", "owners", "policies", "registrations", "service-principals"]
CATEGORIES: Final[tuple[Category, ...]] = (
    "credentials", "grants", "roles", "owners", "policies", "registrations", "service-principals",
)  # fmt: skip

_ORDINALS: Final = ("", "", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_PRINCIPAL: Final = "servicePrincipal."


class Change(msgspec.Struct, frozen=True):
    """A change: its category, a sentence about it, the property, and both values; ``None`` is null, or nothing."""

    category: Category
    text: str
    property: str
    old: Any = None
    new: Any = None


#: What names an element of a list of which nothing else is known.
_NAMES: Final = ("displayName", "name", "id")


class _List(NamedTuple):
    """How elements of a list are called: what one is, the properties that name it, and what else is said of it."""

    noun: str
    names: tuple[str, ...] = _NAMES
    detail: Callable[[Mapping[str, Any]], str] = lambda _: ""


def _validity(credential: Mapping[str, Any]) -> str:
    end = moment(credential.get("endDateTime"))
    return f"valid until {day(end)}" if end else ""


def _trust(credential: Mapping[str, Any]) -> str:
    expression = credential.get("claimsMatchingExpression") or {}
    subject = credential.get("subject") or expression.get("value")
    issuer = credential.get("issuer")
    return f"trusts {subject or 'a subject that is not known'}" + (f" of {issuer}" if issuer else "")


def _state(policy: Mapping[str, Any]) -> str:
    state = policy.get("state")
    return f"state {state}" if state else ""


_LISTS: Final = {
    "passwordCredentials": _List("secret", ("displayName", "keyId"), _validity),
    "keyCredentials": _List("certificate", ("displayName", "keyId"), _validity),
    "federatedIdentityCredentials": _List("federated credential", ("name", "id"), _trust),
    "owners": _List("owner"),
    "web.redirectUris": _List("web redirect URI"),
    "spa.redirectUris": _List("SPA redirect URI"),
    "publicClient.redirectUris": _List("public client redirect URI"),
    "identifierUris": _List("application ID URI"),
    "appRoles": _List("app role", ("value", "displayName", "id")),
    "api.oauth2PermissionScopes": _List("scope", ("value", "id")),
    "oauth2PermissionScopes": _List("scope", ("value", "id")),
    "api.preAuthorizedApplications": _List("pre-authorized client", ("appId",)),
    "api.knownClientApplications": _List("known client application"),
    "conditionalAccessPolicies": _List("Conditional Access policy", detail=_state),
    "claimsMappingPolicies": _List("claims mapping policy"),
    "appManagementPolicies": _List("app management policy"),
    "permissionGrantPolicies": _List("consent policy"),
    "settings": _List("settings"),
    "roleDefinitions": _List("custom directory role"),
    "delegatedPermissionClassifications": _List("classified permission", ("permissionName", "permissionId")),
    "organization.verifiedDomains": _List("verified domain"),
}

#: What a registration or service principal has, by the category of a change in it.
HELD: Final[Mapping[str, Category]] = {
    "passwordCredentials": "credentials",
    "keyCredentials": "credentials",
    "federatedIdentityCredentials": "credentials",
    "owners": "owners",
}
#: The lists of what was granted, which are compared as sets.
LISTS: Final[Mapping[str, Category]] = {
    "oauth2PermissionGrants": "grants",
    "appRoleAssignments": "grants",
    "roleAssignments": "roles",
    "roleEligibilities": "roles",
}
#: What agent identities inherit, which no list of a tenant contains.
INHERITED: Final = "inheritedPermissions"
#: The user accounts of agent identities.
AGENT_USERS: Final = "agentUsers"
#: All that is compared as a set.
SETS: Final[Mapping[str, Category]] = {**LISTS, INHERITED: "grants", AGENT_USERS: "service-principals"}
_CATEGORIES: Final[Mapping[str, Category]] = {
    **HELD,
    **SETS,
    "roleDefinitions": "roles",
    "applications": "registrations",
    "servicePrincipals": "service-principals",
}


def category_of(name: str, otherwise: Category) -> Category:
    """The category of a change of the property *name*; *otherwise* is that of what has none of its own."""
    head = name.removeprefix(_PRINCIPAL).partition("[")[0].partition(".")[0]
    return _CATEGORIES.get(head, "service-principals" if name.startswith(_PRINCIPAL) else otherwise)


def changes(found: Iterable[Difference], otherwise: Category) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The changes of one object, and the properties that one of the two states did not read.

    *otherwise* is the category of what has none of its own.
    """
    known: dict[tuple[str, str], Change] = {}
    unknown: dict[str, None] = {}
    for one in found:
        if not one.is_known:
            unknown[one.property] = None
            continue
        text = _sentence(one) + (" (service principal)" if one.property.startswith(_PRINCIPAL) else "")
        category = category_of(one.property, otherwise)
        known.setdefault((category, text), Change(category, text, one.property, one.old, one.new))
    return tuple(known.values()), tuple(unknown)


def _sentence(one: Difference) -> str:
    if not one.steps:
        return _changed(one.rest.removeprefix(_PRINCIPAL), one.old, one.new)
    step = one.steps[0]
    name = step.list.removeprefix(_PRINCIPAL)
    if len(one.steps) == 1 and not one.rest:
        return _came_or_went(name, step)
    return _changed_element(name, one)


def _changed_element(name: str, one: Difference) -> str:
    """What changed inside an element of the list called *name*, or in a list inside of it."""
    step, *inner = one.steps
    if name == "federatedIdentityCredentials" and one.rest.startswith(("subject", "issuer", "claims")):
        return f"federated credential {label(step.element, ('name', 'id'))} now {_trust(step.after)}"
    known = _LISTS.get(name, _List(name))
    where = f"{known.noun} {label(step.element, known.names)}"
    if not inner:
        return f"{where}: {_changed(one.rest, one.old, one.new)}"
    part = f"{inner[0].list} {label(inner[0].element, _NAMES)}"
    if one.rest:
        return f"{where}: {_changed(part if one.rest == 'value' else f'{part}.{one.rest}', one.old, one.new)}"
    return f"{where}: {part} was {'added' if inner[0].before is None else 'removed'}"


def _came_or_went(name: str, step: Step) -> str:
    """What was added to the list called *name*, or removed from it."""
    is_new, element = step.before is None, step.element
    known = _LISTS.get(name)
    if name == "requiredResourceAccess" and isinstance(element, dict):
        return f"{_requested(element)} is {'now' if is_new else 'no longer'} requested"
    if name == "owners":
        return f"{_person(element)} was {'added' if is_new else 'removed'} as an owner"
    if known is None:
        named = label(element, _NAMES) if set(_NAMES).intersection(element or ()) else shown(element)
        return f"{named} was {'added to' if is_new else 'removed from'} {name}"
    detail = known.detail(element) if isinstance(element, dict) else ""
    named = label(element, known.names)
    if not is_new:
        past = detail.replace("valid", "it was valid", 1).replace("trusts", "it trusted", 1)
        return f"{known.noun} {named} was removed" + (f"; {past}" if past else "")
    count = step.kept + step.number
    if known.detail is _validity and count > 1:
        ordinal = _ORDINALS[count] if count < len(_ORDINALS) else "further"
        return f"a {ordinal} {known.noun} was added: {named}" + (f", {detail}" if detail else "")
    return f"{known.noun} {named} was added" + (
        f"; it {detail}" if known.detail is _trust else detail and f", {detail}"
    )


def _requested(access: Mapping[str, Any]) -> str:
    """A requested permission by its name and its API."""
    resource, id_, kind = (str(access.get(name) or "") for name in ("resourceAppId", "id", "type"))
    row, api = permission(resource, id_, kind), resources().get(resource.lower())
    what = {"role": "application permission", "scope": "delegated permission"}.get(kind.lower(), "permission")
    return f"{what} {row.value if row else id_} of {api.name if api else resource}"


def _person(owner: Any) -> str:
    """An owner by name and address, else by ID."""
    name = label(owner, ("displayName", "id"))
    address = owner.get("userPrincipalName") or owner.get("appId") if isinstance(owner, dict) else ""
    return f"{name} ({address})" if address else name


def label(element: Any, names: Iterable[str]) -> str:
    """The first of the properties *names* that says something; an element that is a value is named by itself."""
    if not isinstance(element, dict):
        return shown(element)
    return next((str(element[name]) for name in names if element.get(name)), "without a name")


def _changed(name: str, old: Any, new: Any) -> str:
    return f"{name} changed from {shown(old)} to {shown(new)}"


def shown(value: Any) -> str:
    """A value whole: a text as it is, everything else as JSON."""
    if value is None or value == "":
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
