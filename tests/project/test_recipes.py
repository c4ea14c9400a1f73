"""The recipes of the contributing page, followed in a copy of the checkout, with and without each step."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
COPIED = (".github", "advisor", "reports", "rules", "tests", "README.md", "pyproject.toml", ".pre-commit-hooks.yaml")

pytestmark = pytest.mark.exhaustive

RULE = '''"""A rule of a recipe."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine.rule import Bad, Context, Good, rule
from rules.model.finding import Hit
from rules.model.registration import Registration


@rule(
    "scratch-note",
    severity="info",
    needs=("notes",),
    references=("graph:application",),
    bad=(Bad({"notes": "scratch"}, at="/notes"),),
    good=(Good({"notes": "kept"}),),
    base="web",
)
def scratch_note(app: Registration, _: Context) -> Iterator[Hit]:
    """The note says scratch.

    Why: A registration that was made for a trial stays in the tenant.
    Fix: Delete the registration, or change its note.
    """
    if app.notes == "scratch":
        yield Hit(pointer="/notes", message="has the note scratch")
'''
FORMAT = '''"""A format of a recipe: state and severity of each finding."""

from __future__ import annotations

from reports.formats import Format
from reports.report import Report


def render_scratch(report: Report) -> str:
    """A line for each finding."""
    return "".join(f"{row.state} {row.severity}\\n" for row in report.findings)


FORMAT = Format("scratch", (".scratch",), "states", render_scratch)
'''
FORMAT_READING = (
    '    "scratch": Reading(lambda text: Counter(tuple(line.split()) for line in text.splitlines()), True, True, ()),\n'
)
QUESTION = """
[[question]]
id = "scratch"
ask = "Is this a scratch copy?"
help = "It is for a test of the recipe."
sources = ["web:scratch"]
aside = true
unsure = { is = "no", because = "most are not" }
[[question.choice]]
id = "yes"
label = "Yes"
[[question.choice]]
id = "no"
label = "No"
"""
SOURCE_TABLE = "rules/knowledge/sources.tsv"
QUESTION_SOURCE = "web:scratch\tScratch\t\thttps://scratch.example/\t2026-11-30\tA copy can be from scratch.\n"
#: A registration that nobody owns, as Microsoft Graph returns it.
APP = {
    "id": "00000000-0000-4000-8000-000000000002",
    "appId": "00000000-0000-4000-8000-000000000001",
    "displayName": "Scratch",
    "signInAudience": "AzureADMyOrg",
    "owners": [],
    "requiredResourceAccess": [],
    "identifierUris": [],
}
CODE = """
[[code]]
id = 99999
means = "The code of a recipe."
where = "token"
sources = ["entra:reference-error-codes"]

[[code.cause]]
text = "The recipe was followed."
check = "Look at the checkout."
look = ["displayName"]
"""


class Checkout:
    """A copy of the checkout that a recipe is followed in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name)
            else:
                shutil.copy(source, folder / name)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def add(self, name: str, text: str, *, before: str = "") -> None:
        """Add *text* at the end of a file, or before the only place that reads *before*."""
        old = (self.folder / name).read_text("utf-8")
        if before:
            assert old.count(before) == 1
            self.write(name, old.replace(before, text + before))
        else:
            self.write(name, old + text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def grantlint(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("-c", "import sys; from advisor.cli import run; sys.exit(run(sys.argv[1:]))", *arguments)

    def fails(self, test: str) -> str:
        """The output of the named tests, which fail."""
        run = self.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(test))
        assert run.returncode == 1, run.stdout + run.stderr
        return run.stdout

    def passes(self, test: str) -> None:
        run = self.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *shlex.split(test))
        assert run.returncode == 0, run.stdout + run.stderr

    def regenerate(self) -> None:
        assert self.run("tests/project/regenerate.py").returncode == 0


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("what", ["a rule", "a source", "a format", "a question", "an AADSTS code"])
def test_a_recipe_has_at_most_five_steps(what: str) -> None:
    recipe = PAGE.partition(f"### Add {what}\n")[2].partition("\n#")[0]
    assert re.findall(r"^(\d)\. ", recipe, re.MULTILINE) == ["1", "2", "3", "4", "5"]


# A rule

FRAGMENTS = "tests/rules/test_fragments.py"


def add_rule(checkout: Checkout, text: str = RULE) -> None:
    checkout.write("rules/families/scratch.py", text)


def test_the_recipe_of_a_rule_gives_a_rule(checkout: Checkout) -> None:
    add_rule(checkout)
    checkout.regenerate()
    checkout.passes(f"{FRAGMENTS} -k scratch")
    checkout.passes("tests/project/test_generated.py")
    assert "The note says scratch." in checkout.grantlint("rules", "scratch-note").stdout


def test_a_rule_without_its_page_in_the_catalog_is_told_how_to_get_it(checkout: Checkout) -> None:
    add_rule(checkout)
    said = checkout.fails("tests/project/test_generated.py")
    assert "rules/README.md is stale: run python tests/project/regenerate.py" in said


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (r"    references=.*\n", "references"),
        (r"    bad=.*\n", "bad"),
        (r"    good=.*\n", "good"),
        (r"    Why: .*\n", "why"),
        (r"    Fix: .*\n", "fix"),
    ],
)
def test_a_rule_that_lacks_something_is_told_what(checkout: Checkout, left_out: str, missing: str) -> None:
    text, number = re.subn(left_out, "", RULE)
    assert number == 1
    add_rule(checkout, text)
    said = checkout.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", FRAGMENTS, "-k", "scratch")
    assert said.returncode != 0
    assert re.search(rf"(?i)\b{missing}\b", said.stdout + said.stderr)


# A source

SOURCE = '''"""A source of a recipe: scratch files, each a registration in JSON after a first line."""

