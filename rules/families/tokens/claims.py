"""Claims that a registration requests in tokens, and what a client can conclude from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from rules.analysis.requested import requested
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET, OptionalClaim, Registration
from rules.primitives.dates import any_moment

_OTHERS: Final = ("unverified-multi-tenant-publisher",)
_KINDS: Final = (("id_token", "idToken"), ("access_token", "accessToken"), ("saml2_token", "saml2Token"))
_LISTS: Final = ("optionalClaims.idToken", "optionalClaims.accessToken", "optionalClaims.saml2Token")

#: Multitenant apps that were registered later get no unverified addresses, unless they request them.
_SAFE_SINCE: Final = datetime(2023, 7, 1, tzinfo=UTC)
_OLD: Final = {
    "createdDateTime": "2022-03-01T09:00:00Z",
    "authenticationBehaviors": {"removeUnverifiedEmailClaim": None},
    "signInAudience": "AzureADMultipleOrgs",
}
_NEW: Final = {**_OLD, "createdDateTime": "2025-06-01T09:00:00Z"}
_REMOVED: Final = {"authenticationBehaviors": {"removeUnverifiedEmailClaim": True}}
_KEPT: Final = {"authenticationBehaviors": {"removeUnverifiedEmailClaim": False}}
_EMAIL_SCOPE: Final = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "type": "Scope"}],
        }
    ]
}


def _claims(**lists: list[dict[str, Any]]) -> dict[str, Any]:
    return {"optionalClaims": {"idToken": [], "accessToken": [], "saml2Token": [], **lists}}


def _asked(app: Registration) -> Iterator[tuple[str, str, OptionalClaim]]:
    """Pointer, kind of token and claim of every optional claim."""
    claims = app.optional_claims
    for attribute, kind in _KINDS if claims else ():
        for index, claim in enumerate(getattr(claims, attribute) or ()):
            yield f"/optionalClaims/{kind}/{index}", kind, claim


#: What is known of the addresses, and how bad that is, for an app that is older than the default and for another one.
_ADDRESSES: Final[dict[bool, tuple[str, Severity]]] = {
    True: ("which may contain unverified addresses from other tenants", "high"),
    False: ("and relies on the platform's default to remove unverified addresses", "low"),
}
_FIRST: Final = "/optionalClaims/idToken/0"
_ADDRESS: Final = _claims(idToken=[{"name": "email"}])


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
        Bad({**_ADDRESS, **_OLD}, at=_FIRST, expected_rules=_OTHERS),
        Bad(
            {**_claims(idToken=[{"name": "email"}], accessToken=[{"name": "xms_edov"}]), **_OLD},
            at=_FIRST,
            expected_rules=_OTHERS,
        ),
        Bad(
            {**_claims(saml2Token=[{"name": "email"}, {"name": "xms_edov"}]), **_OLD},
            at="/optionalClaims/saml2Token/0",
            expected_rules=_OTHERS,
        ),
        Bad(
            {**_claims(accessToken=[{"name": "email"}]), **_NEW},
            at="/optionalClaims/accessToken/0",
            severity="low",
            expected_rules=_OTHERS,
        ),
    ),
    good=(
        Good(
            {**_claims(idToken=[{"name": "email"}, {"name": "xms_edov"}]), **_OLD},
            why="xms_edov says whether the domain was verified",
        ),
        Good({**_ADDRESS, **_OLD, **_REMOVED}, why="unverified addresses are removed"),
        Good({**_ADDRESS, **_OLD, **_KEPT}, why="unverified-email-allowed reports this case"),
        Good({**_ADDRESS, "createdDateTime": "2022-03-01T09:00:00Z"}, why="only the home tenant can use the app"),
    ),
    base="web",
)
def unverified_email_claim(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A multitenant app requests the claim email without setting removeUnverifiedEmailClaim.

    Why: An attacker can set your email address on an account in another tenant. A client that identifies users by email
        then signs the attacker in as you (nOAuth). By default, multitenant apps get no unverified addresses, except
        apps that received unverified addresses before.
    Acceptable: The claim email is acceptable if the client never identifies or authorizes users by it.
    Fix: Have the client identify users by tid and oid together. Then set
        authenticationBehaviors.removeUnverifiedEmailClaim to true. Until then, request xms_edov in ID and access
        tokens, and have the client check it. SAML tokens cannot contain xms_edov.
    """
    if not _takes_the_default(app):
        return
    asked = list(_asked(app))
    # A SAML token never has xms_edov.
    marked = {kind for _, kind, claim in asked if claim.name == "xms_edov"} - {"saml2Token"}
    exposed = [pointer for pointer, kind, claim in asked if claim.name == "email" and kind not in marked]
    is_old = _is_old(app)
    if exposed and is_old is None:
        yield _no_date(app)
    says, severity = _ADDRESSES[is_old is True]
    for pointer in exposed:
        yield Hit(pointer=pointer, message=f"requests the claim email, {says}", severity=severity)


