"""A repository of 5,000 files, and a plan of 50 MB: time and memory against reading and parsing what may hold a
registration.

python tests/bench/repository.py [--small]

Each figure is a process of its own, so imports and start-up are in it. The floor is made of parsers in C (json,
tree-sitter) whose result nobody looks at. A second repository has a registration in four files of five, which no
repository has: it shows what a registration costs.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

#: What a child process of the plan's benchmark runs, and what it is measured against.
READ_PLAN = """
import re, sys, time
from pathlib import Path
start = time.process_time()
if sys.argv[2] == "bytes":
    data = Path(sys.argv[1]).read_bytes()
elif sys.argv[2] == "json":
    import json
    json.loads(Path(sys.argv[1]).read_bytes())
else:
    from advisor.sources.discover import read_paths
    reading = read_paths([sys.argv[1]], stdin=bytes)
    for subject in reading.subjects:
        reading.locate(subject.key, "/web/redirectUris/0")
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]  # a process of its own, Linux only
print(time.process_time() - start, int(peak) / 1024)
"""


#: What a child process of the repository's benchmark runs.
FLOOR = (
    "import sys; from pathlib import Path; from tests.bench.repository import floor; print(floor(Path(sys.argv[1])))"
)
READ = "import sys; from advisor.sources.discover import read_paths; read_paths([sys.argv[1]], stdin=bytes)"
LINT = "import sys; from advisor.cli import run; run(['lint', sys.argv[1], '--quiet', '--isolated', '--concise'])"


def repository(root: Path, files: int, *, others: int) -> None:
    """A mixed repository: one file with a registration for so many *others*; without others, four of five have one."""
    from rules.model.clean import KINDS, clean
    from tests.advisor.sources.writers import FORMATS

    chance = random.Random(7)
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("*.log\nbuild/\n/out\n**/*.generated.json\n!keep.generated.json\n")
    formats = list(FORMATS.values())
    for number in range(files):
        folder = root / f"team{number % 40}" / f"part{number % 23}"
        holds = number % (others + 1) == 0 if others else number % 5 != 0
        folder /= f"app{number}" if holds else "src"
        folder.mkdir(parents=True, exist_ok=True)
        if holds:
            written = chance.choice(formats)
            app = {
                **clean(chance.choice(KINDS)),
                "displayName": f"App {number}",
                "appId": f"{number:08x}-1111-4111-8111-111111111111",
            }
            (folder / written.file).write_text(written.write(app))
        else:
            _other(folder, number, chance)


def _other(folder: Path, number: int, chance: random.Random) -> None:
    """Something else: configuration, source text, other people's Terraform and Bicep."""
    words = " ".join(chance.choice(("lorem", "ipsum", "dolor", "sit")) for _ in range(300))
    kind = number % 7
    if kind == 0:
        (folder / f"c{number}.json").write_text(
            json.dumps({"name": f"x{number}", "text": words, "list": list(range(200))})
        )
    elif kind == 1:
        (folder / f"m{number}.tf").write_text(
            f'resource "azurerm_storage_account" "s{number}" {{\n  name = "{words[:40]}"\n}}\n'
        )
    elif kind == 2:
        (folder / f"d{number}.yaml").write_text(
            f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{number}\ndata:\n  a: {words}\n"
        )
    elif kind == 3:
        (folder / f"b{number}.bicep").write_text(
            f"resource s 'Microsoft.Storage/storageAccounts@2023-05-01' = {{\n  name: 's{number}'\n}}\n"
        )
    else:
        (folder / f"s{number}.{('py', 'md', 'cs')[kind % 3]}").write_text(words * 3)


def floor(root: Path) -> int:
    """Read every file that may hold a registration, and parse those that do: nothing else."""
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    from advisor.sources import discover

    parser = Parser(Language(tree_sitter_hcl.language()))
    parsed = 0
    for path in sorted(root.rglob("*")):
        if not path.is_file() or not discover._may_hold(path.name):
            continue
        data = path.read_bytes()
        if not discover._is_promising(str(path), data):
            continue
        if path.suffix == ".json":
            json.loads(data)
        elif b"azuread_application" in data or path.suffix == ".bicep":
            parser.parse(data)
        parsed += 1
    return parsed


def cpu(program: str, path: Path, rounds: int = 3) -> float:
    """The least CPU time, in seconds, of a child process that runs a *program* on a path."""
    figures = []
    for _ in range(rounds):
        start = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, check=True)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures.append(end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime)
    return min(figures)


def measure(root: Path, files: int, *, others: int) -> None:
    """Make a repository and print what linting it costs."""
    from advisor.sources.discover import read_paths

    repository(root, files, others=others)
    parsed = floor(root)
    reading = read_paths([str(root)], stdin=bytes)
    base, read, lint = cpu(FLOOR, root), cpu(READ, root), cpu(LINT, root)
    small = root / "small"
    small.mkdir()
    (small / "app.json").write_text('{"displayName": "x", "signInAudience": "AzureADMyOrg"}')
    start = cpu(LINT, small)
    word = "" if not others else ", goal 2x: ok" if lint - start <= 2 * base else ", goal 2x: over it"
    print(
        f"repository of {files:,} files, {parsed:,} candidates, {len(reading.subjects):,} registrations, "
        f"{len(reading.problems)} problems: reading and parsing {base:.2f} s CPU; grantlint reads {read:.2f} s, lints "
        f"{lint:.2f} s "
        f"({lint / base:.2f}x), less its start of {start:.2f} s {(lint - start) / base:.2f}x{word}"
    )


def plan(path: Path, megabytes: int) -> None:
    """A plan in which one resource in a thousand is an application."""
    from rules.model.clean import clean
    from tests.advisor.sources.writers import plan as write

    small: dict[str, Any] = json.loads(write(clean("web")))
    other = {"values": {f"argument_{n}": f"value {n} of something" for n in range(40)}}
    changes, planned = [], []
    size = len(json.dumps(other))
    for number in range(megabytes * 1_000_000 // (2 * size)):
        address = f"azurerm_thing.t{number}"
        change = {"actions": ["create"], "before": None, "after": other["values"], "after_unknown": {"id": True}}
        changes.append(
            {"address": address, "mode": "managed", "type": "azurerm_thing", "name": f"t{number}", "change": change}
        )
        planned.append({"address": address, "mode": "managed", "type": "azurerm_thing", **other})
        if number % 1000 == 0:
            one = json.loads(json.dumps(small["resource_changes"][0]))
            one["address"] = f"azuread_application.a{number}"
            one["name"] = f"a{number}"
            one["change"]["after"] |= {"display_name": f"App {number}", "client_id": None}
            changes.append(one)
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.4",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": []}},
    }
    path.write_text(json.dumps(document))


def child(path: Path, what: str) -> tuple[float, float]:
    result = subprocess.run(
        [sys.executable, "-c", READ_PLAN, str(path), what], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, megabytes = result.stdout.split()
    return float(seconds), float(megabytes)


def main(*, small: bool) -> None:
    from tests.bench.run import compiled

    for others in (19, 0):
        with compiled(), tempfile.TemporaryDirectory() as name:
            measure(Path(name), 500 if small else 5000, others=others)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plan.json"
        plan(path, 5 if small else 50)
        size = path.stat().st_size / 1e6
        figures = {what: child(path, what) for what in ("bytes", "json", "grantlint")}
        for what, (seconds, megabytes) in figures.items():
            print(f"plan of {size:.0f} MB, {what:<10} {seconds:6.2f} s CPU, {megabytes:6.0f} MB at most")


if __name__ == "__main__":
    main(small="--small" in sys.argv)
