"""Benchmarks: each prints a ratio to a floor that is measured in the same run.

python tests/bench/run.py            all, at the size of the goals
python tests/bench/run.py --small    the same in some seconds, to see that it runs
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

NOW = datetime(2026, 11, 24, tzinfo=UTC)

BARE = """
import sys, typer
app = typer.Typer(add_completion=True, rich_markup_mode=None)
@app.command()
def one() -> None: ...
@app.command()
def two() -> None: ...
sys.exit(app(sys.argv[1:], standalone_mode=False))
"""

#: A Typer program that parses one file and says nothing.
BARE_READER = """
import json, pathlib, sys, typer
app = typer.Typer(add_completion=True, rich_markup_mode=None)
@app.command()
def one(path: str) -> None: json.loads(pathlib.Path(path).read_bytes())
@app.command()
def two() -> None: ...
sys.exit(app(sys.argv[1:], standalone_mode=False))
"""

RUN = "import sys; from advisor.cli import run; sys.exit(run(sys.argv[1:]))"


def cpu(work: Callable[[], object], rounds: int) -> float:
    """Median CPU seconds of *work*."""
    figures = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        figures.append(time.process_time() - start)
    return statistics.median(figures)


def child_cpu(arguments: list[str]) -> float:
    """CPU seconds of a child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def compiled() -> Iterator[None]:
    """Let child processes find compiled modules, as an installation has them, and leave none in the checkout."""
    kept = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(kept)


def row(name: str, figure: float, floor: float, goal: float, floor_name: str) -> None:
    """One line of the result."""
    ratio = figure / floor
    word = "ok" if ratio <= goal else "over the goal"
    print(f"{name:<34} {figure:8.3f} s   {ratio:5.2f}x {floor_name} ({floor:.3f} s)   goal {goal}x: {word}")


