"""An advice in words that every output shares: the answer in five lines, then sections in the order of reading.

In: advice, as the report holds it. Out: texts, neither wrapped nor escaped. What is said here is said in the terminal,
in Markdown and in HTML alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, Literal, NamedTuple

import msgspec

from reports.advice import Advice, Alternative, BuiltFor, Fit, FitRow, OpenFact, RuledOut, Setting, SystemRow, Undecided
from reports.report import Report
from reports.rows import UsageEntry
from reports.use import REDIRECT_URIS, double_counts, grants_by_words, reach_lines, seen_words, turned_off
from rules.analysis.grants import grant
from rules.knowledge.reference import Reference
from rules.primitives.patch import leaves, nested, pointer_of

Mark = Literal["", "stop", "care"]

CLIENTS: Final = {
    "public": "public: it cannot protect a credential",
    "confidential": "confidential: it can protect a credential",
    "none": "none: it requests no token",
}
PLATFORMS: Final = {"spa": "single-page application (spa)", "publicClient": "mobile and desktop (publicClient)"}

#: How an answer came, where the reader did not give it.
HOW: Final = {
    "derived": "derived from other answers",
    "implied": "follows from the other answers",
    "configured": "from the configuration",
    "inferred": "from the registration",
    "seen": "from sign-in logs",
    "unsure": "safe assumption: the answer is not known",
    "assumed": "assumed: no answer was given",
}

#: What the rows between clients are called.
BETWEEN: Final = {"must-not-share": "Must not be shared", "mismatch": "Does not work", "share": "Shared"}

_VERDICTS: Final = {"same": "correct", "differs": "differs", "not-read": "not read"}

#: The answer in five lines names this many caveats.
_MOST_CAVEATS: Final = 2

_SENTENCE: Final = re.compile(r".+?[.!?](?=\s+[A-Z]|$)", re.DOTALL)
#: An address in a sentence; words in braces are filled in by the reader, and may contain spaces.
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*(?:\{[^{}]*\})*[a-z0-9+.-]*://(?:\{[^{}]*\}|[^\s,;(){}])*")


class Line(NamedTuple):
    """One of the five lines: what it is about, the words, and whether it must stop the reader. ``whole`` is the text of
    the advice that the words say in full, or empty.
    """

    term: str
    words: str
    mark: Mark = ""
    whole: str = ""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A section of an advice: a title, and what is below it in one or several forms.

    ``points`` are sentences, ``rows`` those of a table with ``heads``, ``groups`` a head with the lines below it,
    ``code`` lines to copy, ``links`` documents. As a sentence, the cells of a row are joined by ``joints``; a table
    alone shows cells beyond those. A section that is ``always`` shown belongs to the short form. What is read on demand
    is ``folded`` where that is possible.
    """

    id: str
    title: str
    points: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    joints: tuple[str, ...] = (": ",)
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    code: tuple[str, ...] = ()
    language: str = "text"
    links: tuple[Reference, ...] = ()
    always: bool = False
    folded: bool = False
    mark: Mark = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing below the title."""
        return not (self.points or self.rows or self.groups or self.code or self.links)

    @property
    def sentences(self) -> Iterator[str]:
        """The rows, each as a sentence."""
        for first, *rest in self.rows:
            yield first + "".join(joint + cell for joint, cell in zip(self.joints, rest, strict=False) if cell)


def is_advice(report: Report) -> bool:
    """Whether a report is one of advice alone."""
    return bool(report.advices or report.undecided or report.built_for) and not (report.inputs or report.registrations)


def state_of(advice: Advice) -> str:
    """What the headline must not hide: that no grant works, that no credential is allowed, or that it is a last
    resort.
    """
    if advice.dead_end:
        return "no grant works" if advice.credential is None else "no credential is allowed"
    return "last resort" if advice.last_resort else ""


def short_lines(advice: Advice) -> tuple[Line, ...]:
    """The answer in at most five lines: grant, client and platform, credential, and the two gravest caveats."""
    state = state_of(advice)
    grant = f"{state.upper()}: {advice.headline}" if state else advice.headline
    lines = [Line("Grant", grant, "stop" if state else "")]
    if not (advice.dead_end and advice.grant == "none"):
        platform = f", platform {advice.platform}" if advice.platform else ""
        client = "none: it requests no token" if advice.client == "none" else f"{advice.client}{platform}"
        lines += [Line("Client", client), Line("Credential", credential_title(advice))]
    return (*lines, *caveats(advice))


def credential_title(advice: Advice) -> str:
    """The credential in words, also where there is none."""
    if advice.credential is None:
        return "none: a public client cannot protect one" if advice.client == "public" else "none"
    return "none that is allowed" if advice.credential.id == "none" else advice.credential.title


def caveats(advice: Advice) -> tuple[Line, ...]:
    """The caveats that matter most: conflicting answers, then a last resort, refused wishes, and warnings."""
    found = [Line("Conflict", text, "stop", text) for text in advice.contradictions]
    if advice.last_resort:
        found += [Line("Last resort", _first_sentence(text), "stop") for text in advice.remaining_risk[:1]]
    found += [
        Line("Refused", f"{wish.label}. {wish.text}", "care", wish.text)
        for wish in advice.wishes
        if wish.verdict == "refused"
    ]
    found += [Line("Caveat", _first_sentence(text), "care") for text in advice.warnings]
    return tuple(found[:_MOST_CAVEATS])


def _first_sentence(text: str) -> str:
    found = _SENTENCE.match(text)
    return found[0] if found else text


def summary(advice: Advice) -> tuple[tuple[str, str], ...]:
    """Grant, client, platform and credential, each with its term; nothing where no grant works."""
    if advice.grant == "none" and advice.dead_end:
        return ()
    pairs = (
        ("Grant", advice.grant_title),
        ("Client", CLIENTS[advice.client]),
        ("Platform", PLATFORMS.get(advice.platform or "", advice.platform or "")),
        ("Credential", credential_title(advice)),
    )
    return tuple(pair for pair in pairs if pair[1])


def sections(advice: Advice) -> tuple[Section, ...]:
    """Everything that is said of a client below its headline, in the order of reading, without what is empty."""
    return tuple(section for section in _sections(advice) if not section.is_empty)


def _sections(advice: Advice) -> Iterator[Section]:
    yield from _decisive(advice)
    if advice.fit:
        yield from _fit(advice.fit, advice)
    yield Section(id="caveats", title="Caveats", points=advice.warnings, mark="care")
    yield Section(
        id="answers",
        title="Based on your answers",
        heads=("Question", "Answer", "How it came"),
        rows=tuple((fact.ask, fact.label, HOW.get(fact.by, "")) for fact in advice.facts),
        joints=(" ", " – "),
    )
    yield Section(id="why", title="Why", points=advice.why)
    yield _against("why-not", "Why not the other grants", "Grant", advice.ruled_out, advice)
    yield Section(
        id="register",
        title="What to register",
        heads=("Property", "Value", "Why"),
        rows=tuple((row.property, row.value, row.why) for row in advice.register),
        joints=(" = ", ": "),
    )
    yield _registration(advice.register)
    if advice.credential:
        rows, title = advice.credential.ruled_out, f"Credential: {credential_title(advice)}"
        yield Section(id="credential", title=title, points=(advice.credential.why,))
        yield _against("why-not-credential", "Why not another credential", "Credential", rows, advice)
    yield Section(id="scopes", title="Scopes", points=advice.scopes)
    yield Section(id="request", title="Request", code=advice.request)
    yield Section(id="risks", title="Remaining risks", points=advice.remaining_risk)
    yield Section(id="change", title="What would change the answer", groups=tuple(_changes(advice)), folded=True)
    yield Section(
        id="open",
        title="Open questions that can add caveats",
        points=tuple(f"{fact.ask} (-a {fact.question}={'|'.join(fact.choices)})" for fact in advice.not_said),
        folded=True,
    )
    yield Section(id="sources", title="Sources", links=advice.sources, folded=True)
    yield Section(
        id="again",
        title="The same advice on the command line",
        code=(advice.repeat,) if advice.repeat else (),
        language="sh",
        always=any(fact.by == "asked" for fact in advice.facts),
        folded=True,
    )


def _decisive(advice: Advice) -> Iterator[Section]:
    """What the short form shows too: conflicts, wishes, and what was decided without an answer."""
    yield Section(id="conflicts", title="Conflicting answers", points=advice.contradictions, always=True, mark="stop")
    yield Section(
        id="wishes",
        title="What your team wants to use",
        heads=("Option", "Answer"),
        rows=tuple((wish.label, f"{wish.verdict.capitalize()}. {wish.text}") for wish in advice.wishes),
        always=True,
    )
    yield Section(
        id="alternatives",
        title="Unknown answers that change the advice",
        groups=tuple(map(_outcomes, advice.alternatives)),
        always=True,
    )
    yield Section(id="assumed", title="Derived and assumed", points=advice.assumed, always=True)
    yield Section(id="unused", title="Answers without effect", points=advice.unused, always=True)
    yield Section(id="organization", title="Decided by your organization", points=advice.organisation, always=True)


def _outcomes(row: Alternative) -> tuple[str, tuple[str, ...]]:
    outcomes = [f"{outcome.label}: {outcome.leads_to}" for outcome in row.outcomes]
    if row.taken:
        outcomes[0] += " (this advice)"
    return row.ask, (*outcomes, *((f"Who can answer: {row.who}",) if row.who else ()))


def _against(id: str, title: str, head: str, rows: Sequence[RuledOut], advice: Advice) -> Section:
    labels = {(fact.question, fact.choice): fact.label for fact in advice.facts}
    said = tuple(
        (
            row.title,
            "; ".join(reason.text for reason in row.reasons),
            "; ".join(filter(None, (labels.get((reason.question, reason.choice), "") for reason in row.reasons))),
        )
        for row in rows
        if row.reasons
    )
    heads = (head, "Why not", "Your answer") if any(answer for *_, answer in said) else (head, "Why not")
    return Section(id=id, title=title, heads=heads, rows=tuple(row[: len(heads)] for row in said), folded=True)


def _changes(advice: Advice) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What would change the answer, under each question once."""
    asks = [fact.ask for fact in advice.facts]

    def ask_of(line: str) -> str:
        return next((ask for ask in asks if line.startswith(ask + " ")), "")

    for ask, lines in groupby(advice.would_change, ask_of):
        yield ask or "In any case", tuple(line[len(ask) :].strip() for line in lines)


