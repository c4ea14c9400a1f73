"""The requests that work, as the page shows them: filled in below each registration of a small report, once in a large
one.

A large report holds each text once, with names in braces, and a registration the few values that are its own; the
page's script puts them together. Without script the texts are there to be read, and say where the values stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import msgspec
from markupsafe import Markup, escape

from reports.escape import visible
from reports.html.posture import words
from reports.html.sequence_svg import Drawing, draw_sequence
from reports.report import Report
from reports.rows import PostureEntry, RegistrationRow, RequestRow, RequestStep, RequestText
from rules.primitives.texts import is_guid

#: At most this many registrations have their requests written out below them; beyond, the script fills them in.
WRITTEN_OUT: Final = 25

_BRACES: Final = re.compile(r"\{([a-z_]+)\}")
_BARE: Final = re.compile(r"[A-Za-z0-9:/?#._~%+-]*[A-Za-z0-9]")
_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]+")
_VALUES: Final = ("client_id", "redirect_uri", "origin")
_CREDENTIALS: Final = {
    "secret": "client secret",
    "federated": "federated credential",
    "managed_identity": "managed identity",
}
_LETTERS: Final = {"web": "w", "spa": "s", "publicClient": "p"}


class StepView(msgspec.Struct, frozen=True):
    """A request: who sends it to whom and why, and its text as an .http file has it."""

    who: str
    says: str
    text: Markup


class WayView(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of one grant. ``care`` says that it should not be used, ``instead`` what replaces it."""

    id: str
    grant: str
    platform: str
    title: str
    on: str
    care: str
    instead: str
    steps: tuple[StepView, ...]
    bring: tuple[tuple[str, str], ...]
    drawing: Drawing | None


class WaysView(msgspec.Struct, frozen=True):
    """What one registration sends: the grants in words, the requests, and why there are none for the other grants."""

    grants: str
    ways: tuple[WayView, ...]
    why_not: tuple[tuple[str, str], ...]


class Group(msgspec.Struct, frozen=True):
    """Registrations that send the same requests: the anchor, how many, their posture's, the requests, what is
    withheld.
    """

    id: str
    registrations: int
    posture: str
    ways: tuple[WayView, ...]
    withheld: tuple[tuple[str, str], ...]


class Values(msgspec.Struct, frozen=True):
    """What a registration of a large report carries for the script: the anchor of its group, and attributes."""

    anchor: str
    client: str
    attributes: Markup


class RequestViews(msgspec.Struct, frozen=True):
    """Everything that the page shows of requests; one of ``written`` and ``groups`` is empty."""

    drawings: tuple[Drawing, ...]
    written: Mapping[str, WaysView]
    groups: tuple[Group, ...]
    ways: tuple[WayView, ...]
    values: Mapping[str, Values]


def drawings_of(report: Report) -> dict[str, Drawing]:
    """The sequence diagram of each grant that the report tells."""
    titles = {grant.id: grant.title for grant in report.grants}
    return {
        row.grant: draw_sequence(row, number, row.title or titles.get(row.grant, row.grant))
        for number, row in enumerate(report.sequences, 1)
    }


def request_views(report: Report, drawings: Mapping[str, Drawing], postures: Mapping[str, str]) -> RequestViews:
    """The views of the requests of *report*; *postures* are the anchors of the postures by registration."""
    ways = {text.id: _way(text, number, report, drawings) for number, text in enumerate(report.requests, 1)}
    rows = {row.key: row for row in report.registrations}
    working = [row for row in report.working if row.registration in rows]
    if len(rows) <= WRITTEN_OUT:
        texts = {text.id: text for text in report.requests}
        entries = {row.registration: row.entries for row in report.postures}
        written = {
            row.registration: WaysView(
                ", ".join(words(texts[name].grant) for name in row.requests if name in texts),
                tuple(
                    _filled(ways[name], texts[name], row, rows[row.registration])
                    for name in row.requests
                    if name in ways
                ),
                _why_not(row, entries.get(row.registration, ())),
            )
            for row in working
        }
        return RequestViews(tuple(drawings.values()), written, (), (), {})
    return _shared(working, rows, ways, drawings, postures)


def _why_not(row: RequestRow, entries: Sequence[PostureEntry]) -> tuple[tuple[str, str], ...]:
    """Why there is no request: grants of one reason together."""
    reasons: dict[str, list[str]] = {}
    for one in row.withheld:
        reasons.setdefault(one.why, []).append(words(one.grant))
    for entry in entries:
        if entry.state != "allowed":
            why = f"not known, {entry.note}" if entry.state == "unknown" else entry.note
            reasons.setdefault(why, []).append(words(entry.grant))
    return tuple((", ".join(grants), why) for why, grants in reasons.items())


