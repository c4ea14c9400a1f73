"""Check rules with their own examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from rules.engine.rule import Bad, Context, Good, On, Rule, Subject
from rules.engine.run import Result, lint
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.clean_tenant import APP_KINDS, TENANT_KIND, app_over, tenant_over
from rules.model.registration import Registration
from rules.model.settings import Settings

#: The bases into which a rule's examples may be merged, by what the rule is called with.
_KINDS: Final[dict[On, tuple[str, ...]]] = {
    "registration": KINDS,
    "registrations": KINDS,
    "service principal": APP_KINDS,
    "tenant": (TENANT_KIND,),
}
NO_ID: Final = "is not a rule ID: it must be two or more words in kebab-case"
_INVALID: Final = "is not a valid registration: {}"
_WHAT: Final = {**dict.fromkeys(APP_KINDS, "application"), TENANT_KIND: "tenant"}


def is_id(text: str) -> bool:
    """Say whether *text* may be the id of a rule: two or more words in kebab-case."""
    return re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", text) is not None


def check_example(rules: Sequence[Rule], base: str, example: Bad | Good) -> Result:
    """The result of *rules* for an *example* merged into *base*, without that for its other registrations.

    *base* is a clean registration of ``rules.model.clean``, or a clean application or tenant of
    ``rules.model.clean_tenant``. Raises ``msgspec.ValidationError`` for a fragment or settings of the wrong shape.
    """
    dns = example.dns if any(rule.needs_dns for rule in rules) else None
    context = Context(NOW, msgspec.convert(example.settings, Settings), dns, example.usage)
    if base == TENANT_KIND:
        return lint([Subject("x", tenant_over(example.fragment))], rules, context)
    if base in APP_KINDS:
        app = app_over(base, example.fragment)
        return lint([Subject("x", app)], rules, context, Subject("tenant", app.tenant))
    subjects = [Subject("x", msgspec.convert(merged_into(base, example.fragment), Registration))]
    subjects += [
        Subject(f"y{number}", msgspec.convert(neighbor(number, other), Registration))
        for number, other in enumerate(example.other_registrations)
    ]
    result = lint(subjects, rules, context)
    return Result(
        tuple(found for found in result.findings if found.registration == "x"),
        result.not_assessed.of_registrations("x".__eq__),
    )


def neighbor(number: int, fragment: dict[str, Any]) -> dict[str, Any]:
    """A registration that has nothing in common with the clean ones except *fragment*."""
    app = {
        **clean("spa"),
        "spa": {"redirectUris": []},
        "appId": f"99999999-9999-4999-8999-99999999999{number}",
        "displayName": f"Other {number}",
    }
    return {**app, **fragment}


def first_place(rule: Rule, fragment: dict[str, Any]) -> str:
    """The pointer at which *rule* first reports *fragment*; empty where it does not, or for an invalid fragment."""
    try:
        found = check_example((rule,), rule.base, Good(fragment)).findings
    except msgspec.ValidationError:
        return ""
    return found[0].pointer if found else ""


def complaints(rules: Sequence[Rule]) -> Iterator[str]:
    """What is wrong with the examples of *rules*, a sentence each; nothing if all are right.

    A bad example must be reported once, at its place and with its severity. Other *rules* must not report it, unless
    it names them. No rule may report a good example or a clean registration.
    """
    ids = [rule.id for rule in rules]
    yield from (f"{name}: {ids.count(name)} rules have this ID" for name in sorted(set(ids)) if ids.count(name) > 1)
    for rule in rules:
        if not is_id(rule.id):
            yield f"{rule.id}: {NO_ID}"
        kinds = _KINDS[rule.on]
        if rule.base not in kinds:
            yield f"{rule.id}: base is {rule.base!r} and must be one of {', '.join(kinds)}"
            continue
        for number, bad in enumerate(rule.bad, 1):
            yield from (f"{rule.id}: bad example {number} {what}" for what in _of_bad(rules, rule, bad))
        for number, good in enumerate(rule.good, 1):
            yield from (f"{rule.id}: good example {number} {what}" for what in _of_good(rule, good))
    for kind in dict.fromkeys(kind for rule in rules for kind in _KINDS[rule.on]):
        result = check_example(rules, kind, Good({}))
        yield from (
            f"{found.rule}: reports the clean {_WHAT.get(kind, 'registration')} {kind!r} at {found.pointer}"
            for found in result.findings
        )


def _of_bad(rules: Sequence[Rule], rule: Rule, bad: Bad) -> Iterator[str]:
    try:
        result = check_example(rules, rule.base, bad)
    except msgspec.ValidationError as error:
        yield _INVALID.format(error)
        return
    yield from _not_assessed(result)
    own = [(found.pointer, found.severity) for found in result.findings if found.rule == rule.id]
    wanted = bad.at, bad.severity or rule.severity
    if not own:
        yield "is not reported"
    elif own != [wanted]:
        reported = ", ".join(f"{severity} at {pointer}" for pointer, severity in own)
        yield f"is reported {reported}, and not once {wanted[1]} at {wanted[0]}"
    others = {found.rule for found in result.findings} - {rule.id, *bad.expected_rules}
    if others:
        yield f"is also reported by {', '.join(sorted(others))}, which expected_rules= does not name"


def _of_good(rule: Rule, good: Good) -> Iterator[str]:
    try:
        result = check_example((rule,), rule.base, good)
    except msgspec.ValidationError as error:
        yield _INVALID.format(error)
        return
    yield from _not_assessed(result)
    yield from (f"is reported at {found.pointer}" for found in result.findings)


def _not_assessed(result: Result) -> Iterator[str]:
    yield from (f"is not assessed at {gap.pointer}: {gap.note or gap.reason}" for gap in result.not_assessed)
