"""What is proved of a decision tree.

* Names are known, unique and well formed; every leaf fits the grant that it names.
* Every path ends in exactly one leaf, and for a confidential client in exactly one credential.
* The leaf's grant is not ruled out on its own path, and the leaf has a reason against every other grant of
  ``rules.analysis.grants``; choices on the path rule out the other credentials. A dead end rules out every grant.
* No reason states a fact that is another on a path to its leaf.
* Every wish is answered at every end.
* No choice contradicts what an earlier one on the same path has settled; what is implied is never asked.
* Every question is asked (and so every choice taken), every leaf reached and every note said on some path; no path asks
  more than nine questions.

The first thing that does not hold is raised as a ``TreeError`` with file, line and path. What is never reached matters
only where it is in the texts that are proved: an organization may cut branches of ours off.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NoReturn

import msgspec

from advisor.decide.files import Text, fault
from advisor.decide.notes import ENDS, holds, known_of, may_hold
from advisor.decide.parts import Against, Choice, CredentialLeaf, Leaf, Note, Question, matches, values_of
from advisor.decide.reasons import reason_against
from advisor.decide.tree import MOST_QUESTIONS, AstrayError, DecisionTree, Walk, walks
from advisor.errors import TreeError
from rules.analysis.grants import GRANTS, grant
from rules.knowledge.credentials import CREDENTIALS

_GRANT_IDS: Final = tuple(row.id for row in GRANTS)
_COMPLETE: Final = (
    "ask is the question, help says why and how to know, sources name documents, unsure is the safe choice"
)
_CREDENTIAL_IDS: Final = tuple(row.id for row in CREDENTIALS)


class Proof(msgspec.Struct, frozen=True):
    """The figures of a proof."""

    questions: int
    asides: int
    leaves: int
    credentials: int
    notes: int
    paths: int
    longest: int
    longest_path: str


class _Place(msgspec.Struct, frozen=True):
    """Where messages point: the texts of the tree."""

    texts: tuple[Text, ...]

    def fail(self, what: str, *, at: str, choice: str = "", hint: str = "") -> NoReturn:
        """Raise the error at the part *at* (an id), or at one of its choices."""
        raise fault(what, self.texts, at=at, choice=choice, hint=hint)

    def holds(self, part: str) -> bool:
        """Whether the part is in one of the texts."""
        return not self.texts or any(re.search(rf'(?m)^id = "{re.escape(part)}"', text.text) for text in self.texts)


def prove(tree: DecisionTree, texts: Sequence[Text]) -> Proof:
    """Prove *tree* and return the figures. Raises ``TreeError`` for the first thing that is not true."""
    place = _Place(tuple(texts))
    _prove_names(tree, place)
    for question in tree.questions:
        _prove_question(tree, question, place)
    for leaf in tree.leaves:
        _prove_leaf(tree, leaf, place)
    for note in tree.notes:
        _prove_note(tree, note, place)
    _prove_reasons(tree, place)
    for row in tree.retired:
        _prove_facts(tree, {name: [choice] for name, choice in row.means.items()}, f"retired {row.question}", "", place)
    _prove_sources(tree, place)
    found = _prove_walks(tree, place)
    _prove_reached(tree, found, place)
    _prove_wishes(tree, found, place)
    longest = max(found, key=lambda one: len(one.asked))
    asides = sum(question.aside for question in tree.questions)
    return Proof(
        questions=len(tree.facts) - asides,
        asides=asides,
        leaves=len(tree.leaves),
        credentials=len(tree.credentials),
        notes=len(tree.notes),
        paths=len(found),
        longest=len(longest.asked),
        longest_path=" ".join(f"{step.question.fact}={step.choice.id}" for step in longest.asked),
    )


def incomplete(tree: DecisionTree, texts: Sequence[Text]) -> tuple[TreeError, ...]:
    """What the questions in *texts* lack for those who answer or review them: one error for each such question."""
    place = _Place(tuple(texts))
    return tuple(
        fault(f"question {question.id} has no {', '.join(lacking)}", texts, at=question.id, hint=_COMPLETE)
        for question in tree.facts.values()
        if place.holds(question.id)
        and (lacking := [key for key in ("ask", "help", "sources", "unsure") if not getattr(question, key)])
    )


def _prove_names(tree: DecisionTree, place: _Place) -> None:
    seen: set[str] = set()
    parts: tuple[Question | Leaf | CredentialLeaf | Note, ...]
    parts = (*tree.questions, *tree.leaves, *tree.credentials, *tree.notes)
    for part in parts:
        if not re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", part.id):
            place.fail(f"{part.id!r} is not a name in lower case with hyphens", at=part.id)
        name = f"note {part.id}" if isinstance(part, Note) else part.id
        if name in seen:
            hint = "questions, leaves and credentials share their names"
            place.fail(f"{part.id} is defined twice", at=part.id, hint=hint)
        seen.add(name)
    for credential in tree.credentials:
        known = (*_CREDENTIAL_IDS, "none")
        _known(
            credential.kind,
            known,
            f"credential {credential.id} has the kind {credential.kind!r}, which is not known",
            credential.id,
            place,
        )
        for name in credential.for_grant:
            what = f"credential {credential.id} names the grant {name!r}, which is not known"
            _known(name, _GRANT_IDS, what, credential.id, place)
    askable = [question.id for question in tree.questions if not question.aside]
    _known(tree.start, askable, f"start names no question: {tree.start!r}", tree.start, place)


def _prove_question(tree: DecisionTree, question: Question, place: _Place) -> None:
    if len(question.choices) < 2:
        place.fail(f"question {question.id} has fewer than two choices", at=question.id)
    ids = [choice.id for choice in question.choices]
    if question.unsure is not None and question.unsure.choice not in ids:
        place.fail(
            f"question {question.id}: unsure names {question.unsure.choice!r}, which is not a choice", at=question.id
        )
    if question.default is not None and question.default.choice not in ids:
        place.fail(
            f"question {question.id}: default names {question.default.choice!r}, which is not a choice", at=question.id
        )
    for row in (*question.infer, *question.overrule):
        if row.choice not in ids:
            what = f"question {question.id}: infer or overrule names {row.choice!r}, which is not a choice"
            place.fail(what, at=question.id)
        _prove_facts(tree, row.when, f"question {question.id}: infer or overrule", question.id, place)
    if "unsure" in ids:
        place.fail(f"question {question.id}: unsure is always possible and cannot be a choice", at=question.id)
    ends = {
        **{name: part for name, part in tree.question_by_id.items() if not part.aside},
        **tree.leaf_by_id,
        **tree.credential_by_id,
    }
    for choice in question.choices:
        if ids.count(choice.id) > 1:
            place.fail(f"choice {question.id}={choice.id} is defined twice", at=question.id, choice=choice.id)
        _prove_choice(tree, question, choice, ends, place)


def _prove_choice(tree: DecisionTree, question: Question, choice: Choice, ends: Collection[str], place: _Place) -> None:
    edge = f"{question.id}={choice.id}"
    if question.aside and (choice.then or choice.rules_out or choice.implies):
        place.fail(f"{edge} has a then, but {question.id} is an aside", at=question.id, choice=choice.id)
    if not question.aside and choice.then not in ends:
        place.fail(f"{edge} leads to {choice.then!r}, which does not exist", at=question.id, choice=choice.id)
    for name, reason in choice.rules_out.items():
        if name not in (*_GRANT_IDS, *_CREDENTIAL_IDS):
            what = f"{edge} rules out {name!r}, which is neither grant nor credential"
            place.fail(what, at=question.id, choice=choice.id)
        if not reason.strip():
            place.fail(f"{edge} rules out {name} without a reason", at=question.id, choice=choice.id)
    for name, said in choice.implies.items():
        other = tree.facts.get(name)
        if other is None or other.choice(said.choice) is None:
            what = f"{edge} implies {name}={said.choice}, which is not a possible answer"
            place.fail(what, at=question.id, choice=choice.id)


def _prove_leaf(tree: DecisionTree, leaf: Leaf, place: _Place) -> None:
    _known(leaf.grant, _GRANT_IDS, f"leaf {leaf.id} names the grant {leaf.grant!r}, which is not known", leaf.id, place)
    row = grant(leaf.grant)
    if leaf.dead_end and row.id != "none":
        place.fail(
            f"leaf {leaf.id} is a dead end and names the grant {row.id}", at=leaf.id, hint='write grant = "none"'
        )
    if row.client not in ("either", leaf.client):
        place.fail(f"leaf {leaf.id} has a {leaf.client} client, but {row.id} needs a {row.client} one", at=leaf.id)
    if (leaf.client == "confidential") != (leaf.proof is not None):
        place.fail(f"leaf {leaf.id}: only a confidential client needs proof, and it must have it", at=leaf.id)
    if leaf.proof is not None:
        what = f"leaf {leaf.id}: proof names no question: {leaf.proof!r}"
        _known(leaf.proof, tree.question_by_id, what, leaf.id, place)
    if leaf.platform not in (row.platforms or (None,)) or row.redirect != bool(leaf.redirect):
        needs = f"one of {', '.join(row.platforms)} and a redirect" if row.redirect else "neither platform nor redirect"
        place.fail(f"leaf {leaf.id}: {row.id} needs {needs}", at=leaf.id)


def _prove_note(tree: DecisionTree, note: Note, place: _Place) -> None:
    if not note.when:
        place.fail(f"note {note.id} has no when", at=note.id)
    ends = {
        "grant": _GRANT_IDS,
        "leaf": tuple(tree.leaf_by_id),
        "client": ("public", "confidential", "none"),
        "platform": ("web", "spa", "publicClient"),
        "credential": (*_CREDENTIAL_IDS, "none"),
    }
    for key, values in (*note.when.items(), *note.unless.items()):
        fact = tree.facts.get(key)
        if key not in ENDS and fact is None:
            place.fail(f"note {note.id} needs {key!r}, which is not a fact", at=note.id)
        allowed = [choice.id for choice in fact.choices] if fact else list(ends[key])
        for value in values:
            # What an organization cut off may still be named by a note of ours.
            if value not in allowed and (place.holds(note.id) or key != "leaf"):
                hint = f"one of {', '.join(allowed)}"
                place.fail(f"note {note.id} needs {key}={value}, which is not a possible answer", at=note.id, hint=hint)


def _prove_facts(tree: DecisionTree, when: Mapping[str, Sequence[str]], what: str, at: str, place: _Place) -> None:
    """Prove that a condition names questions and their choices."""
    for name, values in when.items():
        fact = tree.facts.get(name)
        if fact is None:
            place.fail(f"{what} needs {name!r}, which is not a question", at=at)
        for value in values:
            if fact.choice(value) is None:
                place.fail(f"{what} needs {name}={value}, which is not a choice", at=at)


def _prove_reasons(tree: DecisionTree, place: _Place) -> None:
    """Prove that reasons are against grants that exist, for facts that exist, in sets that leaves use."""
    used = {name for leaf in tree.leaves for name in leaf.reasons}
    for leaf in tree.leaves:
        for name in leaf.reasons:
            _known(
                name,
                tree.reasons_by_id,
                f"leaf {leaf.id} names the reasons {name!r}, which do not exist",
                leaf.id,
                place,
            )
        _prove_against(tree, leaf.against, f"leaf {leaf.id}", leaf.id, place)
    for row in tree.reasons:
        if row.id not in used and place.holds(row.id):
            place.fail(f"the reasons {row.id} are not used", at=row.id)
        _prove_facts(tree, row.says, f"the reasons {row.id}", row.id, place)
        _prove_against(tree, row.against, f"the reasons {row.id}", row.id, place)


def _prove_against(tree: DecisionTree, against: Against, what: str, at: str, place: _Place) -> None:
    for name, rows in against.items():
        _known(name, _GRANT_IDS, f"{what}: against {name!r}, which is not a grant", at, place)
        texts = (rows,) if isinstance(rows, str) else tuple(row.text for row in rows)
        if not all(text.strip() for text in texts):
            place.fail(f"{what}: against {name} without a text", at=at)
        for row in () if isinstance(rows, str) else rows:
            facts = {key: values for key, values in row.when.items() if key not in ENDS}
            _prove_facts(tree, facts, f"{what}: against {name}", at, place)


def _prove_wishes(tree: DecisionTree, found: Sequence[Walk], place: _Place) -> None:
    """Prove that each wish is answered at each end, whatever else is known."""
    wants = tree.facts.get("wants")
    wishes = [note for note in tree.notes if note.kind == "wish"]
    for note in wishes:
        if "wants" not in note.when or not note.verdict:
            place.fail(f"note {note.id} is a wish and needs verdict and when.wants", at=note.id)
    for choice in wants.choices if wants else ():
        if choice.alone:  # none of them
            continue
        rows = [note for note in wishes if choice.id in note.when["wants"]]
        for one in found:
            known = {**known_of(one), "wants": choice.id}
            if not any(holds(note, known) for note in rows):
                place.fail(f"path {one.route} has no answer to the wish {choice.id}", at="wants", choice=choice.id)


def _prove_sources(tree: DecisionTree, place: _Place) -> None:
    used: set[str] = set()
    for part in tree.parts:
        for name in part.sources:
            if name not in tree.source_by_id:
                near = difflib.get_close_matches(name, tree.source_by_id, 3)
                hint = f"did you mean {' or '.join(near)}?" if near else "give it a [[source]] with id, title and url"
                place.fail(f"{part.id} names the source {name!r}, which does not exist", at=part.id, hint=hint)
            used.add(name)
    for source in tree.sources:
        if source.id not in used and place.holds(source.id):
            place.fail(f"source {source.id} is not used", at=source.id)


def _prove_walks(tree: DecisionTree, place: _Place) -> list[Walk]:
    found: list[Walk] = []
    try:
        for one in walks(tree, infer=False):
            found.append(one)
            _prove_walk(tree, one, place)
    except AstrayError as stray:
        last = stray.taken[-1]
        route = " > ".join(step.edge for step in stray.taken)
        place.fail(f"path {route} {stray.what}", at=last.question.id, choice=last.choice.id)
    return found


def _prove_walk(tree: DecisionTree, found: Walk, place: _Place) -> None:
    leaf, last = found.leaf, found.taken[-1]
    if leaf is None:  # walk raises before that
        raise TypeError("a walk without a leaf")
    if leaf.proof is not None and found.credential is None:
        place.fail(f"path {found.route} ends in no credential", at=last.question.id, choice=last.choice.id)
    _prove_grants(tree, found, leaf, place)
    if found.credential is not None:
        kind = "" if found.credential.kind == "none" else found.credential.kind
        _prove_ruled_out(found, kind, _CREDENTIAL_IDS, found.credential.id, place)
    if len(found.asked) > MOST_QUESTIONS:
        what = f"path {found.route} asks {len(found.asked)} questions; {MOST_QUESTIONS} are the most"
        place.fail(what, at=last.question.id, choice=last.choice.id)


def _prove_grants(tree: DecisionTree, found: Walk, leaf: Leaf, place: _Place) -> None:
    """Prove that *leaf* has a reason against every other grant, and none that states what is not so on this path."""
    if reasons := () if leaf.dead_end else found.against.get(leaf.grant, ()):
        by = reasons[0]
        what = f"path {found.route} ends in {leaf.id} ({leaf.grant}), which {by.question}={by.choice} rules out"
        place.fail(what, at=by.question, choice=by.choice)
    known = known_of(found)
    lacking = [
        name
        for name in _GRANT_IDS
        if name not in (leaf.grant, "none")
        and name not in found.against
        and not reason_against(tree, leaf, name, known)
    ]
    if lacking:
        what = f"leaf {leaf.id} has no reason against {', '.join(lacking)} on path {found.route}"
        place.fail(what, at=leaf.id, hint="add it to against, or to one of its reasons")
    for name in leaf.reasons:
        says = {key: values for key, values in tree.reasons_by_id[name].says.items() if key in known}
        if not matches(says, known):
            wrong = next(key for key, values in says.items() if values_of(known, key).isdisjoint(values))
            what = f"the reasons {name} state another {wrong} than path {found.route} to leaf {leaf.id}"
            place.fail(what, at=leaf.id)


def _prove_ruled_out(found: Walk, answer: str, names: Sequence[str], end: str, place: _Place) -> None:
    """Prove that all of *names* but *answer* are ruled out on the walk, which ends in the part *end*."""
    shown = f"{end} ({answer})" if answer and answer != end else end
    if reasons := found.against.get(answer):
        by = reasons[0]
        what = f"path {found.route} ends in {shown}, which {by.question}={by.choice} rules out"
        place.fail(what, at=by.question, choice=by.choice)
    if left := [name for name in names if name != answer and name not in found.against]:
        what = f"path {found.route} ends in {shown}, but nothing on it rules out {', '.join(left)}"
        last = found.taken[-1]
        hint = "add the reason to the choice that causes it"
        place.fail(what, at=last.question.id, choice=last.choice.id, hint=hint)


def _prove_reached(tree: DecisionTree, found: Sequence[Walk], place: _Place) -> None:
    asked = {step.question.id for one in found for step in one.asked}
    ends = {one.leaf.id for one in found if one.leaf} | {one.credential.id for one in found if one.credential}
    for question in tree.questions:
        if question.id not in asked and not question.aside and place.holds(question.id):
            what = f"question {question.id} is never asked: no path leads there, or its answer is always implied"
            place.fail(what, at=question.id)
    last: tuple[Leaf | CredentialLeaf, ...] = (*tree.leaves, *tree.credentials)
    for end in last:
        if end.id not in ends and place.holds(end.id):
            place.fail(f"{end.id} is never reached", at=end.id)
    settled = [known_of(one) for one in found]
    for note in tree.notes:
        if place.holds(note.id) and not any(may_hold(note, known) for known in settled):
            place.fail(f"note {note.id} never appears: no path has all that it needs", at=note.id)


def _known(name: str, names: Iterable[str], what: str, at: str, place: _Place) -> None:
    if name not in (known := tuple(names)):
        place.fail(what, at=at, hint=f"one of {', '.join(known)}")
