"""``grantlint advise``: recommend a grant for a client, or for the clients of a system."""

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
    from advisor.policy.config import Configuration
    from reports.advice import Advice, Undecided

#: Asks for what is missing, given what is known.
Ask = Callable[["DecisionTree", Mapping[str, str]], dict[str, str]]


def complete_answer(incomplete: str) -> list[str]:
    """Answers that begin so: questions first, then their choices."""
    from advisor.decide.load import load_tree
    from advisor.decide.parts import UNSURE

    facts = load_tree().facts
    if "=" not in incomplete:
        return [f"{name}=" for name in facts if name.startswith(incomplete)]
    edges = (
        f"{name}={choice}"
        for name, question in facts.items()
        for choice in (*(choice.id for choice in question.choices), UNSURE)
    )
    return [edge for edge in edges if edge.startswith(incomplete)]


def advise(
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="An answer known in advance, or =unsure; may be repeated, in any order.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="Answers of one or many clients, JSON or TOML; CSV with a row for each gives a migration table.",
            show_default=False,
        ),
    ] = None,
    registration: Annotated[
        str | None,
        typer.Option(
            "--registration",
            metavar="FILE[#NAME]",
            help="Take answers from a registration, ask the rest, and show how it differs. NAME is its name or client id; tenant:ID#NAME reads it live.",
            show_default=False,
        ),
    ] = None,
    built_for: Annotated[
        bool, typer.Option("--built-for", help="With --registration: say what it is built for, and ask nothing.")
    ] = False,
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree", metavar="FILE", help="An organisation's own file laid over the tree.", show_default=False
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE", help="Write the whole advisor as one interactive HTML page.", show_default=False
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--table", metavar="FILE", help="Write the migration table: .csv, .md or .txt.", show_default=False
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
    it says which answer is missing, and exits with 2. Clients that share a
    registration, or do not agree about a token, make it exit with 1.

    \b
    Examples:
      grantlint advise
      grantlint advise -a token-for=user -a runs-in=browser -a page-tokens=page
      grantlint advise --answers system.toml -o advice.html
      grantlint advise --answers legacy.csv --table migration.csv
      grantlint advise --registration manifest.json
      grantlint advise --registration manifest.json --built-for
      grantlint advise --page advisor.html

    \b
    A file holds the answers of one client, or of many:
      [[clients]]
      name = "Orders page"
      calls = ["Orders API"]
      registration = "Contoso Orders"
      token-for = "user"
      runs-in = "browser"
      page-tokens = "page"
      [[clients]]
      name = "Orders API"
      token-for = "nobody"

    \b
    grantlint tree --questions lists what can be answered. An organisation's own
    file (--tree, or tree = "FILE" in [advise] of the configuration):
      organisation = "Contoso"
      [[forbid]]
      credential = "secret"
      because = "no client secrets, ever"
    """
    from advisor.commands.session import load

    configuration = load(config, isolated=isolated)
    found = _tree(tree, configuration)
    given = split_answers(answer or [])
    if page is not None:
        return _write_page(found, page, given, configuration.answers)
    if registration is not None:
        from advisor.commands.advise_registration import advise_registration

        return advise_registration(
            found,
            registration,
            given=given,
            configured=configuration.answers,
            ask=ask_on_terminal(),
            built=built_for,
            show_with={"format": format, "output": output or [], "colour": color},
        )
    if built_for:
        from advisor.errors import UsageError

        raise UsageError("--built-for needs a registration", hint="add --registration FILE")
    from advisor.commands.advise_show import show_advice
    from advisor.decide.answers import Clients, one_client, read_clients

    clients = read_clients(found, answers) if answers else Clients((one_client({}),))
    advices, undecided = gather_advice(
        found,
        clients.clients,
        given=given,
        configured=configuration.answers,
        ask=ask_on_terminal(),
        skip=clients.table,
    )
    return show_advice(
        found,
        clients,
        advices,
        undecided,
        table=table,
        show_with={"format": format, "output": output or [], "colour": color},
    )


def _tree(named: Path | None, configuration: Configuration) -> DecisionTree:
    """The tree that holds: the named file's, else the configured one's, else ours."""
    from advisor.decide.load import load_tree
    from advisor.decide.text import read_text

    path = named
    if path is None and configuration.tree:
        path = Path(configuration.file or ".").parent / configuration.tree
    return load_tree(read_text(path, "the tree"), file=str(path)) if path else load_tree()


def _write_page(tree: DecisionTree, path: Path, given: Mapping[str, str], configured: Mapping[str, str]) -> int:
    from advisor.commands.output import write_aside
    from advisor.commands.session import VERSION, clock_utc
    from advisor.decide.advice import check_answers
    from advisor.decide.page.build import build_page

    known = check_answers(tree, {**configured, **given})
    write_aside(path, build_page(tree, known, version=VERSION, made_on=clock_utc().date().isoformat()))
    typer.echo(f"wrote {path}", err=True)
    return 0


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
    skip: bool = False,
    inferred: Mapping[str, str] | None = None,
) -> tuple[tuple[Advice, ...], tuple[Undecided, ...]]:
    """Advise for each client.

    *given* answers hold for every client and win over its own, which win over *inferred* and *configured* ones. What is
    missing for a single client is asked with *ask*, where there is one; with *skip* a client that lacks an answer is left
    undecided. Raises ``InputError`` for wrong and for missing answers.
    """
    from advisor.decide.advice import advise as advise_client
    from advisor.decide.advice import check_answers
    from advisor.decide.tree import assumed_answers, walk
    from reports.advice import Undecided

    given = check_answers(tree, given)
    configured = check_answers(tree, configured)
    advices: list[Advice] = []
    undecided: list[Undecided] = []
    for client in clients:
        own = {**client.answers, **given}
        known = {**configured, **(inferred or {}), **own}
        by = {name: "configured" for name in configured if name not in own}
        by |= {name: "inferred" for name in inferred or {} if name not in own}
        if ask is not None and len(clients) == 1 and not skip:
            before = dict(known)
            known = ask(tree, known)
            by = {name: how for name, how in by.items() if before.get(name) == known.get(name)}
            by |= {name: "asked" for name in known if known[name] != before.get(name)}
        missing = walk(tree, {**known, **assumed_answers(tree, known)}).missing if skip else None
        if missing is not None:
            choices = tuple(choice.id for choice in missing.choices)
            undecided.append(
                Undecided(
                    client_name=client.name, question=missing.fact, ask=missing.ask, choices=choices, known=dict(known)
                )
            )
            continue
        advices.append(
            advise_client(
                tree, known, client_name=client.name, by=by, file=client.file, registration=client.registration
            )
        )
    return tuple(advices), tuple(undecided)


def ask_on_terminal() -> Ask | None:
    """The wizard, where somebody sits in front of it: questions go to standard error, so results can be piped."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(tree: DecisionTree, known: Mapping[str, str]) -> dict[str, str]:
        import shutil

        from advisor.commands.wizard import WIDTH, StoppedError, ask_missing
        from advisor.decide.advice import command_line

        width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
        try:
            answers = ask_missing(tree, known, read=_read_line, write=_write_line, width=width)
        except StoppedError:
            raise typer.Abort from None
        if not sys.stdout.isatty():  # else the advice itself ends with that command
            _write_line(f"The same again: {command_line(answers.items())}")
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
