"""The records that the reading of a tenant consists of; a snapshot is a file with one of them on each line.

A live reading and a snapshot give the same records, so that both end in the same report. Only what the types of
``rules`` name is kept of Graph's answers: no secret, hint or key material has a place here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from rules.model.policies import (
    AdminConsentRequestPolicy,
    AppManagementPolicy,
    AuthorizationPolicy,
    ClaimsMappingPolicy,
    ConditionalAccessPolicy,
    DefaultAppManagementPolicy,
    DelegatedPermissionClassification,
    DirectorySetting,
    PermissionGrantPolicy,
)
from rules.model.registration import FederatedCredential, InheritablePermission, Owner, Registration, Unread
from rules.model.tenant import (
    AgentUser,
    AppRoleAssignment,
    OAuth2PermissionGrant,
    Organization,
    RiskyServicePrincipal,
    RoleAssignment,
    RoleDefinition,
    RoleGroup,
    ServicePrincipal,
    User,
    UserRegistrationDetails,
)
from rules.model.usage import Usage
from rules.primitives.certificates import Certificate

#: The version of the format: raised when an older grantlint could misread a newer file.
FORMAT: Final = 3


class Part(msgspec.Struct, frozen=True):
    """Something that is read in one piece: its id, what it is in words, the least permission, the Tenant's member."""

    id: str
    title: str
    permission: str
    member: str = ""
    also: str = ""
    #: The directory role that a signed-in user needs besides the permission, and the license of the tenant.
    role: str = ""
    license: str = ""

    @property
    def remedy(self) -> str:
        """What makes it readable."""
        more = f" (or {self.also})" if self.also else ""
        role = f"; a user also needs the role {self.role}" if self.role else ""
        needs = f"; the tenant needs {self.license}" if self.license else ""
        return f"grant {self.permission}{more} to the identity that reads{role}{needs}"