def _takes_the_default(app: Registration) -> bool:
    """Whether addresses of other tenants get into its tokens, unless the default for its age removes them."""
    behaviors = app.authentication_behaviors or None
    is_set = behaviors is not None and isinstance(behaviors.remove_unverified_email_claim, bool)
    return app.allows_other_organizations and not is_set


def _is_old(app: Registration) -> bool | None:
    """Whether it is older than the default: created before, or so long ago that Graph has no date.

    What has no date because a deployment is about to create it is new. ``None`` for a date that is not one.
    """
    if app.created_date_time is UNSET or "/createdDateTime" in app.unread:
        return False
    created = any_moment(app.created_date_time)
    return None if created is UNSET else created is None or created < _SAFE_SINCE


def _no_date(app: Registration) -> Gap:
    return Gap("/createdDateTime", f"{app.created_date_time} is not a date")


@rule(
    "unverified-email-scope",
    severity="medium",
    only_if=("email",),
    needs=(
        "requiredResourceAccess",
        "signInAudience",
        "createdDateTime",
        "authenticationBehaviors.removeUnverifiedEmailClaim",
        "optionalClaims.idToken",
    ),
    when_set=("requiredResourceAccess",),
    checks=("TK-01",),
    references=("entra:migrate-off-email-claim-authorization", "entra:scopes-oidc", "web:descope-noauth"),
    bad=Bad({**_EMAIL_SCOPE, **_OLD}, at="/authenticationBehaviors/removeUnverifiedEmailClaim", expected_rules=_OTHERS),
    good=(
        Good({**_EMAIL_SCOPE, **_NEW}, why="the default removes unverified addresses"),
        Good(
            {**_EMAIL_SCOPE, **_OLD, **_claims(idToken=[{"name": "xms_edov"}])},
            why="xms_edov says whether the domain was verified",
        ),
        Good({**_EMAIL_SCOPE, "createdDateTime": "2022-03-01T09:00:00Z"}, why="only the home tenant can use the app"),
    ),
    base="web",
)
def unverified_email_scope(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A multitenant app from before July 2023 requests the scope email.

    Why: The scope adds the claim email to ID tokens. For an app from before July 2023, the address may be unverified. A
        client that identifies users by this claim lets an attacker in another tenant sign in as one of your users
        (nOAuth).
    Acceptable: The claim email is acceptable if the client never identifies or authorizes users by it.
    Fix: Have the client identify users by tid and oid together. Then set
        authenticationBehaviors.removeUnverifiedEmailClaim to true.
    """
    claims = app.optional_claims.id_token if app.optional_claims else None
    requests_email = any(claim.name in ("email", "xms_edov") for claim in claims or ())
    is_old = _is_old(app)
    if not _takes_the_default(app) or is_old is False or requests_email:
        return
    for row in requested(app):
        if row.permission.value == "email" and is_old is None:
            yield _no_date(app)
        elif row.permission.value == "email":
            # The scope can stay; what to change is the behavior.
            says = "requests the scope email, whose claim may contain unverified addresses from other tenants"
            because = (Because(row.pointer, "requests the scope email"),)
            yield Hit(pointer="/authenticationBehaviors/removeUnverifiedEmailClaim", message=says, because=because)


@rule(
    "all-groups-in-tokens",
    kinds=("application", "blueprint"),
    severity="low",
    needs=("groupMembershipClaims",),
    when_set=("groupMembershipClaims",),
    checks=("TK-05",),
    references=("entra:how-to-connect-fed-group-claims", "entra:optional-claims", "entra:app-manifest"),
    bad=(
        Bad({"groupMembershipClaims": "All"}, at="/groupMembershipClaims"),
        Bad({"groupMembershipClaims": "SecurityGroup, DirectoryRole"}, at="/groupMembershipClaims"),
    ),
    good=(
        Good({"groupMembershipClaims": "ApplicationGroup"}, why="tokens list only groups that are assigned to the app"),
        Good({"groupMembershipClaims": "None"}, why="the text None means no groups"),
        Good({"groupMembershipClaims": "DirectoryRole"}, why="tokens list directory roles, not groups"),
    ),
    base="web",
)
def all_groups_in_tokens(app: Registration, _: Context) -> Iterator[Hit]:
    """The app requests all groups or all security groups in tokens.

    Why: Tokens list groups that have nothing to do with the app. For a user with more than 150 groups (SAML), 200 (JWT)
        or 5 (implicit flow), a token lists no groups.
    Acceptable: All groups are acceptable if the app needs them, and reads them from Microsoft Graph when a token lists
        none.
    Fix: Assign the required groups to the app, and set groupMembershipClaims to ApplicationGroup, which leaves out
        nested groups. Alternatively, use app roles, and set groupMembershipClaims to null.
    """
    words = _memberships(app.group_membership_claims)
    if words & {"all", "securitygroup"}:
        which = "all groups" if "all" in words else "all security groups"
        says = f"requests {which} of the user in tokens ({app.group_membership_claims})"
        yield Hit(pointer="/groupMembershipClaims", message=says)


def _memberships(value: object) -> set[str]:
    """The words of ``groupMembershipClaims``, which separates several with commas."""
    return {word.strip().casefold() for word in value.split(",")} if isinstance(value, str) else set()


_SYNCED: Final = frozenset(
    {"sam_account_name", "dns_domain_and_sam_account_name", "netbios_domain_and_sam_account_name"}
)


#: The values of ``groupMembershipClaims`` that list groups. Directory roles are in a claim of their own.
_LISTING: Final = frozenset({"all", "securitygroup", "applicationgroup"})


def _names_groups(membership: object, properties: tuple[str, ...]) -> list[str]:
    """The properties that name groups: the first one of Active Directory, and the cloud's name where it has an effect.

    Of several names of Active Directory, the first is used (Microsoft, "Configure optional claims").
    """
    synced = [name for name in properties if name in _SYNCED][:1]
    is_assigned = "applicationgroup" in _memberships(membership)
    return [*synced, *(["cloud_displayname"] if is_assigned and "cloud_displayname" in properties else [])]


_ASSIGNED: Final = {"groupMembershipClaims": "ApplicationGroup"}


def _groups(token: str, *properties: str) -> dict[str, Any]:
    """A fragment with the claim groups in one kind of token."""
    return _claims(**{token: [{"name": "groups", "additionalProperties": list(properties)}]})


@rule(
    "groups-by-name",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=_LISTS,
    needs_all=("groupMembershipClaims",),
    when_set=_LISTS,
    checks=("TK-06",),
    references=("entra:optional-claims", "entra:optional-claims-reference", "entra:how-to-connect-fed-group-claims"),
    bad=(
        Bad({**_groups("idToken", "cloud_displayname"), **_ASSIGNED}, at="/optionalClaims/idToken/0"),
        Bad(
            {**_groups("idToken", "cloud_displayname"), "groupMembershipClaims": "ApplicationGroup, DirectoryRole"},
            at="/optionalClaims/idToken/0",
        ),
        Bad(
            {**_groups("accessToken", "sam_account_name", "emit_as_roles"), **_ASSIGNED},
            at="/optionalClaims/accessToken/0",
        ),
        Bad(
            {**_groups("accessToken", "emit_as_roles"), **_ASSIGNED},
            at="/optionalClaims/accessToken/0",
            severity="low",
        ),
    ),
    good=(
        Good({**_groups("idToken"), **_ASSIGNED}, why="tokens list groups by ID"),
        Good(
            {**_groups("idToken", "sam_account_name"), "groupMembershipClaims": None}, why="the tokens have no groups"
        ),
        Good(
            {**_groups("idToken", "cloud_displayname"), "groupMembershipClaims": "DirectoryRole"},
            why="cloud_displayname has an effect only with ApplicationGroup",
        ),
        Good(
            {**_groups("accessToken", "sam_account_name"), "groupMembershipClaims": "DirectoryRole"},
            why="directory roles are in the claim wids, and the tokens have no groups",
        ),
    ),
    base="web",
)
def groups_by_name(app: Registration, _: Context) -> Iterator[Hit]:
    """Tokens identify groups by changeable names, or list them as roles.

    Why: The name of a group, unlike its ID, can change and is not always unique. An attacker who can rename a listed
        group can give it a name that the app trusts. Groups that are listed as roles replace the app roles of the user.
    Acceptable: Group names are acceptable if an app that was migrated from AD FS needs them. Names with the domain
        reduce the risk that two groups have the same name.
    Fix: Have the app authorize by group IDs or by app roles. Then remove these properties from the claim groups. The
        values in the tokens then change.
    """
    membership = app.group_membership_claims
    if _LISTING.isdisjoint(_memberships(membership)):
        return
    for pointer, _kind, claim in _asked(app):
        properties = claim.additional_properties or ()
        names = _names_groups(membership, properties)
        if claim.name != "groups" or not (names or "emit_as_roles" in properties):
            continue
        facts = [f"identify groups by {' and '.join(names)}"] if names else []
        facts += ["list groups as roles"] if "emit_as_roles" in properties else []
        says = f"has tokens that {' and '.join(facts)}"
        yield Hit(pointer=pointer, message=says, severity="medium" if names else "low")


@rule(
    "mutable-name-in-access-token",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("optionalClaims.accessToken", "signInAudience", "authenticationBehaviors.removeUnverifiedEmailClaim"),
    when_set=("optionalClaims.accessToken",),
    checks=("TK-07",),
    references=(
        "entra:optional-claims-reference#claims",
        "entra:claims-validation",
        "entra:migrate-off-email-claim-authorization",
    ),
    bad=(
        Bad(_claims(accessToken=[{"name": "upn"}]), at="/optionalClaims/accessToken/0"),
        Bad(_claims(accessToken=[{"name": "email"}]), at="/optionalClaims/accessToken/0"),
        Bad(
            {**_claims(accessToken=[{"name": "email"}]), **_NEW, **_REMOVED},
            at="/optionalClaims/accessToken/0",
            expected_rules=_OTHERS,
        ),
        Bad(
            {**_claims(accessToken=[{"name": "email"}, {"name": "xms_edov"}]), **_NEW},
            at="/optionalClaims/accessToken/0",
            expected_rules=_OTHERS,
        ),
    ),
    good=(
        Good(_claims(idToken=[{"name": "upn"}]), why="the client can display the name from the ID token"),
        Good(
            {**_claims(accessToken=[{"name": "email"}]), **_OLD},
            why="unverified-email-claim reports this case",
        ),
    ),
    base="api",
)
def mutable_name_in_access_token(app: Registration, _: Context) -> Iterator[Hit]:
    """Access tokens contain a user name or email address that can change.

    Why: An API that authorizes by such a claim gives access to the next user with that name or address.
    Acceptable: The claim is acceptable if the API uses it only to display it.
    Fix: Have the API authorize by tid and oid, or by sub. Then remove the claim from optionalClaims.accessToken.
    """
    asked = [(pointer, claim) for pointer, kind, claim in _asked(app) if kind == "accessToken"]
    # Otherwise unverified-email-claim or unverified-email-allowed reports the address.
    behaviors = app.authentication_behaviors or None
    is_verified = (behaviors is not None and behaviors.remove_unverified_email_claim is True) or (
        not (behaviors and behaviors.remove_unverified_email_claim is False)
        and any(claim.name == "xms_edov" for _, claim in asked)
    )
    names = {"upn", "preferred_username"}
    names |= {"email"} if is_verified or not app.allows_other_organizations else set()
    for pointer, claim in asked:
        if claim.name in names:
            yield Hit(
                pointer=pointer,
                message=(
                    f"requests the claim {claim.name} in access tokens; the value of the claim can pass to another user"
                ),
            )


_ROLE: Final = {
    "id": "77777777-7777-4777-8777-777777777777",
    "value": "Orders.Sync",
    "allowedMemberTypes": ["Application"],
    "isEnabled": True,
    "displayName": "Sync",
    "description": "Sync orders.",
}
_SCOPES_AND_ROLES: Final = {"appRoles": [_ROLE]}


@rule(
    "app-only-tokens-unmarked",
    kinds=("application", "blueprint"),
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
        Good({**_SCOPES_AND_ROLES, "api": {"oauth2PermissionScopes": []}}, why="only applications call the API"),
        Good({"appRoles": [{**_ROLE, "isEnabled": False}]}, why="the role is disabled"),
    ),
    base="api",
)
def app_only_tokens_unmarked(app: Registration, _: Context) -> Iterator[Hit]:
    """Access tokens lack the claim idtyp, which identifies app-only tokens.

    Why: An API can mistake an app-only token for the token of a user. The claim idtyp is the most accurate way to
        distinguish app-only tokens from tokens of users.
    Acceptable: The claim is not needed if the API distinguishes these tokens in another way, for example by comparing
        oid and sub.
    Fix: Add idtyp to optionalClaims.accessToken, and have the API check it.
    """
    roles = (role for role in app.app_roles or () if role.is_enabled is not False)
    if not any("Application" in (role.allowed_member_types or ()) for role in roles):
        return
    scopes = [
        one for one in (app.api.oauth2_permission_scopes if app.api else None) or () if one.is_enabled is not False
    ]
    if scopes and not any(claim.name == "idtyp" for _, kind, claim in _asked(app) if kind == "accessToken"):
        because = (Because("/appRoles", "roles for applications"),)
        yield Hit(
            pointer="/optionalClaims/accessToken",
            message="does not request the claim idtyp in access tokens",
            because=because,
        )
