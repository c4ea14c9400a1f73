"""Azure AD Graph's application, which the portal's manifest showed until January 2025, in Microsoft Graph's vocabulary.

The portal's manifests and what ``az ad app show`` printed until 2022 differ in some names; files with both vocabularies
exist. Where a file states a property in both, Microsoft Graph's spelling stands; lists of redirect URIs are joined,
since each of them would be registered by whatever reads that half of the file.

Sources: Microsoft, "Azure Active Directory app manifest (Azure AD Graph format)", "Azure Active Directory Graph app
manifest deprecation"; Azure AD Graph, "Application entity" (2019: ``replyUrls``, ``publicClient``,
``availableToOtherTenants``, ``homepage``, ``objectId``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from advisor.sources.reading.graph_json import canonical

#: Properties that only changed their name or place, in the order of preference. The old names are case-folded.
_RENAMED: Final = (
    ("objectid", "/id"),
    ("name", "/displayName"),
    ("allowpublicclient", "/isFallbackPublicClient"),
    ("oauth2allowimplicitflow", "/web/implicitGrantSettings/enableAccessTokenIssuance"),
    ("oauth2allowidtokenimplicitflow", "/web/implicitGrantSettings/enableIdTokenIssuance"),
    ("logouturl", "/web/logoutUrl"),
    ("signinurl", "/web/homePageUrl"),
    ("homepage", "/web/homePageUrl"),
    ("oauth2permissions", "/api/oauth2PermissionScopes"),
    ("accesstokenacceptedversion", "/api/requestedAccessTokenVersion"),
    ("acceptmappedclaims", "/api/acceptMappedClaims"),
    ("knownclientapplications", "/api/knownClientApplications"),
    ("preauthorizedapplications", "/api/preAuthorizedApplications"),
    ("informationalurls", "/info"),
    ("logourl", "/info/logoUrl"),
)
#: What ``RegistrationRow.format`` says of one.
OLD_MANIFEST: Final = "manifest, Azure AD Graph format"
#: The old name of a property by its Graph pointer, spelled as the portal did: what is added to an old manifest.
OLD_NAMES: Final = {
    "/api/requestedAccessTokenVersion": "accessTokenAcceptedVersion",
    "/web/implicitGrantSettings/enableAccessTokenIssuance": "oauth2AllowImplicitFlow",
    "/web/implicitGrantSettings/enableIdTokenIssuance": "oauth2AllowIdTokenImplicitFlow",
    "/web/logoutUrl": "logoutUrl",
    "/web/homePageUrl": "signInUrl",
    "/isFallbackPublicClient": "allowPublicClient",
    "/api/acceptMappedClaims": "acceptMappedClaims",
}
_PLATFORMS: Final = {"web": "web", "spa": "spa", "installedclient": "publicClient"}

#: Names inside lists and parts, by the Graph pointer of the part: Graph's name and the old one.
_INSIDE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "/info": (
        ("termsOfServiceUrl", "termsOfService"),
        ("supportUrl", "support"),
        ("privacyStatementUrl", "privacy"),
        ("marketingUrl", "marketing"),
    ),
    "/passwordCredentials": (("startDateTime", "startDate"), ("endDateTime", "endDate"), ("secretText", "value")),
    "/keyCredentials": (("startDateTime", "startDate"), ("endDateTime", "endDate"), ("key", "value")),
    "/api/preAuthorizedApplications": (("delegatedPermissionIds", "permissionIds"),),
}
#: Inside ``web`` and kin these are in a full old export even where it does not name them.
_EMPTY_API: Final = ("oauth2PermissionScopes", "knownClientApplications", "preAuthorizedApplications")


class Translated(msgspec.Struct, frozen=True):
    """An application in Microsoft Graph's vocabulary, and where each moved value is in the old object.

    ``moves`` maps Graph pointers to pointers into the object that was read; a pointer below one that moved moves with
    it.
    """

    value: dict[str, Any]
    moves: Mapping[str, str]


def translate(old: Mapping[str, Any]) -> Translated:
    """Put an application of Azure AD Graph, or of both vocabularies at once, into Microsoft Graph's."""
    return _Translation(old).result()


