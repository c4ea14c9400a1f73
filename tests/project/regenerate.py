"""Renew what is generated: ``python tests/project/regenerate.py``; ``--check`` only names what is stale (exit 1)."""

import ast
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python tests/project/regenerate.py"


def _catalog() -> str:
    from rules.docs.catalog import render_catalog
    from rules.families import RULES

    return render_catalog(RULES)


def _schema() -> str:
    from reports.formats.json import render_schema

    return render_schema()


def _configuration_schema() -> str:
    from advisor.policy.schema import render_configuration_schema

    return render_configuration_schema()


CONTRIBUTING = ".github/CONTRIBUTING.md"
#: What the generated part of the contributing page is between.
MAP_BEGINS, MAP_ENDS = "<!-- packages: made by python tests/project/regenerate.py -->\n", "<!-- /packages -->"


def packages() -> dict[str, str]:
    """Each package by its folder, with the first sentence of its docstring; empty where there is none."""
    folders = sorted(
        file.parent for name in ("rules", "reports", "advisor") for file in (ROOT / name).rglob("__init__.py")
    )
    return {folder.relative_to(ROOT).as_posix(): _first_sentence(folder / "__init__.py") for folder in folders}


def _first_sentence(file: Path) -> str:
    paragraph = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n\n")[0]
    sentence, end, _ = " ".join(paragraph.split()).partition(". ")
    return (sentence + end.rstrip()).replace("``", "`")


def _contributing() -> str:
    before, begins, rest = (ROOT / CONTRIBUTING).read_text("utf-8").partition(MAP_BEGINS)
    _, ends, after = rest.partition(MAP_ENDS)
    rows = "".join(
        f"{'  ' * name.count('/')}- `{name.rpartition('/')[2]}/` {about}\n" for name, about in packages().items()
    )
    return f"{before}{begins}\n{rows}\n{ends}{after}"


SEVERITY = "rules/SEVERITY.md"


def _severity() -> str:
    """The page about severities, with the table of all rules."""
    from rules.docs.severity import render_severities
    from rules.families import RULES

    begin = f"<!-- severities: made by {COMMAND} -->\n"
    return _replaced(SEVERITY, begin, render_severities(RULES), "<!-- /severities -->")


HOOK, README = ".pre-commit-hooks.yaml", "README.md"


def _hook() -> str:
    """The hook, with a pattern of the extensions of all sources."""
    from advisor.sources.table import suffixes

    extensions = "|".join(suffix.removeprefix(".").replace(".", r"\.") for suffix in suffixes())
    return _replaced(HOOK, "  files: '", rf"\.({extensions})$", "'\n")


def _readme() -> str:
    """The README, with the list of sources and a finding as the terminal shows it."""
    from advisor.sources.table import listed, suffixes, titles

    kinds, extensions = listed(titles()), listed([f"`{suffix}`" for suffix in suffixes()])
    text = f"In a folder, grantlint reads {kinds}. File extensions: {extensions}."
    page = (ROOT / README).read_text("utf-8")
    shown = f"```console\n$ grantlint lint main.tf --select implicit\n{_finding(page)}```\n"
    page = _between(page, f"<!-- finding: made by {COMMAND} -->\n", shown, "<!-- /finding -->")
    return _between(
        page, f"<!-- sources: made by {COMMAND} -->\n", f"{textwrap.fill(text, 120)}\n", "<!-- /sources -->"
    )


def _finding(page: str) -> str:
    """What the terminal shows for the Terraform in the README *page*."""
    terraform = page.partition("```terraform\n")[2].partition("```")[0]
    with TemporaryDirectory() as folder:
        (Path(folder) / "main.tf").write_text(terraform, "utf-8", newline="\n")
        command = "from advisor.cli import run; run()"
        run = subprocess.run(
            [sys.executable, "-c", command, "lint", "main.tf", "--select", "implicit", "--isolated", "-q"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,  # the findings fail it
        )
    return run.stdout


def _replaced(name: str, begin: str, text: str, end: str) -> str:
    """A file with *text* in place of what is between *begin* and *end*."""
    return _between((ROOT / name).read_text("utf-8"), begin, text, end)


def _between(page: str, begin: str, text: str, end: str) -> str:
    before, _, rest = page.partition(begin)
    return f"{before}{begin}{text}{end}{rest.partition(end)[2]}"


#: Each generated file, and what it must hold.
GENERATED: dict[str, Callable[[], str]] = {
    "rules/README.md": _catalog,
    SEVERITY: _severity,
    "reports/report-v2.schema.json": _schema,
    "advisor/policy/configuration.schema.json": _configuration_schema,
    CONTRIBUTING: _contributing,
    HOOK: _hook,
    README: _readme,
}


def stale() -> list[str]:
    """The files that differ from what would be generated now."""
    return [name for name, make in GENERATED.items() if _read(name) != make()]


def _read(name: str) -> str | None:
    path = ROOT / name
    return path.read_text("utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """Write what is stale, or with ``--check`` name it."""
    names = stale()
    if "--check" in arguments:
        for name in names:
            print(f"{name} is stale: run {COMMAND}", file=sys.stderr)
        return 1 if names else 0
    for name in names:
        (ROOT / name).write_text(GENERATED[name](), "utf-8", newline="\n")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
