"""Teams and Microsoft 365 app manifests: which registration an app signs its users in with.

The registration itself is in ``aad.manifest.json``, which is read like any manifest.

Source: Microsoft, "App manifest reference for Microsoft 365", ``webApplicationInfo``.
"""

from __future__ import annotations

from typing import Final

from advisor.errors import InputError
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.environment import filled, find_environment
from advisor.sources.reading.json_text import JsonText
from advisor.sources.reading.reference import ClientIdReference
from reports.rows import Input

_KIND: Final = "Teams app manifest"


def read_app(builder: Builder, text: JsonText) -> None:
    """Note the registration that an app names, with its placeholder filled from the environment.

    Raises ``InputError`` for an app that signs in no users.
    """
    info = text.value.get("webApplicationInfo")
    if not isinstance(info, dict):
        what, hint = "is a Teams app manifest without webApplicationInfo", "the file names no registration"
        raise InputError(what, file=text.file, hint=hint)
    places = text.document.places
    line = places.position(places.follow("/webApplicationInfo", text.start).span[0])[0]
    named = str(info.get("id") or "")
    if "${{" in named:
        try:
            environment = find_environment(builder, text.file, text.environment)
        except InputError:  # reported where the manifest of the registration is read
            environment = None
        named = filled(named, environment.values if environment else {})
    resource = str(info.get("resource") or "")
    builder.references.append(ClientIdReference(named, "webApplicationInfo", text.file, line, resource))
    builder.inputs.append(Input(name=text.file, format=_KIND, status="read", registrations=0))
