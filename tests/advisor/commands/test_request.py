"""``grantlint request``: the answer, the exit status, and what goes where."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.model.clean import clean

SPA, WEB = clean("spa"), clean("web")
LOGIN = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize"
GOOD = (
    f"{LOGIN}?client_id={SPA['appId']}&response_type=code&redirect_uri=https%3A%2F%2Forders.contoso.com%2F"
    f"&scope=openid&state=s&code_challenge={'a' * 43}&code_challenge_method=S256"
)
BAD = GOOD.replace("response_type=code", "response_type=token").replace("contoso.com%2F&", "contoso.com%2Fx&")


@pytest.fixture
def manifest(folder: Path) -> Path:
    (folder / "apps.json").write_text(json.dumps([SPA, WEB]))
    (folder / "app.json").write_text(json.dumps(SPA))
    return folder / "app.json"


def test_a_request_that_works(grantlint: Callable, manifest: Path) -> None:
    run = grantlint("request", GOOD, "-r", manifest, "--today", "2026-01-15")
    assert run.status == 0
    assert run.out.startswith("GET authorize (v2) for Contoso Orders\naccepted as far as can be predicted\n")
    assert "Depends on the tenant and the user" in run.out
    assert "AADSTS65001" in run.out
    assert run.err == "1 request: 1 accepted as far as can be predicted.\nexit 0\n"


def test_a_request_that_would_fail_says_where_why_and_what_instead(grantlint: Callable, manifest: Path) -> None:
    run = grantlint("request", BAD, "-r", manifest)
    assert run.status == 1
    assert "would fail: AADSTS700051" in run.out
    assert "  FAIL Response type and mode" in run.out
    assert "in the request: response_type=code" in run.out
    assert "enableAccessTokenIssuance" not in run.out  # lint would report it
    assert "  FAIL Redirect URI" in run.out
    assert "Corrected request" in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines() if "https://" not in line)


def test_it_reads_the_requests_of_an_advice(grantlint: Callable, folder: Path) -> None:
    answers = ["-a", "api=graph", "-a", "runs-in=browser", "-a", "page-tokens=page"]
    (folder / "advice.txt").write_text(grantlint("advise", *answers, "-v").out)
    grantlint("advise", *answers, "-o", "advice.md")
    for file in ("advice.txt", "advice.md"):
        run = grantlint("request", file, "--format", "json")
        assert run.status == 3  # the client ID is a placeholder
        redeemed = [verdict["request"] for verdict in json.loads(run.out)["verdicts"]][1]
        assert redeemed["url"].endswith("/token")
        assert [row["name"] for row in redeemed["parameters"]][:2] == ["client_id", "grant_type"]


def test_it_reads_the_request_that_it_corrected(grantlint: Callable, manifest: Path) -> None:
    corrected = grantlint("request", BAD, "-r", manifest).out.partition("Corrected request\n")[2]
    (manifest.parent / "corrected.txt").write_text(corrected)
    assert grantlint("request", "corrected.txt", "-r", manifest).status == 0


def test_without_a_registration_it_cannot_be_predicted(grantlint: Callable, folder: Path) -> None:
    run = grantlint("request", GOOD)
    assert run.status == 3
    assert "cannot be predicted" in run.out


def test_a_registration_is_chosen_by_name_or_by_the_client_id(grantlint: Callable, manifest: Path) -> None:
    assert grantlint("request", GOOD, "-r", "apps.json").status == 0
    assert grantlint("request", GOOD, "-r", "apps.json#contoso orders").status == 0
    assert grantlint("request", GOOD, "-r", f"apps.json#{SPA['appId']}").status == 0
    wrong = grantlint("request", GOOD, "-r", "apps.json#Contoso Portal")
    assert wrong.status == 3
    assert "not the client ID of the given registration" in " ".join(wrong.out.split())
    none = grantlint("request", GOOD, "-r", "apps.json#Nobody")
    assert none.status == 2
    assert "no registration 'Nobody'" in none.err


def test_parameters_on_the_command_line(grantlint: Callable, manifest: Path) -> None:
    run = grantlint(
        "request",
        "-p",
        f"client_id={SPA['appId']}",
        "-p",
        "response_type=token",
        "--tenant",
        "contoso.com",
        "-r",
        manifest,
    )
    assert run.status == 1
    assert "AADSTS700051" in run.out
    token = grantlint(
        "request",
        "--endpoint",
        "token",
        "-p",
        f"client_id={SPA['appId']}",
        "-p",
        "grant_type=client_credentials",
        "-r",
        manifest,
    )
    assert "7000216" in token.out


def test_json_holds_everything_and_no_secret(grantlint: Callable, manifest: Path) -> None:
    (Path("r.http")).write_text(
        f"POST https://login.microsoftonline.com/t.com/oauth2/v2.0/token\n\nclient_id={SPA['appId']}&grant_type=client_credentials&client_secret=hushhush"
    )
    run = grantlint("request", "r.http", "-r", manifest, "--format", "json")
    found = json.loads(run.out)
    assert found["schema"] == "urn:grantlint:preflight:1"
    prediction = found["verdicts"][0]
    assert prediction["outcome"] == "fails"
    assert prediction["request"]["file"] == "r.http"
    assert {"name": "client_secret", "value": "{client_secret}"} in prediction["request"]["parameters"]
    assert "hushhush" not in run.out + run.err


def test_quiet_says_nothing_about_what_works(grantlint: Callable, manifest: Path) -> None:
    run = grantlint("request", GOOD, "-r", manifest, "-q")
    assert (run.status, run.out, run.err) == (0, "", "")
    assert grantlint("request", BAD, "-r", manifest, "-q").out


def test_several_requests_are_told_apart(grantlint: Callable, manifest: Path) -> None:
    Path("flow.http").write_text(f"GET {GOOD}\n\n###\nGET {BAD}\n")
    run = grantlint("request", "flow.http", "-r", manifest)
    assert run.status == 1
    assert "flow.http:1: GET authorize" in run.out
    assert "flow.http:4: GET authorize" in run.out
    assert run.err.startswith("2 requests: 1 accepted as far as can be predicted, 1 would fail.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to check"),
        (["none.http"], "none.http: there is no such file"),
        (["-p", "x"], "-p takes NAME=VALUE"),
        ([GOOD, "-p", "a=b"], "both REQUEST and -p"),
        ([GOOD, "-r", "none.json"], "none.json: there is no such file"),
        (["https://example.com/?client_id=secret"], "contains no request"),
    ],
)
def test_what_is_wrong_is_one_line(grantlint: Callable, folder: Path, arguments: list[str], said: str) -> None:
    run = grantlint("request", *arguments)
    assert run.status == 2
    assert run.err.count("\n") == 1
    assert said in run.err
    assert run.out == ""
    assert "secret" not in run.err


def test_a_method_from_a_har_file_reaches_no_terminal_raw(folder: Path, grantlint: Callable) -> None:
    address = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?client_id=x"
    entry = {"request": {"method": "GET\x1b[31m", "url": address}}
    (folder / "login.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    run = grantlint("request", "login.har")
    assert "\x1b" not in run.out + run.err
    assert "login.har: OTHER authorize" in run.out
