"""Snapshots of a tenant, as ``grantlint snapshot`` writes them: JSON lines, compressed or not."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


_GZIP: Final = b"\x1f\x8b"
#: How the first line begins. Spaces are allowed, because other tools that filter a snapshot write them.
_BEGIN: Final = re.compile(rb'\s{0,8}\{\s{0,8}"record"\s{0,8}:\s{0,8}"snapshot"')
_SNIFFED: Final = 64


def _begins_snapshot(file: File) -> bool:
    """Whether the first bytes are those of a snapshot, which may be too large to load."""
    first = file.first(_SNIFFED)
    if first.startswith(_GZIP) and file.is_on_disk:
        import gzip
        import zlib

        try:
            with file.open() as packed, gzip.open(packed) as stream:
                first = stream.read(_SNIFFED)
        except (OSError, EOFError, zlib.error):
            return False
    return _BEGIN.match(first) is not None


def _read(builder: Builder, file: File) -> None:
    """Read line by line, since a snapshot may be of any size."""
    from advisor.sources.tenant.snapshot_file import read_snapshot

    read_snapshot(builder, file.name, file.open() if file.is_on_disk else BytesIO(file.data))


SOURCE: Final = Source(
    title="tenant snapshots",
    kind="snapshot",
    suffixes=(".jsonl", ".ndjson", ".gz"),
    is_known_by_suffix=False,
    is_like=_begins_snapshot,
    read=_read,
    samples={
        "tenant.jsonl": '{"record": "snapshot", "tenant": "contoso.com", "endpoint": "", "read_at": '
        '"2026-11-30T00:00:00Z"}\n'
        '{"record": "application", "value": {"id": "a", "displayName": "Portal"}}\n'
    },
)
