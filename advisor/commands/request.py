"""``grantlint request``: would the identity platform accept this request."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from advisor.commands.options import ColorOption, TodayOption
from advisor.commands.registrations import RegistrationOption
from rules.primitives.texts import counted

if TYPE_CHECKING:
    from advisor.preflight.verdict import Verdict
    from advisor.preflight.wire import AuthRequest

#: The worst answer decides; what was not read outranks a failure, as it does in lint.
_STATUS: Final = {"accepted": 0, "fails": 1, "unknown": 3}


def request(
    source: Annotated[
        str | None,
        typer.Argument(metavar="REQUEST", help="An address, a file, or - for standard input.", show_default=False),
    ] = None,
    registration: RegistrationOption = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            "-p",
            metavar="NAME=VALUE",
            help="Build the request from its parameters; may be repeated.",
            show_default=False,
        ),
    ] = None,
    environment: Annotated[
        Path | None,
        typer.Option(
            "--environment",
            "-e",
            metavar="FILE",
            help="The Postman environment whose values the collection uses.",
            show_default=False,
        ),
    ] = None,
    endpoint: Annotated[
        Literal["authorize", "token", "devicecode"],
        typer.Option("--endpoint", help="Where the parameters of -p go."),
    ] = "authorize",
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="TENANT", help="Tenant for -p: an id, a domain or an alias.")
    ] = "{tenant}",
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="How to answer.")] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing when it is accepted.")] = False,
    color: ColorOption = "auto",
    today: TodayOption = None,
) -> int:
    """Say whether the identity platform would accept a request, before anybody
    is sent to a sign-in page: step by step, with the AADSTS code of what
    fails, what to change, and the corrected request.

    REQUEST is an authorize address, a curl command, an .http file, a form
    body, a Postman collection, a HAR file or a Fiddler archive (.saz). Secrets
    and tokens in it are neither shown nor kept.

    \b
    Examples:
      grantlint request flow.http -r manifest.json
      grantlint request login.har -r "apps.json#Contoso Portal"
      pbpaste | grantlint request - -r manifest.json
      grantlint request -p response_type=token -p client_id=ID -r app.json

    \b
    Exit status: 0 accepted as far as can be said, 1 it would fail, 2 the
    command line or an input is wrong, 3 something needed was not read.
    """
    from advisor.commands.output import print_text, wants_colour
    from advisor.commands.registrations import read_registrations
    from advisor.commands.session import VERSION, as_of, clock_utc
    from advisor.preflight.judge import judge_all
    from advisor.preflight.show import render_json, render_verdicts

    chosen = read_registrations(registration)
    requests = _read(source, parameter or [], endpoint, tenant, environment)
    now = as_of(today, clock_utc())
    verdicts = judge_all(requests, chosen.for_request if chosen else lambda _: None, now)
    status = max(_STATUS[verdict.outcome] for verdict in verdicts)
    if quiet and status == 0:
        return status
    if format == "json":
        print_text(render_json(verdicts, version=VERSION, judged_at=now.isoformat()), sys.stdout)
        return status
    print_text(
        render_verdicts(
            verdicts,
            chosen.names if chosen else {},
            width=80,
            colour=wants_colour(color, sys.stdout.isatty()),
        ),
        sys.stdout,
    )
    print_text(_summary(verdicts, status), sys.stderr)
    return status


def _read(
    source: str | None, parameters: list[str], endpoint: str, tenant: str, environment: Path | None
) -> tuple[AuthRequest, ...]:
    from advisor.errors import UsageError
    from advisor.preflight.read import read_requests, read_variables
    from advisor.preflight.wire import make_request

    if parameters and source is not None:
        raise UsageError("both REQUEST and -p", hint="give the request, or its parameters")
    if parameters:
        pairs = [_pair(text) for text in parameters]
        base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{endpoint}"
        from urllib.parse import urlencode

        if endpoint == "authorize":
            made = make_request("GET", f"{base}?{urlencode(pairs)}", label="-p")
        else:
            made = make_request("POST", base, (), pairs, label="-p")
        if made is None:
            raise UsageError("the tenant cannot stand in an address", hint="give its id, its domain or common")
        return (made,)
    if source is None:
        raise UsageError(
            "nothing to judge", hint="give an address, a file, - for standard input, or parameters with -p"
        )
    values = read_variables(_bytes(str(environment)), str(environment)) if environment else None
    if source == "-":
        return read_requests(sys.stdin.buffer.read(), "-", environment=values)
    if "://" in source or source.startswith("curl "):
        return read_requests(os.fsencode(source), "-")
    return read_requests(_bytes(source), source, environment=values)


def _pair(text: str) -> tuple[str, str]:
    from advisor.errors import UsageError

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError("-p takes NAME=VALUE", hint="for example -p response_type=code")
    return name, value


def _bytes(source: str) -> bytes:
    from advisor.errors import InputError

    try:
        return Path(source).read_bytes()
    except FileNotFoundError:
        raise InputError(
            "there is no such file", file=source, hint="check the path; an address begins with https://"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=source, hint="check its permissions"
        ) from None


def _summary(verdicts: tuple[Verdict, ...], status: int) -> str:
    words = {"accepted": "accepted as far as can be said", "fails": "would fail", "unknown": "cannot be said"}
    counts = {word: sum(v.outcome == outcome for v in verdicts) for outcome, word in words.items()}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f"{counted(len(verdicts), 'request')}: {told}.\nexit {status}\n"
