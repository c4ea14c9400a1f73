"""Microsoft Graph's JSON of an application as a registration, tolerant of whatever files hold.

In: an object in Graph's vocabulary. Out: a registration whose every value is of its type, with the JSON pointers of
what was not read and why. What is of the wrong type, or a placeholder, costs that value alone and not the registration.

Source of names, types and defaults: Microsoft Graph v1.0, "application resource type".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from advisor.placeholder import is_placeholder
from advisor.sources.reading.well_known import with_ids
from rules.model.object_kind import kind_of_type
from rules.model.registration import Registration, Unread

#: What an export of the portal or a full response of Graph always has; with all of them, what is missing has its
#: default.
_FULL: Final = (
    "signInAudience",
    "requiredResourceAccess",
    "identifierUris",
    "passwordCredentials",
    "keyCredentials",
    "web",
    "publicClient",
    "api",
)
#: The defaults of what a full export leaves out because it is not set. ``verifiedPublisher`` is not among them: exports
#: older than publisher verification say nothing about it.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "description": None,
    "notes": None,
    "tags": [],
    "isFallbackPublicClient": None,
    "oauth2RequirePostResponse": False,
    "info": {},
    "groupMembershipClaims": None,
    "optionalClaims": None,
    "tokenEncryptionKeyId": None,
    "samlMetadataUrl": None,
    "disabledByMicrosoftStatus": None,
    "isDisabled": None,
    "deletedDateTime": None,
    "applicationTemplateId": None,
    "serviceManagementReference": None,
    "requestSignatureVerification": None,
    "appRoles": [],
    "spa": {"redirectUris": []},
}
_NESTED_DEFAULTS: Final[Mapping[str, Any]] = {
    "info": {"termsOfServiceUrl": None, "supportUrl": None, "privacyStatementUrl": None, "marketingUrl": None},
    "optionalClaims": {"idToken": [], "accessToken": [], "saml2Token": []},
    "web": {
        "redirectUris": [],
        "homePageUrl": None,
        "logoutUrl": None,
        "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
    },
    "spa": {"redirectUris": []},
    "publicClient": {"redirectUris": []},
    "api": {
        "requestedAccessTokenVersion": None,
        "acceptMappedClaims": None,
        "knownClientApplications": [],
        "oauth2PermissionScopes": [],
        "preAuthorizedApplications": [],
    },
}
#: Display names: a placeholder in one of them hides nothing that is checked, and without it it is not known what is
#: meant.
_LABELS: Final = frozenset(
    (
        "displayName",
        "description",
        "notes",
        "adminConsentDisplayName",
        "adminConsentDescription",
        "userConsentDisplayName",
        "userConsentDescription",
    )
)

#: No number of a registration is as large.
_LARGEST: Final = 10**15
_PLACEHOLDER: Final = Unread("placeholder", remedy="render the template, and lint the result")

_Kind = Literal["text", "switch", "number", "texts", "part", "parts"]
_SAID: Final[Mapping[str, str]] = {
    "text": "a text",
    "switch": "true, false or null",
    "number": "a number",
    "texts": "a list of texts",
    "part": "an object",
    "parts": "a list of objects",
}


#: What Graph returns only where a request expands it. PowerShell's and the SDKs' objects have null in its place.
_EXPANDED: Final = ("owners", "federatedIdentityCredentials")
#: Where PowerShell's objects keep what their classes have no property for (``Get-MgApplication``).
_ADDITIONAL: Final = "additionalproperties"


#: What to do about values that were cut.
CUT_REMEDY: Final = "export again with ConvertTo-Json -Depth 10, or fix the value"


class TypeMismatch(msgspec.Struct, frozen=True):
    """A value of the wrong type: its pointer in Graph's vocabulary and what should be there.

    One that *is_cut* is a text in the place of a list or an object, as ``ConvertTo-Json`` writes below its depth of 2
    (Microsoft, "ConvertTo-Json", ``-Depth``).
    """

    pointer: str
    expected: str
    is_cut: bool = False


class Decoded(msgspec.Struct, frozen=True):
    """A registration with what was not read of it and what was of the wrong type."""

    app: Registration
    unread: dict[str, Unread]
    mismatches: tuple[TypeMismatch, ...]
    complete: bool


def decode_application(value: Mapping[str, Any]) -> Decoded:
    """Turn a Graph application object into a registration. Never raises, whatever the object holds.

    A value that a source could not know is an ``Unread`` in its place.
    """
    value = canonical(value)
    value = {name: member for name, member in value.items() if member is not None or name not in _EXPANDED}
    complete = is_complete(value)
    if complete:
        value = _with_defaults(value)
    reader = _Reader()
    app = with_ids(reader.part(Registration, value, ""), reader.unread)
    return Decoded(app, reader.unread, tuple(reader.mismatches), complete)


def canonical(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an application under Graph's own spelling: PowerShell capitalizes names, and its module Az writes
    lists in the singular.
    """
    names = _names(Registration)
    return {names.get(str(key).casefold(), str(key)): member for key, member in _with_additional(value).items()}


