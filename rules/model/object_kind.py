"""The kinds of objects that Microsoft Graph returns among applications and service principals.

An agent identity blueprint is a derived type of ``application``. Its principal and its agent identities are derived
types of ``servicePrincipal``. Graph names the type of an object in ``@odata.type`` where it is not the one of the list.

Source: Microsoft Graph v1.0, "agentIdentityBlueprint", "agentIdentityBlueprintPrincipal" and "agentIdentity".
"""

from __future__ import annotations

from typing import Final, Literal, get_args

#: *blueprint* is the agent identity blueprint itself, and the principal that represents it in a tenant.
ObjectKind = Literal["application", "blueprint", "agent identity"]
OBJECT_KINDS: Final[tuple[ObjectKind, ...]] = get_args(ObjectKind)

BLUEPRINT_TYPE: Final = "#microsoft.graph.agentIdentityBlueprint"
BLUEPRINT_PRINCIPAL_TYPE: Final = "#microsoft.graph.agentIdentityBlueprintPrincipal"
AGENT_TYPE: Final = "#microsoft.graph.agentIdentity"

_KINDS: Final[dict[str, ObjectKind]] = {
    BLUEPRINT_TYPE.casefold(): "blueprint",
    BLUEPRINT_PRINCIPAL_TYPE.casefold(): "blueprint",
    AGENT_TYPE.casefold(): "agent identity",
}

#: The words of reports for each kind but the plain one.
KIND_WORDS: Final[dict[ObjectKind, str]] = {
    "blueprint": "agent identity blueprint",
    "agent identity": "agent identity",
}

#: Properties of an application that an agent identity blueprint does not have: Graph returns null or a default value
#: for them, and refuses to set them. Source: Microsoft Graph v1.0, "agentIdentityBlueprint", "Properties".
NOT_OF_BLUEPRINTS: Final = (
    "application_template_id",
    "authentication_behaviors",
    "is_device_only_auth_supported",
    "is_fallback_public_client",
    "native_authentication_apis_enabled",
    "notes",
    "oauth2_require_post_response",
    "public_client",
    "request_signature_verification",
    "saml_metadata_url",
    "service_principal_lock_configuration",
    "sign_in_audience_restrictions",
    "spa",
)


def kind_of_type(odata_type: object) -> ObjectKind:
    """The kind of an object by its ``@odata.type``: an application where the type is missing or another one.

    >>> kind_of_type("#microsoft.graph.agentIdentityBlueprint"), kind_of_type(None)
    ('blueprint', 'application')
    """
    found = odata_type if isinstance(odata_type, str) else ""
    return _KINDS.get(f"#{found.removeprefix('#')}".casefold(), "application")
