"""Compare the report of edited files with that of the files as they are: what was fixed is gone, nothing is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from reports.report import Report
from reports.rows import FindingRow
from rules.engine.findings import value_at
from rules.model.finding import SEVERITIES
from rules.model.registration import UNSET
from rules.primitives.patch import leaves, plain

Place = tuple[str, str]


def objection(before: Report, after: Report, fixed: Sequence[FindingRow], apps: Mapping[str, msgspec.Struct]) -> str:
    """Why edits that fix *fixed* must not be written, as what follows "not fixed:"; empty where they may.

    *apps* are the registrations after the edits. A rule that was fixed may then say what it cannot assess of a new
    part, if the values that the fix wrote were read.
    """
    return next(_objections(before, after, fixed, apps), "")


def _objections(
    before: Report, after: Report, fixed: Sequence[FindingRow], apps: Mapping[str, msgspec.Struct]
) -> Iterator[str]:
    if len(after.problems) > len(before.problems) or _unread(after) > _unread(before):
        yield "the file could not be read after the change"
    if [row.key for row in after.registrations] != [row.key for row in before.registrations]:
        yield "other registrations would be found after the change"
    read = {(one.registration, one.rule) for one in fixed if _is_read(one, apps[one.registration])}
    were, are = _severities(before.findings), _severities(after.findings)
    yield from (
        f"{place[1]} would be reported after the change"
        for place, ranks in are.items()
        if not _is_within(ranks, were[place])
    )
    for count, why in ((_new, "a suppression of {} would no longer apply"), (_gaps, "{} could not be assessed")):
        earlier = count(before)
        yield from (
            why.format(place[1])
            for place, now in count(after).items()
            if now > earlier[place] and not (count is _gaps and place in read)
        )
    for place, number in Counter((one.registration, one.rule) for one in fixed).items():
        if len(are[place]) > len(were[place]) - number:
            yield "it would still be reported after the change"


def _is_read(finding: FindingRow, app: msgspec.Struct) -> bool:
    """Whether *app* has the values of the patch of *finding*."""
    found = {pointer: value_at(app, pointer) for pointer in leaves(finding.patch or {})}
    return all(
        found[pointer] is not UNSET and plain(msgspec.to_builtins(found[pointer])) == value
        for pointer, value in leaves(finding.patch or {}).items()
    )


def _unread(report: Report) -> int:
    return sum(row.status != "read" for row in report.inputs)


def _severities(findings: Iterable[FindingRow]) -> defaultdict[Place, list[int]]:
    """The ranks of all findings by registration and rule, the worst first."""
    found: defaultdict[Place, list[int]] = defaultdict(list)
    for one in findings:
        found[one.registration, one.rule].append(SEVERITIES.index(one.severity))
    for ranks in found.values():
        ranks.sort()
    return found


def _is_within(ranks: Sequence[int], earlier: Sequence[int]) -> bool:
    """Whether there are no more findings than *earlier*, and none is worse."""
    return len(ranks) <= len(earlier) and all(one >= other for one, other in zip(ranks, earlier, strict=False))


def _new(report: Report) -> Counter[Place]:
    return Counter((one.registration, one.rule) for one in report.findings if one.state == "new")


def _gaps(report: Report) -> Counter[Place]:
    return Counter((gap.registration, gap.rule) for gap in report.not_assessed)
