"""``grantlint request``: would the identity platform accept this request."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import typer

from advisor.commands.options import ColorOption, RegistrationOption, TextOrJsonOption, TodayOption
from rules.primitives.texts import counted

if TYPE_CHECKING:
    from advisor.preflight.prediction import Prediction
    from advisor.preflight.wire import AuthRequest

#: The worst answer decides; what was not read outranks a failure, as it does in lint.
_STATUS: Final = {"accepted": 0, "fails": 1, "unknown": 3}


@dataclass(frozen=True, kw_only=True)
class RequestOptions:
    """What the request is, and which registration it is for."""

    heading: ClassVar[str] = "Input"
    registration: RegistrationOption = None
    parameter: Annotated[
        list[str],
        typer.Option(
            "--parameter",
            "-p",
            metavar="NAME=VALUE",
            help="Build the request from its parameters. May be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    endpoint: Annotated[
        Literal["authorize", "token", "devicecode"],
        typer.Option(
            "--endpoint",
            metavar="ENDPOINT",
            help="Send the parameters of -p to this endpoint: authorize, token or devicecode.",
        ),
    ] = "authorize"
    tenant: Annotated[
        str,
        typer.Option(
            "--tenant", metavar="TENANT", help="Send the parameters of -p to this tenant: an ID, a domain or an alias."
        ),
    ] = "{tenant}"
    environment: Annotated[
        Path | None,
        typer.Option(
            "--environment",
            "-e",
            metavar="FILE",
            help="Take the variables of a Postman collection from this Postman environment.",
            show_default=False,
        ),
    ] = None


def request(
    input: RequestOptions,
    source: Annotated[
        str | None,
        typer.Argument(metavar="REQUEST", help="A URL, a file, or - for standard input.", show_default=False),
    ] = None,
    format: TextOrJsonOption = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing if the request is accepted.")] = False,
    color: ColorOption = "auto",
    today: TodayOption = None,
) -> int:
    """Check whether Entra ID would accept a request, step by step. For a
    request that would fail, grantlint shows the AADSTS code, what to change,
    and the corrected request.

    REQUEST is an authorization URL, a curl command, a form body or the output
    of grantlint advise. REQUEST can also be an .http file, a Postman
    collection, a HAR file or a Fiddler archive (.saz). Secrets and tokens of
    the request are not shown or stored.

    \b
    Examples:
      grantlint request flow.http -r manifest.json
      grantlint request login.har -r "apps.json#Contoso Portal"
      pbpaste | grantlint request - -r manifest.json
      grantlint advise --verbose | grantlint request - -r manifest.json
      grantlint request -p response_type=token -p client_id=ID -r app.json

    \b
    Exit status: 0 accepted as far as can be predicted, 1 the request would
    fail, 2 the command line or an input is wrong, 3 the result cannot be
    predicted, because a value is not known.
    """
    from advisor.preflight.show import render_json, render_predictions
    from advisor.preflight.steps import predict_all
    from advisor.run.output import print_text, wants_color
    from advisor.run.registrations import select_registration
    from advisor.run.session import VERSION, as_of, clock_utc
    from advisor.run.terminal_width import terminal_width

    selection = select_registration(input.registration) if input.registration is not None else None
    requests = _read(source, input)
    now = as_of(today, clock_utc())
    choose = selection.for_request if selection else lambda _: None
    predictions = predict_all(requests, choose, now, selection.registrations if selection else ())
    status = max(_STATUS[prediction.outcome] for prediction in predictions)
    if quiet and status == 0:
        return status
    if format == "json":
        print_text(render_json(predictions, version=VERSION, judged_at=now.isoformat()), sys.stdout)
        return status
    print_text(
        render_predictions(
            predictions,
            selection.names if selection else {},
            width=terminal_width(sys.stdout),
            color=wants_color(color, terminal=sys.stdout.isatty()),
        ),
        sys.stdout,
    )
    print_text(_summary(predictions, status), sys.stderr)
    return status


def _read(source: str | None, options: RequestOptions) -> tuple[AuthRequest, ...]:
    """The requests of *source*, or the one that the parameters of the *options* make."""
    from advisor.errors import UsageError
    from advisor.preflight.read import read_requests, read_variables
    from advisor.preflight.wire import make_request

    if options.parameter and source is not None:
        raise UsageError("both REQUEST and -p", hint="give the request, or its parameters")
    if options.parameter:
        pairs = [_pair(text) for text in options.parameter]
        base = f"https://login.microsoftonline.com/{options.tenant}/oauth2/v2.0/{options.endpoint}"
        from urllib.parse import urlencode

        if options.endpoint == "authorize":
            made = make_request("GET", f"{base}?{urlencode(pairs)}", label="-p")
        else:
            made = make_request("POST", base, (), pairs, label="-p")
        if made is None:
            raise UsageError(
                f"invalid --tenant value {options.tenant!r}: it cannot be part of a URL",
                hint="expected a tenant ID, a domain or common",
            )
        return (made,)
    if source is None:
        raise UsageError("nothing to check", hint="give a URL, a file, - for standard input, or parameters with -p")
    values = read_variables(_bytes(str(options.environment)), str(options.environment)) if options.environment else None
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
            "there is no such file", file=source, hint="check the path; a URL begins with https://"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror or error}", file=source, hint="check its permissions"
        ) from None


def _summary(predictions: tuple[Prediction, ...], status: int) -> str:
    from advisor.preflight.show import OUTCOMES

    counts = {word: sum(v.outcome == outcome for v in predictions) for outcome, word in OUTCOMES.items()}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f"{counted(len(predictions), 'request')}: {told}.\nexit {status}\n"
