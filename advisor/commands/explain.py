"""``grantlint explain``: what an AADSTS error means, and what in a registration causes it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.options import ColorOption, RegistrationOption, TextOrJsonOption, TodayOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.preflight.codes import Code
    from advisor.run.registrations import Selection


def complete_code(incomplete: str) -> list[str]:
    """The codes that begin with the typed text."""
    from advisor.preflight.codes import load_codes

    names = (code.name for code in load_codes().values())
    return [name for name in names if name.startswith(incomplete.upper()) or name[6:].startswith(incomplete)]


def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ERROR",
            help="An error code, a message, or the URL of the error page; - is standard input.",
            autocompletion=complete_code,
            show_default=False,
        ),
    ] = None,
    registration: RegistrationOption = None,
    format: TextOrJsonOption = "text",
    color: ColorOption = "auto",
    today: TodayOption = None,
) -> int:
    """Explain an AADSTS error: its meaning, its causes with the most likely
    first, and how to check each cause. With a registration, each cause shows
    the values of the registration.

    ERROR may be a whole message, a JSON response, a row of the sign-in logs or
    the URL of the error page. ERROR may contain several codes. With a
    registration, the values that the message quotes are compared with the
    registered values: redirect URI, scope, resource, issuer, subject and client
    ID. No other part of the message is shown, and nothing is stored.

    \b
    Examples:
      grantlint explain AADSTS50011
      grantlint explain 7000218 -r manifest.json
      pbpaste | grantlint explain -
    """
    import json

    from advisor.preflight.compare import compare
    from advisor.preflight.explain import as_json, explain_text
    from advisor.run.output import print_text, wants_color
    from advisor.run.registrations import select_registration
    from advisor.run.session import as_of, clock_utc
    from advisor.run.terminal_width import terminal_width

    codes, message = _codes(text)
    selection = select_registration(registration) if registration is not None else None
    app = selection.one.app if selection else None
    now = as_of(today, clock_utc())
    compared = {code.id: compare(code.id, message, app, now) if app is not None else () for code in codes}
    if format == "json":
        rows = [as_json(code, app, compared[code.id]) for code in codes]
        print_text(json.dumps(rows, indent=2) + "\n", sys.stdout)
        return 0
    colored = wants_color(color, terminal=sys.stdout.isatty())
    place = _place(selection)
    width = terminal_width(sys.stdout)
    blocks = [explain_text(code, app, place, width=width, color=colored, compared=compared[code.id]) for code in codes]
    print_text("\n".join(blocks), sys.stdout)
    return 0


def _codes(words: list[str] | None) -> tuple[tuple[Code, ...], str]:
    """The rows of all codes in the text, and the text.

    Raises ``InputError`` when there is no code, or none that is known.
    """
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
    return found, text


def _place(selection: Selection | None) -> Callable[[str], str]:
    """A function that tells where a property of the registration is in its file."""

    def place(path: str) -> str:
        if selection is None:
            return ""
        origin = selection.reading.locate(selection.one.key, "/" + path.replace(".", "/"))
        return f"{origin.file}:{origin.line}" if origin.file and origin.line else ""

    return place
