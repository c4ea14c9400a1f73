"""``grantlint rules``, and which rules run: status, ``--preview``, names that are on their way out."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import rules.families
from advisor.policy.config import Configuration
from advisor.run.session import choose
from rules.engine.rule import Rule
from rules.families import RULES
from rules.model.clean import merged_into

PREVIEW = next(rule for rule in RULES if rule.status == "preview" and rule.on == "registration")
STABLE = next(rule for rule in RULES if rule.id == "implicit-access-token")


def ids(configuration: Configuration, *select: str, preview: bool = False) -> set[str]:
    return {rule.id for rule in choose(configuration, list(select), [], preview=preview)}


def test_rules_in_preview_run_when_they_are_asked_for() -> None:
    assert PREVIEW.id not in ids(Configuration())
    assert PREVIEW.id not in ids(Configuration(), PREVIEW.family)
    assert PREVIEW.id in ids(Configuration(), preview=True)
    assert PREVIEW.id in ids(Configuration(), PREVIEW.family, preview=True)
    assert PREVIEW.id in ids(Configuration(), PREVIEW.id)
    assert PREVIEW.id in ids(Configuration(select=(PREVIEW.id,)))
    assert PREVIEW.id in ids(Configuration(preview=True))
    assert PREVIEW.id not in ids(Configuration(preview=True, ignore=(PREVIEW.id,)))
    assert {rule.id for rule in RULES if rule.status == "stable"} == ids(Configuration())


def test_the_option_and_the_key_switch_previews_on(folder: Path, grantlint: Callable) -> None:
    app = merged_into(PREVIEW.base, PREVIEW.bad[0].fragment)
    (folder / "app.json").write_text(json.dumps(app))
    lint = ("lint", "app.json", "--today", "2026-01-15", "--concise")
    assert PREVIEW.id not in grantlint(*lint).out
    assert PREVIEW.id in grantlint(*lint, "--preview").out
    assert PREVIEW.id in grantlint(*lint, "--select", PREVIEW.id).out
    (folder / "grantlint.toml").write_text("preview = true\n")
    assert PREVIEW.id in grantlint(*lint).out
    assert "preview = true  # grantlint.toml, line 1\n" in grantlint("config").out


def test_a_file_may_take_back_the_previews_of_its_profile(folder: Path, grantlint: Callable) -> None:
    (folder / "organization.toml").write_text("preview = true\n")
    (folder / "grantlint.toml").write_text('profile = "organization.toml"\npreview = false\n')
    assert "preview" not in grantlint("config").out
    (folder / "grantlint.toml").write_text('profile = "organization.toml"\n')
    assert "preview = true  # organization.toml, line 1\n" in grantlint("config").out


def test_rules_shows_the_status(grantlint: Callable) -> None:
    assert f"{PREVIEW.severity:<9} {PREVIEW.id} (preview)\n" in grantlint("rules", "--isolated").out
    assert "It runs with --preview" in grantlint("rules", PREVIEW.id, "--isolated").out
    assert "preview" not in grantlint("rules", STABLE.id, "--isolated").out


def test_rules_are_listed_as_json_for_tools(grantlint: Callable) -> None:
    rows = json.loads(grantlint("rules", "--isolated", "--format", "json").out)
    assert {rule.id for rule in RULES} <= {row["id"] for row in rows}
    (row,) = json.loads(grantlint("rules", "expiring-credential", "--isolated", "--format", "json").out)
    assert row["settings"] == {"expiry-warning-days": 30, "expiry-urgent-days": 7}
    assert "passwordCredentials" in row["needs"]
    assert all(reference["url"].startswith("https://") for reference in row["references"])
    family = json.loads(grantlint("rules", STABLE.family, "--isolated", "--format", "json").out)
    assert {row["family"] for row in family} == {STABLE.family}


# Names that are on their way out


@pytest.fixture
def retired(monkeypatch: pytest.MonkeyPatch) -> tuple[Rule, ...]:
    """Two more rules: one that is deprecated, one that is gone."""
    old = (
        msgspec.structs.replace(STABLE, id="old-implicit", status="deprecated", instead=STABLE.id),
        msgspec.structs.replace(STABLE, id="older-implicit", status="removed", instead=STABLE.id),
        msgspec.structs.replace(STABLE, id="oldest-implicit", status="removed"),
    )
    monkeypatch.setattr(rules.families, "RULES", (*RULES, *old))
    return old


def write(folder: Path) -> None:
    app = merged_into("web", STABLE.bad[0].fragment)
    (folder / "app.json").write_text(json.dumps(app, indent=1))


def test_what_is_deprecated_runs_and_what_is_removed_does_not(retired: tuple[Rule, ...]) -> None:
    assert "old-implicit" in ids(Configuration())
    assert not {"older-implicit", "oldest-implicit"} & ids(
        Configuration(), "older-implicit", "oldest-implicit", preview=True
    )


def test_an_option_that_names_one_is_told_what_to_use_instead(
    folder: Path, grantlint: Callable, retired: tuple[Rule, ...]
) -> None:
    write(folder)
    run = grantlint("lint", "app.json", "--select", "old-implicit,older-implicit", "--ignore", "oldest-implicit", "-q")
    assert run.err.splitlines()[:3] == [
        "grantlint: rule 'old-implicit' in --select is deprecated and will be removed; use implicit-access-token "
        "instead",
        "grantlint: rule 'older-implicit' in --select has been removed and checks nothing; use implicit-access-token "
        "instead",
        "grantlint: rule 'oldest-implicit' in --ignore has been removed and checks nothing; remove the name",
    ]


def test_a_configuration_and_a_comment_that_name_one_are_told_with_their_lines(
    folder: Path, grantlint: Callable, retired: tuple[Rule, ...]
) -> None:
    write(folder)
    text = (
        (folder / "app.json")
        .read_text()
        .replace('"displayName":', '// grantlint: ignore[older-implicit]: old\n "displayName":', 1)
    )
    (folder / "app.jsonc").write_text(text)
    path = folder / "grantlint.toml"
    path.write_text(
        'ignore = ["old-implicit"]\n[severity]\nolder-implicit = "low"\n'
        '[[suppress]]\nrule = "old-implicit"\nreason = "x"\n'
        '[[override]]\npath = "a/**"\nignore = ["older-implicit"]\n'
    )
    run = grantlint("config", "--check")
    assert run.status == 0
    assert [line.split(";")[0] for line in run.err.splitlines()] == [
        f"{path}:1: rule 'old-implicit' in ignore is deprecated and will be removed",
        f"{path}:2: rule 'older-implicit' in severity has been removed and checks nothing",
        f"{path}:7: rule 'older-implicit' in override has been removed and checks nothing",
        f"{path}:4: rule 'old-implicit' in a suppression is deprecated and will be removed",
    ]
    err = grantlint("lint", "app.jsonc").err
    line = next(n for n, text in enumerate(text.splitlines(), 1) if "grantlint:" in text)
    assert f"app.jsonc:{line}: rule 'older-implicit' in a suppression has been removed" in err


def test_rules_says_what_to_use_instead(grantlint: Callable, retired: tuple[Rule, ...]) -> None:
    assert "old-implicit (deprecated)\n" in grantlint("rules", "implicit", "--isolated").out
    assert "Use implicit-access-token instead." in grantlint("rules", "old-implicit", "--isolated").out


# Renamed rules


def test_an_old_name_works_everywhere_with_a_hint(folder: Path, grantlint: Callable) -> None:
    app = merged_into("native", next(r for r in RULES if r.id == "mixed-client-types").bad[0].fragment)
    (folder / "app.jsonc").write_text(json.dumps(app, indent=1))
    assert "mixed-client-types" in grantlint("lint", "app.jsonc").out
    path = folder / "grantlint.toml"
    for text in (
        'ignore = ["two-kinds-of-client"]\n',
        '[severity]\ntwo-kinds-of-client = "off"\n',
        '[[override]]\npath = "**"\nignore = ["two-kinds-of-client"]\n',
        '[[suppress]]\nrule = "two-kinds-of-client"\nreason = "x"\n',
    ):
        path.write_text(text)
        run = grantlint("lint", "app.jsonc", "--concise")
        assert "mixed-client-types" not in run.out
        line = next(n for n, line in enumerate(text.splitlines(), 1) if "two-kinds" in line)
        assert f"{path}:{line}: rule 'two-kinds-of-client' in " in run.err
        assert "write 'mixed-client-types'" in run.err
    path.unlink()
    run = grantlint("lint", "app.jsonc", "--concise", "--ignore", "two-kinds-of-client")
    assert "mixed-client-types" not in run.out
    assert "rule 'two-kinds-of-client' in --ignore was renamed; write 'mixed-client-types'" in run.err
    assert grantlint("rules", "two-kinds-of-client", "--isolated").out.startswith("mixed-client-types\n")


def test_a_comment_may_have_an_old_name(folder: Path, grantlint: Callable) -> None:
    (folder / "main.tf").write_text(
        'resource "azuread_application" "portal" {\n  display_name = "Portal"\n  web {\n'
        "    implicit_grant {\n      access_token_issuance_enabled = true\n    }\n  }\n"
        "  single_page_application {\n    # grantlint: ignore[loopback-by-name, same-name]: for tests\n"
        '    redirect_uris = ["https://app.contoso.com/"]\n  }\n}\n'
    )
    assert (
        "main.tf:9: rule 'same-name' in a suppression was renamed; write 'duplicate-display-name'"
        in grantlint("lint", "main.tf").err
    )


def test_a_lock_may_have_an_old_name_after_that_of_its_table(folder: Path, grantlint: Callable) -> None:
    path = folder / "grantlint.toml"
    path.write_text('lock = ["severity.two-kinds-of-client", "ignorable.two-kinds-of-client"]\n')
    run = grantlint("config", "--check")
    assert run.status == 0
    assert f"{path}:1: rule 'two-kinds-of-client' in lock was renamed; write 'mixed-client-types'" in run.err
