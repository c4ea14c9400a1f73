"""What a suppression accepts, and what an organization requires of it; from end to end."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

RULE = "plaintext-redirect-uri"
FIRST, SECOND = "http://portal.contoso.com/cb", "http://portal.contoso.com/new"
TODAY = "2026-01-15"


def portal(*uris: str) -> str:
    return json.dumps({"displayName": "Portal", "web": {"redirectUris": uris}})


def suppress(**values: Any) -> str:
    rows = {"rule": RULE, "registration": "Portal", "reason": "old proxy", **values}
    return "[[suppress]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in rows.items() if value)


@pytest.fixture
def lint(folder: Path, grantlint: Callable[..., Run]) -> Callable[..., Run]:
    """Lint with the configuration text."""
    (folder / "apps").mkdir()
    (folder / "apps" / "portal.json").write_text(portal(FIRST))

    def call(configuration: str, *options: str) -> Run:
        (folder / "grantlint.toml").write_text(configuration)
        paths = [] if options and not options[0].startswith("-") else ["."]
        return grantlint("lint", *paths, *options, "--format", "json", "--today", TODAY)

    return call


def states(run: Run) -> list[tuple[str, str]]:
    """State and value of the findings of the rule."""
    return [(one["state"], one["value"]) for one in json.loads(run.out)["findings"] if one["rule"] == RULE]


def about_suppressions(run: Run) -> list[tuple[str, str, int]]:
    """Rule, message and line of the findings about suppressions."""
    return [
        (one["rule"], one["message"], one["origin"]["line"])
        for one in json.loads(run.out)["findings"]
        if one["rule"].endswith("-suppression")
    ]


@pytest.mark.parametrize("value", [FIRST, [FIRST], "http://portal.contoso.com/c?"])
def test_a_suppression_with_a_value_accepts_no_other(folder: Path, lint: Callable, value: Any) -> None:
    assert states(lint(suppress(value=value))) == [("suppressed", FIRST)]
    (folder / "apps" / "portal.json").write_text(portal(FIRST, SECOND))
    run = lint(suppress(value=value))
    assert states(run) == [("suppressed", FIRST), ("new", SECOND)]
    assert run.status == 1


def test_a_run_in_a_folder_below_the_configuration_is_not_whole(
    folder: Path, grantlint: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = folder / "apps" / "portal.json"
    app.parent.mkdir()
    app.write_text(portal(FIRST))
    (folder / "grantlint.toml").write_text(suppress(registration="Other"))
    monkeypatch.chdir(app.parent)
    run = grantlint("lint", ".", "--select", RULE, "--format", "json", "--today", TODAY)
    assert about_suppressions(run) == []
    monkeypatch.chdir(folder)
    run = grantlint("lint", ".", "--select", RULE, "--format", "json", "--today", TODAY)
    assert [row[0] for row in about_suppressions(run)] == ["unused-suppression"]


def test_a_suppression_in_a_folder_is_unused_only_where_its_folder_was_read(
    folder: Path, grantlint: Callable[..., Run]
) -> None:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "portal.json").write_text(portal("https://portal.contoso.com/cb"))
    (folder / "one" / "grantlint.toml").write_text(suppress(registration=None))
    (folder / "grantlint.toml").write_text("")
    for path, rules in (("one/portal.json", []), ("two", []), ("one", ["unused-suppression"])):
        run = grantlint("lint", path, "--select", RULE, "--format", "json", "--today", TODAY)
        assert [row[0] for row in about_suppressions(run)] == rules


def test_the_origin_of_a_requirement_is_the_file_with_the_stricter_one(
    folder: Path, grantlint: Callable[..., Run]
) -> None:
    (folder / "org.toml").write_text(f"[suppressions]\nmax-suppression-days = 90\n[ignorable]\n{RULE} = false\n")
    (folder / "grantlint.toml").write_text(
        f'profile = "org.toml"\n[suppressions]\nmax-suppression-days = 900\nrequire-owner = true\n'
        f"[ignorable]\n{RULE} = true\n"
    )
    shown = grantlint("config").out
    assert "max-suppression-days = 90  # org.toml, line 2" in shown
    assert "require-owner = true  # grantlint.toml, line 4" in shown
    assert f"{RULE} = false  # org.toml, line 4" in shown


def test_suppressions_that_accept_later_values_too_are_named(folder: Path, lint: Callable) -> None:
    def notes(configuration: str) -> list[str]:
        return [note for note in json.loads(lint(configuration).out)["notes"] if "no value" in note]

    (note,) = notes(suppress())
    assert note.startswith("1 suppression has no value: values that are added later are accepted too (")
    assert note.endswith("grantlint.toml, line 1).")
    assert notes(suppress(value="*")) == []
    assert notes(suppress(rule="no-owner")) == []


def test_brackets_in_a_value_are_no_pattern(folder: Path, lint: Callable) -> None:
    uri = "http://[::1]/cb"
    (folder / "apps" / "portal.json").write_text(portal(uri))
    assert [state for state, value in states(lint(suppress(value=uri))) if value == uri] in ([], ["suppressed"])


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_without_a_value_it_accepts_what_was_there_before_the_change(folder: Path, lint: Callable) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@contoso.com")
    (folder / "grantlint.toml").write_text(suppress())
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "first")):
        subprocess.run(("git", *identity, *arguments), check=True, capture_output=True)
    (folder / "apps" / "portal.json").write_text(portal(FIRST, SECOND))
    run = lint(suppress(), "--against", "HEAD")
    assert states(run) == [("suppressed", FIRST), ("new", SECOND)]
    assert "line 1 names no value and is for earlier ones" in run.out
    wider = lint(suppress(value="*"), "--against", "HEAD", "--policy-from", "worktree")
    assert states(wider) == [("suppressed", FIRST), ("suppressed", SECOND)]


@pytest.mark.parametrize(
    ("required", "lacking", "said"),
    [
        ("require-owner = true", {}, "has no owner (require-owner)"),
        ("require-until = true", {}, "has no last day (require-until)"),
        ("require-value = true", {}, "has no value (require-value)"),
        ("max-suppression-days = 30", {}, "has no last day (max-suppression-days)"),
        (
            "max-suppression-days = 30",
            {"until": "2026-03-01"},
            "ends in 45 days, and the limit is 30 (max-suppression-days)",
        ),
    ],
)
def test_a_suppression_that_lacks_what_is_required_has_no_effect(
    lint: Callable, required: str, lacking: dict[str, str], said: str
) -> None:
    run = lint(suppress(**lacking) + f"[suppressions]\n{required}\n")
    assert states(run) == [("new", FIRST)]
    assert about_suppressions(run) == [("refused-suppression", f"the suppression of {RULE} for Portal {said}", 1)]
    whole = suppress(owner="web-team", value=FIRST, until="2026-02-10") + f"[suppressions]\n{required}\n"
    assert states(lint(whole)) == [("suppressed", FIRST)]


def test_requirements_are_for_comments_too(folder: Path, lint: Callable) -> None:
    text = portal(FIRST) + f" // grantlint: ignore[{RULE}] by web-team: old proxy"
    (folder / "apps" / "portal.json").write_text(text)
    assert states(lint("[suppressions]\nrequire-owner = true\nrequire-value = true\n")) == [("suppressed", FIRST)]
    run = lint("[suppressions]\nrequire-until = true\n")
    assert states(run) == [("new", FIRST)]
    assert [rule for rule, *_ in about_suppressions(run)] == ["refused-suppression"]


@pytest.mark.parametrize("name", [RULE, "redirect-uris"])
def test_what_is_not_ignorable_cannot_be_suppressed(lint: Callable, name: str) -> None:
    run = lint(suppress() + f"[ignorable]\n{name} = false\n")
    assert states(run) == [("new", FIRST)]
    said = f"the suppression of {RULE} for Portal is for {RULE}, which cannot be suppressed (ignorable)"
    assert about_suppressions(run) == [("refused-suppression", said, 1)]


def test_a_configuration_tightens_what_its_profile_requires(folder: Path, lint: Callable) -> None:
    profile = f"[suppressions]\nrequire-owner = true\nmax-suppression-days = 30\n[ignorable]\n{RULE} = false\n"
    (folder / "organization.toml").write_text(profile)
    loose = "[suppressions]\nrequire-owner = false\nmax-suppression-days = 9000\n" + f"[ignorable]\n{RULE} = true\n"
    run = lint('profile = "organization.toml"\n' + suppress(until="2026-03-01") + loose)
    assert states(run) == [("new", FIRST)]
    ((_, message, _),) = about_suppressions(run)
    for required in ("require-owner", "the limit is 30", "ignorable"):
        assert required in message


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-01-15", "ends today, on 2026-01-15"),
        ("2026-01-16", "ends tomorrow, on 2026-01-16"),
        ("2026-01-29", "ends in 14 days, on 2026-01-29"),
        ("2026-01-30", ""),
        ("2026-01-14", ""),
    ],
)
def test_the_end_is_announced_14_days_before(lint: Callable, until: str, said: str) -> None:
    run = lint(suppress(until=until))
    notes = [note for note in json.loads(run.out)["notes"] if " ends " in note]
    assert len(notes) == bool(said)
    assert said in "".join(notes)
    assert (run.status == 0) == (until >= TODAY)


@pytest.mark.parametrize("until", ["2026-02-30", '"soon"', '"31.01.2027"'])
def test_an_invalid_date_in_the_configuration_is_an_error_with_its_line(lint: Callable, until: str) -> None:
    run = lint(f"{suppress()}until = {until}\n")
    assert run.status == 2
    assert "grantlint.toml:5:" in run.err
    assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    "comment",
    [
        f"grantlint:ignore {RULE}",
        f"grantlint ignore[{RULE}]: x",
        f"grantlint: ignore({RULE}): x",
        f"grantlint-ignore: {RULE}",
        f"Grantlint: Ignore[{RULE}]: x",
        f"grantlint: disable={RULE}",
        "grantlint: ignore",
        "grantlint: ignore[]: x",
        f"grantlint: ignore[{RULE}] expires 2027-01-01: x",
        f"grantlint: ignore[{RULE}] until soon: x",
    ],
)
def test_a_comment_that_is_nearly_a_suppression_is_a_finding(folder: Path, lint: Callable, comment: str) -> None:
    (folder / "apps" / "portal.json").write_text(f"{portal(FIRST)} // {comment}")
    run = lint("")
    assert states(run) == [("new", FIRST)]
    assert [(rule, line) for rule, _, line in about_suppressions(run)] == [("invalid-suppression", 1)]


@pytest.mark.parametrize(
    "comment",
    [
        "grantlint ignores this file",
        "grantlint: grant=hybrid",
        "see grantlint.toml",
        "grantlint allow lists are elsewhere",
    ],
)
def test_other_words_about_grantlint_are_no_suppression(folder: Path, lint: Callable, comment: str) -> None:
    (folder / "apps" / "portal.json").write_text(f"{portal(FIRST)} // {comment}")
    assert about_suppressions(lint("")) == []


def test_an_unknown_rule_in_a_comment_is_named_with_the_nearest(folder: Path, lint: Callable) -> None:
    text = f"{portal(FIRST)} // grantlint: ignore[{RULE}, no-ownr]: x"
    (folder / "apps" / "portal.json").write_text(text)
    run = lint("")
    assert states(run) == [("suppressed", FIRST)]
    ((rule, message, _),) = about_suppressions(run)
    assert rule == "invalid-suppression"
    assert message.endswith("names an unknown rule 'no-ownr'; did you mean 'no-owner'?")


@pytest.mark.parametrize(
    ("row", "options", "is_unused"),
    [
        ({"registration": "Gone"}, (), True),
        ({"registration": "Gone"}, ("apps",), False),
        ({"registration": "", "path": "sandbox/**"}, (), True),
        ({"registration": "", "path": "sandbox/**"}, ("apps",), False),
        ({"rule": "wildcard-redirect-uri"}, ("apps",), True),
        ({"rule": "wildcard-redirect-uri"}, ("--select", "implicit"), False),
        ({"rule": "implicit"}, (), True),
        ({"rule": "implicit"}, ("--select", "implicit-access-token"), False),
        ({"rule": "password-credential"}, (), False),
        ({"rule": "users-can-register-applications", "registration": ""}, (), False),
    ],
    ids=str,
)
def test_unused_is_said_only_by_a_run_that_could_have_used_it(
    lint: Callable, row: dict[str, str], options: tuple[str, ...], is_unused: bool
) -> None:
    run = lint(suppress(**row), *options)
    assert ("unused-suppression" in {rule for rule, *_ in about_suppressions(run)}) is is_unused


def test_a_file_that_could_not_be_read_makes_nothing_unused(folder: Path, lint: Callable) -> None:
    text = "resource a 'Microsoft.Graph/applications@v1.0' = {\n  displayName: 'A'\n"
    (folder / "apps" / "main.bicep").write_text(text)
    run = lint(suppress(registration="A"))
    assert run.status == 2
    assert about_suppressions(run) == []
