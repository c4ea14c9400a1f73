"""The requests that a reading makes, built with the SDK's request builders.

What is selected follows from the types of ``rules``: a property that a rule may read is asked for, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.applications.applications_request_builder import ApplicationsRequestBuilder
from msgraph.generated.oauth2_permission_grants.oauth2_permission_grants_request_builder import (
    Oauth2PermissionGrantsRequestBuilder,
)
from msgraph.generated.role_management.directory.role_assignments.role_assignments_request_builder import (
    RoleAssignmentsRequestBuilder,
)
from msgraph.generated.service_principals.service_principals_request_builder import ServicePrincipalsRequestBuilder
from msgraph.graph_service_client import GraphServiceClient

from advisor.sources.graph.client import Method, RequestInformation
from rules.knowledge.permissions import GRAPH
from rules.model.policies import AppManagementPolicy, ClaimsMappingPolicy
from rules.model.registration import Owner, Registration
from rules.model.tenant import (
    AgentUser,
    Organization,
    RiskyServicePrincipal,
    RoleAssignment,
    ServicePrincipal,
    User,
)

#: Graph's largest page of applications and service principals.
PAGE: Final = 999
#: Graph takes at most this many values in one ``in``.
IN_LIMIT: Final = 15
#: ``$expand`` stops here without a word; a list of this length is read again by itself.
EXPAND_LIMIT: Final = 20

#: What an application has that a page of applications does not return, or returns unasked: relations, a property of
#: Graph beta, its type, and what only code has.
_ELSEWHERE: Final = frozenset(
    (
        "owners",
        "federatedIdentityCredentials",
        "signInAudienceRestrictions",
        "overwrittenResources",
        "@odata.type",
        "sponsors",
        "inheritablePermissions",
    )
)
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: A comparison or a function with a literal: a quoted text, or a truth value or null at the end of a comparison.
#: A name such as "Research and Development" or "Log in Portal" has neither.
_EXPRESSION: Final = re.compile(
    r"^\s*(not\b\s*)?\(*\s*[\w/]+\s+(eq|ne|ge|le|gt|lt)\s+('.*'|true\b|false\b|null\b|\d)"
    r"|^\s*(not\b\s*)?\(*\s*[\w/]+\s+in\s*\(\s*'"
    r"|^\s*(not\b\s*)?\(*\s*(startswith|endswith|contains)\s*\(\s*[\w/]+\s*,\s*'"
    r"|/(any|all)\s*\(.*'"
    r"|/\$count\s+(eq|ne|ge|le|gt|lt)\s+\d",
    re.IGNORECASE,
)


def selected(kind: Any, leave: frozenset[str] = frozenset()) -> list[str]:
    """The properties of a type by their Graph names."""
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.encode_name not in leave]


APPLICATION: Final = selected(Registration, _ELSEWHERE)
PRINCIPAL: Final = selected(
    ServicePrincipal, frozenset(("owners", "@odata.type", "agentIdentityBlueprintId", "sponsors"))
)
#: The type of an owner comes with every answer.
OWNER: Final = selected(Owner, frozenset(("@odata.type",)))


def filter_of(only: str) -> str:
    """What ``--only`` means: a client or object id, a filter of Graph's, or else a name."""
    if _GUID.fullmatch(only):
        return f"appId eq '{only}' or id eq '{only}'"
    return only if is_filter(only) else by_name(only)


def is_filter(only: str) -> bool:
    """Whether ``--only`` has a filter of Graph's: an operator with a literal."""
    return not _GUID.fullmatch(only) and _EXPRESSION.search(only) is not None


def by_name(name: str) -> str:
    """The filter for a display name."""
    return f"displayName eq '{_quoted(name)}'"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _in(name: str, values: Sequence[str]) -> str:
    texts = ",".join(f"'{_quoted(value)}'" for value in values)
    return f"{name} in ({texts})"


def _configured(query: Any, *, advanced: bool = False) -> RequestConfiguration[Any]:
    configuration: RequestConfiguration[Any] = RequestConfiguration(query_parameters=query)
    if advanced:  # https://learn.microsoft.com/graph/aad-advanced-queries
        configuration.headers.add("ConsistencyLevel", "eventual")
    return configuration


