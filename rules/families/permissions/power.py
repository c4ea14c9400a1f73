"""Permissions that give wide access to an attacker who steals the client's credential or a token."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from rules.analysis.requested import of_tier, requested, requests_of, takeovers
from rules.engine.gaps import unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.permissions._examples import (
    AS_USER,
    AT,
    LIST,
    MAIL_READ,
    OFFLINE,
    OWN,
    ROLE_MANAGEMENT,
    USER_READ,
    requests,
)
from rules.knowledge.agent_permissions import is_blocked_for_agents
from rules.knowledge.permission_names import gains as gains_of
from rules.knowledge.permission_names import narrower
from rules.knowledge.permissions import DATAVERSE, EXCHANGE, GRAPH, Kind
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration

_PERSONAL: Final = {
    "signInAudience": "PersonalMicrosoftAccount",
    "verifiedPublisher": {"verifiedPublisherId": "1234567"},
}


def _not_known(app: Registration, kind: Kind) -> Iterator[Gap]:
    """The permissions that the table lacks, or that were not read: they may be as powerful as any other."""
    yield from unlisted(app, kind)
    for index in requests_of(app).not_read:
        says = "grantlint did not read which permissions of this API are requested"
        yield Gap(f"/requiredResourceAccess/{index}/resourceAccess", says, "not-in-file", "add the permissions")


@rule(
    "powerful-application-permission",
    kinds=("application", "blueprint"),
    severity="high",
    may_be=("medium",),
    only_if=("Role:tenant", "Role:data", "Role:unlisted"),
    needs=LIST,
    when_set=LIST,
    checks=("PE-01", "PE-15", "AG-07"),
    references=(
        "graph:permissions-reference",
        "web:azure-tiering",
        "graph:permissions-selected-overview",
        "learn:application-rbac",
        "learn:teams-resource-specific-permissions",
    ),
    bad=(
        Bad(requests(GRAPH, ROLE_MANAGEMENT), at=AT, expected_rules=("owner-of-powerful-application",)),
        Bad(requests(GRAPH, MAIL_READ), at=AT, severity="medium"),
        Bad(requests(EXCHANGE, ("dc50a0fb-09a3-484d-be87-e023b12c6440", "Role")), at=AT, severity="medium"),
    ),
    good=(
        Good(requests(OWN, ROLE_MANAGEMENT), why="an API of your own that has a role with the same ID"),
        Good(
            requests(GRAPH, ("883ea226-0bf2-4a8f-9f9d-92c9162a727d", "Role")),
            why="Sites.Selected gives access only to the sites that are assigned to it",
        ),
    ),
    base="daemon",
)
def powerful_application_permission(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An application permission allows tenant takeover, or access to data or agents.

    Why: Application permissions need no signed-in user. Once an application permission is granted, anyone with a
        credential of the client can use it.
    Acceptable: The permission is acceptable if the client needs it, and no narrower permission is enough. Restrict who
        can change the registration and its credentials.
    Fix: Request the least privileged permission that works.
    """
    for row in of_tier(app, "Role", "tenant", "data"):
        if app.kind == "blueprint" and is_blocked_for_agents(row.permission):
            continue  # see permission-blocked-for-agents
        takes = row.permission.tier == "tenant"
        gains = (
            "which can take over the tenant"
            if takes
            else gains_of(row.permission.value) + narrower(row.permission.kind, row.permission.value)
        )
        says = f"requests the application permission {row.permission.name}, {gains}"
        yield Hit(pointer=row.pointer, message=says, severity="high" if takes else "medium")
    yield from _not_known(app, "Role")