APPLICATIONS: Final = Part("applications", "applications", "Application.Read.All")
OWNERS: Final = Part("owners", "owners", "Application.Read.All")
OWNER_NAMES: Final = Part("owner-names", "names of owners", "User.ReadBasic.All", also="Directory.Read.All")
FEDERATED: Final = Part("federated-credentials", "federated credentials", "Application.Read.All")
#: Read from Graph beta, on request.
EXPRESSIONS: Final = Part("federated-expressions", "expressions of federated credentials", "Application.Read.All")
SPONSORS: Final = Part("blueprint-sponsors", "sponsors of agent identity blueprints", "AgentIdentityBlueprint.Read.All")
INHERITABLE: Final = Part(
    "inheritable-permissions",
    "inheritable permissions of agent identity blueprints",
    "AgentIdentityBlueprint.Read.All",
    also="Application.Read.All",
)
AGENTS: Final = Part("agent-identities", "blueprints and sponsors of agent identities", "AgentIdentity.Read.All")
AGENT_USERS: Final = Part(
    "agent-users", "user accounts of agents", "User.ReadBasic.All", "agentUsers", also="Directory.Read.All"
)
PRINCIPALS: Final = Part("service-principals", "service principals", "Application.Read.All", "servicePrincipals")
PRINCIPAL_OWNERS: Final = Part("service-principal-owners", "owners of service principals", "Application.Read.All")
ASSIGNMENTS: Final = Part(
    "app-role-assignments", "granted application permissions", "Application.Read.All", "appRoleAssignments"
)
GRANTS: Final = Part(
    "delegated-grants", "granted delegated permissions", "Directory.Read.All", "oauth2PermissionGrants"
)
ROLES: Final = Part(
    "directory-roles", "directory roles", "RoleManagement.Read.Directory", "roleAssignments", also="Directory.Read.All"
)
ELIGIBLE_ROLES: Final = Part(
    "eligible-roles",
    "eligible directory roles",
    "RoleManagement.Read.Directory",
    "roleEligibilities",
    also="RoleEligibilitySchedule.Read.Directory",
)
ROLE_DEFINITIONS: Final = Part(
    "role-definitions",
    "custom directory roles",
    "RoleManagement.Read.Directory",
    "roleDefinitions",
    also="Directory.Read.All",
)
ROLE_GROUPS: Final = Part(
    "role-groups", "groups with directory roles", "GroupMember.Read.All", "roleGroups", also="Directory.Read.All"
)
OWNER_ACCOUNTS: Final = Part(
    "owner-accounts", "accounts of owners", "User.Read.All", "users", also="Directory.Read.All"
)
ORGANIZATION: Final = Part(
    "organization", "verified domains", "Organization.Read.All", "organization", also="Directory.Read.All"
)
AUTHORIZATION: Final = Part("authorization-policy", "authorization policy", "Policy.Read.All", "authorizationPolicy")
DEFAULT_APP_MANAGEMENT: Final = Part(
    "default-app-management-policy", "default app management policy", "Policy.Read.All", "defaultAppManagementPolicy"
)
APP_MANAGEMENT: Final = Part(
    "app-management-policies", "app management policies", "Policy.Read.All", "appManagementPolicies"
)
CONSENT_REQUESTS: Final = Part(
    "admin-consent-request-policy", "admin consent workflow", "Policy.Read.All", "adminConsentRequestPolicy"
)
CONSENT_POLICIES: Final = Part(
    "permission-grant-policies", "consent policies", "Policy.Read.PermissionGrant", "permissionGrantPolicies"
)
SETTINGS: Final = Part("settings", "consent settings", "GroupSettings.Read.All", "settings", also="Directory.Read.All")
CLASSIFICATIONS: Final = Part(
    "permission-classifications", "classified permissions", "Application.Read.All", "delegatedPermissionClassifications"
)
MAPPED_CLAIMS: Final = Part(
    "claims-mapping-policies", "claims mapping policies", "Policy.Read.All", "claimsMappingPolicies"
)
CONDITIONAL_ACCESS: Final = Part(
    "conditional-access-policies", "Conditional Access policies", "Policy.Read.All", "conditionalAccessPolicies"
)
#: Evidence of use, which is read on request.
ACTIVITY: Final = Part("sign-in-activity", "last sign-ins of applications", "AuditLog.Read.All", role="Reports Reader")
SIGN_INS: Final = Part("sign-ins", "sign-ins", "AuditLog.Read.All", role="Reports Reader")
#: What most identities lack the permission for, or what takes long. It is read on request.
RISKS: Final = Part(
    "risky-service-principals",
    "risky service principals",
    "IdentityRiskyServicePrincipal.Read.All",
    "riskyServicePrincipals",
    role="Security Reader",
    license="Microsoft Entra Workload ID Premium",
)
MFA: Final = Part(
    "owner-registrations",
    "MFA methods of owners",
    "AuditLog.Read.All",
    "userRegistrationDetails",
    role="Reports Reader",
    license="Microsoft Entra ID P1 or P2",
)
CERTIFICATES: Final = Part("certificates", "certificates of applications", "Application.Read.All")
#: These parts by the value of ``--include``.
INCLUDABLE: Final = {"risk": RISKS, "mfa": MFA, "certificates": CERTIFICATES}

#: All parts in the order in which they are shown.
PARTS: Final = (
    APPLICATIONS, OWNERS, OWNER_NAMES, FEDERATED, SPONSORS, INHERITABLE, AGENTS, AGENT_USERS, PRINCIPALS,
    PRINCIPAL_OWNERS, ASSIGNMENTS, GRANTS, ROLES, ELIGIBLE_ROLES, ROLE_DEFINITIONS, ROLE_GROUPS, OWNER_ACCOUNTS,
    ORGANIZATION, AUTHORIZATION, DEFAULT_APP_MANAGEMENT, APP_MANAGEMENT,
    CONSENT_REQUESTS, CONSENT_POLICIES, SETTINGS, CLASSIFICATIONS, CONDITIONAL_ACCESS, MAPPED_CLAIMS,
)  # fmt: skip
PART_BY_ID: Final = {part.id: part for part in (*PARTS, *INCLUDABLE.values(), EXPRESSIONS, ACTIVITY, SIGN_INS)}


def parts_of(header: Header) -> tuple[Part, ...]:
    """The parts that a reading consists of: ``PARTS``, what it includes, and the evidence of use that was requested."""
    parts = (
        *PARTS,
        *((EXPRESSIONS,) if header.beta else ()),
        *(part for name, part in INCLUDABLE.items() if name in header.include),
    )
    if header.usage_days is None:
        return parts
    return (*parts, ACTIVITY, SIGN_INS) if header.usage_days else (*parts, ACTIVITY)


