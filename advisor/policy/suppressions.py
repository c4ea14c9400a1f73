"""Accepted findings: a suppression names rules, registrations or paths, values, a reason, an owner and its last day.

It is in the configuration (``[[suppress]]``) or as a comment at the value in formats that have comments::

    "oauth2AllowImplicitFlow": true, // grantlint: ignore[implicit-access-token] until 2027-01-31 by web-team: old
    library

A comment is for the findings on its own line, or on the next line when it is alone. The last day still counts. A
comment that was meant as a suppression and is not valid has no effect, and is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec

from advisor.policy.patterns import is_about, is_below, lies_in
from advisor.policy.renamed import new_names
from reports.rows import FindingRow, RegistrationRow

_COMMENT: Final = re.compile(
    r"(?P<before>.*?)(?://|\#|/\*)\s*grantlint:\s*ignore\[(?P<rules>[^\]]*)\](?P<rest>.*?)(?:\*/.*)?$"
)
_REST: Final = re.compile(r"\s*(?:until\s+(?P<until>[^\s:]+)\s*)?(?:by\s+(?P<owner>[^:]+))?(?::(?P<reason>.*))?$")
#: What other tools call it, and other spellings: with what is behind it, up to the end of the comment.
_NEAR: Final = re.compile(
    r"(?P<before>.*?)(?://|\#|/\*)\s*grantlint\s*(?:[:-]\s*)?(?:ignored?|disable|suppress|skip|allow|noqa|nolint)\b"
    r"\s*(?P<rest>.*?)(?:\*/.*)?$",
    re.IGNORECASE,
)
#: What shows that a text without a colon is more than a reason.
_PART: Final = re.compile(r"\d{4}|\b(?:until|by)\b", re.IGNORECASE)
_SYNTAX: Final = "grantlint: ignore[RULE] until DATE by OWNER: REASON"


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted finding. ``rules`` are rules or families; ``registrations``, ``paths`` and ``values`` are patterns,
    and empty means all.

    ``until`` is the last day on which it is valid, ``line`` where it is in ``file``. An ``inline`` one is for the lines
    in ``lines``; ``fault`` says why such a comment is not valid.
    """

    rules: tuple[str, ...]
    registrations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    until: date | None = None
    file: str = ""
    line: int | None = None
    lines: tuple[int, ...] = ()
    #: The old names of renamed rules that its text has; ``rules`` has the new ones.
    old_names: tuple[str, ...] = ()
    fault: str = ""
    #: The folder that it is limited to, that of a file of its own; empty for all.
    folder: str = ""

    @property
    def is_inline(self) -> bool:
        """Whether it is a comment in a file."""
        return bool(self.lines)

    def has_ended(self, today: date) -> bool:
        """Whether its last day lies before *today*."""
        return self.until is not None and self.until < today

    def covers(self, finding: FindingRow, family: str, row: RegistrationRow) -> bool:
        """Whether it is for *finding*, whose rule belongs to *family*, on the registration *row*."""
        if self.fault or (finding.rule not in self.rules and family not in self.rules):
            return False
        if self.is_inline:
            return finding.origin.file == self.file and finding.origin.line in self.lines
        if self.folder and not is_below(finding.origin.file or row.origin.file, self.folder):
            return False
        if self.values and not any(
            value == finding.value or fnmatchcase(finding.value, value) for value in self.values
        ):
            return False
        if self.registrations and not is_about(row, self.registrations):
            return False
        return not self.paths or lies_in(finding.origin.file or row.origin.file, self.paths)


