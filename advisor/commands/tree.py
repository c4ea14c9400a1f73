"""``grantlint tree``: draw the decision tree, or prove it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from advisor.commands.options import complete_answer
from advisor.run.terminal_width import terminal_width

if TYPE_CHECKING:
    from advisor.decide.files import Text
    from advisor.decide.tree import DecisionTree


def tree(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="An organization's file that extends and overrides the bundled tree, or a complete tree.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Prove the tree instead of drawing it.")] = False,
    questions: Annotated[
        bool, typer.Option("--questions", help="List every question with its choices instead of drawing.")
    ] = False,
    format: Annotated[
        Literal["text", "mermaid", "svg"],
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Draw as text, mermaid or svg; svg shows only the questions about the grant.",
        ),
    ] = "text",
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="Mark the path of these answers. May be repeated.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = None,
) -> int:
    """Draw the decision tree of grantlint advise, or prove that it is complete.

    The proof covers every path: the path ends in one recommendation, and every
    other grant is ruled out by a named reason.

    \b
    Examples:
      grantlint tree
      grantlint tree -a token-for=user -a runs-in=browser
      grantlint tree --format mermaid > tree.mmd
      grantlint tree --questions
      grantlint tree contoso-tree.toml --check
    """
    from advisor.decide.advice import check_answers
    from advisor.decide.draw import draw_mermaid, draw_questions, draw_text, tree_shape
    from advisor.decide.files import Text
    from advisor.decide.gather import split_answers
    from advisor.decide.load import load_tree
    from advisor.decide.text import read_text
    from advisor.decide.tree import walk

    text = Text(str(file), read_text(file, "the tree")) if file else None
    found = load_tree(text.text, file=text.file) if text else load_tree()
    if check:
        return _check(found, (text,) if text else ())
    if questions:
        typer.echo(_shown(draw_questions(found, terminal_width(sys.stdout))), nl=False)
        return 0
    answers = check_answers(found, split_answers(answer or []))
    path = tuple(step.edge for step in walk(found, answers).taken) if answers else ()
    if format == "mermaid":
        typer.echo(_shown(draw_mermaid(found, path)), nl=False)
    elif format == "svg":
        from reports.html.tree_svg import draw_tree, path_in_words

        shape = tree_shape(found)
        words = path_in_words(shape, path) or "No path is marked."
        typer.echo(
            draw_tree(shape, shape.root, path, name="tree", title="The decision tree", description=words, alone=True)
        )
    else:
        typer.echo(_shown(draw_text(found, path, terminal_width(sys.stdout))), nl=False)
    return 0


def _shown(text: str) -> str:
    """*text* without the control codes that a terminal obeys: a tree may come from an untrusted file."""
    from reports.escape import visible_line

    return "\n".join(map(visible_line, text.split("\n")))


#: At most this number of faults of values is printed: one mistake in a leaf causes one for each end with that leaf.
_MOST_FAULTS: Final = 10


def _check(tree: DecisionTree, own: tuple[Text, ...]) -> int:
    """Print what is proved of *tree*, then what its questions lack in the texts that are the user's *own*, or in ours.

    Return the exit status. It is 1 if what the tree prints does not work, or if a question of ours lacks something; a
    user's tree works without.
    """
    from advisor.decide.files import bundled_texts
    from advisor.decide.proof import incomplete, prove
    from advisor.run.prove_values import prove_values
    from reports.terminal.render import problem_line

    texts = own or bundled_texts()
    proof = prove(tree, texts)
    typer.echo(
        f"proved: {proof.questions} questions, {proof.asides} asides, {proof.leaves} leaves, "
        f"{proof.credentials} credentials, {proof.notes} notes\n"
        f"{proof.paths} paths; the longest asks {proof.longest} questions:\n"
        f"  {proof.longest_path}\n"
        "every path ends in one leaf; on every path each other grant is ruled out by a reason;\n"
        "every note can appear"
    )
    values = prove_values(tree)
    for fault in values.faults[:_MOST_FAULTS]:
        typer.echo(problem_line(fault, texts[0].file if own else None), err=True)
    if not values.faults:
        typer.echo(
            f"{values.registrations} registrations have no findings, and preflight refuses none of "
            f"{values.requests} requests"
        )
    lacking = incomplete(tree, texts)
    for error in lacking:
        typer.echo(problem_line(error.what, error.file, error.line, error.column, error.hint), err=True)
    return 1 if values.faults or (lacking and not own) else 0
