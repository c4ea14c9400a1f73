"""What Graph v1.0 knows: properties, and the permission that each path needs. Source: the Graph v1.0 reference."""

from __future__ import annotations

APPLICATION = frozenset(
    [
        "addIns",
        "api",
        "appId",
        "appRoles",
        "applicationTemplateId",
        "authenticationBehaviors",
        "certification",
        "createdByAppId",
        "createdDateTime",
        "defaultRedirectUri",
        "deletedDateTime",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "groupMembershipClaims",
        "id",
        "identifierUris",
        "info",
        "isDeviceOnlyAuthSupported",
        "isDisabled",
        "isFallbackPublicClient",
        "keyCredentials",
        "logo",
        "nativeAuthenticationApisEnabled",
        "notes",
        "oauth2RequirePostResponse",
        "optionalClaims",
        "parentalControlSettings",
        "passwordCredentials",
        "publicClient",
        "publisherDomain",
        "requestSignatureVerification",
        "requiredResourceAccess",
        "samlMetadataUrl",
        "serviceManagementReference",
        "servicePrincipalLockConfiguration",
        "signInAudience",
        "spa",
        "tags",
        "tokenEncryptionKeyId",
        "uniqueName",
        "verifiedPublisher",
        "web",
    ]
)
SERVICE_PRINCIPAL = frozenset(
    [
        "accountEnabled",
        "addIns",
        "alternativeNames",
        "appDescription",
        "appDisplayName",
        "appId",
        "appOwnerOrganizationId",
        "appRoleAssignmentRequired",
        "appRoles",
        "applicationTemplateId",
        "createdByAppId",
        "customSecurityAttributes",
        "deletedDateTime",
        "description",
        "disabledByMicrosoftStatus",
        "displayName",
        "endpoints",
        "homepage",
        "id",
        "info",
        "isDisabled",
        "keyCredentials",
        "loginUrl",
        "logoutUrl",
        "notes",
        "notificationEmailAddresses",
        "oauth2PermissionScopes",
        "passwordCredentials",
        "preferredSingleSignOnMode",
        "preferredTokenSigningKeyThumbprint",
        "replyUrls",
        "resourceSpecificApplicationPermissions",
        "samlSingleSignOnSettings",
        "servicePrincipalNames",
        "servicePrincipalType",
        "signInAudience",
        "tags",
        "tokenEncryptionKeyId",
        "verifiedPublisher",
    ]
)
USER = frozenset(("accountEnabled", "displayName", "id", "userPrincipalName", "userType"))
RISK = frozenset(
    ("appId", "displayName", "id", "isEnabled", "riskDetail", "riskLastUpdatedDateTime", "riskLevel", "riskState")
)
ROLE_ASSIGNMENT = frozenset(("appScopeId", "directoryScopeId", "id", "principalId", "roleDefinitionId"))
ORGANIZATION = frozenset(("id", "displayName", "tenantType", "verifiedDomains", "city", "country", "createdDateTime"))
OWNER = frozenset(
    (
        "appId",
        "appOwnerOrganizationId",
        "displayName",
        "id",
        "mail",
        "servicePrincipalType",
        "userPrincipalName",
        "userType",
    )
)
AGENT_USER = frozenset(("accountEnabled", "displayName", "id", "identityParentId", "userPrincipalName"))
POLICY = frozenset(("id", "displayName", "description", "isEnabled", "restrictions"))

#: Path pattern, any one of these permissions.
PERMISSIONS = (
    (
        r"/applications/[^/]+/microsoft\.graph\.agentIdentityBlueprint/inheritablePermissions",
        ("AgentIdentityBlueprint.Read.All", "Application.Read.All"),
    ),
    (r"/applications/microsoft\.graph\.agentIdentityBlueprint", ("AgentIdentityBlueprint.Read.All",)),
    (r"/servicePrincipals/microsoft\.graph\.agentIdentity", ("AgentIdentity.Read.All",)),
    (r"/users/microsoft\.graph\.agentUser", ("User.ReadBasic.All", "User.Read.All", "Directory.Read.All")),
    (r"/applications(/.*)?", ("Application.Read.All", "Directory.Read.All")),
    (r"/servicePrincipals/[^/]+/oauth2PermissionGrants", ("Directory.Read.All", "DelegatedPermissionGrant.Read.All")),
    (r"/servicePrincipals(/.*)?", ("Application.Read.All", "Directory.Read.All")),
    (r"/oauth2PermissionGrants", ("Directory.Read.All", "DelegatedPermissionGrant.Read.All")),
    (
        r"/roleManagement/directory/role(Assignments|Definitions)",
        ("RoleManagement.Read.Directory", "Directory.Read.All"),
    ),
    (
        r"/roleManagement/directory/roleEligibilityScheduleInstances",
        ("RoleManagement.Read.Directory", "RoleEligibilitySchedule.Read.Directory"),
    ),
    (r"/groups(/.*)?", ("GroupMember.Read.All", "Directory.Read.All")),
    (r"/identityProtection/riskyServicePrincipals", ("IdentityRiskyServicePrincipal.Read.All",)),
    (r"/reports/authenticationMethods/userRegistrationDetails", ("AuditLog.Read.All",)),
    (r"/users", ("User.Read.All", "Directory.Read.All")),
    (r"/organization", ("Organization.Read.All", "Directory.Read.All")),
    (r"/policies/permissionGrantPolicies", ("Policy.Read.PermissionGrant",)),
    (r"/policies/.*", ("Policy.Read.All",)),
    (r"/identity/conditionalAccess/policies", ("Policy.Read.All",)),
    (
        r"/servicePrincipals\(appId='[^/]+'\)/delegatedPermissionClassifications",
        ("Application.Read.All", "Directory.Read.All"),
    ),
    (r"/beta/applications/[^/]+/federatedIdentityCredentials", ("Application.Read.All",)),
    (r"/beta/(auditLogs/signIns|reports/servicePrincipalSignInActivities)", ("AuditLog.Read.All",)),
    (r"/groupSettings", ("GroupSettings.Read.All", "Directory.Read.All")),
)
ALL = frozenset(
    (
        "Application.Read.All",
        "AuditLog.Read.All",
        "Directory.Read.All",
        "Policy.Read.All",
        "Policy.Read.PermissionGrant",
        "RoleManagement.Read.Directory",
        "User.ReadBasic.All",
    )
)
