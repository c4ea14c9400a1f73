"""``grantlint snapshot``: what was read of a tenant, in a file that gives the same report; and going on after a
break.
"""

import gc
import gzip
import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.graph_server.directory import TENANT, Directory, application, large
from tests.graph_server.faults import Fault
from tests.graph_server.server import GraphServer
from tests.reports.rows_of import rows_of

pytestmark = pytest.mark.usefixtures("graph", "waits", "folder")
Grantlint = Callable[..., Run]

FULL = (
    "Application.Read.All",
    "Directory.Read.All",
    "Policy.Read.All",
    "Policy.Read.PermissionGrant",
    "RoleManagement.Read.Directory",
)


def snapshot(grantlint: Grantlint, *arguments: str, file: str = "t.jsonl") -> Run:
    return grantlint("snapshot", "--tenant", TENANT, "-o", file, *arguments)


def report(grantlint: Grantlint, *arguments: str) -> dict[str, Any]:
    """The report of a run, without the moments at which it was made and the tenant was read."""
    grantlint("lint", *arguments, "-o", "report.json", "--today", "2026-11-24", "--isolated")
    value: dict[str, Any] = rows_of(Path("report.json").read_text())
    del value["made_at"]
    assert value["inputs"][0].pop("read_at")
    return value


def records(file: str) -> list[dict[str, Any]]:
    opener = gzip.open if file.endswith(".gz") else open
    with opener(file, "rb") as lines:  # type: ignore[operator]
        return [json.loads(line) for line in lines]


@pytest.mark.parametrize("file", ["t.jsonl", "t.jsonl.gz"])
@pytest.mark.parametrize("options", [(), ("--fast",), ("--only", "Application 3")])
def test_the_report_of_a_snapshot_is_the_report_of_the_tenant(
    grantlint: Grantlint, graph: GraphServer, file: str, options: tuple[str, ...]
) -> None:
    directory = graph.graph.directory
    directory.federated[directory.applications[3]["id"]] = [
        {
            "id": "f",
            "name": "ci",
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:a/b:*",
            "audiences": [],
        }
    ]
    snapshot(grantlint, *options, file=file)
    assert report(grantlint, file) == report(grantlint, "--tenant", TENANT, *options)


def test_what_was_not_read_is_in_the_snapshot_with_its_reason(grantlint: Grantlint, graph: GraphServer) -> None:
    graph.reset(Directory(4), frozenset(("Application.Read.All",)))
    graph.graph.directory.applications[2]["web"] = 5
    run = snapshot(grantlint)
    assert run.status == 3
    assert "authorization policy, default app management policy" in run.err
    assert "grant Policy.Read.All to the identity that reads" in run.err
    assert report(grantlint, "t.jsonl") == report(grantlint, "--tenant", TENANT)
    assert grantlint("lint", "t.jsonl").status == 3


def test_a_whole_reading_exits_with_0_and_says_what_it_wrote(grantlint: Grantlint) -> None:
    run = snapshot(grantlint)
    assert run.status == 0
    assert run.out == ""
    assert run.err.endswith("wrote t.jsonl: 6 applications\n")
    assert snapshot(grantlint, "--quiet").err == ""


def test_no_hint_secret_or_token_is_in_it_and_nobody_else_may_read_it(grantlint: Grantlint, graph: GraphServer) -> None:
    graph.graph.directory.applications[0]["passwordCredentials"][0]["secretText"] = "S3cr3t~which-graph-never-returns"
    snapshot(grantlint)
    text = Path("t.jsonl").read_text()
    assert "passwordCredentials" in text
    assert not any(word in text for word in ('"hint"', "Hi~", "S3cr3t", '"key"', "never-shown"))
    assert stat.S_IMODE(Path("t.jsonl").stat().st_mode) == 0o600
    assert [path.name for path in Path.cwd().iterdir()] == ["t.jsonl"]


