"""From advice to registrations: what each client of a system needs, and what the clients need of each other.

In: clients with their advice. Out: a ``Plan``. The ID of a scope or role is a UUID of version 5 (RFC 9562) in the
namespace of URLs, of the name ``grantlint:API/scope/VALUE`` or ``grantlint:API/role/VALUE``, with the API's name in the
file: the same file always gives the same IDs, so a template can be written again.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any, Final

from advisor.decide.answers import microsoft_apis
from advisor.decide.system import DEFAULTS, MCP_SERVER, SPFX, Kind, Link, Pair, exposed, is_agent, links, shares_consent
from advisor.errors import InputError
from advisor.preflight.recipe import Preferences
from advisor.preflight.resources import graph_of
from advisor.preflight.template import RegistrationTemplate, make_template
from advisor.templates.model import (
    Assignment,
    Blueprint,
    ClientId,
    Input,
    Joined,
    Plan,
    Planned,
    PrincipalId,
    Trust,
    Value,
    client_ids,
)
from reports.advice import Advice
from reports.escape import visible, visible_name
from rules.analysis.grants import grant
from rules.knowledge.permissions import permission_named

_LOGIN: Final = "login.microsoftonline.com"
_KINDS: Final[Mapping[Kind, str]] = {"Scope": "scope", "Role": "role"}
_FEDERATED: Final = ("federated", "managed_identity")
_PLATFORMS: Final = ("web", "spa", "publicClient")

#: Two, because the registrations keep an owner when one leaves.
_OWNERS: Final = (
    Input("owner-object-id", "the object ID of an owner of these registrations"),
    Input("second-owner-object-id", "the object ID of a second owner"),
)

#: Graph's limit for notes ("application resource type").
_NOTES: Final = 1024

#: What a registration says that is not an API.
_NO_API: Final[Mapping[str, Any]] = {
    "api": {"oauth2PermissionScopes": [], "preAuthorizedApplications": [], "knownClientApplications": []},
    "appRoles": [],
}


def permission_id(api: str, kind: Kind, value: str) -> str:
    """The ID of a scope or role that *api* exposes.

    >>> permission_id("Orders API", "Scope", "Orders.Read")
    '81eb2ec5-96e1-505d-9dba-1d098b961676'
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"grantlint:{api}/{_KINDS[kind]}/{value}"))


def make_plan(pairs: Sequence[Pair]) -> Plan:
    """The registrations of the clients in *pairs*, their role assignments, and what is left to do by hand.

    Raises ``InputError`` for two clients with one name.
    """
    names = [client.name.casefold() for client, _ in pairs]
    if twice := next((client.name for client, _ in pairs if names.count(client.name.casefold()) > 1), None):
        raise InputError(f"two clients are named {twice!r}", hint="give each client of a system its own name")
    keys = _keys(client.name for client, _ in pairs)
    made = _Made(pairs, keys)
    planned = [made.planned(pair) for pair in pairs if _registered(pair, made)]
    order = _callees_first(planned)
    login = next((host for _, advice in pairs if (host := _login(advice))), _LOGIN)
    return Plan(
        graph=graph_of(login),
        owners=_OWNERS,
        registrations=order,
        blueprints=tuple(made.blueprint(pair) for pair in pairs if is_agent(pair[1]) and not _of_platform(pair[1])),
        assignments=tuple(made.assignments()),
        notes=tuple(made.notes()),
    )


def plan_of(template: RegistrationTemplate) -> Plan:
    """The plan of one registration that belongs to no system, as ``grantlint recipe`` makes it."""
    (key,) = _keys([template.name]).values()
    body = {**_NO_API, **template.body, "displayName": _name(template.name)}
    body["api"] = {**_NO_API["api"], **body["api"]}
    notes = [*template.notes]
    for platform in _PLATFORMS:
        given, more = _redirects(key, body[platform]["redirectUris"])
        body[platform] = {**body[platform], "redirectUris": given}
        notes += [f"{platform}.redirectUris may need more: {more}"] if more else []
    planned = Planned(
        key=key,
        name=_name(template.name),
        body=body,
        credential=template.credential,
        trust=_trust(key, template.trust, "") if template.credential in _FEDERATED else None,
        notes=tuple(notes),
    )
    return Plan(graph=template.graph, owners=_OWNERS, registrations=(planned,), blueprints=(), assignments=(), notes=())


