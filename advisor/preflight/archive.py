"""Fiddler's session archives (.saz): a zip with one raw request in ``raw/<number>_c.txt`` for each session."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Final

from advisor.errors import InputError
from advisor.preflight.http_file import read_http
from advisor.preflight.wire import AuthRequest

_REQUEST: Final = re.compile(r"raw[/\\]\d+_c\.txt", re.IGNORECASE)

#: Limits of sessions and of bytes in a request, so that a large archive is not read in full.
MOST_SESSIONS: Final = 5000
MOST_BYTES: Final = 1024 * 1024


def read_archive(data: bytes, name: str) -> tuple[AuthRequest, ...]:
    """The requests of the archive that go to the identity platform.

    Raises ``InputError`` for a file that is not a Fiddler archive, and for one with a password.
    """
    found: list[AuthRequest] = []
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            sessions = [info for info in archive.infolist() if _REQUEST.fullmatch(info.filename)][:MOST_SESSIONS]
            for info in sessions:
                with archive.open(info) as file:
                    found += read_http(file.read(MOST_BYTES).decode("utf-8", "replace"), name)
    except RuntimeError:
        raise InputError(
            "the archive has a password", file=name, hint="export the archive without a password, or as HAR"
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError):
        raise InputError("is not a readable archive", file=name, hint="export the archive again, or as HAR") from None
    if not sessions:
        raise InputError(
            "is a zip without sessions of Fiddler", file=name, hint="save the sessions as .saz, or export them as HAR"
        )
    return tuple(found)
