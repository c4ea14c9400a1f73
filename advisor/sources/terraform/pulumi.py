"""Pulumi's preview and stack as JSON. Its provider azuread is Terraform's, with names in camel case.

Sources: Pulumi, "pulumi preview" (``--json``) and "pulumi stack export"; pulumi/pulumi, the marks for secrets and for
values that are not known yet (sdk/go/pulumi/rpc.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, from_json
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT, without_application
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.schema import APPLICATIONS, TYPES
from advisor.sources.terraform.shape import Resource
from reports.rows import Input
from rules.model.registration import Unread

_PREVIEW: Final = "Pulumi preview"
_STACK: Final = "Pulumi stack"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SECRET_TEXT: Final = "[secret]"  # noqa: S105 - what replaces one
_UNKNOWN: Final = Unread("unknown-until-apply", remedy=AFTER_DEPLOYMENT)
_SECRET: Final = Unread("placeholder", note="a secret of Pulumi's", remedy=AFTER_DEPLOYMENT)
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Names that Pulumi has in the plural, by Terraform's.
_PLURALS: Final = {
    "app_role": "appRoles",
    "required_resource_access": "requiredResourceAccesses",
    "resource_access": "resourceAccesses",
    "oauth2_permission_scope": "oauth2PermissionScopes",
    "id_token": "idTokens",
    "access_token": "accessTokens",
    "saml2_token": "saml2Tokens",
    "password": "passwords",
}
_SINGULARS: Final = {plural: singular for singular, plural in _PLURALS.items()}
_GONE: Final = frozenset(("delete", "delete-replaced", "discard", "discard-replaced", "read", "read-replacement"))
_WORD: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")


def read_preview(builder: Builder, document: Document, value: Mapping[str, Any], start: int) -> None:
    """Add the registrations of a preview or stack. Raises ``InputError`` when there is none."""
    kind = _PREVIEW if "steps" in value else _STACK
    resources = list(_resources(value, document, start))
    if not any(resource.type in TYPES for resource in resources):
        raise without_application(kind, document.file)
    count = add_applications(builder, resources, folder="", format=kind, spell=spell)
    builder.inputs.append(Input(name=document.file, format=kind, status="read", registrations=count))


def spell(name: str) -> str:
    """Terraform's name of an argument as Pulumi writes it; what is before the first point is the resource's name."""
    resource, point, rest = name.partition(".")
    if name.startswith("azuread_") and not point:
        words = [word.capitalize() for word in name.removeprefix("azuread_").split("_")]
        return "".join(words)
    return f"{resource}{point}{_WORD.sub(_camel, rest)}"


def _camel(match: re.Match[str]) -> str:
    if match[0] in _PLURALS:
        return _PLURALS[match[0]]
    first, *others = match[0].split("_")
    return first + "".join(word.capitalize() for word in others)


def _resources(value: Mapping[str, Any], document: Document, start: int) -> Iterator[Resource]:
    names: dict[str, str] = {}
    for state, pointer, operation in _states(value):
        kind = terraform_type(str(state.get("type") or ""))
        if kind not in TYPES:
            continue
        urn = str(state.get("urn") or "")
        key = "inputs" if isinstance(state.get("inputs"), dict) else "outputs"
        inputs = state.get(key)
        if not isinstance(inputs, dict):
            continue
        name = urn.rpartition("::")[2] or "application"
        if kind in APPLICATIONS:
            names |= dict.fromkeys(filter(None, (urn, str(state.get("id") or ""))), name)
        outputs = state.get("outputs")
        known = {k: v for k, v in outputs.items() if k in ("clientId", "objectId")} if isinstance(outputs, dict) else {}
        node = _read(from_json({**known, **inputs}, document, start, f"{pointer}/{key}"))
        yield Resource(
            address=name,
            type=kind,
            body=node.value,
            place=Place(document, start=start, pointer=f"{pointer}/{key}"),
            belongs_to=_owner(state, inputs, names),
            is_new=operation in ("create", "create-replacement", "replace", "import-replacement"),
            note=operation if operation != "same" else "no change",
        )


def _states(value: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """The resources as they will be, or are; their pointers, and what is done with them."""
    steps = value.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        state = step.get("newState") if isinstance(step, dict) else None
        operation = str(step.get("op") or "") if isinstance(step, dict) else ""
        if isinstance(state, dict) and operation not in _GONE:
            yield state, f"/steps/{index}/newState", operation
    deployment = value.get("deployment")
    resources = deployment.get("resources") if isinstance(deployment, dict) else None
    for index, state in enumerate(resources if isinstance(resources, list) else ()):
        if isinstance(state, dict) and not state.get("delete"):
            yield state, f"/deployment/resources/{index}", ""


def terraform_type(token: str) -> str:
    """``azuread:index/applicationPassword:ApplicationPassword`` is ``azuread_application_password``."""
    package, _, rest = token.partition(":")
    return f"azuread_{snake(rest.rpartition(':')[2])}" if package == "azuread" else ""


def snake(name: str) -> str:
    """Pulumi's name of an argument as Terraform writes it."""
    return _SINGULARS.get(name) or _HUMP.sub("_", name).lower()


def _owner(state: Mapping[str, Any], inputs: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """The application of a piece, by the *names* that urns and ids lead to. A urn is known before its id is."""
    dependencies = state.get("propertyDependencies")
    dependencies = dependencies if isinstance(dependencies, dict) else {}
    for argument in ("applicationId", "applicationObjectId"):
        urns = dependencies.get(argument)
        for urn in urns if isinstance(urns, list) else ():
            if isinstance(urn, str) and urn in names:
                return (names[urn],)
        if str(inputs.get(argument)) in names:
            return (names[str(inputs[argument])],)
    return ()


def _read(node: Node) -> Node:
    """A value with Terraform's names, and with what is not known or secret in its place."""
    value = node.value
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return Node(_SECRET, node.place)
        return Node({snake(key): _read(member) for key, member in value.items() if key != "__defaults"}, node.place)
    if isinstance(value, list):
        return Node([_read(element) for element in value], node.place)
    if value == _UNKNOWN_TEXT:
        return Node(_UNKNOWN, node.place)
    return Node(_SECRET, node.place) if value == _SECRET_TEXT else node
