"""``grantlint explain``: a code in words, with what the registration says about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.model.clean import clean


def test_a_code_is_explained(grantlint: Callable) -> None:
    run = grantlint("explain", "AADSTS50011")
    assert run.status == 0
    assert run.out.startswith("AADSTS50011 InvalidReplyTo\n")
    assert "Causes, most likely first" in run.out
    assert "1. The redirect URI differs in the case of the path" in run.out
    assert "https://learn.microsoft.com/entra/identity-platform/reply-url" in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines() if "https://" not in line)


def test_a_pasted_message_is_not_shown_again(grantlint: Callable) -> None:
    run = grantlint("explain", "AADSTS70011: The scope hush-hush is not valid. Trace ID: 1")
    assert "AADSTS70011 InvalidScope" in run.out
    assert "hush-hush" not in run.out


def test_a_registration_stands_beside_the_causes(grantlint: Callable, folder: Path) -> None:
    (folder / "app.json").write_text(json.dumps(clean("spa"), indent=2))
    run = grantlint("explain", "700051", "-r", "app.json")
    assert "web.implicitGrantSettings.enableAccessTokenIssuance = false" in " ".join(run.out.split())
    assert "app.json:" in run.out
    found = json.loads(grantlint("explain", "700051", "-r", "app.json", "--format", "json").out)
    assert found[0]["causes"][0]["here"]["web.implicitGrantSettings.enableAccessTokenIssuance"] == "false"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to explain"),
        (["hello"], "no AADSTS code in it"),
        (["AADSTS99999"], "https://login.microsoftonline.com/error?code=99999"),
    ],
)
def test_what_cannot_be_explained_is_one_line(grantlint: Callable, arguments: list[str], said: str) -> None:
    run = grantlint("explain", *arguments)
    assert run.status == 2
    assert said in run.err
    assert run.err.count("\n") == 1
