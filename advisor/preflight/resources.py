"""The resource of a scope, the client ID of that resource, and whether the resource offers the permission.

Source: Microsoft, "Scopes and permissions in the Microsoft identity platform" (a scope without resource is one of
Microsoft Graph; OpenID scopes; ``.default``), "Dataverse OAuth". The hosts of each resource are in
``rules/knowledge/resources.tsv``, what they offer is in ``permissions.tsv``. The platform splits a scope parameter at
spaces only: a comma or a line feed is part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final, Literal

import msgspec

from advisor.preflight.known import is_read
from rules.knowledge.addresses import addresses, cloud_of_login
from rules.knowledge.permissions import (
    AZURE,
    DATAVERSE,
    GRAPH,
    LEGACY_GRAPH,
    SHAREPOINT,
    permission_named,
    permissions,
    permissions_by_value,
    resources,
)
from rules.model.registration import UNSET, PermissionScope, Registration
from rules.primitives.texts import is_guid

OPENID: Final = frozenset(("openid", "profile", "email", "offline_access"))

#: APIs that authorize a client outside of Microsoft Entra ID: its token needs no application permission.
OTHER_ROLES: Final = {
    DATAVERSE: "Dataverse authorizes the client as an application user, which needs a security role.",
    AZURE: "Azure authorizes the client by role assignments at a subscription, resource group or resource.",
}

_DATAVERSE_HOST: Final = re.compile(
    r"[a-z0-9-]+\.(?:api\.)?crm\d*\.(?:dynamics\.com|microsoftdynamics\.us|appsplatform\.us|dynamics\.cn)",
    re.IGNORECASE,
)

_SHAREPOINT_HOST: Final = re.compile(r"[a-z0-9-]+\.sharepoint\.com", re.IGNORECASE)


class RequestedScope(msgspec.Struct, frozen=True):
    """A scope in its parts. ``resource`` is empty for scopes of OpenID Connect and for a text that is not a scope."""

    text: str
    resource: str
    permission: str

    @property
    def is_default(self) -> bool:
        """Whether it requests whatever the registration lists or was granted."""
        return self.permission == ".default"

    @property
    def is_malformed(self) -> bool:
        """Whether the platform cannot split it: it has a slash, and no URI or GUID before the last one."""
        return not self.resource and self.permission.lower() not in OPENID


def graph_of(login: str) -> str:
    """The URL of Microsoft Graph in the cloud whose sign-in host is *login*."""
    return addresses()["graph"].in_cloud(cloud_of_login(login))


def exchange_audience(login: str) -> str:
    """The audience of federated credentials in the cloud whose sign-in host is *login*."""
    return addresses()["token-exchange"].in_cloud(cloud_of_login(login))


def cloud_of(host: str) -> str:
    """The cloud of a host of Microsoft's, by how it ends: ``us``, ``cn``, or an empty text for the global one."""
    if host.endswith((".us", ".mil", ".usgovcloudapi.net")):
        return "us"
    return "cn" if host.endswith(".cn") else ""


#: Resources with one name in all clouds (hashicorp/go-azure-sdk, sdk/environments).
EVERYWHERE: Final = frozenset(("storage.azure.com",))

#: A URI with a scheme; what follows ``scheme://`` is not empty.
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!//$)(?://)?[^/].*", re.DOTALL)


def split_scope(text: str) -> RequestedScope:
    """One word of ``scope``: what follows the last slash is the permission.

    >>> split_scope("https://contoso.crm4.dynamics.com//.default").resource
    'https://contoso.crm4.dynamics.com/'
    """
    if text.lower() in OPENID:
        return RequestedScope(text, "", text.lower())
    resource, slash, permission = text.rpartition("/")
    if not slash:
        return RequestedScope(text, "https://graph.microsoft.com", text)
    is_resource = is_guid(resource) or (_URI.fullmatch(resource) and not resource.endswith(":/"))
    return RequestedScope(text, resource if is_resource else "", permission)


def app_id_of(resource: str) -> str:
    """The client ID of a resource by its URI or its ID; empty where no table has it.

    A URI with more than one slash at its end is in no table, nor is one with a path that the table does not have.
    """
    bare = resource.removesuffix("/")
    if is_guid(bare):
        return bare.lower()
    scheme, _, rest = bare.partition("://")
    if scheme.lower() not in ("https", "api"):
        return ""
    host = rest.lower()
    if scheme.lower() == "api":
        return host if is_guid(host) and host not in resources() else ""
    if _DATAVERSE_HOST.fullmatch(host):
        return DATAVERSE
    if _SHAREPOINT_HOST.fullmatch(host):
        return SHAREPOINT
    return next((row.id for row in resources().values() if host in row.hosts), "")


def uri_of(app_id: str) -> str:
    """The application ID URI of one of Microsoft's APIs by its ID; the ID itself, which Entra accepts too, for any
    other.
    """
    known = resources().get(app_id.lower())
    return f"https://{known.hosts[0]}" if known and known.hosts else app_id