def _shared(
    working: Sequence[RequestRow],
    rows: Mapping[str, RegistrationRow],
    ways: Mapping[str, WayView],
    drawings: Mapping[str, Drawing],
    postures: Mapping[str, str],
) -> RequestViews:
    groups: dict[tuple[object, ...], Group] = {}
    values: dict[str, Values] = {}
    counts = Counter((postures.get(row.registration, ""), row.requests, row.withheld) for row in working)
    for row in working:
        posture = postures.get(row.registration, "")
        shape = (posture, row.requests, row.withheld)
        if shape not in groups:
            groups[shape] = Group(
                f"q{len(groups) + 1}",
                counts[shape],
                posture,
                tuple(ways[name] for name in row.requests if name in ways),
                _why_not(row, ()),
            )
        app_id = rows[row.registration].app_id or ""
        uris = "".join(
            f" data-{_LETTERS[platform]}={_attribute(visible(uri).removeprefix('https://'))}"
            for platform, uri in row.redirect_uris.items()
            if platform in _LETTERS
        )
        client = app_id if is_guid(app_id) else ""
        values[row.registration] = Values(groups[shape].id, client, Markup(uris))  # noqa: S704 - escaped above
    return RequestViews(tuple(drawings.values()), {}, tuple(groups.values()), tuple(ways.values()), values)


def _attribute(text: str) -> str:
    """The value of an attribute, without quotation marks where HTML needs none (13.1.2.3)."""
    return text if _BARE.fullmatch(text) else f'"{escape(text)}"'


def _way(text: RequestText, number: int, report: Report, drawings: Mapping[str, Drawing]) -> WayView:
    sequence = next((row for row in report.sequences if row.grant == text.grant), None)
    credential = f"with a {_CREDENTIALS.get(text.credential, text.credential)}" if text.credential else ""
    return WayView(
        id=f"way-{number}",
        grant=words(text.grant),
        platform=_LETTERS.get(text.platform, ""),
        title=text.title,
        on=", ".join(
            word for word in (f"redirect URI on {text.platform}" if text.platform else "", credential) if word
        ),
        care=sequence.status if sequence and sequence.instead else "",
        instead=sequence.instead if sequence else "",
        steps=tuple(_step(step, {}) for step in text.steps),
        bring=tuple((f"{{{name}}}", meaning) for name, meaning in text.bring),
        drawing=drawings.get(text.grant),
    )


def _filled(way: WayView, text: RequestText, row: RequestRow, registration: RegistrationRow) -> WayView:
    """The way with the registration's own values. What the registration does not tell stays a name in braces."""
    uri = row.redirect_uris.get(text.platform, "")
    client = registration.app_id or ""
    values = {
        "client_id": client if is_guid(client) else "",
        "redirect_uri": _encoded(uri, ":/"),
        "origin": _origin(uri),
    }
    return msgspec.structs.replace(
        way, steps=tuple(_step(step, {name: value for name, value in values.items() if value}) for step in text.steps)
    )


def _origin(uri: str) -> str:
    """Scheme and host of an address, as a browser sends them (RFC 6454, section 7)."""
    match = _ORIGIN.match(uri)
    return match[0] if match else ""


def _encoded(text: str, safe: str) -> str:
    """As it travels in an address or a form; half a surrogate pair travels as a question mark."""
    return quote(text, safe=safe, errors="replace")


def _step(step: RequestStep, values: Mapping[str, str]) -> StepView:
    return StepView(f"{step.sender} to {step.receiver}", step.says, _marked("\n".join(_http(step)), values))


def _http(step: RequestStep) -> Iterator[str]:
    """The request as an .http file has it: of a form the lines that begin with ``&`` belong together."""
    fields = [f"{name}={_encoded(value, '{}:/')}" for name, value in step.parameters]
    if step.method == "GET":
        yield f"GET {step.url}"
        yield from (f"    {'&' if place else '?'}{field}" for place, field in enumerate(fields))
        yield from (f"{name}: {value}" for name, value in step.headers)
        return
    yield f"{step.method} {step.url}"
    yield from (f"{name}: {value}" for name, value in step.headers)
    yield "Content-Type: application/x-www-form-urlencoded"
    yield ""
    yield from (f"{'&' if place else ''}{field}" for place, field in enumerate(fields))


def _marked(text: str, values: Mapping[str, str]) -> Markup:
    """The text with its names in braces marked, those of the registration filled in or marked for the script."""
    parts: list[str] = []
    end = 0
    for match in _BRACES.finditer(text):
        name = match[1]
        parts.append(_lines(text[end : match.start()]))
        if name in values:
            parts.append(f"<b>{escape(visible(values[name]))}</b>")
        elif name in _VALUES:
            parts.append(f'<var data-v="{name}">{{{name}}}</var>')
        else:
            parts.append(f"<var>{{{name}}}</var>")
        end = match.end()
    return Markup("".join((*parts, _lines(text[end:]))))  # noqa: S704 - every piece was escaped


def _lines(text: str) -> str:
    return "\n".join(str(escape(visible(line))) if line.strip() else line for line in text.split("\n"))
