"""``grantlint advise --registration FILE#NAME`` for whole registrations: the demo's, and a clean one of each kind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import advisor.demo
from rules.model.clean import KINDS, clean

CONTOSO = Path(advisor.demo.__file__).with_name("contoso.json")
#: What a clean registration leaves open, and the grant that it is for.
OPEN = {
    "web": ("user-present=yes web-legacy=nothing hosted-on=elsewhere holds-key=yes", "authorization_code"),
    "spa": ("page-tokens=page", "authorization_code"),
    "native": ("runs-in=desktop installed-legacy=nothing", "authorization_code"),
    "daemon": ("hosted-on=azure acts-in=own-tenant", "client_credentials"),
    "api": ("", "none"),
}


def words(said: str) -> list[str]:
    return [part for answer in said.split() for part in ("-a", answer)]


def advice_of(grantlint: Callable, file: Path, name: str, said: str) -> dict[str, Any]:
    run = grantlint("advise", "--registration", f"{file}#{name}", *words(said), "--format", "json")
    assert run.status == 0, run.err
    (advice,) = json.loads(run.out)["advices"]
    assert advice["client_name"] == name
    return advice


def differing(advice: dict[str, Any]) -> set[str]:
    return {row["property"] for row in advice["fit"]["rows"] if row["verdict"] == "differs"}


def test_a_page_of_the_demo_gets_the_patch_that_closes_its_implicit_grant(grantlint: Callable) -> None:
    advice = advice_of(grantlint, CONTOSO, "Contoso Orders", "page-tokens=page")
    assert advice["grant"] == "authorization_code"
    switches = {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False}
    assert advice["fit"]["patch"] == {"web": {"implicitGrantSettings": switches}}
    assert differing(advice) == {f"web.implicitGrantSettings.{name}" for name in switches}


def test_a_job_of_the_demo_is_told_what_to_remove_by_hand(grantlint: Callable) -> None:
    advice = advice_of(grantlint, CONTOSO, "Contoso Nightly Sync", "hosted-on=azure acts-in=own-tenant")
    assert advice["credential"]["id"] == "managed_identity"
    assert differing(advice) == {"keyCredentials"}
    assert advice["fit"]["by_hand"] == [
        "remove the credentials in keyCredentials after you have checked that no client uses them"
    ]


@pytest.mark.parametrize(
    ("name", "said", "grant"),
    [
        ("Contoso Deployment Pipeline", "", "client_credentials"),
        ("Contoso Field Service", "mobile-legacy=nothing", "authorization_code"),
    ],
)
def test_what_the_demo_has_right_fits(name: str, said: str, grant: str, grantlint: Callable) -> None:
    advice = advice_of(grantlint, CONTOSO, name, said)
    assert (advice["grant"], differing(advice), advice["fit"]["patch"]) == (grant, set(), None)


@pytest.mark.parametrize("kind", OPEN)
def test_a_clean_registration_of_each_kind_fits(kind: str, grantlint: Callable, folder: Path) -> None:
    file = folder / "all.json"
    file.write_text(json.dumps({"value": [clean(other) for other in KINDS]}), "utf-8")
    said, grant = OPEN[kind]
    advice = advice_of(grantlint, file, clean(kind)["displayName"], said)
    assert (advice["grant"], differing(advice), advice["fit"]["patch"]) == (grant, set(), None)
    by = {fact["question"]: fact["by"] for fact in advice["facts"]}
    assert "inferred" in by.values()
    assert all(by[answer.partition("=")[0]] == "given" for answer in said.split())
