"""ARM templates, which Bicep compiles to, and the parameter files that they are read with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.errors import InputError
from advisor.sources.reading.source import JsonSource
from advisor.sources.table.bicep import WORDS

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _matches(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    schema = str(value.get("$schema") or "").casefold()
    is_template = "deploymenttemplate.json" in schema or ("resources" in value and "contentVersion" in value)
    return is_template or _is_parameter_file(value)


def _is_parameter_file(value: Any) -> bool:
    return "deploymentparameters.json" in str(value.get("$schema") or "").casefold()


def _read(builder: Builder, text: JsonText) -> None:
    from advisor.sources.code.arm import read_template
    from advisor.sources.code.scripts import note_commands

    note_commands(builder, text.file, text.shown)
    if not _is_parameter_file(text.value):
        read_template(builder, text.document, text.value, text.start)
    elif not set(builder.named) - {text.file}:  # otherwise its template reads it
        raise InputError("contains parameters, no registration", file=text.file, hint="also name its template")


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
