"""``grantlint diff``: registrations added, removed and changed, and findings new, gone and remaining."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean, merged_into
from tests.conftest import Run
from tests.graph_server.directory import TENANT, application
from tests.graph_server.server import GraphServer

Diff = Callable[..., Run]
PORTAL = clean("web")["appId"]


@pytest.fixture
def diff(grantlint: Callable[..., Run], folder: Path) -> Diff:
    """Compare two lists of applications."""

    def call(old: list[Any], new: list[Any], *arguments: str) -> Run:
        for name, apps in (("old.json", old), ("new.json", new)):
            Path(name).write_text(json.dumps({"value": apps}))
        return grantlint("diff", "old.json", "new.json", "--today", "2026-01-15", "--isolated", *arguments)

    return call


def test_nothing_changed_is_said_and_exits_with_0(diff: Diff) -> None:
    run = diff([clean("web"), clean("spa")], [clean("spa"), clean("web")])
    assert run == (
        0,
        "registrations: 0 added, 0 removed, 0 changed\n\nfindings: 0 new, 0 gone, 0 remaining\n",
        "",
    )


def test_a_registration_that_came_or_went_is_named(diff: Diff) -> None:
    run = diff([clean("web")], [clean("spa")])
    assert f"+ {clean('spa')['displayName']} ({clean('spa')['appId']})\n" in run.out
    assert f"- {clean('web')['displayName']} ({PORTAL})\n" in run.out
    assert run.status == 0


def test_a_changed_property_shows_what_stood_there_and_what_stands_there_now(diff: Diff) -> None:
    new = merged_into(
        "web", {"displayName": "Renamed", "web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}
    )
    run = diff([clean("web")], [new])
    assert f"~ Renamed ({PORTAL})\n" in run.out
    assert "    web.implicitGrantSettings.enableIdTokenIssuance: false -> true\n" in run.out
    assert "+ " in run.out
    assert run.status == 1
    assert run.err == "exit 1: new findings at or above low\n"


def test_a_list_that_was_only_reordered_has_not_changed(diff: Diff) -> None:
    uris = ["https://a.contoso.com/cb", "https://b.contoso.com/cb"]
    old, new = (merged_into("web", {"web": {"redirectUris": order}}) for order in (uris, uris[::-1]))
    assert "0 changed" in diff([old], [new]).out


def test_an_element_of_a_list_is_named_by_itself(diff: Diff) -> None:
    new = merged_into(
        "web", {"web": {"redirectUris": [*clean("web")["web"]["redirectUris"], "http://c.contoso.com/cb"]}}
    )
    run = diff([clean("web")], [new])
    assert "    web.redirectUris[http://c.contoso.com/cb]: nothing -> http://c.contoso.com/cb\n" in run.out
    assert "plaintext-redirect-uri" in run.out


def test_findings_are_new_gone_or_remaining(diff: Diff) -> None:
    def with_uris(*uris: str) -> dict[str, Any]:
        return merged_into("web", {"web": {"redirectUris": list(uris)}})

    both, first, second = ("http://both.contoso.com/cb", "http://first.contoso.com/cb", "http://second.contoso.com/cb")
    run = diff([with_uris(both, first)], [with_uris(second, both)], "--format", "json")
    found = {
        (one["state"], one["value"])
        for one in json.loads(run.out)["findings"]
        if one["rule"] == "plaintext-redirect-uri"
    }
    assert found == {("remaining", both), ("gone", first), ("new", second)}


def test_the_worst_new_finding_is_the_first(diff: Diff) -> None:
    new = merged_into("web", {"notes": None, "web": {"redirectUris": ["http://c.contoso.com/cb", "https://*"]}})
    found = [line.split()[1] for line in diff([clean("web")], [new]).out.splitlines() if line.startswith("+")]
    assert found[0] == "critical"
    assert found == sorted(found, key=["critical", "high", "medium", "low", "info"].index)


def test_a_finding_that_could_not_be_checked_again_is_not_gone(diff: Diff) -> None:
    old = merged_into("web", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}})
    new = {name: value for name, value in old.items() if name != "web"}
    run = diff([old], [new])
    assert "(could not be checked again)\n" in run.out
    assert "0 gone" in run.out
    assert "    not read in one of the two: web\n" in run.out
    assert "0 changed" in run.out


def test_time_alone_makes_no_finding_new(diff: Diff) -> None:
    old = merged_into(
        "daemon",
        {
            "keyCredentials": [],
            "passwordCredentials": [
                {"keyId": "k", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2025-06-01T00:00:00Z"}
            ],
        },
    )
    assert diff([old], [old]).status == 0


def test_fail_on_sets_the_threshold(diff: Diff) -> None:
    new = merged_into("web", {"web": {"redirectUris": ["http://c.contoso.com/cb"]}})
    assert diff([clean("web")], [new], "--fail-on", "critical").status == 0
    assert diff([clean("web")], [new], "--fail-on", "never").status == 0
    assert diff([clean("web")], [new], "--fail-on", "severe").status == 2


def test_a_side_that_cannot_be_used_is_one_line(diff: Diff, grantlint: Callable[..., Run]) -> None:
    diff([clean("web")], [clean("web")])
    run = grantlint("diff", "old.json", "none.json")
    assert (run.status, run.out) == (2, "")
    assert run.err == "none.json: there is no such file; check the path\n"


def test_names_are_never_printed_raw(diff: Diff) -> None:
    run = diff([clean("spa")], [merged_into("web", {"displayName": "a\x1b[31m\u202e\r\n::error::x"})])
    assert not {character for character in run.out if ord(character) < 32 and character != "\n"}
    assert "\u202e" not in run.out
    assert not any(line.startswith("::error") for line in run.out.splitlines())


@pytest.mark.usefixtures("folder", "waits")
def test_two_snapshots_of_a_tenant(grantlint: Callable[..., Run], graph: GraphServer) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl.gz")
    directory = graph.graph.directory
    directory.applications = [app for app in directory.applications if app["displayName"] != "Application 1"]
    directory.applications.append(application(9))
    directory.owners[application(2)["id"]] = []
    grantlint("snapshot", "--tenant", TENANT, "-o", "new.jsonl.gz")
    run = grantlint("diff", "old.jsonl.gz", "new.jsonl.gz", "--isolated")
    assert run.status == 1
    assert "+ Application 9 (00000009-1111-4111-8111-111111111111)\n" in run.out
    assert "- Application 1 (00000001-1111-4111-8111-111111111111)\n" in run.out
    assert (
        "~ Application 2 (00000002-1111-4111-8111-111111111111)\n    owners[00000002-aaaa-4aaa-8aaa-aaaaaaaaaaaa]: "
        in run.out
    )
    assert "registrations: 1 added, 1 removed, 1 changed\n" in run.out


@pytest.mark.usefixtures("folder", "waits")
def test_an_incomplete_side_exits_with_3(grantlint: Callable[..., Run], graph: GraphServer) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "old.jsonl")
    grantlint("snapshot", "--tenant", TENANT, "--fast", "-o", "new.jsonl")
    run = grantlint("diff", "old.jsonl", "new.jsonl", "--isolated")
    assert run.status == 3
    assert run.err.startswith("exit 3: new.jsonl: ")
    assert "0 changed" in run.out
