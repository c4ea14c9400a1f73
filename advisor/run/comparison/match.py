"""Which registrations and tenants of two readings are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from advisor.errors import InputError
from advisor.sources.reading.builder import Reading
from reports.rows import RegistrationRow
from rules.model.registration import Registration
from rules.model.tenant import Tenant
from rules.primitives.texts import text_of

_Identity = Callable[[str, Registration], str]

#: What identifies a registration, the surest first; the key of one without IDs and a name is its place.
_IDENTITIES: Final[tuple[_Identity, ...]] = (
    lambda _, app: text_of(app.app_id).lower(),
    lambda _, app: text_of(app.id).lower(),
    lambda _, app: text_of(app.display_name),
    lambda key, _: key,
)


class Matched:
    """The *readings*, old and new, with the keys of registrations and the names of tenants that both have.

    Raises ``InputError`` for readings of different tenants; *names* are what the user called the two.
    """

    def __init__(self, names: tuple[str, str], readings: tuple[Reading, Reading]) -> None:
        self.readings = readings
        #: From the old reading to the new one.
        self.tenants = _tenants(names, readings)
        self.registrations = _registrations(readings)
        self._tenants_to_old = {new: old for old, new in self.tenants.items()}
        self._registrations_to_old = {new: old for old, new in self.registrations.items()}

    def to(self, side: int) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The keys of registrations and the names of tenants on that *side* (1 is the new one) by those of the
        other.
        """
        return (self.registrations, self.tenants) if side else (self._registrations_to_old, self._tenants_to_old)

    def reads_all(self, side: int, row: RegistrationRow) -> bool:
        """Whether that *side* read all of where *row* of the other side would be, so that its absence is known."""
        reading = self.readings[side]
        if not (row.tenant and reading.tenants):
            return all(source.status == "read" for source in reading.inputs)
        tenant = reading.tenants.get(self.to(side)[1].get(row.tenant, ""))
        if tenant is None or row.kind == "tenant":
            return tenant is not None and tenant.whole
        return tenant.is_whole("applications" if row.kind == "registration" else "servicePrincipals")

    def knows_all(self, side: int) -> bool:
        """Whether it is known of every registration of the other side if that *side* has it."""
        reading, there = self.readings[1 - side], self.to(side)[0]
        return all(one.key in there or self.reads_all(side, reading.row(one.key)) for one in reading.subjects)


def _is_same_tenant(names: tuple[str, str], tenants: tuple[Tenant, Tenant]) -> bool:
    """Whether two readings are of one tenant: by its ID, and where one of them did not read it, by what it is called
    and by its verified domains.
    """
    ids = [text_of(one.organization.id) if one.organization else "" for one in tenants]
    if all(ids):
        return ids[0].lower() == ids[1].lower()
    called = []
    for name, tenant in zip(names, tenants, strict=True):
        domains = (tenant.organization.verified_domains or ()) if tenant.organization else ()
        called.append({text.lower() for text in (name, tenant.id, *(text_of(domain.name) for domain in domains))})
    return bool(called[0] & called[1])


def _tenants(names: tuple[str, str], readings: tuple[Reading, Reading]) -> dict[str, str]:
    old, new = (reading.tenants for reading in readings)
    found: dict[str, str] = {}
    for name, one in old.items():
        free = (other for other in new if other not in found.values())
        match = next((other for other in free if _is_same_tenant((name, other), (one, new[other]))), None)
        if match is not None:
            found[name] = match
    if old and new and not found:
        raise InputError(
            f"is a reading of {', '.join(new)}, and {names[0]} is one of {', '.join(old)}, another tenant",
            file=names[1],
            hint="compare two readings of one tenant",
        )
    return found


def _registrations(readings: tuple[Reading, Reading]) -> dict[str, str]:
    """Only an identity that one registration of a reading has counts; two with different client IDs never match."""
    left = [{subject.key: subject.app for subject in reading.subjects} for reading in readings]
    found: dict[str, str] = {}
    for identity in _IDENTITIES:
        old, new = (_unique(identity, side) for side in left)
        for name, key in old.items():
            if name in new and _may_be_same(left[0][key], left[1][new[name]]):
                found[key] = new[name]
        for key in left[0].keys() & found.keys():
            del left[0][key], left[1][found[key]]
    return found


def _unique(identity: _Identity, side: Mapping[str, Registration]) -> dict[str, str]:
    """The keys of *side* by an identity that only one of them has."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, app in side.items():
        found[identity(key, app)].append(key)
    return {name: keys[0] for name, keys in found.items() if name and len(keys) == 1}


def _may_be_same(old: Registration, new: Registration) -> bool:
    one, other = text_of(old.app_id).lower(), text_of(new.app_id).lower()
    return not (one and other) or one == other
