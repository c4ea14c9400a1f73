"""Accepted findings: a suppression names rules, registrations or paths, a reason, an owner and when it ends.

It is in the configuration (``[[suppress]]``) or as a comment at the value in formats that have comments::

    "oauth2AllowImplicitFlow": true, // grantlint: ignore[implicit-access-token] until 2027-01-31 by web-team: old
    library

A comment speaks of the finding on its own line, or on the next line when it is alone. The last day still counts. A
date that is not valid counts as past.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from advisor.policy.patterns import is_about, is_below, lies_in
from reports.rows import FindingRow, RegistrationRow

_COMMENT: Final = re.compile(
    r"(?P<before>.*?)(?://|\#|/\*)\s*grantlint:\s*ignore\[(?P<rules>[^\]]*)\](?P<rest>.*?)(?:\*/.*)?$"
)
_REST: Final = re.compile(
    r"\s*(?:until\s+(?P<until>\S+?))?(?:\s*by\s+(?P<owner>[^:]+?))?\s*(?::\s*(?P<reason>.*?))?\s*$"
)


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted finding. ``rules`` are rules or families, ``registrations`` and ``paths`` patterns; empty means all.

    ``until`` is the last day on which it holds, ``line`` where it is in ``file``. An ``inline`` one speaks of the
    lines in ``lines``.
    """

    rules: tuple[str, ...]
    registrations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    until: date | None = None
    until_text: str = ""
    file: str = ""
    line: int | None = None
    lines: tuple[int, ...] = ()
    #: The folder that it is limited to, that of a file of its own; empty for all.
    folder: str = ""

    @property
    def is_inline(self) -> bool:
        """Whether it is a comment in a file."""
        return bool(self.lines)

    def has_ended(self, today: date) -> bool:
        """Whether its last day lies before *today*, or is a text that is no date."""
        return (self.until is None and bool(self.until_text)) or (self.until is not None and self.until < today)

    def covers(self, finding: FindingRow, family: str, row: RegistrationRow) -> bool:
        """Whether it speaks of *finding*, whose rule belongs to *family*, on the registration *row*."""
        if finding.rule not in self.rules and family not in self.rules:
            return False
        if self.is_inline:
            return finding.origin.file == self.file and finding.origin.line in self.lines
        if self.folder and not is_below(finding.origin.file or row.origin.file, self.folder):
            return False
        if self.registrations and not is_about(row, self.registrations):
            return False
        return not self.paths or lies_in(finding.origin.file or row.origin.file, self.paths)


def read_comments(texts: Mapping[str, str]) -> Iterator[Suppression]:
    """The suppressions in the comments of files: *texts* by file name."""
    for file, text in texts.items():
        if "grantlint:" not in text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = _COMMENT.match(line) if "grantlint:" in line else None
            if match and not _is_text(match["before"], file):
                yield _from_comment(match, file, number)


def _is_text(before: str, file: str) -> bool:
    """Whether what is behind *before* on its line is inside a text in quotation marks, and no comment."""
    mark = "'" if file.endswith(".bicep") else '"'
    return (before.count(mark) - before.count(f"\\{mark}")) % 2 == 1


def _from_comment(match: re.Match[str], file: str, number: int) -> Suppression:
    rest = _REST.match(match["rest"])
    until, owner, reason = rest.group("until", "owner", "reason") if rest else (None, None, match["rest"])
    alone = not match["before"].strip()
    return Suppression(
        rules=tuple(name.strip() for name in match["rules"].split(",") if name.strip()),
        reason=(reason or "").strip(),
        owner=(owner or "").strip(),
        until=_day(until or ""),
        until_text=until or "",
        file=file,
        line=number,
        lines=(number, number + 1) if alone else (number,),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
