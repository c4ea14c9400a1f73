"""What would change an answer: the other choices of a path, in words, and where each would have led."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from advisor.decide.parts import UNSURE, Choice, Leaf, lowered
from advisor.decide.tree import DecisionTree, Walk, if_known, walks
from reports.advice import Alternative, Outcome
from rules.analysis.grants import grant
from rules.knowledge.credentials import credential_kind


def would_change(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """Walk the other choices of the path, the last question first. Choices with the same grants share a line."""
    settled: dict[str, str] = {step.question.fact: step.answer for step in found.asked}
    asked_facts = set(settled)
    others = {name: choice for name, choice in answers.items() if name not in asked_facts}
    for step in reversed(found.asked):
        del settled[step.question.fact]
        ways: dict[object, tuple[list[Choice], list[Walk]]] = {}
        for other in step.question.choices:
            alike = step.question.many and other.then == step.choice.then  # another API, the same way
            if other is step.choice or alike:
                continue
            ends = _ends_of(tree, found, {**others, **settled, step.question.fact: other.id})
            if there := _elsewhere(found, ends):
                choices, leads = ways.setdefault(_grants(found, ends) or there, ([], []))
                choices.append(other)
                leads += ends
        for choices, leads in ways.values():
            yield f"{step.question.ask} {_said(choices)}: {_elsewhere(found, leads)}"


def alternatives(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> Iterator[Alternative]:
    """For each unknown answer that decides: where each choice leads, whatever the other unknown ones are, and who can
    answer. First those on the path, for which the safe side is taken; then those that others lead to.
    """
    if found.leaf is None or UNSURE not in answers.values():
        return
    rows = tuple((known, tuple(walks(tree, known, to_leaf=True))) for known in if_known(tree, answers, to_leaf=True))
    safe = {step.question.fact: step.choice.id for step in found.taken if step.unsure}
    reached = {name for known, _ in rows for name, choice in answers.items() if choice == UNSURE != known[name]}
    for name in (*safe, *(name for name in answers if name in reached - safe.keys())):
        question = tree.facts[name]
        credential = None if name in reached else found.credential
        here = lowered(credential.title) if credential else _way(found.leaf, (found.leaf,))
        outcomes = []
        for choice in sorted(question.choices, key=lambda choice: choice.id != safe.get(name)):
            ends = [end for known, leads in rows if known[name] == choice.id for end in leads]
            if choice.id == safe.get(name):
                there = here
            elif ends and not all(end.leaf is found.leaf for end in ends):
                there = _elsewhere(found, ends)
            else:
                there = _leads_to(tree, found, {**answers, name: choice.id})
            if there or name not in safe:
                outcomes.append(Outcome(choice=choice.id, label=choice.label, leads_to=there or here))
        if len({outcome.leads_to for outcome in outcomes}) > 1:
            yield Alternative(
                question=name, ask=question.ask, who=question.who, outcomes=tuple(outcomes), taken=name in safe
            )


def _said(choices: Sequence[Choice]) -> str:
    """The choices in words; several are quoted, without what is in brackets."""
    if len(choices) == 1:
        return choices[0].label
    return or_(f'"{choice.label.partition(" (")[0]}"' for choice in choices)


def _leads_to(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> str:
    """Where *answers* lead, in words; empty where they lead to the answer of *found*."""
    return _elsewhere(found, _ends_of(tree, found, answers))


def _ends_of(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> tuple[Walk, ...]:
    """Where *answers* lead. Credentials are looked at only where the leaf is that of *found*, since there are many of
    them.
    """
    ends = tuple(walks(tree, answers, to_leaf=True))
    if all(end.leaf is found.leaf for end in ends):
        ends = tuple(walks(tree, answers))
    return ends


def _leaves(ends: Iterable[Walk]) -> list[Leaf]:
    """The leaves of *ends*, each once: many ways lead to few leaves."""
    return list({id(end.leaf): end.leaf for end in ends if end.leaf is not None}.values())


def _better(leaves: list[Leaf]) -> list[Leaf]:
    """*leaves* without last resorts and dead ends, which count only where there is nothing better."""
    better = [leaf for leaf in leaves if not leaf.dead_end and grant(leaf.grant).status != "last-resort"]
    return better or [leaf for leaf in leaves if not leaf.dead_end] or leaves


def _is_same_grant(found: Walk, leaves: Iterable[Leaf]) -> bool:
    """Whether all *leaves* have the grant and the platform of *found*."""
    return {(leaf.grant, leaf.platform) for leaf in leaves} == {
        (found.leaf.grant, found.leaf.platform) if found.leaf else None
    }


def _grants(found: Walk, ends: Sequence[Walk]) -> frozenset[tuple[str, str]]:
    """The grants of *ends*, and which dead ends; empty where the words about them say more than that."""
    leaves = _leaves(ends)
    better = _better(leaves)
    if all(leaf is found.leaf for leaf in leaves) or _is_same_grant(found, better):
        return frozenset()
    return frozenset((leaf.grant, leaf.id if leaf.dead_end else "") for leaf in better)


def _elsewhere(found: Walk, ends: Sequence[Walk]) -> str:
    """The different answers of *ends* in words; empty when they are the one that *found* gives."""
    leaves = _leaves(ends)
    if all(leaf is found.leaf for leaf in leaves):
        kinds = dict.fromkeys(
            end.credential.kind for end in ends if end.credential and end.credential is not found.credential
        )
        if len(kinds) == 1 and found.credential is not None and found.credential.kind in kinds:
            # the same kind in another place, which only the title tells
            titles = dict.fromkeys(end.credential.title for end in ends if end.credential)
            return or_(map(lowered, titles)) if len(titles) == 1 else ""
        return or_(_credential(kind) for kind in kinds)
    better = _better(leaves)
    if _is_same_grant(found, better):  # in another way, which only the headline tells
        return or_(dict.fromkeys(lowered(leaf.headline) for leaf in better))
    return or_(dict.fromkeys(_way(leaf, better) for leaf in better))


def _credential(kind: str) -> str:
    if kind == "none":
        return "no credential that is allowed"
    return lowered(credential_kind(kind).title)


def _way(leaf: Leaf, leaves: Iterable[Leaf]) -> str:
    """A grant with all platforms on which *leaves* have it, and whether it is a last resort."""
    if leaf.dead_end:
        return lowered(leaf.headline)
    row = grant(leaf.grant)
    same = [other.platform for other in leaves if other.grant == leaf.grant and other.platform]
    platforms = "/".join(dict.fromkeys(same))
    resort = " as a last resort" if row.status == "last-resort" else ""
    return lowered(row.title) + (f" on {platforms}" if platforms else "") + resort


def or_(words: Iterable[str]) -> str:
    """Words as a list with *or*."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last
