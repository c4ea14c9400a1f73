"""The catalog: all rules as Markdown. Pure functions of the rules."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

from rules.docs.applicability import applicability_words
from rules.docs.canonical import checks
from rules.docs.instructions import instructions
from rules.docs.rule_page import patch_of
from rules.docs.rule_words import (
    NEEDS_DNS,
    NEEDS_USAGE,
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
from rules.knowledge.reference import Reference
from rules.model.finding import SEVERITIES, Severity
from rules.model.settings import settings_table

#: Columns of the Markdown's source, where a line may be broken.
_PAGE_WIDTH: Final = 120

#: How the instructions begin that are code.
_CODE: Final = ("az ", "Invoke-", "Remove-", "PATCH ", "POST ", "PUT ", "DELETE ", "azuread_", "Microsoft.Graph/")

#: The worst plausible case of each severity.
GAINS: Final[dict[Severity, str]] = {
    "critical": (
        "Anyone on the internet can get codes or tokens with only a link. In other cases, an outsider, or anyone with "
        "one leaked secret, can control the whole tenant."
    ),
    "high": (
        "The attack needs one more step, such as network access, access to a page, or a deceived user. In other cases, "
        "an outage follows within days."
    ),
    "medium": "An attacker can use the mistake together with another mistake, or after an unnoticed change.",
    "low": "The mistake increases or hides another risk. Fix it when you next change the registration.",
    "info": "An attacker cannot use the mistake alone.",
}

_HEAD: Final = """\
# Rules

<!-- Made by `python tests/project/regenerate.py` from the rules themselves; edit those. -->

grantlint checks registrations with {count} rules in {families} families. `grantlint rules ID` shows one rule in the
terminal. Each ID names the problem. A rule reports each place once, and no two rules report the
same mistake.

- **Severity** rates the worst plausible case. A rule may raise or lower the severity of a finding.
- **Bad and good** are fragments of Microsoft Graph JSON, merged into a registration without findings. The registration
  is a web app, a single-page app, a native app, a daemon, or an API. For rules that need `--tenant`, the fragments are
  merged into an application of a tenant with its service principal, or into a tenant. The examples are also the tests
  of the rule.
- **Needs** lists the properties that grantlint must have read. An unread value is *not assessed*, never clean.
- **Applicability** says whether `lint --fix` makes the change in a file: *safe*, every sign-in works as before;
  *unsafe*, a client may stop working; *display only*, you make the change yourself.
- **Preview** marks a rule that may still change, because it infers an intention, or checks a feature that is in preview
  itself. A preview rule runs with `--preview`, with `preview = true` in the configuration, or when it is selected by
  name.

## Severities

| severity | what an attacker gains, or what you lose |
| --- | --- |
{severities}

## Families
"""


def render_catalog(rules: Iterable[Rule]) -> str:
    """All *rules* as Markdown, family by family in the order given."""
    plan = tuple(rules)
    families = {rule.family: [r for r in plan if r.family == rule.family] for rule in plan}
    rows = "\n".join(f"| {severity} | {GAINS[severity]} |" for severity in SEVERITIES)
    count = sum(rule.status != "removed" for rule in plan)
    parts = [_HEAD.format(count=count, families=len(families), severities=rows)]
    for family, members in families.items():
        parts.append(f"### {family}\n\n| rule | severity | what is wrong |\n| --- | --- | --- |")
        parts[-1] += "".join(f"\n| {_link(r)} | {severities(r)} | {_inline(r.title)} |" for r in members) + "\n"
    parts.append(_settings_section())
    parts.append(_checks_section(plan))
    parts += [_section(rule) for rule in plan]
    return "\n".join(parts)


def _source(reference: Reference) -> str:
    when = f" ({reference.when})" if reference.when else ""
    return f"- [{reference.label}]({reference.url}){when}: {_inline(reference.supports)}"


def _link(rule: Rule) -> str:
    return f"[{rule.id}](#{rule.id}){f' ({rule.status})' if rule.status != 'stable' else ''}"


def _settings_section() -> str:
    rows = (
        f"| `{name}` | {kind} | `{literal(default)}` | {sentence} |"
        for name, kind, default, sentence in settings_table()
    )
    table = "\n".join(("| setting | type | default | what it does |", "| --- | --- | --- | --- |", *rows))
    return f"## Settings\n\nSet these values under `[settings]` in the configuration.\n\n{table}\n"


_CHECKS_HEAD: Final = """\
## Canonical checks

