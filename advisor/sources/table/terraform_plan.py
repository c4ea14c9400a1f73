"""Plans and states of Terraform and OpenTofu: ``terraform show -json``, and the state file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import JsonSource

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _read(builder: Builder, text: JsonText) -> None:
    from advisor.sources.terraform.plan import read_plan

    read_plan(builder, text.file, text.data)


SOURCE: Final = JsonSource(
    title="Terraform or OpenTofu plans and states",
    words=(b"azuread_application", b"msgraph_resource", b'"encrypted_data"'),
    keys=rb'"(?:resource_changes|planned_values|terraform_version)"\s*:',
    read=_read,
    samples={
        "plan.json": '{"resource_changes": [{"address": "azuread_application.portal", "mode": "managed",\n'
        ' "type": "azuread_application", "name": "portal",\n'
        ' "change": {"actions": ["create"], "after": {"display_name": "Portal"}}}]}'
    },
)
