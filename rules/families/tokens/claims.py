"""Claims that a registration has put into tokens, and what a client may conclude from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit
from rules.model.registration import OptionalClaim, Registration
from rules.primitives.dates import moment

_OTHERS: Final = ("unverified-multi-tenant-publisher",)
_KINDS: Final = (("id_token", "idToken"), ("access_token", "accessToken"), ("saml2_token", "saml2Token"))
_LISTS: Final = ("optionalClaims.idToken", "optionalClaims.accessToken", "optionalClaims.saml2Token")

#: Clients for many tenants that were registered later get no unverified addresses, unless they ask for them.
_SAFE_SINCE: Final = datetime(2023, 7, 1, tzinfo=UTC)
_OLD: Final = {"createdDateTime": "2022-03-01T09:00:00Z", "authenticationBehaviors": {"removeUnverifiedEmailClaim": None}, "signInAudience": "AzureADMultipleOrgs"}  # fmt: skip
_NEW: Final = {**_OLD, "createdDateTime": "2025-06-01T09:00:00Z"}


def _claims(**lists: list[dict[str, Any]]) -> dict[str, Any]:
    return {"optionalClaims": {"idToken": [], "accessToken": [], "saml2Token": [], **lists}}


def _asked(app: Registration) -> Iterator[tuple[str, str, OptionalClaim]]:
    """Pointer, kind of token and claim of every optional claim."""
    claims = app.optional_claims
    for attribute, kind in _KINDS if claims else ():
        for index, claim in enumerate(getattr(claims, attribute) or ()):
            yield f"/optionalClaims/{kind}/{index}", kind, claim


@rule(
    "unverified-email-claim",
    severity="high",
    may_be=("low",),
    needs=(*_LISTS, "signInAudience", "createdDateTime", "authenticationBehaviors.removeUnverifiedEmailClaim"),
    when_set=_LISTS,
    checks=("TK-01",),
    references=(
        "entra:migrate-off-email-claim-authorization",
        "entra:optional-claims-reference#claims",
        "web:descope-noauth",
    ),
    bad=(
        Bad({**_claims(idToken=[{"name": "email"}]), **_OLD}, at="/optionalClaims/idToken/0", expected_rules=_OTHERS),
        Bad({**_claims(idToken=[{"name": "email"}], accessToken=[{"name": "xms_edov"}]), **_OLD}, at="/optionalClaims/idToken/0", expected_rules=_OTHERS),
        Bad({**_claims(accessToken=[{"name": "email"}]), **_NEW}, at="/optionalClaims/accessToken/0", severity="low", expected_rules=_OTHERS),
    ),
    good=(
        Good({**_claims(idToken=[{"name": "email"}, {"name": "xms_edov"}]), **_OLD}, why="xms_edov says whether the domain was verified"),
        Good({**_claims(idToken=[{"name": "email"}]), **_OLD, "authenticationBehaviors": {"removeUnverifiedEmailClaim": True}}, why="the platform leaves unverified addresses out"),
        Good({**_claims(idToken=[{"name": "email"}]), **_OLD, "authenticationBehaviors": {"removeUnverifiedEmailClaim": False}}, why="unverified-email-kept speaks of that"),
        Good({**_claims(idToken=[{"name": "email"}]), "createdDateTime": "2022-03-01T09:00:00Z"}, why="the home tenant alone"),
    ),
    base="web",
)  # fmt: skip
def unverified_email_claim(app: Registration, _: Context) -> Iterator[Hit]:
    """A client for many tenants takes e-mail addresses that nobody has verified.

    Why: An administrator of any tenant can write your address into an account there, and is you where the client goes by
        addresses. Registrations since June 2023 get no such addresses by default: there it is a matter of care.
    Fix: Tell people apart by tid and oid together. Set removeUnverifiedEmailClaim to true, or ask for xms_edov as well
        while addresses are still read.
    """
    behaviors = app.authentication_behaviors or None
    if not app.allows_other_organizations or (behaviors and isinstance(behaviors.remove_unverified_email_claim, bool)):
        return
    asked = list(_asked(app))
    marked = {kind for _, kind, claim in asked if claim.name == "xms_edov"}
    created = moment(app.created_date_time)
    is_recent = isinstance(created, datetime) and created >= _SAFE_SINCE
    for pointer, kind, claim in asked:
        if claim.name == "email" and kind not in marked:
            says = "takes e-mail addresses of foreign tenants " + (
                "and leaves it to the default that they are verified" if is_recent else "that nobody has verified"
            )
            yield Hit(pointer=pointer, message=says, severity="low" if is_recent else "high")


@rule(
    "all-groups-in-tokens",
    severity="low",
    needs=("groupMembershipClaims",),
    when_set=("groupMembershipClaims",),
    checks=("TK-05",),
    references=("entra:optional-claims", "entra:app-manifest"),
    bad=(
        Bad({"groupMembershipClaims": "All"}, at="/groupMembershipClaims"),
        Bad({"groupMembershipClaims": "SecurityGroup, DirectoryRole"}, at="/groupMembershipClaims"),
    ),
    good=(
        Good({"groupMembershipClaims": "ApplicationGroup"}, why="the groups assigned to it alone"),
        Good({"groupMembershipClaims": "None"}, why="the word, not a null"),
        Good({"groupMembershipClaims": "DirectoryRole"}, why="few, and no groups"),
    ),
    base="web",
)  # fmt: skip
def all_groups_in_tokens(app: Registration, _: Context) -> Iterator[Hit]:
    """Tokens list all groups of a person.

    Why: Every client learns what a person belongs to; and past 150 groups (SAML) or 200 (JWT) the list is left out, so
        people lose access, or keep it where a group was to forbid it.
    Fix: Assign the groups that matter and use ApplicationGroup, or use app roles. Clients then see fewer groups: look at
        what they decide by first.
    """
    value = app.group_membership_claims
    words = {word.strip().casefold() for word in value.split(",")} if isinstance(value, str) else set()
    if words & {"all", "securitygroup"}:
        yield Hit(pointer="/groupMembershipClaims", message=f"has tokens list all groups of a person ({value})")


_SYNCED: Final = frozenset({"sam_account_name", "dns_domain_and_sam_account_name", "netbios_domain_and_sam_account_name"})  # fmt: skip


def _names_groups(membership: object, properties: tuple[str, ...]) -> list[str]:
    """By which names groups are called: names from Active Directory, and those of the cloud where they have an effect."""
    assigned = not isinstance(membership, str) or membership.strip().casefold() == "applicationgroup"
    return [name for name in properties if name in _SYNCED or (name == "cloud_displayname" and assigned)]


@rule(
    "groups-by-name",
    severity="medium",
    may_be=("low",),
    needs=(*_LISTS, "groupMembershipClaims"),
    when_set=_LISTS,
    checks=("TK-06",),
    references=("entra:optional-claims", "entra:optional-claims-reference", "entra:how-to-connect-fed-group-claims"),
    bad=(
        Bad({**_claims(idToken=[{"name": "groups", "additionalProperties": ["cloud_displayname"]}]), "groupMembershipClaims": "ApplicationGroup"}, at="/optionalClaims/idToken/0"),
        Bad({**_claims(accessToken=[{"name": "groups", "additionalProperties": ["sam_account_name", "emit_as_roles"]}]), "groupMembershipClaims": "ApplicationGroup"}, at="/optionalClaims/accessToken/0"),
        Bad({**_claims(accessToken=[{"name": "groups", "additionalProperties": ["emit_as_roles"]}]), "groupMembershipClaims": "ApplicationGroup"}, at="/optionalClaims/accessToken/0", severity="low"),
    ),
    good=(
        Good({**_claims(idToken=[{"name": "groups", "additionalProperties": []}]), "groupMembershipClaims": "ApplicationGroup"}, why="groups by id"),
        Good({**_claims(idToken=[{"name": "groups", "additionalProperties": ["sam_account_name"]}]), "groupMembershipClaims": None}, why="no groups are sent at all"),
        Good({**_claims(idToken=[{"name": "groups", "additionalProperties": ["cloud_displayname"]}]), "groupMembershipClaims": "DirectoryRole"}, why="it has an effect with ApplicationGroup alone"),
    ),
    base="web",
)  # fmt: skip
def groups_by_name(app: Registration, _: Context) -> Iterator[Hit]:
    """Tokens name groups by names that can be changed or taken, or call them roles.

    Why: Whoever may name a group gives it the name that opens the client. As roles, groups stand in the place of the app
        roles that the registration defines.
    Fix: Send ids of groups, or use app roles.
    """
    membership = app.group_membership_claims
    if membership is None or (isinstance(membership, str) and membership.strip().casefold() in ("", "none")):
        return
    for pointer, _kind, claim in _asked(app):
        properties = claim.additional_properties or ()
        names = _names_groups(membership, properties)
        if claim.name != "groups" or not (names or "emit_as_roles" in properties):
            continue
        says = f"has tokens name groups by {' and '.join(names)}" if names else "has tokens call groups roles"
        if names and "emit_as_roles" in properties:
            says += " and call them roles"
        yield Hit(pointer=pointer, message=says, severity="medium" if names else "low")


@rule(
    "mutable-name-in-access-token",
    severity="info",
    needs=("optionalClaims.accessToken", "signInAudience"),
    when_set=("optionalClaims.accessToken",),
    checks=("TK-07",),
    references=("entra:optional-claims-reference#claims", "entra:claims-validation"),
    bad=(
        Bad(_claims(accessToken=[{"name": "upn"}]), at="/optionalClaims/accessToken/0"),
        Bad(_claims(accessToken=[{"name": "email"}]), at="/optionalClaims/accessToken/0"),
    ),
    good=(
        Good(_claims(idToken=[{"name": "upn"}]), why="for showing it"),
        Good({**_claims(accessToken=[{"name": "email"}]), "signInAudience": "AzureADMultipleOrgs"}, why="unverified-email-claim speaks of that"),
    ),
    base="api",
)  # fmt: skip
def mutable_name_in_access_token(app: Registration, _: Context) -> Iterator[Hit]:
    """An API gets a person's name or address, which can pass to somebody else.

    Why: An API that decides by it lets the next person of that name in.
    Fix: Decide by tid and oid, or by sub; ask for the name only where it is shown.
    """
    names = ("upn", "preferred_username") if app.allows_other_organizations else ("upn", "preferred_username", "email")
    for pointer, kind, claim in _asked(app):
        if kind == "accessToken" and claim.name in names:
            yield Hit(pointer=pointer, message=f"has access tokens carry {claim.name}, which can change hands")


_SCOPES_AND_ROLES: Final = {"appRoles": [{"id": "77777777-7777-4777-8777-777777777777", "value": "Orders.Sync", "allowedMemberTypes": ["Application"], "isEnabled": True, "displayName": "Sync", "description": "Sync orders."}]}  # fmt: skip


@rule(
    "app-only-tokens-unmarked",
    severity="info",
    status="preview",
    needs=("appRoles", "api.oauth2PermissionScopes"),
    needs_all=("optionalClaims.accessToken",),
    when_set=("appRoles",),
    checks=("TK-12",),
    references=("entra:optional-claims-reference#claims", "entra:protected-web-api-verification"),
    bad=Bad(_SCOPES_AND_ROLES, at="/optionalClaims/accessToken"),
    good=(
        Good({**_SCOPES_AND_ROLES, **_claims(accessToken=[{"name": "idtyp"}])}),
        Good({**_SCOPES_AND_ROLES, "api": {"oauth2PermissionScopes": []}}, why="applications alone call it"),
    ),
    base="api",
)  # fmt: skip
def app_only_tokens_unmarked(app: Registration, _: Context) -> Iterator[Hit]:
    """An API serves people and applications, and its tokens do not say which of them calls.

    Why: An API that takes the absence of a claim for an application can be told wrong.
    Fix: Ask for the optional claim idtyp in access tokens, and check it.
    """
    roles = app.app_roles or ()
    if not any("Application" in (role.allowed_member_types or ()) for role in roles):
        return
    scopes = app.api.oauth2_permission_scopes if app.api else None
    if scopes and not any(claim.name == "idtyp" for _, kind, claim in _asked(app) if kind == "accessToken"):
        because = (Because("/appRoles", "roles for applications"),)
        yield Hit(pointer="/optionalClaims/accessToken", message="has no idtyp in its access tokens", because=because)
