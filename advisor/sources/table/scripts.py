"""Scripts and pipelines: what creates or changes a registration is named with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _has_commands(file: File) -> bool:
    if file.first(200).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):  # JSON with a command is not a script
        return False
    from advisor.sources.code.scripts import WORDS, commands

    return file.has_any(WORDS) and next(commands(file.data.decode("utf-8", "replace"), file.name), None) is not None


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.code.scripts import read_script

    read_script(builder, file.name, file.data, is_named=file.role == "named")


SOURCE: Final = Source(
    title="scripts and pipelines (named, not read)",
    kind="script",
    suffixes=(".sh", ".bash", ".azcli", ".ps1", ".psm1", ".cmd", ".bat", ".yaml", ".yml"),
    is_like=_has_commands,
    is_known_by_suffix=False,
    read=_read,
    declares=False,
    samples={},
)
