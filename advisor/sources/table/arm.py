"""ARM templates, which Bicep compiles to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.sources.reading.source import JsonSource
from advisor.sources.table.bicep import WORDS

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _matches(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    schema = str(value.get("$schema") or "").casefold()
    return "deploymenttemplate.json" in schema or ("resources" in value and "contentVersion" in value)


def _read(builder: Builder, text: JsonText) -> None:
    from advisor.sources.code.arm import read_template
    from advisor.sources.code.scripts import note_commands

    note_commands(builder, text.file, text.shown)
    read_template(builder, text.document, text.value, text.start)


SOURCE: Final = JsonSource(
    title="ARM templates",
    words=WORDS,
    matches=_matches,
    read=_read,
    samples={
        "azuredeploy.json": '{"contentVersion": "1.0.0.0", "resources": {"portal": {\n'
        ' "type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "Portal"}}}}'
    },
)