def _registered(pair: Pair, made: _Made) -> bool:
    """Whether a client has a registration of its own: as a client or as an API."""
    client, advice = pair
    if advice.leaf == "no-way" or is_agent(advice):
        return False
    exposes = any(made.exposed[client.name].values())
    return exposes or (advice.grant != "none" and not _has_identity(advice)) or _is_api(advice)


def _of_platform(advice: Advice) -> bool:
    """Whether a platform creates the blueprint and stores its credential."""
    return advice.credential is not None and advice.credential.value == "nothing"


def _is_api(advice: Advice) -> bool:
    return any(item.property == "api.oauth2PermissionScopes" for item in advice.register)


def _has_identity(advice: Advice) -> bool:
    """Whether the tokens are requested by an identity that exists without a registration of the client's own: of an
    agent, of Azure, or of SharePoint.
    """
    return (
        is_agent(advice)
        or advice.leaf == SPFX
        or (advice.credential is not None and advice.credential.value.startswith("nothing"))
    )


class _Made:
    """The clients of a system with their keys and links, and what follows for each."""

    def __init__(self, pairs: Sequence[Pair], keys: Mapping[str, str]) -> None:
        self.keys = keys
        self.exposed = exposed(pairs)
        self._pairs = {client.name: (client, advice) for client, advice in pairs}
        self._links = [link for link in links(pairs) if not link.mismatch]
        self._mismatches = [link for link in links(pairs) if link.mismatch]

    def planned(self, pair: Pair) -> Planned:
        """The registration of one client."""
        client, advice = pair
        key = self.keys[client.name]
        credential = advice.credential.id if advice.credential and not _has_identity(advice) else ""
        template = make_template(
            grant(advice.grant),
            Preferences(login=_login(advice) or _LOGIN, credential=credential),
            name=_name(client.name),
            platform=None,
            redirect_uri="",
            credential=credential,
            settings=advice.register,
            trusts=advice.credential.value if advice.credential else "",
        )
        notes = [*self._permission_notes(client.name), *_default_note(self.exposed[client.name]["Scope"])]
        if advice.platform in _PLATFORMS:
            given, more = _redirects(key, template.body[advice.platform]["redirectUris"] or _redirect_words(advice))
            template.body[advice.platform]["redirectUris"] = given
            notes += [f"{advice.platform}.redirectUris may need more: {more}"] if more else []
        said = advice.credential.value if advice.credential else ""
        return Planned(
            key=key,
            name=_name(client.name),
            body={
                **template.body,
                "notes": visible(advice.headline, _NOTES),
                **self._as_api(client.name),
                "requiredResourceAccess": list(self._access(client.name)),
            },
            credential=credential,
            trust=_trust(key, template.trust, said) if credential in _FEDERATED else None,
            notes=tuple(notes),
        )

    def _as_api(self, name: str) -> dict[str, Any]:
        """What a registration says as an API: its identifier URI, scopes, roles, and the callers that it knows."""
        exposes = self.exposed[name]
        callers = [link for link in self._links if link.own and link.api == name and link.kind == "Scope"]
        known = [link for link in callers if not _has_identity(self._pairs[link.client][1])]
        advice = self._pairs[name][1]
        api: dict[str, Any] = {
            "requestedAccessTokenVersion": 2,
            "oauth2PermissionScopes": [scope_of_api(name, value) for value in exposes["Scope"]],
            "preAuthorizedApplications": [
                {
                    "appId": self._client_id(link.client),
                    "delegatedPermissionIds": [permission_id(name, "Scope", value) for value in link.permissions],
                }
                for link in known
            ],
            "knownClientApplications": [self._client_id(link.client) for link in known]
            if shares_consent(advice)
            else [],
        }
        body: dict[str, Any] = {"api": api, "appRoles": [_role(name, value) for value in exposes["Role"]]}
        if any(exposes.values()):
            body["identifierUris"] = [self._identifier(name, advice)]
        return body

    def _identifier(self, name: str, advice: Advice) -> Value:
        key = self.keys[name]
        if advice.leaf == MCP_SERVER:
            return Input(f"{key}-identifier-uri", "the URL of the MCP server, without a trailing slash")
        return Joined(("api://", ClientId(key)))

    def _client_id(self, name: str) -> ClientId | Input:
        """The client ID of a client: of its registration, or of the blueprint or identity that exists."""
        advice = self._pairs[name][1]
        return self._blueprint_id(name) if is_agent(advice) else ClientId(self.keys[name])

    def _blueprint_id(self, name: str) -> Input:
        return Input(f"{self.keys[name]}-blueprint-client-id", f"the client ID of the blueprint of {_name(name)}")

    def blueprint(self, pair: Pair) -> Blueprint:
        """The blueprint of an agent, with what it exposes to its callers."""
        name = pair[0].name
        api = self._as_api(name)
        body: dict[str, Any] = {"api": api["api"]}
        if "identifierUris" in api:
            body["identifierUris"] = [Joined(("api://", self._blueprint_id(name)))]
        key = self.keys[name]
        return Blueprint(
            name=_name(name),
            body=body,
            client_id=self._blueprint_id(name),
            object_id=Input(f"{key}-blueprint-object-id", f"the object ID of the blueprint of {_name(name)}"),
            principal=self._identity(name, "agent identity"),
        )

    def _identity(self, name: str, what: str) -> Input:
        return Input(f"{self.keys[name]}-principal-id", f"the object ID of the {what} of {_name(name)}")

    def _access(self, name: str) -> Iterator[dict[str, Any]]:
        """The required resource access of one client."""
        for link in self._of(name):
            ids = [_known_id(link, value) for value in link.permissions]
            if any(ids):
                resource: Value = self._client_id(link.api) if link.own else microsoft_apis()[link.api.casefold()].id
                access = [{"id": one, "type": link.kind} for one in ids if one]
                yield {"resourceAppId": resource, "resourceAccess": access}

    def _of(self, name: str) -> list[Link]:
        return [link for link in self._links if link.client == name]

    def _permission_notes(self, name: str) -> Iterator[str]:
        """The permissions whose IDs are not known here."""
        for link in self._of(name):
            unknown = [value for value in link.permissions if not _known_id(link, value)]
            kind = "application" if link.kind == "Role" else "delegated"
            if unknown:
                yield f"add these {kind} permissions of {link.api} to requiredResourceAccess: {', '.join(unknown)}"
            elif not link.permissions:
                yield f"add the {kind} permissions of {link.api} that it needs to requiredResourceAccess"

    def assignments(self) -> Iterator[Assignment]:
        """The roles of own APIs that callers get."""
        for link in self._links:
            if not link.own or link.kind != "Role" or is_agent(self._pairs[link.api][1]):
                continue
            for value in link.permissions:
                yield Assignment(
                    api=PrincipalId(self.keys[link.api]),
                    principal=self._principal(link.client),
                    role=permission_id(link.api, "Role", value),
                    value=value,
                )

    def _principal(self, name: str) -> PrincipalId | Input:
        """Who gets a role: the service principal of the registration, or the identity that exists."""
        advice = self._pairs[name][1]
        if not _has_identity(advice):
            return PrincipalId(self.keys[name])
        return self._identity(name, "agent identity" if is_agent(advice) else "managed identity")

    def notes(self) -> Iterator[str]:
        """What no registration of the plan says."""
        for name, (_, advice) in self._pairs.items():
            shown = _name(name)
            if is_agent(advice):
                yield f"{shown} has no registration of its own: {_agent_says(advice)}."
                for value in self.exposed[name]["Scope"]:
                    yield f"The blueprint of {shown} exposes {value} with the ID {permission_id(name, 'Scope', value)}."
            elif advice.dead_end and advice.grant == "none":
                yield f"{shown} has no registration: {visible(advice.headline)}."
            elif advice.leaf == SPFX:
                yield f"{shown} needs no registration as a client: SharePoint requests its tokens."
            elif _has_identity(advice):
                yield f"{shown} needs no registration as a client: permissions are granted to its managed identity."
            elif advice.grant == "none" and not any(self.exposed[name].values()) and not _is_api(advice):
                yield f"{shown} needs no registration: {visible(advice.headline)}."
            if _has_identity(advice):
                yield from self._granted_by_hand(name)
        for link in self._mismatches:
            yield f"Not set, because the setting does not work: {visible(link.mismatch)}"

    def _granted_by_hand(self, name: str) -> Iterator[str]:
        """What an administrator grants to an identity without a registration, besides roles of own APIs."""
        if self._pairs[name][1].leaf == SPFX:
            yield f"Name the permissions of {_name(name)} in package-solution.json; an administrator approves them."
            return
        for link in self._of(name):
            kind = "application" if link.kind == "Role" else "delegated"
            values = ", ".join(link.permissions) or "that it needs"
            if not link.own or link.kind == "Scope" or is_agent(self._pairs[link.api][1]):
                yield f"Grant to the identity of {_name(name)} the {kind} permissions of {_name(link.api)}: {values}."


