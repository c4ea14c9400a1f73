"""The accounts of owners: what is read of them, kept in a snapshot, and not known."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.advisor.run.tenant.shown import Lint, unread
from tests.conftest import Run
from tests.graph_server.directory import TENANT, Directory, user
from tests.graph_server.server import GraphServer

DISABLED = ("--select", "disabled-owner")


def test_a_disabled_owner_is_found_and_kept_in_a_snapshot_without_more_of_the_user(
    lint: Lint, grantlint: Callable[..., Run], graph: GraphServer
) -> None:
    graph.graph.directory.disabled = {user(2)["id"]}
    _, report = lint(*DISABLED)
    (finding,) = report["findings"]
    assert (finding["severity"], finding["message"]) == (
        "low",
        "is owned by person2@contoso.com, whose account is disabled; no other owner is active",
    )
    assert unread(report) == report["not_assessed"] == []
    assert grantlint("snapshot", "--tenant", TENANT, "-o", "t.jsonl").status == 0
    kept = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    (accounts,) = [one["value"] for one in kept if one.get("part") == "owner-accounts" and "value" in one]
    assert accounts == [{"id": user(number)["id"], "accountEnabled": number != 2} for number in (0, 2, 4)]
    run = grantlint("lint", "t.jsonl", *DISABLED, "--format", "json")
    assert [one["fingerprint"] for one in json.loads(run.out)["findings"]] == [finding["fingerprint"]]


def test_without_the_permission_no_owner_counts_as_active(lint: Lint, graph: GraphServer) -> None:
    graph.reset(Directory(6), frozenset(("Application.Read.All", "Organization.Read.All")))
    run, report = lint(*DISABLED)
    assert run.status == 3
    (row,) = [row for row in unread(report) if "accounts of owners" in row["name"]]
    assert row["remedy"] == "grant User.Read.All (or Directory.Read.All) to the identity that reads"
    assert [(gap["pointer"], gap["reason"]) for gap in report["not_assessed"]] == [("/users", "refused")]


def test_a_user_whom_graph_does_not_return_is_not_known(lint: Lint, graph: GraphServer) -> None:
    graph.graph.directory.hidden = {user(2)["id"]}
    _, report = lint(*DISABLED)
    assert report["findings"] == []
    (gap,) = report["not_assessed"]
    assert gap["note"] == "Microsoft Graph did not say whether the account of person2@contoso.com is enabled"
