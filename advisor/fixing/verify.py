"""Compare the report of edited files with that of the files as they are: what was fixed is gone, nothing is new."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from reports.report import Report
from reports.rows import FindingRow
from rules.model.finding import SEVERITIES

Place = tuple[str, str]


def objection(before: Report, after: Report, fixed: Sequence[FindingRow]) -> str:
    """Why edits that fix *fixed* must not be written, as what follows "not fixed:"; empty where they may."""
    return next(_objections(before, after, fixed), "")


def _objections(before: Report, after: Report, fixed: Sequence[FindingRow]) -> Iterator[str]:
    if len(after.problems) > len(before.problems) or _unread(after) > _unread(before):
        yield "the file could not be read after the change"
    if [row.key for row in after.registrations] != [row.key for row in before.registrations]:
        yield "other registrations would be found after the change"
    were, are = _severities(before.findings), _severities(after.findings)
    yield from (
        f"{place[1]} would be reported after the change"
        for place, ranks in are.items()
        if not _is_within(ranks, were[place])
    )
    for count, why in ((_new, "a suppression of {} would no longer apply"), (_gaps, "{} could not be assessed")):
        earlier = count(before)
        yield from (why.format(place[1]) for place, now in count(after).items() if now > earlier[place])
    for place, number in Counter((one.registration, one.rule) for one in fixed).items():
        if len(are[place]) > len(were[place]) - number:
            yield "it would still be reported after the change"


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
