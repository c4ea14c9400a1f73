"""``--registration tenant:ID#NAME``: advice and preflight about a registration that is read live."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.graph_server.directory import TENANT
from tests.graph_server.server import GraphServer


@pytest.fixture
def live(grantlint: Callable[..., Run], graph: GraphServer, waits: list[float], folder: Path) -> Callable[..., Run]:
    return grantlint


def test_advice_takes_its_answers_from_a_live_registration(live: Callable[..., Run]) -> None:
    run = live("advise", "--registration", f"tenant:{TENANT}#Application 1", "--built-for", "--format", "json")
    assert run.status == 0, run.err
    assert "Application 1" in json.dumps(json.loads(run.out))


def test_a_request_is_judged_against_a_live_registration(live: Callable[..., Run]) -> None:
    address = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?client_id=00000000-0000-4000-8000-0000000000ff&response_type=token"
    run = live("request", address, "-r", f"tenant:{TENANT}#Application 1")
    assert run.status in (1, 3)
    assert "Traceback" not in run.err


@pytest.mark.parametrize("name", [f"tenant:{TENANT}", "tenant:#x", "tenant:"])
def test_a_tenant_without_a_registration_is_one_line(live: Callable[..., Run], name: str) -> None:
    run = live("advise", "--registration", name, "--built-for")
    assert run.status == 2
    assert "names no registration of a tenant" in run.err
    assert run.err.count("\n") == 1


def test_a_name_that_nobody_has_is_one_line(live: Callable[..., Run]) -> None:
    run = live("advise", "--registration", f"tenant:{TENANT}#Nobody", "--built-for")
    assert run.status == 2
    assert run.err.strip().splitlines()[-1].startswith(TENANT)