class Requirements(msgspec.Struct, frozen=True, kw_only=True):
    """What an organization requires of suppressions; ``fixed`` are rules and families that cannot be suppressed."""

    max_days: int | None = None
    owner: bool = False
    until: bool = False
    value: bool = False
    fixed: frozenset[str] = frozenset()

    def stricter(self, other: Requirements) -> Requirements:
        """Both at once: a configuration can tighten the requirements of its profile, and not loosen them."""
        limits = [days for days in (self.max_days, other.max_days) if days is not None]
        return Requirements(
            max_days=min(limits, default=None),
            owner=self.owner or other.owner,
            until=self.until or other.until,
            value=self.value or other.value,
            fixed=self.fixed | other.fixed,
        )

    def values(self) -> dict[str, Any]:
        """The requirements that there are, by their dotted names in a configuration."""
        found = {
            "max-suppression-days": self.max_days,
            "require-owner": self.owner,
            "require-until": self.until,
            "require-value": self.value,
        }
        return {
            **{f"suppressions.{name}": value for name, value in found.items() if value},
            **{f"ignorable.{name}": False for name in sorted(self.fixed)},
        }

    def unmet(self, suppression: Suppression, today: date) -> tuple[str, ...]:
        """The requirements that *suppression* does not meet, as ends of a sentence about it."""
        found = []
        if self.owner and not suppression.owner:
            found.append("has no owner (require-owner)")
        if suppression.until is None and (self.until or self.max_days is not None):
            found.append(f"has no last day ({'require-until' if self.until else 'max-suppression-days'})")
        elif suppression.until is not None and self.max_days is not None:
            days = (suppression.until - today).days
            if days > self.max_days:
                found.append(f"ends in {days:,} days, and the limit is {self.max_days:,} (max-suppression-days)")
        if self.value and not suppression.values and not suppression.is_inline:
            found.append("has no value (require-value)")
        return tuple(found)

    def forbids(self, rule: str, family: str) -> bool:
        """Whether findings of *rule* cannot be suppressed."""
        return not self.fixed.isdisjoint((rule, family))


def read_comments(texts: Mapping[str, str], known: Collection[str] = ()) -> Iterator[Suppression]:
    """The suppressions in the comments of files, also those that are not valid: *texts* by file name.

    *known* are rules and families: only before one of these is a word without brackets meant as a suppression.
    """
    for file, text in texts.items():
        if "grantlint" not in text.casefold():
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if "grantlint" not in line.casefold():
                continue
            match = _COMMENT.match(line)
            if match and not _is_text(match["before"], file):
                yield _from_comment(match, file, number)
            elif (near := _NEAR.match(line)) and not _is_text(near["before"], file) and _is_meant(near["rest"], known):
                yield _invalid((), file, number, near["before"], f"is not valid; write {_SYNTAX}")


def _is_text(before: str, file: str) -> bool:
    """Whether what is behind *before* on its line is inside a text in quotation marks, and no comment."""
    mark = "'" if file.endswith(".bicep") else '"'
    return (before.count(mark) - before.count(f"\\{mark}")) % 2 == 1


def _is_meant(rest: str, known: Collection[str]) -> bool:
    """Whether *rest*, behind a word such as ``ignore``, shows that a comment was meant as a suppression."""
    words = re.findall(r"[\w-]+", rest)
    return not rest or rest[0] in "[(:=" or (bool(words) and words[0] in known)


def _from_comment(match: re.Match[str], file: str, number: int) -> Suppression:
    rules = tuple(name.strip() for name in match["rules"].split(",") if name.strip())
    rest = _REST.match(match["rest"])
    if not rules or (rest is None and _PART.search(match["rest"])):
        return _invalid(rules, file, number, match["before"], f"is not valid; write {_SYNTAX}")
    until, owner, reason = rest.group("until", "owner", "reason") if rest else (None, None, match["rest"])
    day = _day(until) if until else None
    if until and day is None:
        fault = f"has an invalid date {until!r}; write a date such as 2027-01-31"
        return _invalid(rules, file, number, match["before"], fault)
    return Suppression(
        rules=tuple(new_names().get(name, name) for name in rules),
        old_names=tuple(name for name in rules if name in new_names()),
        reason=(reason or "").strip(),
        owner=(owner or "").strip(),
        until=day,
        file=file,
        line=number,
        lines=_lines(number, match["before"]),
    )


def _invalid(rules: tuple[str, ...], file: str, number: int, before: str, fault: str) -> Suppression:
    return Suppression(rules=rules, file=file, line=number, lines=_lines(number, before), fault=fault)


def _lines(number: int, before: str) -> tuple[int, ...]:
    """The lines that a comment is for: also the next one when nothing is *before* it."""
    return (number,) if before.strip() else (number, number + 1)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
