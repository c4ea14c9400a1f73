"""Pulumi: programs in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.terraform.pulumi_yaml import read_program

    read_program(builder, file.name, file.data)


SOURCE: Final = Source(
    title="Pulumi programs in YAML",
    kind="YAML",
    suffixes=(".yaml", ".yml"),
    is_like=has_lines_like(rb"^[ \t]+type:[ \t]*[\"']?azuread:"),
    is_known_by_suffix=False,
    words=(b"azuread:",),
    read=_read,
    samples={
        "Pulumi.yaml": "name: portal\nruntime: yaml\nresources:\n  portal:\n    type: azuread:Application\n"
        "    properties:\n      displayName: Portal\n"
    },
)