from advisor.sources.reading.source import File, Source, has_lines_like
from advisor.sources.table.manifest import SOURCE as MANIFEST


def _read(builder, file):
    MANIFEST.read(builder, File(file.name, file.data.removeprefix(b"scratch\\n")))


SOURCE = Source(
    title="scratch files",
    kind="scratch",
    suffixes=(".scratch",),
    is_like=has_lines_like(rb"^scratch$"),
    words=(b"appid",),
    read=_read,
    samples={"app.scratch": 'scratch\\n{"appId": "a", "signInAudience": "AzureADMyOrg"}'},
)
'''
SOURCE_FILE = "advisor/sources/table/scratch.py"
SOURCES = "tests/advisor/sources/test_table.py"


def test_the_recipe_of_a_source_gives_a_source(checkout: Checkout) -> None:
    checkout.write(SOURCE_FILE, SOURCE)
    checkout.regenerate()
    checkout.passes(f"{SOURCES} -k 'scratch or help'")
    checkout.passes("tests/project/test_generated.py")
    checkout.write("app.scratch", "scratch\n" + json.dumps(APP))
    for where in ("app.scratch", "."):
        run = checkout.grantlint("lint", where, "--isolated", "--concise")
        assert "no-owner" in run.stdout, run.stderr


def test_a_source_that_the_readme_and_the_hook_lack_is_told_how_to_get_there(checkout: Checkout) -> None:
    checkout.write(SOURCE_FILE, SOURCE)
    for name in ("README.md", ".pre-commit-hooks.yaml"):
        said = checkout.fails(f"'tests/project/test_generated.py::test_a_generated_file_is_fresh[{name}]'")
        assert f"{name} is stale: run python tests/project/regenerate.py" in said


@pytest.mark.parametrize(
    ("left_out", "instead", "missing"),
    [
        (r"    samples=.*\n", "    samples={},\n", "lacks samples"),
        (r"    read=.*\n", "", "lacks either read or read_together"),
        (r"    is_like=.*\n", "    is_like=lambda file: False,\n", "app.scratch of scratch files on standard input"),
        (r"    words=.*\n", "    words=(b'other',),\n", "app.scratch of scratch files"),
    ],
)
def test_a_source_that_lacks_something_is_told_what(
    checkout: Checkout, left_out: str, instead: str, missing: str
) -> None:
    text, number = re.subn(left_out, instead, SOURCE)
    assert number == 1
    checkout.write(SOURCE_FILE, text)
    assert missing in checkout.fails(f"{SOURCES} -k scratch")


# A format

FORMATS = "tests/reports/test_formats.py"
READINGS = "tests/reports/readings.py"


def add_format(checkout: Checkout, text: str = FORMAT, reading: str = FORMAT_READING) -> None:
    checkout.write("reports/formats/scratch.py", text)
    old = (checkout.folder / READINGS).read_text("utf-8")
    before, begin, rest = old.partition("READINGS = {\n")
    checkout.write(READINGS, f"{before}{begin}{reading}{rest}")


def test_the_recipe_of_a_format_gives_a_format(checkout: Checkout) -> None:
    add_format(checkout)
    checkout.passes(f"{FORMATS} -k 'scratch and disagree'")
    checkout.write("app.json", json.dumps(APP))
    said = checkout.grantlint("lint", "app.json", "--isolated", "-o", "report.scratch")
    assert "new low\n" in (checkout.folder / "report.scratch").read_text(), said.stderr


def test_a_format_that_no_test_reads_back_is_named(checkout: Checkout) -> None:
    add_format(checkout, reading="")
    assert "readings.py has no row for the format 'scratch'" in checkout.fails(f"{FORMATS} -k scratch")


def test_a_format_that_exports_no_row_is_named(checkout: Checkout) -> None:
    add_format(checkout, FORMAT.partition("\n\nFORMAT = ")[0])
    assert "scratch.py exports no row: FORMAT = Format(...)" in checkout.fails(f"{FORMATS} -k 'scratch and complete'")


# A question


def test_the_recipe_of_a_question_gives_a_question(checkout: Checkout) -> None:
    checkout.add("advisor/decide/bundled/6-facts.toml", QUESTION)
    checkout.add(SOURCE_TABLE, QUESTION_SOURCE)
    checked = checkout.grantlint("tree", "--check")
    assert checked.returncode == 0, checked.stderr
    said = checkout.grantlint("advise", "-a", "token-for=nobody", "-a", "scratch=yes", "--format", "text")
    assert said.returncode == 0, said.stderr
    checkout.passes("tests/advisor/decide/test_tree.py -k safe_answer")


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (r"sources = .*\n", "sources"),
        (r"unsure = .*\n", "unsure"),
        (r"help = .*\n", "help"),
        (r"aside = .*\n", "scratch"),
    ],
)
def test_a_question_that_lacks_something_is_told_what(checkout: Checkout, left_out: str, missing: str) -> None:
    text, number = re.subn(left_out, "", QUESTION)
    assert number == 1
    checkout.add("advisor/decide/bundled/6-facts.toml", text)
    checkout.add(SOURCE_TABLE, QUESTION_SOURCE)
    checked = checkout.grantlint("tree", "--check")
    said = checked.stderr if checked.returncode else checkout.fails("tests/advisor/decide/test_tree.py -k safe_answer")
    assert missing in said
    assert "scratch" in said


def test_a_question_whose_source_is_missing_is_told_which(checkout: Checkout) -> None:
    checkout.add("advisor/decide/bundled/6-facts.toml", QUESTION)
    checked = checkout.grantlint("tree", "--check")
    assert checked.returncode == 2
    assert "web:scratch" in checked.stderr


# An AADSTS code

CODES = "tests/advisor/preflight/test_codes.py"


def test_the_recipe_of_a_code_gives_a_code(checkout: Checkout) -> None:
    checkout.add("advisor/preflight/aadsts.toml", CODE)
    said = checkout.grantlint("explain", "AADSTS99999")
    assert "The recipe was followed." in said.stdout, said.stderr
    checkout.passes(f"{CODES} -k 'AADSTS99999 or property'")


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [
        (r"means = .*\n", "means"),
        (r"sources = .*\n", "sources"),
        (r"\n\[\[code.cause\]\](.*\n)*", "cause"),
        (r"check = .*\n", "check"),
    ],
)
def test_a_code_that_lacks_something_is_told_what(checkout: Checkout, left_out: str, missing: str) -> None:
    text, number = re.subn(left_out, "", CODE)
    assert number == 1
    checkout.add("advisor/preflight/aadsts.toml", text)
    run = checkout.run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", CODES, "-k", "AADSTS99999")
    assert run.returncode != 0
    assert missing in run.stdout + run.stderr
