"""Who answers for a registration, and whether that can be found out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.analysis.lifetimes import certificates, secrets
from rules.analysis.requested import of_tier
from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Owner, Registration

_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
_ROLES: Final = {
    "resourceAppId": _GRAPH,
    "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
}
_ONE: Final = {"id": "22222222-2222-4222-8222-222222222221", "displayName": "Adele Vance", "userPrincipalName": "adelev@contoso.com", "userType": "Member"}  # fmt: skip
_GUEST: Final = {**_ONE, "id": "22222222-2222-4222-8222-222222222229", "userPrincipalName": "ann@fabrikam.com", "userType": "Guest"}  # fmt: skip
_DEPLOYER: Final = {"id": "22222222-2222-4222-8222-222222222228", "displayName": "Deployer", "@odata.type": "#microsoft.graph.servicePrincipal"}  # fmt: skip
_HOME: Final = "0f0f0f0f-0000-4000-8000-000000000001"
_POWER: Final = ("powerful-application-permission",)


@rule(
    "no-owner",
    severity="low",
    needs=("requiredResourceAccess", "displayName", "identifierUris"),
    needs_all=("owners",),
    checks=("OW-01",),
    references=("entra:app-best-practices#owners", "graph:application-list-owners"),
    bad=(Bad({"owners": []}, at="/owners"), Bad({"owners": None}, at="/owners")),
    good=(
        Good({"owners": [_ONE]}, why="single-owner speaks of that"),
        Good(
            {"owners": [], "displayName": "ConnectSyncProvisioning_DC01_a1b2"},
            why="Entra Connect looks after it, and an owner could act as it",
        ),
        Good({"owners": [], "identifierUris": ["urn:p2p_cert"]}, why="Entra looks after the P2P Server"),
    ),
    base="web",
)
def no_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has no owner.

    Why: Nobody is asked when a credential ends, an address lapses or a review comes round.
    Fix: Name an owner who knows the client. Keep the list short: each owner can add credentials.
    """
    if not app.owners and not of_tier(app, "Role", "tenant") and not _is_made_by_entra(app):
        yield Hit(pointer="/owners", message="has no owner")


#: Beginnings of names that Entra gives to registrations of its own making: Entra Connect, B2C and External ID. Sources:
#: Microsoft, "Entra Connect: authenticate with an application identity", "Azure AD B2C: Extensions app".
_ENTRAS: Final = ("ConnectSyncProvisioning_", "b2c-extensions-app")


def _is_made_by_entra(app: Registration) -> bool:
    """Whether Entra made it and looks after it: an owner could but add a credential. Of joined devices it is the P2P Server."""
    named = isinstance(app.display_name, str) and app.display_name.startswith(_ENTRAS)
    return named or "urn:p2p_cert" in (app.identifier_uris or ())


