"""Against sign-ins with a known truth: silence is never called use, nor use silence."""

import os
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.usage.aggregate import encoded
from advisor.usage.read import read_usage
from rules.analysis.usage import grant_use
from rules.model.usage import Usage
from tests.advisor.usage.world import GRANTS, NAMED, Event, World


def certain(event: Event) -> set[str]:
    """The grants that the record of an event names."""
    if event.kind == "servicePrincipal":
        return {"client_credentials"}
    return {NAMED.get(event.protocol, ""), "device_code" if event.by_device_code else ""}


def read(world: World, folder: Path) -> Usage:
    """What grantlint reads of the exports, half of the time through its own aggregate."""
    usage = read_usage([*filter(has_records, world.export(folder))], world.today).usage
    if world.chance.random() < 0.5:
        return usage
    (folder / "usage.json").write_text(encoded(usage))
    return read_usage([str(folder / "usage.json")], world.today).usage


def has_records(path: str) -> bool:
    return len(Path(path).read_bytes()) > 10


def check(seed: int) -> int:
    """Compare each answer for the world of *seed* with the truth; how many grants were not seen."""
    world = World(seed)
    with TemporaryDirectory() as folder:
        usage = read(world, Path(folder))
    silent = 0
    for app_id, created in world.created.items():
        named = {
            grant for event in world.shown if event.succeeded and event.app_id == app_id for grant in certain(event)
        }
        for grant in GRANTS:
            answer = grant_use(usage, app_id, grant, created=created)
            truth = world.uses(app_id, grant)
            context = (seed, app_id, grant, answer)
            if answer.state == "not-seen":
                silent += 1
                period = date.fromisoformat(answer.start), date.fromisoformat(answer.end)
                assert not [day for day in truth if period[0] <= day <= period[1]], context
            elif answer.state == "seen":
                assert truth, context
                assert not answer.last or date.fromisoformat(answer.last) in truth, context
            else:
                assert answer.why, context
            assert grant not in named or answer.state == "seen", context
    return silent


@given(st.integers(0, 2**32))
def test_no_grant_that_was_used_is_called_not_seen_and_no_named_use_is_missed(seed: int) -> None:
    check(seed)


def test_silence_is_found_too() -> None:
    """The property would hold for a program that never says anything."""
    assert sum(check(seed) for seed in range(40)) > 40


#: How many parts of 500 worlds are checked: all 10,000 worlds take two and a half minutes.
PARTS = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "random" else 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_no_world_is_misread(part: int) -> None:
    assert sum(check(seed) for seed in range(part * 500, part * 500 + 500))
