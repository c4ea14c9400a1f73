"""Merge the file of an organization into the tree: the grants and credentials that it forbids, and what it adds.

What follows is proved like any tree. Every edge and part that the organization made has its words, so that an
advice can say which rule decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from advisor.decide.files import Text, complete, fault, line_of_part
from advisor.decide.parts import CredentialLeaf, File, Forbid, Leaf, Question, lowered
from advisor.decide.proof import prove
from advisor.decide.tree import DecisionTree
from advisor.errors import TreeError
from rules.analysis.grants import GRANTS, grant
from rules.knowledge.credentials import CREDENTIALS, credential_kind

_GRANTS: Final = tuple(row.id for row in GRANTS if row.id != "none")
_CREDENTIALS: Final = tuple(row.id for row in CREDENTIALS)


def laid_and_proved(tree: DecisionTree, own: File, text: Text) -> DecisionTree:
    """*tree* with *own* merged into it, proved. Raises ``TreeError`` at the line of the rule that breaks the proof."""
    laid = lay_over(tree, own, text)
    try:
        prove(laid, (text,))
    except TreeError as error:
        # A path of our own questions can fail because of what was forbidden; then the part named is not in their file.
        line = error.line or _breaking(tree, own, text)
        raise TreeError(error.what, file=error.file, line=line, hint=error.hint) from None
    return laid


def _breaking(tree: DecisionTree, own: File, text: Text) -> int | None:
    """The line of the first rule with which the proof fails."""
    for number in range(len(own.forbid)):
        part = msgspec.structs.replace(own, forbid=own.forbid[: number + 1])
        try:
            prove(lay_over(tree, part, text), (text,))
        except TreeError:
            return _line_of_rule(text, number)
    return None


def _line_of_rule(text: Text, number: int) -> int | None:
    return line_of_part(text.text, f"$.forbid[{number}]")


def lay_over(tree: DecisionTree, own: File, text: Text) -> DecisionTree:
    """*tree* with what *own* adds and forbids. Raises ``TreeError`` where that names something unknown."""
    texts = (text,)
    who = own.organisation
    if not who:
        raise TreeError(
            "has neither start nor organisation", file=text.file, line=1, hint='write organisation = "Contoso"'
        )
    originals = dict(tree.facts) | {question.id: question for question in own.question if not question.copies}
    added = tuple(complete(question, originals, texts) for question in own.question)
    decided = dict(tree.decided)
    decided |= {question.id: f"{who} asks: {question.ask}" for question in added if not question.aside}
    decided |= {f"note:{note.id}": f"{who} says: {note.text}" for note in own.note}
    laid = DecisionTree(
        tree.start,
        (*tree.questions, *added),
        (*tree.leaves, *own.leaf),
        (*tree.credentials, *own.credential),
        (*tree.notes, *own.note),
        (*tree.sources, *own.source),
        decided,
        (*tree.reasons, *own.reasons),
        tree.retired,
    )
    for question in added:
        if question.before:
            laid = _asked_before(laid, question, texts)
    for number, forbid in enumerate(own.forbid):
        _check(laid, forbid, text, _line_of_rule(text, number))
        laid = _forbidden(laid, forbid, who)
    return laid


def _asked_before(tree: DecisionTree, new: Question, texts: tuple[Text, ...]) -> DecisionTree:
    """Every way that led to what *new* is asked in front of leads to *new* now; its own choices lead on as they say."""
    ends = {**tree.question_by_id, **tree.leaf_by_id, **tree.credential_by_id}
    if new.before not in ends:
        raise fault(f"question {new.id} comes before {new.before!r}, which does not exist", texts, at=new.id)
    lead = {new.before: new.id}
    return _led(tree, lead, apart=new.id)


def _led(tree: DecisionTree, lead: Mapping[str, str], *, apart: str = "") -> DecisionTree:
    """The tree with edges, proofs and start led elsewhere; the question *apart* keeps its own."""
    questions = tuple(
        question
        if question.id == apart
        else msgspec.structs.replace(
            question,
            choices=tuple(
                msgspec.structs.replace(choice, then=lead.get(choice.then, choice.then)) for choice in question.choices
            ),
        )
        for question in tree.questions
    )
    leaves = tuple(
        msgspec.structs.replace(leaf, proof=lead.get(leaf.proof, leaf.proof)) if leaf.proof else leaf
        for leaf in tree.leaves
    )
    return msgspec.structs.replace(tree, start=lead.get(tree.start, tree.start), questions=questions, leaves=leaves)


def _check(tree: DecisionTree, forbid: Forbid, text: Text, line: int | None) -> None:
    """Raise ``TreeError`` at *line* for a rule that names nothing, both, something unknown, or itself in its place."""
    at = forbid.grant or forbid.credential
    what, hint = "", ""
    known = _GRANTS if forbid.grant else _CREDENTIALS
    if bool(forbid.grant) == bool(forbid.credential):
        what, hint = "forbid names either a grant or a credential", 'write credential = "secret"'
    elif at not in known:
        what, hint = f"forbid names {at!r}, which is not known", f"one of {', '.join(known)}"
    elif forbid.instead:
        left = _allowed(tree, forbid)
        if forbid.instead not in left:
            kind = "leaf" if forbid.grant else "credential"
            what = f"forbid {at}: instead names {forbid.instead!r}, which is not another {kind}"
            hint = f"one of {', '.join(left)}"
    if what:
        raise TreeError(what, file=text.file, line=line, hint=hint)


def _allowed(tree: DecisionTree, forbid: Forbid) -> tuple[str, ...]:
    if forbid.grant:
        return tuple(leaf.id for leaf in tree.leaves if leaf.grant != forbid.grant)
    return tuple(leaf.id for leaf in tree.credentials if leaf.kind != forbid.credential)


def _forbidden(tree: DecisionTree, forbid: Forbid, who: str) -> DecisionTree:
    gone: dict[str, Leaf | CredentialLeaf]
    if forbid.grant:
        gone = {leaf.id: _no_grant(leaf, forbid, who) for leaf in tree.leaves if leaf.grant == forbid.grant}
    else:
        end = _no_credential(forbid.credential, forbid, who)
        gone = {leaf.id: end for leaf in tree.credentials if leaf.kind == forbid.credential}
    return _without(tree, gone, forbid, who)


def _without(tree: DecisionTree, gone: Mapping[str, Leaf | CredentialLeaf], forbid: Forbid, who: str) -> DecisionTree:
    """Lead every edge to a forbidden end on to what is in its place, with the organization's reason on the edge."""
    name = forbid.grant or forbid.credential
    said = f"{who} forbids it: {forbid.because}"
    decided = dict(tree.decided)
    questions = []
    for question in tree.questions:
        choices = []
        for choice in question.choices:
            if choice.then in gone:
                decided[f"{question.id}={choice.id}"] = f"{who} forbids {_title(forbid)}: {forbid.because}"
                instead = tree.leaf_by_id.get(forbid.instead) if forbid.grant else None
                kept = instead.grant if instead else ""
                if not forbid.grant and forbid.instead:
                    kept = tree.credential_by_id[forbid.instead].kind
                out = {other: reason for other, reason in choice.rules_out.items() if other != kept}
                choice = msgspec.structs.replace(  # noqa: PLW2901 - the edge as the organization has it
                    choice, then=forbid.instead or gone[choice.then].id, rules_out={**out, name: said}
                )
            choices.append(choice)
        questions.append(msgspec.structs.replace(question, choices=tuple(choices)))
    leaves = tuple(leaf for leaf in tree.leaves if leaf.id not in gone)
    credentials = tuple(leaf for leaf in tree.credentials if leaf.id not in gone)
    if not forbid.instead:
        ends = {end.id: end for end in gone.values()}.values()
        leaves += tuple(end for end in ends if isinstance(end, Leaf))
        credentials += tuple(end for end in ends if isinstance(end, CredentialLeaf))
    return msgspec.structs.replace(
        tree, questions=tuple(questions), leaves=leaves, credentials=credentials, decided=decided
    )


