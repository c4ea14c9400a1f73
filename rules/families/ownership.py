"""Who owns a registration, and whether that is documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from rules.analysis.clients import is_made_by_entra
from rules.analysis.lifetimes import certificates, secrets
from rules.analysis.requested import of_tier
from rules.engine.gaps import unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.knowledge.tenants import microsoft_tenants
from rules.model.finding import Because, Hit, Severity
from rules.model.fragments import FEDERATED
from rules.model.object_kind import AGENT_TYPE
from rules.model.registration import UNSET, Owner, Registration
from rules.primitives.texts import text_of

_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
_ROLES: Final = {
    "resourceAppId": _GRAPH,
    "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
}
_MAIL_READ: Final = {"id": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "type": "Role"}
_ONE: Final = {
    "id": "22222222-2222-4222-8222-222222222221",
    "displayName": "Adele Vance",
    "userPrincipalName": "adelev@contoso.com",
    "userType": "Member",
}
_GUEST: Final = {
    **_ONE,
    "id": "22222222-2222-4222-8222-222222222229",
    "userPrincipalName": "ann@fabrikam.com",
    "userType": "Guest",
}
_INVITED: Final = {**_GUEST, "userPrincipalName": "x_fabrikam.com#EXT#@contoso.onmicrosoft.com", "userType": None}
_HOME: Final = "0f0f0f0f-0000-4000-8000-000000000001"
_AT_HOME: Final = {"home-tenants": [_HOME]}
_DEPLOYER: Final = {
    "id": "22222222-2222-4222-8222-222222222228",
    "displayName": "Deployer",
    "@odata.type": "#microsoft.graph.servicePrincipal",
    "appOwnerOrganizationId": _HOME,
}
_FOREIGN: Final = {**_DEPLOYER, "appOwnerOrganizationId": "0F0F0F0F-0000-4000-8000-000000000002"}
_OF_MICROSOFT: Final = {**_DEPLOYER, "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a"}
_ITSELF: Final = {**_DEPLOYER, "appId": "11111111-1111-4111-8111-111111111111"}
_POWER: Final = ("powerful-application-permission",)
_CREDENTIALS: Final = ("passwordCredentials", "keyCredentials", "federatedIdentityCredentials")


@rule(
    "no-owner",
    severity="low",
    needs=("requiredResourceAccess", "displayName", "identifierUris"),
    needs_all=("owners",),
    unless_powerful=True,
    checks=("OW-01",),
    references=(
        "entra:overview-assign-app-owners",
        "entra:app-best-practices#owners",
        "entra:deactivate-application-portal",
    ),
    bad=Bad({"owners": []}, at="/owners"),
    good=(
        Good({"owners": [_ONE]}, why="single-owner reports this case"),
        Good(
            {"owners": [], "displayName": "ConnectSyncProvisioning_DC01_a1b2"},
            why="Microsoft Entra Connect manages the app, and an owner could sign in as the app",
        ),
        Good({"owners": [], "identifierUris": ["urn:p2p_cert"]}, why="Microsoft Entra manages the P2P Server"),
        Good({"owners": [], "requiredResourceAccess": [_ROLES]}, why="an owner could take over the tenant"),
        Good({"owners": [], "isDisabled": True}, why="the app is deactivated, and an owner could reactivate it"),
        Good({"owners": [], "deletedDateTime": "2026-01-10T00:00:00Z"}, why="the app is deleted"),
    ),
    base="web",
)
def no_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has no owner.

    Why: Without an owner, no one may notice that a credential expires, or that the domain of a redirect URI has
        expired. Microsoft recommends at least two owners where possible. grantlint does not report deleted apps.
        grantlint also does not report apps that can take over the tenant, are deactivated, or are managed by Microsoft
        Entra. An owner of such an app could misuse it.
    Acceptable: Administrators can manage the app without an owner, if serviceManagementReference names the responsible
        team.
    Fix: Assign two owners who know the app. Keep the list of owners short, because each owner can add credentials.
    """
    if not app.owners and not _is_for_administrators(app) and not text_of(app.deleted_date_time):
        yield Hit(pointer="/owners", message="has no owner")


