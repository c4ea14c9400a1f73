"""Report v1: everything that a reader of a run may see, frozen, complete and versioned.

Whatever a renderer shows stands here, so a stored report can be rendered again. Names are snake_case in JSON, except
inside ``patch``, which is Graph JSON. Rule texts stand once, in ``rules``; findings name their rule.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from rules.finding import Because, NotAssessed, Reference, Severity, State
from rules.telling import Sequence

SCHEMA = "urn:grantlint:report:1"

GrantState = Literal["allowed", "blocked", "unknown"]
RowKind = Literal["registration", "service-principal", "tenant"]
Verdict = Literal["findings", "no-findings", "incomplete", "input-error"]


class Shape(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of the report. Parts hold no cycles, so the garbage collector need not look at them."""


class Origin(Shape, frozen=True, kw_only=True):
    """Where a value came from: file, line and column (both from 1, in characters) and the property in the user's own spelling.

    ``end_column`` is the column after the last character of the value when it ends on the same line. A value that stands
    in no file has no line.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    property: str = ""
    #: The source line, cut to a readable piece around the value, and where in that piece the value begins (from 0) and ends.
    text: str = ""
    text_start: int = 0
    text_end: int = 0


class Problem(Shape, frozen=True, kw_only=True):
    """Bad input in one line: what is wrong, where, what to do. ``file`` is as the user named it, ``-`` for standard input."""

    what: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str = ""


class Input(Shape, frozen=True, kw_only=True):
    """Something the run was asked to read. ``format`` is a short word for people, such as "portal manifest"."""

    name: str
    format: str
    status: Literal["read", "partly", "not-read"]
    registrations: int = 0
    note: str = ""
    remedy: str = ""


class RuleText(Shape, frozen=True, kw_only=True):
    """What a report says about a rule, once."""

    id: str
    title: str
    why: str
    fix: str
    family: str
    severity: Severity
    references: tuple[Reference, ...]


class Owner(Shape, frozen=True, kw_only=True):
    """Who owns a registration: object id, name, and the address to write to. What was not read is empty."""

    id: str = ""
    name: str = ""
    address: str = ""


class CredentialRow(Shape, frozen=True, kw_only=True):
    """What the client proves itself with. Moments are RFC 3339 in UTC; empty where there is none or none was read."""

    kind: Literal["secret", "certificate", "federated"]
    id: str = ""
    name: str = ""
    starts: str = ""
    ends: str = ""


class RedirectRow(Shape, frozen=True, kw_only=True):
    """A redirect URI. ``host`` is lower case, and empty where the address is not http or https."""

    uri: str
    platform: str
    host: str = ""


class PermissionRow(Shape, frozen=True, kw_only=True):
    """A permission of an API: the API's client id, the permission's id, and the names of both where they are known.

    ``reach`` says on whose behalf: a signed-in person (delegated) or the application itself.
    """

    resource: str
    id: str
    reach: Literal["delegated", "application", ""] = ""
    resource_name: str = ""
    name: str = ""


class RegistrationRow(Shape, frozen=True, kw_only=True):
    """A registration that was judged. ``key`` is unique in the report; ``audience`` is Graph's ``signInAudience`` or empty.

    What was judged of a tenant beside its registrations has rows of another ``kind``: service principals of applications that
    live elsewhere, where something is said of one, and the tenant with its policies. ``Summary.registrations`` counts none
    of them.

    A list is ``None`` where nobody read it, and empty where it was read and nothing stood in it. ``tenant`` names the
    tenant that it was read from, as the user did; it is empty for a file.
    """

    key: str
    name: str
    app_id: str | None
    object_id: str | None
    audience: str
    format: str
    origin: Origin
    complete: bool
    created: str = ""
    owners: tuple[Owner, ...] | None = None
    credentials: tuple[CredentialRow, ...] | None = None
    redirects: tuple[RedirectRow, ...] | None = None
    requested: tuple[PermissionRow, ...] | None = None
    granted: tuple[PermissionRow, ...] | None = None
    tenant: str = ""
    kind: RowKind = "registration"
    #: What stands where patches of its new findings write, by JSON pointer, in Graph JSON: what a fix plan starts from, and
    #: what it restores. Secrets and certificates are left out, as is whatever was not read whole.
    before: dict[str, Any] | None = None


class Acceptance(Shape, frozen=True, kw_only=True):
    """Why a finding is accepted, by whom, until which day (ISO 8601, empty for ever), and where that is written.

    ``ended`` says that the day has passed: the finding counts again, and is shown with what used to hold.
    """

    reason: str = ""
    owner: str = ""
    until: str = ""
    file: str = ""
    line: int | None = None
    inline: bool = False
    ended: bool = False


class FindingRow(Shape, frozen=True, kw_only=True):
    """A finding with its origin and state; see ``rules.finding.Finding`` for the other fields.

    A suppressed finding has ``accepted``; a new one has it when what accepted it has ended. ``since`` is filled where the
    run was compared with earlier ones.
    """

    rule: str
    severity: Severity
    registration: str
    pointer: str
    message: str
    value: str
    fingerprint: str
    origin: Origin
    state: State = "new"
    accepted: Acceptance | None = None
    because: tuple[Because, ...] = ()
    patch: dict[str, Any] | None = None
    change: str = ""
    #: The moment of the earliest of the compared reports from which on it has been there; empty when it is in none.
    since: str = ""


class PostureEntry(Shape, frozen=True, kw_only=True):
    """Whether a registration allows a grant today, and by which properties (the user's own spelling stands in ``by``)."""

    grant: str
    state: GrantState
    by: tuple[str, ...] = ()
    note: str = ""


class PostureRow(Shape, frozen=True, kw_only=True):
    """The posture of one registration, one entry for each grant in the order of ``Report.grants``."""

    registration: str
    entries: tuple[PostureEntry, ...]


class GrantText(Shape, frozen=True, kw_only=True):
    """What a report says about a grant, once. ``status`` is one of recommended, situational, last-resort, never."""

    id: str
    title: str
    short: str
    status: str


class RequestStep(Shape, frozen=True, kw_only=True):
    """One request from a role to a role of RFC 6749, section 1.1. Names and values are as they are meant, not yet encoded.

    What the reader fills in stands as a name in braces; a value is never a secret.
    """

    sender: str
    receiver: str
    says: str
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


class RequestText(Shape, frozen=True, kw_only=True):
    """The requests with which a grant works, once for all registrations that send the same ones.

    ``platform`` is where the redirect URI stands, ``credential`` the kind of proof; both are empty where there is none.
    ``bring`` are the names in braces that the reader has to know, each with what it is. ``{client_id}`` is the
    registration's, ``{redirect_uri}`` stands in its ``RequestRow``, and ``{origin}`` is the beginning of that.
    """

    id: str
    grant: str
    title: str
    platform: str = ""
    credential: str = ""
    steps: tuple[RequestStep, ...]
    bring: tuple[tuple[str, str], ...] = ()


class Withheld(Shape, frozen=True, kw_only=True):
    """Why no request is shown for a grant that the posture allows."""

    grant: str
    why: str


class RequestRow(Shape, frozen=True, kw_only=True):
    """The requests that work for a registration: ids of ``RequestText``, and by platform the redirect URI that they name.

    A grant that its posture does not allow has none: the posture says why.
    """

    registration: str
    requests: tuple[str, ...] = ()
    redirect_uris: dict[str, str] = {}
    withheld: tuple[Withheld, ...] = ()


class Fact(Shape, frozen=True, kw_only=True):
    """An answered question. ``by`` says how the answer came: given, asked, implied, configured."""

    question: str
    ask: str
    choice: str
    label: str
    by: str


class Reason(Shape, frozen=True, kw_only=True):
    """Why a grant is ruled out; the answer that gave it, or empty for a reason of the leaf itself."""

    text: str
    question: str = ""
    choice: str = ""


class RuledOut(Shape, frozen=True, kw_only=True):
    """A grant that is not recommended, with every reason against it on this path."""

    grant: str
    title: str
    reasons: tuple[Reason, ...]


class Setting(Shape, frozen=True, kw_only=True):
    """What the registration must look like in one property: its Graph path, the value, why."""

    property: str
    value: str
    why: str


class Source(Reference, frozen=True):
    """A document that an advice stands on; ``checked`` is the year and month in which it was read, where that is known."""

    checked: str = ""


class OpenFact(Shape, frozen=True, kw_only=True):
    """A question that nobody answered and whose answer would add a warning, a scope or a setting to this advice."""

    question: str
    ask: str
    choices: tuple[str, ...]


class FitRow(Shape, frozen=True, kw_only=True):
    """One property of a registration beside what the recommended grant needs there."""

    property: str
    present: str
    wanted: str
    verdict: Literal["same", "differs", "not-read"]
    why: str = ""


class Fit(Shape, frozen=True, kw_only=True):
    """How a registration differs from what the recommended grant needs.

    ``patch`` is a JSON merge patch on the Graph application; ``by_hand`` says what no patch can do. ``inferred`` says
    which answers were taken from the registration, and from which property.
    """

    registration: str
    app_id: str
    rows: tuple[FitRow, ...]
    patch: dict[str, Any] | None = None
    by_hand: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()


class CredentialAdvice(Shape, frozen=True, kw_only=True):
    """The credential that a confidential client should prove itself with, and why not the better or worse ones."""

    id: str
    title: str
    why: str
    ruled_out: tuple[RuledOut, ...] = ()
    value: str = ""


class Advice(Shape, frozen=True, kw_only=True):
    """The tree's answer for one client. ``path`` names the edges taken: ``question=choice``, in order.

    A ``dead_end`` says that no grant works. ``assumed`` says what was taken for safety where nobody knew, ``not_said`` what
    would be worth knowing, ``organisation`` which rules of the organisation decided.
    """

    client_name: str
    facts: tuple[Fact, ...]
    grant: str
    grant_title: str
    headline: str
    client: Literal["public", "confidential", "none"]
    platform: str | None
    credential: CredentialAdvice | None
    why: tuple[str, ...]
    ruled_out: tuple[RuledOut, ...]
    contradictions: tuple[str, ...]
    warnings: tuple[str, ...]
    remaining_risk: tuple[str, ...]
    would_change: tuple[str, ...]
    register: tuple[Setting, ...]
    request: tuple[str, ...]
    path: tuple[str, ...]
    leaf: str
    last_resort: bool
    sources: tuple[Source, ...]
    repeat: str = ""
    dead_end: bool = False
    scopes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    not_said: tuple[OpenFact, ...] = ()
    organisation: tuple[str, ...] = ()
    registration: str = ""
    fit: Fit | None = None


class Undecided(Shape, frozen=True, kw_only=True):
    """A client for which an answer is missing: which one, and what may be answered."""

    client_name: str
    question: str
    ask: str
    choices: tuple[str, ...]
    known: dict[str, str] = {}


class SystemRow(Shape, frozen=True, kw_only=True):
    """What several clients of one system share, must not share, or do not agree on."""

    kind: Literal["must-not-share", "mismatch", "share"]
    clients: tuple[str, ...]
    text: str


class BuiltFor(Shape, frozen=True, kw_only=True):
    """What a registration is built for: the grants with what speaks for each, and what it allows besides."""

    registration: str
    app_id: str
    grants: tuple[Setting, ...]
    besides: tuple[Setting, ...]
    answers: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()


class TreeNode(Shape, frozen=True, kw_only=True):
    """A question or a leaf of the decision tree as it is drawn."""

    id: str
    kind: Literal["question", "leaf"]
    label: str
    note: str = ""


class TreeEdge(Shape, frozen=True, kw_only=True):
    """A choice that leads from a question to the next question or to a leaf. ``id`` is ``question=choice``."""

    id: str
    source: str
    target: str
    label: str


class Tree(Shape, frozen=True, kw_only=True):
    """The decision tree as data for drawing; every report that holds advice holds the tree that gave it."""

    root: str
    nodes: tuple[TreeNode, ...]
    edges: tuple[TreeEdge, ...]


class EarlierRun(Shape, frozen=True, kw_only=True):
    """A report that this one was compared with. ``open`` counts its findings that were not accepted."""

    made_at: str
    title: str
    registrations: int
    open: int


class GoneRow(Shape, frozen=True, kw_only=True):
    """A finding of an earlier report that is no longer there: mended, or what held it is gone.

    ``last_seen`` is the moment of the last report that had it, ``judged`` says whether its registration was judged again.
    """

    rule: str
    severity: Severity
    registration: str
    message: str
    fingerprint: str
    last_seen: str
    judged: bool


class Trend(Shape, frozen=True, kw_only=True):
    """How this run stands to earlier ones, oldest first: findings that came, that went, that stayed open."""

    runs: tuple[EarlierRun, ...]
    came: int
    stayed: int
    gone: tuple[GoneRow, ...]


class Summary(Shape, frozen=True, kw_only=True):
    """The figures that every format shows. ``by_severity`` counts new findings; known and suppressed stand apart."""

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
    name: str
    version: str


class Report(Shape, frozen=True, kw_only=True):
    """The frozen result of a run. ``made_at`` and ``judged_at`` are RFC 3339 in UTC; ``notes`` are sentences about the run.

    A run that was compared with an earlier state names it in ``against``; ``fixed`` are the findings that only that one has,
    and findings that both have are *known*. ``anchor`` is the file of the repository to which pipelines attach what stands in
    no file. ``sequences`` tell the grants of ``requests`` and of ``advices``. ``part`` names the owner or registration that this report is about when a run was split; ``redacted`` says what
    was taken out of it.
    """

    version: Literal[1] = 1
    schema: str = SCHEMA
    tool: Tool
    made_at: str
    judged_at: str
    title: str
    inputs: tuple[Input, ...] = ()
    problems: tuple[Problem, ...] = ()
    rules: tuple[RuleText, ...] = ()
    grants: tuple[GrantText, ...] = ()
    registrations: tuple[RegistrationRow, ...] = ()
    findings: tuple[FindingRow, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    postures: tuple[PostureRow, ...] = ()
    requests: tuple[RequestText, ...] = ()
    working: tuple[RequestRow, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    advices: tuple[Advice, ...] = ()
    tree: Tree | None = None
    undecided: tuple[Undecided, ...] = ()
    system: tuple[SystemRow, ...] = ()
    built_for: tuple[BuiltFor, ...] = ()
    notes: tuple[str, ...] = ()
    against: str = ""
    fixed: tuple[FindingRow, ...] = ()
    trend: Trend | None = None
    anchor: str = ""
    part: str = ""
    redacted: Literal["", "names", "ids"] = ""
    summary: Summary
