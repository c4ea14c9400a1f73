"""The resource of a scope, and the application id that a registration names it by.

Source: Microsoft, "Scopes and permissions in the Microsoft identity platform" (a scope without resource is one of
Microsoft Graph; OpenID scopes; ``.default``), "Dataverse OAuth". The hosts of each
resource are in ``rules/knowledge/resources.tsv``.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from advisor.preflight.wire import is_guid
from rules.knowledge.permissions import DATAVERSE, SHAREPOINT, resources

OPENID: Final = frozenset(("openid", "profile", "email", "offline_access"))

#: Microsoft Graph by the sign-in host of a national cloud ("National clouds", "Microsoft Graph national cloud
#: deployments").
_GRAPH_BY_LOGIN: Final = {
    "login.microsoftonline.us": "https://graph.microsoft.us",
    "login.partner.microsoftonline.cn": "https://microsoftgraph.chinacloudapi.cn",
}
#: The audience of federated credentials by the sign-in host ("Configure an application to trust a managed identity").
_EXCHANGE_BY_LOGIN: Final = {
    "login.microsoftonline.us": "api://AzureADTokenExchangeUSGov",
    "login.partner.microsoftonline.cn": "api://AzureADTokenExchangeChina",
}
_DATAVERSE_HOST: Final = re.compile(
    r"[a-z0-9-]+\.(?:api\.)?crm\d*\.(?:dynamics\.com|microsoftdynamics\.us|appsplatform\.us|dynamics\.cn)",
    re.IGNORECASE,
)
_SHAREPOINT_HOST: Final = re.compile(r"[a-z0-9-]+\.sharepoint\.com", re.IGNORECASE)


class RequestedScope(msgspec.Struct, frozen=True):
    """A scope in its parts. ``resource`` is empty for the scopes of OpenID Connect."""

    text: str
    resource: str
    permission: str

    @property
    def is_default(self) -> bool:
        """Whether it asks for whatever the registration lists or was granted."""
        return self.permission == ".default"


def graph_of(login: str) -> str:
    """The address of Microsoft Graph in the cloud whose sign-in host is *login*."""
    return _GRAPH_BY_LOGIN.get(login.lower(), "https://graph.microsoft.com")


def exchange_audience(login: str) -> str:
    """The audience of federated credentials in the cloud whose sign-in host is *login*."""
    return _EXCHANGE_BY_LOGIN.get(login.lower(), "api://AzureADTokenExchange")


def split_scope(text: str) -> RequestedScope:
    """One word of ``scope``: what follows the last slash is the permission."""
    if text.lower() in OPENID:
        return RequestedScope(text, "", text.lower())
    resource, slash, permission = text.rpartition("/")
    if not slash or resource.endswith(":/") or resource in ("http:", "https:", "api:"):
        return (
            RequestedScope(text, "https://graph.microsoft.com", text)
            if ":" not in text
            else RequestedScope(text, text, "")
        )
    return RequestedScope(text, resource, permission)


def app_id_of(resource: str) -> str:
    """The application id of a resource by its URI or its id; empty when nobody knows it from that."""
    bare = resource.rstrip("/")
    if is_guid(bare):
        return bare.lower()
    host = bare.partition("://")[2].partition("/")[0].lower()
    if _DATAVERSE_HOST.fullmatch(host):
        return DATAVERSE
    if _SHAREPOINT_HOST.fullmatch(host):
        return SHAREPOINT
    if bare.lower().startswith("api://") and is_guid(host):
        return host
    return next((row.id for row in resources().values() if host in row.hosts), "")


def uri_of(app_id: str) -> str:
    """The application ID URI of one of Microsoft's APIs by its id; the id itself, which Entra takes too, for any
    other.
    """
    known = resources().get(app_id.lower())
    return f"https://{known.hosts[0]}" if known and known.hosts else app_id