def start_up(rounds: int) -> None:
    """``--version``, ``--help``, a command's help and ``lint`` of one file against Typer programs; in turn, so that
    drift cancels.

    A command is held against a command: Typer loads pydantic as soon as one runs. The file is a web app as the portal
    shows it, held against a program that parses it and does nothing with it.
    """
    from rules.model.clean import clean

    with compiled(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.json"
        path.write_text(json.dumps(clean("web"), indent=2))
        programs = (
            (RUN, "--version"),
            (RUN, "--help"),
            (BARE, "--help"),
            (RUN, "lint", "--help"),
            (BARE, "one", "--help"),
            (RUN, "lint", str(path), "--isolated", "--quiet"),
            (BARE_READER, "one", str(path)),
        )
        turns = [
            [child_cpu([sys.executable, "-c", *program]) for program in programs] for _ in range(rounds + 1)
        ]  # the first one compiles
    version, page, bare_page, lint_page, one_page, lint, reader = (
        statistics.median(column) for column in zip(*turns[1:], strict=True)
    )
    row("start-up: --version", version, bare_page, 1.3, "a bare Typer program")
    row("start-up: --help", page, bare_page, 1.3, "a bare Typer program")
    row("start-up: lint --help", lint_page, one_page, 1.3, "a command of it")
    row("lint of one small file", lint, reader, 1.15, "a command that parses it")


def linting(count: int, rounds: int) -> None:
    """Read, check with all rules, find origins: against ``json.loads`` of the same bytes."""
    from bench.corpus import graph_response

    from advisor.policy.checks import Known
    from advisor.policy.config import load_configuration
    from advisor.run.compose import compose
    from advisor.sources.discover import read_paths, read_texts
    from rules.engine.rule import Context
    from rules.engine.run import lint
    from rules.families import RULES

    data = graph_response(count)
    floor = cpu(lambda: json.loads(data), rounds)
    print(f"{count:,} registrations, {len(data) / 1e6:.1f} MB, {len(RULES)} rules")
    row("read", cpu(lambda: read_texts({"page.json": data}), rounds), floor, 1.0, "json.loads")
    reading = read_texts({"page.json": data})
    for subject in reading.subjects:
        vars(subject.app).pop("redirects", None)
    fresh = [read_texts({"page.json": data}).subjects for _ in range(rounds)]
    row("check", cpu(lambda: lint(fresh.pop(), RULES, Context(NOW)), rounds), floor, 4.0, "json.loads")
    added = load_configuration(Path(__file__).with_name("custom_rules.toml"), Known(rules=(), families=())).added
    own = tuple(one.rule for one in added)
    fresh = [read_texts({"page.json": data}).subjects for _ in range(rounds)]
    row(
        f"check with {len(own)} custom rules alone",
        cpu(lambda: lint(fresh.pop(), own, Context(NOW)), rounds),
        floor,
        2.0,
        "json.loads",
    )
    row(
        "read and check",
        cpu(lambda: lint(read_texts({"page.json": data}).subjects, RULES, Context(NOW)), rounds),
        floor,
        4.0,
        "json.loads",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(data)

        def whole() -> object:
            return compose(
                title="",
                version="",
                now=NOW,
                made_at=NOW,
                rules=RULES,
                reading=read_paths([str(path)], stdin=bytes),
            )

        report = whole()
        print(f"{'':<34} {len(report.findings):,} findings with origins")  # type: ignore[attr-defined]
        del report  # a run holds one
        row("read, check, origins, postures", cpu(whole, rounds), floor, 8.0, "json.loads")


def rendering(count: int, rounds: int) -> None:
    """Each format against ``json.dumps`` of the input."""
    from bench.corpus import graph_response

    from advisor.run.compose import compose
    from advisor.sources.discover import read_texts
    from reports.formats import FORMATS, PLANS, load_formats
    from rules.families import RULES

    page = graph_response(count)
    report = compose(title="", version="", now=NOW, made_at=NOW, rules=RULES, reading=read_texts({"p": page}))
    plain = json.loads(page)  # the input, so that the floor does not grow with the report
    for shown in load_formats((*FORMATS, *PLANS)):
        size = len(shown.render(report)) / 1e6
        floor = cpu(lambda: json.dumps(plain), 3)  # in turn, so that drift cancels
        row(
            f"render {shown.name} ({size:.1f} MB)",
            cpu(lambda f=shown: f.render(report), rounds),
            floor,
            3.0,
            "json.dumps",
        )  # type: ignore[misc]


@contextmanager
def section(name: str) -> Iterator[None]:
    """Print how long a part of the benchmarks took."""
    start = time.monotonic()
    yield
    print(f"-- {name}: {time.monotonic() - start:.0f} s")


def everything(size: int, rounds: int, *, small: bool) -> None:
    """All benchmarks for *size* registrations, in ten minutes; of 100,000 registrations too, unless *small*."""
    from bench import runs, tenant, tenant_pass, usage
    from bench.pages import pages
    from bench.server import answering

    with section("start-up"):
        start_up(1 if small else 11)
    with section("parts of a run"):
        linting(size, rounds)
        rendering(size, 1)
        tenant_pass.checking(size, rounds, NOW, cpu, row)
    with section("whole runs"), compiled():
        runs.lint(size, rounds, row, ("html",) if small else tuple(runs.FORMATS))
        runs.difference(size // 10, 1, row)
        runs.tenant(rounds, row)
    with section("tenant and sign-ins"):
        usage.reading(2_000 if small else 50_000, rounds, row)
        tenant.reading(size, rounds, row)
        tenant.memory((1_000,) if small else (2_000, 10_000))
    with section("server and pages"):
        answering(rounds, cpu, row)
        pages(size, rounds)
    if not small:
        with section("100,000 registrations"):
            runs.lint(100_000, 1, row, ("text", "json", "html"))
            pages(100_000, 1, goal=30_000, filters=False)  # the goal is that it opens at all


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Benchmarks of grantlint.")
    parser.add_argument("--small", action="store_true", help="few registrations, one round")
    small = parser.parse_args().small
    with section("all, goal 600 s"):
        everything(*((400, 1) if small else (10_000, 3)), small=small)
