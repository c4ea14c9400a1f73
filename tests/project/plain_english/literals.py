"""Every text in the source: literals of Python and JavaScript, templates, tables, and comments. It needs no example."""

from __future__ import annotations

import ast
import csv
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.project.plain_english.texts import Kind, Text

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = ("advisor", "reports", "rules")

#: Columns of tables that others wrote: titles of documents, names and descriptions of Microsoft.
_QUOTED: Final = {
    "sources.tsv": ("title", "section"),
    "permissions.tsv": ("display_name", "description"),
    "permission_titles.tsv": ("title",),
    "checks.tsv": ("peers",),
}
#: Keys of TOML files that no output shows.
_HIDDEN: Final = frozenset({"message", "pattern"})
#: Functions whose arguments are patterns, not texts.
_PATTERNS: Final = frozenset({"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
#: A comment with those on the lines below it.
_COMMENT: Final = re.compile(r"(?m)(?:^ *|(?<=  ))#:? (.*(?:\n *#:? .*)*)$")
_SCRIPT_TEXT: Final = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"|`((?:[^`\\]|\\.)*)`")
_SCRIPT_COMMENT: Final = re.compile(r"(?m)^\s*//.*$|\s//\s.*$|/\*.*?\*/")
_MARKUP: Final = re.compile(r"\{[{%#].*?[}%#]\}|<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)


def literals() -> Iterator[Text]:
    """The texts of every file of the product, and its comments and docstrings."""
    for name, path in _files():
        kind: Kind = "sentences" if path.suffix in _WHOLE and path.name not in _PROGRAMS else "fragment"
        for line, text in _READERS[path.suffix](path):
            if " " in text.strip():
                yield Text(name, f"line {line}", text, kind)


def _files() -> Iterator[tuple[str, Path]]:
    listed = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        path = ROOT / name
        if path.suffix in _READERS and path.exists():
            yield name, path


def _python(path: Path) -> Iterator[tuple[int, str]]:
    """The string literals with the docstrings, then the comments; an f-string has ``…`` for each value."""
    source = path.read_text("utf-8")
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(parts)
            nodes += [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.Call):
            nodes += _texts_of_call(node)
        else:
            nodes += ast.iter_child_nodes(node)
    for found in _COMMENT.finditer(source):
        yield source.count("\n", 0, found.start()) + 1, re.sub(r"\n *#:?", "", found[1])


def _texts_of_call(call: ast.Call) -> Iterator[ast.AST]:
    """The parts of *call* that may contain texts: not patterns of ``re``, nor fragments of a rule's examples."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("Bad", "Good"):
        yield from (word.value for word in call.keywords if word.arg == "why")
    elif name not in _PATTERNS:
        yield from ast.iter_child_nodes(call)


def _toml(path: Path) -> Iterator[tuple[int, str]]:
    source = path.read_text("utf-8")
    for text in _strings(tomllib.loads(source)):
        start = source.find(text.splitlines()[0][:60]) if text else -1
        yield source.count("\n", 0, max(start, 0)) + 1, text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in _HIDDEN:
                yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _table(path: Path) -> Iterator[tuple[int, str]]:
    lines = [(line, text) for line, text in enumerate(path.read_text("utf-8").splitlines(), 1) if text[:1] != "#"]
    rows = csv.DictReader((text for _, text in lines), delimiter="\t", quoting=csv.QUOTE_NONE)
    quoted = _QUOTED.get(path.name, ())
    for (line, _), row in zip(lines[1:], rows, strict=False):
        for column, text in row.items():
            if text and column not in quoted:  # a cell with semicolons is a list
                yield from ((line, part) for part in text.split("; "))


def _script(path: Path) -> Iterator[tuple[int, str]]:
    source = _SCRIPT_COMMENT.sub("", path.read_text("utf-8"))
    for found in _SCRIPT_TEXT.finditer(source):
        text = re.sub(r"\$\{[^}]*\}", "…", next(filter(None, found.groups()), ""))
        yield source.count("\n", 0, found.start()) + 1, text


def _markup(path: Path) -> Iterator[tuple[int, str]]:
    source = _MARKUP.sub(lambda found: "\n" * found[0].count("\n") or "…", path.read_text("utf-8"))
    yield from enumerate(source.splitlines(), 1)


_READERS: Final = {
    ".py": _python,
    ".toml": _toml,
    ".tsv": _table,
    ".js": _script,
    ".jinja": _markup,
    ".html": _markup,
}
#: Files whose texts are whole sentences, not parts that a function joins.
_WHOLE: Final = frozenset({".toml", ".tsv"})
#: Files whose texts are programs.
_PROGRAMS: Final = frozenset({"msal.toml"})
