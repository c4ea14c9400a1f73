"""Findings about the configuration itself: suppressions that are unused, have ended, or give no reason.

Each is checked only where the run could tell: a suppression is unused when its rules ran and its registrations were
read, not when a part of the files was linted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from advisor.policy.patterns import is_about, lies_in
from advisor.policy.suppressions import Suppression
from reports.rows import FindingRow, Origin, RegistrationRow, RuleText
from rules.model.finding import Severity

_FAMILY: Final = "configuration"

#: What reports say about these findings; their rules live here, since they check no registration.
SUPPRESSION_RULES: Final = (
    RuleText(
        id="expired-suppression",
        title="A suppression has ended and is still written down.",
        why="Somebody promised to fix it by that day; the finding counts again.",
        fix="Fix the finding and remove the suppression, or renew it with a reason and a day.",
        family=_FAMILY,
        severity="medium",
        references=(),
    ),
    RuleText(
        id="unused-suppression",
        title="A suppression accepts nothing.",
        why="What it accepted is fixed, and the next mistake of that kind would be accepted unseen.",
        fix="Remove the suppression.",
        family=_FAMILY,
        severity="low",
        references=(),
    ),
    RuleText(
        id="suppression-without-reason",
        title="A suppression gives no reason.",
        why="Nobody can check later whether it still holds.",
        fix="Write down why the finding is accepted, and by whom.",
        family=_FAMILY,
        severity="low",
        references=(),
    ),
)
_SEVERITIES: Final[Mapping[str, Severity]] = {text.id: text.severity for text in SUPPRESSION_RULES}


def check_suppressions(
    suppressions: Iterable[Suppression],
    *,
    used: Collection[int],
    rows: Collection[RegistrationRow],
    ran: Collection[str],
    today: date,
    whole: bool,
    broken: Collection[str] = (),
) -> Iterator[FindingRow]:
    """Findings about suppressions. *used* are the positions of those that covered a finding, *ran* rules and families
    that ran.

    *whole* says that everything there is was read (a folder, a tenant), so that a name that nobody has is unused too.
    In a *broken* file a comment may speak of what could not be read.
    """
    for position, suppression in enumerate(suppressions):
        if not suppression.reason:
            yield _finding("suppression-without-reason", suppression, "gives no reason")
        if suppression.has_ended(today):
            yield _finding(
                "expired-suppression", suppression, f"ended on {suppression.until or suppression.until_text}"
            )
        elif suppression.is_inline and suppression.file in broken:
            continue
        elif position not in used and _could_tell(suppression, rows, ran, whole=whole):
            yield _finding("unused-suppression", suppression, "accepts nothing")


def _could_tell(
    suppression: Suppression, rows: Collection[RegistrationRow], ran: Collection[str], *, whole: bool
) -> bool:
    if not set(suppression.rules) <= set(ran):
        return False
    if suppression.is_inline or whole:
        return True
    if suppression.registrations:
        return any(is_about(row, suppression.registrations) for row in rows)
    return any(lies_in(row.origin.file, suppression.paths) for row in rows) if suppression.paths else bool(rows)


def _finding(rule: str, suppression: Suppression, words: str) -> FindingRow:
    rules = ", ".join(suppression.rules)
    about = ", ".join((*suppression.registrations, *suppression.paths))
    what = f"the suppression of {rules}" + (f" for {about}" if about else "")
    identity = "\0".join((rule, rules, about, suppression.file if suppression.is_inline else "", suppression.reason))
    return FindingRow(
        rule=rule,
        severity=_SEVERITIES[rule],
        registration=suppression.file,
        pointer="",
        message=f"{what} {words}",
        value=rules,
        fingerprint=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        origin=Origin(file=suppression.file, line=suppression.line, column=1, property="suppress"),
    )