@rule(
    "single-owner",
    severity="info",
    needs=("requiredResourceAccess",),
    needs_all=("owners",),
    checks=("OW-02",),
    references=("entra:app-best-practices#owners", "graph:application-list-owners"),
    bad=Bad({"owners": [_ONE]}, at="/owners"),
    good=Good({}, why="two"),
    base="web",
)
def single_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration has one owner alone.

    Why: When that person leaves, nobody answers for it.
    Fix: Name a second owner of the same team.
    """
    if app.owners and len(app.owners) == 1 and not of_tier(app, "Role", "tenant"):
        yield Hit(pointer="/owners", message="has a single owner")


@rule(
    "owner-of-powerful-application",
    severity="medium",
    only_if=("Role:tenant",),
    needs=("owners", "requiredResourceAccess"),
    when_set=("owners",),
    checks=("OW-03",),
    references=("entra:app-best-practices#owners", "entra:overview-assign-app-owners"),
    bad=Bad({"requiredResourceAccess": [_ROLES]}, at="/owners", expected_rules=_POWER),
    good=(
        Good({}, why="it asks for nothing powerful"),
        Good({"owners": [], "requiredResourceAccess": [_ROLES]}, why="administrators alone answer for it"),
        Good({"owners": [_GUEST], "requiredResourceAccess": [_ROLES]}, why="guest-owner speaks of that"),
    ),
    base="daemon",
)  # fmt: skip
def owner_of_powerful_application(app: Registration, _: Context) -> Iterator[Hit]:
    """An application with which the tenant can be taken over has owners.

    Why: Each owner can add a credential and act as the application, without being an administrator and without approval.
    Fix: Take the owners out, and let administrators who are guarded alike answer for it.
    """
    powerful = _powers(app)
    if not powerful:
        return
    owners = [owner for owner in app.owners or () if not _is_guest(owner) and not _is_application(owner)]
    if owners:
        names = ", ".join(_name(owner) for owner in owners[:3])
        says = (
            f"can be taken over by its {len(owners)} owners ({names})"
            if len(owners) > 1
            else f"can be taken over by its owner {names}"
        )
        yield Hit(pointer="/owners", message=says, because=powerful)


def _powers(app: Registration) -> tuple[Because, ...]:
    """The first of the permissions with which *app* can take the tenant over."""
    return tuple(Because(row.pointer, row.permission.value) for row in of_tier(app, "Role", "tenant")[:3])


def _is_guest(owner: Owner) -> bool:
    """Say whether an owner is known to be a guest; Graph tells the type of a user only where it is asked for it."""
    kind, name = owner.user_type, owner.user_principal_name
    if isinstance(kind, str):
        return kind.casefold() == "guest"
    return isinstance(name, str) and "#ext#" in name.casefold()


def _is_application(owner: Owner) -> bool:
    return isinstance(owner.odata_type, str) and owner.odata_type.endswith("servicePrincipal")


def _name(owner: Owner) -> str:
    return next(
        (text for text in (owner.user_principal_name, owner.display_name, owner.id) if isinstance(text, str) and text),
        "unnamed",
    )


@rule(
    "guest-owner",
    severity="medium",
    may_be=("high",),
    needs=("owners", "requiredResourceAccess"),
    when_set=("owners",),
    checks=("OW-04",),
    references=("entra:app-best-practices#owners", "entra:guest-user-properties"),
    bad=(
        Bad({"owners": [_ONE, {**_ONE, "id": "22222222-2222-4222-8222-222222222222"}, _GUEST]}, at="/owners/2"),
        Bad({"owners": [_ONE, _GUEST]}, at="/owners/1"),
        Bad({"owners": [{**_GUEST, "userPrincipalName": "x_fabrikam.com#EXT#@contoso.onmicrosoft.com", "userType": None}, _ONE]}, at="/owners/0"),
        Bad({"owners": [_GUEST], "requiredResourceAccess": [_ROLES]}, at="/owners/0", severity="high", expected_rules=_POWER),
    ),
    good=(
        Good({}, why="members"),
        Good({"owners": [_ONE, {**_ONE, "id": "m", "userPrincipalName": "x_fabrikam.com#EXT#@contoso.onmicrosoft.com"}]}, why="a guest of old who was made a member"),
    ),
    base="web",
)  # fmt: skip
def guest_owner(app: Registration, _: Context) -> Iterator[Hit]:
    """A guest owns the registration.

    Why: Somebody whose account another organisation administers can add credentials and act as the client.
    Fix: Name a member of your organisation, and take the guest out.
    """
    owners = app.owners or ()
    # Without the guests the registration must not be left to one person alone, or to nobody.
    shared = sum(owner.user_type == "Member" for owner in owners) > 1
    for index, owner in enumerate(owners):
        if _is_guest(owner):
            powers = _powers(app)
            says = (
                f"is owned by the guest {_name(owner)}"
                if not powers
                else f"can be taken over by the guest {_name(owner)}"
            )
            severity: Severity = "high" if powers else "medium"
            yield Hit(pointer=f"/owners/{index}", message=says, severity=severity, because=powers, remove=shared)


@rule(
    "application-as-owner",
    severity="low",
    may_be=("high", "medium"),
    needs=("owners", "requiredResourceAccess"),
    when_set=("owners",),
    checks=("OW-05",),
    settings=("home-tenants",),
    references=("graph:application-list-owners", "entra:app-best-practices#owners"),
    bad=(
        Bad({"owners": [_ONE, _DEPLOYER]}, at="/owners/1"),
        Bad({"owners": [_ONE, {**_DEPLOYER, "appOwnerOrganizationId": "0F0F0F0F-0000-4000-8000-000000000002"}]}, at="/owners/1", severity="medium", settings={"home-tenants": [_HOME]}),
        Bad({"owners": [{**_DEPLOYER, "appOwnerOrganizationId": "0f0f0f0f-0000-4000-8000-000000000002"}], "requiredResourceAccess": [_ROLES]}, at="/owners/0", severity="high", settings={"home-tenants": [_HOME]}, expected_rules=_POWER),
        Bad({"owners": [_DEPLOYER], "requiredResourceAccess": [_ROLES]}, at="/owners/0", severity="medium", expected_rules=_POWER),
    ),
    good=Good({"owners": [{**_ONE, "@odata.type": "#microsoft.graph.user"}, _ONE]}),
    base="web",
)  # fmt: skip
def application_as_owner(app: Registration, context: Context) -> Iterator[Hit]:
    """Another application owns the registration.

    Why: Whoever has that application's credential can act as this client too; if another organisation keeps it, that is
        whoever gets in there.
    Fix: Where a deployment must change the registration, keep its permissions as narrow as this one's; else take it out.
    """
    home = {tenant.casefold() for tenant in context.settings.home_tenants}
    for index, owner in enumerate(app.owners or ()):
        if not _is_application(owner):
            continue
        tenant, powers = owner.app_owner_organization_id, _powers(app)
        if home and isinstance(tenant, str) and tenant.casefold() not in home:
            says = f"is owned by the application {_name(owner)} of another organisation"
            yield Hit(pointer=f"/owners/{index}", message=says, severity="high" if powers else "medium", because=powers)
        else:
            says = f"is owned by the application {_name(owner)}"
            yield Hit(pointer=f"/owners/{index}", message=says, severity="medium" if powers else "low", because=powers)


#: Words for a test: by themselves in any case, or with a capital inside a name such as ContosoTestApp.
_WORDS: Final = "test|tests|testing|demo|poc|sandbox|playground|tmp|temp|dummy|trial"
_CAPITAL: Final = "|".join(sorted({word.capitalize() for word in _WORDS.split("|")}, key=len, reverse=True))
_TEST: Final = re.compile(rf"(?i:(?<![a-z])({_WORDS})(?![a-z]))|(?<![A-Z])({_CAPITAL})(?![a-z])")


@rule(
    "test-application-with-power",
    severity="low",
    needs=("displayName", "passwordCredentials", "keyCredentials", "requiredResourceAccess"),
    when_set=("passwordCredentials", "keyCredentials", "requiredResourceAccess"),
    checks=("OW-10",),
    references=("entra:app-best-practices",),
    bad=(Bad({"displayName": "Portal (test)"}, at="/displayName"), Bad({"displayName": "ContosoTestApp"}, at="/displayName")),
    good=(Good({"displayName": "Contest Portal"}, why="a part of another word"), Good({"displayName": "DemocracyPortal"}, why="another word"), Good({"displayName": "Test portal", "keyCredentials": []}, why="nothing that opens anything")),
    base="web",
)  # fmt: skip
def test_application_with_power(app: Registration, context: Context) -> Iterator[Hit]:
    """A registration is named as a test and has valid credentials or powerful permissions.

    Why: Tests are looked after least and left behind most.
    Fix: Remove it once the test is over, or move it to a tenant for tests.
    """
    name = app.display_name
    if isinstance(name, str) and _TEST.search(name):
        lives = [life for life in (*secrets(app), *certificates(app)) if not life.has_ended(context.now)]
        powerful = of_tier(app, "Role", "tenant", "data", "mailbox")
        if lives or powerful:
            first = (
                Because(lives[0].pointer, f"a valid {lives[0].kind}")
                if lives
                else Because(powerful[0].pointer, powerful[0].permission.value)
            )
            yield Hit(pointer="/displayName", message="is named as a test and can be used", because=(first,))


@rule(
    "undescribed-registration",
    severity="info",
    needs_all=("description", "notes", "serviceManagementReference"),
    checks=("OW-11",),
    references=("graph:application", "entra:app-best-practices"),
    bad=Bad({"notes": None}, at="/notes"),
    good=(
        Good({"notes": None, "serviceManagementReference": "INC-1"}),
        Good({"notes": "", "description": "The portal."}),
    ),
    base="web",
)
def undescribed_registration(app: Registration, _: Context) -> Iterator[Hit]:
    """Nothing says what the registration is for.

    Why: In a review nobody can tell whether it is still needed.
    Fix: Write into notes what it is for and who runs it, or set serviceManagementReference.
    """
    if not app.description and not app.notes and not app.service_management_reference:
        yield Hit(pointer="/notes", message="says nowhere what it is for")
