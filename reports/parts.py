"""Split a report: one for each owner or each registration, so that each owner gets one part and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from reports.escape import visible, visible_name
from reports.report import EarlierRun, Report, Summary, Trend
from reports.rows import Input, Owner, RegistrationRow
from reports.trend import count
from rules.knowledge.grant_flow import flow_of
from rules.model.finding import SEVERITIES
from rules.model.gap_list import GapList

SplitBy = Literal["owner", "registration"]

#: The parts of registrations without an owner, and of those whose owners were not read.
NO_OWNER: Final = "no owner"
NOT_READ: Final = "owners not read"
#: The part of what has no owner to be read: the tenant, and service principals of applications that live elsewhere.
NOT_OWNED: Final = "tenant and service principals"

_SLUG: Final = re.compile(r"[^a-z0-9]+")


class Part(msgspec.Struct, frozen=True):
    """A part: whom or what it is about, a piece of a file name that says so, and its report."""

    name: str
    slug: str
    report: Report


def split(report: Report, by: SplitBy) -> tuple[Part, ...]:
    """The parts in the order of their names. A registration with two owners is in both parts."""
    groups: dict[str, tuple[str, list[RegistrationRow]]] = {}
    for row in report.registrations:
        for identity, name in _groups_of(row, by):
            groups.setdefault(identity, (name, []))[1].append(row)
    named = sorted(groups.items(), key=lambda group: (group[1][0].casefold(), group[0]))
    return tuple(Part(name, _slug(name, identity), _part(report, name, rows)) for identity, (name, rows) in named)


def owner_name(owner: Owner) -> str:
    """What an owner is called: the address if there is one, for the message to the owner."""
    return visible_name(owner.address or owner.name or owner.id)


def owners_of(row: RegistrationRow) -> tuple[str, ...]:
    """The owners of a registration by name, or what is known about them."""
    if row.kind != "registration" and not row.owners:
        return (NOT_OWNED,)
    if row.owners is None:
        return (NOT_READ,)
    return tuple(dict.fromkeys(map(owner_name, row.owners))) or (NO_OWNER,)


def _groups_of(row: RegistrationRow, by: SplitBy) -> Iterator[tuple[str, str]]:
    if by == "registration":
        yield row.key, visible_name(row.name)
    elif not row.owners:
        (name,) = owners_of(row)
        yield f" {name}", name  # no owner has such an identity
    else:
        for owner in row.owners:
            yield (owner.id or owner.address or owner.name).casefold(), owner_name(owner)


def _slug(name: str, identity: str) -> str:
    """A piece of a file name out of letters and digits alone; what tells two of one name apart ends it."""
    mark = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{_SLUG.sub('-', name.casefold())[:40].strip('-') or 'part'}-{mark}"


def _part(report: Report, name: str, rows: Iterable[RegistrationRow]) -> Report:
    """The part, built anew from the fields named here: what is added to the report one day may be about others."""
    kept = tuple(rows)
    keys = {row.key for row in kept}
    names = {row.name for row in kept}
    ids = {row.app_id for row in kept if row.app_id}
    files = {row.origin.file for row in kept if row.origin.file}
    working = tuple(row for row in report.working if row.registration in keys)
    sent = {name for row in working for name in row.requests}
    requests = tuple(request for request in report.requests if request.id in sent)
    advices = tuple(advice for advice in report.advices if advice.client_name in names)
    shown = {request.grant for request in requests} | {flow_of(advice.grant, advice.leaf) for advice in advices}
    whole = Report(
        tool=report.tool,
        made_at=report.made_at,
        judged_at=report.judged_at,
        shown_at=report.shown_at,
        title=f"{report.title}: {name}",
        part=name,
        inputs=tuple(source for source in report.inputs if source.status != "read" or _holds(source, files)),
        problems=report.problems,
        rules=report.rules,
        grants=report.grants,
        registrations=kept,
        findings=tuple(finding for finding in report.findings if finding.registration in keys),
        fixed=tuple(finding for finding in report.fixed if finding.registration in keys),
        not_assessed=GapList.of(report.not_assessed).of_registrations(keys.__contains__),
        postures=tuple(row for row in report.postures if row.registration in keys),
        usage=tuple(row for row in report.usage if row.registration in keys),
        reach=report.reach,
        requests=requests,
        working=working,
        sequences=tuple(row for row in report.sequences if row.grant in shown),
        advices=advices,
        tree=report.tree if advices else None,
        built_for=tuple(built for built in report.built_for if built.app_id in ids),
        policy_changes=report.policy_changes,
        against=report.against,
        trend=_trend(report, keys),
        anchor=report.anchor,
        redacted=report.redacted,
        summary=report.summary,
    )
    return msgspec.structs.replace(whole, summary=_summary(whole, report.summary))


def _trend(report: Report, keys: set[str]) -> Trend | None:
    """What came and went in the registrations with these *keys*; the earlier runs keep their moments alone."""
    if report.trend is None:
        return None
    came, stayed = count(finding for finding in report.findings if finding.registration in keys)
    return Trend(
        runs=tuple(
            EarlierRun(made_at=run.made_at, read_at=run.read_at, title="", registrations=0, open=0)
            for run in report.trend.runs
        ),
        came=came,
        stayed=stayed,
        gone=tuple(row for row in report.trend.gone if row.key in keys),
        later=report.trend.later,
    )


def _holds(source: Input, files: set[str]) -> bool:
    """Whether one of the *files* is this source, or lies in the folder that it is."""
    folder = source.name.rstrip("/") + "/"
    return any(file == source.name or file.startswith(folder) for file in files)


def _summary(part: Report, whole: Summary) -> Summary:
    """The figures of the part. What spoilt the run as a whole may have touched it; findings of others do not."""
    counts = Counter(finding.severity for finding in part.findings if finding.state == "new")
    spoilt = whole.exit_status not in (0, 1)
    status = whole.exit_status if spoilt or counts else 0
    return msgspec.structs.replace(
        whole,
        registrations=sum(row.kind == "registration" for row in part.registrations),
        findings=len(part.findings),
        by_severity={severity: counts[severity] for severity in SEVERITIES},
        known=sum(finding.state == "known" for finding in part.findings),
        suppressed=sum(finding.state == "suppressed" for finding in part.findings),
        not_assessed=GapList.of(part.not_assessed).checks(),
        verdict=whole.verdict if spoilt else "findings" if counts else "no-findings",
        exit_status=status,
        exit_reason=whole.exit_reason if spoilt or counts else "",
    )


def index_rows(parts: Iterable[tuple[Part, str]]) -> list[tuple[str, ...]]:
    """The table of an index: a heading, then name, file and figures of each part, the one at most risk first."""
    rows: list[tuple[str, ...]] = [("part", "file", "registrations", *SEVERITIES, "not assessed")]
    for part, file in sorted(parts, key=lambda row: _risk(row[0])):
        summary = part.report.summary
        figures = (summary.registrations, *summary.by_severity.values(), summary.not_assessed)
        rows.append((visible(part.name), visible(file), *map(str, figures)))
    return rows


def _risk(part: Part) -> list[int]:
    """The sort key of a part: how many findings of each severity it has, the worst severity first."""
    return [-number for number in part.report.summary.by_severity.values()]
