"""``--fix-plan`` of ``lint`` and ``report``: what is written where, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

OBJECT = "00000000-0000-4000-8000-000000000001"
MANIFEST = {
    "id": OBJECT,
    "appId": "11111111-1111-4111-8111-111111111111",
    "displayName": "Fabrikam Portal",
    "web": {"redirectUris": ["https://portal.fabrikam.example/cb", "javascript:x"]},
}
TERRAFORM = """\
resource "azuread_application" "portal" {
  display_name = "Portal"
  web {
    redirect_uris = ["https://portal.fabrikam.example/cb", "javascript:x"]
  }
}
"""


@pytest.fixture
def portal(folder: Path) -> Path:
    """A registration from which an address is to be removed."""
    file = folder / "portal.json"
    file.write_text(json.dumps(MANIFEST))
    return file


def test_a_plan_is_written_beside_the_report_and_changes_no_exit_status(portal: Path, grantlint: Callable) -> None:
    plain = grantlint("lint", portal, "--isolated")
    run = grantlint(
        "lint", portal, "--isolated", "--fix-plan", "plan.sh", "--fix-plan", "plan.ps1", "--fix-plan", "plan.http"
    )
    assert (run.status, run.out) == (plain.status, plain.out) == (1, plain.out)
    assert [line for line in run.err.splitlines() if line.startswith("wrote")] == [
        "wrote plan.sh",
        "wrote plan.ps1",
        "wrote plan.http",
    ]
    body = '{"web": {"redirectUris": ["https://portal.fabrikam.example/cb"]}}'
    url = f"https://graph.microsoft.com/v1.0/applications/{OBJECT}"
    assert f"\n    change az rest --method PATCH --url {url} --body '{body}'\n" in Path("plan.sh").read_text()
    assert f"; Body = '{body}' }}\n" in Path("plan.ps1").read_text("utf-8-sig")
    assert f"\nPATCH https://graph.microsoft.com/v1.0/applications/{OBJECT}\n" in Path("plan.http").read_text()


def test_a_stored_report_gives_the_same_plan(portal: Path, grantlint: Callable) -> None:
    grantlint("lint", portal, "--isolated", "-o", "report.json", "--fix-plan", "first.sh")
    run = grantlint("report", "report.json", "-q", "--fix-plan", "second.sh")
    assert (run.status, run.out, run.err) == (0, "", "")
    assert Path("second.sh").read_bytes() == Path("first.sh").read_bytes()


def test_a_plan_may_be_written_in_parts(portal: Path, grantlint: Callable) -> None:
    run = grantlint("lint", portal, "--isolated", "-q", "--fix-plan", "plans.sh", "--split-by", "registration")
    assert run.status == 1
    parts = list(Path().glob("plans-*.sh"))
    assert len(parts) == 1
    assert "apply_1=no" in parts[0].read_text()


def test_what_the_baseline_knows_is_not_planned(portal: Path, grantlint: Callable) -> None:
    grantlint("lint", portal, "--isolated", "--write-baseline", "known.json")
    run = grantlint("lint", portal, "--isolated", "--baseline", "known.json", "--fix-plan", "plan.sh")
    assert run.status == 0
    assert "There is nothing to fix." in Path("plan.sh").read_text()


def test_a_registration_that_terraform_defines_is_fixed_there(folder: Path, grantlint: Callable) -> None:
    (folder / "main.tf").write_text(TERRAFORM)
    grantlint("lint", "main.tf", "--isolated", "--fix-plan", "plan.sh")
    text = Path("plan.sh").read_text()
    assert "# [ ] in the file: main.tf:4, azuread_application.portal.web.redirect_uris[1] (remove)" in text
    assert "az rest" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--fix-plan", "plan.txt"],
            "no fix plan has the suffix of 'plan.txt'; end the name in one of .http (requests to Graph",
        ),
        (["--fix-plan", "plan.json"], "no fix plan has the suffix"),
        (["--fix-plan", "plan.sh", "--redact", "names"], "a redacted report has no values to plan with"),
        (["--fix-plan", "nowhere/plan.sh"], "cannot write nowhere/plan.sh"),
        (["-o", "plan.sh"], "no format has the suffix of 'plan.sh'"),
    ],
)
def test_what_cannot_be_planned_is_one_clear_line(
    portal: Path, grantlint: Callable, arguments: list[str], said: str
) -> None:
    run = grantlint("lint", portal, "--isolated", *arguments)
    assert run.status == 2
    assert said in run.err
    assert run.out == ""
    assert not list(portal.parent.glob("plan.*"))


def test_requests_for_a_snapshot_go_to_the_graph_that_it_was_read_from(folder: Path, grantlint: Callable) -> None:
    header = {
        "record": "snapshot",
        "tenant": "contoso.us",
        "endpoint": "https://graph.microsoft.us",
        "read_at": "2026-11-30T00:00:00Z",
    }
    lines = [header, {"record": "application", "value": MANIFEST}]
    (folder / "tenant.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    grantlint("lint", "tenant.jsonl", "--isolated", "-o", "report.json", "--fix-plan", "plan.sh")
    text = Path("plan.sh").read_text()
    assert f"--method PATCH --url https://graph.microsoft.us/v1.0/applications/{OBJECT} " in text
    assert "graph.microsoft.com" not in text
    grantlint("report", "report.json", "--fix-plan", "again.sh")
    assert Path("again.sh").read_text() == text