def _with_additional(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """*value* with the members of its ``AdditionalProperties``, which do not replace its own."""
    found = next((member for key, member in value.items() if str(key).casefold() == _ADDITIONAL), None)
    return {**found, **value} if isinstance(found, dict) else value


def is_complete(value: Mapping[str, Any]) -> bool:
    """Is it a full export, so that a property that is not in it has its default? *value* is in Graph's spelling.

    What an agent identity blueprint does not have, no export of it contains.
    """
    is_blueprint = kind_of_type(value.get("@odata.type")) == "blueprint"
    return all(name in value or (is_blueprint and name == "publicClient") for name in _FULL)


def _with_defaults(value: Mapping[str, Any]) -> dict[str, Any]:
    return _filled({**_DEFAULTS, **value}, _NESTED_DEFAULTS)


def _filled(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """*value* with the *defaults* that it lacks, inside its parts too; what is null stays null."""
    keys = {str(key).casefold(): key for key in value}
    filled = dict(value)
    for name, default in defaults.items():
        folded = name.casefold()
        key = keys.get(folded) or keys.get(folded.removesuffix("s"), name)
        if key not in filled:
            filled[key] = default
        elif isinstance(default, dict) and isinstance(filled[key], dict):
            filled[key] = _filled(filled[key], default)
    return filled


class _Reader:
    """Decodes values into types and notes those of another type."""

    def __init__(self) -> None:
        self.unread: dict[str, Unread] = {}
        self.mismatches: list[TypeMismatch] = []

    def part(self, kind: Any, value: Mapping[str, Any], pointer: str) -> Any:
        """An object as a struct of *kind*; members that the struct has not are left out."""
        names = _names(kind)
        fields = _fields(kind)
        found: dict[str, Any] = {}
        for key, member in _with_additional(value).items():
            name = names.get(str(key).casefold())
            if name is not None and name in fields:
                attribute, expected, inner = fields[name]
                found[attribute] = self._value(expected, inner, member, f"{pointer}/{name}", name)
        return kind(**found)

    def _value(self, expected: _Kind, inner: type[Any] | None, value: Any, pointer: str, name: str) -> Any:
        if value is None or (expected == "switch" and isinstance(value, bool)):
            return value
        if isinstance(value, str | Unread):
            return self._text(expected, value, pointer, name)
        if expected == "number" and type(value) in (int, float) and abs(value) < _LARGEST and value == int(value):
            return int(value)
        if expected == "part" and isinstance(value, dict) and inner is not None:
            return self.part(inner, value, pointer)
        # PowerShell writes a list of one element as that element.
        elements = [value] if isinstance(value, dict) else value
        if expected in ("texts", "parts") and isinstance(elements, list):
            return tuple(self._element(inner, element, f"{pointer}/{index}") for index, element in enumerate(elements))
        return self._mismatch(expected, pointer)

    def _text(self, expected: _Kind, value: str | Unread, pointer: str, name: str) -> Any:
        if isinstance(value, Unread):
            self.unread[pointer] = value
            return _storable(value.note) if name in _LABELS and value.note else UNSET
        if is_placeholder(value) and name not in _LABELS:
            self.unread[pointer] = _PLACEHOLDER
            return UNSET
        if expected == "text":
            return _storable(value)
        if expected == "texts" and value and not any(letter.isspace() for letter in value):
            return (_storable(value),)
        if expected == "number" and value.isascii() and value.isdigit() and len(value) < len(str(_LARGEST)):
            return int(value)
        return self._mismatch(expected, pointer, is_cut=expected in ("texts", "part", "parts"))

    def _element(self, inner: type[Any] | None, value: Any, pointer: str) -> Any:
        """One element of a list; its place is kept when it was not read, so that the others keep their pointers."""
        if isinstance(value, Unread):
            self.unread[pointer] = value
            return "" if inner is None else inner()
        if inner is None:
            if isinstance(value, str):
                if is_placeholder(value):
                    self.unread[pointer] = _PLACEHOLDER
                return _storable(value)
            self._mismatch("text", pointer)
            return ""
        if isinstance(value, dict):
            return self.part(inner, value, pointer)
        if isinstance(value, str) and is_placeholder(value):
            self.unread[pointer] = _PLACEHOLDER
        else:
            self._mismatch("part", pointer, is_cut=isinstance(value, str))
        return inner()

    def _mismatch(self, expected: _Kind, pointer: str, *, is_cut: bool = False) -> Any:
        self.mismatches.append(TypeMismatch(pointer, _SAID[expected], is_cut))
        self.unread[pointer] = (
            Unread("malformed", note=f"must be {_SAID[expected]}, not a text", remedy=CUT_REMEDY)
            if is_cut
            else Unread("malformed", note=f"must be {_SAID[expected]}", remedy="fix the value")
        )
        return UNSET


def _storable(text: str) -> str:
    """*text* without lone surrogates, which JSON can spell and no UTF-8 file can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


@cache
def _fields(kind: Any) -> dict[str, tuple[str, _Kind, type[Any] | None]]:
    """The members of the struct *kind* by their JSON names: attribute, what is expected, and the struct inside."""
    return {field.encode_name: (field.name, *_expected(field.type)) for field in msgspec.structs.fields(kind)}


@cache
def _names(kind: Any) -> dict[str, str]:
    """The JSON names of the members of *kind* by their case-folded spellings, in the plural and in the singular."""
    names = {name.casefold(): name for name in _fields(kind)}
    return {folded.removesuffix("s"): name for folded, name in names.items()} | names


def _expected(annotation: Any) -> tuple[_Kind, type[Any] | None]:
    """What a property's annotation, a union with null and *not read*, expects."""
    for option in getattr(annotation, "__args__", (annotation,)):
        if option is str:
            return "text", None
        if option is bool:
            return "switch", None
        if option is int:
            return "number", None
        if isinstance(option, type) and issubclass(option, msgspec.Struct) and option is not Registration:
            return "part", option
        inner = _inside(option)
        if inner is str:
            return "texts", None
        if inner is not None:
            return "parts", inner
    raise TypeError(f"a property of an unexpected type: {annotation}")


def _inside(option: Any) -> type[Any] | None:
    arguments: Iterator[Any] = iter(getattr(option, "__args__", ()))
    return next((inner for inner in arguments if isinstance(inner, type)), None)
