"""Against sign-ins with a known truth: silence is never called use, nor use silence."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.usage.aggregate import encoded
from advisor.usage.read import read_usage
from rules.analysis.usage import (
    Trace,
    api_use,
    application_use,
    credential_use,
    grant_use,
    observed,
    protocol_use,
    user_sign_ins,
)
from rules.model.usage import Usage
from tests.advisor.usage.world import APIS, GRANTS, KEYS, NAMED, Event, World


def certain(event: Event) -> set[str]:
    """The grants that the record of an event names."""
    if event.kind == "servicePrincipal":
        return {"client_credentials"}
    return {NAMED.get(event.protocol, ""), "device_code" if event.by_device_code else ""}


def read(world: World, folder: Path) -> Usage:
    """What grantlint reads of the exports: directly, through its own aggregate, or from both and further exports."""
    paths = [*filter(has_records, world.export(folder))]
    usage = read_usage(paths, world.today).usage
    way = world.chance.choice(("direct", "direct", "stored", "both"))
    if way == "direct":
        return usage
    stored = folder / "usage.json"
    stored.write_text(encoded(usage))
    later = folder / "later"
    later.mkdir()
    more = [*paths, *filter(has_records, world.export(later))] if way == "both" else []
    return read_usage([str(stored), *more], world.today).usage


@lru_cache(maxsize=500)
def world_of(seed: int) -> tuple[World, Usage]:
    """The world of *seed*, and what grantlint reads of its exports."""
    world = World(seed)
    with TemporaryDirectory() as folder:
        return world, read(world, Path(folder))


def has_records(path: str) -> bool:
    return len(Path(path).read_bytes()) > 10


def check(seed: int) -> int:
    """Compare each answer for the world of *seed* with the truth; how many grants were not seen."""
    world, usage = world_of(seed)
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


def traces(app_id: str) -> Iterator[tuple[Trace, Callable[[Event], bool]]]:
    """What rules look for besides grants, each with the events that are a use of it."""
    for key in KEYS:
        yield credential_use(key), lambda event, key=key: event.app_id == app_id and event.key_id == key
    for api in APIS:
        for app_only in (True, False):
            yield (
                api_use(api, app_only=app_only),
                lambda event, api=api, app_only=app_only: (
                    event.app_id == app_id and event.resource == api and (event.kind == "servicePrincipal") == app_only
                ),
            )
    yield user_sign_ins(), lambda event: event.app_id == app_id and event.kind != "servicePrincipal"
    yield application_use(app_id, is_api=False), lambda event: app_id in (event.app_id, event.resource)
    without = protocol_use("authorizationCodeWithoutPkce")
    yield without, lambda event: event.app_id == app_id and event.protocol == "authorizationCodeWithoutPkce"


def check_parts(seed: int) -> Counter[str]:
    """The same for credentials, APIs, users and whole applications; how often each state was found."""
    world, usage = world_of(seed)
    found: Counter[str] = Counter()
    for app_id in (*world.created, *APIS):
        for number, (trace, is_use) in enumerate(traces(app_id)):
            answer = observed(usage, app_id, trace, created=world.created.get(app_id, ""))
            days = {event.at.date().isoformat() for event in world.events if event.succeeded and is_use(event)}
            context = (seed, app_id, number, answer)
            if answer.state == "not-seen":
                assert not [day for day in days if answer.start <= day <= answer.end], context
            elif answer.state == "seen":
                assert days, context
                assert not answer.last or answer.last in days, context
            found[answer.state] += 1
    return found


@given(st.integers(0, 2**32))
def test_nothing_else_that_was_used_is_called_not_seen(seed: int) -> None:
    check_parts(seed)


def test_other_silence_is_found_too() -> None:
    found = sum((check_parts(seed) for seed in range(40)), Counter())
    assert min(found["seen"], found["not-seen"], found["not-known"]) > 100


@given(st.integers(0, 2**32))
def test_no_grant_that_was_used_is_called_not_seen_and_no_named_use_is_missed(seed: int) -> None:
    check(seed)


def test_silence_is_found_too() -> None:
    """The property would hold for a program that never says anything."""
    assert sum(check(seed) for seed in range(40)) > 40


#: How many parts of 500 worlds are checked: all 10,000 worlds take two and a half minutes.
PARTS = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "random" else 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_no_world_is_misread(part: int) -> None:
    seeds = range(part * 250, part * 250 + 250)
    assert sum(check(seed) for seed in seeds)
    assert sum((check_parts(seed) for seed in seeds), Counter())["not-seen"]
