"""Repositories of 5,000 files, and a plan of 50 MB: time and memory against reading and parsing alone.

python tests/bench/repository.py [--small]

A repository has a registration in one file of a hundred. One in twenty and one in five show what a registration costs.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

#: The kind of other files for each format.
KIND_OF = {"new manifest": 0, "tf": 1, "bicep": 3}

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


def repository(root: Path, files: int, *, others: int, formats: Sequence[str] = ()) -> None:
    """A repository of these formats, all by default: one file with a registration for this many *others*."""
    from rules.model.clean import KINDS, clean
    from tests.advisor.sources.writers import FORMATS

    chance = random.Random(7)
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("*.log\nbuild/\n/out\n**/*.generated.json\n!keep.generated.json\n")
    for number in range(files):
        folder = root / f"team{number % 40}" / f"part{number % 23}"
        holds = number % (others + 1) == 0
        folder /= f"app{number}" if holds else "src"
        folder.mkdir(parents=True, exist_ok=True)
        if holds:
            written = FORMATS[chance.choice(formats or list(FORMATS))]
            app = {
                **clean(chance.choice(KINDS)),
                "displayName": f"App {number}",
                "appId": f"{number:08x}-1111-4111-8111-111111111111",
            }
            (folder / written.file).write_text(written.write(app))
        else:
            _other(folder, number, chance, KIND_OF[formats[0]] if formats else number % 7)


def _other(folder: Path, number: int, chance: random.Random, kind: int) -> None:
    """Something else of a *kind*: configuration, Terraform, Bicep, source text."""
    words = " ".join(chance.choice(("lorem", "ipsum", "dolor", "sit")) for _ in range(300))
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


def floor(root: Path) -> None:
    """Read and parse every file that may hold a registration, and nothing else: with grantlint's parser of Bicep, and
    with parsers in C.
    """
    import tree_sitter_hcl
    import yaml
    from tree_sitter import Language, Parser

    from advisor.sources.code.bicep.parse import Parser as Bicep
    from advisor.sources.reading.document import Document

    parser = Parser(Language(tree_sitter_hcl.language()))
    for path in root.rglob("*"):
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".tf":
            parser.parse(path.read_bytes())
        elif path.suffix == ".bicep":
            Bicep(Document(path.name, path.read_text())).statements()
        elif path.suffix in (".yaml", ".yml"):
            list(yaml.compose_all(path.read_bytes(), Loader=yaml.CSafeLoader))


def measure(name: str, files: int, *, others: int, formats: Sequence[str] = ()) -> None:
    """Make a repository and print what reading it costs: in turn with its floor, so that drift cancels."""
    from advisor.sources.discover import read_paths
    from tests.bench.run import row

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        repository(root, files, others=others, formats=formats)
        reading = read_paths([folder], stdin=bytes)
        floor(root)
        turns = [(_cpu(lambda: floor(root)), _cpu(lambda: read_paths([folder], stdin=bytes))) for _ in range(5)]
    print(f"{files:,} files, {len(reading.subjects):,} registrations, {len(reading.problems)} problems")
    least, ours = (min(column) for column in zip(*turns, strict=True))
    row(f"read {name}", ours, least, 1.5, "reading and parsing")


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


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
    files = 500 if small else 5000
    measure("a mixed repository", files, others=99)
    measure("a mixed repository, one in 20", files, others=19)
    for others in (19, 4):
        for name, written in (("Terraform", "tf"), ("Bicep", "bicep"), ("JSON", "new manifest")):
            measure(f"{name}, one in {others + 1}", files, others=others, formats=(written,))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "plan.json"
        plan(path, 5 if small else 50)
        size = path.stat().st_size / 1e6
        figures = {what: child(path, what) for what in ("bytes", "json", "grantlint")}
        for what, (seconds, megabytes) in figures.items():
            print(f"plan of {size:.0f} MB, {what:<10} {seconds:6.2f} s CPU, {megabytes:6.0f} MB at most")


if __name__ == "__main__":
    main(small="--small" in sys.argv)