#: The type of each policy; those that are read as a list are a tuple here.
POLICY_TYPES: Final[dict[str, Any]] = {
    ORGANIZATION.id: Organization,
    ELIGIBLE_ROLES.id: tuple[RoleAssignment, ...],
    ROLE_DEFINITIONS.id: tuple[RoleDefinition, ...],
    ROLE_GROUPS.id: tuple[RoleGroup, ...],
    AGENT_USERS.id: tuple[AgentUser, ...],
    OWNER_ACCOUNTS.id: tuple[User, ...],
    MFA.id: tuple[UserRegistrationDetails, ...],
    RISKS.id: tuple[RiskyServicePrincipal, ...],
    AUTHORIZATION.id: AuthorizationPolicy,
    DEFAULT_APP_MANAGEMENT.id: DefaultAppManagementPolicy,
    APP_MANAGEMENT.id: tuple[AppManagementPolicy, ...],
    CONSENT_REQUESTS.id: AdminConsentRequestPolicy,
    CONSENT_POLICIES.id: tuple[PermissionGrantPolicy, ...],
    SETTINGS.id: tuple[DirectorySetting, ...],
    CLASSIFICATIONS.id: tuple[DelegatedPermissionClassification, ...],
    MAPPED_CLAIMS.id: tuple[ClaimsMappingPolicy, ...],
    CONDITIONAL_ACCESS.id: tuple[ConditionalAccessPolicy, ...],
}


class Header(msgspec.Struct, frozen=True, tag_field="record", tag="snapshot"):
    """The first record: which tenant, as it was asked for, through which endpoint, when (RFC 3339, UTC), and how
    much.
    """

    tenant: str
    endpoint: str
    read_at: str
    fast: bool = False
    only: tuple[str, ...] = ()
    #: The days of sign-ins that are read; 0 for the last sign-ins of applications alone, ``None`` for no use at all.
    usage_days: int | None = None
    #: Whether values are read that Graph returns in its beta alone.
    beta: bool = False
    #: What is read in addition, by the names of ``INCLUDABLE``.
    include: tuple[str, ...] = ()
    format: int = FORMAT


class Application(msgspec.Struct, frozen=True, tag_field="record", tag="application"):
    """A registration, with the pointers of values that were of an unexpected type."""

    value: Registration
    unread: dict[str, Unread] = {}


class Owners(msgspec.Struct, frozen=True, tag_field="record", tag="owners"):
    """The owners of applications, by object id; an application in it without owners has none."""

    of: dict[str, tuple[Owner, ...]]


class PrincipalOwners(msgspec.Struct, frozen=True, tag_field="record", tag="service-principal-owners"):
    """The same for service principals."""

    of: dict[str, tuple[Owner, ...]]


class FederatedCredentials(msgspec.Struct, frozen=True, tag_field="record", tag="federated-credentials"):
    """The federated credentials of those applications that have some, by object id."""

    of: dict[str, tuple[FederatedCredential, ...]]


class PublicKey(msgspec.Struct, frozen=True):
    """What was read of the public key of a credential: its digest, empty without one, and what its certificate says."""

    digest: str = ""
    certificate: Certificate | None = None


class Certificates(msgspec.Struct, frozen=True, tag_field="record", tag="certificates"):
    """The public keys of applications by object ID, and then by key ID."""

    of: dict[str, dict[str, PublicKey]]


class Blueprint(msgspec.Struct, frozen=True, tag_field="record", tag="blueprint"):
    """The sponsors of an agent identity blueprint, with its object ID."""

    value: Registration


class InheritablePermissions(msgspec.Struct, frozen=True, tag_field="record", tag="inheritable-permissions"):
    """The permissions that agent identities inherit from blueprints, by the object ID of the blueprint."""

    of: dict[str, tuple[InheritablePermission, ...]]


class Agent(msgspec.Struct, frozen=True, tag_field="record", tag="agent-identity"):
    """The blueprint and the sponsors of an agent identity, with its object ID."""

    value: ServicePrincipal


class Missing(msgspec.Struct, frozen=True, tag_field="record", tag="missing"):
    """A property of one application that could not be read, although others' could."""

    id: str
    pointer: str
    unread: Unread


class Principal(msgspec.Struct, frozen=True, tag_field="record", tag="service-principal"):
    """A service principal of the tenant."""

    value: ServicePrincipal


class Grant(msgspec.Struct, frozen=True, tag_field="record", tag="delegated-grant"):
    """What a client may do for users: a delegated permission grant."""

    value: OAuth2PermissionGrant


class Assignment(msgspec.Struct, frozen=True, tag_field="record", tag="app-role-assignment"):
    """What a client may do as itself: an app role that was assigned to its service principal."""

    value: AppRoleAssignment


