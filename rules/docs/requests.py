"""Which request to Microsoft Graph makes a change: a table from the first name of a finding's pointer.

A property without a row is changed by hand. Nothing here sends anything.

Sources, all Microsoft Graph: "Update application" (what may be patched; that secrets may not), "application:
removePassword", "application: removeKey" (which needs a proof by the private key, so others cannot send a request
for a certificate), "Delete federatedIdentityCredential", "Remove owner", "Update serviceprincipal",
"Update authorizationPolicy", "Update adminConsentRequestPolicy" (PUT, all members required), "Update
tenantAppManagementPolicy", "Manage application authenticationBehaviors".
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from rules.primitives.texts import is_guid

GRAPH: Final = "https://graph.microsoft.com"

#: What to know about a request that writes a list.
REPLACES_LIST: Final = "the request replaces the whole list; include every element to keep"

Kind = Literal["patch", "put", "remove-secret", "remove-certificate", "delete-federated", "delete-owner"]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a change is sent to: ``path`` below the version, one object of it where it ends in ``s``.

    A ``nested`` target has a name of its own in pointers and patches. ``members`` must all be in a request.
    """

    kind: Kind = "patch"
    path: str = "applications"
    version: str = "v1.0"
    nested: bool = False
    members: tuple[str, ...] = ()


#: What "Update application" takes, and what the resource type says may be written.
_APPLICATION: Final = (
    "api",
    "appRoles",
    "authenticationBehaviors",
    "description",
    "displayName",
    "groupMembershipClaims",
    "identifierUris",
    "info",
    "isFallbackPublicClient",
    "notes",
    "oauth2RequirePostResponse",
    "optionalClaims",
    "publicClient",
    "requestSignatureVerification",
    "requiredResourceAccess",
    "samlMetadataUrl",
    "serviceManagementReference",
    "servicePrincipalLockConfiguration",
    "signInAudience",
    "spa",
    "tags",
    "tokenEncryptionKeyId",
    "web",
)

#: By the first name of a pointer.
TARGETS: Final[dict[str, Target]] = {
    **dict.fromkeys(_APPLICATION, Target()),
    "passwordCredentials": Target(kind="remove-secret"),
    "keyCredentials": Target(kind="remove-certificate"),
    "federatedIdentityCredentials": Target(kind="delete-federated"),
    "owners": Target(kind="delete-owner"),
    "servicePrincipal": Target(path="servicePrincipals", nested=True),
    "authorizationPolicy": Target(path="policies/authorizationPolicy", nested=True),
    "adminConsentRequestPolicy": Target(
        kind="put",
        path="policies/adminConsentRequestPolicy",
        nested=True,
        members=("isEnabled", "notifyReviewers", "remindersEnabled", "requestDurationInDays", "reviewers"),
    ),
    "defaultAppManagementPolicy": Target(path="policies/defaultAppManagementPolicy", nested=True),
}

#: Properties of a service principal that no PATCH sets: its credentials have requests of their own.
_NOT_PATCHED: Final = ("/servicePrincipal/passwordCredentials", "/servicePrincipal/keyCredentials")


def target_of(pointer: str) -> Target | None:
    """What a change at *pointer* is sent to; ``None`` where no request is known."""
    if pointer.startswith(_NOT_PATCHED):
        return None
    return TARGETS.get(pointer.split("/")[1]) if pointer.startswith("/") else None


def address(target: Target, object_id: str | None, app_id: str | None, graph: str = GRAPH) -> str | None:
    """The URL of *target* for a registration; ``None`` without an ID that is safe in a URL. *graph* is Graph's host.

    An application is named by its object ID, otherwise by its client ID. A service principal has another object ID, so
    it is named by its client ID.
    """
    start = f"{graph}/{target.version}/{target.path}"
    if target.path.startswith("policies/"):
        return start
    if target.path == "applications" and is_guid(object_id):
        return f"{start}/{object_id}"
    return f"{start}(appId='{app_id}')" if is_guid(app_id) else None