def _title(forbid: Forbid) -> str:
    row = grant(forbid.grant) if forbid.grant else credential_kind(forbid.credential)
    return lowered(row.title)


def _no_grant(leaf: Leaf, forbid: Forbid, who: str) -> Leaf:
    """A dead end in place of *leaf*; what speaks against the other grants stays the same."""
    return Leaf(
        id=f"no-{leaf.id}",
        grant="none",
        headline=f"No grant is left: {who} forbids {_title(forbid)}",
        client="none",
        dead_end=True,
        reasons=leaf.reasons,
        against={**leaf.against, forbid.grant: f"{who} forbids it: {forbid.because}"},
        why=(f"The answers lead to {_title(forbid)}, and {who} forbids it: {forbid.because}",),
        warnings=(
            "Change one of the answers (see what would change the answer), or request an exception from the owner of "
            "the rule.",
        ),
    )


def _no_credential(name: str, forbid: Forbid, who: str) -> CredentialLeaf:
    return CredentialLeaf(
        id=f"no-{name.replace('_', '-')}",
        kind="none",
        title=f"None that {who} allows",
        why=f"Where the client runs, only {_title(forbid)} works, and {who} forbids it: {forbid.because}",
        warnings=(
            "Move the client to a platform with a better credential, or request an exception from the owner of the "
            "rule.",
        ),
    )
