"""The use of grants by each registration: allowed, used, and what follows from both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from reports.escape import visible, visible_name
from reports.report import Report
from reports.rows import UsageEntry
from reports.terminal.findings import Span
from reports.view import View
from reports.wrap import wrap
from rules.primitives.texts import counted

_SAYS: Final = {
    "contradiction": "blocked today, but seen: the registration was changed, or this answer is wrong",
    "can-be-turned-off": "can be turned off",
    "migrate-first": "in use: migrate its users first",
    "in-use": "in use",
    "": "",
}


def use_spans(report: Report, view: View) -> Iterator[Span]:
    """Contradictions, and with ``--verbose`` every row; without it, how many grants can be turned off."""
    if not report.usage:
        return
    yield "Use of grants\n", "head"
    names = {row.key: visible_name(row.name) for row in report.registrations}
    for row in report.usage:
        shown = [one for one in row.entries if view.verbose or one.says == "contradiction"]
        if shown:
            yield f"  {names.get(row.registration) or visible_name(row.registration)}\n", ""
        for entry in shown:
            for line in wrap(f"{visible(entry.grant):<20} {use_words(entry)}", view.width, "    ", " " * 25):
                yield line + "\n", ""
    counts = Counter(entry.says for row in report.usage for entry in row.entries if entry.says)
    unknown = sum(entry.used == "not-known" for row in report.usage for entry in row.entries)
    words = [
        f"{counted(counts['can-be-turned-off'], 'grant')} can be turned off",
        f"{counts['migrate-first']:,} to migrate first",
        f"{unknown:,} not known",
    ]
    for line in wrap(f"{', '.join(words)}{'' if view.verbose else '; --verbose shows them'}", view.width, "  "):
        yield line + "\n", "quiet"


def use_words(entry: UsageEntry) -> str:
    """Whether a grant was used, with the period or the reason, and what follows."""
    if entry.used == "seen":
        number = f", {counted(entry.count, entry.unit.removesuffix('s'))}" if entry.count and entry.unit else ""
        words = f"last seen {visible(entry.last) or 'on an unknown day'}{number}"
    elif entry.used == "not-seen":
        sources = ", ".join(map(visible, entry.sources))
        words = f"not seen from {visible(entry.start)} to {visible(entry.end)} in {sources}"
        words += f"; {counted(entry.failed, 'sign-in')} failed" if entry.failed else ""
    else:
        remedy = f"; {visible(entry.remedy)}" if entry.remedy else ""
        words = f"not known: {visible(entry.why)}{remedy}"
    return "; ".join(filter(None, (words, _SAYS[entry.says])))
