"""App registrations in JSON: portal manifests in both formats, Microsoft Graph responses, what ``az ad app`` prints.

Every JSON document comes here. The table adds the other kinds, each of which has a row of its own as ``JsonSource``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, JsonSource, Source

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


#: JSON or a comment, after a byte order mark, colors, and warnings as the Azure CLI prints them to the same stream.
_BEGINS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|\x1b\[[0-9;]*m|(?:WARNING|ERROR|INFO|DEBUG|Command group|This command)\b[^\n]*\n)*+[{\[/]"
)


def _begins_json(file: File) -> bool:
    """Whether JSON begins the file, or a comment before it."""
    data = file.first(4_000)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data[2:].replace(b"\0", b"")
    return _BEGINS.match(data) is not None


def read(builder: Builder, file: File, kinds: Sequence[JsonSource] = ()) -> None:
    """Read a JSON text as one of the *kinds* of documents, else as app registrations."""
    from advisor.sources.manifest.json_file import read_json

    read_json(builder, file, kinds)


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
        b"identifieruris", b"oauth2permission", b"resourceappid", b"allowedmembertypes", b"api://azureadtokenexchange",
    ),
    read=read,
    samples={
        "manifest.json": '{"displayName": "Portal", "signInAudience": "AzureADMyOrg"}',
        "old.manifest": '{"name": "Portal", "replyUrlsWithType": [{"url": "https://contoso.com/", "type": "Web"}]}',
        "page.json": '{"value": [{"appId": "a", "signInAudience": "AzureADMyOrg"}]}',
        "credential.json": '{"name": "main", "issuer": "https://token.actions.githubusercontent.com",\n'
        ' "subject": "repo:contoso/portal:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}',
        "apps.jsonl": '{"appId": "a", "web": {"redirectUris": []}}\n{"appId": "b", "identifierUris": []}\n',
    },
)  # fmt: skip
