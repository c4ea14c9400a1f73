"""``grantlint report`` and what it shares with ``lint``: formats by name, parts, comparison, redaction."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

MANIFEST = {
    "appId": "11111111-1111-4111-8111-111111111111",
    "displayName": "Fabrikam Portal",
    "web": {"redirectUris": ["http://fabrikam.example/cb"]},
    "owners": [
        {"id": "1", "displayName": "Ann", "userPrincipalName": "ann@fabrikam.example"},
        {"id": "2", "displayName": "Ben"},
    ],
}


@pytest.fixture
def stored(folder: Path, grantlint: Callable) -> Path:
    """A stored report of one registration with two owners."""
    (folder / "portal.json").write_text(json.dumps(MANIFEST))
    run = grantlint("lint", "portal.json", "-o", "report.json", "--isolated", "--fail-on", "never", "--no-posture")
    assert run.status == 0, run.err
    return folder / "report.json"


def test_a_stored_report_shows_what_the_run_showed(stored: Path, grantlint: Callable) -> None:
    first = grantlint("lint", "portal.json", "--isolated")
    again = grantlint("report", stored)
    assert again.out == first.out
    assert (first.status, again.status) == (1, 0)
    assert "exit" not in again.err


@pytest.mark.parametrize(
    "format", ["json", "sarif", "junit", "gitlab", "csv", "markdown", "github", "azure", "html", "github-summary"]
)
def test_a_stored_report_is_shown_in_any_format(stored: Path, grantlint: Callable, format: str) -> None:
    run = grantlint("report", stored, "--format", format)
    assert run.status == 0
    assert "Fabrikam Portal" in run.out


def test_standard_output_is_no_file(stored: Path, grantlint: Callable) -> None:
    run = grantlint("report", stored, "-o", "json:-")
    assert run.status == 2
    assert "-o writes files, and 'json:-' names standard output; say --format json instead" in run.err
    assert not Path("-").exists()


def test_files_are_written_by_their_ending_or_by_name(stored: Path, grantlint: Callable) -> None:
    run = grantlint(
        "report",
        stored,
        "-q",
        *["-o", "a.sarif", "-o", "b.xml", "-o", "gl-code-quality-report.json", "-o", "github:c.txt", "-o", "json:d"],
    )
    assert (run.status, run.out, run.err) == (0, "", "")
    assert json.loads(Path("a.sarif").read_text())["version"] == "2.1.0"
    assert fromstring(Path("b.xml").read_text()).tag == "testsuites"
    assert json.loads(Path("gl-code-quality-report.json").read_text())[0]["check_name"]
    assert Path("c.txt").read_text().startswith("::")
    assert Path("d").read_text() == stored.read_text()


def test_a_report_is_read_from_standard_input(
    stored: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stored.open("rb") as file:
        monkeypatch.setattr("sys.stdin", type("Stream", (), {"buffer": file})())
        assert "Fabrikam Portal" in grantlint("report", "-").out


def test_a_split_report_has_a_file_for_each_owner_and_an_index(stored: Path, grantlint: Callable) -> None:
    Path("parts").mkdir()
    run = grantlint("report", stored, "--split-by", "owner", "-o", "parts/r.html", "-o", "parts/r.sarif")
    assert run.status == 0, run.err
    names = sorted(path.name for path in Path("parts").iterdir())
    assert len(names) == 6
    index = Path("parts/r.html").read_text()
    for name in names:
        assert name == "r.html" or name.endswith((".sarif", ".csv")) or f'href="{name}"' in index
    with Path("parts/r-index.csv").open(newline="") as file:
        assert [row["part"] for row in csv.DictReader(file)] == ["ann@fabrikam.example", "Ben"]


def test_parts_in_markdown_have_an_index_with_links(stored: Path, grantlint: Callable) -> None:
    run = grantlint("report", stored, "--split-by", "owner", "-o", "parts/r.md")
    assert run.status == 0, run.err
    index = Path("parts/r.md").read_text()
    assert "| part | registrations | critical |" in index
    for path in Path("parts").glob("r-*.md"):
        assert f"](<{path.name}>)" in index


def test_parts_get_their_folder(stored: Path, grantlint: Callable) -> None:
    run = grantlint("report", stored, "--split-by", "owner", "-o", "owners/all/report.html")
    assert run.status == 0, run.err
    assert (stored.parent / "owners" / "all" / "report.html").is_file()
    (stored.parent / "taken").write_text("")
    refused = grantlint("report", stored, "--split-by", "owner", "-o", "taken/report.html")
    assert (refused.status, refused.err) == (2, "grantlint: cannot write taken: File exists; name another place\n")


def test_a_stored_report_in_a_folder_holds_no_registrations(stored: Path, grantlint: Callable) -> None:
    """Its rows have names, ids and owners, as registrations do."""
    run = grantlint("lint", ".", "--isolated", "--format", "json")
    assert [row["origin"]["file"] for row in json.loads(run.out)["registrations"]] == ["portal.json"]
    named = grantlint("lint", "report.json", "--isolated")
    assert named.status == 2
    assert named.err.startswith("report.json: contains a report of grantlint, which grantlint report shows;")


def test_lint_splits_too(stored: Path, grantlint: Callable) -> None:
    run = grantlint("lint", "portal.json", "--isolated", "--split-by", "registration", "-o", "r.md")
    assert run.status == 1
    assert len([*Path().glob("r-fabrikam-portal-*.md")]) == 1


def test_parts_need_a_place(stored: Path, grantlint: Callable) -> None:
    run = grantlint("report", stored, "--split-by", "owner")
    assert (run.status, run.out) == (2, "")
    assert run.err == "grantlint: --split-by writes files and none is named; add -o DIRECTORY/report.html\n"


def test_a_report_without_registrations_cannot_be_split(stored: Path, grantlint: Callable) -> None:
    report = json.loads(stored.read_text())
    stored.write_text(json.dumps({**report, "registrations": []}))
    run = grantlint("report", stored, "--split-by", "owner", "-o", "r.html")
    assert run.status == 2
    assert "no registration was checked, so the report cannot be split" in run.err
    assert not Path("r.html").exists()


def test_a_report_is_set_against_earlier_ones(stored: Path, grantlint: Callable) -> None:
    (stored.parent / "portal.json").write_text(
        json.dumps({**MANIFEST, "web": {"redirectUris": ["https://a.example/cb"]}})
    )
    run = grantlint("lint", "portal.json", "--isolated", "--since", stored, "-o", "new.json", "-v")
    assert " fixed, " in run.err
    trend = json.loads(Path("new.json").read_text())["trend"]
    assert [run["open"] for run in trend["runs"]] == [len(json.loads(stored.read_text())["findings"])]
    assert "plaintext-redirect-uri" in [row["rule"] for row in trend["gone"]]


def test_a_redacted_report_holds_no_name(stored: Path, grantlint: Callable) -> None:
    run = grantlint("report", stored, "--redact", "ids", "-o", "r.html", "-o", "r.json")
    assert run.status == 0
    text = run.out + run.err + Path("r.html").read_text() + Path("r.json").read_text()
    assert "fabrikam" not in text.casefold()
    assert MANIFEST["appId"] not in text
    assert "Registration 1" in run.out


def test_findings_without_a_file_are_attached_to_the_anchor(stored: Path, grantlint: Callable) -> None:
    report = json.loads(stored.read_text())
    for finding in report["findings"]:
        finding["origin"] = {"property": "web"}
    stored.write_text(json.dumps(report))
    (run,) = json.loads(grantlint("report", stored, "--format", "sarif", "--sarif-anchor", "apps/main.tf").out)["runs"]
    uris = {row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for row in run["results"]}
    assert uris == {"apps/main.tf"}


def test_the_anchor_of_a_run_is_its_configuration_file(stored: Path, grantlint: Callable) -> None:
    Path("grantlint.toml").write_text('fail-on = "never"\n')
    grantlint("lint", "portal.json", "-o", "r.json")
    assert json.loads(Path("r.json").read_text())["anchor"] == "grantlint.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "nothing.json: the report does not exist; make one with grantlint lint PATH -o report.json\n"),
        ("{}", "nothing.json: is not a grantlint report: "),
        ("[", "nothing.json: is not a grantlint report: "),
        ('{"version": 2}', "nothing.json: is not a grantlint report: "),
    ],
)
def test_what_is_no_report_is_one_line_and_status_2(
    folder: Path, grantlint: Callable, text: str | None, said: str
) -> None:
    if text is not None:
        (folder / "nothing.json").write_text(text)
    run = grantlint("report", "nothing.json")
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith(said)
    assert run.err.count("\n") == 1


def test_a_broken_earlier_report_spoils_nothing(stored: Path, grantlint: Callable) -> None:
    Path("old.json").write_text("[]")
    run = grantlint("report", stored, "--since", "old.json", "-o", "r.html")
    assert run.status == 2
    assert run.err.startswith("old.json: is not a grantlint report")
    assert not Path("r.html").exists()


def test_links_are_made_only_where_they_are_wished(
    stored: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_HYPERLINK", raising=False)
    assert "\x1b]8" not in grantlint("report", stored, "--color", "always").out
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    assert f"\x1b]8;;{Path.cwd().as_uri()}/portal.json\x1b\\" in grantlint("report", stored).out


def test_who_answers_by_the_configuration_stands_for_an_owner_that_nobody_read(
    folder: Path, grantlint: Callable
) -> None:
    for name in ("Portal", "Other"):
        (folder / f"{name}.json").write_text(
            json.dumps({"displayName": name, "web": {"redirectUris": ["http://a.example/"]}})
        )
    (folder / "grantlint.toml").write_text('[registrations."Port*"]\nowner = "team@contoso.example"\n')
    grantlint("lint", ".", "-o", "r.json", "-q")
    owners = {row["name"]: row.get("owners") for row in json.loads(Path("r.json").read_text())["registrations"]}
    assert owners == {"Portal": [{"address": "team@contoso.example"}], "Other": None}


def test_a_secret_that_an_earlier_version_stored_is_not_shown(stored: Path, grantlint: Callable) -> None:
    text = stored.read_text().replace(
        "http://fabrikam.example/cb", "http://fabrikam.example/cb?client_secret=Zq9-marker"
    )
    assert "Zq9-marker" in text
    stored.write_text(text)
    for shown_as in ("text", "json", "html", "sarif", "csv"):
        run = grantlint("report", stored, "--format", shown_as)
        assert "Zq9-marker" not in run.out + run.err
        assert "(hidden)" in run.out or shown_as == "csv"
