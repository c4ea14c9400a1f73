"""What differs, object by object: registrations with their service principals, other service principals, tenants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from advisor.run.comparison.agents import add_inherited
from advisor.run.comparison.grants import Grants, grants_of, grants_of_code, nothing_granted
from advisor.run.comparison.match import Matched
from advisor.run.comparison.walk import UNREAD, Difference, differences, tree
from advisor.run.comparison.words import AGENT_USERS, HELD, INHERITED, LISTS, Category, Change, category_of, changes
from reports.rows import RowKind
from rules.model.registration import Registration
from rules.model.tenant import ServicePrincipal, Tenant
from rules.primitives.texts import text_of

State = Literal["added", "removed", "changed", "unknown"]

#: What of a tenant belongs to its applications, and is compared with them.
_OF_APPLICATIONS: Final = ("servicePrincipals", AGENT_USERS, *LISTS)
#: The category of what has none of its own, by what it is about.
_OTHERWISE: Final[Mapping[RowKind, Category]] = {
    "registration": "registrations",
    "service-principal": "service-principals",
    "tenant": "policies",
}


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A registration, service principal or tenant that differs.

    Its state is ``unknown`` where one of the two was not read far enough to say whether it was there. *unknown* names
    the properties that one of the two did not read.
    """

    state: State
    kind: RowKind
    name: str
    app_id: str | None = None
    changes: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()


_Pair = tuple[ServicePrincipal | None, ServicePrincipal | None]


def compare_objects(matched: Matched) -> Iterator[Compared]:
    """Each object of the two readings that differs, or of which something is not known."""
    for one in _Objects(matched).compared():
        if one.state == "unknown":
            yield msgspec.structs.replace(one, changes=(), unknown=())
        elif one.state != "changed" or one.changes or one.unknown:
            yield one


#: What is compared in other words: by the roles of a group, and by findings about owners, risks and exports.
_NOT_COMPARED: Final = frozenset(
    (
        "roleGroups",
        "users",
        "userRegistrationDetails",
        "riskyServicePrincipals",
        "applicationAccessPolicies",
        "azureRoleAssignments",
    )
)


def not_compared(matched: Matched, objects: Iterable[Compared]) -> frozenset[Category]:
    """The categories of which one of the two readings, or both, did not read everything."""
    found: set[Category] = set()
    for one in objects:
        found.update(category_of(name, _OTHERWISE[one.kind]) for name in one.unknown)
        if one.state == "unknown":
            found.add(_OTHERWISE[one.kind])
    members = {field.encode_name: field.name for field in msgspec.structs.fields(Registration)}
    for subject in matched.readings[1].subjects:
        found.update(category for name, category in HELD.items() if getattr(subject.app, members[name]) is UNSET)
    for old, new in matched.tenants.items():
        unread = {*matched.readings[0].tenants[old].unread, *matched.readings[1].tenants[new].unread}
        found.update(category_of(name, "policies") for name in unread - _NOT_COMPARED)
    if not matched.tenants:
        has_grants = any(reading.grants for reading in matched.readings)
        found.update(("policies",) if has_grants else ("policies", "grants", "roles"))
    return frozenset(found)


