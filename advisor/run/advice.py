"""Advise for clients, or for the client of a registration, and make a report of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from advisor.decide.answers import Client, Clients, one_client
from advisor.decide.draw import tree_shape
from advisor.decide.evidence import Evidence, evidence_of, with_evidence
from advisor.decide.fit import fit
from advisor.decide.gather import Ask, gather_advice
from advisor.decide.infer import built_for, infer
from advisor.decide.load import load_tree
from advisor.decide.system import Pair, in_system, system_picture, system_rows
from advisor.decide.text import read_text
from advisor.decide.tree import DecisionTree
from advisor.errors import InputError
from advisor.policy.config import Configuration
from advisor.run.compose import compose
from advisor.run.registrations import select_registration
from advisor.run.session import VERSION, clock_utc
from advisor.run.usage import read_evidence, unread_evidence, usage_sources, use_of_grants
from reports.advice import Advice, SystemRow, Undecided
from reports.report import Report, Summary
from reports.rows import Problem
from rules.analysis.posture import posture
from rules.model.usage import joined
from rules.primitives.texts import counted


class KnownAnswers(msgspec.Struct, frozen=True):
    """Answers that apply to every client, and how to get the missing ones: *ask* is absent without a terminal.

    *more* adds a client to those that there are, as long as the user names one.
    """

    given: Mapping[str, str]
    configured: Mapping[str, str]
    ask: Ask | None = None
    more: Callable[[Sequence[Client]], tuple[Client, ...]] | None = None


def tree_for(path: Path | None, configuration: Configuration) -> DecisionTree:
    """The tree of the file at *path*, else of the *configuration*, else the bundled one."""
    if path is None and configuration.tree:
        path = configuration.path_of("advise.tree", configuration.tree)
    return load_tree(read_text(path, "the tree"), file=str(path)) if path else load_tree()


def advise_clients(tree: DecisionTree, clients: Clients, answers: KnownAnswers) -> tuple[Report, tuple[Pair, ...]]:
    """The report of the advice for each client, with exit status 3 for clients that lack an answer, and the clients
    with their advice. Where the user was asked about a client, they may add further ones of the same system.
    """
    advices, undecided = _gather(tree, clients.clients, answers, skip=clients.table)
    left = {row.client_name for row in undecided}
    decided = tuple(client for client in clients.clients if client.name not in left)
    while answers.more and any(fact.by == "asked" for fact in advices[-1].facts):
        more = answers.more(decided)
        if len(more) == len(decided):
            break
        (advice,), _ = _gather(tree, more[-1:], answers)
        advices, decided = (*advices, advice), more
    pairs = tuple(
        (client, msgspec.structs.replace(advice, client_name=client.name))
        for client, advice in zip(decided, advices, strict=False)
    )
    several = pairs if len(pairs) > 1 else ()
    shown = in_system(several) or [advice for _, advice in pairs]
    report = _report(tree, shown, undecided, system_rows(several))
    return msgspec.structs.replace(report, picture=system_picture(several)), pairs


def _gather(
    tree: DecisionTree, clients: Sequence[Client], answers: KnownAnswers, *, skip: bool = False
) -> tuple[tuple[Advice, ...], tuple[Undecided, ...]]:
    return gather_advice(tree, clients, given=answers.given, configured=answers.configured, ask=answers.ask, skip=skip)


def advise_registration(
    tree: DecisionTree,
    named: str,
    answers: KnownAnswers,
    clients: Sequence[Client] = (),
    usage: Sequence[str] = (),
) -> Report:
    """The report of the advice for the client of the registration that is *named*, and how the two differ. One of the
    *clients* of a file may have answers for it, and what *usage* names shows what is used. Raises ``InputError`` where
    none of several clients has answers.
    """
    sources = usage_sources(usage)
    selection = select_registration(named, sources.days)
    app, name = selection.one.app, selection.name(selection.one)
    now = clock_utc()
    read, problems, status = read_evidence(sources.files, now.date())
    if sources.days is not None and (unread := unread_evidence(selection.reading)):
        problems, status = (*problems, *unread), 3
    parts = [one for one in (selection.reading.usage, read) if one is not None]
    used = joined(parts) if parts else None
    evidence = evidence_of(app, used, use_of_grants(app, posture(app, now), used)) if used else Evidence()
    found = with_evidence(infer(app), evidence)
    inferred = {one.question: one for one in found if one.question in tree.facts}
    client = msgspec.structs.replace(_client_of(clients, (name, str(app.app_id), selection.wanted)), name=name)
    (advice,), _ = gather_advice(
        tree, [client], given=answers.given, configured=answers.configured, ask=answers.ask, inferred=inferred
    )
    by = {fact.question: fact.by for fact in advice.facts}
    taken = tuple(one for one in found if by.get(one.question) == one.by)
    reach = used.reach if used else ()
    report = _report(tree, [msgspec.structs.replace(advice, fit=fit(advice, app, name, taken, evidence, reach))])
    return _with_problems(report, problems, status)


def _with_problems(report: Report, problems: tuple[Problem, ...], status: int) -> Report:
    """The report with what is wrong with sources of evidence, which decides its exit status."""
    if not problems:
        return report
    reason = f"{counted(len(problems), 'source')} of --usage could not be read whole"
    summary = msgspec.structs.replace(report.summary, verdict="incomplete", exit_status=status, exit_reason=reason)
    return msgspec.structs.replace(report, problems=problems, summary=summary)


def _client_of(clients: Sequence[Client], names: Sequence[str]) -> Client:
    """The client that uses the registration with one of *names*: the only one, or the one that has it as its
    ``registration`` or name.
    """
    if len(clients) < 2:
        return clients[0] if clients else one_client({})
    wanted = {name.casefold() for name in names if name}
    fitting = [one for one in clients if (one.registration or one.name).casefold() in wanted]
    if len(fitting) != 1:
        what = f"{len(fitting)} clients use" if fitting else "no client uses"
        hint = f"name one of its clients after it, or set registration; clients: {', '.join(c.name for c in clients)}"
        raise InputError(f"{what} the registration {names[0]!r}", file=clients[0].file, hint=hint)
    return fitting[0]


def describe_registrations(tree: DecisionTree, named: str) -> Report:
    """The report that says what the *named* registrations are built for, without advice."""
    selection = select_registration(named)
    now = clock_utc()
    rows = tuple(built_for(subject.app, selection.name(subject), now) for subject in selection.subjects)
    return msgspec.structs.replace(_report(tree, []), built_for=rows, title="What registrations are built for")


def _report(
    tree: DecisionTree, advices: Sequence[Advice], undecided: Sequence[Undecided] = (), system: Sequence[SystemRow] = ()
) -> Report:
    """The report of advice alone, with its exit status: 3 for clients without an answer, 1 for what must not be shared
    and for answers that conflict.
    """
    now = clock_utc()
    name = advices[0].client_name if advices else ""
    report = compose(
        title="Advice" if len(advices) != 1 else f"Advice for {name or 'one client'}",
        version=VERSION,
        now=now,
        made_at=now,
        advices=advices,
    )
    return msgspec.structs.replace(
        report,
        tree=tree_shape(tree),
        undecided=tuple(undecided),
        system=tuple(system),
        summary=_summary(report.summary, advices, undecided, system),
    )


def _summary(
    summary: Summary, advices: Sequence[Advice], undecided: Sequence[Undecided], system: Sequence[SystemRow]
) -> Summary:
    conflicting = [advice for advice in advices if advice.contradictions]
    wrong = [row for row in system if row.kind != "share"]
    if undecided:
        first = undecided[0]
        rest = f" and {len(undecided) - 1} more" if len(undecided) > 1 else ""
        reason = f"{first.client_name}{rest}: no answer to {first.question}"
        return msgspec.structs.replace(summary, verdict="incomplete", exit_status=3, exit_reason=reason)
    if wrong:
        reason = f"{counted(len(wrong), 'thing')} between the clients must change"
        return msgspec.structs.replace(summary, verdict="findings", exit_status=1, exit_reason=reason)
    if conflicting:
        names = ", ".join(advice.client_name for advice in conflicting if advice.client_name)
        reason = f"{names}: answers conflict" if names else "answers conflict"
        return msgspec.structs.replace(summary, verdict="findings", exit_status=1, exit_reason=reason)
    return summary
