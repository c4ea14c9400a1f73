"""Turn a hit into a finding: add the quoted value, the patch, the change in words and the fingerprint.

A pointer is a JSON pointer (RFC 6901) with Graph's names into the subject: a registration, an application of a tenant
or a tenant.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import msgspec

from rules.model.finding import Finding, Hit, Severity
from rules.model.registration import UNSET
from rules.primitives.patch import Edit, edited, nested
from rules.primitives.paths import attributes
from rules.primitives.texts import HIDDEN

#: A value is quoted up to this many characters; what was cut is marked with an ellipsis.
VALUE_LIMIT = 300
#: A patch replaces a list as a whole, so a finding for each element of a long list would cost the square of its length.
_LONGEST_LIST = 256


def finding_of(rule_id: str, severity: Severity, key: str, identity: str, app: msgspec.Struct, hit: Hit) -> Finding:
    """The finding for a *hit* in *app*, which this report names by *key* and every report by *identity*."""
    value, place = walk(app, hit.pointer)
    return Finding(
        rule=rule_id,
        severity=severity,
        registration=key,
        pointer=hit.pointer,
        message=hit.message,
        value=_quote(value),
        fingerprint=digest(rule_id, identity, [*place, hit.mark] if hit.mark else place),
        because=hit.because,
        patch=_patch(app, hit),
        change=_change(hit),
    )


def digest(rule_id: str, identity: str, place: list[str]) -> str:
    """The identity of a finding: the rule, the subject's identity and the *place* from ``walk`` (16 bytes, hex)."""
    text = "\0".join((rule_id, identity, *place))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def walk(app: msgspec.Struct, pointer: str) -> tuple[Any, list[str]]:
    """The value at *pointer*, and the tokens on the way to it with list indexes replaced by what the elements are."""
    place: list[str] = []
    value: Any = app
    for token, index in _tokens(pointer):
        if type(value) is tuple:
            value = _element(value, index)
            place.append(value if type(value) is str else _name_of(value))
        else:
            value = _member(value, token)
            place.append(token)
    return value, place


def _name_of(element: Any) -> str:
    for name in ("key_id", "id", "app_id", "resource_app_id", "name", "restriction_type"):
        found = getattr(element, name, None)
        if isinstance(found, str):
            return found
    return str(element)


def value_at(app: msgspec.Struct, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901) into *app*; ``UNSET`` where there is none."""
    value: Any = app
    for token, index in _tokens(pointer):
        value = _element(value, index) if type(value) is tuple else _member(value, token)
        if value is UNSET:
            break
    return value


@lru_cache(maxsize=4096)
def _tokens(pointer: str) -> tuple[tuple[str, int], ...]:
    """The tokens of a pointer, each as a text and as a list index; -1 for one that is not a number."""
    return tuple((token, int(token) if token.isdecimal() else -1) for token in pointer.split("/")[1:])


def _element(value: tuple[Any, ...], index: int) -> Any:
    return value[index] if 0 <= index < len(value) else UNSET


def _member(value: Any, token: str) -> Any:
    """The member of an object by Graph's name for it; ``UNSET`` in anything that is not an object."""
    name = attributes(type(value)).get(token)
    return UNSET if name is None else getattr(value, name)


def _quote(value: Any) -> str:
    """A value as text for readers, at most ``VALUE_LIMIT`` characters."""
    if value is UNSET or value is None:
        text = "not set"
    elif isinstance(value, str):
        text = value
    elif isinstance(value, tuple) and value and all(hasattr(element, "quoted") for element in value):
        text = ", ".join(element.quoted for element in value)
    elif isinstance(value, msgspec.Struct) and (names := _names(value)):
        text = " ".join(name for name in names if isinstance(name, str) and name) or "without name and id"
    elif isinstance(value, tuple) and value and all(_names(element) for element in value):
        text = ", ".join(_quote(element) for element in value)
    else:
        text = msgspec.json.encode(value).decode()
    return text if len(text) <= VALUE_LIMIT else text[: VALUE_LIMIT - 1] + "…"


#: The members that name a credential, a grant, a directory role or a registration, by a member that only this type has.
_NAMED_BY = (
    ("key_id", ("display_name", "key_id")),
    ("app_role_id", ("resource_display_name", "app_role_id")),
    ("consent_type", ("scope", "consent_type")),
    ("role_definition_id", ("role_definition_id", "directory_scope_id")),
    ("sign_in_audience", ("display_name", "app_id")),
    ("identity_parent_id", ("id",)),
)


def _names(value: Any) -> tuple[Any, ...]:
    """The members that name *value*; empty for one that is shown whole."""
    found = next((members for mark, members in _NAMED_BY if hasattr(value, mark)), ())
    return tuple(getattr(value, member, None) for member in found)


def _patch(app: msgspec.Struct, hit: Hit) -> dict[str, Any] | None:
    """The hit's change as a JSON merge patch; it replaces the outermost list as a whole (RFC 7396, section 1)."""
    value = hit.set_to if hit.replace is None else hit.replace
    if value is UNSET and not hit.remove:
        return None
    tokens = hit.pointer.split("/")[1:]
    depth = next((depth for depth, token in enumerate(tokens) if token.isdigit()), None)
    if depth is None:
        return nested({hit.pointer: value})
    whole = "/" + "/".join(tokens[:depth])
    found = value_at(app, whole)
    if len(found) > _LONGEST_LIST:
        return None
    after = edited(msgspec.to_builtins(found), (Edit(tuple(tokens[depth:]), hit.remove, value),))
    if any(isinstance(element, str) and HIDDEN in element for element in after):
        return None  # it would write the mark in the place of the secret
    return nested({whole: after})


def _change(hit: Hit) -> str:
    """The hit's change in the few words that fit under a source line."""
    if isinstance(hit.set_to, bool):
        return "set to true" if hit.set_to else "set to false"
    if hit.set_to is not UNSET:
        return f"set to {msgspec.json.encode(hit.set_to).decode()}"
    if hit.replace is not None and HIDDEN not in str(hit.replace):
        return f"replace with {hit.replace}"
    return "remove" if hit.remove else ""
