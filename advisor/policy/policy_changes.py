"""What a change does to the policy: configuration, suppressions and baseline, with the worst that each can hide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from advisor.policy.additions import Added
from advisor.policy.baseline import Baseline
from advisor.policy.config import Configuration, Override
from advisor.policy.suppressions import Suppression
from advisor.policy.values import said_of_declared, said_of_override, said_of_suppression, toml, values
from reports.rows import PolicyChange
from rules.model.finding import SEVERITIES, Severity

#: Rules, and families as the worst of their rules, by severity.
Severities = Mapping[str, Severity]

_FAIL_ON: Final = (*SEVERITIES, "never")
#: Where something is says nothing about what it does.
_PLACE: Final = {"file": "", "line": None}


class PolicyState(msgspec.Struct, frozen=True):
    """What holds at a time: the configuration, the suppressions in comments, and the baseline with its file."""

    configuration: Configuration
    comments: tuple[Suppression, ...] = ()
    baseline: Baseline | None = None
    baseline_file: str = ""


def policy_changes(old: PolicyState, new: PolicyState, severities: Severities) -> tuple[PolicyChange, ...]:
    """The changes from *old* to *new*, the worst first: each with the worst severity of what it can hide."""
    found = (
        *_suppressions(old, new, severities),
        *_values(old.configuration, new.configuration, severities),
        *_overrides(old.configuration, new.configuration, severities),
        *_declared(old.configuration, new.configuration),
        *_rules(old.configuration, new.configuration),
        *_baseline(old, new),
    )
    return tuple(sorted(found, key=lambda change: SEVERITIES.index(change.severity)))


def new_comments(old: Iterable[Suppression], new: Iterable[Suppression]) -> tuple[Suppression, ...]:
    """The valid suppressions in comments that were not there before, in any line of any file."""
    return tuple(one for one in _more(old, new) if not one.fault)


def _identity(one: Any) -> bytes:
    """What something says, wherever it is."""
    moved = msgspec.structs.replace(one, **_PLACE)
    if isinstance(one, Suppression) and one.is_inline:
        moved = msgspec.structs.replace(moved, lines=(0,))
    return msgspec.json.encode(moved, order="sorted")


def _more(old: Iterable[Any], new: Iterable[Any]) -> Iterator[Any]:
    """Those of *new* that *old* does not have."""
    left = Counter(map(_identity, old))
    for one in new:
        identity = _identity(one)
        if left[identity]:
            left[identity] -= 1
        else:
            yield one


def _worst(names: Iterable[str], severities: Severities) -> Severity:
    """The worst of some rules and families; ``info`` for none."""
    return min((severities.get(name, "medium") for name in names), key=SEVERITIES.index, default="info")


def _suppressions(old: PolicyState, new: PolicyState, severities: Severities) -> Iterator[PolicyChange]:
    before, now = (
        tuple(one for one in (*state.configuration.suppressions, *state.comments) if not one.fault)
        for state in (old, new)
    )
    for one in _more(before, now):
        reason = f": {one.reason}" if one.reason else ", without a reason"
        what = f"new suppression of {said_of_suppression(one)}{reason}"
        yield PolicyChange(severity=_worst(one.rules, severities), message=what, file=one.file, line=one.line)
    for one in _more(now, before):
        what = f"suppression of {said_of_suppression(one)} was removed"
        yield PolicyChange(severity="info", message=what, file=one.file)


def _values(old: Configuration, new: Configuration, severities: Severities) -> Iterator[PolicyChange]:
    before, now = values(old), values(new)
    for key in dict.fromkeys((*before, *now)):
        was: Any = before.get(key)
        is_now: Any = now.get(key)
        if was == is_now:
            continue
        place = new.places.get(key) or new.places.get(key.partition(".")[0])
        file = place.file if place else (former.file if (former := old.places.get(key)) else new.file or old.file or "")
        line = place.line if place else None
        if key in ("ignore", "lock"):
            yield from _listed(key, was, is_now, new, severities, file)
            continue
        name = key.removeprefix("settings.").removeprefix("severity.")
        what = f"{name} is now {_shown(is_now)}; it was {_shown(was)}"
        severity = _severity(key, was, is_now, severities)
        yield PolicyChange(severity=severity, message=what, file=file, line=line)


def _listed(
    key: str, was: tuple[str, ...], is_now: tuple[str, ...], new: Configuration, severities: Severities, file: str
) -> Iterator[PolicyChange]:
    """Which names ``ignore`` or ``lock`` gained and lost."""
    words = {"ignore": "ignored", "lock": "locked"}[key]
    for name in dict.fromkeys(name for name in is_now if name not in was):
        place = new.places.get(f"{key}.{name}")
        severity = _worst((name,), severities) if key == "ignore" else "info"
        line = place.line if place else None
        yield PolicyChange(
            severity=severity, message=f"{name} is now {words}", file=place.file if place else file, line=line
        )
    for name in dict.fromkeys(name for name in was if name not in is_now):
        yield PolicyChange(
            severity="info" if key == "ignore" else "high", message=f"{name} is no longer {words}", file=file
        )


def _shown(value: Any) -> str:
    if value is None or value in ("", ()):
        return "not set"
    return value if isinstance(value, str) else toml(value)


def _severity(key: str, was: Any, is_now: Any, severities: Severities) -> Severity:
    """The worst that a changed value can hide; ``info`` for one that hides nothing."""
    head, _, name = key.partition(".")
    if key == "fail-on":
        hidden = _FAIL_ON[_FAIL_ON.index(is_now) + 1 : _FAIL_ON.index(was) + 1] if is_now != "never" else SEVERITIES
        return next((level for level in SEVERITIES if level in hidden and was != "never"), "info")
    if head == "severity":
        usual = severities.get(name, "medium")
        former, later = was or usual, is_now or usual
        ranks = (*SEVERITIES, "off")
        return former if former != "off" and ranks.index(later) > ranks.index(former) else "info"
    if key == "select":
        kept = set(is_now)
        lost = (rule for rule in (was or severities) if rule not in kept) if kept else ()
        return _worst(lost, severities)
    if head in ("suppressions", "ignorable"):
        return _loosened(head, name, was, is_now, severities)
    losses: Mapping[str, tuple[Severity, Any]] = {
        "packs": ("high", key == "packs" and set(was) - set(is_now)),
        "preview": ("low", was),
        "baseline": ("medium", True),
        "settings": ("medium", True),
    }
    worst, is_less = losses.get(head, ("info", False))
    return worst if is_less else "info"


def _loosened(table: str, name: str, was: Any, is_now: Any, severities: Severities) -> Severity:
    """The same for what is required of suppressions (*table* is ``suppressions``) and for ``ignorable``."""
    if table == "ignorable":
        return _worst((name,), severities) if is_now is None else "info"
    return "medium" if is_now is None or (was is not None and is_now > was) else "info"


def _overrides(old: Configuration, new: Configuration, severities: Severities) -> Iterator[PolicyChange]:
    for one in _more(old.overrides, new.overrides):
        yield PolicyChange(
            severity=_hidden_by((*one.ignore, *one.severity), one, severities),
            message=f"new override for {said_of_override(one)}",
            file=one.file,
            line=one.line,
        )
    for one in _more(new.overrides, old.overrides):
        what = f"override for {said_of_override(one)} was removed"
        stricter = (rule for rule, level in one.severity.items() if level != "off")
        yield PolicyChange(severity=_hidden_by(stricter, one, severities), message=what, file=one.file)


def _hidden_by(rules: Iterable[str], override: Override, severities: Severities) -> Severity:
    """The worst that an override of these *rules* can hide; other settings can hide or show findings."""
    worst = _worst(rules, severities)
    return min(worst, "medium", key=SEVERITIES.index) if override.settings else worst


def _declared(old: Configuration, new: Configuration) -> Iterator[PolicyChange]:
    for one in _more(old.registrations, new.registrations):
        what = f"now declared for {said_of_declared(one)}"
        yield PolicyChange(severity="info", message=what, file=one.file, line=one.line)
    for one in _more(new.registrations, old.registrations):
        what = f"no longer declared for {said_of_declared(one)}"
        yield PolicyChange(severity="low" if one.grant else "info", message=what, file=one.file)


def _rules(old: Configuration, new: Configuration) -> Iterator[PolicyChange]:
    def own(configuration: Configuration) -> dict[tuple[str, str, tuple[str, ...], str], Added]:
        return {(a.rule.id, a.where, a.each, a.rule.severity): a for a in configuration.added if not a.pack}

    before, now = own(old), own(new)
    for key, added in now.items():
        if key not in before:
            yield PolicyChange(
                severity="info", message=f"rule {key[0]} is new or changed", file=added.file, line=added.line
            )
    for key, added in before.items():
        if key not in now:
            what = f"rule {key[0]} is no longer as it was"
            yield PolicyChange(severity=added.rule.severity, message=what, file=added.file)


def _baseline(old: PolicyState, new: PolicyState) -> Iterator[PolicyChange]:
    """How many entries the baseline gained and lost. An entry hides one finding, whose severity it may not have."""
    before, now = (
        Counter(entry.fingerprint for entry in state.baseline.findings) if state.baseline else Counter[str]()
        for state in (old, new)
    )
    more, less = (now - before).total(), (before - now).total()
    file = new.baseline_file or old.baseline_file
    if more:
        yield PolicyChange(severity="medium", message=f"baseline has {_entries(more, 'new ')}", file=file)
    if less:
        what = f"baseline has lost {_entries(less)}"
        yield PolicyChange(severity="info", message=what, file=file)


def _entries(number: int, word: str = "") -> str:
    return f"{number:,} {word}{'entry' if number == 1 else 'entries'}"
