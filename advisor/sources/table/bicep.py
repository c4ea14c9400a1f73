"""Bicep files: applications of Microsoft Graph as they are written there. They are read together, because a file calls
others, and parameter files decide its values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder

#: The types of what is checked, and of scripts that are named, which the template that Bicep compiles to has too.
WORDS: Final = (
    b"microsoft.graph/applications",
    b"microsoft.azureactivedirectory/applications",
    b"federatedidentitycredentials",
    b"microsoft.graph/approleassignedto",
    b"microsoft.graph/oauth2permissiongrants",
    b"microsoft.resources/deploymentscripts",
)


def _read(builder: Builder, files: Sequence[File]) -> None:
    from advisor.sources.code.bicep.read import read_files
    from advisor.sources.code.scripts import note_commands

    for file in files:
        if file.has_any((b"deploymentscripts",)):
            note_commands(builder, file.name, file.data.decode("utf-8", "replace"))
    read_files(builder, files)


SOURCE: Final = Source(
    title="Bicep files",
    kind="Bicep",
    suffixes=(".bicep", ".bicepparam"),
    is_like=has_lines_like(rb"^[ \t]*resource[ \t]+\w+[ \t]+'[^'\n]+'[ \t]*(?:existing[ \t]*)?="),
    read_together=_read,
    samples={
        "main.bicep": "resource portal 'Microsoft.Graph/applications@v1.0' = {\n"
        "  uniqueName: 'portal'\n  displayName: 'Portal'\n}\n"
    },
)
