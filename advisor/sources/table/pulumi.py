"""Pulumi: what ``pulumi preview --json`` and ``pulumi stack export`` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.sources.reading.source import JsonSource

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _matches(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("steps"), list):
        return any(isinstance(step, dict) and "urn" in step for step in value["steps"])
    deployment = value.get("deployment")
    return isinstance(deployment, dict) and isinstance(deployment.get("resources"), list)


def _read(builder: Builder, text: JsonText) -> None:
    from advisor.sources.terraform.pulumi import read_preview

    read_preview(builder, text.document, text.value, text.start)


SOURCE: Final = JsonSource(
    title="Pulumi previews and stacks",
    words=(b"azuread:index/application",),
    matches=_matches,
    read=_read,
    samples={
        "preview.json": '{"steps": [{"op": "create", "urn": '
        '"urn:pulumi:dev::p::azuread:index/application:Application::portal",\n'
        ' "newState": {"urn": "urn:pulumi:dev::p::azuread:index/application:Application::portal",\n'
        ' "type": "azuread:index/application:Application", "inputs": {"displayName": "Portal"}}}]}'
    },
)
