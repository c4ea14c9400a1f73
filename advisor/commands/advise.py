"""``grantlint advise``: recommend a grant for a client, or for the clients of a system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from advisor.commands.options import ConfigurationOptions, OutputOptions, RegistrationOption, complete_answer

if TYPE_CHECKING:
    from advisor.decide.answers import Client, Clients
    from advisor.decide.gather import Ask
    from advisor.decide.system import Pair
    from advisor.decide.tree import DecisionTree
    from advisor.run.advice import KnownAnswers
    from advisor.run.output import Output
    from advisor.templates.model import Plan
    from reports.report import Report


@dataclass(frozen=True, kw_only=True)
class AnswerOptions:
    """Where answers come from."""

    heading: ClassVar[str] = "Answers"
    answer: Annotated[
        list[str],
        typer.Option(
            "--answer",
            "-a",
            metavar="QUESTION=CHOICE",
            help="Answer a question in advance, or write =unsure. Separate several choices with commas. May be "
            "repeated, in any order.",
            autocompletion=complete_answer,
            show_default=False,
        ),
    ] = field(default_factory=list)
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="Read the answers of one or many clients from JSON or TOML, or from CSV with a row for each client.",
            show_default=False,
        ),
    ] = None
    registration: RegistrationOption = None
    usage: Annotated[
        list[str],
        typer.Option(
            "--usage",
            metavar="FILE",
            help="Start from the grants that the registration of -r uses, by sign-in logs; see grantlint usage --help. "
            "live and live:30d read them from the tenant of -r tenant:ID#NAME. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    built_for: Annotated[
        bool,
        typer.Option("--built-for", help="Say what the registrations of -r are built for, without asking or advising."),
    ] = False
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree",
            metavar="FILE",
            help="Extend and override the decision tree with this file of your organization.",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class AdviceOptions(OutputOptions):
    """Where the advice goes."""

    page: Annotated[
        Path | None,
        typer.Option(
            "--page", metavar="FILE", help="Write the whole advisor as one interactive HTML page.", show_default=False
        ),
    ] = None
    templates: Annotated[
        list[Path],
        typer.Option(
            "--templates",
            metavar="FILE",
            help="Write the registrations of all clients and the access between them: .tf (Terraform), .bicep, "
            ".sh (Azure CLI) or .http (Graph requests). May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    table: Annotated[
        Path | None,
        typer.Option(
            "--table", metavar="FILE", help="Write the migration table: .csv, .md or .txt.", show_default=False
        ),
    ] = None
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose",
            "-v",
            help="Also show reasons, registration, requests, scopes, risks, what would change the answer, and sources.",
        ),
    ] = False

    def settings(self, *, fixable: bool = True) -> Output:
        """Where and how :func:`advisor.run.output.show` shows the advice."""
        from msgspec.structs import replace

        return replace(OutputOptions.settings(self, fixable=fixable), verbose=self.verbose)


def advise(answers: AnswerOptions, output: AdviceOptions, configured: ConfigurationOptions) -> int:
    """Recommend a grant for a client: the reasons for it and against the other
    grants, what to register and request, and the remaining risks.

    The short advice has five lines; --verbose shows everything. -o advice.md
    writes a complete document for a design or an architecture decision.

    On a terminal, grantlint asks the questions that have no answer. Without a
    terminal, it lists these questions with their choices.

    \b
    Exit status:
      0  each client has advice
      1  answers conflict, clients share a registration, or a call between
         clients does not work
      2  an answer is missing or wrong
      3  a row of a CSV file lacks an answer; the other rows are advised.
         Or a source of --usage could not be read whole

    \b
    Examples:
      grantlint advise
      grantlint advise -a api=graph -a runs-in=browser -a page-tokens=page
      grantlint advise --answers system.toml -o advice.md -o advice.html
      grantlint advise --answers legacy.csv --table migration.csv
      grantlint advise --registration manifest.json
      grantlint advise --registration manifest.json --built-for
      grantlint advise --registration manifest.json --usage usage.json
      grantlint advise --page advisor.html
      grantlint advise --answers system.toml --templates main.tf

    \b
    A file contains the answers of one client, or of many. A question with
    several choices takes a list; in CSV they are joined by |:
      [[clients]]
      name = "Orders page"
      calls = ["Orders API"]
      registration = "Contoso Orders"
      api = ["own", "graph"]
      runs-in = "browser"
      page-tokens = "page"
      [[clients]]
      name = "Orders API"
      api = "none"

    \b
    grantlint tree --questions lists what can be answered. An organization's own
    file (--tree, or tree = "FILE" in [advise] of the configuration):
      organisation = "Contoso"
      [[forbid]]
      credential = "secret"
      because = "no client secrets, ever"
    """
    from advisor.decide.answers import Clients, one_client, read_clients
    from advisor.decide.gather import split_answers
    from advisor.errors import UsageError
    from advisor.run.advice import KnownAnswers, advise_clients, advise_registration, describe_registrations, tree_for
    from advisor.run.output import show, write_aside
    from advisor.templates import language_of

    configuration = configured.load()
    tree = tree_for(answers.tree, configuration)
    many = [name for name, question in tree.facts.items() if question.many]
    ask = _ask_on_terminal()
    more = _more_on_terminal if ask and answers.answers is None else None
    known = KnownAnswers(split_answers(answers.answer, many), configuration.answers, ask, more)
    if answers.usage and answers.registration is None:
        raise UsageError("--usage needs a registration", hint="add --registration FILE")
    if output.page is not None:
        return _write_page(tree, output.page, known)
    if answers.registration is not None:
        if output.templates:
            raise UsageError("--templates makes new registrations", hint="leave out --registration")
        if answers.built_for and answers.usage:
            raise UsageError(
                "--built-for describes settings, not their use", hint="run lint --usage, or leave out --built-for"
            )
        if answers.built_for:
            return show(describe_registrations(tree, answers.registration), output.settings())
        own = read_clients(tree, answers.answers).clients if answers.answers else ()
        return show(advise_registration(tree, answers.registration, known, own, answers.usage), output.settings())
    if answers.built_for:
        raise UsageError("--built-for needs a registration", hint="add --registration FILE")
    clients = read_clients(tree, answers.answers) if answers.answers else Clients((one_client({}),))
    write = [(path, language_of(path)) for path in output.templates]
    report, pairs = advise_clients(tree, clients, known)
    texts = _templates(pairs, write) if write else []
    status = _show(report, clients, output)
    for path, text in texts:
        write_aside(path, text)
        typer.echo(f"wrote {path}", err=True)
    if len(pairs) > len(clients.clients):
        from advisor.run.more_clients import answers_file

        _write_line(f"\nThe same answers as a file for --answers:\n\n{answers_file(pairs)}")
    return status


def _templates(pairs: Sequence[Pair], write: Sequence[tuple[Path, Callable[[Plan], str]]]) -> list[tuple[Path, str]]:
    """The templates of the clients, each in its language."""
    from advisor.templates.plan import make_plan

    plan = make_plan(pairs)
    return [(path, render(plan)) for path, render in write]


def _show(report: Report, clients: Clients, output: AdviceOptions) -> int:
    """Show the advice, write the migration table, and return the exit status."""
    from advisor.errors import UsageError
    from advisor.run.output import show, write_aside
    from reports.escape import visible_name
    from reports.migration import table_csv, table_markdown, table_text

    tables = {".csv": table_csv, ".md": table_markdown, ".txt": table_text}
    table = output.table
    if table and table.suffix.lower() not in tables:
        raise UsageError(f"no table has the suffix of {table.name!r}", hint="end the name in .csv, .md or .txt")
    if clients.unused:
        typer.echo(f"columns not used: {', '.join(map(visible_name, clients.unused))}", err=True)
    status = show(report, output.settings())
    if table:
        write_aside(table, tables[table.suffix.lower()](report))
        typer.echo(f"wrote {table}", err=True)
    return status


def _write_page(tree: DecisionTree, path: Path, known: KnownAnswers) -> int:
    from advisor.decide.advice import check_answers
    from advisor.run.output import write_aside
    from advisor.run.page import advisor_page

    write_aside(path, advisor_page(tree, check_answers(tree, {**known.configured, **known.given})))
    typer.echo(f"wrote {path}", err=True)
    return 0


def _ask_on_terminal() -> Ask | None:
    """The wizard, where there is a terminal: questions go to standard error, so that results can be piped."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(tree: DecisionTree, known: Mapping[str, str]) -> dict[str, str]:
        import shutil

        from advisor.decide.advice import command_line
        from advisor.run.wizard import WIDTH, StoppedError, ask_missing

        width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
        try:
            answers = ask_missing(tree, known, read=_read_line, write=_write_line, width=width)
        except StoppedError:
            raise typer.Abort from None
        if not sys.stdout.isatty():  # otherwise the advice itself ends with that command
            _write_line(f"The same advice: {command_line(answers.items())}")
        return answers

    return ask


def _more_on_terminal(clients: Sequence[Client]) -> tuple[Client, ...]:
    """Ask the user for another client of the system, on the terminal."""
    from advisor.run.more_clients import ask_client

    return ask_client(clients, read=_read_line, write=_write_line)


def _read_line() -> str:
    typer.echo("> ", nl=False, err=True)
    try:
        return input()
    except (EOFError, KeyboardInterrupt):
        _write_line("")
        raise


def _write_line(line: str) -> None:
    typer.echo(line, err=True)