@rule(
    "powerful-delegated-permission",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    only_if=("Scope:tenant", "Scope:data", "Scope:unlisted"),
    needs=(*LIST, "signInAudience"),
    when_set=LIST,
    checks=("PE-02", "PE-15"),
    references=(
        "entra:secure-least-privileged-access",
        "entra:permissions-consent-overview",
        "graph:permissions-reference",
        "graph:permissions-selected-overview",
        "web:azure-tiering",
    ),
    bad=(
        Bad(requests(GRAPH, AS_USER), at=AT),
        Bad(requests(GRAPH, ("024d486e-b451-40bb-833d-3e66d98c5c73", "Scope")), at=AT, severity="low"),
    ),
    good=(
        Good(requests(GRAPH, USER_READ), why="the permission allows to read only the profile of the signed-in user"),
        Good({**requests(GRAPH, AS_USER), **_PERSONAL}, why="personal accounts have no tenant to take over"),
    ),
    base="web",
)
def powerful_delegated_permission(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The app requests a powerful delegated permission.

    Why: An attacker who steals a token can access the data that the permission covers, within the limits of the user's
        access. With some permissions, the token of an administrator can take over the tenant.
    Acceptable: The permission is acceptable if the client needs it, and no narrower permission is enough. A token never
        gives more access than its user has.
    Fix: Request the least privileged permission that works.
    """
    for row in sorted((*takeovers(app), *of_tier(app, "Scope", "data")), key=attrgetter("at")):
        if app.kind == "blueprint" and is_blocked_for_agents(row.permission):
            continue  # see permission-blocked-for-agents
        severity: Severity = "medium" if row.permission.tier == "tenant" else "low"
        reaches = (
            "which can take over the tenant with the token of an administrator"
            if severity == "medium"
            else f"which accesses data on behalf of the user{narrower(row.permission.kind, row.permission.value)}"
        )
        says = f"requests the delegated permission {row.permission.name}, {reaches}"
        yield Hit(pointer=row.pointer, message=says, severity=severity)
    yield from _not_known(app, "Scope")


@rule(
    "legacy-mailbox-permission",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    only_if=("Role:mailbox", "Role:assigned"),
    needs=LIST,
    when_set=LIST,
    checks=("PE-06",),
    references=(
        "learn:how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth",
        "web:exchange-team-exchange-online-ews-your-time-is-almost-up",
        "learn:application-rbac",
    ),
    bad=(
        Bad(requests(EXCHANGE, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), at=AT),
        Bad(requests(EXCHANGE, ("5e5addcd-3e8d-4e90-baf5-964efab2b20a", "Role")), at=AT, severity="low"),
    ),
    good=Good(
        requests(GRAPH, ("dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Role")), why="the ID is requested from another API"
    ),
    base="daemon",
)
def legacy_mailbox_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """The app requests an application permission for a legacy mailbox protocol.

    Why: By default, full_access_as_app can access every mailbox without a signed-in user. From October 2026, Exchange
        Online blocks Exchange Web Services (EWS), except for apps on the allow list of the tenant. EWS ends on 1 April
        2027. The permissions for IMAP, POP and SMTP apply only to mailboxes that an administrator assigns to the
        service principal.
    Acceptable: The permissions for IMAP, POP and SMTP are acceptable if the client cannot use Microsoft Graph. Assign
        only the mailboxes that the client needs.
    Fix: Move the client to Microsoft Graph with RBAC for Applications, which can limit the mailboxes. Then remove this
        permission, and revoke it where it was granted. Until then, for IMAP, POP and SMTP, review which mailboxes are
        assigned.
    """
    for row in of_tier(app, "Role", "mailbox", "assigned"):
        every = row.permission.tier == "mailbox"
        reaches = "which can access every mailbox through EWS" if every else "which can access assigned mailboxes"
        says = f"requests the application permission {row.permission.name}, {reaches}"
        yield Hit(pointer=row.pointer, message=says, severity="medium" if every else "low")


@rule(
    "powerful-offline-access",
    severity="low",
    status="preview",
    only_if=("Scope:tenant",),
    needs=(*LIST, "signInAudience"),
    when_set=LIST,
    checks=("PE-16",),
    references=("entra:scopes-oidc", "entra:refresh-tokens", "rfc:6749#6"),
    bad=Bad(requests(GRAPH, OFFLINE, AS_USER), at=AT, expected_rules=("powerful-delegated-permission",)),
    good=(
        Good(requests(GRAPH, OFFLINE, USER_READ), why="no powerful permission is requested"),
        Good({**requests(GRAPH, OFFLINE, AS_USER), **_PERSONAL}, why="personal accounts have no tenant to take over"),
    ),
    base="web",
)
def powerful_offline_access(app: Registration, _: Context) -> Iterator[Hit]:
    """Refresh tokens are requested for permissions that can take over the tenant.

    Why: An attacker who steals a refresh token can get access tokens with the powerful permission. By default, a
        refresh token is valid for 90 days, and for 24 hours in a single-page app. Each use returns a new refresh token.
        For a confidential client, the attacker also needs the client's credential.
    Acceptable: Refresh tokens are acceptable if administrators must stay signed in for longer than an access token is
        valid. Store refresh tokens as safely as credentials.
    Fix: Do not store refresh tokens in a client for administrators, and remove the entry for offline_access. A client
        can also request offline_access at sign-in, so removing the entry alone may change nothing.
    """
    powerful = takeovers(app)
    for row in requested(app) if powerful else ():
        if row.permission.value == "offline_access":
            because = tuple(Because(other.pointer, other.permission.value) for other in powerful)
            says = "requests offline_access and permissions that can take over the tenant"
            yield Hit(pointer=row.pointer, message=says, because=because)


@rule(
    "whole-api-permission",
    kinds=("application", "blueprint"),
    severity="low",
    only_if=("Scope:whole",),
    needs=LIST,
    when_set=LIST,
    checks=("PE-17",),
    references=("entra:permissions-consent-overview", "entra:secure-least-privileged-access"),
    bad=Bad(requests(DATAVERSE, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), at=AT),
    good=Good(
        requests(GRAPH, ("78ce3f0f-a1ce-49c2-8cde-64b5c0896db4", "Scope")), why="the ID is requested from another API"
    ),
    base="web",
)
def whole_api_permission(app: Registration, _: Context) -> Iterator[Hit]:
    """A delegated permission covers a whole API, such as Azure Resource Manager.

    Why: With this permission, the client can do everything that the signed-in user may do in the API. An attacker who
        steals a token can do the same.
    Acceptable: The permission is acceptable if the client needs a signed-in user, and the API offers no narrower
        permission. The roles of the user then limit the access.
    Fix: If no signed-in user is needed, use a separate identity with only the roles for its tasks. Otherwise, limit the
        roles of the users who sign in.
    """
    for row in of_tier(app, "Scope", "whole"):
        says = f"requests {row.permission.name}, which covers everything that the user may do in the API"
        yield Hit(pointer=row.pointer, message=says)
