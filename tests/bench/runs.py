"""Whole runs as users start them, a process each: CPU against a floor that takes turns with them, and peak memory."""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What a process says of itself last. What the system says of a child counts the process that it was forked from.
_PEAK = r"import re; sys.stderr.write(re.search(r'VmHWM:\s+(\d+)', open('/proc/self/status').read())[1])"
_RUN = f"import sys; from advisor.cli import run; run(sys.argv[1:]); {_PEAK}"
_LOADS = f"import json, sys; held = [json.loads(open(path, 'rb').read()) for path in sys.argv[1:]]; {_PEAK}"
#: What reading a tenant needs of the SDK, and nothing that is done with it.
_SDK = f"""
import sys
import azure.identity, h2, httpx, kiota_http.kiota_client_factory, msgraph.graph_service_client, msgraph_core; {_PEAK}
"""
#: The formats with the goals for 10,000 registrations.
FORMATS = {"text": 2.5, "json": 4.0, "html": 4.0, "sarif": 4.0}
_PEAK_GOAL = 600
_LINT = ("--isolated", "--quiet", "--fail-on", "never")

Row = Callable[[str, float, float, float, str], None]


def child(code: str, arguments: Sequence[str]) -> tuple[float, float]:
    """CPU seconds and peak megabytes of Python running *code*."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, int(result.stderr.split()[-1]) / 1024


def lint(count: int, rounds: int, row: Row, formats: Sequence[str]) -> None:
    """Lint a page of *count* registrations to each format, in turn with ``json.loads`` of the same file."""
    from bench.corpus import write_page

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.json"
        write_page(page, count)
        print(f"{count:,} registrations, {page.stat().st_size / 1e6:.1f} MB, a process each")
        programs = {name: (_RUN, ["lint", str(page), *_LINT, *_shown(name, folder)]) for name in formats}
        for name, cpu, peak, floor in _measured(programs, (_LOADS, [str(page)]), rounds):
            row(f"lint to {name}", cpu, floor[0], FORMATS[name], "json.loads")
            word = "ok" if peak <= _PEAK_GOAL else "over the goal"
            print(
                f"{'':<34} peak {peak:,.0f} MB, {peak / floor[1]:.2f}x json.loads held   goal {_PEAK_GOAL} MB: {word}"
            )


def _shown(name: str, folder: str) -> list[str]:
    return ["--full"] if name == "text" else ["-o", f"{name}:{folder}/report"]


def difference(count: int, rounds: int, row: Row) -> None:
    """Compare two pages of *count* registrations of which one in a hundred changed."""
    from bench.corpus import graph_response

    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "old.json", Path(folder) / "new.json"
        page = json.loads(graph_response(count))
        old.write_text(json.dumps(page))
        for app in page["value"][::100]:
            app["signInAudience"] = "AzureADMultipleOrgs"
        new.write_text(json.dumps(page))
        files = [str(old), str(new)]
        for _, cpu, peak, floor in _measured({"": (_RUN, ["diff", *files, "--isolated"])}, (_LOADS, files), rounds):
            row(f"diff of {count:,} registrations", cpu, floor[0], 8.0, "json.loads of both")
            print(f"{'':<34} peak {peak:,.0f} MB")


def tenant(rounds: int, row: Row) -> None:
    """``lint --tenant`` of 25 applications, against the imports of the SDK alone."""
    from bench.tenant import graph

    from tests.graph_server.directory import TENANT

    with graph(25, cached=True):
        programs = {"": (_RUN, ["lint", "--tenant", TENANT, *_LINT])}
        for _, cpu, peak, floor in _measured(programs, (_SDK, ()), rounds):
            row("lint --tenant, 25 applications", cpu, floor[0], 2.0, "the SDK's imports")
            print(
                f"{'':<34} {cpu:.2f} s of CPU, goal 1.0 s: {'ok' if cpu <= 1 else 'over the goal'}; peak {peak:.0f} MB"
            )


def _measured(
    programs: dict[str, tuple[str, Sequence[str]]], floor: tuple[str, Sequence[str]], rounds: int
) -> Iterator[tuple[str, float, float, tuple[float, float]]]:
    """The median CPU and the peak of each program, and the same of *floor*, which takes its turn with them."""
    for code, arguments in (floor, *programs.values()):
        if rounds > 1:
            child(code, arguments)  # compiles
    turns = [[child(*one) for one in (floor, *programs.values())] for _ in range(rounds)]
    columns = [
        (statistics.median(cpu for cpu, _ in column), max(peak for _, peak in column))
        for column in zip(*turns, strict=True)
    ]
    for name, (cpu, peak) in zip(programs, columns[1:], strict=True):
        yield name, cpu, peak, columns[0]
