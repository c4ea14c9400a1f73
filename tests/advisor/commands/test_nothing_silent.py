"""Nothing that is configured is silently without effect."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rules.model.clean import merged_into
from tests.advisor.commands.test_against import write

DAY = ("--today", "2026-01-15")
RULE = "plaintext-redirect-uri"
URI = "http://a.contoso.com/"


def app(path: Path, name: str, **more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged_into("web", {"displayName": name, **more}), indent=2))


def rows(run: Any) -> list[tuple[str, str, int | None]]:
    return [
        (row["rule"], row["origin"]["file"], row["origin"].get("line"))
        for row in json.loads(run.out)["findings"]
        if row["state"] == "new"
    ]


UNMATCHED = '[registrations."Nobody"]\nowner = "x"\n[[override]]\nregistration = "Nobody*"\nignore = ["no-owner"]\n'


def test_entries_without_a_registration_are_findings_where_all_was_read(folder: Path, grantlint: Callable) -> None:
    app(folder / "apps" / "a.json", "Portal")
    (folder / "grantlint.toml").write_text(UNMATCHED)
    run = grantlint("lint", ".", "--format", "json", *DAY)
    assert rows(run) == [
        ("unmatched-configuration", "grantlint.toml", 1),
        ("unmatched-configuration", "grantlint.toml", 3),
    ]
    assert run.status == 1
    (folder / "grantlint.toml").write_text('ignore = ["unmatched-configuration"]\n' + UNMATCHED)
    assert grantlint("lint", ".", *DAY).status == 0


def test_in_a_part_of_the_folder_they_are_a_note_and_for_files_nothing(folder: Path, grantlint: Callable) -> None:
    app(folder / "apps" / "a.json", "Portal")
    (folder / "grantlint.toml").write_text(UNMATCHED)
    part = grantlint("lint", "apps", *DAY)
    assert part.status == 0
    said = " ".join(part.err.split())
    assert (
        'no registration matches: [registrations."Nobody"] (grantlint.toml, line 1), the override for Nobody*' in said
    )
    assert "Nobody" not in grantlint("lint", "apps/a.json", *DAY).err


def test_entries_of_a_profile_may_be_for_other_folders(folder: Path, grantlint: Callable) -> None:
    app(folder / "a.json", "Portal")
    suppress = f'[[suppress]]\nrule = "{RULE}"\nreason = "x"\n'
    (folder / "org.toml").write_text(UNMATCHED + suppress)
    (folder / "grantlint.toml").write_text('profile = "org.toml"\n')
    run = grantlint("lint", ".", *DAY)
    assert (run.status, "Nobody" in run.err) == (0, False)


@pytest.mark.parametrize(
    ("notes", "value"),
    [
        ("grantlint: grant=auth_code", "grant=auth_code"),
        ("Owned by web. grantlint: grant authorization_code", "grant authorization_code"),
        ("GrantLint: grnt=hybrid; more", "grnt=hybrid"),
        ("grantlint: grant=authorization_code", None),
        ("Checked with grantlint: all is well.", None),
    ],
)
def test_a_declaration_in_notes_that_is_not_understood_is_a_finding(
    folder: Path, grantlint: Callable, notes: str, value: str | None
) -> None:
    app(folder / "a.json", "Portal", notes=notes)
    run = grantlint("lint", "a.json", "--format", "json", *DAY)
    found = [row["value"] for row in json.loads(run.out)["findings"] if row["rule"] == "unknown-declared-grant"]
    assert found == ([value] if value else [])


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--select", "implicit", "--ignore", "implicit"), "no rule is selected; see select, ignore and severity of"),
        (("--select", "secret-addition-allowed"), "the selected rules check only tenants"),
        (("--select", "dangling-cname"), "needs --resolve-hosts"),
    ],
)
def test_a_run_without_a_rule_is_an_error(
    folder: Path, grantlint: Callable, options: tuple[str, ...], what: str
) -> None:
    app(folder / "a.json", "Portal")
    run = grantlint("lint", "a.json", *options)
    assert (run.status, run.out, run.err.count("\n")) == (2, "", 1)
    assert what in run.err


def test_a_selection_of_the_configuration_that_needs_dns_is_an_error_too(folder: Path, grantlint: Callable) -> None:
    app(folder / "a.json", "Portal")
    (folder / "grantlint.toml").write_text('select = ["dangling-cname"]\n')
    run = grantlint("lint", "a.json")
    assert (run.status, "add --resolve-hosts" in run.err) == (2, True)


@pytest.fixture
def with_folders(folder: Path) -> Path:
    """Two teams, one of which has a file of its own, below a profile of the organization."""
    write(folder / "web" / "a.json", URI)
    write(folder / "web" / "deep" / "b.json", URI)
    write(folder / "jobs" / "c.json", URI)
    (folder / "org.toml").write_text('fail-on = "low"\nlock = ["fail-on", "settings"]\n')
    (folder / "grantlint.toml").write_text('profile = "org.toml"\n')
    return folder


def test_a_file_in_a_folder_is_for_the_registrations_there(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "web" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    (with_folders / "web" / "deep" / "grantlint.toml").write_text(f'[severity]\n{RULE} = "critical"\n')
    run = grantlint("lint", ".", "--select", RULE, "--format", "json", *DAY)
    found = [(row["severity"], row["origin"]["file"]) for row in json.loads(run.out)["findings"]]
    assert sorted(found) == [("critical", "web/deep/b.json"), ("high", "jobs/c.json")]


def test_its_suppressions_and_declarations_are_for_that_folder_too(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "web" / "grantlint.toml").write_text(f'[[suppress]]\nrule = "{RULE}"\nreason = "legacy"\n')
    run = grantlint("lint", ".", "--select", RULE, "--format", "json", *DAY)
    states = {row["origin"]["file"]: row["state"] for row in json.loads(run.out)["findings"]}
    assert states == {"web/a.json": "suppressed", "web/deep/b.json": "suppressed", "jobs/c.json": "new"}


def test_what_the_profile_locks_cannot_be_set_in_a_folder(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "web" / "grantlint.toml").write_text("[settings]\nmax-secret-days = 900\n")
    run = grantlint("lint", ".", *DAY)
    assert run.status == 2
    assert "settings.max-secret-days is locked by" in run.err
    assert "web/grantlint.toml:2:1: " in run.err.replace("\\", "/")


def test_keys_for_a_whole_run_are_named_as_without_effect_in_a_folder(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "web" / "grantlint.toml").write_text('profile = "strict"\nselect = ["implicit"]\n')
    run = grantlint("lint", ".", *DAY)
    assert "web/grantlint.toml: profile, select have no effect in a folder of the run" in " ".join(run.err.split())


def test_the_baseline_has_entries_without_effect_too(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "grantlint.toml").write_text('[registrations."Nobody"]\nowner = "web-team"\n')
    lint = ("lint", ".", "--select", "no-owner", *DAY)
    grantlint(*lint, "--write-baseline", "known.json")
    run = grantlint(*lint, "--baseline", "known.json", "--format", "json")
    idle = [one for one in json.loads(run.out)["findings"] if one["rule"] == "unmatched-configuration"]
    assert [one["state"] for one in idle] == ["known"]
    assert "no longer" not in run.out


def test_a_rule_that_the_run_ignores_cannot_be_rated_in_a_folder(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "grantlint.toml").write_text('ignore = ["ownership"]\n')
    (with_folders / "web" / "grantlint.toml").write_text('[severity]\nno-owner = "high"\n')
    run = grantlint("lint", ".", *DAY)
    assert "web/grantlint.toml: severity of no-owner has no effect" in " ".join(run.err.split())


def test_a_file_that_the_command_line_names_is_for_all_folders(with_folders: Path, grantlint: Callable) -> None:
    (with_folders / "web" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    run = grantlint("lint", ".", "--config", "grantlint.toml", "--select", RULE, *DAY)
    assert "3 high" in run.err
    assert "Not used: web/grantlint.toml, because --config names the file." in run.err
    assert "Not used" not in grantlint("lint", ".", "--isolated", *DAY).err


def test_a_folder_of_another_name_ending_is_another_folder(with_folders: Path, grantlint: Callable) -> None:
    write(with_folders / "jobs" / "web" / "d.json", URI)
    (with_folders / "web" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    run = grantlint("lint", ".", "--select", RULE, "--format", "json", *DAY)
    assert {row[1] for row in rows(run)} == {"jobs/c.json", "jobs/web/d.json"}


POLICY_RULES = {
    "unused-suppression": '[[suppress]]\nrule = "implicit"\nreason = "x"\n',
    "unmatched-configuration": UNMATCHED.partition("[[override]]")[0],
    "undeclared-grant": '[registrations."Portal"]\ngrant = "client_credentials"\n',
}


@pytest.mark.parametrize("rule", POLICY_RULES)
def test_rules_of_the_policy_are_turned_off_and_rated_as_all_others(
    folder: Path, grantlint: Callable, rule: str
) -> None:
    app(folder / "a.json", "Portal")

    def severities(text: str) -> set[str]:
        (folder / "grantlint.toml").write_text(text + POLICY_RULES[rule])
        report = json.loads(grantlint("lint", ".", "--format", "json", *DAY).out)
        return {row["severity"] for row in report["findings"] if row["rule"] == rule}

    assert severities(f'[severity]\n{rule} = "critical"\n') == {"critical"}
    assert severities(f'[severity]\n{rule} = "off"\n') == set()
    assert severities(f'ignore = ["{rule}"]\n') == set()


def test_an_override_turns_rules_of_the_policy_off_too(folder: Path, grantlint: Callable) -> None:
    app(folder / "a.json", "Portal")
    declared = POLICY_RULES["undeclared-grant"]
    for inner in ('ignore = ["undeclared-grant"]\n', '[override.severity]\nundeclared-grant = "off"\n'):
        (folder / "grantlint.toml").write_text(f'{declared}[[override]]\nregistration = "Portal"\n{inner}')
        assert "undeclared-grant" not in grantlint("lint", ".", "--concise", *DAY).out
