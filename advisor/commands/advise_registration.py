"""``grantlint advise --registration``: what a registration says about its client, and how it fits the advice."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.commands.advise import Ask, gather_advice
from advisor.commands.advise_show import advice_report
from advisor.commands.output import show
from advisor.commands.registrations import reading_of
from advisor.commands.session import clock_utc
from advisor.decide.answers import one_client
from advisor.decide.fit import fit, known_answers
from advisor.decide.infer import built_for, infer
from advisor.errors import InputError
from reports.escape import visible_name
from rules.model.registration import Registration

if TYPE_CHECKING:
    from advisor.decide.tree import DecisionTree
    from advisor.sources.reading.builder import Reading


def advise_registration(
    tree: DecisionTree,
    named: str,
    *,
    given: Mapping[str, str],
    configured: Mapping[str, str],
    ask: Ask | None,
    built: bool,
    show_with: dict[str, Any],
) -> int:
    """Advise for the client of a registration, or with *built* say what it and its neighbours are built for."""
    reading, file, name = reading_of(named)
    for problem in reading.problems:
        raise InputError(problem.what, file=problem.file, line=problem.line, column=problem.column, hint=problem.hint)
    apps = _matching(reading, name, file)
    if built:
        return _show_built(tree, apps, show_with)
    if len(apps) > 1:
        known = ", ".join(visible_name(shown) for shown, _ in apps[:5])
        hint = f"name one: {file}#NAME; it holds {known}{' and others' if len(apps) > 5 else ''}"
        raise InputError(f"holds {len(apps)} registrations", file=file, hint=hint)
    shown, app = apps[0]
    found = infer(app)
    inferred = {name: choice for name, choice in known_answers(found).items() if name in tree.facts}
    client = msgspec.structs.replace(one_client({}), name=shown)
    (advice,), _ = gather_advice(tree, [client], given=given, configured=configured, ask=ask, inferred=inferred)
    used = {fact.question for fact in advice.facts if fact.by == "inferred"}
    told = tuple(one for one in found if one.question in used)
    advice = msgspec.structs.replace(advice, fit=fit(advice, app, shown, told))
    return show(advice_report(tree, [advice]), **show_with)


def _matching(reading: Reading, name: str, file: str) -> list[tuple[str, Registration]]:
    """The registrations of that name, client id or object id; all of them without one."""
    rows = [(reading.row(subject.key).name, subject.app) for subject in reading.subjects]
    if not rows:
        raise InputError(
            "holds no registration", file=file, hint="name a manifest, an export or what az ad app show prints"
        )
    wanted = name.casefold()
    found = [
        (shown, app)
        for shown, app in rows
        if not name or wanted in (shown.casefold(), str(app.app_id).casefold(), str(app.id).casefold())
    ]
    if not found:
        near = get_close_matches(name, [shown for shown, _ in rows], 1)
        hint = f"did you mean {visible_name(near[0])}?" if near else f"it holds {len(rows)}"
        raise InputError(f"no registration {name!r}", file=file, hint=hint)
    return found


def _show_built(tree: DecisionTree, apps: list[tuple[str, Registration]], show_with: dict[str, Any]) -> int:
    now = clock_utc()
    report = advice_report(tree, [])
    told = tuple(built_for(app, shown, now) for shown, app in apps)
    return show(msgspec.structs.replace(report, built_for=told, title="What registrations are built for"), **show_with)
