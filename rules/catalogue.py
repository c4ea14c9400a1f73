"""The text of the catalogue: one rule for a terminal, all rules as Markdown. Pure functions of the rules."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rules.canonical import CHECKS, LEFT_OUT
from rules.clean_tenant import TENANT_KIND
from rules.finding import SEVERITIES, Severity
from rules.instructions import instructions
from rules.names import NameFacts
from rules.rule import Bad, Good, Rule
from rules.settings import settings_table
from rules.trial import judge_example

#: Columns of a terminal.
WIDTH: Final = 80
#: Columns of the Markdown's source, where a line may be broken.
_PAGE_WIDTH: Final = 120

#: What the worst plausible case of a severity is.
GAINS: Final[dict[Severity, str]] = {
    "critical": "Somebody elsewhere can have codes or tokens sent to them today, with nothing but a link; or a stranger, or one secret that was copied, has the whole tenant.",
    "high": "One more step is needed: a place in the network, a look at a page, a person who is deceived; or an outage within days.",
    "medium": "An attacker gains from it together with another mistake, or after a change that nobody will notice.",
    "low": "It widens what can go wrong, or hides it: clean up when you are there.",
    "info": "Nothing is gained from it by itself; it is worth knowing.",
}

_CLEAN: Final = {
    "web": "a web app", "spa": "a single-page app", "native": "a native app", "daemon": "a daemon", "api": "an API",
    "own": "a web app of the tenant", "own-daemon": "a daemon of the tenant", "own-api": "an API of the tenant",
    "foreign": "an application of another tenant", "managed-identity": "a managed identity",
    TENANT_KIND: "a tenant",
}  # fmt: skip

#: What a rule that is not called with a single registration is called with.
_SCOPES: Final = {
    "registrations": "It compares all registrations of a run, and is silent where there is one.",
    "tenant-app": "It judges applications of a tenant with their service principals: read one with --tenant, or from a snapshot.",
    "tenant": "It judges the policies of a tenant: read one with --tenant, or from a snapshot.",
}

_ASKS: Final = "It judges what DNS says, and is silent without lint --resolve-hosts."


def render_rule(rule: Rule, source: str = "") -> str:
    """One rule as plain text, at most 80 columns wide but for addresses and long values; no final line feed.

    *source* says where a rule comes from that is not built in.
    """
    return "\n".join(_rule_lines(rule, source))


def _rule_lines(rule: Rule, source: str) -> Iterator[str]:
    yield from _head(rule, source)
    yield from _fill(rule.title)
    for name, text in (("Why", rule.why), ("Fix", rule.fix)):
        if not text:  # an organisation need not give itself reasons
            continue
        yield ""
        yield from _fill(text, first=f"{name}: ", rest="     ")
    yield from _examples(rule)
    if rule.settings:
        yield ""
        yield "Settings:"
        for name, _, default, sentence in _settings(rule):
            yield from _fill(f"{name} = {_literal(default)}", first="  ")
            yield from _fill(sentence, first="    ")
    yield ""
    yield from _need_lines(rule)
    yield from _mended(rule)
    if rule.checks:
        yield ""
        yield "The same in other tools:"
        for check in CHECKS:
            if check.id in rule.checks:
                who = ", ".join(check.peers) or "none"
                yield from _fill(f"{check.id}, {check.wrong}: {who}", first="  ", rest="    ")
    if rule.references:
        yield ""
        yield "Sources:"
    for reference in rule.references:
        if reference.title != reference.url:
            yield from _fill(reference.title, first="  ")
        yield f"    {reference.url}"


def _head(rule: Rule, source: str) -> Iterator[str]:
    """What it is called, how grave it is, whose it is, and what its status means."""
    yield rule.id
    yield from _fill(
        f"{_severities(rule)}, family {rule.family}{f', since {rule.since}' if rule.since and not source else ''}"
        f"{_status(rule)}{f', from {source}' if source else ''}"
    )
    if rule.status == "preview":
        yield from _fill("Its judgement may still change: it runs with --preview, or when it is selected by its name.")
    if rule.instead:
        yield f"Use {rule.instead} instead."
    yield ""


def _examples(rule: Rule) -> Iterator[str]:
    """A bad and a good example; an organisation's own rule may have none."""
    if rule.bad and rule.bad[0].at:
        bad = rule.bad[0]
        yield ""
        yield f"Bad, laid over {_CLEAN[rule.over]} without findings:"
        yield from _example(bad.fragment)
        if bad.beside:
            yield "  beside a registration with"
            yield from _example(bad.beside[0])
        yield from _dns_lines(bad)
        reported = f"  reported: {bad.severity or rule.severity} at"
        yield from (f"{reported} {bad.at}",) if len(reported) + len(bad.at) < WIDTH else (reported, f"  {bad.at}")
    if rule.good:
        good = next((good for good in rule.good if good.but), rule.good[0])
        yield ""
        yield f"Good{f' ({good.but})' if good.but else ''}:"
        yield from _example(good.fragment)
        yield from _dns_lines(good)


