"""``lint --against``: the policy of the merge base decides, so that a pull request cannot accept its own findings."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.advisor.commands.test_against import commit, write

A, B, EVIL = "http://a.contoso.com/", "http://b.contoso.com/", "http://evil.contoso.com/"
DAY = ("--today", "2026-01-15")
RULE = "plaintext-redirect-uri"
SUPPRESS = f'[[suppress]]\nrule = "{RULE}"\nreason = "x"\n'


def git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture
def pull_request(folder: Path) -> Path:
    """A repository with a configuration, on a branch whose pull request adds a finding."""
    git(folder, "init", "-q", "-b", "main")
    write(folder / "apps" / "portal.json", A)
    (folder / "grantlint.toml").write_text('fail-on = "low"\n')
    commit(folder, "first")
    git(folder, "switch", "-q", "-c", "change")
    write(folder / "apps" / "portal.json", A, EVIL)
    return folder


def new(run: Any) -> list[str]:
    return [finding["value"] for finding in json.loads(run.out)["findings"] if finding["state"] == "new"]


def changes(run: Any) -> list[tuple[str, str, str, int | None]]:
    rows = json.loads(run.out).get("policy_changes", [])
    return [(row["severity"], row["message"], row["file"], row.get("line")) for row in rows]


#: What a hostile pull request writes, and what is listed for it.
HOSTILE = {
    "turns failing off": ('fail-on = "never"\n', ("critical", "fail-on is now never; it was low", 1)),
    "fails later": ('fail-on = "high"\n', ("medium", "fail-on is now high; it was low", 1)),
    "ignores the rule": (f'ignore = ["{RULE}"]\n', ("high", f"{RULE} is now ignored", 1)),
    "ignores the family": ('ignore = ["redirect-uris"]\n', ("critical", "redirect-uris is now ignored", 1)),
    "selects another rule": ('select = ["no-owner"]\n', ("critical", 'select is now ["no-owner"]; it was not set', 1)),
    "turns the rule off": (f'[severity]\n{RULE} = "off"\n', ("high", f"{RULE} is now off; it was not set", 2)),
    "suppresses": (SUPPRESS, ("high", f"new suppression of {RULE} for all registrations: x", 1)),
    "overrides": (
        f'[[override]]\npath = "apps/**"\nignore = ["{RULE}"]\n',
        ("high", f"new override for apps/**: not {RULE}", 1),
    ),
    "allows the host": (
        '[settings]\nallowed-hosts = ["contoso.com"]\n',
        ("medium", 'allowed-hosts is now ["contoso.com"]; it was not set', 2),
    ),
    "uses a profile": ('profile = "weak.toml"\n', ("high", f"{RULE} is now ignored", 1)),
    "is not valid": ("fail-on = \n", ("high", "is not valid and would end every run: is not TOML", 1)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_pull_request_cannot_open_the_gate(pull_request: Path, grantlint: Callable, name: str) -> None:
    text, (severity, message, line) = HOSTILE[name]
    (pull_request / "weak.toml").write_text(f'ignore = ["{RULE}"]\n')
    (pull_request / "grantlint.toml").write_text(text)
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])
    assert [row[0] for row in changes(run) if row[1].startswith(message)] == [severity]
    place = next(row[2:] for row in changes(run) if row[1].startswith(message))
    assert place == ("weak.toml" if name == "uses a profile" else "grantlint.toml", line)


#: Where a pull request puts a registration so that no run may see it.
HIDDEN = {
    "escaped letters": {
        "apps/evil.json": '{"\\u0061ppId": "x", "\\u0073ignInAudience": "AzureADMyOrg", '
        '"web": {"\\u0072edirectUris": ["http://evil.contoso.com/"]}}'
    },
    "a module in a hidden folder": {
        "apps/main.tf": 'module "x" { source = "../.x" }\n',
        ".x/main.tf": f'resource "azuread_application" "x" {{\n web {{ redirect_uris = ["{EVIL}"] }}\n}}\n',
    },
    "an override in JSON": {
        "apps/main.tf": f'resource "azuread_application" "x" {{\n web {{ redirect_uris = ["{A}"] }}\n}}\n',
        "apps/x_override.tf.json": '{"resource": {"azuread_application": {"x": {"web": '
        '{"redirect_uris": ["http://evil.contoso.com/"]}}}}}',
    },
    "a folder that git ignores": {
        ".gitignore": "hidden/\n",
        "hidden/evil.json": '{"signInAudience": "AzureADMyOrg", "web": {"redirectUris": ["http://evil.contoso.com/"]}}',
    },
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_defect_cannot_be_hidden(pull_request: Path, grantlint: Callable, name: str) -> None:
    write(pull_request / "apps" / "portal.json", A)
    for file, text in HIDDEN[name].items():
        (pull_request / file).parent.mkdir(exist_ok=True)
        (pull_request / file).write_text(text)
    git(pull_request, "add", "-f", *HIDDEN[name])
    run = grantlint("lint", ".", "--select", RULE, "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])


def test_deleting_the_configuration_and_linking_another_one_change_nothing(
    pull_request: Path, grantlint: Callable
) -> None:
    (pull_request / "apps" / "grantlint.toml").write_text('fail-on = "never"\n')
    own = pull_request / "grantlint.toml"
    own.unlink()
    own.symlink_to("apps/grantlint.toml")
    assert grantlint("lint", "apps", "--against", "main", *DAY).status == 1
    own.unlink()
    assert grantlint("lint", "apps", "--against", "main", *DAY).status == 1
    run = grantlint("lint", "apps", "--config", "grantlint.toml", "--against", "main", "--format", "json", *DAY)
    assert run.status == 1
    assert changes(run)[0][1].startswith("is not valid and would end every run: cannot be read")


def test_a_configuration_in_a_folder_cannot_open_it_either(pull_request: Path, grantlint: Callable) -> None:
    (pull_request / "apps" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])
    assert changes(run) == [("high", f"new override for apps: not {RULE}", "apps/grantlint.toml", 1)]


def test_a_baseline_that_the_change_makes_or_extends_does_not_count(pull_request: Path, grantlint: Callable) -> None:
    grantlint("lint", "apps", "--write-baseline", "known.json", *DAY)
    run = grantlint("lint", "apps", "--baseline", "known.json", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])
    assert ("medium", "known.json") in [(row[0], row[2]) for row in changes(run)]
    (pull_request / "grantlint.toml").write_text('baseline = "known.json"\n')
    assert grantlint("lint", "apps", "--against", "main", *DAY).status == 1


def test_a_baseline_of_the_merge_base_counts_though_the_change_deletes_it(folder: Path, grantlint: Callable) -> None:
    git(folder, "init", "-q", "-b", "main")
    write(folder / "apps" / "portal.json", A)
    (folder / "grantlint.toml").write_text('baseline = "known.json"\n')
    grantlint("lint", "apps", "--isolated", "--write-baseline", "known.json", *DAY)
    commit(folder, "first")
    (folder / "known.json").unlink()
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (0, [])
    assert changes(run)[0][1].startswith("baseline has lost")


def test_an_entry_of_what_was_fixed_does_not_hide_it_when_it_comes_back(folder: Path, grantlint: Callable) -> None:
    git(folder, "init", "-q", "-b", "main")
    write(folder / "apps" / "portal.json", A, B)
    (folder / "grantlint.toml").write_text('baseline = "known.json"\n')
    grantlint("lint", "apps", "--isolated", "--write-baseline", "known.json", *DAY)
    write(folder / "apps" / "portal.json", A)
    commit(folder, "fixed, and the baseline still has its entry")
    write(folder / "apps" / "portal.json", A, B)
    run = grantlint("lint", "apps", "--against", "HEAD", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [B])
    assert "added to the baseline by this change" in run.out
    assert grantlint("lint", "apps", *DAY).status == 0


TF = """resource "azuread_application" "portal" {{
  display_name = "Portal"
  owners       = ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"]
  notes        = "x"
  web {{
    redirect_uris = [
      {lines}
    ]
  }}
}}
"""


def test_a_comment_accepts_only_what_was_there_at_the_merge_base(folder: Path, grantlint: Callable) -> None:
    git(folder, "init", "-q", "-b", "main")
    comment = f"# grantlint: ignore[{RULE}]: legacy"
    file = folder / "main.tf"
    file.write_text(TF.format(lines=f'"{A}", {comment}'))
    commit(folder, "first")
    lint = ("lint", "main.tf", "--select", RULE, "--against", "main", "--format", "json", *DAY)
    file.write_text(TF.format(lines=f'"{EVIL}", {comment}'))
    changed_below_it = grantlint(*lint)
    assert (changed_below_it.status, new(changed_below_it), changes(changed_below_it)) == (1, [EVIL], [])
    file.write_text(TF.format(lines=f'"{A}", {comment}\n      "{EVIL}", {comment}'))
    added = grantlint(*lint)
    assert (added.status, new(added)) == (1, [EVIL])
    assert changes(added) == [("high", f"new suppression of {RULE} for this line: legacy", "main.tf", 8)]
    as_it_is = grantlint(*lint, "--policy-from", "worktree")
    assert (as_it_is.status, new(as_it_is), changes(as_it_is)) == (0, [], [])


@pytest.mark.parametrize(("value", "introduced"), [("", [EVIL]), (f'value = "{A}"\n', [EVIL]), ('value = "*"\n', [])])
def test_a_suppression_of_the_merge_base_accepts_new_values_only_by_value(
    pull_request: Path, grantlint: Callable, value: str, introduced: list[str]
) -> None:
    git(pull_request, "stash", "-q")
    (pull_request / "grantlint.toml").write_text(SUPPRESS + value)
    commit(pull_request, "suppressed")
    git(pull_request, "stash", "pop", "-q")
    run = grantlint("lint", "apps", "--select", RULE, "--against", "HEAD", "--format", "json", *DAY)
    assert (run.status, new(run), changes(run)) == (bool(introduced), introduced, [])
    widened = SUPPRESS + 'value = "*"\n'
    (pull_request / "grantlint.toml").write_text(widened)
    run = grantlint("lint", "apps", "--select", RULE, "--against", "HEAD", "--format", "json", *DAY)
    assert new(run) == introduced
    assert any("with value * for all registrations" in row[1] for row in changes(run)) is bool(introduced)


def test_looser_requirements_of_suppressions_are_listed_and_have_no_effect(
    pull_request: Path, grantlint: Callable
) -> None:
    git(pull_request, "stash", "-q")
    own = pull_request / "grantlint.toml"
    own.write_text(f"[suppressions]\nmax-suppression-days = 90\nrequire-owner = true\n[ignorable]\n{RULE} = false\n")
    commit(pull_request, "required")
    git(pull_request, "stash", "pop", "-q")
    own.write_text(f"{SUPPRESS}value = '*'\n[suppressions]\nmax-suppression-days = 900\n")
    run = grantlint("lint", "apps", "--select", RULE, "--against", "HEAD", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])
    assert [row[:2] for row in changes(run)] == [
        ("high", f"new suppression of {RULE} with value * for all registrations: x"),
        ("high", f"ignorable.{RULE} is now not set; it was false"),
        ("medium", "suppressions.max-suppression-days is now 900; it was 90"),
        ("medium", "suppressions.require-owner is now not set; it was true"),
    ]


def test_without_suppressions_none_is_listed_as_removed(folder: Path, grantlint: Callable) -> None:
    git(folder, "init", "-q", "-b", "main")
    (folder / "main.tf").write_text(TF.format(lines=f'"{A}", # grantlint: ignore[{RULE}]: legacy'))
    commit(folder, "first")
    lint = ("lint", "main.tf", "--select", RULE, "--against", "main", "--format", "json", *DAY)
    run = grantlint(*lint, "--no-suppressions")
    assert ([one["state"] for one in json.loads(run.out)["findings"]], changes(run)) == (["known"], [])


def test_a_new_comment_that_is_not_valid_is_reported_and_no_new_suppression(folder: Path, grantlint: Callable) -> None:
    git(folder, "init", "-q", "-b", "main")
    file = folder / "main.tf"
    file.write_text(TF.format(lines=f'"{A}"'))
    commit(folder, "first")
    file.write_text(TF.format(lines=f'"{A}", # grantlint: ignore {RULE}'))
    run = grantlint("lint", "main.tf", "--select", RULE, "--against", "main", "--format", "json", *DAY)
    findings = json.loads(run.out)["findings"]
    assert [one["rule"] for one in findings if one["state"] == "new"] == ["invalid-suppression"]
    assert changes(run) == []


def test_a_change_of_the_policy_alone_is_listed_and_fails_nothing(pull_request: Path, grantlint: Callable) -> None:
    write(pull_request / "apps" / "portal.json", A)
    (pull_request / "grantlint.toml").write_text(f'profile = "strict"\n{SUPPRESS}')
    run = grantlint("lint", "apps", "--against", "main", "--no-posture", *DAY)
    assert run.status == 0
    heading, _, listed = run.out.partition("\n")
    assert heading == "Changes of the policy, without effect before the merge"
    assert " ".join(listed.split()).startswith(f"high grantlint.toml:2: new suppression of {RULE} for all")


@pytest.mark.parametrize(
    "format", ["markdown", "github-summary", "github", "text", "concise", "html", "sarif", "junit"]
)
def test_every_format_lists_it_before_the_findings(pull_request: Path, grantlint: Callable, format: str) -> None:
    (pull_request / "grantlint.toml").write_text(SUPPRESS)
    as_format = ("--concise",) if format == "concise" else ("--format", format)
    out = grantlint("lint", "apps", "--against", "main", *as_format, *DAY).out
    assert out.index("new suppression of") < out.rindex("evil.contoso.com") or format in ("sarif", "junit")


def test_only_what_the_branch_itself_changes_counts(pull_request: Path, grantlint: Callable) -> None:
    git(pull_request, "stash", "-q")
    git(pull_request, "switch", "-q", "main")
    write(pull_request / "apps" / "later.json", B)
    (pull_request / "grantlint.toml").write_text('fail-on = "never"\n')
    commit(pull_request, "later on main")
    git(pull_request, "switch", "-q", "change")
    git(pull_request, "stash", "pop", "-q")
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run), changes(run)) == (1, [EVIL], [])
    assert json.loads(run.out).get("fixed", []) == []
    tip = grantlint("lint", "apps", "--against", "main", "--policy-from", "main", *DAY)
    assert tip.status == 0


def test_a_file_that_the_pipeline_names_outside_of_the_repository_decides(
    pull_request: Path, grantlint: Callable, tmp_path_factory: pytest.TempPathFactory
) -> None:
    central = tmp_path_factory.mktemp("central") / "grantlint.toml"
    central.write_text(f'ignore = ["{RULE}"]\n')
    assert grantlint("lint", "apps", "--config", central, "--against", "main", *DAY).status == 0


def test_a_broken_policy_at_the_merge_base_says_how_to_go_on(pull_request: Path, grantlint: Callable) -> None:
    (pull_request / "grantlint.toml").write_text("x = 1\n")
    commit(pull_request, "broken")
    (pull_request / "grantlint.toml").write_text("")
    run = grantlint("lint", "apps", "--against", "HEAD", *DAY)
    assert run.status == 2
    assert "unknown key 'x' (at " in run.err
    assert "--policy-from worktree" in run.err
    assert grantlint("lint", "apps", "--against", "HEAD", "--policy-from", "worktree", *DAY).status == 0


def test_a_shallow_clone_says_how_to_get_the_history(pull_request: Path, folder: Path, grantlint: Callable) -> None:
    commit(pull_request, "second")
    git(pull_request, "switch", "-q", "main")
    write(pull_request / "apps" / "later.json", B)
    commit(pull_request, "later on main")
    git(pull_request, "switch", "-q", "change")
    clone = pull_request / "clone"
    git(pull_request, "clone", "-q", "--depth", "1", "--no-single-branch", pull_request.as_uri(), str(clone))
    shutil.rmtree(pull_request / "apps")
    for revision, what in (("origin/main", "no commit in common with 'origin/main'"), ("v1", "'v1' is not a revision")):
        run = subprocess_lint(clone, grantlint, revision)
        assert run.status == 2
        assert what in run.err
        assert "fetch-depth: 0" in run.err
        assert run.err.count("\n") == 1


def subprocess_lint(folder: Path, grantlint: Callable, revision: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return grantlint("lint", "apps", "--against", revision, *DAY)


def test_a_branch_that_only_the_remote_has_is_proposed(pull_request: Path, grantlint: Callable) -> None:
    git(pull_request, "update-ref", "refs/remotes/origin/trunk", "main")
    run = grantlint("lint", "apps", "--against", "trunk", *DAY)
    assert run.err == "grantlint: 'trunk' is not a revision here; did you mean 'origin/trunk'?\n"


@pytest.mark.parametrize("profile", ["weak.toml", "../outside.toml", "bin.toml", "a\\u0000.toml", "loop.toml", "."])
def test_no_profile_of_a_change_ends_the_run_or_counts(pull_request: Path, grantlint: Callable, profile: str) -> None:
    (pull_request / "bin.toml").write_bytes(b"\xff\xfe")
    (pull_request / "loop.toml").write_text('profile = "loop.toml"\n')
    (pull_request / "grantlint.toml").write_text(f'profile = "{profile}"\n')
    run = grantlint("lint", "apps", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run), len(changes(run))) == (1, [EVIL], 1)
    assert changes(run)[0][0] == "high"


def test_from_a_folder_inside_the_repository_it_is_the_same(
    pull_request: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pull_request / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    (pull_request / "apps" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    monkeypatch.chdir(pull_request / "apps")
    run = grantlint("lint", ".", "--against", "main", "--format", "json", *DAY)
    assert (run.status, new(run)) == (1, [EVIL])
    assert ("high", f"{RULE} is now ignored", "grantlint.toml", 1) in changes(run)


def test_a_file_in_a_folder_of_the_merge_base_counts_in_both_states(
    pull_request: Path, grantlint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(pull_request / "apps" / "sub" / "b.json", B)
    (pull_request / "apps" / "sub" / "grantlint.toml").write_text(f'ignore = ["{RULE}"]\n')
    commit(pull_request, "second")
    monkeypatch.chdir(pull_request / "apps")
    (pull_request / "apps" / "sub" / "grantlint.toml").unlink()
    run = grantlint("lint", ".", "--against", "HEAD", "--format", "json", *DAY)
    assert (run.status, new(run), json.loads(run.out).get("fixed", [])) == (0, [], [])
    assert [row[:2] for row in changes(run)] == [("info", f"override for sub: not {RULE} was removed")]
