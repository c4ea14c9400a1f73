"""What a report shows of a registration after its findings: what it contains, what was granted to it, what a fix
replaces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from advisor.policy.config import Declared
from reports.rows import CredentialRow, FindingRow, Owner, PermissionRow, RedirectRow, RegistrationRow
from rules.docs.requests import target_of
from rules.engine.findings import value_at
from rules.knowledge.permissions import permission, resources
from rules.model.registration import Credential, Registration, RequiredResourceAccess
from rules.model.registration import Owner as GraphOwner
from rules.model.tenant import ServicePrincipal, Tenant
from rules.primitives.dates import instant, moment
from rules.primitives.patch import leaves, plain
from rules.primitives.texts import text_of

#: Permissions by the client ID of the application that they were granted to.
Granted = Mapping[str, tuple[PermissionRow, ...]]

#: Names by the client ID of an API and the ID of a permission; that of the API itself has an empty one.
Names = Mapping[tuple[str, str], str]

_REACH: Final[dict[str, Literal["delegated", "application"]]] = {"scope": "delegated", "role": "application"}

#: Changes that need no more than an ID, which the registration's row has.
_BY_ID: Final = ("remove-secret", "remove-certificate", "delete-owner")


def with_details(
    row: RegistrationRow, app: Registration, declared: Sequence[Declared], granted: Granted | None
) -> RegistrationRow:
    """The row with what *app* contains; a list that was not read stays ``None``.

    Where no owner was read, the row names the one that the configuration *declared*. *granted* is of the registration's
    tenant.
    """
    owners = people(app.owners)
    return msgspec.structs.replace(
        row,
        created=_instant(app.created_date_time),
        owners=owners or _declared(row, declared) or owners,
        sponsors=people(app.sponsors) if app.kind == "blueprint" else None,
        credentials=_credentials(app),
        redirects=_redirects(app),
        requested=_requested(app.required_resource_access),
        granted=None if granted is None else granted.get(row.app_id or "", ()),
    )


def people(found: tuple[GraphOwner, ...] | UnsetType | None) -> tuple[Owner, ...] | None:
    """Owners or sponsors as the report has them; ``None`` where they were not read."""
    if isinstance(found, UnsetType):
        return None
    return tuple(
        Owner(id=text_of(one.id), name=text_of(one.display_name), address=text_of(one.user_principal_name))
        for one in found or ()
    )


def _declared(row: RegistrationRow, declared: Sequence[Declared]) -> tuple[Owner, ...]:
    """The owner by the configuration: an email address or a name."""
    names = [entry.owner for entry in declared if entry.owner and entry.is_about(row)]
    return tuple(Owner(address=name) if "@" in name else Owner(name=name) for name in names[:1])


def _credentials(app: Registration) -> tuple[CredentialRow, ...] | None:
    """Every credential in the lists that were read; ``None`` when none of the three lists was."""
    lists = (app.password_credentials, app.key_credentials, app.federated_identity_credentials)
    if all(isinstance(found, UnsetType) for found in lists):
        return None
    federated = (
        CredentialRow(kind="federated", id=text_of(credential.id), name=text_of(credential.name))
        for credential in app.federated_identity_credentials or ()
    )
    return (
        *_dated("secret", app.password_credentials),
        *_dated("certificate", app.key_credentials),
        *federated,
    )


def _dated(
    kind: Literal["secret", "certificate"], credentials: tuple[Credential, ...] | UnsetType | None
) -> Iterator[CredentialRow]:
    for credential in credentials or ():
        yield CredentialRow(
            kind=kind,
            id=text_of(credential.key_id),
            name=text_of(credential.display_name),
            starts=_instant(credential.start_date_time),
            ends=_instant(credential.end_date_time),
        )


def _redirects(app: Registration) -> tuple[RedirectRow, ...] | None:
    parts = (app.web, app.spa, app.public_client)
    if all(part is UNSET or (part and part.redirect_uris is UNSET) for part in parts):
        return None
    return tuple(
        RedirectRow(
            uri=redirect.uri.text,
            platform=redirect.platform,
            host=(redirect.uri.host or "") if redirect.uri.is_web else "",
        )
        for redirect in app.redirects
    )


def _requested(resources: tuple[RequiredResourceAccess, ...] | UnsetType | None) -> tuple[PermissionRow, ...] | None:
    if isinstance(resources, UnsetType):
        return None
    return tuple(
        _permission(text_of(resource.resource_app_id), text_of(access.id), text_of(access.type))
        for resource in resources or ()
        for access in resource.resource_access or ()
    )


@lru_cache(maxsize=4096)
def _permission(resource: str, id_: str, kind: str) -> PermissionRow:
    known = permission(resource, id_, kind)
    return PermissionRow(
        resource=resource,
        id=id_,
        reach=_REACH.get(kind.casefold(), ""),
        resource_name=_resource_name(resource),
        name=known.value if known else "",
    )


def names_of_apis(apps: Iterable[Registration]) -> Names:
    """What the APIs among *apps* and their permissions are called. A name that two of them disagree about is left
    out.
    """
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for app in apps:
        if not app.app_id:
            continue
        found[app.app_id.casefold(), ""].add(text_of(app.display_name))
        scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
        permissions = [(one.id, one.value) for one in scopes] + [(one.id, one.value) for one in app.app_roles or ()]
        for id_, value in permissions:
            found[app.app_id.casefold(), text_of(id_).casefold()].add(text_of(value))
    return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}


def with_names(row: RegistrationRow, names: Names) -> RegistrationRow:
    """The row with *names* for permissions of APIs that are in the same run, where it has none."""

    def named(permissions: tuple[PermissionRow, ...] | None) -> tuple[PermissionRow, ...] | None:
        return permissions and tuple(_named(one, names) for one in permissions)

    requested, granted = named(row.requested), named(row.granted)
    if (requested, granted) == (row.requested, row.granted):
        return row
    return msgspec.structs.replace(row, requested=requested, granted=granted)


def _named(row: PermissionRow, names: Names) -> PermissionRow:
    api = row.resource.casefold()
    if (row.resource_name and row.name) or (api, "") not in names:
        return row
    name = row.name or (names.get((api, row.id.casefold()), "") if row.id else "")
    return msgspec.structs.replace(row, resource_name=row.resource_name or names[api, ""], name=name)


def _instant(value: object) -> str:
    found = moment(value)
    return instant(found) if found else ""


def granted_in(tenant: Tenant) -> Granted | None:
    """The permissions granted to each application by its ``appId``; ``None`` unless all lists of grants were read."""
    lists = (tenant.service_principals, tenant.oauth2_permission_grants, tenant.app_role_assignments)
    if not all(isinstance(found, tuple) for found in lists):
        return None
    rows: defaultdict[str, dict[PermissionRow, None]] = defaultdict(dict)
    principals = tenant.principals_by_id
    for grant in tenant.oauth2_permission_grants or ():
        client, resource = principals.get(text_of(grant.client_id)), principals.get(text_of(grant.resource_id))
        for value in text_of(grant.scope).split():
            rows[_app_id(client)][_delegated(value, resource, text_of(grant.resource_id))] = None
    for assignment in tenant.app_role_assignments or ():
        client = principals.get(text_of(assignment.principal_id))
        resource = principals.get(text_of(assignment.resource_id))
        row = _application(text_of(assignment.app_role_id), resource, text_of(assignment.resource_display_name))
        rows[_app_id(client)][row] = None
    return {app_id: tuple(found) for app_id, found in rows.items()}


def _delegated(value: str, resource: ServicePrincipal | None, otherwise: str) -> PermissionRow:
    scopes = (resource.oauth2_permission_scopes if resource else None) or ()
    app_id = _app_id(resource)
    return PermissionRow(
        resource=app_id or otherwise,
        id=next((text_of(scope.id) for scope in scopes if scope.value == value), ""),
        reach="delegated",
        resource_name=_resource_name(app_id, resource),
        name=value,
    )


def _application(id_: str, resource: ServicePrincipal | None, otherwise: str) -> PermissionRow:
    roles = (resource.app_roles if resource else None) or ()
    app_id = _app_id(resource)
    return PermissionRow(
        resource=app_id,
        id=id_,
        reach="application",
        resource_name=_resource_name(app_id, resource, otherwise),
        name=next((text_of(role.value) for role in roles if role.id == id_), ""),
    )


def _resource_name(app_id: str, resource: ServicePrincipal | None = None, otherwise: str = "") -> str:
    """The name of an API: its well-known name, else the display name of its service principal in the tenant."""
    known = resources().get(app_id.casefold())
    return known.name if known else (text_of(resource.display_name) if resource else "") or otherwise


def _app_id(principal: ServicePrincipal | None) -> str:
    return text_of(principal.app_id) if principal else ""


def patched_by_registration(findings: Iterable[FindingRow]) -> dict[str, tuple[str, ...]]:
    """The JSON pointers that patches of new findings write, by the key of the registration."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        target = target_of(finding.pointer)
        if finding.patch and finding.state == "new" and target and target.kind not in _BY_ID:
            found.setdefault(finding.registration, {}).update(dict.fromkeys(leaves(finding.patch)))
    return {key: tuple(pointers) for key, pointers in found.items()}


