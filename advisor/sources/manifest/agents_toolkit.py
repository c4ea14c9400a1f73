"""Project files of Microsoft 365 Agents Toolkit, once Teams Toolkit: what the action ``aadApp/create`` registers.

Where ``aadApp/update`` follows, the manifest of the app decides everything but the secret.

Source: OfficeDev/teams-toolkit, ``packages/fx-core/src/component/driver/aad`` (arguments, defaults).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.errors import InputError
from advisor.placeholder import is_placeholder
from advisor.sources.code.assembled import Branch, add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, absent
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse
from reports.rows import Input
from rules.model.registration import Unread

_KIND: Final = "project file of Microsoft 365 Agents Toolkit"
_CREATE: Final = "aadApp/create"
_UPDATE: Final = "aadApp/update"
#: The Graph property of each argument of ``aadApp/create``, without those about the secret.
_PROPERTIES: Final = {
    "name": "/displayName",
    "signInAudience": "/signInAudience",
    "serviceManagementReference": "/serviceManagementReference",
}
_AUDIENCE: Final = "AzureADMyOrg"
#: How many days a secret is valid if the file does not say so.
_DAYS: Final = 180


def read_project(builder: Builder, file: str, data: bytes) -> None:
    """Add the registrations that a project file creates. Raises ``InputError`` when there is none."""
    text = decode(data, file)
    builder.secrets.learn(text)
    root = parse(Document(file, text, text), 0, text, is_typed=True)
    if root is None:
        raise InputError("is not YAML", file=file, hint="fix the syntax")
    steps = list(_steps(root))
    created = [arguments for action, arguments in steps if action == _CREATE]
    if not created:
        raise InputError("creates no app registration", file=file, hint="nothing in it is a registration")
    is_updated = any(action == _UPDATE for action, _ in steps)
    for number, arguments in enumerate(created):
        name = _name(arguments) or f"Registration in {file}"
        node = _registration(arguments, is_updated=is_updated)
        add_node(builder, node, preferred=f"{file}#{number}", name=name, format=_KIND)
    builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=len(created)))


def _steps(root: Node) -> Iterator[tuple[str, Node]]:
    """The actions of all stages with their arguments."""
    for stage in root.value.values() if isinstance(root.value, dict) else ():
        for step in stage.value if isinstance(stage.value, list) else ():
            members = step.value if isinstance(step.value, dict) else {}
            arguments = members.get("with")
            if "uses" in members and arguments is not None and isinstance(arguments.value, dict):
                yield str(members["uses"].value), arguments


def _name(arguments: Node) -> str:
    """What the registration is called when it is created; empty where a placeholder is in the name."""
    node = arguments.value.get("name")
    return node.value if node is not None and isinstance(node.value, str) and not is_placeholder(node.value) else ""


def _registration(arguments: Node, *, is_updated: bool) -> Node:
    tree = Branch(arguments)
    given = {name: node.named(name) for name, node in arguments.value.items()}
    if not is_updated:
        for name, pointer in _PROPERTIES.items():
            if name in given:
                tree.put(pointer, given[name])
        tree.put("/signInAudience", absent(_AUDIENCE, arguments.place, "signInAudience"))
    wanted = given.get("generateClientSecret")
    if wanted is not None and wanted.value is True:
        tree.append("/passwordCredentials", _secret(given, wanted))
    return tree.node()


def _secret(given: dict[str, Node], wanted: Node) -> Node:
    """The secret that the action adds, which is valid from the moment when it runs."""
    tree = Branch(wanted)
    tree.put("/displayName", given.get("clientSecretDescription") or absent("default", wanted.place, wanted.name))
    days = given.get("clientSecretExpireDays") or absent(_DAYS, wanted.place, "clientSecretExpireDays")
    if isinstance(days.value, int):
        tree.put("/lifetimeDays", days)
    else:
        later = Unread("placeholder", note=str(days.value), remedy="lint the tenant after the deployment")
        tree.put("/endDateTime", Node(later, days.place, days.name))
    return tree.node()
