"""Every source of the table is found in every way: by name, in a folder, as a candidate and on standard input."""

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.sources import table
from advisor.sources.discover import read_paths, recognize
from advisor.sources.reading.builder import Reading
from advisor.sources.reading.source import File, JsonSource, Source

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(module.name for module in pkgutil.iter_modules(table.__path__))
SAMPLES = [
    pytest.param(row, name, text, id=f"{module}-{name}")
    for module in FILES
    if isinstance(row := getattr(importlib.import_module(f"{table.__name__}.{module}"), "SOURCE", None),
        Source | JsonSource)
    for name, text in row.samples.items()
]  # fmt: skip
WAYS: dict[str, Callable[[str, str], Reading]] = {
    "by name": lambda name, _: read_paths([name], stdin=bytes),
    "in a folder": lambda _, __: read_paths(["."], stdin=bytes),
    "as a candidate": lambda name, _: read_paths([name], stdin=bytes, candidates=True),
    "on standard input": lambda _, text: read_paths(["-"], stdin=text.encode),
}
#: What each row needs; the message of a failing test names it.
NEEDS = {
    "title": "the name in lists of inputs",
    "samples": "a small text for each file name, in which a registration is found",
    "words": "the words that a file with a registration has",
}


@pytest.mark.parametrize("module", FILES)
def test_a_file_of_the_table_exports_a_complete_row(module: str) -> None:
    row = getattr(importlib.import_module(f"{table.__name__}.{module}"), "SOURCE", None)
    file = f"advisor/sources/table/{module}.py"
    assert isinstance(row, Source | JsonSource), f"{file} exports no Source or JsonSource as SOURCE"
    missing = [f"{name} ({about})" for name, about in NEEDS.items() if name != "words" and not getattr(row, name)]
    if isinstance(row, JsonSource):
        missing += [] if row.words else [f"words ({NEEDS['words']})"]
        missing += [] if (row.matches is None) != (not row.keys) else ["either matches or keys"]
    else:
        if not row.declares:
            missing = [one for one in missing if not one.startswith("samples ")]
        missing += [] if (row.read is None) != (row.read_together is None) else ["either read or read_together"]
        missing += [] if row.kind and row.suffixes else ["kind and suffixes"]
        missing += [
            f"suffix {one!r} in lower case with a dot" for one in row.suffixes if not re.fullmatch(r"\.[a-z0-9.]+", one)
        ]
    assert not missing, f"SOURCE of {file} lacks {', '.join(missing)}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("row", "name", "text"), SAMPLES)
def test_a_sample_is_found(row: Source | JsonSource, name: str, text: str, way: str, folder: Path) -> None:
    (folder / name).write_text(text, "utf-8")
    reading = WAYS[way](name, text if way == "on standard input" else "")
    found = reading.subjects or [note for note in reading.notes if note.startswith("Named")]
    assert not reading.problems, f"{name} of {row.title} {way}: {reading.problems[0].what}"
    assert found, f"{name} of {row.title} holds no registration when it is read {way}"


@pytest.mark.parametrize(("row", "name", "text"), SAMPLES)
def test_a_sample_is_recognized_as_its_own_kind(row: Source | JsonSource, name: str, text: str, folder: Path) -> None:
    (folder / name).write_text(text, "utf-8")
    expected = row.kind if isinstance(row, Source) else table.JSON.kind
    assert recognize(File(name)).kind == expected, f"{name} of {row.title} is not recognized by name"
    on_standard_input = recognize(File("-", text.encode())).kind
    assert on_standard_input == expected, f"{name} of {row.title} on standard input is taken for {on_standard_input}"


def test_titles_are_unique_and_so_are_the_kinds_of_what_is_read_together() -> None:
    rows = (*table.SOURCES, *table.JSON_SOURCES)
    assert len({row.title for row in rows}) == len(rows)
    together = [row.kind for row in table.SOURCES if row.read_together is not None]
    assert len(set(together)) == len(together)


def test_the_table_loads_nothing_heavy() -> None:
    """The help of lint lists the sources. A row imports what reads a file inside of its function."""
    code = (
        "import sys; from advisor.sources import table; print(*sorted({name.partition('.')[0] for name in "
        "sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"msgspec", "rules", "reports", "tree_sitter", "yaml", "azure", "msgraph"} & set(run.stdout.split())
    assert not heavy, f"a file of advisor/sources/table imports {', '.join(sorted(heavy))} before it reads anything"


def test_the_help_of_lint_lists_every_source(grantlint: Callable) -> None:
    page = " ".join(grantlint("lint", "--help").out.split())
    assert table.listed(table.titles()) in page
