"""What the clients of one system share, must not share, or do not agree on, and what they request of each other.

In: clients with their advice. Out: links between them, rows in words, and a picture of both. A client says in its
answers file which registration it uses (``registration``), which APIs it calls (``calls``), and what it exposes
(``scopes``, ``roles``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal

import msgspec

from advisor.decide.answers import Call, Client, microsoft_apis
from reports.advice import Advice, Setting, SystemArrow, SystemNode, SystemPicture, SystemRow

Pair = tuple[Client, Advice]
Kind = Literal["Scope", "Role"]

#: What an API exposes where its file names nothing: the names that Microsoft's samples use.
DEFAULTS: Final[Mapping[Kind, str]] = {"Scope": "access_as_user", "Role": "access_as_application"}

#: The scope of an agent identity blueprint ("Create an agent identity blueprint").
AGENT_SCOPE: Final = "access_agent"

#: Answers to ``api`` that name an API of Microsoft, by its display name in the table of resources.
_APIS: Final[Mapping[str, str]] = {
    "graph": "Microsoft Graph",
    "dataverse": "Dataverse",
    "sharepoint": "SharePoint Online",
    "exchange": "Exchange Online",
    "power-bi": "Power BI",
    "azure": "Azure Resource Manager",
    "azure-devops": "Azure DevOps",
    "key-vault": "Azure Key Vault, Storage or SQL",
}

#: Leaves whose tokens an agent identity requests, by means of its blueprint. The last one gets tokens of a user.
_AGENTS: Final = ("agent-alone", "agent-on-behalf", "agent-user")
_AGENT_USER: Final = "agent-user"

#: The leaf whose tokens SharePoint requests for the user, with a client of Microsoft.
SPFX: Final = "spfx"


#: The leaf of an MCP server, whose identifier URI is its URL ("Secure an MCP server with Microsoft Entra ID").
MCP_SERVER: Final = "mcp-data"

#: How the requests of an advice name an own API.
_SCOPE: Final = re.compile(r"api://\{client id of the (?:next )?api\}/\{permission\}")
_DEFAULT: Final = re.compile(r"api://\{client id of the (?:next )?api\}/\.default")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A call of an API by a client, both by their names: as which *kind* of permission, and which ones.

    ``permissions`` is empty where the answers name none of an API of Microsoft; ``own`` says that the API is a client
    of the file. ``mismatch`` says in a sentence why the call does not work; it is empty for one that does.
    """

    client: str
    api: str
    kind: Kind
    permissions: tuple[str, ...]
    own: bool = True
    mismatch: str = ""


def is_agent(advice: Advice) -> bool:
    """Whether an agent identity requests the tokens, which has a blueprint instead of a registration of its own."""
    return advice.leaf in _AGENTS


def requests_nothing(advice: Advice) -> bool:
    """Whether no token is requested for the client, not even by its host."""
    return advice.grant == "none" and advice.leaf != SPFX


def acts_as_itself(advice: Advice) -> bool:
    """Whether the client gets tokens of its own, with roles, and none of users."""
    return advice.grant == "client_credentials" and advice.leaf != _AGENT_USER


def exposed(pairs: Sequence[Pair]) -> dict[str, dict[Kind, tuple[str, ...]]]:
    """The scopes and roles that each client exposes as an API, by its name: those of the file, else the default of each
    kind with which others call it.
    """
    called: defaultdict[str, set[Kind]] = defaultdict(set)
    for client, advice in pairs:
        if not requests_nothing(advice):
            for call in client.calls:
                called[call.name.casefold()].add("Role" if acts_as_itself(advice) else "Scope")
    found: dict[str, dict[Kind, tuple[str, ...]]] = {}
    for client, advice in pairs:
        kinds = called[client.name.casefold()]
        scope = AGENT_SCOPE if is_agent(advice) else DEFAULTS["Scope"]
        found[client.name] = {
            "Scope": client.scopes or ((scope,) if "Scope" in kinds else ()),
            "Role": client.roles or ((DEFAULTS["Role"],) if "Role" in kinds else ()),
        }
    return found


def links(pairs: Sequence[Pair]) -> tuple[Link, ...]:
    """Who calls whom: first what a client says it calls, then the APIs of Microsoft that its answers name."""
    exposes = exposed(pairs)
    by_name = {pair[0].name.casefold(): pair for pair in pairs}
    return tuple(link for pair in pairs for link in _links(pair, by_name, exposes))


def _links(
    pair: Pair, by_name: Mapping[str, Pair], exposes: Mapping[str, dict[Kind, tuple[str, ...]]]
) -> Iterator[Link]:
    client, advice = pair
    kind: Kind = "Role" if acts_as_itself(advice) else "Scope"
    apis = microsoft_apis()
    outside: list[str] = []
    for call in client.calls:
        api = by_name.get(call.name.casefold())
        if api is not None:
            offered = exposes[api[0].name][kind]
            yield Link(
                client=client.name,
                api=api[0].name,
                kind=kind,
                permissions=call.permissions or offered,
                mismatch=_mismatch(client, advice, api[0], api[1], call, offered),
            )
        elif call.name.casefold() in apis:
            outside.append(apis[call.name.casefold()].name)
            yield Link(client=client.name, api=outside[-1], kind=kind, permissions=call.permissions, own=False)
    if requests_nothing(advice):
        return
    answer = next((fact.choice for fact in advice.facts if fact.question == "api"), "")
    for name in answer.split(","):
        if name in _APIS and _APIS[name] not in outside:
            yield Link(client=client.name, api=_APIS[name], kind=kind, permissions=(), own=False)


