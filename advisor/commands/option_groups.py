"""Options in groups: a command takes one object for each group, and ``--help`` shows a heading for each.

A group is a frozen dataclass with a ``heading``. Its fields are annotated as Typer annotates the parameters of a
function.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import Parameter, Signature, signature
from operator import itemgetter
from textwrap import wrap
from typing import Annotated, Any, get_args, get_type_hints

from typer.core import TyperCommand
from typer.models import ParameterInfo

from advisor.commands.values import take_as_they_are
from advisor.errors import UsageError


class GroupedCommand(TyperCommand):
    """A command whose help lists the options of each group under its heading, all in the same columns, and which takes
    a file once for each option that has one.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse *args*. Raises ``UsageError`` for a second file of an option, of which Typer would drop the first."""
        if not ctx.resilient_parsing:
            _, _, given = self.make_parser(ctx).parse_args(args=list(args))
            once = [one for one in given if _names_file(one) and not one.multiple]
            if twice := next((one for one in once if once.count(one) > 1), None):
                raise UsageError(f"{max(twice.opts, key=len)} is given twice", hint="give it once")
        take_as_they_are(self.get_params(ctx))
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each heading, in the order of the parameters."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            name, text = record
            is_argument = parameter.param_type_name == "argument"
            if is_argument:
                name = str(parameter.metavar)  # without the Python type that Typer adds
            heading = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or "Options"
            sections.setdefault(heading, []).append((name, text))
        column = min(30, max(len(name) for rows in sections.values() for name, _ in rows))
        for heading, rows in filter(itemgetter(1), sections.items()):
            with formatter.section(heading):
                formatter.write_dl(
                    [(f"{name:<{column}}", _filled(text, formatter.width - column - 4)) for name, text in rows]
                )


def _names_file(parameter: Any) -> bool:
    """Whether the value of an option is a file to read or to write."""
    words = str(parameter.metavar or "").partition("[")[0]
    return parameter.param_type_name == "option" and words in ("FILE", "PATH")


def ungrouped(command: Callable[..., Any]) -> Callable[..., Any]:
    """*command* with one parameter for each option of its groups, which is the signature that Typer reads."""
    groups: dict[str, type] = {}
    parameters: list[Parameter] = []
    for parameter in signature(command, eval_str=True).parameters.values():
        if is_dataclass(parameter.annotation) and isinstance(parameter.annotation, type):
            groups[parameter.name] = parameter.annotation
            parameters += _options(parameter.annotation)
        else:
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY))

    def call(**values: Any) -> Any:
        made = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**values, **made)

    call.__name__, call.__doc__ = command.__name__, command.__doc__
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def _filled(text: str, width: int) -> str:
    """*text* in lines that break between words only: Typer's own lines also break ``YYYY-MM-DD`` and names of
    options.
    """
    return "\b\n" + "\n".join(wrap(text, max(width, 10), break_on_hyphens=False))


def _options(group: Any) -> list[Parameter]:
    """A parameter for each field of *group*, under its heading."""
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=_default(field),
            annotation=_under(group.heading, hints[field.name]),
        )
        for field in fields(group)
    ]


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return Parameter.empty if field.default is MISSING else field.default


def _under(heading: str, annotation: Any) -> Any:
    """*annotation* whose option is listed under *heading*; the option itself may be shared with another group."""
    kind, *extras = get_args(annotation)
    option = copy(next(extra for extra in extras if isinstance(extra, ParameterInfo)))
    option.rich_help_panel = heading
    return Annotated[kind, option]
