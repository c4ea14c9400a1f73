"""Select registrations by what ``--registration`` names: ``PATH[#NAME]`` or ``tenant:ID#NAME``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from advisor.errors import InputError, UsageError
from advisor.run.inputs import read_inputs
from advisor.run.tenant import TenantAccess
from advisor.sources.discover import read_paths
from reports.escape import visible_name

if TYPE_CHECKING:
    from advisor.preflight.wire import AuthRequest
    from advisor.sources.reading.builder import Reading
    from rules.engine.rule import Subject
    from rules.model.registration import Registration

#: At most this many registrations are named in a hint.
_NAMED = 5


class Selection(NamedTuple):
    """The registrations that were selected, at least one, and the reading that they come from."""

    reading: Reading
    #: The file, folder or tenant.
    source: str
    subjects: tuple[Subject, ...]
    #: The display name, client ID or object ID that was asked for; empty for all registrations of the source.
    wanted: str = ""

    @property
    def one(self) -> Subject:
        """The registration. Raises ``InputError`` where several were selected."""
        if len(self.subjects) == 1:
            return self.subjects[0]
        count = len(self.subjects)
        if self.wanted:
            what, by = f"{count} registrations are called {self.wanted!r}", "client ID"
            choices = [str(subject.app.app_id or subject.app.id) for subject in self.subjects]
        else:
            what, by = f"contains {count} registrations", "name, client ID or object ID"
            choices = [self.name(subject) for subject in self.subjects]
        known = ", ".join(map(visible_name, choices[:_NAMED])) + (" and others" if count > _NAMED else "")
        raise InputError(what, file=self.source, hint=f"select one by {by} after #; it contains {known}")

    def name(self, subject: Subject) -> str:
        """The display name of a registration, as reports show it."""
        return self.reading.row(subject.key).name

    def for_request(self, request: AuthRequest) -> Registration | None:
        """The registration with the client ID of *request*; where only one was selected, that one."""
        if len(self.subjects) == 1:
            found: Registration | None = self.subjects[0].app
        else:
            wanted = request.get("client_id").casefold()
            found = next((s.app for s in self.subjects if str(s.app.app_id).casefold() == wanted), None)
        return found

    @property
    def registrations(self) -> tuple[Registration, ...]:
        """All registrations of the reading: an API that a client requests may be in the same file."""
        return tuple(subject.app for subject in self.reading.subjects)

    @property
    def names(self) -> dict[str, str]:
        """Display names of all registrations of the reading, by client ID in lower case."""
        rows = (self.reading.row(subject.key) for subject in self.reading.subjects)
        return {row.app_id.lower(): row.name for row in rows if row.app_id}


def select_registration(text: str, usage_days: int | None = None) -> Selection:
    """The registrations that *text* names by display name, client ID or object ID; without a name, all of its file.

    With *usage_days*, the use of a tenant is read too, see ``TenantAccess``.
    Raises ``InputError`` for an input that contains no registration, and for a name that none of them has, and
    ``UsageError`` for a tenant that cannot be reached.
    """
    reading, source, name = _read(text, usage_days)
    if not reading.subjects:
        for problem in reading.problems:
            raise InputError(
                problem.what, file=problem.file, line=problem.line, column=problem.column, hint=problem.hint
            )
        for row in reading.inputs:
            if row.status == "not-read":
                raise InputError(f"was not read: {row.note}", file=row.name, hint=row.remedy)
        raise InputError(
            "contains no app registration", file=source, hint="name a manifest, an export or what az ad app show prints"
        )
    names = {subject.key: reading.row(subject.key).name for subject in reading.subjects}
    found = tuple(subject for subject in reading.subjects if _is_called(subject, names[subject.key], name))
    if not found:
        raise InputError(f"no registration {name!r}", file=source, hint=_hint(name, [*names.values()]))
    return Selection(reading, source, found, name)


def _is_called(subject: Subject, shown: str, wanted: str) -> bool:
    """Whether *wanted* is the display name, client ID or object ID of the registration, whatever the case."""
    app = subject.app
    return not wanted or wanted.casefold() in (str(text).casefold() for text in (shown, app.app_id, app.id))


def _hint(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, 1)
    if near:
        return f"did you mean {visible_name(near[0])}?"
    return f"it contains {len(names)}; use a display name, client ID or object ID"


def _read(text: str, usage_days: int | None) -> tuple[Reading, str, str]:
    """What *text* names: the reading, its file, folder or tenant, and the name after ``#``.

    A tenant is read as ``lint --tenant ID --only NAME`` does, with the cloud and sign-in of the environment. Raises
    ``UsageError`` for a tenant that cannot be reached and ``InputError`` where it has no such registration.
    """
    if not text.startswith("tenant:"):
        if usage_days is not None:
            raise UsageError("--usage live needs a tenant", hint="write --registration tenant:contoso.com#NAME")
        file, name = _split(text)
        return read_paths([file], stdin=sys.stdin.buffer.read), file, name
    tenant, _, name = text.removeprefix("tenant:").partition("#")
    if not tenant or not name:
        raise InputError(f"{text!r} names no registration of a tenant", hint="write tenant:contoso.com#NAME")
    access = TenantAccess(
        tenants=(tenant,),
        only=(name,),
        cloud=os.environ.get("GRANTLINT_CLOUD", "global"),
        endpoint=os.environ.get("GRANTLINT_GRAPH_ENDPOINT"),
        authority=os.environ.get("AZURE_AUTHORITY_HOST"),
        usage_days=usage_days,
    )
    reading = read_inputs([], access)
    unread = next((row for row in reading.inputs if row.status == "not-read"), None)
    if unread is not None and not reading.subjects:
        raise InputError(unread.note, file=tenant, hint=unread.remedy or "lint --tenant gives more details")
    return reading, tenant, name


def _split(text: str) -> tuple[str, str]:
    """The path and the name after ``#``. A path that itself contains a ``#`` is taken whole."""
    if "#" not in text or Path(text).exists():
        return text, ""
    path, _, name = text.rpartition("#")
    return path, name
