"""``grantlint advise``: recommend a grant for a client."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import ColorOption, ConfigOption, FormatOption, IsolatedOption, OutputOption

if TYPE_CHECKING:
    from advisor.decide.answers import Client
    from advisor.decide.tree import DecisionTree
    from reports.report import Advice

#: Asks for what is missing, given what is known.
Ask = Callable[["DecisionTree", Mapping[str, str]], dict[str, str]]


def complete_answer(incomplete: str) -> list[str]:
    """Answers that begin so: questions first, then their choices."""
    from advisor.decide.tree import load_tree

    questions = load_tree().questions
    if "=" not in incomplete:
        return [f"{question.id}=" for question in questions if question.id.startswith(incomplete)]
    edges = (f"{question.id}={choice.id}" for question in questions for choice in question.choices)
    return [edge for edge in edges if edge.startswith(incomplete)]


def advise(
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="An answer known in advance; may be repeated, in any order.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers", metavar="FILE", help="Answers of one or many clients, JSON or TOML.", show_default=False
        ),
    ] = None,
    format: FormatOption = "text",
    output: OutputOption = None,
    color: ColorOption = "auto",
    config: ConfigOption = None,
    isolated: IsolatedOption = False,
) -> int:
    """Recommend a grant for a client: why, why not each of the others, what to
    register, what the request looks like, and what risk remains.

    On a terminal it asks what is not answered yet. Without one it never asks:
    it says which answer is missing, and exits with 2.

    \b
    Examples:
      grantlint advise
      grantlint advise -a token-for=program -a keeps-credential=yes
      grantlint advise --answers clients.toml -o advice.html

    \b
    A file holds the answers of one client, or of many:
      [[clients]]
      name = "Orders page"
      token-for = "user"
      runs-in = "browser"
      page-tokens = "page"
    """
    from advisor.commands.session import VERSION, clock_utc, load
    from advisor.decide.answers import one_client, read_clients
    from advisor.decide.tree import load_tree

    tree = load_tree()
    given = split_answers(answer or [])
    configured = load(config, isolated=isolated).answers
    clients = read_clients(tree, answers) if answers else (one_client({}),)
    advices = gather_advice(tree, clients, given=given, configured=configured, ask=_ask_on_terminal())

    from advisor.commands.compose import compose
    from advisor.commands.output import show
    from advisor.decide.draw import tree_shape

    now = clock_utc()
    report = compose(
        title="Advice" if len(advices) != 1 else f"Advice for {advices[0].client_name or 'one client'}",
        version=VERSION,
        now=now,
        made_at=now,
        advices=advices,
        tree=tree_shape(tree),
    )
    return show(report, format=format, output=output or [], colour=color)


def split_answers(words: Iterable[str]) -> dict[str, str]:
    """Split ``question=choice`` words. Raises ``InputError`` for a word without ``=`` and for two different answers."""
    from advisor.errors import InputError

    answers: dict[str, str] = {}
    for word in words:
        question, equals, choice = word.partition("=")
        question, choice = question.strip(), choice.strip()
        if not (equals and question and choice):
            raise InputError(f"answer {word!r} is not QUESTION=CHOICE", hint="write for example -a token-for=user")
        if answers.get(question, choice) != choice:
            raise InputError(
                f"{question} is answered twice, with {answers[question]!r} and {choice!r}", hint="keep one of the two"
            )
        answers[question] = choice
    return answers


def gather_advice(
    tree: DecisionTree,
    clients: Sequence[Client],
    *,
    given: Mapping[str, str],
    configured: Mapping[str, str],
    ask: Ask | None,
) -> tuple[Advice, ...]:
    """Advise for each client.

    *given* answers hold for every client and win over its own, which win over *configured* ones. What is missing for a
    single client is asked with *ask*, where there is one. Raises ``InputError`` for wrong and for missing answers.
    """
    from advisor.decide.advice import advise as advise_client
    from advisor.decide.advice import check_answers

    given = check_answers(tree, given)
    advices = []
    for client in clients:
        known = {**configured, **client.answers, **given}
        by = {name: "configured" for name in configured if name not in client.answers and name not in given}
        if ask is not None and len(clients) == 1:
            before = set(known)
            known = ask(tree, known)
            by |= dict.fromkeys(known.keys() - before, "asked")
        advices.append(advise_client(tree, known, client_name=client.name, by=by, file=client.file))
    return tuple(advices)


def _ask_on_terminal() -> Ask | None:
    """The wizard, where somebody sits in front of it: questions go to standard error, so results can be piped."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(tree: DecisionTree, known: Mapping[str, str]) -> dict[str, str]:
        import shutil

        from advisor.commands.wizard import WIDTH, StoppedError, ask_missing
        from advisor.decide.advice import command_line
        from advisor.decide.tree import walk

        width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
        try:
            answers = ask_missing(tree, known, read=_read_line, write=_write_line, width=width)
        except StoppedError:
            raise typer.Abort from None
        if not sys.stdout.isatty():  # else the advice itself ends with that command
            asked = walk(tree, answers).asked
            _write_line(f"The same again: {command_line((step.question.id, step.choice.id) for step in asked)}")
        return answers

    return ask


def _read_line() -> str:
    typer.echo("> ", nl=False, err=True)
    try:
        return input()
    except (EOFError, KeyboardInterrupt):
        _write_line("")
        raise


def _write_line(line: str) -> None:
    typer.echo(line, err=True)
