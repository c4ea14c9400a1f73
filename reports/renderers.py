"""The table of renderers: a new format is a file and a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

import msgspec

from reports.report import Report


class Renderer(msgspec.Struct, frozen=True):
    """A format: its name, how its files end, what it is for, and where its function lives (imported only when used)."""

    name: str
    suffixes: tuple[str, ...]
    about: str
    module: str
    function: str

    def render(self, report: Report) -> str:
        """The report in this format."""
        function: Callable[[Report], str] = getattr(import_module(self.module), self.function)
        return function(report)


#: Where two formats share a suffix, the longer ending wins; formats of a pipeline's own have none and are named.
RENDERERS: Final = (
    Renderer("text", (".txt",), "what the terminal shows", "reports.formats.terminal", "render_terminal"),
    Renderer(
        "json", (".json",), "Report v1, for machines and for `grantlint report`", "reports.formats.json", "render_json"
    ),
    Renderer("html", (".html", ".htm"), "one page that loads nothing", "reports.html.page", "render_html"),
    Renderer(
        "sarif", (".sarif", ".sarif.json"), "SARIF 2.1.0, for code scanning", "reports.formats.sarif", "render_sarif"
    ),
    Renderer("junit", (".xml",), "JUnit XML, for GitLab, Azure, Jenkins", "reports.formats.junit", "render_junit"),
    Renderer("github", (), "annotations of GitHub Actions", "reports.formats.github", "render_github"),
    Renderer("github-summary", (), "summary of a GitHub job", "reports.formats.markdown", "render_job_summary"),
    Renderer(
        "gitlab",
        (".codequality.json", "gl-code-quality-report.json"),
        "code quality of GitLab",
        "reports.formats.gitlab",
        "render_gitlab",
    ),
    Renderer("azure", (), "logging commands of Azure Pipelines", "reports.formats.azure_pipelines", "render_azure"),
    Renderer("csv", (".csv",), "a row for each finding, for a spreadsheet", "reports.formats.csv", "render_csv"),
    Renderer(
        "markdown", (".md",), "short, for a comment on a pull request", "reports.formats.markdown", "render_markdown"
    ),
)

#: A plan of requests that mend what was found. It shows what can be mended, not what was found, so it is no format of a report.
PLANS: Final = (
    Renderer("plan-sh", (".sh",), "a shell script of Azure CLI calls", "reports.fix_plan.shell", "render_shell"),
    Renderer(
        "plan-ps1",
        (".ps1",),
        "a PowerShell script of Graph requests",
        "reports.fix_plan.powershell",
        "render_powershell",
    ),
    Renderer("plan-http", (".http",), "requests to Graph, for editors", "reports.fix_plan.http", "render_http"),
)

FORMATS: Final = tuple(renderer.name for renderer in RENDERERS)
SUFFIXES: Final = tuple(suffix for renderer in RENDERERS for suffix in renderer.suffixes)


def renderer_named(name: str) -> Renderer | None:
    """The renderer of that name."""
    return next((renderer for renderer in RENDERERS if renderer.name == name), None)


def renderer_for(file_name: str, table: Sequence[Renderer] = RENDERERS) -> Renderer | None:
    """The renderer of *table* that a file's ending asks for; the longest ending decides."""
    lower = file_name.lower()
    fitting = [(len(suffix), renderer) for renderer in table for suffix in renderer.suffixes if lower.endswith(suffix)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None
