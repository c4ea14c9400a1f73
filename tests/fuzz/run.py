"""Fuzz the readers: ``python -m tests.fuzz.run --seconds 600``, or with ``--target NAME`` one of them.

Each target runs in a process of its own, with limits on the time of one input and on memory. An input that breaks a
reader is kept in ``--keep FOLDER``, and belongs into ``tests/fuzz/past/`` once it is reduced. The exit status
is then 1.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
#: The promise of SECURITY.md: no input takes longer, or more memory than the process had before.
SECONDS: Final = 2.0
MEGABYTES: Final = 300
#: Inputs of this share of the time begin from one that was taken for what it is.
_KEPT: Final = 300


class TooSlow(BaseException):
    """An input took longer than ``SECONDS``. Not an ``Exception``, so that no reader catches it."""


class Broken(NamedTuple):
    """An input that broke a reader: its target, the end of the message, and the file in which it was kept."""

    target: str
    message: str
    file: Path


@contextlib.contextmanager
def limited():  # type: ignore[no-untyped-def]
    """End what is inside after ``SECONDS`` of the processor's time, where the platform can do that."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlow(f"took longer than {SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    gc.freeze()  # the garbage collector would go through all that the tests of this process keep
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        gc.unfreeze()
        signal.signal(signal.SIGVTALRM, before)


def limit_memory() -> None:
    """Let this process have ``MEGABYTES`` more than it has now, where the platform can do that."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * resource.getpagesize() + MEGABYTES * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ImportError, OSError):
        pass


def work(name: str, seconds: float, seed: int, keep: Path) -> None:
    """Fuzz one target for some *seconds* of the processor's time; prints the number of inputs that each outcome had."""
    from tests.fuzz.mutate import mutated
    from tests.fuzz.targets import run, targets

    faulthandler.enable()
    target = targets()[name]
    random = Random(f"{seed} {name}")
    seeds = list(target.seeds)
    for seed_name, data in seeds:
        run(target, seed_name, data)  # imports what the reader needs before memory is limited
    limit_memory()
    counts: Counter[str] = Counter()
    current = keep / f"{hashlib.sha256(name.encode()).hexdigest()[:8]}.running"
    kept = list(seeds)
    messages: set[str] = set()
    end = time.process_time() + seconds
    while time.process_time() < end:
        file, data = random.choice(kept)
        try:
            data = mutated(random, data, [one for _, one in seeds])
        except MemoryError:  # the limit is for readers: an input that is too large to change is left
            continue
        current.write_bytes(file.encode() + b"\n" + data)
        try:
            with limited():
                accepted = run(target, file, data)
            counts["read" if accepted else "refused"] += 1
            if accepted and len(data) < 20_000:
                if len(kept) - len(seeds) < _KEPT:
                    kept.append((file, data))
                else:
                    kept[random.randrange(len(seeds), len(kept))] = (file, data)
        except (Exception, TooSlow) as error:
            counts["broke"] += 1
            frames = traceback.extract_tb(error.__traceback__)
            inside = [frame for frame in frames if "/tests/fuzz/" not in frame.filename.replace("\\", "/")] or frames
            place = f"{Path(inside[-1].filename).name}:{inside[-1].lineno}"
            message = f"{type(error).__name__} in {place}: {str(error)[:150]}"
            if (key := message.partition(":")[0] + place) not in messages:
                messages.add(key)
                saved = keep / f"{hashlib.sha256(data).hexdigest()[:12]}-{Path(file).name}"
                saved.write_bytes(data)
                print(f"broken\t{message}\t{saved}".replace("\n", " "), flush=True)
    current.unlink(missing_ok=True)
    print("counts\t" + "\t".join(f"{word} {counts[word]}" for word in ("read", "refused", "broke")), flush=True)


def fuzz(names: list[str], seconds: float, seed: int, keep: Path) -> tuple[dict[str, str], list[Broken]]:
    """Fuzz the targets one after the other, *seconds* in all; the counts of each, and what broke."""
    counts: dict[str, str] = {}
    broken: list[Broken] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            arguments = [
                "--work",
                name,
                "--seconds",
                str(seconds / len(names)),
                "--seed",
                str(seed),
                "--keep",
                str(keep),
            ]
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            child = subprocess.run(
                [sys.executable, "-m", "tests.fuzz.run", *arguments],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        for line in child.stdout.splitlines():
            word, *cells = line.split("\t")
            if word == "broken":
                broken.append(Broken(name, cells[0], Path(cells[1])))
            elif word == "counts":
                counts[name] = ", ".join(cells)
        if child.returncode:
            last = child.stderr.strip().splitlines()[-1:] or [""]
            file = next(keep.glob("*.running"), keep)
            broken.append(Broken(name, f"the process ended with status {child.returncode}: {last[0]}", file))
    return counts, broken


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30, help="processor time for all targets together")
    parser.add_argument("--target", action="append", default=[], help="a target; may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-broken"), help="where inputs that broke a reader are kept"
    )
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    keep = options.keep.absolute()
    keep.mkdir(parents=True, exist_ok=True)
    if options.work:
        work(options.work, options.seconds, options.seed, keep)
        return 0
    sys.path.insert(0, str(ROOT))
    from tests.fuzz.targets import targets

    known = targets()
    names = options.target or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no target is called {unknown[0]!r}; there are: {', '.join(known)}")
    counts, broken = fuzz(names, options.seconds, options.seed, keep)
    for name in names:
        print(f"{name}: {counts.get(name, 'ended early')}")
    for one in broken:
        print(f"{one.target}: {one.message}\n  {one.file}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
