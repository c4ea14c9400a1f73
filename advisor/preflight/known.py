"""Whether a list of a registration was read in full. If it was not, a missing element may be in the unread part."""

from __future__ import annotations

from rules.model.registration import UNSET, Registration, read_value


def is_read(app: Registration, path: str) -> bool:
    """Whether the list at *path*, such as ``web.redirectUris``, and all of its elements were read."""
    pointer = "/" + path.replace(".", "/")
    return read_value(app, path) is not UNSET and not any(place.startswith(pointer) for place in app.unread)
