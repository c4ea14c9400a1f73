"""The report: everything that a reader of a run may see, frozen, complete and versioned.

Whatever a renderer shows is here, so a stored report can be rendered again. Names are snake_case in JSON, except
inside ``patch``, which is Graph JSON. Rule texts stand once, in ``rules``; findings name their rule.
``reports.stored`` has the form in which it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from reports.advice import Advice, BuiltFor, SystemPicture, SystemRow, Tree, Undecided
from reports.rows import (
    FindingRow,
    GrantText,
    Input,
    PolicyChange,
    PostureRow,
    Problem,
    RegistrationRow,
    RequestRow,
    RequestText,
    RuleText,
    Shape,
    UsageRow,
)
from rules.knowledge import grant_flow
from rules.model.finding import NotAssessed, Severity
from rules.model.usage import Reach

SCHEMA = "urn:grantlint:report:2"

Verdict = Literal["findings", "no-findings", "incomplete", "input-error"]


class EarlierRun(Shape, frozen=True, kw_only=True):
    """A report that this one was compared with. ``open`` counts its findings that were not accepted; in a part of a
    split report there are no figures of the whole.

    ``read_at`` is when what it shows was read; in old reports it is empty, and ``made_at`` holds.
    """

    made_at: str
    read_at: str = ""
    title: str
    registrations: int
    open: int


class GoneRow(Shape, frozen=True, kw_only=True):
    """A finding of an earlier report that is no longer there: fixed, or what held it is gone.

    ``last_seen`` is when what the last report that had it shows was read. ``judged`` is false where that cannot be
    said: its registration was not checked again, or its rule could not check it. ``key`` is the registration in this
    report, empty where it is not in it.
    """

    rule: str
    severity: Severity
    registration: str
    message: str
    fingerprint: str
    last_seen: str
    judged: bool
    key: str = ""


class Trend(Shape, frozen=True, kw_only=True):
    """How this run compares with earlier ones, oldest first: findings that came, that went, that stayed open.

    ``later`` says that the latest of them was read after this one, so that what came and went is reversed.
    """

    runs: tuple[EarlierRun, ...]
    came: int
    stayed: int
    gone: tuple[GoneRow, ...]
    later: bool = False


class Summary(Shape, frozen=True, kw_only=True):
    """The figures that every format shows. ``by_severity`` counts new findings; known and suppressed stand apart.

    ``not_assessed`` counts checks: a rule on a registration is one, however many values it could not read.
    """

    registrations: int
    rules: int
    findings: int
    by_severity: dict[Severity, int]
    known: int
    suppressed: int
    not_assessed: int
    problems: int
    verdict: Verdict
    exit_status: int
    exit_reason: str


class Tool(Shape, frozen=True, kw_only=True):
    """What made the report."""

    name: str
    version: str


class Report(Shape, frozen=True, kw_only=True):
    """The frozen result of a run. ``made_at`` and ``judged_at`` are RFC 3339 in UTC; ``notes`` are sentences about the
    run. ``shown_at`` is when a stored report was shown again, where what it shows is old by then (``reports.age``).

    A run that was compared with an earlier state names it in ``against``; ``fixed`` are the findings that only that one
    has, and findings that both have are *known*. ``anchor`` is the file of the repository to which pipelines attach
    what is in no file. ``sequences`` tell the grants of ``requests`` and of ``advices``. ``part`` names the owner or
    registration that this report is about when a run was split; ``redacted`` says what was taken out of it.
    """

    version: Literal[1, 2] = 2
    schema: str = SCHEMA
    tool: Tool
    made_at: str
    judged_at: str
    shown_at: str = ""
    title: str
    inputs: tuple[Input, ...] = ()
    problems: tuple[Problem, ...] = ()
    rules: tuple[RuleText, ...] = ()
    grants: tuple[GrantText, ...] = ()
    registrations: tuple[RegistrationRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    not_assessed: Sequence[NotAssessed] = ()
    postures: tuple[PostureRow, ...] = ()
    #: Which grants were used, and in which periods that is known; empty without ``--usage``.
    usage: tuple[UsageRow, ...] = ()
    reach: tuple[Reach, ...] = ()
    requests: tuple[RequestText, ...] = ()
    working: tuple[RequestRow, ...] = ()
    sequences: tuple[grant_flow.Sequence, ...] = ()
    advices: tuple[Advice, ...] = ()
    tree: Tree | None = None
    undecided: tuple[Undecided, ...] = ()
    system: tuple[SystemRow, ...] = ()
    picture: SystemPicture | None = None
    built_for: tuple[BuiltFor, ...] = ()
    notes: tuple[str, ...] = ()
    #: What a change does to the policy, which has no effect in this run: the policy of ``against`` decides.
    policy_changes: tuple[PolicyChange, ...] = ()
    against: str = ""
    fixed: tuple[FindingRow, ...] = ()
    trend: Trend | None = None
    anchor: str = ""
    part: str = ""
    redacted: Literal["", "names", "ids"] = ""
    summary: Summary
