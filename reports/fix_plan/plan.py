"""What a fix plan holds: for each registration the requests that fix its new findings, and what is left to users.

In: a report. Out: steps, each with one request, the findings that it fixes, what was there, what will, and how to go
back. The registration at most risk is first. In each, settings that no sign-in used come first, then the steps on which
no sign-in depends, and settings in use last. Findings that
write one list become one request; findings that contradict each other are left to users. What is known or accepted is
left out, and a registration that files define is fixed there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from reports.fix_plan.merge import Merged, merge
from reports.fix_plan.removal import removal
from reports.fix_plan.step import NO_HOST, NO_ID, NO_REQUEST, ByHand, Check, Request, Step, Undo
from reports.report import Report
from reports.rows import FindingRow, RegistrationRow, Shape, UsageEntry
from reports.use import GRANTS_OF, turned_off, words_of_uses
from rules.analysis.risk import risk
from rules.docs.requests import GRAPH, Target, address, target_of
from rules.knowledge.addresses import CLOUDS, addresses
from rules.model.finding import SEVERITIES
from rules.primitives.patch import nested

_HOST: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")

#: How the formats of deployments begin: a tenant that is fixed behind their back is undone by the next one.
_DEPLOYED: Final = ("ARM", "Bicep", "Kubernetes", "Pulumi", "Terraform")


class Block(Shape, frozen=True, kw_only=True):
    """One registration of the plan. ``in_files`` are findings of one that files define; it has no steps then."""

    key: str
    row: RegistrationRow | None
    steps: tuple[Step, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    in_files: tuple[FindingRow, ...] = ()

    @property
    def name(self) -> str:
        """The name of the registration; the report's key for what has no row."""
        return self.row.name if self.row else self.key


class Plan(Shape, frozen=True, kw_only=True):
    """All blocks, the registration at most risk first, those without a new finding left out."""

    blocks: tuple[Block, ...]
    left_out: int

    @property
    def steps(self) -> int:
        """How many steps there are in all blocks."""
        return sum(len(block.steps) for block in self.blocks)


def make_plan(report: Report) -> Plan:
    """The plan that fixes the new findings of *report*."""
    rows = {row.key: row for row in report.registrations}
    fresh: dict[str, list[FindingRow]] = {key: [] for key in rows}
    for finding in report.findings:
        if finding.state == "new":
            fresh.setdefault(finding.registration, []).append(finding)
    order = sorted((key for key in fresh if fresh[key]), key=lambda key: _risk(fresh[key]))
    uses = {row.registration: row.entries for row in report.usage}
    blocks = tuple(_block(key, rows.get(key), fresh[key], report.judged_at, uses.get(key, ())) for key in order)
    return Plan(blocks=blocks, left_out=len(report.findings) - sum(map(len, fresh.values())))


def _risk(findings: Sequence[FindingRow]) -> list[int]:
    """The sort key of a registration: how many findings of each severity it has, the worst severity first."""
    counts = Counter(finding.severity for finding in findings)
    return [-counts[severity] for severity in SEVERITIES]


def graph_of(row: RegistrationRow) -> str | None:
    """Where the requests for *row* go: to the Graph that it was read from, to that of the global cloud for a file.

    ``None`` for what is not the address of a host.
    """
    host = row.graph or GRAPH
    return host if _HOST.fullmatch(host) else None


def in_cloud(url: str) -> bool:
    """Whether *url* begins with the Microsoft Graph of one of the clouds: a token is sent to no other host."""
    return any(url.startswith(addresses()["graph"].in_cloud(cloud) + "/") for cloud in CLOUDS)


def _block(
    key: str, row: RegistrationRow | None, findings: Sequence[FindingRow], now: str, uses: Sequence[UsageEntry]
) -> Block:
    findings = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    if row is not None and row.origin.file and not row.tenant and row.format.startswith(_DEPLOYED):
        return Block(key=key, row=row, in_files=tuple(findings))
    if row is not None and graph_of(row) is None:
        return Block(key=key, row=row, by_hand=tuple(ByHand(finding=finding, why=NO_HOST) for finding in findings))
    steps: list[Step] = []
    by_hand: list[ByHand] = []
    for said in (*_writes(row, findings), *_removals(row, findings, now)):
        (steps if isinstance(said, Step) else by_hand).append(said)  # type: ignore[arg-type]
    by_hand += [ByHand(finding=finding) for finding in findings if not finding.patch]
    by_hand.sort(key=lambda one: SEVERITIES.index(one.finding.severity))
    steps = [_with_use(step, uses) for step in steps]
    steps.sort(key=_order)
    return Block(key=key, row=row, steps=tuple(steps), by_hand=tuple(by_hand))