A linter of app registrations should make {count} checks. Nine other tools together make {checked} of these
checks, and grantlint's rules make {covered}. Use the table to find the rule that makes the same check as another tool.

| check | what is wrong | checked by | rules |
| --- | --- | --- | --- |
"""


def _checks_section(plan: tuple[Rule, ...]) -> str:
    """The canonical checks with the rules that cover them, or the reason why none does."""
    by_check: dict[str, list[str]] = {}
    for rule in plan:
        for check_id in rule.checks:
            by_check.setdefault(check_id, []).append(f"[{rule.id}](#{rule.id})")
    rows = [
        f"| {check.id} | {_inline(check.wrong)} | {', '.join(check.peers) or 'none'} | "
        f"{', '.join(by_check.get(check.id, ())) or 'not covered: ' + check.left_out} |"
        for check in checks()
    ]
    checked = sum(bool(check.peers) for check in checks())
    head = _CHECKS_HEAD.format(count=len(checks()), checked=checked, covered=len(by_check))
    return head + "\n".join(rows) + "\n"


def _section(rule: Rule) -> str:
    lines = [f"## {rule.id}", "", f"{severities(rule)}; {rule.family}{status_words(rule)}", ""]
    lines += [rule.title, "", f"**Why.** {rule.why}", ""]
    lines += [f"**When it is acceptable.** {rule.acceptable}", ""] if rule.acceptable else []
    lines += [f"**Fix.** {rule.fix}", "", *_commands(rule)]
    if words := applicability_words(rule):
        lines += [f"**Applicability.** {words[:1].upper()}{words[1:]}.", ""]
    for bad in rule.bad[:2]:
        lines += [
            f"Bad: {bad.severity or rule.severity} at `{bad.at}` ({rule.base})",
            "",
            "```json",
            json_text(bad.fragment),
            "```",
            "",
            *_evidence(bad),
        ]
    for good in sorted(rule.good, key=lambda good: not good.why)[:2]:
        lines += [
            f"Good{f': {good.why}' if good.why else ''}",
            "",
            "```json",
            json_text(good.fragment),
            "```",
            "",
            *_evidence(good),
        ]
    if rule.settings:
        lines += ["Settings: " + ", ".join(f"[`{name}`](#settings)" for name in rule.settings), ""]
    if rule.checks:
        lines += ["Checks: " + ", ".join(f"[{check}](#canonical-checks)" for check in rule.checks), ""]
    needs = ", ".join(f"`{path}`" for path in (*rule.needs, *rule.needs_all))
    lines += [*textwrap.wrap(f"Needs: {needs}", _PAGE_WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    if rule.needs_dns:
        lines += [NEEDS_DNS, ""]
    if rule.needs_usage:
        lines += [NEEDS_USAGE, ""]
    lines += ["Sources:", "", *map(_source, rule.references), ""]
    return "\n".join(lines)


def _commands(rule: Rule) -> list[str]:
    """Where to fix the property of its first bad example in each tool, and how to see that the fix worked."""
    if not rule.bad or not rule.bad[0].at:
        return []
    bad = rule.bad[0]
    fixes = instructions(bad.at, patch_of(rule, bad))
    checks = (*verification(bad.at), ("grantlint", lint_again(rule)))
    rows = (f"- {tool}: {f'`{words}`' if _is_code(words) else words}" for tool, words in fixes)
    again = (f"- {tool}: `{words}`" for tool, words in checks)
    return [*rows, "", "**Verify.**", "", *again, ""]


def _is_code(words: str) -> bool:
    """Whether an instruction is a command, a request or a property, and no sentence."""
    return "`" not in words and words.startswith(_CODE)


def _evidence(fragment: Bad | Good) -> list[str]:
    """The DNS answers and the sign-ins of an example, for a rule that needs them."""
    answers = [f"`{name}` {dns_text(facts)}" for name, facts in fragment.dns.items()]
    lines = [f"DNS: {'; '.join(answers)}", ""] if answers else []
    return lines + ([f"Sign-ins: {'; '.join(uses)}", ""] if (uses := [*usage_texts(fragment.usage)]) else [])


def _inline(text: str) -> str:
    return text.replace("|", "\\|")
