"""``lint --fix``, ``--diff`` and ``--unsafe-fixes``: what is written, what is printed, and the exit status."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Run

MANIFEST = """{
  "displayName": "Portal", // of Contoso
  "web": {
    "redirectUris": ["https://a.contoso.com/cb", "http://b.contoso.com/cb"],
    "homePageUrl": "http://www.contoso.com"
  }
}
"""
SELECT = ("--isolated", "--select", "plaintext-redirect-uri", "--select", "plaintext-information-url")


@pytest.fixture
def manifest(folder: Path) -> Path:
    path = folder / "manifest.json"
    path.write_text(MANIFEST, "utf-8")
    return path


def test_safe_fixes_are_written_and_what_remains_is_reported(manifest: Path, grantlint: Callable[..., Run]) -> None:
    run = grantlint("lint", "manifest.json", "--fix", *SELECT)
    assert run.status == 1
    assert "1 fixed, 1 remaining; 1 more with --unsafe-fixes\n" in run.err
    assert "plaintext-redirect-uri" in run.out
    assert "plaintext-information-url" not in run.out
    assert manifest.read_text("utf-8") == MANIFEST.replace("http://www", "https://www")


def test_when_everything_is_fixed_the_exit_status_is_0(manifest: Path, grantlint: Callable[..., Run]) -> None:
    run = grantlint("lint", "manifest.json", "--fix", "--unsafe-fixes", *SELECT)
    assert (run.status, "2 fixed, 0 remaining\n" in run.err) == (0, True)
    assert manifest.read_text("utf-8") == MANIFEST.replace("http:", "https:")


def test_a_diff_is_printed_and_nothing_is_written(manifest: Path, grantlint: Callable[..., Run]) -> None:
    run = grantlint("lint", "manifest.json", "--diff", *SELECT)
    assert run.status == 1
    assert run.out.startswith("--- a/manifest.json\n+++ b/manifest.json\n@@ -2,6 +2,6 @@\n")
    assert '\n-    "homePageUrl": "http://www.contoso.com"\n+    "homePageUrl": "https://www.contoso.com"\n' in run.out
    assert "1 would be fixed, 1 remaining; 1 more with --unsafe-fixes\n" in run.err
    assert manifest.read_text("utf-8") == MANIFEST


def test_a_diff_without_changes_exits_with_0(manifest: Path, grantlint: Callable[..., Run]) -> None:
    manifest.write_text(MANIFEST.replace("http:", "https:"), "utf-8")
    assert grantlint("lint", "manifest.json", "--diff", "--unsafe-fixes", *SELECT)[:2] == (0, "")


def test_lint_says_how_many_findings_are_fixable(manifest: Path, grantlint: Callable[..., Run]) -> None:
    run = grantlint("lint", "manifest.json", *SELECT)
    assert "Up to 1 fixable with --fix, 1 more with --unsafe-fixes.\n" in run.err


def edits(run: Run) -> list[tuple[str, int]]:
    """The applicability of each finding of a report in JSON, and how many replacements it has."""
    found = (finding["edit"] for finding in json.loads(run.out)["findings"])
    return [(one["applicability"], len(one.get("replacements", ()))) for one in found]


def test_edits_are_composed_for_sarif_alone(manifest: Path, grantlint: Callable[..., Run]) -> None:
    arguments = ("lint", "manifest.json", "--format", "json", *SELECT)
    assert sorted(edits(grantlint(*arguments))) == [("safe", 0), ("unsafe", 0)]
    assert sorted(edits(grantlint(*arguments, "-o", "report.sarif"))) == [("safe", 1), ("unsafe", 1)]
    results = json.loads(Path("report.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert [len(one["fixes"]) for one in results] == [1, 1]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither these modes nor links without a privilege")
def test_mode_and_links_stay(manifest: Path, grantlint: Callable[..., Run]) -> None:
    manifest.chmod(0o640)
    link = manifest.with_name("link.json")
    link.symlink_to("manifest.json")
    grantlint("lint", "link.json", "--fix", *SELECT)
    assert link.is_symlink()
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640
    assert manifest.read_text("utf-8") != MANIFEST
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["link.json", "manifest.json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_stays(manifest: Path, grantlint: Callable[..., Run], encoding: str) -> None:
    text = MANIFEST.replace("Portal", "Büro").replace("\n", "\r\n")
    manifest.write_bytes(text.encode(encoding))
    grantlint("lint", "manifest.json", "--fix", *SELECT)
    assert manifest.read_bytes() == text.replace("http://www", "https://www").encode(encoding)


def test_a_value_that_a_placeholder_fills_is_not_touched(manifest: Path, grantlint: Callable[..., Run]) -> None:
    text = MANIFEST.replace("http://www.contoso.com", "http://${{HOST}}")
    manifest.write_text(text, "utf-8")
    Path("env").mkdir()
    Path("env/.env.dev").write_text("HOST=www.contoso.com\n", "utf-8")
    run = grantlint("lint", "manifest.json", "--fix", *SELECT)
    assert "it is written in another form at manifest.json:5; change it there" in run.err
    assert manifest.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("manifest.json", "--unsafe-fixes"), "--unsafe-fixes changes nothing alone"),
        (("--tenant", "contoso.com", "--fix"), "--fix and --diff change files, and --tenant reads a tenant"),
        (("-", "--diff"), "--fix and --diff change files, and - is standard input"),
        (("manifest.json", "--diff", "-o", "r.json"), "--diff prints the fixes and no report"),
        (("manifest.json", "--diff", "--format", "sarif"), "--diff prints the fixes and no report"),
    ],
)
def test_what_cannot_be_fixed_is_a_usage_error(
    manifest: Path, grantlint: Callable[..., Run], arguments: tuple[str, ...], said: str
) -> None:
    run = grantlint("lint", *arguments)
    assert run.status == 2
    assert said in run.err


def test_secrets_are_not_in_the_diff(folder: Path, grantlint: Callable[..., Run]) -> None:
    secret = "Abc8Q~" + "d" * 34
    text = MANIFEST.replace('"homePageUrl"', f'"secretText": "{secret}",\n    "homePageUrl"')
    Path("manifest.json").write_text(text, "utf-8")
    run = grantlint("lint", "manifest.json", "--diff", *SELECT)
    assert '+    "homePageUrl"' in run.out
    assert secret not in run.out


def test_a_diff_names_an_input_that_was_not_read(manifest: Path, grantlint: Callable[..., Run]) -> None:
    run = grantlint("lint", "missing.json", "manifest.json", "--diff", *SELECT)
    assert run.status == 2
    assert "missing.json: " in run.err
    assert run.out.startswith("--- a/manifest.json\n")


def test_after_a_fix_nothing_is_called_fixable_and_lines_are_those_of_the_written_file(
    folder: Path, grantlint: Callable[..., Run]
) -> None:
    Path("main.tf").write_text(
        'resource "azuread_application" "portal" {\n  display_name = "Portal"\n  web {\n    redirect_uris = [\n'
        '      "https://oauth.pstmn.io/v1/callback",\n      "https://a.contoso.com/",\n    ]\n'
        '    homepage_url = "http://${var.h}"\n  }\n}\nvariable "h" {}\n',
        "utf-8",
    )
    Path("terraform.tfvars").write_text('h = "www.contoso.com"\n', "utf-8")
    chosen = ("--isolated", "--select", "debugging-redirect-host", "--select", "plaintext-information-url")
    run = grantlint("lint", ".", "--fix", "--unsafe-fixes", *chosen)
    line = Path("main.tf").read_text("utf-8").split("\n").index('    homepage_url = "http://${var.h}"') + 1
    assert line == 7
    said = (
        f"main.tf:{line}: plaintext-information-url not fixed: an expression at main.tf:{line} sets it; change it there"
    )
    assert f"{said}\n" in run.err
    assert "fixable" not in run.err
