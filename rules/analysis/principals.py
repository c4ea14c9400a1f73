"""Who controls an application of a tenant and how it authenticates, shared by several rules.

The same granted permission is more or less dangerous depending on who can use the application.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice
from typing import Final, Literal

import msgspec
from msgspec import UNSET

from rules.analysis.lifetimes import Life, certificates, secrets
from rules.knowledge.permissions import Kind, Tier, not_listed, resources
from rules.knowledge.roles import DIRECTORY_READERS, Reach, role
from rules.knowledge.tenants import microsoft_tenants
from rules.model.finding import SEVERITIES, Because, Severity
from rules.model.registration import Credential, Registration
from rules.model.settings import Settings
from rules.model.tenant import RoleAssignment, ServicePrincipal
from rules.model.tenant_app import Granted, TenantApp
from rules.primitives.texts import text_of

#: The app role of an application that was assigned to an API without a permission.
DEFAULT_ACCESS: Final = "00000000-0000-0000-0000-000000000000"

#: What a rule needs that uses ``exposure_of``.
EXPOSURE_NEEDS: Final = (
    "servicePrincipal.accountEnabled",
    "servicePrincipal.servicePrincipalType",
    "servicePrincipal.appOwnerOrganizationId",
    "servicePrincipal.verifiedPublisher",
    "servicePrincipal.passwordCredentials",
    "servicePrincipal.keyCredentials",
    "servicePrincipal.preferredSingleSignOnMode",
    "application.passwordCredentials",
    "application.keyCredentials",
    "tenant.organization",
)


class Exposure(msgspec.Struct, frozen=True):
    """How easily an attacker gains an application: by how many ranks a severity is lowered, why, and places.

    ``is_disabled`` means that no token is issued to it.
    """

    steps: int
    words: str = ""
    because: tuple[Because, ...] = ()
    is_disabled: bool = False

    def adjusted(self, severity: Severity) -> Severity:
        """*severity* as it is with this exposure."""
        return "low" if self.is_disabled else lowered(severity, self.steps)


def lowered(severity: Severity, steps: int) -> Severity:
    """*severity* lowered by a number of ranks, never below low.

    >>> lowered("critical", 1), lowered("medium", 3)
    ('high', 'low')
    """
    rank = SEVERITIES.index(severity)
    return SEVERITIES[max(rank, min(rank + steps, SEVERITIES.index("low")))]


def is_own(app: TenantApp) -> bool:
    """Whether the tenant owns the registration, by the id of its owner; false where that was not read."""
    principal, organization = app.service_principal, app.tenant.organization
    owner = principal.app_owner_organization_id if principal else None
    home = organization.id if organization else None
    return (
        isinstance(owner, str) and isinstance(home, str) and owner.lower() == home.lower()
    ) and not app.is_managed_identity


def is_external(app: TenantApp, settings: Settings) -> bool:
    """Whether an external organization owns it that is neither Microsoft nor trusted in *settings*."""
    if not app.is_foreign or app.is_managed_identity or app.owner_tenant in microsoft_tenants():
        return False
    return app.owner_tenant not in {one.casefold() for one in (*settings.trusted_tenants, *settings.home_tenants)}


def is_verified(app: TenantApp) -> bool:
    """Whether Microsoft has verified who publishes the application; of an agent identity, its blueprint."""
    holder = holder_of_credentials(app)
    principal = holder.service_principal if holder else None
    publisher = principal.verified_publisher if principal else None
    return bool(publisher and publisher.verified_publisher_id)


def owned_by(app: TenantApp) -> str:
    """Who owns an application of an external organization, for messages."""
    what = "its blueprint" if app.kind == "agent identity" else "the application"
    return f"{'a verified' if is_verified(app) else 'an unverified'} external organization owns {what}"


def exposure_of(app: TenantApp, settings: Settings, now: datetime) -> Exposure:
    """The exposure of an application with application permissions.

    A severity is not lowered where a secret can be copied, where an unverified external organization has the key, or
    where secrets were not read. It is lowered by one rank for a verified organization, for certificates and federation
    alone, and for a managed identity, which has no key to steal. An agent identity has those of its blueprint.
    """
    if app.blocked:
        return Exposure(0, f", while it is {app.blocked.note}", (app.blocked,), is_disabled=True)
    if app.is_managed_identity:
        return Exposure(1, ", as a managed identity")
    holder = holder_of_credentials(app)
    if holder is None:
        return Exposure(0)
    place, whose = ("", "") if holder is app else ("/blueprint", "its blueprint ")
    found = [life for life in client_credentials(holder) if life.can_be_copied and not life.has_ended(now)]
    because = tuple(Because(f"{place}{life.pointer}", f"a valid {life.kind}") for life in found[:3])
    words = f", and {whose}authenticates with a {found[0].kind}" if found else ""
    if is_external(app, settings):
        owner = Because(f"{place}/servicePrincipal/appOwnerOrganizationId", "the external organization")
        return Exposure(int(is_verified(app) and not found), f"{words}; {owned_by(app)}", (owner, *because))
    if found:
        return Exposure(0, words, because)
    return Exposure(int(_secrets_were_read(holder)))


def holder_of_credentials(app: TenantApp) -> TenantApp | None:
    """What has the credentials of an application: of an agent identity its blueprint, ``None`` where not known."""
    return app if app.kind != "agent identity" else app.blueprint or None


def _secrets_were_read(app: TenantApp) -> bool:
    """Whether the secrets of both objects were read. Those of a registration in another tenant never are.

    A service principal of the type ``Application`` has a registration, also where its owner is null; one of the type
    ``Legacy`` has none (Microsoft Graph, "servicePrincipal").
    """
    application, principal = app.application, app.service_principal
    has_registration = principal is not None and text_of(principal.service_principal_type).casefold() == "application"
    if application is UNSET or (application is None and (has_registration or app.is_foreign)):
        return False
    return all(one is None or one.password_credentials is not UNSET for one in (application, principal))


def client_credentials(app: TenantApp) -> tuple[Life, ...]:
    """The secrets and certificates of an application, on its registration and on its service principal."""
    application = app.application
    own = (*secrets(application), *certificates(application)) if isinstance(application, Registration) else ()
    return (
        *(msgspec.structs.replace(life, pointer=f"/application{life.pointer}") for life in own),
        *principal_credentials(app),
    )


def principal_credentials(app: TenantApp) -> tuple[Life, ...]:
    """The credentials of the service principal itself with which it can authenticate as a client.

    Left out are the platform's own of a managed identity, a key that encrypts SAML tokens, and what signs SAML: a key
    for signing, its public half and the password of its file, which share a key ID or a custom identifier (Microsoft
    Graph, "servicePrincipal: addTokenSigningCertificate"; Microsoft, "Configure SAML token encryption").
    """
    principal = app.service_principal
    if (
        principal is None
        or not (principal.key_credentials or principal.password_credentials)
        or app.is_managed_identity
    ):
        return ()
    signing = [key for key in principal.key_credentials or () if is_for_signing(key)]
    marks = {one for key in signing for one in (key.custom_key_identifier, key.key_id) if isinstance(one, str) and one}
    spans = (
        {(key.start_date_time, key.end_date_time) for key in signing} if uses_saml(principal) is not False else set()
    )
    lists = (("passwordCredentials", "secret"), ("keyCredentials", "certificate"))
    values = (principal.password_credentials, principal.key_credentials)
    return tuple(
        Life.of(f"/servicePrincipal/{name}/{index}", kind, one)
        for (name, kind), credentials in zip(lists, values, strict=True)
        for index, one in enumerate(credentials or ())
        if _usage(one) not in ("sign", "encrypt")
        and marks.isdisjoint((one.custom_key_identifier, one.key_id))
        and (one.start_date_time, one.end_date_time) not in spans
    )


def uses_saml(principal: ServicePrincipal) -> bool | None:
    """Whether users sign in with SAML; ``None`` where the mode is not set, and a key that signs tokens is there.

    The mode may be null for older SAML applications (Microsoft Graph, "servicePrincipal",
    ``preferredSingleSignOnMode``).
    """
    mode = text_of(principal.preferred_single_sign_on_mode).casefold()
    return mode == "saml" if mode else None if any(map(is_for_signing, principal.key_credentials or ())) else False


def is_for_signing(key: Credential) -> bool:
    """Whether a key signs tokens, and authenticates no client."""
    return _usage(key) == "sign"


def _usage(key: Credential) -> str:
    return key.usage.casefold() if isinstance(key.usage, str) else ""


def is_narrow(assignment: RoleAssignment) -> bool:
    """Whether a directory role is assigned for a part of the directory only."""
    scope = assignment.directory_scope_id
    return isinstance(scope, str) and scope not in ("/", "")


def powers_of(app: TenantApp) -> tuple[Because, ...]:
    """Directory roles, then permissions, with which an application could take over the tenant; at most three.

    Those of the agent identities of a blueprint are its own, since its credentials are theirs.
    """
    return _held(app, "tenant", ("tenant",))


def access_of(app: TenantApp) -> tuple[Because, ...]:
    """Privileged directory roles, then permissions, with which it accesses the data of all users; at most three.

    What could take over the tenant is left out. A role that is not listed counts as privileged.
    """
    return _held(app, "privileged", ("data", "mailbox"))


def _held(app: TenantApp, reach: Reach, tiers: tuple[Tier, ...]) -> tuple[Because, ...]:
    """The directory roles of a reach, then the application permissions of some tiers, then those of agents; at most
    three.
    """
    of_agents = (
        Because(f"/agents/{index}{one.pointer}", f"{one.note}, through its agent identity {agent.name}")
        for index, agent in enumerate(app.agents)
        for one in _held(agent, reach, tiers)
    )
    roles = [
        Because(f"/roleAssignments/{index}", known.name if known else "a directory role that is not listed")
        for index, one in enumerate(app.role_assignments or ())
        for known in (role(one.role_definition_id),)
        if (known.reach if known else "privileged") == reach
        and not is_narrow(one)
        and str(one.role_definition_id).lower() != DIRECTORY_READERS
    ]
    rows = [row for row in app.granted if row.kind == "Role" and row.permission and row.permission.tier in tiers]
    own = (*roles, *(Because(row.pointer, row.value) for row in rows))
    return tuple(islice(chain(own, of_agents), 3))


def unlisted(rows: Iterable[Granted], kind: Kind) -> tuple[tuple[str, str, Literal["unknown"], str], ...]:
    """The granted permissions of a *kind* that the table lacks although it lists their API, once for each grant.

    Each has the pointer of the grant, and message, reason and remedy of what is not assessed there: such a permission
    may be able to take over the tenant.
    """
    missing = (
        (row.pointer, *not_listed(row.resource, row.value))
        for row in rows
        if row.kind == kind and row.permission is None and row.value != DEFAULT_ACCESS and row.resource in resources()
    )
    return tuple(dict.fromkeys(missing))


def requests(application: Registration) -> Mapping[tuple[str, str, str], str]:
    """All permissions that a registration requests: the pointer by resource and ID, in lower case, and kind."""
    return dict(_requests(application))


def _requests(application: Registration) -> Iterator[tuple[tuple[str, str, str], str]]:
    for index, resource in enumerate(application.required_resource_access or ()):
        for place, access in enumerate(resource.resource_access or ()):
            if isinstance(resource.resource_app_id, str) and isinstance(access.id, str):
                key = (resource.resource_app_id.lower(), access.id.lower(), str(access.type))
                yield key, f"/requiredResourceAccess/{index}/resourceAccess/{place}"
