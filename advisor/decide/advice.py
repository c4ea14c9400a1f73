"""From answers to advice: check the answers, walk the tree, put everything that follows into one ``Advice``.

In: a proved tree and answers, question to choice, in any order. Out: ``reports.report.Advice``. The facts about grants
and credentials come from ``rules.analysis.grants`` and ``rules.knowledge.credentials``; what depends on the path comes
from the tree.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisor.decide.changes import alternatives, would_change
from advisor.decide.conflicts import conflicts
from advisor.decide.notes import ENDS, given_of, notes_for, open_facts
from advisor.decide.parts import UNSURE, CredentialLeaf, Leaf, Note, Question
from advisor.decide.reasons import reason_against
from advisor.decide.settle import Filling, register, requests
from advisor.decide.tables.values import Value
from advisor.decide.tree import Against, DecisionTree, Walk, assumed_answers, walk
from advisor.errors import InputError
from reports.advice import Advice, CredentialAdvice, Fact, OpenFact, Reason, RuledOut, Wish
from reports.decision import open_words
from rules.analysis.grants import GRANTS, Grant, grant
from rules.knowledge.credentials import CREDENTIALS, CredentialKind, credential_kind
from rules.knowledge.reference import Reference
from rules.primitives.texts import counted

#: How answers come that the command does not give: they are not repeated, and may have no effect.
NOT_GIVEN: Final = frozenset({"configured", "inferred", "seen"})
#: At most this number of open facts is named; the rest is in the list of questions.
MOST_OPEN: Final = 6


def check_answers(
    tree: DecisionTree,
    answers: Mapping[str, object],
    *,
    file: str | None = None,
    text: str = "",
    own: Iterable[str] = (),
) -> dict[str, str]:
    """Check that every question and choice is one of the tree's (or *unsure*), and return the answers.

    *file* and *text* say where they came from, *own* which other names that place knows. Raises ``InputError`` that
    names the nearest question or the choices.
    """
    checked: dict[str, str] = {}
    for name, value in _renewed(tree, answers).items():
        question = tree.facts.get(name)
        if question is None:
            near = difflib.get_close_matches(name, [*tree.facts, *own], 1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(tree.facts)}"
            raise InputError(f"unknown question {name!r}", file=file, line=_line_of(text, name, value), hint=hint)
        answer = _normal(question, value)
        if answer is None and (alone := _alone_among(question, value)):
            what = f"{name}={alone} cannot be combined with other choices"
            raise InputError(what, file=file, line=_line_of(text, name, value), hint=f"leave {alone} out")
        if answer is None:
            choices = [*(choice.id for choice in question.choices), UNSURE]
            near = difflib.get_close_matches(str(value), choices, 1)
            hint = f"did you mean {near[0]}? {name} is" if near else f"{name} is"
            what = f"{name} has no choice {value!r}"
            raise InputError(
                what, file=file, line=_line_of(text, name, value), hint=f"{hint} one of {', '.join(choices)}"
            )
        checked[name] = answer
    return checked


def _renewed(tree: DecisionTree, answers: Mapping[str, object]) -> dict[str, object]:
    """The answers with those of earlier versions replaced by what they mean now; what is given otherwise stays."""
    meant: dict[str, object] = {}
    left = dict(answers)
    for row in tree.retired:
        if left.get(row.question) == row.choice:
            del left[row.question]
            meant |= row.means
        elif left.get(row.question) == UNSURE and row.question not in tree.facts:
            del left[row.question]
            meant |= dict.fromkeys(row.means, UNSURE)
    return {**meant, **left}


def _normal(question: Question, value: object) -> str | None:
    """The answer as the tree knows it, several choices in the question's order; nothing for an unknown one."""
    if question.many and isinstance(value, list | tuple):
        value = ",".join(str(one) for one in value)
    if not isinstance(value, str):
        return None
    if value == UNSURE:
        return value
    parts = [part.strip() for part in value.split(",")] if question.many else [value]
    return ",".join(choice.id for choice in question.picked(",".join(dict.fromkeys(parts)))) or None


def _alone_among(question: Question, value: object) -> str:
    """The choice in *value* that other choices of the question cannot go with; empty where there is none."""
    named = value if isinstance(value, list | tuple) else str(value).split(",")
    ids = {str(one).strip() for one in named}
    found = [choice for choice in question.choices if choice.id in ids]
    if not question.many or len(found) < len(ids):
        return ""
    return next((choice.id for choice in found if choice.alone), "")


