"""Bicep files: applications of Microsoft Graph as they are written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from advisor.errors import InputError
from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder

#: The types of an application, and of a script that may create one. The template that Bicep compiles to has them too.
WORDS: Final = (
    b"microsoft.graph/applications", b"microsoft.azureactivedirectory/applications",
    b"microsoft.resources/deploymentscripts",
)  # fmt: skip


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
    from advisor.sources.code.scripts import note_commands

    note_commands(builder, file.name, file.data.decode("utf-8", "replace"))
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
