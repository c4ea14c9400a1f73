"""``grantlint tree``: draw the decision tree, or prove it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from advisor.commands.advise import complete_answer, split_answers


def tree(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Another tree than the built-in one.", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what was proved instead of drawing.")] = False,
    format: Annotated[Literal["text", "mermaid"], typer.Option("--format", help="How to draw.")] = "text",
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="Mark the path of these answers; may be repeated.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw the decision tree behind grantlint advise, or prove it.

    The proof: every path ends in one recommendation, and on every path each
    other grant is ruled out by a named reason.

    \b
    Examples:
      grantlint tree
      grantlint tree -a token-for=user -a runs-in=browser
      grantlint tree --format mermaid > tree.mmd
      grantlint tree --check
    """
    from advisor.decide.advice import check_answers
    from advisor.decide.draw import draw_mermaid, draw_text
    from advisor.decide.text import read_text
    from advisor.decide.tree import load_tree, walk

    found = load_tree(read_text(file, "the tree"), file=str(file)) if file else load_tree()
    if check:
        typer.echo(
            f"proved: {len(found.questions)} questions, {len(found.leaves)} leaves, {len(found.credentials)} credentials, "
            f"{found.paths} paths\n"
            f"longest path: {found.longest} questions\n"
            "every path ends in one leaf; on every path each other grant is ruled out by a reason"
        )
        return
    answers = check_answers(found, split_answers(answer or []))
    path = frozenset(step.edge for step in walk(found, answers).taken) if answers else frozenset()
    if format == "mermaid":
        typer.echo(draw_mermaid(found, path), nl=False)
    else:
        typer.echo(draw_text(found, path, _width()), nl=False)


def _width() -> int:
    """Columns of the terminal, at most 120; a pipe gets 100, since nobody sees its edge."""
    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120)) if sys.stdout.isatty() else 100
