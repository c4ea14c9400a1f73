"""``grantlint explain``: what an AADSTS error means, and what in a registration causes it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from advisor.commands.options import ColorOption
from advisor.commands.registrations import RegistrationOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.commands.registrations import Chosen
    from advisor.preflight.codes import Code


def complete_code(incomplete: str) -> list[str]:
    """Codes that begin so."""
    from advisor.preflight.codes import load_codes

    names = (code.name for code in load_codes().values())
    return [name for name in names if name.startswith(incomplete.upper()) or name[6:].startswith(incomplete)]


def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ERROR...",
            help="A code, a message, or the address of the error page; - is standard input.",
            autocompletion=complete_code,
            show_default=False,
        ),
    ] = None,
    registration: RegistrationOption = None,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="How to answer.")] = "text",
    color: ColorOption = "auto",
) -> int:
    """Explain an AADSTS error: what it means, its causes with the likeliest
    first, and how to check each. With a registration its own values stand
    beside each cause.

    A whole message, a JSON answer or the address of the error page will do:
    the codes are found in it. Nothing else of it is shown or kept.

    \b
    Examples:
      grantlint explain AADSTS50011
      grantlint explain 7000218 -r manifest.json
      pbpaste | grantlint explain -
    """
    import json

    from advisor.commands.output import print_text, wants_colour
    from advisor.commands.registrations import read_registrations
    from advisor.preflight.explain import as_json, explain_text

    codes = _codes(text)
    chosen = read_registrations(registration)
    app = chosen.one.app if chosen is not None and chosen.one is not None else None
    if chosen is not None and app is None:
        from advisor.errors import UsageError

        raise UsageError("the file has several registrations", hint="name one after #: -r apps.json#NAME")
    if format == "json":
        print_text(json.dumps([as_json(code, app) for code in codes], indent=2) + "\n", sys.stdout)
        return 0
    colour = wants_colour(color, sys.stdout.isatty())
    blocks = [explain_text(code, app, _place(chosen), width=80, colour=colour) for code in codes]
    print_text("\n".join(blocks), sys.stdout)
    return 0


def _codes(words: list[str] | None) -> tuple[Code, ...]:
    """The rows of all codes in the text. Raises ``InputError`` when there is none, or none that is known."""
    from advisor.errors import InputError, UsageError
    from advisor.preflight.codes import MOST_CHARACTERS, find_codes, load_codes, narrow
    from advisor.preflight.explain import LOOKUP

    if not words:
        raise UsageError("nothing to explain", hint="give a code, for example: grantlint explain AADSTS50011")
    text = " ".join(words)
    if text == "-":
        text = sys.stdin.buffer.read(MOST_CHARACTERS).decode("utf-8", "replace")
    numbers = find_codes(text)
    if not numbers:
        raise InputError("no AADSTS code in it", hint="paste the whole message; the code reads like AADSTS50011")
    known = load_codes()
    found = tuple(narrow(known[number], text) for number in numbers if number in known)
    if not found:
        raise InputError(
            f"AADSTS{numbers[0]} does not follow from a registration or a request that grantlint knows",
            hint=f"Microsoft explains it at {LOOKUP.format(numbers[0])}",
        )
    return found


def _place(chosen: Chosen | None) -> Callable[[str], str]:
    """Say where a property of the registration stands in its file."""

    def place(path: str) -> str:
        if chosen is None or chosen.one is None:
            return ""
        origin = chosen.reading.locate(chosen.one.key, "/" + path.replace(".", "/"))
        return f"{origin.file}:{origin.line}" if origin.file and origin.line else ""

    return place
