"""Projects of the Microsoft 365 Agents Toolkit (``m365agents.yml``) and of Teams Toolkit (``teamsapp.yml``).

The action ``aadApp/create`` creates a registration. Where ``aadApp/update`` follows, the manifest that it names decides
everything but the secret.

Sources: Microsoft, "Available actions in Teams Toolkit", ``aadApp/create`` and ``aadApp/update``;
OfficeDev/teams-toolkit, ``packages/fx-core/src/component/driver/aad`` (defaults).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from advisor.errors import InputError
from advisor.sources.code.assembled import add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.environment import filled, find_environment
from advisor.sources.reading.node import Node, absent
from advisor.sources.reading.remedies import NO_REGISTRATION
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse
from reports.rows import Input
from rules.model.registration import Unread

_KIND: Final = "Microsoft 365 Agents Toolkit project"
_CREATE: Final = "aadApp/create"
_UPDATE: Final = "aadApp/update"
#: A secret without ``clientSecretExpireDays`` is valid for this many days.
_DEFAULT_DAYS: Final = 180
#: What the toolkit takes where the project does not say it.
_AUDIENCE: Final = "AzureADMyOrg"
_DESCRIPTION: Final = "default"
_ARGUMENTS: Final = {
    "name": "displayName",
    "signInAudience": "signInAudience",
    "serviceManagementReference": "serviceManagementReference",
}


def read_project(builder: Builder, file: str, data: bytes, chosen: str | None) -> None:
    """Add the registrations that a project creates, with placeholders filled from the environment called *chosen*.

    Raises ``InputError`` when there is none, or it is not YAML.
    """
    text = decode(data, file)
    builder.secrets.learn(text)
    document = Document(file, text, text)
    project = parse(document, 0, text, is_typed=True)
    if project is None:
        raise InputError("is not YAML", file=file, hint="fix the syntax")
    actions = list(_actions(project))
    created = [action for action in actions if action.text("uses") == _CREATE]
    if not created:
        raise InputError("creates no app registration", file=file, hint=NO_REGISTRATION)
    values: Mapping[str, str] = {}
    if "${{" in text and (environment := find_environment(builder, file, chosen)) is not None:
        builder.notes.append(environment.note(file))
        values = environment.values
    updates = [action for action in actions if action.text("uses") == _UPDATE]
    for action in created:
        line = document.places.position((action.place.span or (0, 0))[0])[0]
        node = _registration(action, values, updates[0] if updates else None)
        add_node(builder, node, preferred=f"{file}#{line}", name=f"{_CREATE} ({file}:{line})", format=_KIND)
    builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=len(created)))


def _actions(project: Node) -> Iterator[Node]:
    """The actions of all stages, such as ``provision``."""
    for stage in project.members().values():
        yield from stage.value if isinstance(stage.value, list) else ()


def _registration(action: Node, values: Mapping[str, str], update: Node | None) -> Node:
    written = {
        name: Node(filled(node.value, values), node.place, f"with.{name}")
        for name, node in action.members("with").items()
        if not isinstance(node.value, dict | list)
    }
    members = {graph: written[name] for name, graph in _ARGUMENTS.items() if name in written}
    members.setdefault("signInAudience", absent(_AUDIENCE, action.place, "with.signInAudience"))
    if update is not None:
        manifest = update.text("with", "manifestPath") or "the manifest of the registration"
        replaced = Unread("placeholder", note=f"{_UPDATE} replaces it", remedy=f"lint {manifest}")
        members = {graph: Node(replaced, node.place, node.name) for graph, node in members.items()}
    generates = written.get("generateClientSecret")
    if generates is not None and generates.value is not False:
        secrets = [_secret(written, generates)] if generates.value is True else _not_filled(generates)
        members["passwordCredentials"] = Node(secrets, generates.place, generates.name)
    return Node(members, action.place)


def _secret(written: Mapping[str, Node], generates: Node) -> Node:
    """The secret that is created: its description, and for how many days it is valid."""
    days = written.get("clientSecretExpireDays") or absent(_DEFAULT_DAYS, generates.place, generates.name)
    if isinstance(days.value, str) and days.value.isdecimal():  # filled from the environment
        days = Node(int(days.value), days.place, days.name)
    members = {"lifetimeDays": days if isinstance(days.value, int) else Node(_not_filled(days), days.place, days.name)}
    description = written.get("clientSecretDescription")
    members["displayName"] = description or absent(_DESCRIPTION, generates.place, generates.name)
    return Node(members, generates.place, generates.name)


def _not_filled(node: Node) -> Unread:
    return Unread("placeholder", note=str(node.value), remedy="lint the tenant after the provisioning")