def _owners(app: Registration) -> tuple[tuple[str, Owner], ...]:
    """The owners of *app* with their pointers, each once by object ID, or by user principal name without one."""
    by_id: dict[str | int, tuple[str, Owner]] = {}
    for index, owner in enumerate(app.owners or ()):
        mark = text_of(owner.id) or text_of(owner.user_principal_name)
        by_id.setdefault(mark.casefold() or index, (f"/owners/{index}", owner))
    return tuple(by_id.values())


def _is_for_administrators(app: Registration) -> bool:
    """Whether only administrators should manage it.

    An owner could take over the tenant, reactivate an app that administrators deactivated (Microsoft, "Deactivate an
    enterprise application"), or misuse one that Microsoft Entra manages.
    """
    return bool(of_tier(app, "Role", "tenant")) or app.is_disabled is True or is_made_by_entra(app)


@rule(
    "single-owner",
    kinds=("application", "blueprint"),
    severity="info",
    needs=("requiredResourceAccess", "displayName", "identifierUris"),
    needs_all=("owners",),
    unless_powerful=True,
    checks=("OW-02",),
    references=("entra:overview-assign-app-owners", "entra:deactivate-application-portal"),
    bad=Bad({"owners": [_ONE]}, at="/owners"),
    good=(
        Good({}, why="two owners"),
        Good(
            {"owners": [_ONE], "requiredResourceAccess": [_ROLES]},
            why="owner-of-powerful-application reports this case",
        ),
        Good(
            {"owners": [_ONE], "displayName": "aad-extensions-app. Do not modify."},
            why="Microsoft Entra manages the app, and another owner could misuse it",
        ),
        Good({"owners": [_ONE], "isDisabled": True}, why="the app is deactivated, and each owner can reactivate it"),
    ),
    base="web",
)
def single_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has only one owner.

    Why: If that owner is deleted, for example after leaving the organization, the app has no owner. Microsoft
        recommends at least two owners where possible.
    Acceptable: One owner can be enough if serviceManagementReference names the responsible team.
    Fix: Assign a second owner who knows the app.
    """
    if len(_owners(app)) == 1 and not _is_for_administrators(app):
        yield Hit(pointer="/owners", message="has only one owner")


@rule(
    "owner-of-powerful-application",
    kinds=("application", "blueprint"),
    severity="medium",
    only_if=("Role:tenant", "Role:unlisted"),
    needs=("owners", "requiredResourceAccess"),
    when_set=("owners",),
    checks=("OW-03",),
    references=("entra:overview-assign-app-owners", "entra:app-best-practices#owners"),
    bad=Bad({"requiredResourceAccess": [_ROLES]}, at="/owners", expected_rules=_POWER),
    good=(
        Good({}, why="the app requests no powerful permission"),
        Good(
            {"requiredResourceAccess": [{**_ROLES, "resourceAccess": [_MAIL_READ]}]},
            why="the app accesses data, and Microsoft recommends at least two owners",
        ),
        Good({"owners": [], "requiredResourceAccess": [_ROLES]}, why="only administrators manage the app"),
        Good({"owners": [_GUEST], "requiredResourceAccess": [_ROLES]}, why="guest-owner reports this case"),
    ),
    base="daemon",
)
def owner_of_powerful_application(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An app that requests permissions to take over the tenant has owners.

    Why: Each owner can add a credential and sign in as the app. Once the permissions are granted, the app may have more
        access than the owner. To add a credential, the owner needs no administrator role.
    Acceptable: An administrator with at least the same access as the app can be its owner.
    Fix: Remove the owners, and have only administrators with tenant-wide roles manage the app.
    """
    powerful = _powers(app)
    owners = [owner for _, owner in _owners(app) if not owner.is_guest and not owner.is_application]
    if owners and not powerful:
        yield from unlisted(app, "Role")
    elif owners:
        names = ", ".join(owner.name for owner in owners[:3]) + (" and others" if len(owners) > 3 else "")
        who = f"its {len(owners)} owners ({names})" if len(owners) > 1 else f"its owner {names}"
        says = f"lets {who} take over the tenant, once {powerful[0].note} is granted"
        yield Hit(pointer="/owners", message=says, because=powerful)


