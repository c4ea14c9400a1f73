"""The use of grants by each registration: allowed, used, and what follows from both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reports.escape import visible, visible_name
from reports.report import Report
from reports.terminal.findings import Span
from reports.use import use_words
from reports.view import View
from reports.wrap import wrap
from rules.primitives.texts import counted


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
    first = counts["migrate-first"]
    unknown = sum(entry.used == "not-known" for row in report.usage for entry in row.entries)
    words = [
        f"{counted(counts['can-be-turned-off'], 'grant')} can be turned off",
        f"{first:,} {'is' if first == 1 else 'are'} in use and should be migrated first",
        f"the use of {unknown:,} is not known",
    ]
    for line in wrap(f"{', '.join(words)}{'' if view.verbose else '; --verbose shows them'}", view.width, "  "):
        yield line + "\n", "quiet"
