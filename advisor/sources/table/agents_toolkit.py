"""Microsoft 365 Agents Toolkit: project files that create a registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.manifest.agents_toolkit import read_project

    read_project(builder, file.name, file.data)


SOURCE: Final = Source(
    title="project files of Microsoft 365 Agents Toolkit",
    kind="YAML",
    suffixes=(".yaml", ".yml"),
    is_like=has_lines_like(rb"^[ \t]*-[ \t]+uses:[ \t]*[\"']?aadApp/create\b"),
    is_known_by_suffix=False,
    words=(b"aadapp/create",),
    read=_read,
    samples={
        "m365agents.yml": "version: v1.9\nprovision:\n  - uses: aadApp/create\n    with:\n      name: portal\n"
        "      generateClientSecret: true\n      signInAudience: AzureADMyOrg\n"
    },
)