class _Translation:
    """One application that is translated into the other vocabulary."""

    def __init__(self, old: Mapping[str, Any]) -> None:
        self.keys = {str(key).casefold(): str(key) for key in old}
        self.old = old
        self.new: dict[str, Any] = {}
        self.moves: dict[str, str] = {}

    def result(self) -> Translated:
        """Translate everything, what was Graph's already first."""
        self._keep_graph()
        for name, pointer in _RENAMED:
            if name in self.keys:
                self._put(pointer, self._get(name), f"/{self.keys[name]}")
        self._audience()
        self._public_client_of_2019()
        self._redirects()
        for pointer, names in _INSIDE.items():
            self._rename_inside(pointer, names)
        self._complete_api()
        return Translated(self.new, self.moves)

    def _get(self, name: str) -> Any:
        return self.old[self.keys[name]]

    def _keep_graph(self) -> None:
        """Take over what is Graph's already, parts as copies; ``publicClient`` was a switch in 2019 and is a part
        now.
        """
        moved = {name for name, _ in _RENAMED}
        for folded, key in self.keys.items():
            value = self.old[key]
            if folded not in moved and (folded != "publicclient" or isinstance(value, dict)):
                self.new |= canonical({key: dict(value) if isinstance(value, dict) else value})

    def _put(self, pointer: str, value: Any, source: str) -> None:
        """Set a value in the new object unless Graph's own spelling has set it."""
        *parents, name = pointer.split("/")[1:]
        place = self.new
        for parent in parents:
            inner = place.get(parent)
            if inner is None:
                inner = place[parent] = {}
            if not isinstance(inner, dict):
                return
            place = inner
        if place.get(name) is None:
            place[name] = dict(value) if isinstance(value, dict) else value
            self.moves[pointer] = source

    def _audience(self) -> None:
        """``availableToOtherTenants`` came before ``signInAudience`` and knew organizations only."""
        if (
            "availabletoothertenants" in self.keys
            and not self.new.get("signInAudience")
            and "signinaudience" not in self.keys
        ):
            many = self._get("availabletoothertenants")
            if isinstance(many, bool):
                audience = "AzureADMultipleOrgs" if many else "AzureADMyOrg"
                self._put("/signInAudience", audience, f"/{self.keys['availabletoothertenants']}")

    def _public_client_of_2019(self) -> None:
        if "publicclient" in self.keys and not isinstance(self._get("publicclient"), dict):
            self._put("/isFallbackPublicClient", self._get("publicclient"), f"/{self.keys['publicclient']}")

    def _redirects(self) -> None:
        """Sort reply URLs to their platforms; once a file lists them, a platform without any is known to have none."""
        if "replyurlswithtype" in self.keys and isinstance(self._get("replyurlswithtype"), list):
            source = f"/{self.keys['replyurlswithtype']}"
            self._register(_typed_url(f"{source}/{n}", row) for n, row in enumerate(self._get("replyurlswithtype")))
        elif "replyurls" in self.keys and isinstance(self._get("replyurls"), list):
            source = f"/{self.keys['replyurls']}"
            native = "publicclient" in self.keys and self._get("publicclient") is True
            platform = "publicClient" if native else "web"
            self._register((platform, url, f"{source}/{n}") for n, url in enumerate(self._get("replyurls")))
        else:
            return
        for platform in _PLATFORMS.values():
            self.moves.setdefault(f"/{platform}/redirectUris", source)

    def _register(self, rows: Iterable[tuple[str, Any, str]]) -> None:
        """Add redirect URIs (platform, URI, its place) to their platforms, less those that Graph's half names
        too.
        """
        lists = {platform: self._list(platform) for platform in _PLATFORMS.values()}
        known = {(platform, uri) for platform, uris in lists.items() for uri in uris if isinstance(uri, str)}
        own = (f"/{platform}/redirectUris/{index}" for platform, uris in lists.items() for index in range(len(uris)))
        self.moves |= {pointer: pointer for pointer in own}
        for platform, uri, source in rows:
            if not isinstance(uri, str) or (platform, uri) not in known:
                self.moves[f"/{platform}/redirectUris/{len(lists[platform])}"] = source
                lists[platform].append(uri)

    def _list(self, platform: str) -> list[Any]:
        part = self.new.get(platform)
        if not isinstance(part, dict):
            part = self.new[platform] = {}
        key = next((key for key in part if key.casefold() == "redirecturis"), "redirectUris")
        uris = part.pop(key, None)
        listed = part["redirectUris"] = list(uris) if isinstance(uris, list) else []
        return listed

    def _rename_inside(self, pointer: str, names: tuple[tuple[str, str], ...]) -> None:
        """Rename members of a part, or of each element of a list."""
        *parents, name = pointer.split("/")[1:]
        place: Any = self.new
        for parent in parents:
            place = place.get(parent) if isinstance(place, dict) else None
        key = (
            next((key for key in place if key.casefold() == name.casefold()), None) if isinstance(place, dict) else None
        )
        if key is None:
            return
        value = place[key]
        if isinstance(value, dict):
            place[key] = self._renamed(value, names, pointer)
        elif isinstance(value, list):
            place[key] = [
                self._renamed(element, names, f"{pointer}/{index}") if isinstance(element, dict) else element
                for index, element in enumerate(value)
            ]

    def _renamed(self, value: dict[str, Any], names: tuple[tuple[str, str], ...], pointer: str) -> dict[str, Any]:
        keys = {key.casefold(): key for key in value}
        renamed = dict(value)
        for new, old in names:
            key = keys.get(old.casefold())
            if key is not None and new.casefold() not in keys:
                renamed[new] = renamed.pop(key)
                self.moves[f"{pointer}/{new}"] = f"{source_pointer(self.moves, pointer)}/{key}"
        return renamed

    def _complete_api(self) -> None:
        """A full old export without scopes has an ``api`` that is empty; it had no such part to leave out."""
        if {
            "oauth2allowimplicitflow",
            "passwordcredentials",
            "keycredentials",
            "requiredresourceaccess",
        } <= self.keys.keys():
            api = self.new.setdefault("api", {})
            if isinstance(api, dict):
                for name in _EMPTY_API:
                    api.setdefault(name, [])


def _typed_url(place: str, row: Any) -> tuple[str, Any, str]:
    """Platform, URI and pointer of an element of ``replyUrlsWithType``; an unknown type counts as web."""
    if not isinstance(row, dict):
        return "web", row, place
    keys = {str(key).casefold(): str(key) for key in row}
    platform = str(row.get(keys.get("type", ""), "")).casefold()
    key = keys.get("url", "url")
    return _PLATFORMS.get(platform, "web"), row.get(key), f"{place}/{key}"


def source_pointer(moves: Mapping[str, str], pointer: str) -> str:
    """Where the value at a Graph *pointer* is in the object that was read."""
    if not moves:
        return pointer
    head, tail = pointer, ""
    while head:
        if head in moves:
            return moves[head] + tail
        head, _, last = head.rpartition("/")
        tail = f"/{last}{tail}"
    return pointer
