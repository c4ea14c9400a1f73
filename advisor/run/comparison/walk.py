"""Walk through two states of a Graph object, and name each property and each element of a list that differs.

A property that one of the two did not read is not a difference, but not known; so are the differences of a list with an
element that was not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from rules.model.registration import Unread

UNREAD: Final = object()

#: What identifies an element of a list, so that a list that was only reordered has not changed. The name of a federated
#: credential is unique in its application and cannot change (Microsoft Graph, "federatedIdentityCredential").
_IDENTITIES: Final = ("keyId", "id", "appId", "name", "displayName")
_OF_LIST: Final = {
    "federatedIdentityCredentials": ("name", "id"),
    "requiredResourceAccess": ("resourceAppId", "id", "type"),
    "optionalClaims.idToken": ("name", "source"),
    "optionalClaims.accessToken": ("name", "source"),
    "optionalClaims.saml2Token": ("name", "source"),
}
#: Lists whose elements are identified by all of their identities together.
_TOGETHER: Final = frozenset(name for name in _OF_LIST if name != "federatedIdentityCredentials")


class Step(msgspec.Struct, frozen=True):
    """A step into a list: its name below the step before, and the element in both states; ``None`` where it is not."""

    list: str
    before: Any
    after: Any
    #: The elements of the list that both states have, and this one's number among those that were added, from 1.
    kept: int = 0
    number: int = 0

    @property
    def element(self) -> Any:
        """The element as it is, or was last."""
        return self.before if self.after is None else self.after


class Difference(msgspec.Struct, frozen=True):
    """What differs: the full name of the property, the lists that lead to it, the rest of the name, both values.

    ``is_known`` is false where one of the two values was not read.
    """

    property: str
    steps: tuple[Step, ...]
    rest: str
    old: Any
    new: Any
    is_known: bool = True


def tree(value: msgspec.Struct, unread: Mapping[str, Unread] | None = None) -> dict[str, Any]:
    """*value* as plain data, with ``UNREAD`` at the pointers of *unread*; requested permissions are one list."""
    found: dict[str, Any] = _with_lists(msgspec.to_builtins(value))
    for pointer in unread or ():
        _mark(found, [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]])
    requested = found.get("requiredResourceAccess")
    if isinstance(requested, list):
        found["requiredResourceAccess"] = [*_permissions(requested)]
    return found


def _with_lists(value: Any) -> Any:
    """*value* with lists for tuples, so that elements can be marked."""
    if isinstance(value, dict):
        return {key: _with_lists(one) for key, one in value.items()}
    return [_with_lists(one) for one in value] if isinstance(value, list | tuple) else value


def _mark(found: Any, tokens: list[str]) -> None:
    """Put ``UNREAD`` where *tokens* lead; no change if there is nothing at them."""
    for number, token in enumerate(tokens):
        is_last = number == len(tokens) - 1
        if isinstance(found, dict):
            if is_last:
                found[token] = UNREAD
            found = found.get(token)
        elif isinstance(found, list) and token.isdigit() and int(token) < len(found):
            if is_last:
                found[int(token)] = UNREAD
            found = found[int(token)]
        else:
            return


def _permissions(requested: Any) -> Iterator[Any]:
    """Each permission with the client ID of its API."""
    for resource in requested:
        accesses = resource.get("resourceAccess") if isinstance(resource, dict) else UNREAD
        if accesses is not None and (not isinstance(accesses, list) or UNREAD in accesses):
            yield UNREAD
        else:
            yield from ({"resourceAppId": resource.get("resourceAppId"), **access} for access in accesses or ())


def differences(old: Any, new: Any) -> Iterator[Difference]:
    """What differs between two trees."""
    yield from _walk("", (), "", old, new)


def _walk(name: str, steps: tuple[Step, ...], rest: str, old: Any, new: Any) -> Iterator[Difference]:
    if old is UNREAD or new is UNREAD:
        if old is not new:
            yield Difference(name, steps, rest, None, None, is_known=False)
    elif isinstance(old, dict) or isinstance(new, dict):
        if not (isinstance(old, dict) and isinstance(new, dict)):
            yield Difference(name, steps, rest, _without_unread(old), _without_unread(new))
            return
        for key in dict.fromkeys((*old, *new)):
            below, own = (f"{text}.{key}" if text else key for text in (name, rest))
            yield from _walk(below, steps, own, old.get(key, UNREAD), new.get(key, UNREAD))
    elif isinstance(old, list) or isinstance(new, list):
        yield from _walk_list(name, steps, rest, old or [], new or [])  # null is an empty list
    elif old != new:
        yield Difference(name, steps, rest, old, new)


def _walk_list(name: str, steps: tuple[Step, ...], rest: str, old: Any, new: Any) -> Iterator[Difference]:
    if not (isinstance(old, list) and isinstance(new, list)):
        yield Difference(name, steps, rest, _without_unread(old), _without_unread(new))
        return
    before, after = elements(rest, old), elements(rest, new)
    is_partial = any(value is UNREAD for values in (old, new) for value in values)
    kept = sum(key in before for key in after)
    added = 0
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if is_partial and (was is None or now is None):
            yield Difference(name, steps, rest, None, None, is_known=False)
            return
        added += was is None
        step = Step(rest, _without_unread(was), _without_unread(now), kept, added)
        if was is None or now is None:
            yield Difference(f"{name}[{key}]", (*steps, step), "", step.before, step.after)
        else:
            yield from _walk(f"{name}[{key}]", (*steps, step), "", was, now)


def _without_unread(value: Any) -> Any:
    """*value* without what was not read, to be shown."""
    if isinstance(value, dict):
        return {key: _without_unread(one) for key, one in value.items() if one is not UNREAD}
    return [_without_unread(one) for one in value if one is not UNREAD] if isinstance(value, list) else value


def elements(name: str, values: Any) -> dict[str, Any]:
    """The elements of the list called *name* by what identifies each: themselves, an id of theirs, or their place."""
    found: dict[str, Any] = {}
    for index, value in enumerate(values):
        if value is UNREAD:
            continue
        key = value if isinstance(value, str) else str(index)
        if isinstance(value, dict):
            given = (value.get(one) for one in _OF_LIST.get(name, _IDENTITIES))
            names = [str(one) for one in given if one and one is not UNREAD]
            key = (" ".join(names) if name in _TOGETHER else names[0]) if names else key
        own, number = key, 1
        while own in found:
            number += 1
            own = f"{key} ({number})"
        found[own] = value
    return found
