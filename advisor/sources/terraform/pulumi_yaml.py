"""Programs of Pulumi in YAML. What a program works out is not known before the deployment.

Source: Pulumi, "YAML language reference" (``resources``, type tokens, interpolation, ``fn::`` functions, ``get``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from advisor.errors import InputError
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, plain
from advisor.sources.reading.remedies import NO_REGISTRATION
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.pulumi import snake, spell, terraform_type
from advisor.sources.terraform.schema import APPLICATIONS, TYPES
from advisor.sources.terraform.shape import Resource
from reports.rows import Input
from rules.model.registration import Unread

_KIND: Final = "Pulumi program"
_REMEDY: Final = "lint the output of pulumi preview --json"
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][\w-]*)")


def read_program(builder: Builder, file: str, data: bytes) -> None:
    """Add the registrations that a program declares. Raises ``InputError`` when there is none."""
    text = decode(data, file)
    builder.secrets.learn(text)
    document = Document(file, text, text)
    program = parse(document, 0, text, is_typed=True)
    if program is None:
        raise InputError("is not YAML", file=file, hint="fix the syntax")
    resources = list(_resources(program))
    if not resources:
        raise InputError("declares no application", file=file, hint=NO_REGISTRATION)
    count = add_applications(builder, resources, folder="", format=_KIND, spell=spell)
    builder.inputs.append(Input(name=file, format=_KIND, status="read", registrations=count))


def _resources(program: Node) -> Iterator[Resource]:
    declared = program.members("resources")
    types = {name: terraform_type(resource.text("type")) for name, resource in declared.items()}
    for name, resource in declared.items():
        if types[name] not in TYPES or "get" in resource.value:  # "get" reads what is there, and declares nothing
            continue
        properties = resource.members("properties")
        changes = resource.inside("options", "ignoreChanges")
        ignored = plain(changes) if changes is not None else []
        yield Resource(
            address=name,
            type=types[name],
            body={snake(key): _read(member) for key, member in properties.items()},
            place=resource.place,
            belongs_to=() if types[name] in APPLICATIONS else _owner(properties, types),
            ignored=frozenset(snake(str(one)) for one in ignored) if isinstance(ignored, list) else frozenset(),
        )


def _owner(properties: Mapping[str, Node], types: Mapping[str, str]) -> tuple[str, ...]:
    for argument in ("applicationId", "applicationObjectId"):
        node = properties.get(argument)
        if node is None or not isinstance(node.value, str):
            continue
        named = _REFERENCE.match(node.value)
        if named and types.get(named[1]) in APPLICATIONS:
            return (named[1],)
        return (f"application {node.value}",)
    return ("application",)


def _read(node: Node) -> Node:
    """A value with Terraform's names, and with *not known* in the place of what is worked out."""
    value = node.value
    if isinstance(value, dict):
        if any(key.startswith("fn::") for key in value):
            note = "a secret of Pulumi's" if "fn::secret" in value else ""
            return Node(Unread("unknown-until-apply", note=note, remedy=_REMEDY), node.place)
        return Node({snake(key): _read(member) for key, member in value.items()}, node.place)
    if isinstance(value, list):
        return Node([_read(element) for element in value], node.place)
    if isinstance(value, str) and "${" in value:
        return Node(Unread("unknown-until-apply", note=value, remedy=_REMEDY), node.place)
    return node
