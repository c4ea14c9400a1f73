"""From answers to advice: check the answers, walk the tree, put everything that follows into one ``Advice``.

In: a proved tree and answers, question to choice, in any order. Out: ``reports.report.Advice``. The facts about grants
and credentials come from ``rules.grants`` and ``rules.credentials``; what depends on the path comes from the tree.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from advisor.decide.tree import Against, DecisionTree, Leaf, Walk, walk, walks
from advisor.errors import InputError
from reports.report import Advice, CredentialAdvice, Fact, Reason, RuledOut, Setting
from rules.credentials import CREDENTIALS, CredentialKind, credential_kind
from rules.finding import Reference
from rules.grants import GRANTS, Grant, grant

#: Why a redirect URI stands on its platform.
_PLATFORM_WHY = {
    "web": "the code goes to the server, at one exact address over https",
    "spa": "only here may a page redeem a code itself; the address is exact",
    "publicClient": "the code goes to the person's own device; on loopback any port fits",
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
            near = difflib.get_close_matches(name, tree.question_by_id, 1)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(tree.question_by_id)}"
            raise InputError(f"unknown question {name!r}", file=file, line=_line_of(text, name), hint=hint)
        if not isinstance(value, str) or question.choice(value) is None:
            choices = [choice.id for choice in question.choices]
            near = difflib.get_close_matches(str(value), choices, 1)
            hint = f"did you mean {near[0]}? {name} is" if near else f"{name} is"
            what = f"{name} has no choice {value!r}"
            raise InputError(what, file=file, line=_line_of(text, name), hint=f"{hint} one of {', '.join(choices)}")
        checked[name] = value
    return checked


def _line_of(text: str, name: str) -> int | None:
    """Find the first line that begins with *name* as a key of JSON or TOML."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().lstrip('{, "').startswith(name):
            return number
    return None


def command_line(answers: Iterable[tuple[str, str]]) -> str:
    """The command that gives these answers again."""
    return " ".join(("grantlint advise", *(f"-a {question}={choice}" for question, choice in answers)))


def missing_answer(found: Walk, *, client_name: str = "", file: str | None = None) -> InputError:
    """The error for a walk that lacks an answer: the question, and what to add to the command or to *file*."""
    question = found.missing
    if question is None:
        raise ValueError("nothing is missing")
    first, *others = (choice.id for choice in question.choices)
    if file is None:
        command = command_line([*((step.question.id, step.choice.id) for step in found.asked), (question.id, first)])
        how = f"answer it: {command}"
    else:
        how = f"add {question.id} = {json.dumps(first)}"
    whom = f" for {client_name}" if client_name else ""
    what = f"no answer to {question.id}{whom}: {question.ask}"
    return InputError(what, file=file, hint=f"{how} (or {', '.join(others)})")


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
    if leaf is None or found.missing is not None:
        raise missing_answer(found, client_name=client_name, file=file)
    origin = by or {}
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
        credential=_credential(found, kind),
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


def _credential(found: Walk, kind: CredentialKind | None) -> CredentialAdvice | None:
    if kind is None or found.credential is None:
        return None
    others = [(other.id, other.title) for other in CREDENTIALS if other is not kind]
    return CredentialAdvice(
        id=kind.id, title=kind.title, why=found.credential.why, ruled_out=tuple(_ruled_out(found, others))
    )


def _contradictions(found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """Answers that cannot be true together with what the path implies."""
    for name, said in found.implied.items():
        if name in answers and answers[name] != said.choice:
            yield f"{name}={answers[name]} and {said.edge} cannot both be true: {said.because}"


def _unneeded(found: Walk, answers: Mapping[str, str], by: Mapping[str, str]) -> Iterator[str]:
    """Answers that no question of the path wanted. Those of a configuration hold for many clients, so they may rest."""
    asked = {step.question.id for step in found.taken} | set(found.implied)
    for name, value in answers.items():
        if name not in asked and by.get(name, "given") != "configured":
            yield f"{name}={value} was not needed: after the other answers nobody asks it"


def _would_change(tree: DecisionTree, found: Walk, answers: Mapping[str, str]) -> Iterator[str]:
    """Walk the other choices of the path, the last question first: where each would have led."""
    settled: dict[str, str] = {step.question.id: step.choice.id for step in found.asked}
    for step in reversed(found.asked):
        del settled[step.question.id]
        for other in step.question.choices:
            if other is not step.choice:
                ends = tuple(walks(tree, {**answers, **settled, step.question.id: other.id}))
                if there := _elsewhere(found, ends):
                    label = "" if other.id in ("yes", "no") else f" ({other.label.partition(' (')[0]})"
                    yield f"{step.question.id} = {other.id}{label}: {there}"


def _elsewhere(found: Walk, ends: Sequence[Walk]) -> str:
    """The different answers of *ends* in words; empty when they are the one that *found* gives.

    Many answers are cut to the grants alone, and last resorts stand only where there is nothing better.
    """
    leaves = [end.leaf for end in ends if end.leaf is not None]
    better = [leaf for leaf in leaves if grant(leaf.grant).status != "last-resort"] or leaves
    if all(leaf is found.leaf for leaf in leaves):
        kinds = dict.fromkeys(
            end.credential.id for end in ends if end.credential and end.credential is not found.credential
        )
        return _or(credential_kind(kind).title.lower() for kind in kinds)
    said = list(dict.fromkeys(_end(leaf, found) for leaf in better))
    return _or(said) if len(said) <= 3 else _or(dict.fromkeys(leaf.grant for leaf in better))


def _end(leaf: Leaf, found: Walk) -> str:
    """Name a leaf by grant and platform, or by its headline where both are the same as here."""
    if found.leaf is not None and (leaf.grant, leaf.platform) == (found.leaf.grant, found.leaf.platform):
        return leaf.headline[0].lower() + leaf.headline[1:]
    platform = f" on {leaf.platform}" if leaf.platform else ""
    return leaf.grant + platform + (" as a last resort" if grant(leaf.grant).status == "last-resort" else "")


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
        yield Setting(property=kind.property, value=kind.value, why=kind.short)
    else:
        why = (
            "there is no place where this client could keep one" if row.id != "none" else "nobody has to prove anything"
        )
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
