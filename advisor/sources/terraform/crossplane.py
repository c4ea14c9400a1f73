"""Crossplane's resources of Entra ID in Kubernetes manifests. Its provider is made from Terraform's azuread.

Source: crossplane-contrib/provider-upjet-azuread, ``examples/applications`` (kinds, ``forProvider``, ``...Ref`` and
``...Selector``); Crossplane, "Managed Resources" (``initProvider``, ``managementPolicies``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from advisor.errors import InputError
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, plain
from advisor.sources.reading.remedies import NO_REGISTRATION
from advisor.sources.reading.text import decode
from advisor.sources.reading.yaml_text import parse, pieces
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.pulumi import snake
from advisor.sources.terraform.schema import TYPES
from advisor.sources.terraform.shape import Resource
from reports.rows import Input

_KIND: Final = "Crossplane manifest"
_GROUP: Final = re.compile(r"applications\.azuread\.(?:m\.)?upbound\.io/")
_COMPOSITION: Final = re.compile(r"^kind:[ \t]*[\"']?Composition\b", re.MULTILINE)
_WORD: Final = re.compile(r"_([a-z0-9])")
_RENDER: Final = "lint the output of helm template"
_LINKS: Final = ("applicationId", "applicationObjectId")


def read_crossplane(builder: Builder, file: str, data: bytes) -> None:
    """Add the registrations that the manifests in a YAML file declare. Raises ``InputError`` when there is none."""
    text = decode(data, file)
    builder.secrets.learn(text)
    document = Document(file, text, text)
    manifests, is_template = [], False
    for start, piece in pieces(text):
        if _GROUP.search(piece):
            node = parse(document, start, piece, is_typed=True)
            is_template |= node is None
            if node is not None and isinstance(node.value, dict) and _GROUP.match(node.text("apiVersion")):
                manifests.append(node)
    applications = {_name(one): plain(one) for one in manifests if one.text("kind") == "Application"}
    resources = list(_resources(manifests, applications))
    if _COMPOSITION.search(text):
        builder.notes.append(f"Does not read the composition in {file}; lint the output of crossplane render.")
    if not resources:
        if is_template:
            raise InputError("is not valid YAML before the template is rendered", file=file, hint=_RENDER)
        raise InputError("declares no application", file=file, hint=NO_REGISTRATION)
    count = add_applications(builder, resources, folder="", format=_KIND, spell=_spell)
    row = Input(name=file, format=_KIND, status="read", registrations=count)
    if is_template:
        note = "a manifest in the file is not valid YAML before the template is rendered"
        row = msgspec.structs.replace(row, status="partly", note=note, remedy=_RENDER)
    builder.inputs.append(row)


def _resources(manifests: list[Node], applications: Mapping[str, object]) -> Iterator[Resource]:
    for manifest in manifests:
        kind = snake(manifest.text("kind"))
        resource = "azuread_application" if kind == "application" else f"azuread_application_{kind}"
        written = {**manifest.members("spec", "initProvider"), **manifest.members("spec", "forProvider")}
        policies = manifest.inside("spec", "managementPolicies")
        if resource not in TYPES or (policies is not None and plain(policies) == ["Observe"]):
            continue
        yield Resource(
            address=_name(manifest),
            type=resource,
            body={snake(key): _snaked(member) for key, member in written.items()},
            place=manifest.place,
            belongs_to=() if kind == "application" else _owners(written, applications),
        )


def _owners(written: Mapping[str, Node], applications: Mapping[str, object]) -> tuple[str, ...]:
    """The names of the applications that a piece refers to, or the words by which it names one that is not here."""
    for link in _LINKS:
        reference, selector = written.get(f"{link}Ref"), written.get(f"{link}Selector")
        if reference is not None and reference.text("name"):
            return (reference.text("name"),)
        labels = selector.members("matchLabels") if selector is not None else {}
        wanted = {key: plain(value) for key, value in labels.items()}
        found = tuple(name for name, app in applications.items() if wanted and wanted.items() <= _labels(app).items())
        if found:
            return found
        if link in written:
            return (f"application {plain(written[link])}",)
    return ("application",)


def _labels(application: object) -> dict[str, object]:
    metadata = application.get("metadata") if isinstance(application, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}


def _snaked(node: Node) -> Node:
    """A value with Terraform's names."""
    if isinstance(node.value, dict):
        return Node({snake(key): _snaked(member) for key, member in node.value.items()}, node.place)
    if isinstance(node.value, list):
        return Node([_snaked(element) for element in node.value], node.place)
    return node


def _spell(name: str) -> str:
    """Terraform's name of an argument as Crossplane writes it; what is before the first point is the resource's."""
    resource, point, rest = name.partition(".")
    return f"{resource}{point}{_WORD.sub(lambda match: match[1].upper(), rest)}"


def _name(manifest: Node) -> str:
    return manifest.text("metadata", "name") or "application"
