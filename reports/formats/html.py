"""One HTML page that loads nothing."""

from __future__ import annotations

from reports.formats import Format
from reports.html import FINDINGS_IN_FULL
from reports.report import Report


def render_html(report: Report) -> str:
    """The report as an HTML document."""
    from reports.html.page import render_html as render  # jinja2 costs a third of a second

    return render(report)


FORMAT = Format("html", (".html", ".htm"), "one page that loads nothing", render_html, edits_up_to=FINDINGS_IN_FULL)