def _dns_lines(example: Bad | Good) -> Iterator[str]:
    for name, facts in example.names.items():
        yield from _fill(f"DNS: {name} {_said(facts)}", first="  ", rest="    ")


def _mended(rule: Rule) -> Iterator[str]:
    """Where the property of its first bad example is mended, in each tool."""
    if not rule.bad or not rule.bad[0].at:
        return
    bad = rule.bad[0]
    yield ""
    yield "Where it is mended:"
    for tool, words in instructions(bad.at, patch_of(rule, bad)):
        start = f"  {tool + ':':<11} "
        if "https://" in words:  # a line to copy is not broken
            yield start + words
        else:
            yield from _fill(words, first=start, rest="              ")


def _need_lines(rule: Rule) -> Iterator[str]:
    """What must be readable, and when it speaks at all."""
    needs = (*rule.needs, *rule.needs_all)
    start = "Needs: "
    if max(map(len, needs), default=0) + len(start) >= WIDTH:  # a path is not broken, so it gets a line of its own
        yield start.rstrip()
        start = "  "
    yield from _fill(", ".join(needs), first=start, rest=" " * len(start))
    if rule.scope in _SCOPES:
        yield from _fill(_SCOPES[rule.scope], first=" " * len(start))
    if rule.asks:
        yield from _fill(_ASKS, first=" " * len(start))


def patch_of(rule: Rule, bad: Bad) -> dict[str, Any] | None:
    """The merge patch that the rule gives for a bad fragment of its own; ``None`` where its fix is not mechanical."""
    found = judge_example((rule,), rule.over, bad).findings
    return found[0].patch if found else None


