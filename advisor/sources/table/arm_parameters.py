"""Parameter files of ARM templates and Bicep files: values that a template is read with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.errors import InputError
from advisor.sources.reading.source import JsonSource

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _matches(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("parameters"), dict):
        return False
    return "deploymentparameters.json" in str(value.get("$schema") or "").casefold()


def _read(builder: Builder, text: JsonText) -> None:
    """Nothing is read of the file here: its template reads it. Alone, it holds no registration."""
    if not set(builder.named) - {text.file}:
        raise InputError("holds parameters, no registration", file=text.file, hint="name its template too")


SOURCE: Final = JsonSource(
    title="ARM parameter files",
    words=(b"deploymentparameters.json",),
    matches=_matches,
    read=_read,
    samples={},
)
