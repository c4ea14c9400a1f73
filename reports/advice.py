"""What a report says of a client: the advice with its reasons, the fit of a registration, the tree with the path
taken.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from reports.rows import Shape, UsageEntry
from rules.knowledge.reference import Reference
from rules.model.usage import Reach


class Fact(Shape, frozen=True, kw_only=True):
    """An answered question. ``by`` says how the answer came: given, asked, implied, derived from other answers,
    configured, inferred from the registration, seen in its sign-ins, unsure, assumed.
    """

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


class OpenFact(Shape, frozen=True, kw_only=True):
    """A question without an answer: in an advice, one that would add a warning, a scope or a setting; in a client that
    is not decided, one that is missing. ``unsure`` is the choice that is taken for it, or empty.
    """

    question: str
    ask: str
    choices: tuple[str, ...]
    unsure: str = ""


class FitRow(Shape, frozen=True, kw_only=True):
    """One property of a registration and what the recommended grant needs there."""

    property: str
    present: str
    wanted: str
    verdict: Literal["same", "differs", "not-read"]
    why: str = ""


class Fit(Shape, frozen=True, kw_only=True):
    """How a registration differs from what the recommended grant needs.

    ``patch`` is a JSON merge patch on the Graph application; ``by_hand`` says what no patch can do. ``inferred`` says
    which answers were taken from the registration or its sign-ins, and from what. ``use`` says of each grant whether it
    was used, ``reach`` which periods the sign-ins cover.
    """

    registration: str
    app_id: str
    rows: tuple[FitRow, ...]
    patch: dict[str, Any] | None = None
    by_hand: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    use: tuple[UsageEntry, ...] = ()
    reach: tuple[Reach, ...] = ()


class CredentialAdvice(Shape, frozen=True, kw_only=True):
    """The credential that a confidential client should prove itself with, and why not the better or worse ones."""

    id: str
    title: str
    why: str
    ruled_out: tuple[RuledOut, ...] = ()
    value: str = ""


class Wish(Shape, frozen=True, kw_only=True):
    """A wish that was named, and the answer: refused or allowed, and why for this client and these accounts."""

    wish: str
    label: str
    verdict: Literal["refused", "allowed"]
    text: str


class Outcome(Shape, frozen=True, kw_only=True):
    """A choice and where it leads, in words."""

    choice: str
    label: str
    leads_to: str


class Alternative(Shape, frozen=True, kw_only=True):
    """A question without a known answer that decides: who can answer it, and where each choice leads.

    Where the choice is ``taken``, the first outcome is the one of this advice. Otherwise another unknown answer decides
    whether the question matters.
    """

    question: str
    ask: str
    who: str
    outcomes: tuple[Outcome, ...]
    taken: bool = True


class Advice(Shape, frozen=True, kw_only=True):
    """The tree's answer for one client. ``path`` names the edges taken: ``question=choice``, in order.

    A ``dead_end`` says that no grant works. ``assumed`` says what was assumed for an unknown answer, ``not_said``
    what would be worth knowing, ``organisation`` which rules of the organization decided. ``wishes`` answers what was
    wished, ``alternatives`` shows both outcomes where an unknown answer decides, ``unused`` names answers without
    effect.
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
    sources: tuple[Reference, ...]
    repeat: str = ""
    dead_end: bool = False
    scopes: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    not_said: tuple[OpenFact, ...] = ()
    organisation: tuple[str, ...] = ()
    registration: str = ""
    fit: Fit | None = None
    wishes: tuple[Wish, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    unused: tuple[str, ...] = ()


class Undecided(Shape, frozen=True, kw_only=True):
    """A client for which an answer is missing: which one, and what may be answered. ``unsure`` is the choice that is
    taken for *unsure*, ``then`` are the questions that follow if the missing answers are unsure.
    """

    client_name: str
    question: str
    ask: str
    choices: tuple[str, ...]
    known: dict[str, str] = msgspec.field(default_factory=dict)
    unsure: str = ""
    then: tuple[OpenFact, ...] = ()


class SystemRow(Shape, frozen=True, kw_only=True):
    """What several clients of one system share, must not share, or do not agree on."""

    kind: Literal["must-not-share", "mismatch", "share"]
    clients: tuple[str, ...]
    text: str


class SystemNode(Shape, frozen=True, kw_only=True):
    """A client of a system, or an API of Microsoft that one calls; ``note`` says its grant in words."""

    name: str
    note: str
    kind: Literal["client", "api"]


class SystemArrow(Shape, frozen=True, kw_only=True):
    """A call of one node by another: the grant that gives the token, the permissions, and whether it works."""

    source: str
    target: str
    grant: str
    permissions: tuple[str, ...]
    works: bool = True


class SystemPicture(Shape, frozen=True, kw_only=True):
    """A system as data for drawing; arrows name nodes."""

    nodes: tuple[SystemNode, ...]
    arrows: tuple[SystemArrow, ...]


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
