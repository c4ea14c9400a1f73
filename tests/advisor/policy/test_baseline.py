"""A repository with a baseline over some months: what is new fails, and nothing that a run could not see is dropped."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

ORDERS = """
resource "azuread_application" "orders" {
  display_name = "%s"
  web {
    redirect_uris = ["http://orders.contoso.com/cb"]
  }
}
"""
ITEMS = """
extension microsoftGraphV1
resource items 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'items'
  displayName: '%s'
  web: {
    redirectUris: ['http://items.contoso.com/cb']
  }
}
"""
RULE = "plaintext-redirect-uri"
#: Name, state and value of a finding.
Found = tuple[str, str, str]


def app(name: str, *uris: str) -> str:
    return json.dumps({"displayName": name, "web": {"redirectUris": uris or [f"http://{name}.contoso.com/cb"]}})


@pytest.fixture
def repository(folder: Path) -> Path:
    """Three registrations in three formats, each with a redirect URI over HTTP."""
    for name in ("apps", "infra"):
        (folder / name).mkdir()
    (folder / "apps" / "portal.json").write_text(app("portal"))
    (folder / "infra" / "main.tf").write_text(ORDERS % "Orders")
    (folder / "infra" / "items.bicep").write_text(ITEMS % "Items")
    return folder


@pytest.fixture
def lint(repository: Path, grantlint: Callable[..., Run]) -> Callable[..., Run]:
    """Lint with one rule, so that a step is one finding a registration."""

    def call(*options: str, select: str = RULE, today: str = "2026-01-15") -> Run:
        return grantlint("lint", *options, "--select", select, "--today", today, "--format", "json")

    return call


def found(run: Run) -> list[Found]:
    report = json.loads(run.out)
    names = {row["key"]: row["name"] for row in report["registrations"]}
    return sorted((names[one["registration"]], one["state"], one["value"]) for one in report["findings"])


def written(folder: Path) -> list[dict[str, Any]]:
    return [entry for entry in json.loads((folder / "known.json").read_text())["findings"] if entry]


def test_a_new_baseline_says_what_it_adds_and_has_a_line_for_each_entry(repository: Path, lint: Callable) -> None:
    run = lint(".", "--write-baseline", "known.json")
    assert "known.json: +3 -0, 3 entries\n" in run.err
    lines = (repository / "known.json").read_text().splitlines()
    assert (lines[0], lines[-1], len(lines)) == ('{"version": 2, "findings": [', "null]}", 5)
    assert lines[1:-1] == sorted(lines[1:-1])
    assert [(one["registration"], one["severity"], one["since"], one["source"]) for one in written(repository)] == [
        ("Items", "high", "2026-01-15", "infra/items.bicep"),
        ("Orders", "high", "2026-01-15", "infra/main.tf"),
        ("portal", "high", "2026-01-15", "apps/portal.json"),
    ]


def test_writing_it_again_changes_nothing_but_what_changed(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    before = (repository / "known.json").read_text()
    assert "+0 -0, 3 entries" in lint(".", "--write-baseline", "known.json", today="2026-06-01").err
    assert (repository / "known.json").read_text() == before
    (repository / "apps" / "portal.json").write_text(app("portal", "http://portal.contoso.com/other"))
    assert "+1 -1, 3 entries" in lint(".", "--write-baseline", "known.json", today="2026-06-01").err
    assert [one["since"] for one in written(repository)] == ["2026-01-15", "2026-01-15", "2026-06-01"]


def test_quiet_prints_one_line(repository: Path, grantlint: Callable) -> None:
    run = grantlint("lint", ".", "--select", RULE, "--write-baseline", "known.json", "-q")
    assert (run.status, run.out, run.err) == (1, "", "known.json: +3 -0, 3 entries\n")
    run = grantlint("lint", ".", "--select", RULE, "--baseline", "known.json", "--prune-baseline", "-q")
    assert (run.status, run.out, run.err) == (0, "", "known.json: +0 -0, 3 entries\n")


@pytest.mark.parametrize(
    ("paths", "select"),
    [(("apps",), RULE), (("infra/main.tf",), RULE), ((".",), "no-owner")],
    ids=["another folder", "one file", "another rule"],
)
def test_entries_that_a_run_cannot_find_again_remain(
    repository: Path, lint: Callable, paths: tuple[str, ...], select: str
) -> None:
    lint(".", "--write-baseline", "known.json")
    assert "no longer occur" not in lint(*paths, "--baseline", "known.json", select=select).err
    assert "-0" in lint(*paths, "--write-baseline", "known.json", select=select).err
    assert {"Items", "Orders", "portal"} <= {one["registration"] for one in written(repository)}


@pytest.mark.parametrize("option", ["--write-baseline=known.json", "--prune-baseline"])
def test_a_run_that_failed_removes_nothing(repository: Path, lint: Callable, option: str) -> None:
    lint(".", "--write-baseline", "known.json")
    (repository / "apps" / "portal.json").unlink()
    (repository / "infra" / "items.bicep").write_text(ITEMS.replace("web: {", "web: [") % "Items")
    run = lint(".", "--baseline", "known.json", option)
    assert run.status == 2
    assert "known.json: +0 -0, 3 entries; no entry was removed, because 1 input could not be used" in run.err
    (repository / "infra" / "items.bicep").write_text(ITEMS % "Items")
    assert "known.json: +0 -1, 2 entries\n" in lint(".", "--baseline", "known.json", option).err


def test_a_failed_run_makes_no_empty_baseline(repository: Path, lint: Callable) -> None:
    (repository / "bad.json").write_text("{")
    assert lint("bad.json", "--write-baseline", "known.json").status == 2
    assert not (repository / "known.json").exists()


def test_a_value_that_is_no_longer_read_keeps_its_entry(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    text = (ORDERS % "Orders").replace('["http://orders.contoso.com/cb"]', "var.uris")
    (repository / "infra" / "main.tf").write_text(text + 'variable "uris" {}\n')
    assert "no longer occur" not in lint(".", "--baseline", "known.json").err
    (repository / "infra" / "main.tf").write_text((ORDERS % "Orders").replace("http:", "https:"))
    assert "1 baseline entry no longer occurs: --prune-baseline removes it" in lint(".", "--baseline", "known.json").err


def test_pruning_only_removes(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    (repository / "apps" / "portal.json").write_text(app("portal", "http://portal.contoso.com/new"))
    run = lint(".", "--baseline", "known.json", "--prune-baseline")
    assert "known.json: +0 -1, 2 entries\n" in run.err
    assert found(run)[-1] == ("portal", "new", "http://portal.contoso.com/new")


def test_moved_renamed_and_reordered_registrations_are_known(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    (repository / "moved").mkdir()
    (repository / "apps" / "portal.json").rename(repository / "moved" / "web.json")
    (repository / "infra" / "main.tf").rename(repository / "infra" / "apps.tf")
    (repository / "infra" / "apps.tf").write_text(ORDERS % "Orders and returns")
    (repository / "infra" / "items.bicep").write_text(ITEMS % "Items and stock")
    run = lint(".", "--baseline", "known.json")
    assert run.status == 0
    assert [(name, state) for name, state, _ in found(run)] == [
        ("Items and stock", "known"),
        ("Orders and returns", "known"),
        ("portal", "known"),
    ]


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_a_rename_in_code_reopens_nothing_in_a_pipeline(repository: Path, grantlint: Callable, name: str) -> None:
    def prints() -> list[str]:
        run = grantlint("lint", "infra", "--select", RULE, "--format", name)
        return re.findall(r'"(?:primaryLocationLineHash|fingerprint)": "(\S+)"', run.out)

    before = prints()
    (repository / "infra" / "main.tf").write_text(ORDERS % "Orders and returns")
    (repository / "infra" / "items.bicep").write_text(ITEMS % "Items and stock")
    assert prints() == before
    assert len(before) == 2


def test_another_resource_with_the_name_of_a_renamed_one_is_new(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    other = (ORDERS % "Copy").replace('"orders"', '"copy"')
    (repository / "infra" / "main.tf").write_text(ORDERS % "Orders 2" + other)
    assert [(name, state) for name, state, _ in found(lint(".", "--baseline", "known.json"))][:3] == [
        ("Copy", "new"),
        ("Items", "known"),
        ("Orders 2", "known"),
    ]


def test_what_the_configuration_says_of_a_name_follows_a_rename(repository: Path, lint: Callable) -> None:
    declared = '[registrations."Orders"]\ngrant = "client_credentials"\n'
    (repository / "grantlint.toml").write_text(declared)
    lint(".", "--write-baseline", "known.json")
    (repository / "infra" / "main.tf").write_text(ORDERS % "Orders 2")

    def rules(*options: str) -> set[str]:
        report = json.loads(lint("infra", "--isolated", *options).out)
        return {one["rule"] for one in report["findings"]}

    configured = ("--config", "grantlint.toml")
    without = lint("infra", *configured).out
    assert "undeclared-grant" not in {one["rule"] for one in json.loads(without)["findings"]}
    with_baseline = json.loads(lint("infra", *configured, "--baseline", "known.json").out)
    assert "undeclared-grant" in {one["rule"] for one in with_baseline["findings"]}
    (repository / "grantlint.toml").write_text(declared.replace("Orders", "infra/azuread_application.orders"))
    by_address = json.loads(lint("infra", *configured).out)
    assert "undeclared-grant" in {one["rule"] for one in by_address["findings"]}


def test_copies_of_a_registration_keep_the_entry_of_their_file(repository: Path, lint: Callable) -> None:
    (repository / "apps" / "copy.json").write_text(app("portal"))
    lint(".", "--write-baseline", "known.json")
    (repository / "apps" / "copy.json").write_text(app("portal", "https://portal.contoso.com/"))
    for path in (".", "apps/copy.json"):
        lint(path, "--baseline", "known.json", "--prune-baseline")
    assert [entry["source"] for entry in written(repository)][-1] == "apps/portal.json"
    assert lint(".", "--baseline", "known.json").status == 0


def test_a_finding_that_is_worse_than_its_entry_is_new(repository: Path, lint: Callable) -> None:
    (repository / "grantlint.toml").write_text(f'[severity]\n{RULE} = "low"\n')
    lint(".", "--write-baseline", "known.json")
    assert lint(".", "--baseline", "known.json").status == 0
    (repository / "grantlint.toml").unlink()
    run = lint(".", "--baseline", "known.json")
    assert run.status == 1
    assert {state for _, state, _ in found(run)} == {"new"}
    assert "in the baseline with severity low since 2026-01-15" in run.out
    assert "no longer occur" not in run.err
    assert "+3 -3, 3 entries" in lint(".", "--write-baseline", "known.json").err
    (repository / "grantlint.toml").write_text(f'[severity]\n{RULE} = "info"\n')
    assert lint(".", "--baseline", "known.json").status == 0


def test_a_known_finding_says_since_when(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    report = json.loads(lint(".", "--baseline", "known.json", today="2026-05-01").out)
    assert {one["since"] for one in report["findings"]} == {"2026-01-15T00:00:00Z"}


def test_a_baseline_of_version_1_is_read_and_renewed(repository: Path, lint: Callable) -> None:
    lint(".", "--write-baseline", "known.json")
    kept = ("registration", "rule", "value", "fingerprint")
    old = [{key: entry[key] for key in kept} for entry in written(repository)]
    old.append({**old[0], "registration": "Elsewhere", "fingerprint": "0" * 32})
    text = json.dumps({"version": 1, "made_at": "2025-03-04T05:06:07Z", "findings": old})
    (repository / "known.json").write_text(text)
    run = lint("apps", "infra", "--baseline", "known.json")
    assert (run.status, {state for _, state, _ in found(run)}) == (0, {"known"})
    assert "no longer occur" not in run.err
    assert "+0 -0, 4 entries" in lint("apps", "infra", "--write-baseline", "known.json").err
    assert {one["since"] for one in written(repository)} == {"2025-03-04"}
    assert "+0 -1, 3 entries" in lint(".", "--write-baseline", "known.json").err


def test_fingerprints_are_those_of_stored_baselines(repository: Path, lint: Callable) -> None:
    """These texts are in files of users. Before the first deployment a finding has the second one alone."""
    app_id = "11111111-1111-4111-8111-111111111111"
    text = {"displayName": "Portal", "appId": app_id, "web": {"redirectUris": ["http://portal.contoso.com/cb"]}}
    (repository / "apps" / "portal.json").write_text(json.dumps(text))
    lint("apps", "--write-baseline", "known.json")
    (entry,) = written(repository)
    assert entry["fingerprint"] == "fcefc617f82923d05ea6b27511953f30"
    assert entry["by_name"] == "8512edc22026cf456c5245c59aa8622f"


def test_the_folder_from_which_it_is_written_makes_no_difference(
    repository: Path, lint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint(".", "--write-baseline", "known.json")
    before = (repository / "known.json").read_text()
    monkeypatch.chdir(repository / "apps")
    for path in (".", "../apps", str(repository / "apps")):
        assert "+0 -0" in lint(path, "--write-baseline", "../known.json").err
        assert (repository / "known.json").read_text() == before
    Path("portal.json").write_text(app("portal", "https://portal.contoso.com/cb"))
    assert "+0 -1" in lint(str(repository / "apps"), "--write-baseline", "../known.json").err


@pytest.mark.parametrize("source", ["../../../etc/x.json", "/etc/x.json", "\\0", "tenant x", "-"])
def test_a_source_outside_the_folder_is_never_looked_up(
    repository: Path, lint: Callable, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint(".", "--write-baseline", "known.json")
    entry = {**written(repository)[0], "fingerprint": "0" * 32, "source": source}
    (repository / "known.json").write_text(json.dumps({"version": 2, "findings": [entry]}))
    asked: list[str] = []
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: asked.append(str(path)) or exists(path))
    run = lint(".", "--baseline", "known.json", "--prune-baseline")
    assert "known.json: +0 -0, 1 entry" in run.err
    assert not [path for path in asked if "etc" in path]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--prune-baseline",), "--prune-baseline needs a baseline; add --baseline FILE"),
        (
            ("--prune-baseline", "--write-baseline", "k.json"),
            "--write-baseline and --prune-baseline exclude each other",
        ),
        (("--write-baseline", "apps/portal.json"), "apps/portal.json: is not a baseline: "),
    ],
)
def test_mistakes_are_one_line_and_change_no_file(
    repository: Path, lint: Callable, options: tuple[str, ...], said: str
) -> None:
    before = (repository / "apps" / "portal.json").read_text()
    run = lint(".", *options)
    assert run.status == 2
    assert said in run.err
    assert run.err.count("\n") == 1
    assert (repository / "apps" / "portal.json").read_text() == before


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@contoso.com", "-c", "init.defaultBranch=main")
    subprocess.run(("git", *identity, *arguments), check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(("attributes", "names"), [("", ("aa", "zz")), ("known.json merge=union\n", ("zy", "zz"))])
def test_git_merges_the_baselines_of_two_branches(
    folder: Path, grantlint: Callable, attributes: str, names: tuple[str, str]
) -> None:
    """Both branches add an entry; with ``merge=union`` even in the same place, the end."""

    def write(name: str) -> None:
        (folder / f"{name}.json").write_text(app(name))
        grantlint("lint", ".", "--select", RULE, "--write-baseline", "known.json", "-q")
        git("add", ".")
        git("commit", "--quiet", "--message", name)

    git("init", "--quiet")
    (folder / ".gitattributes").write_text(attributes)
    for name in ("bb", "cc", "dd"):
        write(name)
    git("branch", "other")
    write(names[0])
    git("checkout", "--quiet", "other")
    write(names[1])
    git("merge", "--quiet", "--message", "both", "main")
    assert sorted(entry["registration"] for entry in written(folder)) == sorted(("bb", "cc", "dd", *names))
    run = grantlint("lint", ".", "--select", RULE, "--baseline", "known.json", "--prune-baseline", "-q")
    assert (run.status, run.err) == (0, "known.json: +0 -0, 5 entries\n")