def _fit(fit: Fit, advice: Advice) -> Iterator[Section]:
    """Which grants are in use, and how a registration differs from what the grant needs."""
    name = fit.registration or "the registration"
    if fit.use:
        rows = tuple(grants_by_words(fit.use))
        yield Section(id="use", title=f"Use of grants by {name}", heads=("Grant", "Use"), rows=rows, always=True)
        yield Section(
            id="used-too", title="In use, and not part of this advice", points=_used_too(fit, advice), always=True
        )
        reach = (*reach_lines(fit.reach), *double_counts(fit.reach), REDIRECT_URIS)
        yield Section(id="reach", title="What the sign-in logs cover", points=reach, folded=True)
    source = f"{name} and its sign-ins" if fit.use else name
    yield Section(id="inferred", title=f"Taken from {source}", points=fit.inferred, folded=True)
    yield Section(
        id="fit",
        title=f"How {name} differs from the advice",
        groups=tuple(map(_fit_row, fit.rows)),
        always=True,
    )
    patch = json.dumps(fit.patch, indent=2, ensure_ascii=False).split("\n") if fit.patch else ()
    title = "The patch (PATCH /applications/{object id})"
    yield Section(id="patch", title=title, code=tuple(patch), language="json", always=True)
    yield Section(id="by-hand", title="Change manually", points=fit.by_hand, always=True)


