"""Evidence of use as text: the sign-ins of each application, and the reach of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reports.escape import log_lines, visible_name
from reports.use import REDIRECT_URIS, double_counts, reach_lines
from reports.wrap import wrap
from rules.analysis.usage import grants_meant
from rules.model.usage import KIND_WORDS, Reach, Statement, Usage, Use
from rules.primitives.texts import counted

#: The text shows this many applications; all of them are in JSON.
_APPLICATIONS = 100


def render_usage(usage: Usage, width: int) -> str:
    """The sign-ins of each application, the most recent first, and the reach of each kind; lines of *width* columns."""
    by_app: dict[str, list[Use]] = {}
    for use in usage.uses:
        by_app.setdefault(use.app_id, []).append(use)
    lines: list[str] = []
    order = sorted(by_app, key=lambda app_id: (max(use.last for use in by_app[app_id]), app_id), reverse=True)
    for app_id in order[:_APPLICATIONS]:
        lines += [*_application(app_id, usage.names.get(app_id, ""), by_app[app_id], width), ""]
    if len(order) > _APPLICATIONS:
        lines += [f"and {counted(len(order) - _APPLICATIONS, 'more application')}, in the JSON output", ""]
    lines += [*_statements(usage.statements), *_reach(usage.reach, width)]
    for note in double_counts(usage.reach):
        lines += ["", *wrap(note, width)]
    lines += ["", *wrap(REDIRECT_URIS, width)]
    return log_lines("\n".join(lines) + "\n")


def grant_words(use: Use) -> str:
    """The grant of a use, or what its record has instead."""
    meant = grants_meant(use)
    if use.as_resource:
        return "called as an API"
    if meant is None:
        return f"grant not named ({use.protocol})" if use.protocol else "grant not named"
    words = " or ".join(meant) if meant else f"no OAuth grant ({use.protocol})"
    return f"{words}, begun with a device code" if use.device_code and meant != ("device_code",) else words


def _application(app_id: str, name: str, uses: Iterable[Use], width: int) -> Iterator[str]:
    known = visible_name(name) if name else "(name not known)"
    yield f"{known}  {app_id}" if app_id else "Records without a client ID"
    rows: dict[tuple[str, str, str], list[Use]] = {}
    for use in uses:
        rows.setdefault((grant_words(use), KIND_WORDS[use.kind], _credential(use)), []).append(use)
    for (grant, kind, credential), alike in sorted(rows.items()):
        head = f"  {grant:<22} {kind}{f', {credential}' if credential else ''}: "
        yield from wrap(head + _counts(alike), width, "", "      ")


def _credential(use: Use) -> str:
    return " ".join(filter(None, (use.credential, use.credential_id)))


def _counts(uses: list[Use]) -> str:
    """How often it succeeded and failed, and when last."""
    parts = []
    for result, words in (("success", ""), ("failure", " failed"), ("unknown", ", result not known")):
        mine = [use for use in uses if use.result == result]
        if not mine:
            continue
        number = sum(use.count for use in mine if use.unit != "dates")
        unit = "sign-in" if all(use.unit == "sign-ins" for use in mine) else "row"
        days = [use.last for use in mine if use.last]
        last = f"last {max(days)}" if days else "date not known"
        parts.append(f"{f'{counted(number, unit)}{words}, ' if number else ''}{last}" + (words if not number else ""))
    return "; ".join(parts)


def _statements(statements: tuple[Statement, ...]) -> Iterator[str]:
    """How much Microsoft's own reports say; what they say is in JSON."""
    for source in dict.fromkeys(one.source for one in statements):
        number = sum(one.source == source for one in statements)
        yield f"{source}: {counted(number, 'statement')} about use, in the JSON output"
        yield ""


def _reach(reach: tuple[Reach, ...], width: int) -> Iterator[str]:
    yield "The period that was read of each kind of sign-in"
    for line in reach_lines(reach):
        yield from wrap(line, width, "  ", "    ")
