"""Manifests of Teams and Microsoft 365 apps, which name the registration that signs their users in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.sources.reading.source import JsonSource

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder
    from advisor.sources.reading.json_text import JsonText


def _matches(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    schema = str(value.get("$schema") or "").casefold()
    return "teams" in schema or {"manifestVersion", "developer"} <= value.keys()


def _read(builder: Builder, text: JsonText) -> None:
    from advisor.sources.manifest.teams import read_app

    read_app(builder, text)


SOURCE: Final = JsonSource(
    title="Teams app manifests",
    words=(b"webapplicationinfo",),
    matches=_matches,
    read=_read,
    samples={
        "app.json": '{"manifestVersion": "1.16", "developer": {},\n'
        ' "webApplicationInfo": {"id": "11111111-1111-4111-8111-111111111111"}}'
    },
)
