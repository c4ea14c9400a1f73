"""Options in groups: what Typer reads of them, what the command gets, and what the help shows."""

from __future__ import annotations

import inspect
import pkgutil
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import pytest
import typer

import advisor.commands
from advisor.commands.option_groups import GroupedCommand, ungrouped
from advisor.commands.table import COMMANDS, build
from advisor.commands.values import take_as_they_are
from tests.conftest import Run


@dataclass(frozen=True, kw_only=True)
class Colors:
    """Options that two commands could share."""

    heading: ClassVar[str] = "Colors"
    red: Annotated[list[str], typer.Option("--red", metavar="NAME", help="Add a red.")] = field(default_factory=list)
    bright: Annotated[bool, typer.Option("--bright", help="Use bright ones.")] = False


@dataclass(frozen=True, kw_only=True)
class Sizes(Colors):
    """A group that extends another one."""

    heading: ClassVar[str] = "Sizes"
    width: Annotated[int, typer.Option("--width", metavar="COLUMNS", help="Use this width.")]


def paint(
    sizes: Sizes,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A name.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Use no color.")] = False,
) -> None:
    """Paint."""
    typer.echo((sizes, name, plain))


@pytest.fixture
def command() -> GroupedCommand:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("paint", cls=GroupedCommand)(ungrouped(paint))
    return typer.main.get_command(app)  # type: ignore[return-value]


def test_a_command_gets_the_object_of_each_group(command: GroupedCommand, capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["x", "--red", "a", "--red", "b", "--width", "3"], standalone_mode=False)
    assert capsys.readouterr().out == f"{(Sizes(red=['a', 'b'], width=3), 'x', False)}\n"
    command.main(["--width", "3", "--bright", "--plain"], standalone_mode=False)
    assert capsys.readouterr().out == f"{(Sizes(width=3, bright=True), None, True)}\n"


def test_the_help_has_a_heading_for_each_group_and_no_python_type(
    command: GroupedCommand, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["--help"], prog_name="paint", standalone_mode=False)
    page = capsys.readouterr().out
    assert re.findall(r"^(\w+):$", page, re.MULTILINE) == ["Arguments", "Sizes", "Options"]
    assert "--red NAME       Add a red." in page
    assert "NAME             A name." in page
    assert "<" not in page


def test_a_missing_option_is_a_usage_error(command: GroupedCommand) -> None:
    with pytest.raises(Exception, match="width"):
        command.main([], standalone_mode=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_shows_words_and_not_python_types(name: str, grantlint: type[Run]) -> None:
    page = grantlint(name, "--help").out  # type: ignore[attr-defined]
    assert not re.search(r"<[a-z]+(\[|>|\|)", page), page


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_option_is_a_sentence(name: str) -> None:
    for parameter in build(name).params:
        assert re.match(r"[A-Z].*[.\])]$", parameter.help or "", re.DOTALL), parameter.name


def test_help_breaks_lines_between_words_only(grantlint: type[Run]) -> None:
    page = grantlint("lint", "--help").out  # type: ignore[attr-defined]
    assert "YYYY-MM-DD" in page
    assert not re.search(r"\w-$", page, re.MULTILINE)


def test_every_module_is_a_command_or_says_what_options_are() -> None:
    modules = {module.name for module in pkgutil.iter_modules(advisor.commands.__path__)}
    assert modules == {*COMMANDS, "options", "option_groups", "table", "values"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_few_parameters(name: str) -> None:
    from importlib import import_module

    command = getattr(import_module(f"advisor.commands.{name}"), name)
    assert len(inspect.signature(command).parameters) <= 12


@pytest.mark.parametrize("name", COMMANDS)
def test_values_that_typer_does_not_convert_are_those_that_it_would_give(name: str) -> None:
    command = build(name)
    context = typer.Context(command)
    for parameter in command.get_params(context):
        default = parameter.get_default(context)
        choices = parameter.type_descriptor.choices or ("x.json", "3", "\udcff", "", "0x")
        many = parameter.multiple or parameter.nargs == -1
        for value in (default, *((one,) if many else one for one in choices)):
            parameter._runtime_param = None
            expected = _converted(parameter, value, context)
            take_as_they_are([parameter])
            assert _converted(parameter, value, context) == expected, (parameter.name, value)


def _converted(parameter: Any, value: object, context: typer.Context) -> tuple[type, object]:
    try:
        result = parameter.get_runtime_param().coerce(value, param=parameter, ctx=context)
    except Exception as error:  # Typer's usage errors have no public type
        return type(error), str(error)
    return type(result), result
