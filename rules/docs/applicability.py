"""What ``lint --fix`` does with the findings of a rule, by the rule's own bad examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from rules.docs.examples import check_example
from rules.engine.applicability import applicability
from rules.engine.rule import Rule
from rules.model.clean import NOW, merged_into
from rules.model.finding import Applicability
from rules.model.registration import Registration

_WORDS: Final = {
    frozenset(("safe",)): "safe: lint --fix makes the change in files",
    frozenset(("unsafe",)): "unsafe: lint --fix --unsafe-fixes makes the change in files",
    frozenset(("safe", "unsafe")): (
        "safe where no sign-in depends on the value: lint --fix makes the change in files; otherwise unsafe: with "
        "--unsafe-fixes"
    ),
    frozenset(("display only",)): "display only: the change is shown, and in fix plans",
}


def applicability_words(rule: Rule) -> str:
    """Whether the change that *rule* proposes is safe, and what makes it; empty for a rule that proposes none."""
    return _WORDS.get(frozenset(_of_examples(rule)), "")


def _of_examples(rule: Rule) -> Iterator[Applicability]:
    for bad in rule.bad:
        for finding in check_example((rule,), rule.base, bad).findings:
            if finding.patch and rule.on in ("registration", "registrations"):
                app = msgspec.convert(merged_into(rule.base, bad.fragment), Registration)
                yield applicability(finding, app, NOW) or "display only"
            elif finding.patch:
                yield "display only"