def _agent_says(advice: Advice) -> str:
    """Who creates the blueprint of an agent."""
    if _of_platform(advice):
        return "its platform creates the agent identity blueprint and the agent identity"
    return "create its agent identity blueprint with a credential, and its agent identity; see the .http template"


def _default_note(scopes: tuple[str, ...]) -> Iterator[str]:
    if scopes == (DEFAULTS["Scope"],):
        yield f"the scope {scopes[0]} gives full access; name scopes after their access, such as Orders.Read"


def _known_id(link: Link, value: str) -> str:
    """The ID of a permission: made for an own API, looked up for one of Microsoft; empty where it is not known."""
    if link.own:
        return permission_id(link.api, link.kind, value)
    api = microsoft_apis().get(link.api.casefold())
    row = permission_named(api.id, value, link.kind) if api else None
    return row.id if row else ""


def scope_of_api(api: str, value: str) -> dict[str, Any]:
    """A scope. Only an administrator grants it to others: the callers of the file are pre-authorized."""
    says = f"Allows the application to call {_name(api)} as the signed-in user ({value})."
    return {
        "id": permission_id(api, "Scope", value),
        "value": value,
        "type": "Admin",
        "isEnabled": True,
        "adminConsentDisplayName": value,
        "adminConsentDescription": says,
        "userConsentDisplayName": value,
        "userConsentDescription": says.replace("as the signed-in user", "as you"),
    }