def test_the_snapshot_holds_what_rules_over_the_tenant_need(grantlint: Grantlint) -> None:
    from advisor.sources.discover import read_paths
    from advisor.sources.tenant.exports import not_exported
    from advisor.sources.tenant.records import Header, not_included

    snapshot(grantlint, file="t.jsonl.gz")
    tenant = read_paths(["t.jsonl.gz"], stdin=bytes).tenants[TENANT]
    # They are read on request, or are in an export of another service.
    assert {*tenant.unread} == {*not_included(Header("", "", "")), *not_exported()}
    assert tenant.whole
    assert tenant.principals_by_app["00000002-1111-4111-8111-111111111111"].account_enabled is True
    assert [grant.scope for grant in tenant.oauth2_permission_grants or ()] == ["User.Read openid"] * 6
    assert len(tenant.app_role_assignments or ()) == 2
    assert tenant.authorization_policy
    assert tenant.authorization_policy.default_user_role_permissions
    assert tenant.organization
    assert tenant.organization.verified_domains
    for part in (
        tenant.default_app_management_policy,
        tenant.app_management_policies,
        tenant.admin_consent_request_policy,
        tenant.permission_grant_policies,
        tenant.settings,
        tenant.delegated_permission_classifications,
        tenant.conditional_access_policies,
    ):
        assert part


def test_a_break_leaves_a_part_and_the_next_run_goes_on_from_there(grantlint: Grantlint, graph: GraphServer) -> None:
    graph.reset(large(2010))
    graph.faults = [Fault(kind="call", also="$skiptoken=1998", call=lambda: os.kill(os.getpid(), signal.SIGINT))]
    run = snapshot(grantlint, "--fast")
    assert run.status == 3
    assert "kept t.jsonl.partial; run the same command again to continue" in run.err
    assert not Path("t.jsonl").exists()
    part = report(grantlint, "t.jsonl.partial", "--select", "no-owner")
    assert part["summary"]["registrations"] == 1998
    assert part["summary"]["exit_status"] == 3

    graph.faults = []
    graph.requests.clear()
    run = snapshot(grantlint, "--fast")
    assert [request.rpartition("=")[2] for request in graph.requests if "/applications" in request] == ["1998"]
    assert "wrote t.jsonl: 2,010 applications" in run.err
    ids = [record["value"]["id"] for record in records("t.jsonl") if record["record"] == "application"]
    assert len(ids) == len(set(ids)) == 2010
    assert not Path("t.jsonl.partial").exists()


# Ctrl-C may meet a connection in the middle of its making; asyncio then warns that nobody closed it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_whole_reading_that_broke_in_its_lists_is_the_same_after_going_on(
    grantlint: Grantlint, graph: GraphServer
) -> None:
    graph.reset(large(1010))
    once = report(grantlint, "--tenant", TENANT, "--select", "no-owner")
    graph.faults = [Fault(kind="call", also="$skiptoken=999", call=lambda: os.kill(os.getpid(), signal.SIGINT))]
    try:
        assert snapshot(grantlint).status == 3
    finally:
        graph.faults = []
    gc.collect()
    assert snapshot(grantlint).status == 0
    assert report(grantlint, "t.jsonl", "--select", "no-owner") == once


def test_a_page_link_that_graph_has_forgotten_begins_the_list_anew(grantlint: Grantlint, graph: GraphServer) -> None:
    graph.reset(large(1010))
    graph.faults = [Fault(kind="call", also="$skiptoken=999", call=lambda: os.kill(os.getpid(), signal.SIGINT))]
    snapshot(grantlint, "--fast")
    graph.faults = [Fault(kind="status", also="$skiptoken=999", status=400)]
    assert snapshot(grantlint, "--fast").status == 3  # for what --fast left out
    assert report(grantlint, "t.jsonl", "--select", "no-owner")["summary"]["registrations"] == 1010


def test_a_part_of_something_else_is_not_gone_on_with(grantlint: Grantlint) -> None:
    Path("t.jsonl.partial").write_text(
        '{"record":"snapshot","tenant":"fabrikam.com","endpoint":"https://graph.microsoft.com","read_at":""}\n'
    )
    run = snapshot(grantlint)
    assert run.status == 2
    assert run.err == (
        "grantlint: t.jsonl.partial contains an interrupted reading of another tenant or with other options; "
        "delete the file, or start again with --restart\n"
    )
    assert snapshot(grantlint, "--restart").status == 0


