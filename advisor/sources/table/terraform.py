"""Configurations of Terraform and OpenTofu. Their files are read together, because a module is a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like
from advisor.sources.terraform import SUFFIXES

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder

_has_blocks: Final = has_lines_like(
    rb"^[ \t]*(?:resource|variable|module|locals|provider|terraform|data|output)\b[^\n=]*\{"
)
#: What runs commands: ``local-exec`` and ``remote-exec``, and the data source ``external``.
_RUNS: Final = (b"local-exec", b"remote-exec", b'"external"')


def _is_like(file: File) -> bool:
    return _has_blocks(file) and file.has_any((b"azure",))


def _read(builder: Builder, files: Sequence[File]) -> None:
    from advisor.sources.code.scripts import note_commands
    from advisor.sources.terraform.configuration import read_files

    for file in files:
        if file.has_any(_RUNS):
            note_commands(builder, file.name, file.data.decode("utf-8", "replace"))
    read_files(builder, files)


SOURCE: Final = Source(
    title="Terraform or OpenTofu configurations",
    kind="Terraform",
    suffixes=SUFFIXES,
    is_like=_is_like,
    read_together=_read,
    samples={"main.tf": 'resource "azuread_application" "portal" {\n  display_name = "Portal"\n}\n'},
)
