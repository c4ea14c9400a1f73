"""App registrations in JSON: portal manifests in both formats, Microsoft Graph responses, what ``az ad app`` prints.

Every JSON document comes here first. The other kinds have a row of their own each, as ``JsonSource``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _begins_json(file: File) -> bool:
    """Whether the first character is that of JSON, or of a comment before it."""
    data = file.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data[2:402].replace(b"\0", b"")
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"/")


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.manifest.json_file import read_json
    from advisor.sources.table import JSON_SOURCES

    read_json(builder, file, JSON_SOURCES)


SOURCE: Final = Source(
    title="app registrations in JSON (portal manifests, Microsoft Graph responses, az ad app output)",
    kind="JSON",
    suffixes=(
        ".json", ".jsonc", ".json5", ".jsonl", ".ndjson", ".gz", ".manifest", ".tpl", ".template", ".txt", ".js",
        ".tfstate",
    ),
    is_known_by_suffix=False,
    is_like=_begins_json,
    words=(
        b"appid", b"redirecturis", b"replyurls", b"requiredresourceaccess", b"signinaudience", b"oauth2allow",
        b"identifieruris", b"oauth2permission",
    ),
    read=_read,
    samples={
        "manifest.json": '{"displayName": "Portal", "signInAudience": "AzureADMyOrg"}',
        "old.manifest": '{"name": "Portal", "replyUrlsWithType": [{"url": "https://contoso.com/", "type": "Web"}]}',
        "page.json": '{"value": [{"appId": "a", "signInAudience": "AzureADMyOrg"}]}',
        "apps.jsonl": '{"appId": "a", "web": {"redirectUris": []}}\n{"appId": "b", "identifierUris": []}\n',
    },
)  # fmt: skip