def _role(api: str, value: str) -> dict[str, Any]:
    return {
        "id": permission_id(api, "Role", value),
        "value": value,
        "displayName": value,
        "description": f"Allows the application to call {_name(api)} as itself, without a user ({value}).",
        "allowedMemberTypes": ["Application"],
        "isEnabled": True,
    }


def _redirects(key: str, uris: Sequence[str]) -> tuple[list[Value], str]:
    """The redirect URIs that are known; where all have a placeholder, an input for the first. Then the others, of which
    most are for one operating system.
    """
    plain: list[Value] = [uri for uri in uris if "{" not in uri]
    given = plain or [Input(f"{key}-redirect-uri", visible(uri)) for uri in uris[:1]]
    more = [uri for uri in uris if "{" in uri][0 if plain else 1 :]
    return given, ", ".join(map(visible, more))


def _redirect_words(advice: Advice) -> list[str]:
    """What the advice says of the redirect URI, where it is words and no URI."""
    return [item.value for item in advice.register if item.property == f"{advice.platform}.redirectUris"]


def _trust(key: str, trust: Any, said: str) -> Trust:
    """What the federated credential trusts; what has a placeholder is an input. *said* are the words of the advice."""

    def value(text: str, name: str) -> Value:
        if "{" not in text:
            return text
        return Input(f"{key}-{name}", visible(text if text in said or not said else said))

    return Trust(value(trust.issuer, "issuer"), value(trust.subject, "subject"), trust.audience)


def _login(advice: Advice) -> str:
    """The sign-in host of the requests of the advice; empty where there is none."""
    found = re.search(r"https://(login\.[a-z0-9.-]+)/", " ".join(advice.request))
    return found[1] if found else ""


def _name(name: str) -> str:
    """A display name, on one line."""
    return visible_name(name) if name else "My application"


def _keys(names: Iterable[str]) -> dict[str, str]:
    """A key for each name: its ASCII words, numbered where a language would confuse two of them."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        words = "-".join(re.findall(r"[a-z0-9]+", _name(name).lower()))[:50].strip("-")
        first = words if words[:1].isalpha() else f"app-{words}".strip("-")
        numbered = (f"{first}-{number}" for number in count(2))
        key = next(key for key in chain([first], numbered) if key.replace("-", "") not in taken)
        taken.add(key.replace("-", ""))
        keys[name] = key
    return keys


def _callees_first(planned: Sequence[Planned]) -> tuple[Planned, ...]:
    """Registrations in an order in which each comes after those that it requests access to, cycles aside."""
    left = {one.key: one for one in planned}
    order: list[Planned] = []
    while left:
        free = [one for one in left.values() if not (client_ids(one.body["requiredResourceAccess"]) & left.keys())]
        for one in free or [next(iter(left.values()))]:
            order.append(left.pop(one.key))
    return tuple(order)
