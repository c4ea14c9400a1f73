"""What a report shows of a registration beside its findings: owners, credentials, redirect URIs, requested permissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from advisor.policy.config import Declared
from advisor.policy.patterns import is_about
from advisor.run.granted import Granted, resource_name
from reports.rows import CredentialRow, Owner, PermissionRow, RedirectRow, RegistrationRow
from rules.knowledge.permissions import permission
from rules.model.registration import Credential, FederatedCredential, Registration, RequiredResourceAccess
from rules.primitives.dates import instant, moment
from rules.primitives.texts import text_of

_REACH: Final[dict[str, Literal["delegated", "application"]]] = {"scope": "delegated", "role": "application"}


def with_details(
    row: RegistrationRow, app: Registration, declared: Mapping[str, Declared], granted: Granted | None
) -> RegistrationRow:
    """The row with what *app* holds; a list that nobody read stays ``None``.

    Where no owner was read, the one that the configuration *declared* for the registration stands for it. *granted* is
    what was granted in its tenant, by client id.
    """
    return msgspec.structs.replace(
        row,
        created=_instant(app.created_date_time),
        owners=_owners(app) or _declared(row, declared) or _owners(app),
        credentials=_credentials(app),
        redirects=_redirects(app),
        requested=_requested(app.required_resource_access),
        granted=None if granted is None else granted.get(row.app_id or "", ()),
    )


def _owners(app: Registration) -> tuple[Owner, ...] | None:
    if isinstance(app.owners, UnsetType):
        return None
    return tuple(
        Owner(id=text_of(owner.id), name=text_of(owner.display_name), address=text_of(owner.user_principal_name))
        for owner in app.owners or ()
    )


def _declared(row: RegistrationRow, declared: Mapping[str, Declared]) -> tuple[Owner, ...]:
    """Who answers for it by the configuration; an address is one to write to."""
    names = [entry.owner for pattern, entry in declared.items() if entry.owner and is_about(row, (pattern,))]
    return tuple(Owner(address=name) if "@" in name else Owner(name=name) for name in names[:1])


def _credentials(app: Registration) -> tuple[CredentialRow, ...] | None:
    """Every credential in the lists that were read; ``None`` when none of the three lists was."""
    lists = (app.password_credentials, app.key_credentials, app.federated_identity_credentials)
    if all(isinstance(found, UnsetType) for found in lists):
        return None
    return (
        *_dated("secret", app.password_credentials),
        *_dated("certificate", app.key_credentials),
        *_federated(app.federated_identity_credentials),
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


def _federated(credentials: tuple[FederatedCredential, ...] | UnsetType | None) -> Iterable[CredentialRow]:
    for credential in credentials or ():
        yield CredentialRow(kind="federated", id=text_of(credential.id), name=text_of(credential.name))


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
        resource_name=resource_name(resource),
        name=known.value if known else "",
    )


def _instant(value: object) -> str:
    found = moment(value)
    return instant(found) if found else ""