def _line_of(text: str, name: str, value: object) -> int | None:
    """Find the line that gives *name* that value, as JSON or TOML; failing that, the first that begins with the
    name.
    """
    key = re.compile(rf"""[\s{{,]*["']?{re.escape(name)}["']?\s*[:=]""")
    matches = [(number, match) for number, line in enumerate(text.splitlines(), 1) if (match := key.match(line))]
    exact = [number for number, match in matches if isinstance(value, str) and value in match.string[match.end() :]]
    found = exact or [number for number, _ in matches]
    return found[0] if found else None


def command_line(answers: Iterable[tuple[str, str]]) -> str:
    """The command that gives these answers again."""
    return " ".join(("grantlint advise", *(f"-a {question}={choice}" for question, choice in answers)))


def missing_questions(tree: DecisionTree, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions that *answers* leave open on the path that they take, each answered with its safe side to find the
    next.
    """
    known, questions = dict(answers), list[Question]()
    while (found := walk(tree, {**known, **assumed_answers(tree, known)})).missing is not None:
        questions.append(found.missing)
        known[found.missing.fact] = UNSURE
    return tuple(questions)


def open_question(question: Question) -> OpenFact:
    """A question that has no answer yet, with its choices and the one that *unsure* takes."""
    return OpenFact(
        question=question.fact,
        ask=question.ask,
        choices=tuple(choice.id for choice in question.choices),
        unsure=question.unsure.choice if question.unsure else "",
    )


def missing_answer(
    tree: DecisionTree,
    answers: Mapping[str, str],
    *,
    client_name: str = "",
    file: str | None = None,
    by: Mapping[str, str] | None = None,
) -> InputError:
    """The error for answers that lead to no end: every missing one on a line with its choices, and one ready to copy.

    *by* says how each answer came: the command keeps what was given, neither configured nor inferred answers. With
    *file* the line belongs into that file. Which questions follow the first depends on its answer; named are those that
    follow the safe side.
    """
    questions = missing_questions(tree, answers)
    if not questions:
        raise ValueError("nothing is missing")
    first, *more = map(open_question, questions)
    choice = first.choices[0]
    if file is None:
        given = [(name, answers[name]) for name in answers if (by or {}).get(name) not in NOT_GIVEN]
        example = command_line([*given, (first.question, choice)])
    elif file.lower().endswith(".json"):
        example = f"add {json.dumps(first.question)}: {json.dumps(choice)}"
    elif file.lower().endswith(".csv"):
        example = f"write {choice} in a column {first.question}"
    else:
        example = f"add {first.question} = {json.dumps(choice)}"
    whom = f" for {client_name}" if client_name else ""
    also = f"; probably also needed: {', '.join(fact.question for fact in more)}" if more else ""
    return InputError(
        f"no answer to {first.question}{whom}{also}",
        file=file,
        hint=f"answer, or write {UNSURE}; for example: {example}",
        details=tuple(map(open_words, (first, *more))),
    )


def missing_answers(gaps: Sequence[tuple[str, Sequence[Question]]], *, file: str | None) -> InputError:
    """The error for a *file* with several clients that lack answers: each name with the questions it leaves open."""
    return InputError(
        f"answers are missing for {counted(len(gaps), 'client')}: {', '.join(name for name, _ in gaps)}",
        file=file,
        hint=f"choose for each, or answer {UNSURE}",
        details=tuple(
            f"{name}: {open_words(open_question(question))}" for name, questions in gaps for question in questions
        ),
    )


def advise(
    tree: DecisionTree,
    answers: Mapping[str, str],
    *,
    client_name: str = "",
    by: Mapping[str, str] | None = None,
    file: str | None = None,
    registration: str = "",
) -> Advice:
    """Advise for one client.

    *by* says how each answer came (given, asked, seen, inferred or configured; given when it says nothing), *file*
    where they are, *registration* which one the client uses. Where an answer is missing, its default is assumed.
    Raises ``InputError`` for an answer that the tree does not know, and for a missing one without a default.
    """
    checked = check_answers(tree, answers, file=file)
    assumed = assumed_answers(tree, checked)
    found = walk(tree, {**checked, **assumed})
    leaf = found.leaf
    origin = {**(by or {}), **dict.fromkeys(assumed, "assumed")}
    if leaf is None or found.missing is not None:
        raise missing_answer(tree, checked, client_name=client_name, file=file, by=by)
    row = grant(leaf.grant)
    end = found.credential
    kind = credential_kind(end.kind) if end and end.kind != "none" else None
    known = given_of(tree, found, checked)
    notes = tuple(notes_for(tree, known))
    not_fitting = conflicts(tree, {**checked, **assumed})
    fill = Filling(tree, known)
    return Advice(
        client_name=client_name,
        facts=tuple(_facts(tree, found, checked, origin)),
        grant=row.id,
        grant_title="No grant works" if leaf.dead_end else row.title,
        headline=leaf.headline,
        client=leaf.client,
        platform=leaf.platform,
        credential=_credential(end, found, row.id, fill(value_of(end, kind))) if end else None,
        why=leaf.why if leaf.dead_end or leaf.as_user else (row.short, *leaf.why),
        ruled_out=tuple(_grants_ruled_out(tree, found, leaf, known)),
        contradictions=not_fitting.certain,
        warnings=tuple(_warnings(leaf, end, notes)),
        remaining_risk=(
            *(() if leaf.as_user else row.risks),
            *leaf.risks,
            *(kind.risks if kind else ()),
            *_said(notes, "risk"),
        ),
        would_change=tuple(would_change(tree, found, checked)),
        register=() if leaf.dead_end else tuple(register(row, leaf, end, kind, known, fill)),
        request=requests(row, leaf, end, kind, fill),
        path=tuple(step.edge for step in found.taken),
        leaf=leaf.id,
        last_resort=row.status == "last-resort",
        sources=_sources(tree, found, row, kind, (*notes, *fill.rows)),
        repeat=command_line(_again(found, checked, origin)),
        dead_end=leaf.dead_end or (end is not None and end.kind == "none"),
        scopes=tuple(fill(text) for text in _said(notes, "scope")),
        assumed=(*_assumed(tree, found, checked), *not_fitting.open),
        not_said=tuple(_not_said(tree, known, checked)),
        organisation=tuple(_organisation(tree, found, notes)),
        registration=registration,
        wishes=tuple(_wishes(tree, known, notes)),
        alternatives=tuple(alternatives(tree, found, checked)),
        unused=tuple(_unused(found, checked, origin, notes, fill.used)),
    )


def _warnings(leaf: Leaf, end: CredentialLeaf | None, notes: Iterable[Note]) -> Iterator[str]:
    """First what depends on answers, then the caveats of the leaf and of the credential."""
    caveats = [note for note in notes if note.kind == "warning"]
    yield from (note.text for note in caveats if not set(note.when) <= ENDS)
    yield from leaf.warnings
    yield from (note.text for note in caveats if set(note.when) <= ENDS)
    yield from end.warnings if end else ()


def _wishes(tree: DecisionTree, known: Mapping[str, str], notes: Iterable[Note]) -> Iterator[Wish]:
    """What the team wants to use, each with the answer to it."""
    question = tree.facts.get("wants")
    wishes = [note for note in notes if note.kind == "wish"]
    for choice in question.picked(known.get("wants", "")) if question else ():
        for note in wishes:
            if choice.id in note.when["wants"]:
                yield Wish(wish=choice.id, label=choice.label, verdict=note.verdict or "refused", text=note.text)
                break


def value_of(end: CredentialLeaf | None, kind: CredentialKind | None) -> str:
    """What the registration holds of the credential, in the words of the tree or of the kind."""
    return (end.value if end else "") or (kind.value if kind else "")


def _grants_ruled_out(tree: DecisionTree, found: Walk, leaf: Leaf, known: Mapping[str, str]) -> Iterator[RuledOut]:
    """The other grants, each with the reason of an organization, or with the reason of the leaf."""
    for other in GRANTS:
        if other.id != leaf.grant:
            said = tuple(_reason(against) for against in found.against.get(other.id, ()))
            reasons = said or (Reason(text=reason_against(tree, leaf, other.id, known)),)
            yield RuledOut(grant=other.id, title=other.title, reasons=tuple(row for row in reasons if row.text))


def _said(notes: Iterable[Note], kind: str) -> tuple[str, ...]:
    return tuple(note.text for note in notes if note.kind == kind)


def _facts(tree: DecisionTree, found: Walk, answers: Mapping[str, str], by: Mapping[str, str]) -> Iterator[Fact]:
    taken = {step.question.fact for step in found.taken}
    for step in found.taken:
        question = step.question
        how = "implied" if step.implied else "unsure" if step.unsure else by.get(question.fact, "given")
        how = "derived" if step.inferred else how
        yield Fact(question=question.fact, ask=question.ask, choice=step.answer, label=step.label, by=how)
    for question in tree.questions:
        answer = answers.get(question.id, "")
        picked = question.picked(answer) if question.aside else ()
        if picked and question.id not in taken:
            label = "; ".join(choice.label for choice in picked)
            how = by.get(question.id, "given")
            yield Fact(question=question.id, ask=question.ask, choice=answer, label=label, by=how)


def _ruled_out(found: Walk, names: Iterable[tuple[str, str]]) -> Iterator[RuledOut]:
    for name, title in names:
        reasons = found.against.get(name, ())
        yield RuledOut(grant=name, title=title, reasons=tuple(_reason(reason) for reason in reasons))


def _reason(against: Against) -> Reason:
    return Reason(text=against.text, question=against.question, choice=against.choice)


def _credential(end: CredentialLeaf, found: Walk, grant_id: str, value: str) -> CredentialAdvice:
    others = [(other.id, other.title) for other in CREDENTIALS if other.id != end.kind]
    return CredentialAdvice(
        id=end.kind,
        title=end.title,
        why=end.why_for(grant_id),
        ruled_out=tuple(_ruled_out(found, others)),
        value=value,
    )


def _unused(
    found: Walk, answers: Mapping[str, str], by: Mapping[str, str], notes: Iterable[Note], filled: Collection[str]
) -> Iterator[str]:
    """Answers that changed nothing: neither path nor note, nor a placeholder, whose facts are in *filled*. Those of a
    configuration apply to many clients, and those of a registration were not given: both may have no effect.
    """
    used = {step.question.fact for step in found.taken} | set(found.implied) | set(filled)
    used |= {key for note in notes for key in note.when}
    used |= {key for step in found.taken if step.inferred for key in step.inferred.when}
    for name, value in answers.items():
        if name in used or value == UNSURE or by.get(name) in NOT_GIVEN:
            continue
        yield f"{name}={value} changes nothing in this advice"


def _assumed(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """The choices that were taken without an answer, or for an unknown one."""
    for step in found.taken:
        default = step.question.default
        if step.inferred and not (step.overruled and step.question.fact in answers):
            yield f"{step.question.ask} {step.choice.label}. Reason: {step.inferred.because}."
        elif default and not step.implied and step.question.fact not in answers:
            yield f"No answer: {step.question.ask} Assumed: {step.choice.label}. Reason: {default.because}."
        if step.unsure:
            because = f" Reason: {step.question.unsure.because}." if step.question.unsure else ""
            yield f"Not known: {step.question.ask} Safe assumption: {step.choice.label}.{because}"
    for name, choice in answers.items():
        question = tree.facts[name]
        if choice == UNSURE and question.aside:
            yield f"Not known: {question.ask} Nothing is assumed, and the answer can add a caveat."


def _not_said(tree: DecisionTree, known: Mapping[str, str], answers: Mapping[str, str]) -> Iterator[OpenFact]:
    for name in open_facts(tree, known)[:MOST_OPEN]:
        if name not in answers:
            question = tree.facts[name]
            yield OpenFact(question=name, ask=question.ask, choices=tuple(choice.id for choice in question.choices))


def _organisation(tree: DecisionTree, found: Walk, notes: Iterable[Note]) -> Iterator[str]:
    """The rules of an organization that decided something in this answer."""
    for step in found.taken:
        for name in (step.question.id, step.edge):
            if name in tree.decided:
                yield tree.decided[name]
    for note in notes:
        if f"note:{note.id}" in tree.decided:
            yield tree.decided[f"note:{note.id}"]


def _again(found: Walk, answers: Mapping[str, str], by: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The answers that give this advice again: those on the path, then the others. Defaults need no answer."""
    asked = {
        step.question.fact: UNSURE if step.unsure else step.answer
        for step in found.asked
        if by.get(step.question.fact) != "assumed"
    }
    yield from asked.items()
    for name, choice in answers.items():
        if name not in asked and by.get(name) not in NOT_GIVEN:
            yield name, choice


def _sources(
    tree: DecisionTree, found: Walk, row: Grant, kind: CredentialKind | None, said: Iterable[Note | Value]
) -> tuple[Reference, ...]:
    """The documents of the grant, the leaf, the credential, the questions, and of what is *said* and printed besides;
    each address once.
    """
    named = (
        *(found.leaf.sources if found.leaf else ()),
        *(found.credential.sources if found.credential else ()),
        *(name for step in found.asked for name in step.question.sources),
        *(name for part in said for name in part.sources),
    )
    own = [] if found.leaf and found.leaf.dead_end else [*row.references, *(kind.references if kind else ())]
    cited = [*own, *map(tree.source_by_id.__getitem__, named)]
    return tuple({source.url: source for source in reversed(cited)}.values())[::-1]
