"""From answers to advice: check the answers, walk the tree, put everything that follows into one ``Advice``.

In: a proved tree and answers, question to choice, in any order. Out: ``reports.report.Advice``. The facts about grants
and credentials come from ``rules.grants`` and ``rules.credentials``; what depends on the path comes from the tree.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from advisor.decide.tree import Against, Choice, DecisionTree, Leaf, Question, Walk, walk, walks
from advisor.errors import InputError
from reports.report import Advice, CredentialAdvice, Fact, Reason, RuledOut, Setting
from rules.credentials import CREDENTIALS, CredentialKind, credential_kind
from rules.finding import Reference
from rules.grants import GRANTS, Grant, grant

#: Questions with more choices than this are told by the names of the choices alone.
MOST_LABELLED: Final = 3

#: Why a redirect URI stands on its platform.
_PLATFORM_WHY = {
    "web": "the code goes to the server, at one exact address over https",
    "spa": "only on this platform may a page redeem a code itself; the address has to match exactly",
    "publicClient": "the code returns to the person's own device; on a loopback address any port fits",
}


def check_answers(
    tree: DecisionTree, answers: Mapping[str, object], *, file: str | None = None, text: str = ""
) -> dict[str, str]:
    """Check that every question and choice is one of the tree's, and return the answers.

    *file* and *text* say where they came from. Raises ``InputError`` that names the nearest question or the choices.
    """
    checked: dict[str, str] = {}
    for name, value in answers.items():
        question = tree.question_by_id.get(name)
        if question is None:
            near = difflib.get_close_matches(name, [*tree.question_by_id, *(("name", "clients") if file else ())], 1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(tree.question_by_id)}"
            raise InputError(f"unknown question {name!r}", file=file, line=_line_of(text, name, value), hint=hint)
        if not isinstance(value, str) or question.choice(value) is None:
            choices = [choice.id for choice in question.choices]
            near = difflib.get_close_matches(str(value), choices, 1)
            hint = f"did you mean {near[0]}? {name} is" if near else f"{name} is"
            what = f"{name} has no choice {value!r}"
            raise InputError(
                what, file=file, line=_line_of(text, name, value), hint=f"{hint} one of {', '.join(choices)}"
            )
        checked[name] = value
    return checked


def _line_of(text: str, name: str, value: object) -> int | None:
    """Find the line that gives *name* that value, as JSON or TOML; failing that, the first that begins with the name."""
    key = re.compile(rf"""[\s{{,]*["']?{re.escape(name)}["']?\s*[:=]""")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if key.match(line)]
    exact = [number for number, line in lines if isinstance(value, str) and value in line.partition(name)[2]]
    found = exact or [number for number, _ in lines]
    return found[0] if found else None


def command_line(answers: Iterable[tuple[str, str]]) -> str:
    """The command that gives these answers again."""
    return " ".join(("grantlint advise", *(f"-a {question}={choice}" for question, choice in answers)))


def missing_answer(
    found: Walk, answers: Mapping[str, str], *, client_name: str = "", file: str | None = None
) -> InputError:
    """The error for a walk that lacks an answer: the question, its choices, and a line ready to copy.

    *answers* are those that were given, so that the command keeps them; with *file* the line belongs into that file.
    """
    question = found.missing
    if question is None:
        raise ValueError("nothing is missing")
    choices = [choice.id for choice in question.choices]
    if file is None:
        example = command_line([*answers.items(), (question.id, choices[0])])
    elif file.lower().endswith(".json"):
        example = f"add {json.dumps(question.id)}: {json.dumps(choices[0])}"
    else:
        example = f"add {question.id} = {json.dumps(choices[0])}"
    whom = f" for {client_name}" if client_name else ""
    what = f"no answer to {question.id}{whom} ({question.ask})"
    return InputError(what, file=file, hint=f"one of {', '.join(choices)}; for example: {example}")


def advise(
    tree: DecisionTree,
    answers: Mapping[str, str],
    *,
    client_name: str = "",
    by: Mapping[str, str] | None = None,
    file: str | None = None,
) -> Advice:
    """Advise for one client.

    *by* says how each answer came (given, asked or configured; given when it says nothing), *file* where they stand.
    Raises ``InputError`` for an answer that the tree does not know, and when one is missing.
    """
    checked = check_answers(tree, answers, file=file)
    found = walk(tree, checked)
    leaf = found.leaf
    origin = by or {}
    if leaf is None or found.missing is not None:
        given = {name: choice for name, choice in checked.items() if origin.get(name) != "configured"}
        raise missing_answer(found, given, client_name=client_name, file=file)
    row = grant(leaf.grant)
    kind = credential_kind(found.credential.id) if found.credential else None
    asked = [(step.question.id, step.choice.id) for step in found.asked]
    return Advice(
        client_name=client_name,
        facts=tuple(_facts(found, origin)),
        grant=row.id,
        grant_title=row.title,
        headline=leaf.headline,
        client=leaf.client,
        platform=leaf.platform,
        credential=_credential(found, kind, row.id),
        why=(row.short, *leaf.why),
        ruled_out=tuple(_ruled_out(found, [(other.id, other.title) for other in GRANTS if other is not row])),
        contradictions=tuple(_contradictions(found, checked)),
        warnings=(*leaf.warnings, *_unneeded(found, checked, origin)),
        remaining_risk=(*row.risks, *leaf.risks, *(kind.risks if kind else ())),
        would_change=tuple(_would_change(tree, found, checked)),
        register=tuple(_register(row, leaf, kind)),
        request=tuple(_request(row, leaf, kind)),
        path=tuple(step.edge for step in found.taken),
        leaf=leaf.id,
        last_resort=row.status == "last-resort",
        sources=_sources(tree, found, row, kind),
        repeat=command_line(asked),
    )


def _facts(found: Walk, by: Mapping[str, str]) -> Iterator[Fact]:
    for step in found.taken:
        how = "implied" if step.implied else by.get(step.question.id, "given")
        yield Fact(
            question=step.question.id, ask=step.question.ask, choice=step.choice.id, label=step.choice.label, by=how
        )


def _ruled_out(found: Walk, names: Iterable[tuple[str, str]]) -> Iterator[RuledOut]:
    for name, title in names:
        reasons = found.against.get(name, ())
        yield RuledOut(grant=name, title=title, reasons=tuple(_reason(reason) for reason in reasons))


def _reason(against: Against) -> Reason:
    return Reason(text=against.text, question=against.question, choice=against.choice)


def _credential(found: Walk, kind: CredentialKind | None, grant_id: str) -> CredentialAdvice | None:
    if kind is None or found.credential is None:
        return None
    others = [(other.id, other.title) for other in CREDENTIALS if other is not kind]
    return CredentialAdvice(
        id=kind.id, title=kind.title, why=found.credential.why_for(grant_id), ruled_out=tuple(_ruled_out(found, others))
    )


def _contradictions(found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """Answers that cannot be true together with what the path implies."""
    for name, said in found.implied.items():
        if name in answers and answers[name] != said.choice:
            what = f"{name}={answers[name]} and {said.edge} cannot both be true: {said.because}"
            yield f"{what}; this advice goes by {said.edge}"


def _unneeded(found: Walk, answers: Mapping[str, str], by: Mapping[str, str]) -> Iterator[str]:
    """Answers that no question of the path wanted. Those of a configuration hold for many clients, so they may rest."""
    asked = {step.question.id for step in found.taken} | set(found.implied)
    for name, value in answers.items():
        if name not in asked and by.get(name, "given") != "configured":
            yield f"{name}={value} was not needed: the other answers already decide"


def _would_change(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """Walk the other choices of the path, the last question first: where each would have led."""
    settled: dict[str, str] = {step.question.id: step.choice.id for step in found.asked}
    for step in reversed(found.asked):
        del settled[step.question.id]
        for other in step.question.choices:
            if other is not step.choice:
                ends = tuple(walks(tree, {**answers, **settled, step.question.id: other.id}))
                if there := _elsewhere(found, ends):
                    yield f"{step.question.id} = {other.id}{_label(step.question, other)}: {there}"


def _label(question: Question, choice: Choice) -> str:
    """A choice in words, for a short question; a long list reads better with the names alone."""
    if choice.id in ("yes", "no") or len(question.choices) > MOST_LABELLED:
        return ""
    return f" ({choice.label.partition(' (')[0]})"


def _elsewhere(found: Walk, ends: Sequence[Walk]) -> str:
    """The different answers of *ends* in words; empty when they are the one that *found* gives.

    Last resorts stand only where there is nothing better.
    """
    leaves = [end.leaf for end in ends if end.leaf is not None]
    if all(leaf is found.leaf for leaf in leaves):
        kinds = dict.fromkeys(
            end.credential.id for end in ends if end.credential and end.credential is not found.credential
        )
        return _or(credential_kind(kind).title.lower() for kind in kinds)
    better = [leaf for leaf in leaves if grant(leaf.grant).status != "last-resort"] or leaves
    if found.leaf is not None and {(leaf.grant, leaf.platform) for leaf in better} == {
        (found.leaf.grant, found.leaf.platform)
    }:  # the same grant in another way, which only the headline tells
        return _or(dict.fromkeys(leaf.headline[0].lower() + leaf.headline[1:] for leaf in better))
    platforms: dict[str, list[str]] = {}
    for leaf in better:
        known = platforms.setdefault(leaf.grant, [])
        if leaf.platform and leaf.platform not in known:
            known.append(leaf.platform)
    return _or(_grant_on(name, known) for name, known in platforms.items())


def _grant_on(name: str, platforms: Sequence[str]) -> str:
    """A grant with its platforms, and whether it is a last resort."""
    resort = " as a last resort" if grant(name).status == "last-resort" else ""
    return name + (f" on {'/'.join(platforms)}" if platforms else "") + resort


def _or(words: Iterable[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


def _register(row: Grant, leaf: Leaf, kind: CredentialKind | None) -> Iterator[Setting]:
    """What the registration must look like; a row of the leaf stands for the grant's own row of the same property."""
    own = {item.property for item in leaf.register}
    if leaf.platform:
        why = leaf.redirect_why or _PLATFORM_WHY[leaf.platform]
        yield Setting(property=f"{leaf.platform}.redirectUris", value=leaf.redirect, why=why)
    if row.id != "none":
        yield Setting(
            property="signInAudience",
            value="AzureADMyOrg",
            why="your own tenant; widen it only if people or tenants from outside use this client",
        )
    for item in leaf.register:
        yield Setting(property=item.property, value=item.value, why=item.why)
    for switch in row.switches:
        if switch.path not in own:
            yield Setting(property=switch.path, value="true" if switch.value else "false", why=switch.why)
    if kind is not None:
        yield Setting(property=kind.property, value=kind.value, why=kind.short.rstrip("."))
    else:
        why = "this client has no place to keep a credential" if row.id != "none" else "there is nothing to prove"
        yield Setting(property="passwordCredentials", value="empty, and keyCredentials too", why=why)


def _request(row: Grant, leaf: Leaf, kind: CredentialKind | None) -> Iterator[str]:
    """The requests in lines: method and address, then one parameter a line."""
    for step in row.request:
        yield f"{step.method} {step.url}"
        for parameter in step.parameters:
            yield f"    {parameter}"
        if step.proves and kind is not None:
            for parameter in kind.parameters:
                yield f"    {parameter}"
        if step.proves and leaf.platform == "spa":
            yield "    header Origin: https://{host}, which the browser adds"


def _sources(tree: DecisionTree, found: Walk, row: Grant, kind: CredentialKind | None) -> tuple[Reference, ...]:
    """The documents of the grant, the leaf, the credential and the questions; each address once."""
    named = (
        *(found.leaf.sources if found.leaf else ()),
        *(name for step in found.asked for name in step.question.sources),
    )
    references = (*row.references, *(kind.references if kind else ()), *(tree.source_by_id[name] for name in named))
    return tuple({reference.url: reference for reference in reversed(references)}.values())[::-1]