def complete_uri(text: str) -> str:
    """The application ID URI of an API that *text* names, with ``https://`` where it is a host of Microsoft's.

    Returns an empty text for a name that is not a resource: without a scheme the platform splits no scope.
    """
    if "://" in text or ":" in text or is_guid(text) or "{" in text:
        return text
    full = f"https://{text}"
    return full if app_id_of(full) else ""


class Owned(msgspec.Struct, frozen=True):
    """Whether a resource is the registration itself: *yes*, *no*, or *unread* where its identifier URIs were not read.

    *unset* is the default URI, ``api://`` with the client ID, where the registration does not have it; *case* is a URI
    that differs in capital letters.
    """

    state: Literal["yes", "no", "unset", "unread", "case"]


def owned(app: Registration | None, resource: str) -> Owned:
    """Whether *resource* names the registration *app*, by its client ID or an application ID URI."""
    if app is None or not isinstance(app.app_id, str) or not app.app_id:
        return Owned("no")
    bare = resource.removesuffix("/")
    if bare.casefold() == app.app_id.casefold():
        return Owned("yes")
    default = bare.casefold() == f"api://{app.app_id}".casefold()
    uris = app.identifier_uris
    unread = not is_read(app, "identifierUris")
    known = [str(uri).removesuffix("/") for uri in uris or ()]
    if bare in known:
        return Owned("yes")
    if bare.casefold() in map(str.casefold, known):
        return Owned("case")
    if unread:
        return Owned("unread")
    return Owned("unset" if default else "no")


class Offer(msgspec.Struct, frozen=True):
    """Whether a resource offers a delegated permission, and why. *not-known* is what no table has.

    ``code`` follows where the permission is not offered, and may follow where that is not known. ``near`` is the scope
    that was probably meant.
    """

    state: Literal["offered", "not-offered", "not-known"]
    says: str
    code: int = 0
    near: str = ""


#: The names of permissions of Microsoft Graph have this form; a name of any other form was never one.
_GRAPH_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?:\.[A-Za-z0-9-]+)+")
#: The service does not exist for others; Microsoft, "AADSTS650053" and "AADSTS500011" (message).
_NO_SCOPE, _NO_RESOURCE = 650053, 500011


def offer(scope: RequestedScope, app: Registration | None, others: Sequence[Registration] = ()) -> Offer:
    """Whether the resource of *scope* offers its permission to the signed-in user of the client *app*.

    *others* are registrations that were read with it: one of them may be the API.
    """
    resource = scope.resource
    whose = owned(app, resource).state
    if whose == "yes":
        return _own(scope, app)
    if whose == "unread":
        return Offer("not-known", f"{resource} may be a URI of this registration: identifierUris was not read")
    if whose == "unset":
        return Offer("not-offered", f"{resource} is not in identifierUris, so no API has this URI", _NO_RESOURCE)
    known = app_id_of(resource) in resources()
    if (known or whose == "case") and resource != resource.lower() and not is_guid(resource):
        says = f"{resource} has capital letters; Microsoft does not document whether Entra ID ignores the case"
        return Offer("not-known", says, _NO_RESOURCE)
    if known:
        return _of_table(scope, app_id_of(resource))
    api = owner(others, resource)
    return _own(scope, api) if api is not None else _elsewhere(scope, app)


def owner(registrations: Iterable[Registration], resource: str) -> Registration | None:
    """The one of *registrations* that *resource* names; ``None`` for none."""
    return next((one for one in registrations if owned(one, resource).state == "yes"), None)


def _of_table(scope: RequestedScope, resource: str) -> Offer:
    """What the table says of a *resource* that it has, by the client ID."""
    if not scope.permission:
        return Offer("not-offered", f"the scope {scope.text} has no permission after its last slash")
    if resource == LEGACY_GRAPH:
        return Offer("not-known", "Azure AD Graph was retired on 31 August 2025. Use Microsoft Graph", _NO_RESOURCE)
    openid = resource == GRAPH and scope.permission.lower() in OPENID
    if scope.is_default or openid or permission_named(resource, scope.permission, "Scope"):
        return Offer("offered", f"{scope.text}: {resources()[resource].name} offers it")
    return _absent(scope, resource)


def _own(scope: RequestedScope, app: Registration | None) -> Offer:
    api = app.api if app is not None else UNSET
    scopes = UNSET if api is UNSET else api.oauth2_permission_scopes if api else None
    if scope.is_default:
        return Offer("offered", f"{scope.text}: the registration of the API was read")
    if scopes is UNSET:
        return Offer("not-known", "api.oauth2PermissionScopes of the API was not read", _NO_SCOPE)
    named = [one for one in scopes or () if str(one.value).casefold() == scope.permission.casefold()]
    enabled = [str(one.value) for one in named if one.is_enabled]
    if scope.permission in enabled:
        return Offer("offered", f"{scope.text}: the API exposes it")
    if enabled:
        says = f"the API exposes the scope {enabled[0]}; Microsoft does not document whether Entra ID ignores the case"
        return Offer("not-known", says, _NO_SCOPE, f"{scope.resource}/{enabled[0]}")
    unread = app is not None and any("oauth2PermissionScopes" in pointer for pointer in app.unread)
    if unread or any(one.is_enabled is UNSET for one in named):
        return Offer("not-known", "not all of api.oauth2PermissionScopes of the API was read", _NO_SCOPE)
    return _not_exposed(scope, scopes or (), disabled=bool(named))


