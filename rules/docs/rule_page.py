"""One rule as a page for a terminal. Pure functions of the rule."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rules.docs.applicability import applicability_words
from rules.docs.canonical import checks
from rules.docs.examples import check_example
from rules.docs.instructions import instructions
from rules.docs.rule_words import (
    NEEDS_DNS,
    NEEDS_USAGE,
    WIDTH,
    dns_text,
    json_text,
    lint_again,
    literal,
    severities,
    status_words,
    usage_texts,
)
from rules.docs.verification import verification
from rules.engine.rule import Bad, Good, Rule
from rules.model.clean_tenant import TENANT_KIND
from rules.model.settings import settings_table

_CLEAN: Final = {
    "web": "a web app",
    "spa": "a single-page app",
    "native": "a native app",
    "daemon": "a daemon",
    "api": "an API",
    "blueprint": "an agent identity blueprint",
    "own": "a web app of the tenant",
    "own-daemon": "a daemon of the tenant",
    "own-api": "an API of the tenant",
    "foreign": "an application of another tenant",
    "managed-identity": "a managed identity",
    "own-blueprint": "an agent identity blueprint of the tenant",
    "agent": "an agent identity",
    TENANT_KIND: "a tenant",
}

#: What a rule checks that is not called with a single registration.
_SUBJECTS: Final = {
    "registrations": "The rule compares all registrations of a run, and needs at least two.",
    "service principal": (
        "The rule checks applications of a tenant with their service principals. Read a tenant with --tenant or a "
        "snapshot."
    ),
    "tenant": "The rule checks the policies of a tenant. Read a tenant with --tenant or a snapshot.",
}


def render_rule(rule: Rule, source: str = "") -> str:
    """One rule as plain text, at most 80 columns wide except URLs and long values; no final line feed.

    *source* is the origin of a rule that is not built in.
    """
    return "\n".join(_rule_lines(rule, source))


def _rule_lines(rule: Rule, source: str) -> Iterator[str]:
    yield from _head(rule, source)
    yield from _fill(rule.title)
    for name, text in (("Why", rule.why), ("Acceptable", rule.acceptable), ("Fix", rule.fix)):
        if text:  # an organization's own rule may have none
            yield ""
            yield from _fill(text, first=f"{name}: ", rest="     ")
    yield from _examples(rule)
    if rule.settings:
        yield ""
        yield "Settings:"
        for name, _, default, sentence in _settings(rule):
            yield from _fill(f"{name} = {literal(default)}", first="  ")
            yield from _fill(sentence, first="    ")
    yield ""
    yield from _need_lines(rule)
    yield from _fix_lines(rule)
    shared = [check for check in checks() if check.id in rule.checks and check.peers]
    if shared:
        yield ""
        yield "Other tools that check this:"
        for check in shared:
            yield from _fill(f"{', '.join(check.peers)}: {check.wrong}", first="  ", rest="    ")
    if rule.references:
        yield ""
        yield "Sources:"
    for reference in rule.references:
        if reference.title != reference.url:
            yield from _fill(reference.dated_label, first="  ")
        if reference.supports:
            yield from _fill(reference.supports, first="    ")
        yield f"    {reference.url}"


def _head(rule: Rule, source: str) -> Iterator[str]:
    """Its ID, severity, family, origin and status."""
    yield rule.id
    yield from _fill(
        f"{severities(rule)}, family {rule.family}{status_words(rule)}{f', from {source}' if source else ''}"
    )
    if rule.status == "preview":
        yield from _fill("The rule may still change. It runs with --preview, or if it is selected by its ID.")
    if rule.instead:
        yield f"Use {rule.instead} instead."
    yield ""


def _examples(rule: Rule) -> Iterator[str]:
    """A bad and a good example; an organization's own rule may have none."""
    if rule.bad and rule.bad[0].at:
        bad = rule.bad[0]
        yield ""
        yield f"Bad, merged into {_CLEAN[rule.base]} without findings:"
        yield from _example(bad.fragment)
        if bad.other_registrations:
            yield "  next to a registration with"
            yield from _example(bad.other_registrations[0])
        yield from _evidence_lines(bad)
        reported = f"  reported: {bad.severity or rule.severity} at"
        yield from (f"{reported} {bad.at}",) if len(reported) + len(bad.at) < WIDTH else (reported, f"  {bad.at}")
    if rule.good:
        good = next((good for good in rule.good if good.why), rule.good[0])
        yield ""
        yield from _fill(f"Good{f' ({good.why})' if good.why else ''}:")
        yield from _example(good.fragment)
        yield from _evidence_lines(good)


def _evidence_lines(example: Bad | Good) -> Iterator[str]:
    for name, facts in example.dns.items():
        yield from _fill(f"DNS: {name} {dns_text(facts)}", first="  ", rest="    ")
    for words in usage_texts(example.usage):
        yield from _fill(f"Sign-ins: {words}", first="  ", rest="    ")


def _fix_lines(rule: Rule) -> Iterator[str]:
    """Where to fix the property of its first bad example, in each tool."""
    if not rule.bad or not rule.bad[0].at:
        return
    bad = rule.bad[0]
    yield ""
    yield "Where to fix it:"
    yield from _commands(instructions(bad.at, patch_of(rule, bad)))
    if words := applicability_words(rule):
        yield from _fill(words, first="  grantlint:  ", rest="              ")
    yield ""
    yield "How to verify the fix:"
    yield from _commands((*verification(bad.at), ("grantlint", lint_again(rule))))


def _commands(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for tool, words in rows:
        start = f"  {tool + ':':<11} "
        if "https://" in words or words.startswith(("az ", "grantlint ")):  # a line to copy is not broken
            yield start + words
        else:
            yield from _fill(words, first=start, rest="              ")


def _need_lines(rule: Rule) -> Iterator[str]:
    """What must be readable, and when it runs."""
    needs = (*rule.needs, *rule.needs_all)
    start = "Needs: "
    if max(map(len, needs), default=0) + len(start) >= WIDTH:  # a path is not broken, so it gets a line of its own
        yield start.rstrip()
        start = "  "
    yield from _fill(", ".join(needs), first=start, rest=" " * len(start))
    if rule.on in _SUBJECTS:
        yield from _fill(_SUBJECTS[rule.on], first=" " * len(start))
    if rule.needs_dns:
        yield from _fill(NEEDS_DNS, first=" " * len(start))
    if rule.needs_usage:
        yield from _fill(NEEDS_USAGE, first=" " * len(start))


def patch_of(rule: Rule, bad: Bad) -> dict[str, Any] | None:
    """The merge patch that the rule gives for a bad fragment of its own; ``None`` where its fix is not mechanical."""
    found = check_example((rule,), rule.base, bad).findings
    return found[0].patch if found else None


def _fill(text: str, *, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _example(fragment: dict[str, Any]) -> Iterator[str]:
    for line in json_text(fragment).splitlines():
        yield f"  {line}"


def _settings(rule: Rule) -> Iterator[tuple[str, str, Any, str]]:
    return (row for row in settings_table() if row[0] in rule.settings)
