"""Merge reports of separate runs into one, without loss: a shard for each tenant, say, and one report of all.

Rules that compare registrations ran within each report; nothing is checked again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from reports.escape import visible_name
from reports.report import Report, Summary, Verdict
from reports.rows import RequestText
from rules.model.finding import SEVERITIES
from rules.model.gap_list import GapList

T = TypeVar("T")

#: Worst first: the result of several runs is the worst of theirs.
_VERDICTS: Final[tuple[Verdict, ...]] = ("input-error", "incomplete", "findings", "no-findings")


class MergeError(ValueError):
    """The reports cannot be shown as one; the message says why."""


def merge(reports: Sequence[Report]) -> Report:
    """One report of *reports*. Its checks are as old as the oldest of theirs.

    Raises ``MergeError`` for reports of different versions, compared ones and parts, and for one that is named twice.
    """
    first = reports[0]
    if len(reports) == 1:
        return first
    _check(reports)
    renamed = _with_unique_keys(reports)
    titles = tuple(dict.fromkeys(one.title for one in renamed))
    newest = max(renamed, key=lambda one: one.made_at)
    return msgspec.structs.replace(
        newest,
        judged_at=min(one.judged_at for one in renamed),
        shown_at="",
        title=titles[0] if len(titles) == 1 else f"{len(reports)} reports",
        inputs=_all(renamed, "inputs"),
        problems=_all(renamed, "problems"),
        rules=_union(renamed, "rules", newest),
        registrations=_all(renamed, "registrations"),
        findings=_all(renamed, "findings"),
        not_assessed=GapList.of(*(one.not_assessed for one in renamed)),
        postures=_all(renamed, "postures"),
        usage=_all(renamed, "usage"),
        reach=tuple(dict.fromkeys(_all(renamed, "reach"))),
        requests=tuple({text.id: text for text in _all(renamed, "requests")}.values()),
        working=_all(renamed, "working"),
        sequences=tuple({one.grant: one for report in renamed for one in report.sequences}.values()),
        advices=_all(renamed, "advices"),
        undecided=_all(renamed, "undecided"),
        built_for=_all(renamed, "built_for"),
        notes=(
            *dict.fromkeys(_all(renamed, "notes")),
            f"Merged from {len(reports)} reports. Rules that compare registrations ran within each of them.",
        ),
        policy_changes=_all(renamed, "policy_changes"),
        fixed=_all(renamed, "fixed"),
        summary=_summary(renamed),
    )


def _check(reports: Sequence[Report]) -> None:
    first = reports[0]
    same: tuple[tuple[str, Callable[[Report], Any]], ...] = (
        ("were made by different versions of grantlint", lambda one: (one.tool, one.grants)),
        ("are compared with different revisions", lambda one: one.against),
        ("hide different names", lambda one: one.redacted),
        ("are attached to different files", lambda one: one.anchor),
    )
    for what, value in same:
        if any(value(one) != value(first) for one in reports):
            raise MergeError(f"the reports {what}")
    if any(one.trend or one.part for one in reports):
        raise MergeError(
            "a report is compared with an earlier one, or is a part of another; merge the original reports"
        )
    names: dict[bytes, str] = {}
    for one in reports:
        mine = {msgspec.json.encode(msgspec.structs.replace(row, key="")): row.name for row in one.registrations}
        twice = names.keys() & mine.keys()
        if twice:
            raise MergeError(f"{visible_name(mine[min(twice)])} is in two of the reports; name each report once")
        names |= mine
    if any(one.system or one.tree for one in reports):
        raise MergeError("a report of advise describes one system or tree; merge reports of lint")


def _all(reports: Iterable[Report], field: str) -> tuple[Any, ...]:
    return tuple(row for report in reports for row in getattr(report, field))


def _union(reports: Sequence[Report], field: str, newest: Report) -> tuple[Any, ...]:
    """The rows of all reports, once for each ID; what two reports say differently is as the newest says it."""
    found = {row.id: row for report in (*reports, newest) for row in getattr(report, field)}
    return tuple(found.values())


def _with_unique_keys(reports: Sequence[Report]) -> list[Report]:
    """The reports with keys of registrations and IDs of requests that no other report has."""
    keys: set[str] = set()
    texts: dict[str, RequestText] = {}
    return [_renamed(report, _new_keys(report, keys), _new_requests(report, texts)) for report in reports]


def _new_keys(report: Report, taken: set[str]) -> dict[str, str]:
    found = {row.key: _free(row.key, taken) for row in report.registrations}
    taken.update(found.values())
    return found


def _new_requests(report: Report, texts: dict[str, RequestText]) -> dict[str, str]:
    """The new ID of each request: that of an equal one, else one that is free. What is new is added to *texts*."""
    found = {}
    by_content = {msgspec.structs.replace(text, id=""): name for name, text in texts.items()}
    for text in report.requests:
        name = by_content.get(msgspec.structs.replace(text, id="")) or _free(text.id, texts)
        texts.setdefault(name, msgspec.structs.replace(text, id=name))
        found[text.id] = name
    return found


def _free(name: str, taken: Iterable[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}#{number}"
    return free


def _renamed(report: Report, keys: Mapping[str, str], requests: Mapping[str, str]) -> Report:
    def of(rows: Iterable[T], field: str = "registration") -> tuple[T, ...]:
        return tuple(_with(row, **{field: keys.get(getattr(row, field), getattr(row, field))}) for row in rows)

    return msgspec.structs.replace(
        report,
        registrations=of(report.registrations, "key"),
        findings=of(report.findings),
        not_assessed=GapList.of(report.not_assessed).with_registrations(lambda key: keys.get(key, key)),
        postures=of(report.postures),
        usage=of(report.usage),
        requests=tuple(_with(text, id=requests[text.id]) for text in report.requests),
        working=tuple(
            _with(row, requests=tuple(requests.get(name, name) for name in row.requests)) for row in of(report.working)
        ),
        built_for=of(report.built_for),
        fixed=of(report.fixed),
    )


def _with(row: T, **values: Any) -> T:
    """*row* with other values; itself where they are the same, as nearly always."""
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    return msgspec.structs.replace(row, **values)  # type: ignore[type-var]  # every row is a struct


def _summary(reports: Sequence[Report]) -> Summary:
    summaries = [one.summary for one in reports]
    worst = min(summaries, key=lambda one: _VERDICTS.index(one.verdict))
    counts = Counter[Any]()
    for one in summaries:
        counts.update(one.by_severity)

    def total(field: str) -> int:
        return sum(getattr(one, field) for one in summaries)

    return msgspec.structs.replace(
        worst,
        registrations=total("registrations"),
        rules=max(one.rules for one in summaries),
        findings=total("findings"),
        by_severity={severity: counts[severity] for severity in SEVERITIES},
        known=total("known"),
        suppressed=total("suppressed"),
        not_assessed=total("not_assessed"),
        problems=total("problems"),
    )