def with_before(row: RegistrationRow, objects: Sequence[msgspec.Struct], pointers: tuple[str, ...]) -> RegistrationRow:
    """The row with the values at *pointers*, from which a fix plan starts; what was not read, or not whole, is left
    out.

    *objects* are what the row is about: the registration, the application in its tenant, or the tenant.
    """
    before: dict[str, Any] = {}
    for pointer in pointers:
        values = (_value(one, pointer) for one in objects)
        place, value = next((found for found in values if found[1] is not UNSET), (pointer, UNSET))
        if value is not UNSET:
            before[place] = value
    return msgspec.structs.replace(row, before=before) if before else row


def _value(one: msgspec.Struct, pointer: str) -> tuple[str, Any]:
    """The value at *pointer* as Graph JSON, and where it is: at *pointer*, or for a null at the outermost one.

    ``UNSET`` for what was not read.
    """
    unread = getattr(one, "unread", ())
    if any(place == pointer or place.startswith(pointer + "/") for place in unread):
        return pointer, UNSET
    value = value_at(one, pointer)
    if value is not UNSET:
        return pointer, plain(msgspec.to_builtins(value))
    names = pointer.split("/")
    outer = ("/".join(names[:count]) for count in range(2, len(names)))
    return next(((place, None) for place in outer if value_at(one, place) is None), (pointer, UNSET))