def _fill(text: str, *, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _example(fragment: dict[str, Any]) -> Iterator[str]:
    for line in _json(fragment).splitlines():
        yield f"  {line}"


def _json(value: Any) -> str:
    """JSON with short lists and objects on one line, long lists cut."""
    return _pretty(_cut(value), "")


def _pretty(value: Any, indent: str, before: str = "") -> str:
    """*value* as JSON, on one line where it fits after *before*."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(before) + len(flat) < WIDTH - 3 or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        names = {f"{json.dumps(name)}: ": part for name, part in value.items()}
        lines = [f"{inner}{name}{_pretty(part, inner, name)}" for name, part in names.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_pretty(part, inner)}" for part in value) + f"\n{indent}]"


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(part) for name, part in value.items()}
    if isinstance(value, list):
        shown = [_cut(part) for part in value[:4]]
        return [*shown[:3], f"... {len(value)} in all"] if len(value) > 4 else shown
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:32]}... ({len(value)} characters)"
    return value


def _severities(rule: Rule) -> str:
    others = ", ".join(severity for severity in SEVERITIES if severity in rule.may_be)
    return f"{rule.severity} (may be {others})" if others else rule.severity


def _status(rule: Rule) -> str:
    return "" if rule.status == "stable" else f", {rule.status}"


def _settings(rule: Rule) -> Iterator[tuple[str, str, Any, str]]:
    return (row for row in settings_table() if row[0] in rule.settings)


def _literal(value: Any) -> str:
    """A value as TOML writes it."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


_HEAD: Final = """\
# Rules

<!-- Made by `python tests/house/regenerate.py` from the rules themselves; edit those. -->

grantlint judges registrations with {count} rules in {families} families. `grantlint rules ID` shows one in the terminal.
An id names the bad thing and reads well after "allow". A rule reports a place once, and no two rules report one mistake.

- **Severity** is that of the worst plausible case; a rule that knows more about a place may raise or lower it.
- **Bad and good** are fragments of Microsoft Graph JSON, laid over one of five registrations without findings: a web app, a
  single-page app, a native app, a daemon, an API. They are the rule's tests as well.
- **Needs** names what must have been read. What was not is *not assessed*; it is never taken for clean.
- **Preview** marks a rule whose judgement may still change, since it guesses at an intention or speaks of a feature that is
  in preview itself. It runs with `--preview`, with `preview = true` in the configuration, or when it is selected by name.

## Severities

| severity | what an attacker gains, or you lose |
| --- | --- |
{severities}

## Families
"""


def render_catalogue(rules: Iterable[Rule]) -> str:
    """All *rules* as Markdown, family by family in the order given."""
    plan = tuple(rules)
    families = {rule.family: [r for r in plan if r.family == rule.family] for rule in plan}
    rows = "\n".join(f"| {severity} | {GAINS[severity]} |" for severity in SEVERITIES)
    parts = [_HEAD.format(count=len(plan), families=len(families), severities=rows)]
    for family, members in families.items():
        parts.append(f"### {family}\n\n| rule | severity | what is wrong |\n| --- | --- | --- |")
        parts[-1] += "".join(f"\n| {_link(r)} | {_severities(r)} | {_inline(r.title)} |" for r in members) + "\n"
    parts.append(_settings_section())
    parts.append(_checks_section(plan))
    parts += [_section(rule) for rule in plan]
    return "\n".join(parts)


def _link(rule: Rule) -> str:
    return f"[{rule.id}](#{rule.id}){f' ({rule.status})' if rule.status != 'stable' else ''}"


def _settings_section() -> str:
    rows = (
        f"| `{name}` | {kind} | `{_literal(default)}` | {sentence} |"
        for name, kind, default, sentence in settings_table()
    )
    table = "\n".join(("| setting | type | default | what it does |", "| --- | --- | --- | --- |", *rows))
    return f"## Settings\n\nThey stand under `[settings]` in the configuration.\n\n{table}\n"


_CHECKS_HEAD: Final = """\
## Canonical checks

What nine other tools check, and what none checks but should: {count} checks, of which {judged} are judged by another tool
and {covered} by the rules above. A check is named in the rule that covers it, so that people can come from another tool.

| check | what is wrong | judged by | rules |
| --- | --- | --- | --- |
"""


def _checks_section(plan: tuple[Rule, ...]) -> str:
    """Ours against theirs, with a reason for what no rule covers."""
    by_check: dict[str, list[str]] = {}
    for rule in plan:
        for check_id in rule.checks:
            by_check.setdefault(check_id, []).append(f"[{rule.id}](#{rule.id})")
    rows = [
        f"| {check.id} | {_inline(check.wrong)} | {', '.join(check.peers) or 'none'} | "
        f"{', '.join(by_check.get(check.id, ())) or 'left out: ' + LEFT_OUT.get(check.id, '')} |"
        for check in CHECKS
    ]
    judged = sum(bool(check.peers) for check in CHECKS)
    head = _CHECKS_HEAD.format(count=len(CHECKS), judged=judged, covered=len(by_check))
    return head + "\n".join(rows) + "\n"


def _section(rule: Rule) -> str:
    lines = [f"## {rule.id}", "", f"{_severities(rule)}; {rule.family}{_status(rule)}", ""]
    lines += [rule.title, "", f"**Why.** {rule.why}", "", f"**Fix.** {rule.fix}", ""]
    for bad in rule.bad[:2]:
        lines += [
            f"Bad: {bad.severity or rule.severity} at `{bad.at}` ({rule.over})",
            "",
            "```json",
            _json(bad.fragment),
            "```",
            "",
            *_dns(bad),
        ]
    for good in sorted(rule.good, key=lambda good: not good.but)[:2]:
        lines += [
            f"Good{f': {good.but}' if good.but else ''}",
            "",
            "```json",
            _json(good.fragment),
            "```",
            "",
            *_dns(good),
        ]
    if rule.settings:
        lines += ["Settings: " + ", ".join(f"[`{name}`](#settings)" for name in rule.settings), ""]
    if rule.checks:
        lines += ["Checks: " + ", ".join(f"[{check}](#canonical-checks)" for check in rule.checks), ""]
    needs = ", ".join(f"`{path}`" for path in (*rule.needs, *rule.needs_all))
    lines += [*textwrap.wrap(f"Needs: {needs}", _PAGE_WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    if rule.asks:
        lines += [_ASKS, ""]
    lines += ["Sources: " + ", ".join(f"[{reference.title}]({reference.url})" for reference in rule.references), ""]
    return "\n".join(lines)


def _dns(fragment: Bad | Good) -> list[str]:
    """What DNS says, for a rule that asks it."""
    said = [f"`{name}` {_said(facts)}" for name, facts in fragment.names.items()]
    return [f"DNS: {'; '.join(said)}", ""] if said else []


def _said(facts: NameFacts) -> str:
    leads = "".join(f"leads to {name}, which " for name in facts.chain)
    words = {"exists": "exists", "missing": "does not exist", "no-address": "has no address", "failed": "is not known"}
    return f"{leads}{words[facts.state]}"


def _inline(text: str) -> str:
    return text.replace("|", "\\|")
