"""The command line: its options, and what becomes of an error.

Nothing heavy is imported here or at the top of a command's module, and a command's module only when that command is
asked for: ``--version`` and ``--help`` answer as quickly as Typer itself.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from advisor.commands.table import CommandGroup
from advisor.errors import GrantlintError
from advisor.run.session import VERSION

HELP = """Choose an OAuth 2.0 grant for a client of Microsoft Entra ID, and check app registrations.

grantlint never writes to a tenant.

\b
Examples:
  grantlint demo                       everything on bundled registrations
  grantlint advise                     answer a few questions, get a grant
  grantlint lint manifests/ -o r.html  check registrations, write a report

\b
Exit status: 0 nothing at or above --fail-on, 1 findings, 2 the command line,
configuration or an input is wrong, 3 something requested could not be read.
"""

#: The garbage collector looks for cycles after this many new objects, far more than by default.
_NEW_OBJECTS: Final = 200_000

app = typer.Typer(
    name="grantlint",
    cls=CommandGroup,
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # Typer's tracebacks print local variables, which may be tokens
    rich_markup_mode=None,  # plain help: quick, readable aloud, the same in a pipe
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"grantlint {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def run(arguments: list[str] | None = None) -> int:
    """Run the command line on *arguments* (``sys.argv`` without the name of the command); the exit status."""
    _replace_closed_streams()
    _end_in_order()
    # What a large run reads and reports has no cycles, and the collector would go through it again and again.
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    try:
        status = app(args=arguments, prog_name="grantlint", standalone_mode=False)
    except GrantlintError as error:
        from advisor.secrets import without_secrets
        from reports.terminal.render import problem_details, problem_line

        what, hint = without_secrets(error.what), without_secrets(error.hint)
        file = without_secrets(error.file) if error.file else None
        sys.stderr.write(problem_line(what, file, error.line, error.column, hint) + "\n")
        sys.stderr.write(problem_details(map(without_secrets, error.details)))
        return error.exit_status
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except (BrokenPipeError, SystemExit) as error:
        # The reader of our output has gone (`| head`), which Typer takes for its own affair and ends with status 1.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        _drop_output()
        return 141
    except Exception as error:
        show = getattr(error, "show", None)  # the usage errors of Typer know how to show themselves
        if show is not None:
            if isinstance(message := getattr(error, "message", None), str):
                from advisor.secrets import without_secrets

                message = message.removeprefix("Value error, ").replace("%Y-%m-%d", "YYYY-MM-DD")  # words of Typer
                error.message = without_secrets(message)  # type: ignore[attr-defined]  # it quotes arguments
            show()
            return int(getattr(error, "exit_code", 2))
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            _drop_output()
            sys.stderr.write("grantlint: cannot write standard output: No space left on device; free some space\n")
            return 2
        if os.environ.get("GRANTLINT_TRACEBACK"):
            raise
        sys.stderr.write(
            f"grantlint: internal error: {type(error).__name__}; please report it, with what "
            "GRANTLINT_TRACEBACK=1 grantlint ... prints\n"
        )
        return 2
    if status == 130:
        sys.stderr.write("grantlint: stopped; no incomplete file was written\n")
    return status if isinstance(status, int) else 0


def _end_in_order() -> None:
    """Let SIGTERM, as a canceled job sends it, end the run as an exception: files that are being written are
    removed.
    """
    with suppress(ValueError):  # not the main thread
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def _replace_closed_streams() -> None:
    """Let what was closed (``>&-``) take everything and give nothing: Python has no stream for it at all."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _drop_output() -> None:
    """Keep the interpreter from complaining at exit about what it cannot write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
