"""Untrusted input ends no run: past crashes stay fixed, and every reader survives changed inputs.

``FUZZ_SECONDS`` is the processor's time for all readers together: a few seconds by default, thirty in CI. The scheduled
workflow runs ``python -m tests.fuzz.run`` for longer.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from advisor.sources import table
from tests.fuzz.run import SECONDS, fuzz, limited
from tests.fuzz.targets import Target, past, read_source, run, targets

TARGETS = targets()
#: The processor's seconds for all readers together.
SECONDS_IN_ALL = float(os.environ.get("FUZZ_SECONDS", "4"))


def test_every_source_is_a_target() -> None:
    rows = (*table.JSON_SOURCES, *(row for row in table.SOURCES if row.declares))
    assert {row.title for row in rows} <= TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_what_its_inputs_begin_from(name: str, folder: Path) -> None:
    """A text that is refused at once would never lead into the reader."""
    target = TARGETS[name]
    taken = [run(target, file, data) for file, data in target.seeds]
    assert taken
    assert sum(taken) >= len(taken) / 2


@pytest.mark.parametrize("path", past(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_past_crash_stays_fixed(path: Path, folder: Path) -> None:
    source = Target("sources", (), read_source)
    target = source if path.parent.name == "sources" else TARGETS[path.parent.name]
    started = time.process_time()
    with limited():
        run(target, path.name, path.read_bytes())
    assert time.process_time() - started < SECONDS


@pytest.mark.exhaustive
def test_readers_survive_changed_inputs(tmp_path: Path) -> None:
    counts, broken = fuzz([*TARGETS], SECONDS_IN_ALL, seed=int(os.environ.get("FUZZ_SEED", "0")), keep=tmp_path)
    assert not broken, "\n".join(f"{one.target}: {one.message}\n  {one.file}" for one in broken)
    assert counts.keys() == TARGETS.keys()
