"""What a JSON document is: where in it applications stand, or what else it holds.

A document is recognized by its content, since names say little: files called ``entra.manifest.json`` hold the format of
Azure AD Graph, and ``manifest.json`` is more often a browser extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

Dialect = Literal["graph", "azure-ad-graph"]

#: Properties of Azure AD Graph's application, in either of its two ages, that Microsoft Graph's has not.
LEGACY: Final = frozenset(
    (
        "accesstokenacceptedversion",
        "allowpublicclient",
        "availabletoothertenants",
        "homepage",
        "informationalurls",
        "oauth2allowidtokenimplicitflow",
        "oauth2allowimplicitflow",
        "oauth2allowurlpathmatching",
        "oauth2permissions",
        "odata.type",
        "replyurls",
        "replyurlswithtype",
        "signinurl",
    )
)
#: Top-level in Azure AD Graph, inside ``api`` in Microsoft Graph.
_MOVED: Final = frozenset(("acceptmappedclaims", "knownclientapplications", "preauthorizedapplications"))

#: Any one of these makes an object an application.
_TELLING: Final = (
    (LEGACY - {"homepage", "replyurls", "odata.type"})
    | _MOVED
    | {
        "identifieruris",
        "isfallbackpublicclient",
        "requiredresourceaccess",
        "signinaudience",
    }
)
#: Parts of Microsoft Graph's application: an object that holds one of its properties.
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "web": frozenset(("redirecturis", "implicitgrantsettings", "homepageurl", "logouturl", "redirecturisettings")),
    "spa": frozenset(("redirecturis",)),
    "publicclient": frozenset(("redirecturis",)),
    "api": frozenset(("oauth2permissionscopes", "requestedaccesstokenversion")) | _MOVED,
}
#: Together with an ``appId`` these make an application too.
_WITH_ID: Final = frozenset(("replyurls", "passwordcredentials", "keycredentials", "approles", "optionalclaims"))

_SERVICE_PRINCIPAL: Final = frozenset(
    ("serviceprincipaltype", "serviceprincipalnames", "appownerorganizationid", "appownertenantid", "appdisplayname")
)
#: Parts of an application that have a file of their own: the properties of an element, the list's name, and its kind.
_ALONE: Final = (
    (frozenset(("issuer", "subject", "audiences")), "federatedIdentityCredentials", "federated credential"),
    (frozenset(("resourceappid", "resourceaccess")), "requiredResourceAccess", "list of requested permissions"),
    (frozenset(("allowedmembertypes", "value", "displayname")), "appRoles", "list of app roles"),
)
#: What is said of a list without elements.
EMPTY: Final = "an empty list"
#: The cast at the end of an ``@odata.context``, for a list or for one object.
_CAST: Final = re.compile(r"\$metadata#(?:applications|servicePrincipals)/(microsoft\.graph\.\w+)(?:\(|/\$entity$|$)")
#: At most this many blueprints of agent identities are named.
_NAMED: Final = 3
#: So deep may applications lie in wrappers such as ``{"AppRegistrations": [...]}``.
_DEEPEST: Final = 3


class Found(msgspec.Struct, frozen=True):
    """An application in a document: its JSON pointer, the object, and whose vocabulary it speaks.

    Of one that is a part alone, *moves* lead from Graph's pointers to those of the part, and *format* names it.
    """

    pointer: str
    value: dict[str, Any]
    dialect: Dialect
    moves: Mapping[str, str] = {}
    format: str = ""


class BatchPart(msgspec.Struct, frozen=True):
    """The response to one request of a JSON batch: its body, and what it is if no registration is in it."""

    body: Any
    said: str = ""


def parts_of_batch(document: Any) -> list[BatchPart]:
    """The responses of a JSON batch (Microsoft Graph, "Combine multiple HTTP requests using JSON batching"); none for
    another document.
    """
    parts = document.get("responses") if isinstance(document, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and "status" in part for part in parts):
        return []
    return [BatchPart(part.get("body"), _said_of(part)) for part in parts]


def _said_of(part: Mapping[str, Any]) -> str:
    body = part.get("body")
    if next(find_applications(body), None) is not None:
        return ""
    name = f"response {part.get('id')}" if part.get("id") else "a response"
    error = graph_error(body)
    return f"{name} is an error: {error}" if error else f"{name} contains {what_else(body)}"


def cast_of(context: object) -> str:
    """The type to which the request of a Graph response was cast, by its ``@odata.context``; empty without a cast.

    >>> cast_of("https://graph.microsoft.com/v1.0/$metadata#applications/microsoft.graph.agentIdentityBlueprint/$entity")
    '#microsoft.graph.agentIdentityBlueprint'
    """
    found = _CAST.search(context) if isinstance(context, str) else None
    return f"#{found[1]}" if found else ""


def find_applications(document: Any, pointer: str = "", depth: int = 0, cast: str = "") -> Iterator[Found]:
    """All applications of a document, in its order; none inside another one, and none where something else is meant.

    A document that is a part of an application alone is an application of which only that part is known. *cast* is the
    type of objects that name none.
    """
    if depth == 0 and (part := _part_alone(document)) is not None:
        yield msgspec.structs.replace(part, pointer=pointer)
    elif depth == 0 and (parts := parts_of_batch(document)):
        for index, response in enumerate(parts):
            yield from find_applications(response.body, f"{pointer}/responses/{index}/body")
    elif isinstance(document, dict):
        document, keys, cast = _typed(document, cast)
        if _is_application(keys):
            yield Found(pointer, document, dialect_of(keys))
        elif depth < _DEEPEST and not _other_kind(keys):
            for key, value in document.items():
                if isinstance(value, list | dict):
                    yield from find_applications(value, f"{pointer}/{_escaped(key)}", depth + 1, cast)
    elif isinstance(document, list) and depth <= _DEEPEST:
        for index, value in enumerate(document):
            if isinstance(value, dict):
                yield from find_applications(value, f"{pointer}/{index}", depth + 1, cast)


def _typed(document: dict[str, Any], cast: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """An object, its case-folded members, and the cast that holds inside of it.

    An object without a type has the type of the cast. A page of objects has none.
    """
    keys = _folded(document)
    cast = cast_of(keys.get("@odata.context")) or cast
    if not cast or _type(keys) or isinstance(keys.get("value"), list):
        return document, keys, cast
    document = {**document, "@odata.type": cast}
    return document, _folded(document), cast


def _part_alone(document: Any) -> Found | None:
    """A file as ``az ad app`` takes it for one property: a federated credential, permissions, or app roles.

    Source: Azure CLI, "az ad app create" (``--required-resource-accesses``, ``--app-roles``) and "az ad app
    federated-credential create" (``--parameters``).
    """
    elements = document if isinstance(document, list) else [document]
    if not elements or not all(isinstance(element, dict) for element in elements):
        return None
    keys = [_folded(element).keys() for element in elements]
    for names, name, kind in _ALONE:
        if all(names <= one for one in keys):
            one_only = not isinstance(document, list)
            if one_only and name != "federatedIdentityCredentials":
                return None
            move = {f"/{name}/0" if one_only else f"/{name}": ""}
            return Found("", {name: elements}, "graph", move, kind)
    return None


def dialect_of(keys: Mapping[str, Any]) -> Dialect:
    """The vocabulary of an application with these case-folded *keys*; one old property makes it the old one."""
    legacy = not LEGACY.isdisjoint(keys) or isinstance(keys.get("publicclient"), bool)
    return "azure-ad-graph" if legacy or not _MOVED.isdisjoint(keys) else "graph"


def _is_application(keys: Mapping[str, Any]) -> bool:
    if not _SERVICE_PRINCIPAL.isdisjoint(keys) or "serviceprincipal" in _type(keys) or _agent_kind(keys):
        return False
    if _type(keys).endswith((".application", ".agentidentityblueprint")):
        return True
    if not _TELLING.isdisjoint(keys):
        return True
    if "appid" in keys and not _WITH_ID.isdisjoint(keys):
        return True
    return any(
        isinstance(keys.get(name), dict) and not names.isdisjoint(_folded(keys[name])) for name, names in _PARTS.items()
    )


def _type(keys: Mapping[str, Any]) -> str:
    """The OData type that an object states of itself, case-folded."""
    return str(keys.get("@odata.type") or keys.get("odata.type") or "").casefold()


def what_else(document: Any) -> str:
    """What a document without applications is, in words that follow "holds": something known, or just what was
    missed.
    """
    if isinstance(document, dict):
        keys = _folded(document)
        if not isinstance(keys.get("value"), list):
            return _other_kind(keys) or "no app registration"
        document = keys["value"]
    if not isinstance(document, list):
        return "a single value, not a registration"
    if not document:
        return EMPTY
    if blueprints := _blueprints(document):
        return _agents(len(document), blueprints)
    keys = _folded(document[0]) if isinstance(document[0], dict) else {}
    return _other_kind(keys) or "a list of other objects than app registrations"


def graph_error(document: Any) -> str | None:
    """Code and message of an error that Microsoft Graph, or the sign-in endpoint, answered with."""
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return f"{error['code']}: {error.get('message') or 'no message'}"
    if isinstance(error, str) and isinstance(document.get("error_description"), str):
        return f"{error}: {document['error_description']}"
    return None


def _other_kind(keys: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one return for each kind
    """A kind of document that users mistake for a registration; empty for none of them."""
    schema = str(keys.get("$schema") or "").casefold()
    if {"findings", "not_assessed", "postures"} <= keys.keys():
        return "a report of grantlint, which grantlint report shows"
    if _agent_kind(keys) == "agent identity":
        return _agents(1, _blueprints([keys]))
    if _agent_kind(keys) == "blueprint":
        return "the principal of an agent identity blueprint, not the blueprint"
    if not _SERVICE_PRINCIPAL.isdisjoint(keys) or "serviceprincipal" in _type(keys):
        return "a service principal (enterprise application), not the app registration behind it"
    if "terraform_version" in keys or {"resource_changes", "planned_values"} & keys.keys():
        return "a Terraform plan or state without an application"
    if "deploymenttemplate" in schema or {"resources", "contentversion"} <= keys.keys():
        return "an ARM template without a registration"
    if "teams" in schema or {"manifestversion", "developer"} <= keys.keys():
        return "a Teams app manifest, which names a registration at most"
    if "applicationrestrictions" in keys:
        return "an app management policy, not a registration"
    if "manifest_version" in keys:
        return "a browser extension's manifest, not a registration"
    return ""


def _agent_kind(keys: Mapping[str, Any]) -> str:
    """The kind of an agent's service principal with these case-folded *keys*; empty for anything else."""
    if "agentidentityblueprintid" in keys or _type(keys).endswith(".agentidentity"):
        return "agent identity"
    return "blueprint" if _type(keys).endswith(".agentidentityblueprintprincipal") else ""


def _blueprints(document: Sequence[Any]) -> list[str]:
    """The client IDs of the blueprints of a list of agent identities; none for other lists.

    An agent identity without the ID of its blueprint has an empty one.
    """
    folded = [_folded(one) if isinstance(one, dict) else {} for one in document]
    if not all(_agent_kind(keys) == "agent identity" for keys in folded):
        return []
    return list(dict.fromkeys(str(keys.get("agentidentityblueprintid") or "") for keys in folded))


def _agents(count: int, blueprints: Sequence[str]) -> str:
    """What a document of *count* agent identities is; *blueprints* are the client IDs of what they were made from."""
    agents = "an agent identity" if count == 1 else f"{count:,} agent identities"
    named = [one for one in blueprints if one]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    blueprint = "blueprint" if len(named) == 1 else "blueprints"
    whose = (
        f"lint the {blueprint} {', '.join(named[:_NAMED])}{more}"
        if named
        else "the file does not contain the blueprint"
    )
    return (
        f"{agents}, which has no registration of its own; {whose}"
        if count == 1
        else (f"{agents}, which have no registrations of their own; {whose}")
    )


def _folded(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members by their names in one case: PowerShell writes them with capitals."""
    return {str(key).casefold(): member for key, member in value.items()}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