def _mismatch(client: Client, advice: Advice, api: Client, answer: Advice, call: Call, offered: tuple[str, ...]) -> str:
    """Why the call does not work, in a sentence; empty where it does."""
    handed = next((fact.choice for fact in answer.facts if fact.question == "handed-in"), "")
    if requests_nothing(advice):
        return f"{client.name} calls {api.name} but requests no token. Answer api with own for {client.name}."
    if acts_as_itself(advice) and handed in ("user-token", "other-token", "saml"):
        return (
            f"{client.name} calls as an application, but {api.name} expects a user's token. For such calls, {api.name} "
            f"needs its own client credentials, and a role for {client.name}."
        )
    if not acts_as_itself(advice) and handed == "app-token":
        return (
            f"{client.name} calls for a user, but {api.name} expects applications. Answer handed-in with user-token "
            f"for {api.name}: the on-behalf-of grant then gets a token for the same user."
        )
    if missing := [value for value in call.permissions if value not in offered]:
        kind = "roles" if acts_as_itself(advice) else "scopes"
        return (
            f"{client.name} requests {', '.join(missing)}, which {api.name} does not expose. Add it to the {kind} of "
            f"{api.name}, or request {', '.join(offered)}."
        )
    return ""


def system_rows(pairs: Sequence[Pair]) -> tuple[SystemRow, ...]:
    """The rows for a system: what must not be shared first, then what does not agree, then what is shared."""
    rows = (*_registrations(pairs), *_calls(pairs), *_credentials(pairs))
    order = ("must-not-share", "mismatch", "share")
    return tuple(sorted(rows, key=lambda row: order.index(row.kind)))


def in_system(pairs: Sequence[Pair]) -> tuple[Advice, ...]:
    """The advice for each client, with what the others need of its registration, and its requests for their scopes."""
    found = [link for link in links(pairs) if not link.mismatch]
    exposes = exposed(pairs)
    grants = {client.name: advice for client, advice in pairs}
    return tuple(_in_system(client.name, grants, found, exposes[client.name]) for client, _ in pairs)


def _in_system(
    name: str, advices: Mapping[str, Advice], found: Sequence[Link], exposes: Mapping[Kind, tuple[str, ...]]
) -> Advice:
    advice = advices[name]
    rows = {row.property: row for row in advice.register}
    settings = (*_exposing(name, advices, found, exposes), *_requesting(name, advice, found))
    rows |= {row.property: row for row in settings}
    own = [link for link in found if link.client == name and link.own]
    request = tuple(_filled(line, own[0]) for line in advice.request) if len(own) == 1 else advice.request
    return msgspec.structs.replace(advice, register=tuple(rows.values()), request=request)


def _exposing(
    name: str, advices: Mapping[str, Advice], found: Sequence[Link], exposes: Mapping[Kind, tuple[str, ...]]
) -> Iterator[Setting]:
    """What the registration says as an API."""
    if any(exposes.values()) and advices[name].leaf != MCP_SERVER:
        value = f"api://{{client id of {name}}}"
        yield Setting(property="identifierUris", value=value, why="callers write this URI before the permission")
    if scopes := ", ".join(exposes["Scope"]):
        yield Setting(
            property="api.oauth2PermissionScopes",
            value=scopes,
            why="clients with a signed-in user request these permissions",
        )
    if roles := ", ".join(exposes["Role"]):
        yield Setting(
            property="appRoles", value=roles, why="an administrator assigns these roles to the calling applications"
        )
    callers = [link for link in found if link.own and link.api == name and link.kind == "Scope"]
    known = [link for link in callers if not is_agent(advices[link.client]) and advices[link.client].leaf != SPFX]
    if known:
        value = "; ".join(f"{{client id of {link.client}}} for {', '.join(link.permissions)}" for link in known)
        why = "users of these clients see no consent prompt for this API"
        yield Setting(property="api.preAuthorizedApplications", value=value, why=why)
    if known and shares_consent(advices[name]):
        value = ", ".join(f"{{client id of {link.client}}}" for link in known)
        why = "with the scope .default, one consent then covers this API and the API that it calls"
        yield Setting(property="api.knownClientApplications", value=value, why=why)


def _requesting(name: str, advice: Advice, found: Sequence[Link]) -> Iterator[Setting]:
    """What the registration requests, where it has one and the permissions are named."""
    named = [link for link in found if link.client == name and link.permissions]
    if not named or is_agent(advice) or advice.leaf == SPFX:
        return
    value = "; ".join(f"{', '.join(link.permissions)} of {link.api} (type {link.kind})" for link in named)
    yield Setting(property="requiredResourceAccess", value=value, why="only the permissions of the APIs that it calls")


