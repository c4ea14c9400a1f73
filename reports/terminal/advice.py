"""The part of a text report that advises: the answer first, then what to beware of, then everything else.

In: advice, and what several clients share. Out: spans of text with the name of a style, which
``reports.terminal.render`` paints.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reports.advice import Advice, BuiltFor, Fit, SystemRow
from reports.escape import visible, visible_name
from reports.migration import table_text
from reports.report import Report
from reports.view import View
from reports.wrap import wrap

Span = tuple[str, str]

#: More clients than this are shown as a table; each in full is in HTML and JSON.
MOST_IN_FULL: Final = 8

#: How an answer came, where the reader did not give it.
HOW: Final = {
    "implied": " (follows from the other answers)",
    "configured": " (from the configuration)",
    "inferred": " (from the registration)",
    "unsure": " (taken for safety: you did not know)",
    "assumed": " (assumed: no answer was given)",
}

_KINDS: Final = {
    "must-not-share": "must not be shared",
    "mismatch": "does not agree",
    "share": "shared",
}
_VERDICTS: Final = {"same": "as it should be", "differs": "differs", "not-read": "not read"}


def advice_blocks(report: Report, view: View) -> Iterator[list[Span]]:
    """The blocks of a text report that advise, each a list of spans."""
    if len(report.advices) + len(report.undecided) > MOST_IN_FULL or report.undecided:
        yield [(table_text(report, view.width), "")]
    else:
        for advice in report.advices:
            yield [*advice_spans(advice, view)]
    if report.system:
        yield [*_system(report.system, view.width)]
    for built in report.built_for:
        yield [*_built_for(built, view.width)]


def answer_line(advice: Advice) -> str:
    """The client and its answer, in one line; a last resort says so there."""
    client = f"{visible_name(advice.client_name)}: " if advice.client_name else ""
    mark = "LAST RESORT: " if advice.last_resort else "NO WAY: " if advice.dead_end else ""
    return client + mark + visible(advice.headline)


def advice_spans(advice: Advice, view: View) -> Iterator[Span]:
    """One advice in full."""
    width = view.width
    yield from (
        (line + "\n", "high" if advice.last_resort or advice.dead_end else "head")
        for line in wrap(answer_line(advice), width)
    )
    yield from _summary(advice, width)
    yield from _section("contradictions in the answers", advice.contradictions, width, "high")
    yield from _section("decided by your organisation", advice.organisation, width)
    yield from _section("taken for safety", advice.assumed, width)
    yield from _section("take care", advice.warnings, width, "medium")
    facts = [f"{fact.ask} {fact.label}{HOW.get(fact.by, '')}" for fact in advice.facts]
    yield from _section("because you said", facts, width)
    yield from _section("why", advice.why, width)
    settings = [f"{item.property} = {item.value}: {item.why}" for item in advice.register]
    yield from _section("what to register", settings, width)
    if advice.fit:
        yield from _fit(advice.fit, width)
    yield from _section("scopes", advice.scopes, width)
    yield from _section("the request", advice.request, width, whole=True)
    if advice.credential:
        credential = advice.credential
        against = [
            f"not {item.title[0].lower()}{item.title[1:]}: {'; '.join(r.text for r in item.reasons)}"
            for item in credential.ruled_out
        ]
        yield from _section(f"credential: {credential.title}", [credential.why, *against], width)
    why_not = [f"{item.title}: {'; '.join(reason.text for reason in item.reasons)}" for item in advice.ruled_out]
    yield from _section(
        "why not", [line for line, item in zip(why_not, advice.ruled_out, strict=True) if item.reasons], width
    )
    yield from _section("what risk remains", advice.remaining_risk, width)
    yield from _changes(advice, width)
    open_facts = [f"{fact.ask} (-a {fact.question}={'|'.join(fact.choices)})" for fact in advice.not_said]
    yield from _section("not said, and worth knowing: it may add warnings, not another grant", open_facts, width)
    if advice.repeat:
        yield from _section("the same again", [advice.repeat], width, whole=True)
    sources = [f"{source.dated_label}: {source.url}" for source in advice.sources]
    yield from _section("sources", sources, width, whole=True)


def _summary(advice: Advice, width: int) -> Iterator[Span]:
    """Grant, client, platform and credential in one paragraph."""
    if advice.grant == "none":
        return
    parts = [f"grant {advice.grant}", f"{advice.client} client"]
    parts += [f"platform {advice.platform}"] if advice.platform else []
    if advice.credential:
        parts.append(
            "no credential that is allowed" if advice.credential.id == "none" else f"credential {advice.credential.id}"
        )
    for line in wrap(", ".join(parts), width, "  "):
        yield line + "\n", "quiet"


def _changes(advice: Advice, width: int) -> Iterator[Span]:
    """What would change the answer, under each question once."""
    if not advice.would_change:
        return
    yield "\nwhat would change the answer\n", "head"
    shown = ""
    for text in advice.would_change:
        ask = next((fact.ask for fact in advice.facts if text.startswith(fact.ask + " ")), "")
        if ask and ask != shown:
            yield from ((line + "\n", "") for line in wrap(visible(ask), width, "  "))
        shown = ask
        rest = visible(text[len(ask) :].strip()) if ask else visible(text)
        yield from ((line + "\n", "") for line in wrap(rest, width, "  - ", "    "))


def _fit(fit: Fit, width: int) -> Iterator[Span]:
    yield f"\nhow {visible_name(fit.registration)} fits\n", "head"
    for text in fit.inferred:
        yield from ((line + "\n", "quiet") for line in wrap(f"taken from it: {visible(text)}", width, "  ", "    "))
    for row in fit.rows:
        style = {"same": "quiet", "differs": "medium", "not-read": "quiet"}[row.verdict]
        head = f"{visible(row.property)}: {_VERDICTS[row.verdict]}"
        if row.verdict == "same":
            yield from ((line + "\n", style) for line in wrap(f"{head} ({visible(row.present)})", width, "  ", "    "))
            continue
        yield from ((line + "\n", style) for line in wrap(head, width, "  ", "    "))
        yield from (
            (line + "\n", "") for line in wrap(f"is      {visible(row.present)}", width, "    ", "            ")
        )
        yield from ((line + "\n", "") for line in wrap(f"should  {visible(row.wanted)}", width, "    ", "            "))
        yield from ((line + "\n", "") for line in wrap(f"because {visible(row.why)}", width, "    ", "            "))
    if fit.patch is not None:
        yield "  the patch (PATCH /applications/{object id})\n", "head"
        for line in json.dumps(fit.patch, indent=2, ensure_ascii=False).split("\n"):
            yield "    " + visible(line) + "\n", ""
    for text in fit.by_hand:
        yield from ((line + "\n", "") for line in wrap(f"by hand: {visible(text)}", width, "  ", "    "))


def _system(rows: Sequence[SystemRow], width: int) -> Iterator[Span]:
    yield "The clients together\n", "head"
    for row in rows:
        style = "quiet" if row.kind == "share" else "high"
        yield from (
            (line + "\n", style) for line in wrap(f"{_KINDS[row.kind]}: {visible(row.text)}", width, "  - ", "    ")
        )


def _built_for(built: BuiltFor, width: int) -> Iterator[Span]:
    yield f"{visible_name(built.registration)}\n", "head"
    grants = [f"{item.property} ({item.value}): {item.why}" for item in built.grants] or [
        "nothing that its properties tell"
    ]
    yield from _section("built for", grants, width)
    yield from _section("works today besides", [f"{item.property}: {item.why}" for item in built.besides], width)
    yield from _section("answers that it gives", built.answers, width)
    yield from _section("not read", built.not_read, width)


def _section(
    title: str, items: Iterable[str], width: int, style: str = "head", *, whole: bool = False
) -> Iterator[Span]:
    """A heading and its items, wrapped; a *whole* line is kept in one piece, since somebody will copy it."""
    texts = [visible(item) for item in items if item]
    if not texts:
        return
    yield f"\n{visible(title)}\n", style
    several = len(texts) > 1
    for text in texts:
        lines = ["  " + text] if whole else wrap(text, width, "  - " if several else "  ", "    " if several else "  ")
        for line in lines:
            yield line + "\n", ""