class Role(msgspec.Struct, frozen=True, tag_field="record", tag="directory-role"):
    """A directory role that an application holds, or that a principal has over one."""

    value: RoleAssignment


class Policy(msgspec.Struct, frozen=True, tag_field="record", tag="policy"):
    """A policy or a list of them; *part* names it and so its type."""

    part: str
    value: msgspec.Raw


class Evidence(msgspec.Struct, frozen=True, tag_field="record", tag="usage"):
    """What was read of the use of applications, as counters without users; *part* names what it was read of."""

    part: str
    value: Usage


class Outcome(msgspec.Struct, frozen=True, tag_field="record", tag="part"):
    """How the reading of a part ended. A part without an outcome was not finished."""

    part: str
    status: Literal["read", "partly", "not-read"]
    unread: Unread | None = None


class Page(msgspec.Struct, frozen=True, tag_field="record", tag="page"):
    """All before it is written; the reading of the *part* goes on at the link *next*."""

    part: str
    next: str


class End(msgspec.Struct, frozen=True, tag_field="record", tag="end"):
    """The last record of a reading that was not broken off."""

    requests: int = 0


Record = (
    Header | Application | Owners | PrincipalOwners | FederatedCredentials | Certificates | Blueprint
    | InheritablePermissions | Agent | Missing | Principal | Grant | Assignment | Role | Policy | Evidence
    | Outcome | Page | End
)  # fmt: skip

STOPPED: Final = Unread("failed", note="the reading was stopped earlier", remedy="read the tenant again")

#: A part that a reading, which ended, has no word of: it was made before grantlint read that.
EARLIER: Final = Unread(
    "not-in-file",
    note="the version of grantlint that read the tenant did not read this",
    remedy="read the tenant again",
)


def left_out(remedy: str) -> Unread:
    """What the user chose not to read."""
    return Unread("left-out", note="skipped because of --fast", remedy=remedy)


def not_included(header: Header) -> dict[str, Unread]:
    """Why what is read on request was not read, by its name in Graph."""
    return {
        part.member: Unread(
            "not-in-file", note="it is read on request", remedy=f"read the tenant with --include {name}"
        )
        for name, part in INCLUDABLE.items()
        if part.member and name not in header.include
    }


class Resume(msgspec.Struct):
    """Where an earlier reading broke off: parts that are done, the next page of others, and what was seen.

    *resources* are the service principals that offer application permissions, *blueprints* the applications that are
    agent identity blueprints, *certified* those with a certificate, *users* those who own something. All have object
    IDs.
    """

    done: set[str] = msgspec.field(default_factory=set)
    next: dict[str, str] = msgspec.field(default_factory=dict)
    resources: dict[str, None] = msgspec.field(default_factory=dict)
    principals: dict[str, None] = msgspec.field(default_factory=dict)
    blueprints: dict[str, None] = msgspec.field(default_factory=dict)
    certified: dict[str, None] = msgspec.field(default_factory=dict)
    users: dict[str, None] = msgspec.field(default_factory=dict)
    has_agents: bool = False
    has_owner_gaps: bool = False


def has_certificate(app: Registration, at: str) -> bool:
    """Whether *app* has a certificate that authenticates clients and had not expired *at* a time (RFC 3339, UTC)."""
    return any(
        str(one.type).casefold() != "symmetric"
        and str(one.usage).casefold() == "verify"
        and not (isinstance(one.end_date_time, str) and one.end_date_time <= at)
        for one in app.key_credentials or ()
    )


def users_among(owners: Iterable[Owner]) -> list[str]:
    """The object IDs of those *owners* who are users."""
    return [one.id for one in owners if one.odata_type == "#microsoft.graph.user" and isinstance(one.id, str)]


def permissions_for(*, fast: bool, has_usage: bool = False, include: Iterable[str] = ()) -> tuple[str, ...]:
    """The permissions with which all of a reading works; each part names its own least one where it is refused."""
    least = (APPLICATIONS.permission, ORGANIZATION.permission)
    # Directory.Read.All is what delegated grants need anyway; names of owners, directory roles, domains and settings
    # come with it.
    whole = (APPLICATIONS.permission, GRANTS.permission, AUTHORIZATION.permission, CONSENT_POLICIES.permission)
    usage = (ACTIVITY.permission,) if has_usage else ()
    more = () if fast else (INCLUDABLE[name].permission for name in include)
    return tuple(dict.fromkeys((*(least if fast else whole), *usage, *more)))