def shares_consent(advice: Advice) -> bool:
    """Whether an API calls the next one for the user, so that one consent has to cover both."""
    return advice.grant == "on_behalf_of" and not is_agent(advice)


def _filled(line: str, link: Link) -> str:
    """A line of a request with the API and the permissions of the only call."""
    api = f"api://{{client id of {link.api}}}"
    scopes = " ".join(f"{api}/{value}" for value in link.permissions)
    line = _SCOPE.sub(lambda _: scopes, line) if scopes else line
    return _DEFAULT.sub(lambda _: f"{api}/.default", line)


def system_picture(pairs: Sequence[Pair]) -> SystemPicture | None:
    """The clients, the APIs that they call, and an arrow for each call; nothing where there is no call."""
    found = links(pairs)
    if not found:
        return None
    titles = {client.name: advice.grant_title for client, advice in pairs}
    grants = {client.name: advice.grant for client, advice in pairs}
    nodes = [SystemNode(name=name, note=title, kind="client") for name, title in titles.items()]
    outside = dict.fromkeys(link.api for link in found if not link.own)
    nodes += [SystemNode(name=name, note="API of Microsoft", kind="api") for name in outside]
    arrows = (
        SystemArrow(
            source=link.client,
            target=link.api,
            grant=grants[link.client],
            permissions=link.permissions,
            works=not link.mismatch,
        )
        for link in found
    )
    return SystemPicture(nodes=tuple(nodes), arrows=tuple(arrows))


def _registrations(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    by_registration: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair[0].registration:
            by_registration[pair[0].registration.casefold()].append(pair)
    for group in by_registration.values():
        for (one, first), (other, second) in combinations(group, 2):
            widened = "; ".join(_widened(one.name, first, other.name, second))
            text = (
                f"{one.name} and {other.name} use one registration, {one.registration}. Give each its own: every "
                f"setting, redirect URI and credential applies to both"
            )
            yield SystemRow(
                kind="must-not-share",
                clients=(one.name, other.name),
                text=f"{text}. With one registration: {widened}." if widened else f"{text}.",
            )


def _widened(name: str, one: Advice, other_name: str, other: Advice) -> Iterator[str]:
    """What one registration for both would contain."""
    settings = {setting.property: setting.value for setting in one.register}
    for setting in other.register:
        value = settings.get(setting.property)
        if {value, setting.value} == {"true", "false"}:
            yield f"{setting.property} would have to be {value} for {name} and {setting.value} for {other_name}"
    if one.platform and other.platform and one.platform != other.platform:
        yield f"redirect URIs would be on {one.platform} and {other.platform}"
    if {one.client, other.client} == {"public", "confidential"}:
        public, private = (name, other_name) if one.client == "public" else (other_name, name)
        yield f"{public} cannot protect a credential, and its registration would have that of {private}"
    if (one.grant == "client_credentials") != (other.grant == "client_credentials"):
        yield "one consent would cover application permissions and delegated ones"


def _calls(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    by_name = {client.name: advice for client, advice in pairs}
    for link in links(pairs):
        clients = (link.client, link.api)
        if link.mismatch:
            yield SystemRow(kind="mismatch", clients=clients, text=link.mismatch)
        elif link.own:
            yield SystemRow(kind="share", clients=clients, text=_agreed(link, by_name[link.client], by_name[link.api]))


def _agreed(link: Link, advice: Advice, answer: Advice) -> str:
    """What the client requests and what the API needs for it; *advice* is the client's, *answer* the API's."""
    names = ", ".join(link.permissions)
    api = f"api://{{client id of {link.api}}}"
    if link.kind == "Role":
        return (
            f"{link.client} requests {api}/.default; {link.api} defines the roles (appRoles) {names}, and an "
            f"administrator assigns them to {link.client}."
        )
    requests = (
        f"{link.client} requests {' '.join(f'{api}/{name}' for name in link.permissions)}; {link.api} exposes that"
    )
    if is_agent(advice):
        return f"{requests} (api.oauth2PermissionScopes), and an administrator grants it to the agent identity."
    if advice.leaf == SPFX:
        return f"{requests} (api.oauth2PermissionScopes), and an administrator approves it in SharePoint."
    text = (
        f"{requests} (api.oauth2PermissionScopes) and pre-authorizes {link.client} (api.preAuthorizedApplications), so "
        "users see no consent prompt for it."
    )
    if not shares_consent(answer):
        return text
    return (
        f"{text} It also names {link.client} in api.knownClientApplications, so that one consent covers what "
        f"{link.api} calls next."
    )


def _credentials(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    keeping = [client.name for client, advice in pairs if advice.credential]
    if len(keeping) > 1:
        text = (
            "Each of these clients needs its own credential. A shared credential cannot be revoked for a single "
            "client, and no log shows which client used it."
        )
        yield SystemRow(kind="share", clients=tuple(keeping), text=text)
