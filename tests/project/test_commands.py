"""Every command is explained: in its help, with examples that are real, and in the README."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.core import TyperCommand

from advisor.commands.table import COMMANDS as TABLE
from advisor.commands.table import build
from reports.formats import FORMATS

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
COMMANDS = list(TABLE)


def test_the_commands_are_in_the_order_of_a_first_visit() -> None:
    assert COMMANDS == [
        "advise",
        "lint",
        "rules",
        "report",
        "request",
        "explain",
        "recipe",
        "grants",
        "permissions",
        "tree",
        "snapshot",
        "usage",
        "diff",
        "config",
        "server",
        "demo",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_sentence_of_the_table_is_the_first_of_the_command_s_own_help(command: str) -> None:
    whole = build(command).help
    assert isinstance(whole, str)
    words = " ".join(whole.partition("\n\n")[0].split())
    assert re.split(r"(?<=\.) ", words)[0] == TABLE[command]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_root_help_shortens_the_sentence_as_it_would_shorten_the_whole_help(command: str) -> None:
    whole = build(command)
    short = TyperCommand(command, help=TABLE[command], rich_markup_mode=None)
    assert all(short.get_short_help_str(width) == whole.get_short_help_str(width) for width in range(20, 200))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_fits_80_columns(command: str, grantlint: Callable) -> None:
    run = grantlint(command, "--help")
    assert run.status == 0
    assert "Examples:" in run.out
    assert f"grantlint {command}" in run.out
    assert max(map(len, run.out.splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_use_only_options_that_exist(command: str, grantlint: Callable) -> None:
    page = grantlint(command, "--help").out
    for example in re.findall(
        rf"^ *(?:.*\| )?(grantlint {command}.*)$", page.partition("Examples:")[2].partition("Options:")[0], re.MULTILINE
    ):
        for word in shlex.split(example)[2:]:
            assert not word.startswith("--") or word in page, example


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_shows_the_command(command: str) -> None:
    assert f"grantlint {command}" in README


def test_the_readme_names_every_option_it_uses(grantlint: Callable) -> None:
    pages = {command: grantlint(command, "--help").out for command in COMMANDS}
    for command, rest in re.findall(r"^(?:.*\| )?grantlint (\w+)([^#\n]*)", README, re.MULTILINE):
        for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", rest):
            assert option in pages[command], f"grantlint {command} {rest}"


def test_the_root_help_lists_all_and_the_exit_statuses(grantlint: Callable) -> None:
    page = grantlint("--help").out
    assert all(re.search(rf"^  {command} ", page, re.MULTILINE) for command in COMMANDS)
    assert "Exit status" in page


def test_every_format_is_in_the_help_of_lint(grantlint: Callable) -> None:
    page = "".join(grantlint("lint", "--help").out.split())  # help may break a name after its hyphen
    missing = [name for name in FORMATS if name not in page]
    assert not missing, f"`grantlint lint --help` does not name {missing}"


def test_the_readme_lists_every_format() -> None:
    listed = re.search(r"^Formats: ([^.]+)\.", README, re.MULTILINE)
    assert listed
    missing = set(FORMATS) - set(re.split(r",\s+", listed[1]))
    assert not missing, f"README.md, line 'Formats:', does not name {missing}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lint"], "nothing to lint"),
        (
            ["lint", ".", "--select", "implict"],
            "unknown rule or family 'implict' in --select; did you mean 'implicit'?",
        ),
        (["lint", ".", "--fail-on", "severe"], "unknown severity 'severe' in --fail-on; one of critical"),
        (["lint", ".", "--format", "xml"], "unknown format 'xml'; one of azure, csv, github"),
        (["lint", ".", "-o", "r.pdf"], "no format has the suffix of 'r.pdf'; end the name in"),
        (["rules", "nothing"], "unknown rule or family 'nothing'"),
        (["linnt"], "No such command 'linnt'. Did you mean 'lint'?"),
        (["lint", "--no-such"], "No such option"),
        (["lint", ".", "--today", "x"], "Invalid value for '--today': 'x' does not match the formats 'YYYY-MM-DD'."),
        (["rules", "nonsense"], "unknown rule or family 'nonsense' in grantlint rules; see `grantlint rules`"),
        (["rules", "wildcard"], "did you mean 'wildcard-federated-subject' or 'wildcard-redirect-uri'?"),
    ],
)
def test_a_wrong_command_line_is_one_clear_line_and_status_2(
    arguments: list[str], said: str, folder: Path, grantlint: Callable
) -> None:
    run = grantlint(*arguments)
    assert run.status == 2
    assert said in run.err
    assert run.out == ""
    assert "Traceback" not in run.err
