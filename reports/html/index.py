"""The index of a report that was split: its parts with their figures, each a link to the file next to it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.escape import NAME_SHOWN, visible
from reports.html.first_screen import lead
from reports.html.markup import instant
from reports.html.page import asset, environment, policy
from reports.report import Report


def render_index(report: Report, rows: Sequence[tuple[str, ...]]) -> str:
    """The index as an HTML document. *rows* are those of ``reports.parts.index_rows``; file names in it are ours."""
    style = asset("style.css")
    (name, _, *figures), *parts = rows
    context = {
        "title": visible(report.title or "Report", NAME_SHOWN),
        "tool": f"{report.tool.name} {report.tool.version}",
        "lead": lead(report),
        "made": instant(report.made_at),
        "head": [name, *figures],
        "rows": [(part, file, numbers) for part, file, *numbers in parts],
        "style": Markup(style),  # noqa: S704 - our own file
        "policy": policy(style, ""),
    }
    return environment().get_template("index.jinja").render(context) + "\n"
