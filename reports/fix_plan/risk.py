"""What may stop working after a change: what is not known to be harmless is not called so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Changes after which everybody and everything signs in as before, by the beginning of the pointer.
_HARMLESS: Final = (
    "/api/knownClientApplications",  # whom one consent covers
    "/info",
    "/requiredResourceAccess",  # what is asked for next time; what was granted stays granted
    "/servicePrincipalLockConfiguration",
    "/web/homePageUrl",
)

#: What may stop working, by the beginning of the pointer; the longest that fits holds.
_BREAKS: Final = {
    "/web/redirectUris": "sign-ins that return to an address that is taken out or changed",
    "/spa/redirectUris": "sign-ins that return to an address that is taken out or changed",
    "/publicClient/redirectUris": "sign-ins that return to an address that is taken out or changed",
    "/web/implicitGrantSettings": "pages that take tokens from the authorization endpoint",
    "/web/logoutUrl": "sign-out at the client, if the new address does not answer",
    "/isFallbackPublicClient": "clients that use the device code, password or integrated Windows grants",
    "/api": "callers and checks of tokens that count on what is there today",
    "/api/preAuthorizedApplications": "people who are asked for a consent that was given for them",
    "/identifierUris": "clients that ask for the API under another address",
    "/requestSignatureVerification": "clients that still sign their requests with SHA-1",
    "/authenticationBehaviors": "clients that count on how tokens are issued today",
    "/servicePrincipal": "people and clients that are not assigned, or that use what is taken away",
    "/authorizationPolicy": "what everybody in the tenant may do",
    "/adminConsentRequestPolicy": "how everybody in the tenant asks for consent",
    "/defaultAppManagementPolicy": "deployments that make credentials or addresses which the policy forbids",
}

_UNKNOWN: Final = "whatever counts on what is there today"


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