class _Objects:
    """The two readings; a tenant is called as in the new one."""

    def __init__(self, matched: Matched) -> None:
        self._matched = matched
        self._readings = matched.readings
        self._to_old, self._tenants_to_old = matched.to(0)
        self._apps = tuple({one.key: one.app for one in reading.subjects} for reading in matched.readings)
        self._principals = {new: _principals(*self._tenants(new)) for new in self._tenants_to_old}
        self._grants = self._compare_grants()

    def _tenants(self, name: str) -> tuple[Tenant, Tenant]:
        old, new = self._readings
        return old.tenants[self._tenants_to_old[name]], new.tenants[name]

    def compared(self) -> Iterator[Compared]:
        """All objects of both readings, also those without a difference."""
        for key in self._apps[1]:
            yield self._registration(self._to_old.get(key), key)
        for key in self._apps[0]:
            if key not in self._matched.registrations:
                yield self._registration(key, None)
        for name, pairs in self._principals.items():
            for id_, pair in pairs.items():
                yield self._principal(name, id_, pair)
            yield self._tenant(name)
        for key in self._grants.owners(""):
            found, unknown = self._grants.pop(("", key))
            yield Compared(state="changed", kind="service-principal", name=key, changes=found, unknown=unknown)

    def _registration(self, old_key: str | None, new_key: str | None) -> Compared:
        side, key = (1, new_key) if new_key is not None else (0, str(old_key))
        row = self._readings[side].row(str(key))
        tenant = row.tenant if side else self._matched.tenants.get(row.tenant, "")
        id_ = (row.app_id or "").lower()
        old = self._apps[0][old_key] if old_key is not None else None
        new = self._apps[1][new_key] if new_key is not None else None
        found = [*_between(old, new)]
        pair = self._principals.get(tenant, {}).pop(id_, (None, None))
        found += _not_repeating(found, _between(*pair, prefix="servicePrincipal"))
        # What a tenant grants is attributed by client ID, what code grants by the registration.
        said = [
            changes(found, _OTHERWISE["registration"]),
            self._grants.pop((tenant, id_)),
            self._grants.pop(("", str(key))),
        ]
        return Compared(
            state=_state(old, new, is_known=self._matched.reads_all(1 - side, row)),
            kind="registration",
            name=row.name,
            app_id=row.app_id,
            changes=tuple(change for one, _ in said for change in one),
            unknown=tuple(dict.fromkeys(text for _, unknown in said for text in unknown)),
        )

    def _principal(self, name: str, id_: str, pair: _Pair) -> Compared:
        old, new = pair
        one = new or old or ServicePrincipal()
        found, unknown = changes(_between(old, new), _OTHERWISE["service-principal"])
        granted, not_known = self._grants.pop((name, id_))
        is_known = self._tenants(name)[0 if old is None else 1].is_whole("servicePrincipals")
        return Compared(
            state=_state(old, new, is_known=is_known),
            kind="service-principal",
            name=text_of(one.display_name) or text_of(one.id),
            app_id=text_of(one.app_id) or None,
            changes=(*found, *granted),
            unknown=(*unknown, *not_known),
        )

    def _tenant(self, name: str) -> Compared:
        """The policies of a tenant, and the grants and roles of everything that is not its application."""
        old, new = self._tenants(name)
        found, unknown = changes(differences(_policies(old), _policies(new)), _OTHERWISE["tenant"])
        granted, not_known = self._grants.rest(name)
        unread = (one for one in ("applications", *_OF_APPLICATIONS) if one in old.unread or one in new.unread)
        organization = new.organization or old.organization or None
        return Compared(
            state="changed",
            kind="tenant",
            name=(text_of(organization.display_name) if organization else "") or name,
            changes=(*found, *granted),
            unknown=tuple(dict.fromkeys((*unknown, *not_known, *unread))),
        )

    def _compare_grants(self) -> Grants:
        found = Grants()
        for old, new in self._matched.tenants.items():
            lists = grants_of(self._readings[0], old), grants_of(self._readings[1], new)
            skipped = add_inherited((lists[0], self._readings[0], old), (lists[1], self._readings[1], new))
            found.compare(new, *lists)
            for agent in sorted(skipped):
                found.skip(new, agent, INHERITED)
        before, after = (grants_of_code(reading) for reading in self._readings)
        whole = [all(source.status == "read" for source in reading.inputs) for reading in self._readings]
        names = {key: self._matched.registrations.get(key, key) for key in before}
        pairs = {(key, names[key]) for key in before} | {(self._to_old.get(key, key), key) for key in after}
        for old, new in sorted(pairs):
            # Where something was not read, what is missing may be there.
            missing = [nothing_granted() if is_whole else {} for is_whole in whole]
            found.compare("", before.get(old, missing[0]), after.get(new, missing[1]), owner=new)
        return found


def _state(old: object, new: object, *, is_known: bool) -> State:
    if old is not None and new is not None:
        return "changed"
    return "unknown" if not is_known else "added" if old is None else "removed"


def _principals(old: Tenant, new: Tenant) -> dict[str, _Pair]:
    """The service principals of a tenant in both readings, by client ID; nothing where one did not read them."""
    if old.service_principals is UNSET or new.service_principals is UNSET:
        return {}
    before, after = (
        {text_of(one.app_id).lower() or text_of(one.id): one for one in tenant.service_principals or ()}
        for tenant in (old, new)
    )
    return {id_: (before.get(id_), after.get(id_)) for id_ in dict.fromkeys((*after, *before))}


def _policies(tenant: Tenant) -> dict[str, Any]:
    """Everything that was read of *tenant* besides its applications; a list that was not read whole says so."""
    own = dict.fromkeys(
        ("service_principals", "agent_users", "oauth2_permission_grants", "app_role_assignments"), UNSET
    )
    found = tree(
        msgspec.structs.replace(
            tenant, **own, role_assignments=UNSET, role_eligibilities=UNSET, role_groups=UNSET, unread={}
        )
    )
    for name in ("id", "graph", "whole", "unread", *_NOT_COMPARED):
        found.pop(name, None)
    for member in tenant.unread:
        if isinstance(found.get(member), list):
            found[member].append(UNREAD)
    return found


def _between(
    old: Registration | ServicePrincipal | None, new: Registration | ServicePrincipal | None, prefix: str = ""
) -> Iterable[Difference]:
    """What differs between two states of an object; of one that is in one of the two, its credentials and owners."""
    before, after = (_tree(one) for one in (old, new))
    if before == after:
        return ()
    if old is None or new is None:
        there = [name for name in HELD if name in before or name in after]
        before, after = ({str(name): side.get(name, []) for name in there} for side in (before, after))
    return differences({prefix: before}, {prefix: after}) if prefix else differences(before, after)


def _tree(one: Registration | ServicePrincipal | None) -> dict[str, Any]:
    if one is None:
        return {}
    return tree(one, one.unread if isinstance(one, Registration) else None)


def _not_repeating(found: Iterable[Difference], more: Iterable[Difference]) -> Iterator[Difference]:
    """The differences of a service principal, without those that it copies from its registration."""
    said = [(one.old, one.new) for one in found if one.is_known]
    return (one for one in more if not one.is_known or (one.old, one.new) not in said)