class Queries:
    """Requests of one client."""

    def __init__(self, graph: GraphServiceClient) -> None:
        self._graph = graph

    def applications(self, filter: str | None = None) -> RequestInformation:
        """Pages of applications; with a *filter*, those that it means."""
        query = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters(select=APPLICATION, top=PAGE)
        if filter is not None:
            query.filter, query.count = filter, True
        return self._graph.applications.to_get_request_information(_configured(query, advanced=filter is not None))

    def with_federated_credentials(self) -> RequestInformation:
        """The ids of the applications that have federated credentials."""
        query = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters(
            select=["id"], top=PAGE, filter="federatedIdentityCredentials/$count ne 0", count=True
        )
        return self._graph.applications.to_get_request_information(_configured(query, advanced=True))

    def owners_of(self, ids: Sequence[str]) -> RequestInformation:
        """Up to fifteen applications with their owners, at most twenty each."""
        query = ApplicationsRequestBuilder.ApplicationsRequestBuilderGetQueryParameters(
            select=["id"], expand=["owners"], filter=_in("id", ids), top=100
        )
        return self._graph.applications.to_get_request_information(_configured(query))

    def all_owners(self, application: str) -> RequestInformation:
        """All owners of one application."""
        builder = self._graph.applications.by_application_id(application).owners
        query = builder.OwnersRequestBuilderGetQueryParameters(select=OWNER, top=PAGE)
        return builder.to_get_request_information(_configured(query))

    def owners_of_principals(self, ids: Sequence[str]) -> RequestInformation:
        """Up to fifteen service principals with their owners, at most twenty each."""
        query = ServicePrincipalsRequestBuilder.ServicePrincipalsRequestBuilderGetQueryParameters(
            select=["id"], expand=["owners"], filter=_in("id", ids), top=100
        )
        return self._graph.service_principals.to_get_request_information(_configured(query))

    def all_owners_of_principal(self, principal: str) -> RequestInformation:
        """All owners of one service principal."""
        builder = self._graph.service_principals.by_service_principal_id(principal).owners
        query = builder.OwnersRequestBuilderGetQueryParameters(select=OWNER, top=PAGE)
        return builder.to_get_request_information(_configured(query))

    def federated_credentials(self, application: str) -> RequestInformation:
        """The federated credentials of one application: twenty at most, by Entra's limit."""
        builder = self._graph.applications.by_application_id(application).federated_identity_credentials
        return builder.to_get_request_information()

    def principals(self, values: Sequence[str] = (), *, member: str = "appId") -> RequestInformation:
        """Pages of service principals; with *values* (fifteen at most), those with one of them in *member*."""
        query = ServicePrincipalsRequestBuilder.ServicePrincipalsRequestBuilderGetQueryParameters(
            select=PRINCIPAL, top=PAGE
        )
        if values:
            query.filter = _in(member, values)
        return self._graph.service_principals.to_get_request_information(_configured(query))

    def grants(self) -> RequestInformation:
        """Pages of the delegated permissions that were granted in the tenant."""
        query = Oauth2PermissionGrantsRequestBuilder.Oauth2PermissionGrantsRequestBuilderGetQueryParameters(top=PAGE)
        return self._graph.oauth2_permission_grants.to_get_request_information(_configured(query))

    def grants_of(self, principal: str) -> RequestInformation:
        """The delegated permissions of one client."""
        builder = self._graph.service_principals.by_service_principal_id(principal).oauth2_permission_grants
        return builder.to_get_request_information()

    def assigned_to(self, resource: str) -> RequestInformation:
        """Who was granted application permissions on one resource."""
        builder = self._graph.service_principals.by_service_principal_id(resource).app_role_assigned_to
        query = builder.AppRoleAssignedToRequestBuilderGetQueryParameters(top=PAGE)
        return builder.to_get_request_information(_configured(query))

    def assignments_of(self, principal: str) -> RequestInformation:
        """The application permissions of one client."""
        builder = self._graph.service_principals.by_service_principal_id(principal).app_role_assignments
        return builder.to_get_request_information()

    def roles(self, member: str = "", values: Sequence[str] = ()) -> RequestInformation:
        """Pages of the directory roles that are assigned; with *values* (fifteen at most), those with one of them in
        *member*.

        Graph documents ``$filter``, ``$expand`` and ``$select`` for this list, and no ``$top``: its own pages are
        taken.
        """
        query = RoleAssignmentsRequestBuilder.RoleAssignmentsRequestBuilderGetQueryParameters(
            select=selected(RoleAssignment)
        )
        if values:
            query.filter = _in(member, values)
        return self._graph.role_management.directory.role_assignments.to_get_request_information(_configured(query))

    def role_groups(self) -> RequestInformation:
        """Pages of the groups to which directory roles may be assigned.

        The SDK's builder of groups alone would import a thousand modules.
        """
        return self._get("/groups?$filter=isAssignableToRole eq true&$select=id,displayName&$top=999")

    def members_of(self, group: str) -> RequestInformation:
        """The service principals that are members of a group."""
        path = f"/groups/{quote(group, safe='')}/members/microsoft.graph.servicePrincipal"
        information = self._get(f"{path}?$select=id&$count=true&$top=999")
        information.headers.add("ConsistencyLevel", "eventual")
        return information

    def accounts(self, users: Sequence[str]) -> RequestInformation:
        """Up to fifteen users by object ID. The SDK's builder of users alone would import hundreds of modules."""
        return self._get(f"/users?$filter={_in('id', users)}&$select={','.join(selected(User))}")

    def registrations(self) -> RequestInformation:
        """Pages of the users with their authentication methods; Graph documents no ``$select`` for the list."""
        return self._get("/reports/authenticationMethods/userRegistrationDetails")

    def risks(self) -> RequestInformation:
        """Pages of the risky service principals, with those whose risk was resolved."""
        names = ",".join(selected(RiskyServicePrincipal))
        return self._get(f"/identityProtection/riskyServicePrincipals?$select={names}")

    def certificates(self, application: str) -> RequestInformation:
        """The key credentials of one application with their public keys, which a list does not return."""
        return self._get(f"/applications/{quote(application, safe='')}?$select=id,keyCredentials")

    def claims_mapping_policies(self) -> RequestInformation:
        """Pages of claims mapping policies, without their definitions."""
        names = ",".join(selected(ClaimsMappingPolicy, frozenset(("appliesTo",))))
        return self._get(f"/policies/claimsMappingPolicies?$select={names}")

    def applied_to(self, policy: str) -> RequestInformation:
        """What a claims mapping policy applies to."""
        return self._get(f"/policies/claimsMappingPolicies/{quote(policy, safe='')}/appliesTo?$select=id&$top={PAGE}")

    def blueprints(self) -> RequestInformation:
        """Pages of agent identity blueprints with their sponsors, of which Graph returns 100 at most."""
        return self._get(
            "/applications/microsoft.graph.agentIdentityBlueprint?$select=id&$expand=sponsors($select=id)&$top=100"
        )

    def agents(self) -> RequestInformation:
        """Pages of agent identities with their blueprints and sponsors, of which Graph returns 100 at most."""
        path = "/servicePrincipals/microsoft.graph.agentIdentity"
        return self._get(f"{path}?$select=id,agentIdentityBlueprintId&$expand=sponsors($select=id)&$top=100")

    def agent_users(self) -> RequestInformation:
        """Pages of the user accounts of agents: their object IDs, and those of their agent identities."""
        return self._get(f"/users/microsoft.graph.agentUser?$select={','.join(selected(AgentUser))}&$top={PAGE}")

    def inheritable_permissions(self, blueprint: str) -> RequestInformation:
        """What agent identities inherit from a blueprint: ten APIs at most."""
        path = f"/applications/{quote(blueprint, safe='')}/microsoft.graph.agentIdentityBlueprint"
        return self._get(f"{path}/inheritablePermissions")

    def _get(self, path: str) -> RequestInformation:
        information = RequestInformation(Method.GET)
        information.url = f"{self._graph.request_adapter.base_url}{path.replace(' ', '%20')}"
        return information

    def organization(self) -> RequestInformation:
        """The tenant itself."""
        builder = self._graph.organization
        query = builder.OrganizationRequestBuilderGetQueryParameters(select=selected(Organization))
        return builder.to_get_request_information(_configured(query))

    def policies(self) -> dict[str, RequestInformation]:
        """The policies of the tenant, by the id of their part."""
        policies = self._graph.policies
        conditional = self._graph.identity.conditional_access
        management = policies.app_management_policies
        query = management.AppManagementPoliciesRequestBuilderGetQueryParameters(
            select=selected(AppManagementPolicy, frozenset(("appliesTo",))), expand=["appliesTo"]
        )
        return {
            "eligible-roles": self._eligible_roles(),
            "role-definitions": self._custom_roles(),
            "authorization-policy": policies.authorization_policy.to_get_request_information(),
            "default-app-management-policy": policies.default_app_management_policy.to_get_request_information(),
            "app-management-policies": management.to_get_request_information(_configured(query)),
            "admin-consent-request-policy": policies.admin_consent_request_policy.to_get_request_information(),
            "permission-grant-policies": policies.permission_grant_policies.to_get_request_information(),
            "settings": self._graph.group_settings.to_get_request_information(),
            "permission-classifications": self._classifications(),
            "conditional-access-policies": conditional.policies.to_get_request_information(),
        }

    def _eligible_roles(self) -> RequestInformation:
        """The directory roles that can be activated now; the SDK's builder would import modules for one address."""
        names = ",".join(selected(RoleAssignment))
        return self._get(f"/roleManagement/directory/roleEligibilityScheduleInstances?$select={names}")

    def _custom_roles(self) -> RequestInformation:
        """The directory roles of the organization; Graph documents ``$filter`` and ``$expand`` for the list."""
        builder = self._graph.role_management.directory.role_definitions
        query = builder.RoleDefinitionsRequestBuilderGetQueryParameters(filter="isBuiltIn eq false")
        return builder.to_get_request_information(_configured(query))

    def _classifications(self) -> RequestInformation:
        """The classified permissions of Microsoft Graph, whose service principal is addressed by its client id.

        The SDK's builder for that way of addressing knows no relations.
        """
        builder = self._graph.service_principals.by_service_principal_id(GRAPH).delegated_permission_classifications
        principal = f"{self._graph.request_adapter.base_url}/servicePrincipals(appId='{GRAPH}')"
        return builder.with_url(f"{principal}/delegatedPermissionClassifications").to_get_request_information()
