"""The table of renderers: a new format is a file and a row."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

import msgspec

from reports.report import Report


class Renderer(msgspec.Struct, frozen=True):
    """A format: its name, file suffixes, and where its function lives (imported only when used)."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    function: str

    def render(self, report: Report) -> str:
        """The report in this format."""
        function: Callable[[Report], str] = getattr(import_module(self.module), self.function)
        return function(report)


RENDERERS: Final = (
    Renderer("text", (".txt",), "reports.terminal", "render_terminal"),
    Renderer("json", (".json",), "reports.json", "render_json"),
    Renderer("html", (".html", ".htm"), "reports.html.page", "render_html"),
)

FORMATS: Final = tuple(renderer.name for renderer in RENDERERS)


def renderer_named(name: str) -> Renderer | None:
    """The renderer of that name."""
    return next((renderer for renderer in RENDERERS if renderer.name == name), None)


def renderer_for(file_name: str) -> Renderer | None:
    """The renderer that a file's suffix asks for."""
    lower = file_name.lower()
    return next((renderer for renderer in RENDERERS if lower.endswith(renderer.suffixes)), None)