def _with_use(step: Step, uses: Sequence[UsageEntry]) -> Step:
    """The step with what *uses* of its registration say of the grants that it turns off.

    A grant is unused only where all of the step's settings do nothing else, and the evidence is enough to turn it off.
    """
    mine = turned_off(step.after, uses)
    used = [entry for entry in mine if entry.used == "seen"]
    is_unused = (
        all(pointer in GRANTS_OF and value is False for pointer, value in step.after.items())
        and any(entry.says == "can-be-turned-off" for entry in mine)
        and all(entry.used == "not-seen" for entry in mine)
    )
    said = used or (mine if is_unused else [])
    return msgspec.structs.replace(
        step,
        use=words_of_uses(said),
        is_used=bool(used),
        is_unused=is_unused,
    )


def _order(step: Step) -> tuple[bool, bool, bool, int]:
    """Settings that nothing uses first, then steps on which no sign-in depends; settings in use last."""
    return step.is_used, not step.is_unused, bool(step.breaks), SEVERITIES.index(step.findings[0].severity)


def _writes(row: RegistrationRow | None, findings: Sequence[FindingRow]) -> Iterator[Step | ByHand]:
    """One step for each set of findings that write the same, by PATCH or PUT."""
    by_target: dict[Target, list[FindingRow]] = {}
    for finding in findings:
        if not finding.patch:
            continue
        target = target_of(finding.pointer)
        if target is None:
            yield ByHand(finding=finding, why=NO_REQUEST)
        elif target.kind in ("patch", "put"):
            by_target.setdefault(target, []).append(finding)
    before = (row.before if row else None) or {}
    for target, those in by_target.items():
        where = address(target, row.object_id, row.app_id, graph_of(row) or GRAPH) if row else None
        for merged in merge(those, before):
            yield from (ByHand(finding=finding, why=why) for finding, why in merged.refused)
            if merged.findings:
                yield from _write(target, where, merged, before)


def _write(target: Target, where: str | None, merged: Merged, before: dict[str, Any]) -> Iterator[Step | ByHand]:
    places = {pointer: _place_in(before, pointer) for pointer in merged.after}
    known = {place: before[place] for place in places.values() if place is not None}
    body, back = nested(merged.after), nested(known)
    if target.nested:
        body, back = (next(iter(part.values()), {}) or {} for part in (body, back))
    missing = [name for name in target.members if name not in body]
    if where is None or missing:
        why = NO_ID if where is None else f"the request must also have {', '.join(missing)}"
        yield from (ByHand(finding=finding, why=why) for finding in merged.findings)
        return
    method = "PUT" if target.kind == "put" else "PATCH"
    shown = where if target.path.startswith("policies/") else f"{where}?$select={','.join(['id', *body])}"
    yield Step(
        findings=merged.findings,
        request=Request(method, where, body),
        before=known,
        after=merged.after,
        check=Check(url=shown, read=back, done=body),
        undo=Undo(
            method=method,
            url=where,
            check=Check(url=shown, read=body, done=back),
            known=None if None in places.values() else back,
            keeps=body,
        ),
        breaks=risk(merged.after, known),
    )


def _place_in(before: dict[str, Any], pointer: str) -> str | None:
    """Where the value at *pointer* is in *before*: there, or at a null above it; ``None`` where it was not read."""
    if pointer in before:
        return pointer
    above = pointer.rpartition("/")[0]
    while above and above not in before:
        above = above.rpartition("/")[0]
    return above if above and before[above] is None else None


def _removals(row: RegistrationRow | None, findings: Sequence[FindingRow], now: str) -> Iterator[Step | ByHand]:
    """One step for each credential or owner that is taken out."""
    by_place: dict[str, list[FindingRow]] = {}
    for finding in findings:
        target = target_of(finding.pointer) if finding.patch else None
        if target is not None and target.kind not in ("patch", "put"):
            by_place.setdefault(finding.pointer, []).append(finding)
    for pointer, those in by_place.items():
        step = removal(row, pointer, tuple(those), now, (graph_of(row) if row else None) or GRAPH)
        if isinstance(step, str):
            yield from (ByHand(finding=finding, why=step) for finding in those)
        else:
            yield step
