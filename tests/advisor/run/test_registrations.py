"""``--registration`` names the same registration in every command, in a file and in a tenant."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.model.clean import clean
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


def test_a_request_is_checked_against_a_live_registration(live: Callable[..., Run]) -> None:
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


REQUEST = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?client_id=x&response_type=code"
#: The commands that take ``-r``, each with what else it needs.
COMMANDS = {
    "advise": ("-a", "page-tokens=page"),
    "request": (REQUEST,),
    "explain": ("AADSTS50011",),
    "recipe": ("authorization_code",),
}


@pytest.fixture
def two(folder: Path) -> dict[str, str]:
    """``two.json`` with a registration that is called Orders beside another one."""
    orders = {**clean("spa"), "displayName": "Orders", "id": "99999999-9999-4999-8999-999999999999"}
    other = {**clean("web"), "displayName": "Other", "appId": "22222222-2222-4222-8222-222222222222"}
    (folder / "two.json").write_text(json.dumps({"value": [orders, other]}), "utf-8")
    return orders


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("by", ["displayName", "appId", "id"])
def test_every_command_selects_by_name_client_id_and_object_id(
    command: str, by: str, two: dict[str, str], grantlint: Callable[..., Run]
) -> None:
    runs = [
        grantlint(command, *COMMANDS[command], option, f"two.json#{two[by].upper()}")
        for option in ("-r", "--registration")
    ]
    assert runs[0].status != 2, runs[0].err
    assert [run.status for run in runs] == [runs[0].status] * 2


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("two.json#Ordres", "two.json: no registration 'Ordres'; did you mean Orders?"),
        ("two.json#?", "two.json: no registration '?'; it contains 2; use a display name, client ID or object ID"),
        ("none.json", "none.json: there is no such file"),
        ("empty.json", "empty.json: "),
        ("tenant:contoso.com", "'tenant:contoso.com' names no registration of a tenant"),
    ],
)
def test_what_cannot_be_selected_is_the_same_line_in_every_command(
    command: str, named: str, said: str, two: dict[str, str], grantlint: Callable[..., Run]
) -> None:
    Path("empty.json").write_text('{"value": []}')
    run = grantlint(command, *COMMANDS[command], "-r", named)
    assert (run.status, run.out) == (2, "")
    assert said in run.err
    assert run.err.count("\n") == 1


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "request"])
def test_one_of_several_must_be_named(command: str, two: dict[str, str], grantlint: Callable[..., Run]) -> None:
    run = grantlint(command, *COMMANDS[command], "-r", "two.json")
    assert run.status == 2
    assert "contains 2 registrations; select one by name, client ID or object ID after #" in run.err


def test_two_of_one_name_are_selected_by_client_id(folder: Path, grantlint: Callable[..., Run]) -> None:
    apps = [
        {**clean("spa"), "displayName": "Orders", "appId": f"{digit * 8}-1111-4111-8111-111111111111"} for digit in "12"
    ]
    (folder / "twins.json").write_text(json.dumps({"value": apps}), "utf-8")
    run = grantlint("recipe", "authorization_code", "-r", "twins.json#Orders")
    assert run.status == 2
    assert "2 registrations are called 'Orders'; select one by client ID after #; it contains 11111111-1111" in run.err
    assert grantlint("recipe", "authorization_code", "-r", f"twins.json#{apps[1]['appId']}").status != 2


def test_a_request_finds_its_registration_among_several(two: dict[str, str], grantlint: Callable[..., Run]) -> None:
    run = grantlint("request", REQUEST.replace("=x&", f"={two['appId']}&"), "-r", "two.json", "--format", "json")
    assert "Orders" in run.out or two["appId"] in run.out
