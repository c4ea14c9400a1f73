"""Teams and Microsoft 365 app manifests: which registration an app signs its users in with.

What the registration is like stands in ``aad.manifest.json``, which is read like any manifest.

Source: Microsoft, "App manifest reference for Microsoft 365", ``webApplicationInfo``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from advisor.errors import InputError
from advisor.sources.reading.document import Document
from advisor.sources.reading.environment import filled, find_environment
from advisor.sources.reading.reference import Mention

KIND: Final = "Teams app manifest"


def mention_in(document: Document, value: Mapping[str, Any], start: int, wish: str | None) -> Mention | None:
    """The registration that the app names, with the value of a placeholder from the environment *wish*, or the first one.

    Nothing when it signs nobody in.
    """
    info = value.get("webApplicationInfo")
    if not isinstance(info, dict):
        return None
    places = document.places
    line = places.position(places.follow("/webApplicationInfo", start).span[0])[0]
    named = str(info.get("id") or "")
    if "${{" in named:
        try:
            environment = find_environment(document.file, wish)
        except InputError:  # who judges a manifest with that environment is told so there
            environment = None
        named = filled(named, environment.values if environment else {})
    return Mention(named, "webApplicationInfo", document.file, line)