def _not_exposed(scope: RequestedScope, scopes: tuple[PermissionScope, ...], *, disabled: bool) -> Offer:
    if disabled:
        return Offer("not-offered", f"the API disables its scope {scope.permission}", _NO_SCOPE)
    if scope.permission.lower() in OPENID:
        says = f"{scope.permission} is a scope of OpenID Connect: request it without the URI of an API"
        return Offer("not-offered", says, _NO_SCOPE, scope.permission.lower())
    values = [str(one.value) for one in scopes if one.is_enabled and one.value]
    near = get_close_matches(scope.permission, values, 1) or (values if len(values) == 1 else [])
    exposed = ", ".join(values[:5]) or "none"
    says = f"the API does not expose the scope {scope.permission}; the API exposes {exposed}"
    return Offer("not-offered", says, _NO_SCOPE, f"{scope.resource}/{near[0]}" if near else "")


def _elsewhere(scope: RequestedScope, app: Registration | None) -> Offer:
    """A resource that no table has: an API of the organization, or a name that nothing has."""
    if re.search(r"[,;\s]|%0[aAdD]", scope.resource):
        says = (
            f"the text before the last slash of a scope is the URI of an API, but no API has the URI {scope.resource}"
        )
        return Offer("not-offered", says, _NO_RESOURCE)
    host, _, path = scope.resource.partition("://")[2].partition("/")
    if host.lower() in resources()[GRAPH].hosts and path.strip("/"):
        says = f"no API has the URI {scope.resource}: the URI of Microsoft Graph has no path"
        near = f"https://{host.lower()}/{scope.permission}"
        return Offer("not-offered", says, _NO_RESOURCE, near)
    parent, _, name = scope.resource.rpartition("/")
    if scope.is_default and parent and owned(app, parent).state == "yes":
        says = f"no API has the URI {scope.resource}: {name} is not part of the application ID URI"
        return Offer("not-offered", says, _NO_RESOURCE, f"{parent}/{name}")
    if _is_listed(app, scope.resource):
        if scope.is_default:
            return Offer("offered", f"{scope.text}: requiredResourceAccess lists the API by this ID")
        return Offer(
            "not-known", f"the registration of the API {scope.resource} and the scopes in it were not read", _NO_SCOPE
        )
    says = f"the registration of the API {scope.resource} was not read, so its URIs and scopes are not known"
    return Offer("not-known", says, _NO_RESOURCE)


def _is_listed(app: Registration | None, resource: str) -> bool:
    rows = app.required_resource_access if app is not None else ()
    return is_guid(resource) and any(str(row.resource_app_id).lower() == resource.lower() for row in rows or ())


def _absent(scope: RequestedScope, resource: str) -> Offer:
    """A permission that the table of a known *resource* does not have."""
    known, name = resources()[resource], scope.permission
    offered = {value: row.value for value, row in permissions_by_value(resource, "Scope").items()}
    close = get_close_matches(name.casefold(), offered, 1, cutoff=0.88)
    prefix = "" if "/" not in scope.text else scope.resource + "/"
    near = prefix + offered[close[0]] if close else ""
    if is_guid(name):
        return Offer("not-known", f"{name} alone is not a documented scope", _NO_SCOPE, f"{name}/.default")
    says = f"{known.name} has no delegated permission {name}"
    if known.listing == "complete":
        return Offer("not-offered", says, _NO_SCOPE, near)
    if resource == GRAPH:
        others = _offered_elsewhere(name)
        if (
            close
            or others
            or _is_foreign(name, offered)
            or not _GRAPH_NAME.fullmatch(name)
            or permission_named(GRAPH, name, "Role")
        ):
            says += (
                f"; {others} has the permission {name}, but the scope does not have the URI of that API"
                if others
                else ""
            )
            return Offer("not-offered", says, _NO_SCOPE, near)
    says = f"{name} is not in grantlint's list of permissions of {known.name}, which may be out of date"
    return Offer("not-known", says, _NO_SCOPE, near)


def _is_foreign(name: str, offered: Iterable[str]) -> bool:
    """Whether *name* is written in small letters and begins as no permission does: Microsoft writes capital ones."""
    noun = name.partition(".")[0]
    return noun.islower() and not any(value.startswith(noun) for value in offered)


def _offered_elsewhere(name: str) -> str:
    """The API of Microsoft whose permission *name* is, other than Microsoft Graph; empty where none is known."""
    wanted = name.casefold()
    found = {row.resource for row in permissions() if row.kind == "Scope" and row.value.casefold() == wanted}
    return resources()[found.pop()].name if len(found) == 1 else "another API" if found else ""
