"""The registrations that a command is told with ``--registration FILE[#name or appId]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.preflight.wire import AuthRequest
    from advisor.sources.reading.builder import Reading
    from rules.engine.rule import Subject
    from rules.model.registration import Registration

RegistrationOption = Annotated[
    str | None,
    typer.Option(
        "--registration",
        "-r",
        metavar="FILE[#NAME]",
        help="The registration; #NAME is its name or client id where a file has several. tenant:ID#NAME reads it live.",
        show_default=False,
    ),
]


class Chosen:
    """Registrations that were read; ``one`` is the only one, or the one that was named."""

    def __init__(self, reading: Reading, one: Subject | None) -> None:
        self.reading = reading
        self.one = one

    def for_request(self, request: AuthRequest) -> Registration | None:
        """The registration with the client id of *request*; the only one stands for any."""
        if self.one is not None:
            return cast("Registration", self.one.app)
        wanted = request.get("client_id").casefold()
        found = (s.app for s in self.reading.subjects if str(s.app.app_id).casefold() == wanted)
        return cast("Registration | None", next(found, None))

    @property
    def names(self) -> dict[str, str]:
        """Names by client id in lower case."""
        rows = (self.reading.row(subject.key) for subject in self.reading.subjects)
        return {row.app_id.lower(): row.name for row in rows if row.app_id}


def read_registrations(text: str | None) -> Chosen | None:
    """What ``--registration`` names; ``None`` when nothing was named.

    Raises ``InputError`` for a file that holds none, and for a name that fits none or several.
    """
    if text is None:
        return None
    reading, file, name = reading_of(text)
    if not reading.subjects:
        problem = reading.problems[0] if reading.problems else None
        if problem is not None:
            raise InputError(
                problem.what, file=problem.file, line=problem.line, column=problem.column, hint=problem.hint
            )
        raise InputError("holds no app registration", file=file, hint="name a manifest or what az ad app show prints")
    if not name:
        return Chosen(reading, reading.subjects[0] if len(reading.subjects) == 1 else None)
    wanted = name.casefold()
    found = [
        subject
        for subject in reading.subjects
        if wanted in (str(subject.app.app_id).casefold(), str(subject.app.display_name).casefold())
    ]
    if len(found) != 1:
        several = "several registrations are" if found else "no registration is"
        raise InputError(f"{several} called {name!r}", file=file, hint="use the client id after #")
    return Chosen(reading, found[0])


def reading_of(text: str) -> tuple[Reading, str, str]:
    """What *text* names, ``FILE[#NAME]`` or ``tenant:ID#NAME``: the reading, what to call its source, and the name.

    A tenant is read as ``lint --tenant ID --only NAME`` does, with what the environment says of cloud and sign-in. Raises
    ``UsageError`` for a tenant that cannot be reached and ``InputError`` where it has no such registration.
    """
    if not text.startswith("tenant:"):
        from advisor.sources.discover import read_paths

        file, name = _split(text)
        return read_paths([file], stdin=sys.stdin.buffer.read), file, name
    from advisor.commands.tenant import Reach, read_inputs

    tenant, _, name = text.removeprefix("tenant:").partition("#")
    if not tenant or not name:
        raise InputError(f"{text!r} names no registration of a tenant", hint="write tenant:contoso.com#NAME")
    reach = Reach(
        tenants=(tenant,),
        only=(name,),
        cloud=os.environ.get("GRANTLINT_CLOUD", "global"),
        endpoint=os.environ.get("GRANTLINT_GRAPH_ENDPOINT"),
        authority=os.environ.get("AZURE_AUTHORITY_HOST"),
    )
    reading = read_inputs([], reach)
    unread = next((row for row in reading.inputs if row.status == "not-read"), None)
    if unread is not None and not reading.subjects:
        raise InputError(unread.note, file=tenant, hint=unread.remedy or "lint --tenant says more")
    return reading, tenant, name


def _split(text: str) -> tuple[str, str]:
    """The file and the name after ``#``. A file whose own name has a ``#`` is taken whole."""
    if "#" not in text or Path(text).exists():
        return text, ""
    file, _, name = text.rpartition("#")
    return file, name