def _used_too(fit: Fit, advice: Advice) -> tuple[str, ...]:
    """The grants in use besides the advised one, each with what to do."""
    off = {entry.grant for entry in turned_off(leaves(fit.patch or {}), fit.use)}
    return tuple(
        f"{grant(entry.grant).title}, {seen_words(entry)}: {_step(entry, off)}"
        for entry in fit.use
        if entry.says in ("in-use", "migrate-first") and entry.grant not in (advice.grant, "refresh_token")
    )


def _step(entry: UsageEntry, off: Collection[str]) -> str:
    if entry.grant in off:
        return "the patch turns it off, so migrate what uses it first"
    return "migrate what uses it" if entry.says == "migrate-first" else "advise for this use separately"


def _fit_row(row: FitRow) -> tuple[str, tuple[str, ...]]:
    head = f"{row.property}: {_VERDICTS[row.verdict]}"
    if row.verdict == "same":
        return f"{head} ({row.present})", ()
    return head, (f"is: {row.present}", f"should be: {row.wanted}", f"why: {row.why}")


def _registration(settings: Sequence[Setting]) -> Section:
    body, left = registration_body(settings)
    return Section(
        id="registration",
        title="The registration as JSON (Microsoft Graph)",
        code=tuple(json.dumps(body, indent=2, ensure_ascii=False).split("\n")) if body else (),
        language="json",
        points=(f"Set separately, see the table above: {', '.join(left)}.",) if body and left else (),
        folded=True,
    )