def test_a_tenant_that_cannot_be_signed_in_to_leaves_the_earlier_snapshot_alone(
    grantlint: Grantlint, graph: GraphServer
) -> None:
    snapshot(grantlint)
    before = Path("t.jsonl").read_text()
    graph.refused_tenants = {TENANT}
    run = snapshot(grantlint)
    assert run.status == 3
    assert "signing in with environment failed: AADSTS7000215" in run.err
    assert Path("t.jsonl").read_text() == before


def test_a_place_that_cannot_be_written_is_one_line(grantlint: Grantlint) -> None:
    run = snapshot(grantlint, file="none/t.jsonl")
    assert run.status == 2
    assert (
        run.err
        == "grantlint: cannot write none/t.jsonl.partial: No such file or directory; name another place with --output\n"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"record": "application", "value": {"displayName": 5}}',
            "t.jsonl:3: is not a record of a snapshot: expected a text"),
        (b'{"record": "surprise"}', "t.jsonl:3: is not a record of a snapshot: the value 'surprise' is unknown"),
        (b"\xff\xfe", "t.jsonl:3: is not a record of a snapshot"),
        (b'{"record": "policy", "part": "x", "value": {}}', "t.jsonl:3: contains no known policy"),
        (b'{"record":"snapshot","tenant":"","endpoint":"","read_at":"","format":99}',
            "was written by a later version of grantlint (format 99); update grantlint"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named(grantlint: Grantlint, line: bytes, said: str) -> None:
    snapshot(grantlint)
    lines = Path("t.jsonl").read_bytes().splitlines()
    Path("t.jsonl").write_bytes(b"\n".join([*lines[:2], line, *lines[2:]]) + b"\n")
    run = grantlint("lint", "t.jsonl")
    assert run.status == 2
    assert said in run.err.splitlines()[0]


def test_a_file_that_was_cut_off_is_read_as_the_part_that_it_is(grantlint: Grantlint) -> None:
    snapshot(grantlint)
    data = Path("t.jsonl").read_bytes()
    Path("t.jsonl").write_bytes(data[: data.rindex(b'"record":"application"')])
    run = grantlint("lint", "t.jsonl", "--fail-on", "never")
    assert run.status == 3
    assert "read in part" in run.err


def test_a_snapshot_from_before_a_part_was_read_is_whole_and_the_rules_for_that_part_say_what_to_do(
    grantlint: Grantlint,
) -> None:
    snapshot(grantlint)
    newer = (
        "conditional-access-policies",
        "permission-classifications",
        "role-definitions",
        "role-groups",
        "service-principal-owners",
    )
    lines = [
        line
        for line in Path("t.jsonl").read_text().splitlines(keepends=True)
        if {json.loads(line).get("part"), json.loads(line)["record"]}.isdisjoint(newer)
    ]
    Path("t.jsonl").write_text("".join(lines))
    found = report(grantlint, "t.jsonl")
    assert {row["status"] for row in found["inputs"]} == {"read"}
    gaps = {(gap["rule"], gap["reason"], gap["note"], gap["remedy"]) for gap in found["not_assessed"]}
    said = ("not-in-file", "the version of grantlint that read the tenant did not read this", "read the tenant again")
    assert gaps == {
        ("device-code-flow-allowed", *said),
        ("risky-permission-classified-low", *said),
        ("consent-by-custom-role", *said),
        (
            "owner-of-privileged-application",
            "not-in-file",
            "it was not read of 7 service principals",
            "read the tenant again",
        ),
        ("application-with-directory-role", *said),
    }
    assert found["summary"]["exit_status"] != 3


def test_a_compressed_file_that_was_cut_off_is_named(grantlint: Grantlint) -> None:
    snapshot(grantlint, file="t.jsonl.gz")
    Path("t.jsonl.gz").write_bytes(Path("t.jsonl.gz").read_bytes()[:-50])
    run = grantlint("lint", "t.jsonl.gz")
    assert run.status == 2
    assert run.err.startswith("t.jsonl.gz: cannot be read: ")


def test_a_folder_and_standard_input_may_hold_snapshots(
    grantlint: Grantlint, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tenants").mkdir()
    snapshot(grantlint, file="tenants/a.jsonl.gz")
    snapshot(grantlint, "--only", "Application 3", file="tenants/b.jsonl")
    rows = report(grantlint, "tenants")["inputs"]
    assert [(row["name"], row["registrations"]) for row in rows] == [(TENANT, 6), (f"{TENANT} (2)", 1)]
    with Path("tenants/b.jsonl").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert report(grantlint, "-")["summary"]["registrations"] == 1


def test_names_from_a_tenant_reach_no_terminal_raw(grantlint: Grantlint, graph: GraphServer) -> None:
    graph.graph.directory.applications[0] = application(0, displayName="a\x1b[31m\u202e\r\n::error::x\x07")
    graph.graph.directory.applications[0]["isFallbackPublicClient"] = "maybe"
    run = snapshot(grantlint)
    again = grantlint("lint", "t.jsonl")
    for text in (run.out + run.err, again.out + again.err):
        assert not {character for character in text if ord(character) < 32 and character != "\n"}
        assert "\u202e" not in text


def test_a_snapshot_from_before_directory_roles_says_that_they_were_not_read(
    grantlint: Callable[..., Run], graph: GraphServer, folder: Path
) -> None:
    grantlint("snapshot", "--tenant", TENANT, "-o", "tenant.jsonl")
    lines = Path("tenant.jsonl").read_text().splitlines()
    header = lines[0].replace('"format":3', '"format":1')
    assert header != lines[0]
    older = [line for line in lines[1:] if "directory-role" not in line]
    Path("tenant.jsonl").write_text("\n".join([header, *older, ""]))
    run = grantlint("lint", "tenant.jsonl", "--select", "application-with-directory-role", "-o", "report.json")
    report = rows_of(Path("report.json").read_text())
    assert "Not assessed: 1 rule on 1 tenant" in run.err
    assert [(gap["pointer"], gap["note"]) for gap in report["not_assessed"]] == [
        ("/roleAssignments", "the version of grantlint that read the tenant did not read this")
    ]


def test_a_snapshot_that_another_tool_wrote_again_with_spaces_is_still_one(folder: Path, grantlint: Grantlint) -> None:
    demo = Path(__file__).resolve().parents[3] / "advisor" / "demo" / "contoso-tenant.jsonl"
    (folder / "t.jsonl").write_text(
        "".join(json.dumps(json.loads(line)) + "\n" for line in demo.read_text().splitlines())
    )
    inputs = report(grantlint, "t.jsonl")["inputs"]
    assert {row["format"] for row in inputs} == {row["format"] for row in report(grantlint, str(demo))["inputs"]}


def test_a_policy_that_is_too_deep_is_one_line(folder: Path, grantlint: Grantlint) -> None:
    head = '{"record":"snapshot","tenant":"contoso.com","endpoint":"https://graph.microsoft.com","read_at":"2026-11-24T08:30:00Z"}'
    deep = "[" * 100_000 + "]" * 100_000
    (folder / "t.jsonl").write_text(f'{head}\n{{"record":"policy","part":"settings","value":{deep}}}\n')
    run = grantlint("lint", "t.jsonl", "--isolated")
    assert run.status == 2
    assert run.err.startswith("t.jsonl:2: ")
    assert len(run.err.splitlines()) == 2  # and the reason of the status


def test_a_damaged_compressed_snapshot_is_one_line(folder: Path, grantlint: Grantlint) -> None:
    whole = (Path(__file__).resolve().parents[3] / "advisor" / "demo" / "contoso-tenant.jsonl").read_bytes()
    packed = bytearray(gzip.compress(whole))
    packed[len(packed) // 2] ^= 0xFF
    (folder / "t.jsonl.gz").write_bytes(packed)
    run = grantlint("lint", "t.jsonl.gz", "--isolated")
    assert run.status == 2
    assert run.err.startswith("t.jsonl.gz")
    assert len(run.err.splitlines()) == 2
