"""The table of all rules by severity, for the page ``rules/SEVERITY.md``. Pure functions of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules.docs.rule_words import severities
from rules.engine.rule import Rule
from rules.model.finding import SEVERITIES

_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def render_severities(rules: Iterable[Rule]) -> str:
    """All *rules* as a Markdown table, the worst severity first: what each can be, and what an attacker can do.

    Removed rules are left out.
    """
    running = (rule for rule in rules if rule.status != "removed")
    plan = sorted(running, key=lambda rule: SEVERITIES.index(rule.severity))
    rows = [f"| [{rule.id}](README.md#{rule.id}) | {severities(rule)} | {_first(rule.why)} |" for rule in plan]
    return "\n".join(("| rule | severity | who can do what |", "| --- | --- | --- |", *rows)) + "\n"


def _first(text: str) -> str:
    """The first two sentences of a text, in one cell of a table."""
    return " ".join(_SENTENCE.split(text)[:2]).replace("|", "\\|")