def _powers(app: Registration) -> tuple[Because, ...]:
    """The first of the permissions with which *app* can take over the tenant, once they are granted."""
    return tuple(Because(row.pointer, row.permission.value) for row in of_tier(app, "Role", "tenant")[:3])


def _is_user(owner: Owner) -> bool:
    """Say whether an owner is known to be a user, by a property that service principals lack."""
    return any(isinstance(text, str) for text in (owner.user_principal_name, owner.user_type))


def _first_unknown(app: Registration, what: str, is_known: Callable[[Owner], bool]) -> Iterator[Gap]:
    """A gap for the first owner of *app* of whom it was not read *what* it is: one says enough."""
    for index, owner in enumerate(app.owners or ()):
        pointer = f"/owners/{index}"
        if not is_known(owner) and pointer not in app.unread:
            yield Gap(pointer, f"grantlint did not read whether the owner is {what}", "not-in-file", "lint the tenant")
            return


@rule(
    "guest-owner",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("high",),
    needs=("owners", "requiredResourceAccess"),
    when_set=("owners",),
    checks=("OW-04",),
    references=("entra:app-best-practices#owners", "entra:guest-user-properties"),
    bad=(
        Bad({"owners": [_ONE, {**_ONE, "id": "22222222-2222-4222-8222-222222222222"}, _GUEST]}, at="/owners/2"),
        Bad({"owners": [_ONE, _GUEST]}, at="/owners/1"),
        Bad({"owners": [_INVITED, _ONE]}, at="/owners/0"),
        Bad(
            {"owners": [_GUEST], "requiredResourceAccess": [_ROLES]},
            at="/owners/0",
            severity="high",
            expected_rules=_POWER,
        ),
    ),
    good=(
        Good({}, why="members"),
        Good({"owners": [_ONE, {**_INVITED, "userType": "Member"}]}, why="an external user who is a member"),
    ),
    base="web",
)
def guest_owner(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A guest, or a likely guest, owns the registration.

    Why: An owner can manage all aspects of an app. An attacker who compromises the guest's account may be able to add a
        credential and sign in as the app. Usually, another organization manages the account of a guest. If userType was
        not read, grantlint finds only users with #EXT# in userPrincipalName.
    Acceptable: A guest can own the app if the organization that manages the account may have all permissions of the
        app.
    Fix: Assign a member of your organization as owner, and remove the guest. If the app can take over the tenant, only
        remove the guest, and have administrators manage the app.
    """
    owners = _owners(app)
    # Removing the guest must leave more than one owner.
    shared = sum(owner.user_type == "Member" for _, owner in owners) > 1
    for pointer, owner in owners:
        if owner.is_guest:
            powers = _powers(app)
            kind = "guest" if isinstance(owner.user_type, str) else "external user"
            says = f"is owned by the {kind} {owner.name}"
            says += f", who may take over the tenant once {powers[0].note} is granted" if powers else ""
            severity: Severity = "high" if powers else "medium"
            yield Hit(pointer=pointer, message=says, severity=severity, because=powers, remove=shared)
    if any(owner.is_guest for _, owner in owners) and not _powers(app):
        yield from unlisted(app, "Role")
    yield from _first_unknown(app, "a guest", lambda owner: _is_user(owner) or owner.is_application)


@rule(
    "application-as-owner",
    severity="low",
    may_be=("high", "medium"),
    needs=("owners", "requiredResourceAccess", "appId"),
    when_set=("owners",),
    checks=("OW-05",),
    settings=("home-tenants",),
    references=("graph:application-list-owners", "graph:permissions-reference", "entra:app-best-practices#owners"),
    bad=(
        Bad({"owners": [_ONE, _DEPLOYER]}, at="/owners/1", settings=_AT_HOME),
        Bad({"owners": [_ONE, {"id": "x", "servicePrincipalType": "ManagedIdentity"}]}, at="/owners/1"),
        Bad({"owners": [_ONE, _FOREIGN]}, at="/owners/1", severity="medium", settings=_AT_HOME),
        Bad(
            {"owners": [_FOREIGN], "requiredResourceAccess": [_ROLES]},
            at="/owners/0",
            severity="high",
            settings=_AT_HOME,
            expected_rules=_POWER,
        ),
        Bad(
            {"owners": [_DEPLOYER], "requiredResourceAccess": [_ROLES]},
            at="/owners/0",
            severity="medium",
            settings=_AT_HOME,
            expected_rules=_POWER,
        ),
        Bad({"owners": [_ONE, _OF_MICROSOFT]}, at="/owners/1", settings=_AT_HOME),
        Bad({"owners": [_ONE, _ITSELF]}, at="/owners/1"),
        Bad({"owners": [_ONE, {"id": "x", "@odata.type": AGENT_TYPE, "appOwnerOrganizationId": None}]}, at="/owners/1"),
    ),
    good=Good({"owners": [{**_ONE, "@odata.type": "#microsoft.graph.user"}, _ONE]}),
    base="web",
)
def application_as_owner(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """An app owns the registration.

    Why: An owning app with a permission such as Application.ReadWrite.OwnedBy can add a credential and sign in as this
        app. An attacker who controls the owning app can do the same. If the app owns itself, an attacker with one of
        its credentials may add another credential. The new credential stays valid after the first credential is
        removed.
    Acceptable: The owner is acceptable if a deployment, or the Microsoft service that created the registration, must
        change it. Protect the owning app like this app.
    Fix: Remove the owner, if no deployment and no Microsoft service needs it.
    """
    home = {tenant.casefold() for tenant in context.settings.home_tenants}
    home |= microsoft_tenants() if home else set()
    owners = _owners(app)
    for pointer, owner in owners:
        if not owner.is_application:
            continue
        tenant, powers = owner.app_owner_organization_id, _powers(app)
        if home and isinstance(tenant, str) and tenant.casefold() not in home:
            says = f"is owned by the app {owner.name} of an external organization"
            yield Hit(pointer=pointer, message=says, severity="high" if powers else "medium", because=powers)
        else:
            if not _is_itself(app, owner):
                yield from _tenant_unknown(owner, pointer, is_home_known=bool(home))
            says = f"is owned by {_which_application(app, owner)}"
            yield Hit(pointer=pointer, message=says, severity="medium" if powers else "low", because=powers)
    if any(owner.is_application for _, owner in owners) and not _powers(app):
        yield from unlisted(app, "Role")
    yield from _first_unknown(
        app, "an app", lambda owner: isinstance(owner.odata_type, str) or owner.is_application or _is_user(owner)
    )


def _is_itself(app: Registration, owner: Owner) -> bool:
    """Whether *owner* is the service principal of *app*."""
    return isinstance(owner.app_id, str) and owner.app_id.casefold() == str(app.app_id).casefold()


def _tenant_unknown(owner: Owner, pointer: str, *, is_home_known: bool) -> Iterator[Gap]:
    """A gap where it is not known whether an app that owns the registration is of an external organization."""
    tenant = owner.app_owner_organization_id
    if tenant is UNSET and str(owner.service_principal_type).casefold() != "managedidentity":
        yield Gap(pointer, "grantlint did not read which organization owns the app", "not-in-file", "lint the tenant")
    elif isinstance(tenant, str) and not is_home_known and tenant.casefold() not in microsoft_tenants():
        says = f"it is not known whether {tenant} is a tenant of your organization"
        yield Gap(pointer, says, "unknown", "set home-tenants")


def _which_application(app: Registration, owner: Owner) -> str:
    """The service principal *owner* in words: that of *app* itself, a managed identity, or another app."""
    if _is_itself(app, owner):
        return "its own service principal"
    is_managed = str(owner.service_principal_type).casefold() == "managedidentity"
    return f"the {'managed identity' if is_managed else 'app'} {owner.name}"


#: Words for a test, as the first or the last word of a name. In one written together, such as ContosoTestApp, TestApp
#: or ContosoPOC, a word begins with a capital.
_WORDS: Final = "test|tests|testing|demo|poc|sandbox|playground|dummy"
_CAPITAL: Final = "|".join(sorted({word.capitalize() for word in _WORDS.split("|")}, key=len, reverse=True))
_END: Final = r"[\W_\d]*"
_TEST: Final = re.compile(
    rf"(?i:\A{_END}({_WORDS})(?![^\W\d_]))|(?i:(?<![^\W\d_])({_WORDS}){_END}\Z)"
    rf"|(?:\A{_END}|(?<=[a-z]))(?:({_CAPITAL})(?=[A-Z]|{_END}\Z)|({_WORDS.upper()})(?=[A-Z][a-z]|{_END}\Z))"
)


@rule(
    "powerful-test-application",
    severity="low",
    status="preview",
    needs=("displayName", *_CREDENTIALS, "requiredResourceAccess"),
    when_set=(*_CREDENTIALS, "requiredResourceAccess"),
    checks=("OW-10",),
    references=("entra:test-setup-environment", "entra:app-best-practices#credentials"),
    bad=(
        Bad({"displayName": "Portal (test)"}, at="/displayName"),
        Bad({"displayName": "ContosoTestApp"}, at="/displayName"),
        Bad({"displayName": "TestApp"}, at="/displayName"),
        Bad({"displayName": "ContosoPOC"}, at="/displayName"),
        Bad(
            {"displayName": "Test portal", "keyCredentials": [], "federatedIdentityCredentials": [FEDERATED]},
            at="/displayName",
        ),
    ),
    good=(
        Good({"displayName": "Contest Portal"}, why="a part of another word"),
        Good({"displayName": "Penetration Test Portal"}, why="neither the first nor the last word"),
        Good({"displayName": "Test portal", "keyCredentials": []}, why="no credential and no powerful permission"),
    ),
    base="web",
)
def powerful_test_application(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A test registration has credentials, or requests powerful application permissions.

    Why: An attacker can use a credential that remains after the test. Application permissions are hard to limit within
        a tenant. grantlint recognizes a test by the name of the registration.
    Acceptable: Credentials and application permissions are acceptable in a separate test tenant. For application
        permissions, Microsoft recommends a separate test tenant.
    Fix: Delete the registration after the test. If the registration is not for tests, rename it. Move a test that needs
        application permissions to a separate tenant.
    """
    name = app.display_name
    if isinstance(name, str) and _TEST.search(name):
        lives = [life for life in (*secrets(app), *certificates(app)) if not life.has_ended(context.now)]
        found = [Because(life.pointer, f"a {life.kind}") for life in lives]
        if app.federated_identity_credentials:
            found.append(Because("/federatedIdentityCredentials/0", "a federated credential"))
        powerful = of_tier(app, "Role", "tenant", "data", "mailbox")
        found += [Because(row.pointer, row.permission.value) for row in powerful]
        if found:
            does = "has" if lives or app.federated_identity_credentials else "requests"
            says = f"is named like a test and {does} {found[0].note}"
            yield Hit(pointer="/displayName", message=says, because=(found[0],))
        else:
            yield from unlisted(app, "Role")


@rule(
    "registration-without-description",
    severity="info",
    needs_all=("description", "notes", "serviceManagementReference"),
    checks=("OW-11",),
    references=("entra:overview-assign-app-owners", "graph:application"),
    bad=(Bad({"notes": None}, at="/notes"), Bad({"notes": " "}, at="/notes")),
    good=(
        Good({"notes": None, "serviceManagementReference": "INC-1"}),
        Good({"notes": "", "description": "The portal."}),
    ),
    base="web",
)
def registration_without_description(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has no description, notes or service management reference.

    Why: A reviewer cannot see what the app is for, or whom to contact after its owners have left.
    Acceptable: These texts are not needed if your organization describes its apps elsewhere, by client ID.
    Fix: Describe the purpose and the responsible team in notes, or set serviceManagementReference.
    """
    texts = (app.description, app.notes, app.service_management_reference)
    if not any(text_of(text).strip() for text in texts):
        yield Hit(pointer="/notes", message="has no description, notes or service management reference")
