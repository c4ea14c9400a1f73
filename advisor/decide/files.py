"""From the text of tree files to their parts, and from parts to a tree; and where a part is in the text, for
messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.decide.parts import Branch, Choice, File, Question
from advisor.decide.tables.support import table_notes
from advisor.decide.tree import DecisionTree
from advisor.errors import TreeError
from advisor.toml_text import parse_toml

_FOLDER: Final = Path(__file__).with_name("bundled")
_PARTS: Final = "question|leaf|credential|note|reasons|source|retired|forbid|choice"


class Text(msgspec.Struct, frozen=True):
    """A text of the tree and what messages call it."""

    file: str
    text: str


def bundled_texts() -> tuple[Text, ...]:
    """The files of the bundled tree in the order of their names."""
    return tuple(Text(path.name, path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.toml")))


def join(parts: Iterable[File]) -> File:
    """Put the lists of several files together; the first start holds."""
    files = tuple(parts)
    return File(
        start=next((file.start for file in files if file.start), ""),
        question=tuple(row for file in files for row in file.question),
        leaf=tuple(row for file in files for row in file.leaf),
        credential=tuple(row for file in files for row in file.credential),
        note=tuple(row for file in files for row in file.note),
        reasons=tuple(row for file in files for row in file.reasons),
        source=tuple(row for file in files for row in file.source),
        retired=tuple(row for file in files for row in file.retired),
    )


def parse_file(text: Text) -> File:
    """The parts of one file. Raises ``TreeError`` with the line of the part that is wrong."""
    table: dict[str, Any] = parse_toml(text.text, text.file, TreeError)
    try:
        return msgspec.convert(table, File)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        hint = "see advisor/decide/parts.py for the format"
        raise TreeError(
            f"is not a decision tree: {what}",
            file=text.file,
            line=line_of_part(text.text, where) or _line_of_key(text.text, what, where),
            hint=f"{where.strip('`')}: {hint}" if where else hint,
        ) from None


def line_of_part(text: str, where: str) -> int | None:
    """Find the line of the table that msgspec names: ``$.question[3].choice[1]`` is the second choice of the fourth."""
    steps = re.findall(rf"\.({_PARTS})\[(\d+)\]", where)
    if not steps:
        return None
    start, header = 0, ""
    for name, number in steps:
        header = f"{header}.{name}" if header else name
        heads = [
            match.start() for match in re.finditer(rf"(?m)^\[\[{re.escape(header)}\]\]", text) if match.start() >= start
        ]
        if int(number) >= len(heads):
            return None
        start = heads[int(number)]
    return text.count("\n", 0, start) + 1


def _line_of_key(text: str, what: str, where: str) -> int | None:
    """Find the line of a key at the top that is wrong: msgspec names one that is unknown in *what*, others in
    *where*.
    """
    named = re.search(r"unknown field `([^`]+)`", what) if not where else re.match(r"`?\$\.([\w-]+)", where)
    found = re.search(rf"(?m)^(?:\[{{1,2}})?\s*{re.escape(named[1])}\s*[=\].]", text) if named else None
    return text.count("\n", 0, found.start()) + 1 if found else None


def assemble(parts: File, texts: Sequence[Text]) -> DecisionTree:
    """The tree of *parts*, with every copied question made complete, and with the notes of the tables. Raises
    ``TreeError`` for a copy of nothing.
    """
    originals = {question.id: question for question in parts.question if not question.copies}
    leaves = {leaf.id: leaf for leaf in parts.leaf}
    return DecisionTree(
        parts.start,
        tuple(complete(question, originals, texts) for question in parts.question),
        parts.leaf,
        parts.credential,
        (*parts.note, *table_notes(originals, leaves)),
        parts.source,
        reasons=parts.reasons,
        retired=parts.retired,
    )


def complete(question: Question, originals: dict[str, Question], texts: Sequence[Text]) -> Question:
    """A copied question with the words of its original, and with the branches of its own."""
    if not question.copies:
        return question
    original = originals.get(question.copies)
    if original is None:
        raise fault(
            f"question {question.id} copies {question.copies!r}, which is not a question", texts, at=question.id
        )
    for name in question.branch:
        if original.choice(name) is None:
            raise fault(
                f"question {question.id} has a branch {name!r}, which is not a choice of {original.id}",
                texts,
                at=question.id,
            )
    choices = tuple(_branched(choice, question.branch.get(choice.id)) for choice in original.choices)
    return msgspec.structs.replace(
        question,
        ask=original.ask,
        help=original.help,
        choices=choices,
        sources=original.sources,
        unsure=original.unsure,
        default=original.default,
        infer=(*question.infer, *original.infer),
        overrule=original.overrule,
        who=original.who,
        many=original.many,
    )


def _branched(choice: Choice, branch: Branch | None) -> Choice:
    if branch is None:
        return choice
    return msgspec.structs.replace(
        choice,
        then=branch.then or choice.then,
        rules_out={name: reason for name, reason in {**choice.rules_out, **branch.rules_out}.items() if reason},
        implies={**choice.implies, **branch.implies},
    )


def fault(what: str, texts: Sequence[Text], *, at: str, choice: str = "", hint: str = "") -> TreeError:
    """The error at the part *at* (an id), or at one of its choices, in the first text that holds it."""
    for text in texts:
        if line := _line(text.text, at, choice):
            return TreeError(what, file=text.file, line=line, hint=hint)
    return TreeError(what, file=texts[0].file if texts else None, hint=hint)


def _line(text: str, part: str, choice: str) -> int | None:
    """Find the line on which the part, or its choice, gives its id."""
    found = re.search(rf'(?m)^id = "{re.escape(part)}"', text)
    if found and choice:
        after = re.compile(rf'(?m)^(?:id = "{re.escape(choice)}"|\[question\.branch\.{re.escape(choice)}\])')
        found = after.search(text, found.end()) or found
    return text.count("\n", 0, found.start()) + 1 if found else None
