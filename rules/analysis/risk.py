"""What may stop working after a change. A change is called safe only if it is known to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Changes that affect no sign-in, by the beginning of the pointer.
_HARMLESS: Final = (
    "/api/knownClientApplications",  # which clients one consent covers
    "/info",
    "/requiredResourceAccess",  # what is requested next time; what was granted stays granted
    "/servicePrincipalLockConfiguration",
    "/web/homePageUrl",
)

_BY_REDIRECT: Final = "sign-ins with a redirect URI that is removed or changed"
#: What may stop working, by the beginning of the pointer; the longest that fits applies.
_BREAKS: Final = {
    "/web/redirectUris": _BY_REDIRECT,
    "/spa/redirectUris": _BY_REDIRECT,
    "/publicClient/redirectUris": _BY_REDIRECT,
    "/web/implicitGrantSettings": "clients that get tokens from the authorization endpoint",
    "/web/logoutUrl": "sign-out at the client, if the new URL does not respond",
    "/isFallbackPublicClient": "clients that use the device code, password or integrated Windows grants",
    "/api": "clients and token validation that depend on the current value",
    "/api/preAuthorizedApplications": "users of a client that is no longer preauthorized, who must consent",
    "/identifierUris": "clients that request tokens for an application ID URI that is removed or changed",
    "/requestSignatureVerification": "clients that still sign their requests with SHA-1",
    "/authenticationBehaviors": "clients that depend on the current behavior",
    "/servicePrincipal": "users and clients that are not assigned, or that use a removed value",
    "/authorizationPolicy": "permissions of all users of the tenant",
    "/adminConsentRequestPolicy": "consent requests of all users of the tenant",
    "/defaultAppManagementPolicy": "deployments that add credentials or redirect URIs that the policy forbids",
}

_UNKNOWN: Final = "clients that depend on the current value"


def risk(after: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """What a change may break that sets *after* where *before* stood, both by JSON pointer; empty when nothing."""
    said = (_risk(pointer, before.get(pointer)) for pointer in after)
    return "; ".join(dict.fromkeys(words for words in said if words))


def _risk(pointer: str, before: Any) -> str:
    if any(_lies_in(pointer, place) for place in _HARMLESS) or (pointer == "/identifierUris" and before == []):
        return ""
    fitting = [place for place in _BREAKS if _lies_in(pointer, place)]
    return _BREAKS[max(fitting, key=len)] if fitting else _UNKNOWN


def _lies_in(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(place + "/")
