"""``grantlint lint`` from end to end: what people see, on which stream, with which exit status."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import clean, merged_into

OLD_MANIFEST = """{
  "id": "00000000-0000-4000-8000-00000000000a",
  "appId": "11111111-1111-4111-8111-11111111111a",
  "name": "Contoso Portal",
  "oauth2AllowImplicitFlow": true,
  "replyUrlsWithType": [
    { "url": "https://portal.contoso.com/cb", "type": "Web" },
    { "url": "http://portal.contoso.com/cb", "type": "Web" }
  ],
  "signInAudience": "AzureADMyOrg"
}
"""


def write(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2), "utf-8")
    return path


def test_a_finding_names_line_column_and_the_property_of_the_users_own_file(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", "portal.json")
    assert "portal.json:5:30: high implicit-access-token\n" in run.out
    assert '  5 |   "oauth2AllowImplicitFlow": true,\n' in run.out
    assert "portal.json:8:14: high plaintext-redirect-uri\n" in run.out
    assert "  Contoso Portal " in run.out
    assert run.status == 1
    assert run.err.endswith("exit 1: findings at or above low\n")


def test_a_line_is_never_wider_than_80_columns_in_a_pipe_unless_it_is_an_address(
    folder: Path, grantlint: Callable
) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", "portal.json")
    assert [line for line in (run.out + run.err).splitlines() if len(line) > 80] == []


def test_concise_is_one_line_for_each_finding(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", "portal.json", "--concise")
    assert all(line.startswith("portal.json:") for line in run.out.splitlines())
    assert len(run.out.splitlines()) >= 2


def test_what_a_file_leaves_out_is_not_assessed_and_never_clean(folder: Path, grantlint: Callable) -> None:
    write(
        folder,
        "small.json",
        {"appId": "11111111-1111-4111-8111-11111111111a", "displayName": "Small", "web": {"redirectUris": []}},
    )
    run = grantlint("lint", "small.json")
    assert run.status == 0
    assert "Not assessed: " in run.err
    assert "no findings in the values that were read" in run.err


def test_the_five_clean_registrations_are_clean(folder: Path, grantlint: Callable) -> None:
    write(folder, "apps.json", {"value": [clean(kind) for kind in ("web", "spa", "native", "daemon", "api")]})
    run = grantlint("lint", "apps.json", "--today", "2026-01-15", "--no-posture")
    assert run.out == ""
    assert run.err.startswith("5 registrations checked with ")
    assert run.status == 0


def test_quiet_says_nothing_when_there_is_nothing_to_fail_for(folder: Path, grantlint: Callable) -> None:
    write(folder, "apps.json", {"value": [clean("web")]})
    assert grantlint("lint", "apps.json", "--quiet", "--today", "2026-01-15") == (0, "", "")


def test_standard_input_is_a_dash(folder: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.write(writer, OLD_MANIFEST.encode())
    os.close(writer)
    with os.fdopen(reader, "r") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        run = grantlint("lint", "-", "--concise")
    assert "-:5:30: high implicit-access-token" in run.out


def test_fail_on_never_hides_a_finding(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    low, never = grantlint("lint", "portal.json"), grantlint("lint", "portal.json", "--fail-on", "never")
    assert low.out == never.out
    assert (low.status, never.status) == (1, 0)


def test_select_and_ignore_name_rules_or_families(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    only = grantlint("lint", "portal.json", "--select", "implicit", "--concise").out
    assert "implicit-access-token" in only
    assert "plaintext" not in only
    without = grantlint("lint", "portal.json", "--ignore", "implicit-access-token", "--concise").out
    assert "implicit-access-token" not in without


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.json", '{"appId": "x",\n "web": {"redirectUris": [}\n', "bad.json:2:"),
        ("empty.json", "", "empty.json"),
        ("other.json", '{"name": "left-pad", "version": "1.0.0"}', "other.json"),
        (
            "error.json",
            '{"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}',
            "Insufficient privileges",
        ),
        ("types.json", {**clean("web"), "isFallbackPublicClient": "yes"}, "types.json:"),
    ],
)
def test_bad_input_is_one_line_and_the_rest_is_still_linted(
    folder: Path, grantlint: Callable, name: str, text: Any, said: str
) -> None:
    write(folder, name, text)
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", name, "portal.json", "--concise")
    assert run.status == 2
    assert "portal.json:5:30: high implicit-access-token" in run.out
    line = run.err.splitlines()[0]
    assert said in line
    assert line.startswith(name)
    assert "; " in line
    assert "Traceback" not in run.err


def test_a_missing_file_and_an_empty_folder_are_bad_input(folder: Path, grantlint: Callable) -> None:
    (folder / "nothing").mkdir()
    run = grantlint("lint", "none.json", "nothing")
    assert run.status == 2
    assert run.err.splitlines()[0].startswith("none.json: ")
    assert run.err.splitlines()[1].startswith("nothing: ")
    assert "exit 2: nothing could be checked" in run.err


def test_a_page_that_goes_on_elsewhere_is_read_in_part_and_exits_with_3(folder: Path, grantlint: Callable) -> None:
    page = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/applications?$skiptoken=x", "value": [clean("web")]}
    write(folder, "page.json", page)
    run = grantlint("lint", "page.json", "--today", "2026-01-15")
    assert run.status == 3
    assert "exit 3: page.json was read in part" in run.err


def test_several_reports_are_written_and_their_formats_follow_the_suffix(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", "portal.json", "-o", "r.html", "-o", "r.json", "-o", "r.txt", "--format", "json")
    assert json.loads(run.out) == json.loads((folder / "r.json").read_text())
    assert (folder / "r.html").read_text().startswith("<!doctype html>")
    assert "implicit-access-token" in (folder / "r.txt").read_text()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_report_that_cannot_be_written_is_one_line(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    run = grantlint("lint", "portal.json", "-o", "none/r.html")
    assert run.status == 2
    assert run.err.startswith("grantlint: cannot write none/r.html: No such file or directory; name another place")


def test_names_from_a_registration_reach_no_terminal_raw(folder: Path, grantlint: Callable) -> None:
    name = "a\x1b[31m\u202eb\r\n::error::forged\x07"
    app = merged_into("web", {"displayName": name, "web": {"redirectUris": ["http://e.example/\x1b]8;;x\x07"]}})
    write(folder, "hostile.json", app)
    for arguments in ([], ["--concise"], ["-o", "r.txt"]):
        run = grantlint("lint", "hostile.json", *arguments)
        text = run.out + run.err
        assert not {character for character in text if ord(character) < 32 and character != "\n"}
        assert "\u202e" not in text
        assert not any(line.startswith("::error") for line in text.splitlines())


def test_color_obeys_the_option_then_no_color(
    folder: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    assert "\x1b[" not in grantlint("lint", "portal.json").out
    assert "\x1b[" in grantlint("lint", "portal.json", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in grantlint("lint", "portal.json").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in grantlint("lint", "portal.json").out


def test_the_configuration_above_the_folder_holds_and_isolated_leaves_it_out(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    write(folder, "grantlint.toml", 'select = ["implicit"]\nfail-on = "critical"\n')
    run = grantlint("lint", "portal.json", "--concise")
    assert run.status == 0
    assert "plaintext" not in run.out
    assert grantlint("lint", "portal.json", "--isolated").status == 1


def test_a_wrong_configuration_is_one_line_with_its_place(folder: Path, grantlint: Callable) -> None:
    write(folder, "portal.json", OLD_MANIFEST)
    path = write(folder, "grantlint.toml", 'ignore = ["implicit-acess-token"]\n')
    run = grantlint("lint", "portal.json")
    assert run.status == 2
    assert run.err == (
        f"{path}:1:11: unknown rule or family 'implicit-acess-token' in ignore; did you mean 'implicit-access-token'?\n"
    )


def test_the_same_run_gives_the_same_fingerprints_after_moving_and_reordering(
    folder: Path, grantlint: Callable
) -> None:
    apps = [
        merged_into("web", {"web": {"redirectUris": ["http://a.example/", "https://b.example/*"]}}),
        merged_into("spa", {"spa": {"redirectUris": ["http://c.example/"]}}),
    ]
    write(folder, "a/apps.json", {"value": apps})
    turned = [json.loads(json.dumps(app)) for app in reversed(apps)]
    turned[1]["web"]["redirectUris"].reverse()
    write(folder, "b/other.json", turned)
    prints = [
        sorted(
            finding["fingerprint"]
            for finding in json.loads(grantlint("lint", name, "--format", "json").out)["findings"]
        )
        for name in ("a", "b")
    ]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == len(prints[0])
