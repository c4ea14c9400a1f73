"""Bicep files: applications of Microsoft Graph as they are written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.errors import InputError
from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder

#: The types of an application, which the template that Bicep compiles to has too.
WORDS: Final = (b"microsoft.graph/applications", b"microsoft.azureactivedirectory/applications")


def _is_compiled(file: File) -> bool:
    """Whether the template that a Bicep file compiles to is in its folder. The template is read instead: it says
    more.
    """
    try:
        return file.sibling(Path(file.name).with_suffix(".json").name).has_any(WORDS)
    except InputError:
        return False


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.code.bicep.read import read_bicep

    read_bicep(builder, file.name, file.data)


SOURCE: Final = Source(
    title="Bicep files",
    kind="Bicep",
    suffixes=(".bicep",),
    is_like=has_lines_like(rb"^[ \t]*resource[ \t]+\w+[ \t]+'[^'\n]+'[ \t]*(?:existing[ \t]*)?="),
    words=WORDS,
    read=_read,
    is_superseded=_is_compiled,
    samples={
        "main.bicep": "resource portal 'Microsoft.Graph/applications@v1.0' = {\n"
        "  uniqueName: 'portal'\n  displayName: 'Portal'\n}\n"
    },
)
