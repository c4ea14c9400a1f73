"""The table of sources: every row is complete and cited, and everything that states a fact cites a row."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from advisor.decide.load import load_tree
from advisor.policy.intent import INTENT
from advisor.preflight.codes import load_codes
from rules.analysis.grants import GRANTS
from rules.engine.rule import Good, rule
from rules.families import RULES
from rules.knowledge.credentials import CREDENTIALS
from rules.knowledge.data import DataError, read_table
from rules.knowledge.grant_flow import sequences
from rules.knowledge.reference import NOT_READ_AGAIN, Reference
from rules.knowledge.sources import Source, cite, sources
from tests.project.sources import due

ROOT = Path(__file__).resolve().parents[2]
ROWS = read_table("rules.knowledge", "sources.tsv", Source)
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)

#: Where the documents of a kind are.
KINDS = {
    "azure": "https://learn.microsoft.com/azure/",
    "entra": "https://learn.microsoft.com/entra/",
    "file": "https://github.com/",
    "graph": "https://learn.microsoft.com/graph/",
    "learn": "https://learn.microsoft.com/",
    "rfc": "https://www.rfc-editor.org/rfc/rfc",
    "thread": "https://github.com/",
    "web": "https://",
}
#: An ID as code and TOML write it.
WRITTEN = re.compile(rf'"((?:{"|".join(KINDS)}):[^"\s{{}}]+)"')
#: The same in the cells of tables.
IN_CELLS = re.compile(rf"(?:\t|, )((?:{'|'.join(KINDS)}):[^\t\n,]+)")


#: Rules about what only grantlint reads, for which no document can be cited.
OWN_SYNTAX = {"unknown-declared-grant"}


def citing() -> Iterator[tuple[str, tuple[Reference, ...]]]:
    """What states a fact, and its citations."""
    yield from ((f"rule {row.id}", row.references) for row in (*RULES, *INTENT) if row.id not in OWN_SYNTAX)
    yield from ((f"grant {row.id}", row.references) for row in GRANTS)
    yield from ((f"credential {row.id}", row.references) for row in CREDENTIALS)
    yield from ((f"flow {flow.grant}", flow.references) for flow in sequences().values())
    yield from ((code.name, code.sources) for code in load_codes().values())
    tree = load_tree()
    yield from ((f"tree {part.id}", tuple(map(tree.source_by_id.__getitem__, part.sources))) for part in tree.parts)


def test_everything_that_states_a_fact_cites_the_table() -> None:
    known = set(sources().values())
    assert [name for name, cited in citing() if not cited or not known.issuperset(cited)] == []


def test_every_row_is_cited() -> None:
    files = [
        path for top in ("rules", "advisor") for path in (ROOT / top).rglob("*") if path.suffix in (".py", ".toml")
    ]
    written = {name for path in files for name in WRITTEN.findall(path.read_text("utf-8"))}
    tables = [
        path for top in ("rules", "advisor") for path in (ROOT / top).rglob("*.tsv") if path.name != "sources.tsv"
    ]
    written |= {name for path in tables for name in IN_CELLS.findall(path.read_text("utf-8"))}
    assert [row.id for row in ROWS if row.id not in written] == []


@each_row
def test_a_row_is_complete(row: Source) -> None:
    assert row.url.startswith(KINDS[row.id.partition(":")[0]])
    assert re.fullmatch(r"https://[a-z0-9.-]+(/[!-~]*)?", row.url)
    assert row.title
    assert re.fullmatch(r"[^.].{10,170}\.", row.supports), "supports is one sentence"
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])(-\d\d)?", row.checked) or row.checked == NOT_READ_AGAIN


@each_row
def test_the_id_of_a_row_names_its_document_and_section(row: Source) -> None:
    kind, _, name = row.id.partition(":")
    document, _, section = name.partition("#")
    assert bool(section) == (bool(row.section) or kind == "thread")
    if kind == "rfc":
        assert (row.section, row.url) == (f"section {section}", f"{KINDS[kind]}{document}#section-{section}")
    if kind == "thread":
        assert (row.title, row.url) == (f"GitHub, {name}", f"{KINDS[kind]}{document}/issues/{section}")


def test_sections_of_one_document_agree_on_title_and_address() -> None:
    documents: dict[str, set[tuple[str, str]]] = {}
    for row in ROWS:
        if not row.id.startswith("thread:"):
            documents.setdefault(row.id.partition("#")[0], set()).add((row.title, row.url.partition("#")[0]))
    assert {name: found for name, found in documents.items() if len(found) > 1} == {}


def test_no_two_rows_are_of_one_section() -> None:
    assert len({row.url for row in ROWS}) == len(ROWS)


def test_an_unknown_source_is_named_with_the_table_and_what_is_near() -> None:
    near = r"did you mean 'rfc:6749#4\.1'\?"
    message = rf"rule x-y cites 'rfc:6749#4\.11', which has no row in rules/knowledge/sources\.tsv; {near}"
    with pytest.raises(DataError, match=message):
        rule("x-y", severity="low", references=("rfc:6749#4.11",), bad=(), good=Good({}), base="web")(_titled)


def _titled(*_: object) -> Iterator[None]:  # type: ignore[misc]
    """Title.

    Why: Because.
    Fix: So.
    """
    yield None


def test_a_rule_pack_may_cite_a_document_of_its_own() -> None:
    own = Reference("Contoso wiki", "https://wiki.contoso.example/")
    assert cite(own, "rule x-y") is own


def test_what_was_read_is_due_after_a_year_and_what_was_not_is_due_at_once() -> None:
    read = {"a": "2025-11-30", "b": "2025-12-01", "c": "2025-10", "d": "2026-01", "e": NOT_READ_AGAIN}
    rows = {name: Reference(name, f"https://{name}.example/", checked=checked) for name, checked in read.items()}
    assert list(due(rows, date(2026, 12, 1))) == ["e", "c", "a"]
