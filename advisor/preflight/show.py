"""Show predictions: as text, step by step with the failing one marked, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from advisor.preflight.codes import load_codes
from advisor.preflight.prediction import Check, Outcome, Prediction
from advisor.preflight.steps import TITLES
from advisor.preflight.wire import AuthRequest
from reports.escape import visible, visible_name

SCHEMA: Final = "urn:grantlint:preflight:1"

#: A mark and its style for each state.
MARKS: Final = {"passed": "ok", "failed": "FAIL", "unread": "?", "note": "note"}
_STYLES: Final = {"ok": "32", "FAIL": "1;31", "?": "1;33", "note": "36", "head": "1", "quiet": "2"}
OUTCOMES: Final[dict[Outcome, str]] = {
    "accepted": "accepted as far as can be predicted",
    "fails": "would fail",
    "unknown": "cannot be predicted",
}
_TITLE_WIDTH: Final = 24


class Painter:
    """Text with or without color, filled to a width."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self._color = color

    def paint(self, text: str, style: str) -> str:
        """*text* in a style, where there is color."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._color else text

    def fill(self, text: str, first: str, then: str | None = None) -> Iterator[str]:
        """Lines of *text*; words and URLs are never broken, since users copy them."""
        yield from textwrap.wrap(
            text,
            max(self.width, 40),
            initial_indent=first,
            subsequent_indent=first if then is None else then,
            break_long_words=False,
            break_on_hyphens=False,
        )


def render_predictions(
    predictions: Sequence[Prediction], names: dict[str, str], *, width: int = 80, color: bool = False
) -> str:
    """All predictions as text. *names* are those of the registrations, by client id in lower case."""
    painter = Painter(width, color=color)
    return "\n".join("\n".join(_prediction(prediction, names, painter)) + "\n" for prediction in predictions)


def _prediction(prediction: Prediction, names: dict[str, str], painter: Painter) -> Iterator[str]:
    request = prediction.request
    yield painter.paint(_headline(request, names.get(prediction.registration.lower(), "")), "head")
    style = {"accepted": "ok", "fails": "FAIL", "unknown": "?"}[prediction.outcome]
    yield painter.paint(OUTCOMES[prediction.outcome] + _with_code(prediction), style)
    yield ""
    last = ""
    for check in prediction.checks:
        yield from _check(check, "" if check.step == last else TITLES[check.step], painter)
        last = check.step
    yield from _corrected(prediction, painter)
    yield ""
    yield painter.paint("Depends on the tenant and the user", "head")
    for row in prediction.uncertain:
        codes = f" ({', '.join(f'AADSTS{code}' for code in row.codes)})" if row.codes else ""
        yield from painter.fill(row.text + codes, "  - ", "    ")


def _with_code(prediction: Prediction) -> str:
    if prediction.outcome == "unknown" and prediction.code:
        return f": possibly AADSTS{prediction.code}"
    if prediction.outcome != "fails":
        return ""
    return f": AADSTS{prediction.code}" if prediction.code else ": no AADSTS code is known for the first failure"


def _headline(request: AuthRequest, name: str) -> str:
    place = "" if request.file in (None, "-") else visible(str(request.file), 60)
    place += f":{request.line}" if place and request.line else ""
    label = f" {visible(request.label, 60)!r}" if request.label else ""
    whom = f" for {visible_name(name)}" if name else ""
    return (
        f"{place + ': ' if place else ''}{visible(request.method)} {request.endpoint} (v{request.version}){label}{whom}"
    )


def _check(check: Check, title: str, painter: Painter) -> Iterator[str]:
    mark = MARKS[check.state]
    margin = f"  {mark:<5}{title:<{_TITLE_WIDTH}} "
    first, *more = [*painter.fill(visible(check.says), margin, " " * len(margin))] or [margin]
    yield painter.paint(first[:7], mark) + first[7:]
    yield from more
    inner = " " * 7
    if check.state == "unread" and check.code:
        yield from painter.fill(f"Possibly AADSTS{check.code}: {load_codes()[check.code].means}", inner)
    if check.state not in ("failed", "unread"):
        return
    if check.code and check.state == "failed":
        yield from painter.fill(f"AADSTS{check.code}: {load_codes()[check.code].means}", inner)
    elif check.state == "failed":
        yield inner + "No AADSTS code is known for this failure."
    if changes := _changes(check):
        yield from painter.fill(f"in the request: {changes}", inner, inner + "  ")
    if check.change and not check.reported:
        either = "or " if changes else ""
        yield from painter.fill(
            f"{either}in the registration: {check.property}: {visible(check.change)}", inner, inner + "  "
        )
    for reference in check.sources[:2]:
        yield painter.paint(f"{inner}{reference.url}", "quiet")


def _changes(check: Check) -> str:
    """The changes to the request in words."""
    said = []
    for fix in check.fixes:
        match fix.kind:
            case "set":
                said.append(f"{fix.name}={visible(fix.value, 200)}")
            case "drop":
                said.append(f"remove {fix.name}")
            case "tenant":
                said.append(f"/{visible(fix.value)}/ in the URL")
            case "endpoint":
                how = "GET" if fix.value == "authorize" else "POST, parameters in the body"
                said.append(f"/{fix.value} in the URL, by {how}")
            case "version":
                said.append("/oauth2/v2.0/ in the URL")
            case "method":
                said.append(f"method {fix.value}")
            case "origin":
                said.append("send it from a browser" if fix.value else "no Origin header")
            case "basic":
                said.append("no Authorization header")
            case "form":
                said.append("Content-Type: application/x-www-form-urlencoded, parameters in the body")
    return "; ".join(said)


def _corrected(prediction: Prediction, painter: Painter) -> Iterator[str]:
    if prediction.corrected is None:
        return
    yield ""
    yield painter.paint("Corrected request", "head")
    for line in request_lines(prediction.corrected):
        yield f"  {line}"


def request_lines(request: AuthRequest) -> Iterator[str]:
    """Method and URL, then one parameter a line; secrets are their names in braces."""
    yield f"{visible(request.method)} {visible(request.url)}"
    for parameter in request.parameters:
        yield f"    {parameter.name}={visible(parameter.value)}"


def render_json(predictions: Iterable[Prediction], *, version: str, judged_at: str) -> str:
    """All predictions as JSON. What was drawn from secrets is left out."""
    body = {
        "version": 1,
        "schema": SCHEMA,
        "tool": {"name": "grantlint", "version": version},
        "judged_at": judged_at,
        "verdicts": [_as_json(prediction) for prediction in predictions],
    }
    return json.dumps(body, indent=2) + "\n"


def _as_json(prediction: Prediction) -> dict[str, Any]:
    return {
        "outcome": prediction.outcome,
        "code": f"AADSTS{prediction.code}" if prediction.code else None,
        "registration": prediction.registration or None,
        "request": _request_json(prediction.request),
        "checks": [
            {
                "step": check.step,
                "state": check.state,
                "says": check.says,
                "code": f"AADSTS{check.code}" if check.code else None,
                "property": check.property or None,
                "change": (not check.reported and check.change) or None,
                "parameter": check.parameter or None,
                "in_request": _changes(check) or None,
                "sources": [msgspec.to_builtins(reference) for reference in check.sources],
            }
            for check in prediction.checks
        ],
        "corrected": None if prediction.corrected is None else _request_json(prediction.corrected),
        "not_predictable": [
            {"text": row.text, "codes": [f"AADSTS{code}" for code in row.codes]} for row in prediction.uncertain
        ],
    }


def _request_json(request: AuthRequest) -> dict[str, Any]:
    return {
        "file": request.file,
        "line": request.line,
        "label": request.label or None,
        "method": request.method,
        "url": request.url,
        "parameters": [{"name": p.name, "value": p.value} for p in request.parameters],
    }