def registration_body(settings: Sequence[Setting]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings as an ``application`` of Microsoft Graph, and the properties whose value is a description.

    Words in braces stay: the reader fills them in. Lists of credentials and permissions are described, not written.
    """
    values: dict[str, Any] = {}
    left: dict[str, None] = {}
    for setting in settings:
        value = _value(setting)
        if value is not None:
            values[pointer_of(setting.property)] = value
        elif not setting.value.startswith(("empty", "nothing", "does not apply")):
            left[setting.property] = None
    return nested(values), tuple(left)


def _value(setting: Setting) -> object:
    """The value in JSON; nothing for a description."""
    if setting.property.endswith("Uris"):
        return _ADDRESS.findall(setting.value) or None
    if found := re.match(r"(true|false)\b", setting.value):
        return found[1] == "true"
    if setting.property == "signInAudience":
        return setting.value
    return int(setting.value) if setting.value.isdecimal() else None


def between_sections(rows: Sequence[SystemRow]) -> tuple[Section, ...]:
    """What the clients of a system must not share, do not agree on, or share."""
    section = Section(
        id="together",
        title="Between the clients",
        heads=("Result", "What"),
        rows=tuple((BETWEEN[row.kind], row.text) for row in rows),
        always=True,
    )
    return () if section.is_empty else (section,)


def undecided_section(rows: Sequence[Undecided]) -> Section:
    """The clients that lack answers: each missing answer with its choices."""
    groups = tuple((row.client_name, tuple(open_words(fact) for fact in missing_of(row))) for row in rows)
    return Section(id="undecided", title="Not decided: answers are missing", groups=groups, always=True)


def missing_of(row: Undecided) -> tuple[OpenFact, ...]:
    """The missing answers of a client, the first first."""
    first = OpenFact(question=row.question, ask=row.ask, choices=row.choices, unsure=row.unsure)
    return (first, *row.then)


def open_words(fact: OpenFact) -> str:
    """A question with its choices, and the one that is taken for *unsure*."""
    taken = f"; unsure takes {fact.unsure}" if fact.unsure else ", unsure"
    return f"{fact.question} ({fact.ask}): {', '.join(fact.choices)}{taken}"


def built_for_sections(built: BuiltFor) -> tuple[Section, ...]:
    """What a registration is built for."""
    heads = ("Grant", "Evidence")
    found = (
        Section(
            id="built-for",
            title="Built for",
            heads=heads,
            rows=tuple((f"{item.property} ({item.value})", item.why) for item in built.grants),
            points=() if built.grants else ("no grant: no property shows one",),
        ),
        Section(
            id="besides",
            title="Also allowed today",
            heads=heads,
            rows=tuple((item.property, item.why) for item in built.besides),
        ),
        Section(id="gives", title="Answers that it contains", points=built.answers),
        Section(id="not-read", title="Not read", points=built.not_read),
    )
    return tuple(section for section in found if not section.is_empty)
