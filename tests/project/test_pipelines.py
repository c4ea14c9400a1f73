"""What pipelines run: the lean environment, the hook, the action and the templates."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.formats.markdown import render_markdown
from tests.reports.sample import empty_report

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "advisor" / "pipelines" / "grantlint.sh"
PINS = ROOT / "advisor" / "pipelines" / "requirements.txt"
TEMPLATES = (
    ".pre-commit-hooks.yaml",
    "action.yml",
    "advisor/pipelines/gitlab.yml",
    "advisor/pipelines/azure-pipelines.yml",
    "advisor/pipelines/github-workflow.yml",
    "advisor/pipelines/github-tenants.yml",
    "advisor/pipelines/kubernetes-job.yaml",
    "advisor/pipelines/Containerfile",
)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment that is complete, whose command prints what it is given and ends with 3."""
    command = tmp_path / "bin" / "grantlint"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    command.chmod(0o755)
    (tmp_path / "complete").touch()
    return tmp_path


def test_the_script_hands_arguments_and_exit_status_through(environment: Path) -> None:
    run = subprocess.run(
        [SCRIPT, "lint", "a folder", "--fail-on", "high", "*"],
        env={**os.environ, "GRANTLINT_ENVIRONMENT": str(environment)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3
    assert run.stdout.splitlines() == ["lint", "a folder", "--fail-on", "high", "*"]


def test_an_environment_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    run = subprocess.run(
        [SCRIPT, "--version"],
        env={**os.environ, "GRANTLINT_ENVIRONMENT": str(tmp_path / "none"), "GRANTLINT_PYTHON": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert run.stdout == ""


def test_the_lean_pins_are_all_that_the_project_needs_but_the_client_libraries() -> None:
    names = set(re.findall(r"^([a-z0-9.-]+)==", PINS.read_text(), re.MULTILINE))
    wanted = {
        re.split(r"[^A-Za-z0-9.-]", dependency)[0]
        for dependency in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert wanted - names == {"azure-identity", "msgraph-sdk"}
    assert not {name for name in names if name.startswith(("azure", "msal", "msgraph", "microsoft-kiota"))}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_short_and_uses_options_that_exist(name: str, grantlint) -> None:
    text = (ROOT / name).read_text()
    assert len(text.splitlines()) <= 60
    page = grantlint("lint", "--help").out
    commands = " ".join(re.findall(r"(?:grantlint(?:\.sh)?\"?| lint) ([^#\n]*)", text))
    for option in set(re.findall(r"(?<![\w-])--(?!uid|no-create|quiet|yes|from|rm)[a-z][a-z-]+", commands)):
        if option != "--version":
            assert option in page, option


@pytest.mark.parametrize("name", ["action.yml", "azure-pipelines.yml", "github-workflow.yml"])
def test_inputs_reach_a_shell_as_variables_only(name: str) -> None:
    text = (ROOT / name if name == "action.yml" else PINS.parent / name).read_text()
    scripts = re.findall(r"(?:run|bash): \|\n((?: {6,}.*\n?)+)", text)
    assert scripts
    assert not any("${{" in script.partition("displayName:")[0] for script in scripts)


def calls(script: str, environment: Path, folder: Path, **variables: str) -> list[str]:
    """The arguments with which *script* calls grantlint, in *folder*."""
    run = subprocess.run(
        ["bash", "-e", "-c", script],
        env={**os.environ, "GRANTLINT_ENVIRONMENT": str(environment), "GRANTLINT_SOURCE": str(ROOT), **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3, run.stderr
    return run.stdout.splitlines()


def template(name: str) -> Any:
    return yaml.safe_load((PINS.parent / name).read_text())


def test_azure_compares_a_pull_request_with_its_target_branch(environment: Path, tmp_path: Path) -> None:
    bash, publish = template("azure-pipelines.yml")["steps"]
    values = {"GRANTLINT_PATHS": "infra apps", "GRANTLINT_ARGUMENTS": "--fail-on high"}
    pushed = calls(bash["bash"], environment, tmp_path, **values)
    assert pushed == [
        "lint",
        "infra",
        "apps",
        "--format",
        "azure",
        "--output",
        "junit:grantlint-junit.xml",
        "--fail-on",
        "high",
    ]
    asked = calls(bash["bash"], environment, tmp_path, **values, SYSTEM_PULLREQUEST_TARGETBRANCH="refs/heads/rel/1")
    assert asked[asked.index("--against") + 1] == "origin/rel/1"
    assert bash["workingDirectory"] == publish["inputs"]["searchFolder"] == "${{ parameters.workingDirectory }}"


def test_gitlab_clones_grantlint_at_a_tag_and_compares_a_merge_request(environment: Path, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    for file in (SCRIPT, PINS):
        copy = origin / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"], ["tag", "v0.1.0"]):
        subprocess.run(["git", *words], cwd=origin, check=True)
    os.utime(environment / "complete", (4e9, 4e9))  # the clone's pins are newer than the stand-in
    job = template("gitlab.yml")["grantlint"]
    variables = {**job["variables"], "GRANTLINT_REPOSITORY": str(origin), "GRANTLINT_SOURCE": str(tmp_path / "clone")}
    script = "\n".join(job["script"])
    pushed = calls(script, environment, tmp_path, **variables)
    assert pushed == ["lint", ".", "--output", "gitlab:gl-code-quality.json", "--output", "junit:grantlint-junit.xml"]
    shutil.rmtree(tmp_path / "clone")
    merge, branch = job["rules"]
    assert (merge["if"], "variables" in branch) == ('$CI_PIPELINE_SOURCE == "merge_request_event"', False)
    against = merge["variables"]["GRANTLINT_AGAINST"].replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", "abc")
    assert calls(script, environment, tmp_path, **variables, GRANTLINT_AGAINST=against)[-2:] == ["--against", "abc"]


def test_the_workflow_uploads_and_comments_after_a_step_that_failed() -> None:
    text = (PINS.parent / "github-workflow.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    checkout, lint, upload, comment = job["steps"]
    assert all(re.search(r"uses: \S+@([0-9a-f]{40}|v[\d.]+)", line) for line in text.splitlines() if "uses:" in line)
    assert checkout["with"]["fetch-depth"] == 0
    assert "--output markdown:grantlint.md" in lint["with"]["arguments"]
    assert upload["with"]["sarif_file"] == f"${{{{ steps.{lint['id']}.outputs.sarif }}}}"
    for step in (upload, comment):
        assert "!cancelled()" in step["if"]
        assert "!github.event.pull_request.head.repo.fork" in step["if"]


@pytest.mark.parametrize(("earlier", "method"), [("", "POST"), ("https://api.example.com/comments/7", "PATCH")])
def test_the_workflow_keeps_one_comment(earlier: str, method: str, tmp_path: Path) -> None:
    (job,) = template("github-workflow.yml")["jobs"].values()
    comment = job["steps"][-1]
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\ncase "$*" in *--paginate*) printf "%s" "$EARLIER" ;; *) printf "%s\n" "$@" ;; esac\n')
    gh.chmod(0o755)
    (tmp_path / "grantlint.md").write_text("x")
    run = subprocess.run(
        ["bash", "-e", "-c", comment["run"]],
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "COMMENTS": "c", "OURS": "o", "EARLIER": earlier},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    said = ["api", "--method", method, earlier or "c", "--field", "body=@grantlint.md", "--silent"]
    assert run.stdout.splitlines() == said
    assert render_markdown(empty_report(title="App registrations")).startswith("### App registrations:")


def test_a_pod_lints_the_tenant_of_its_index(tmp_path: Path) -> None:
    (container,) = template("kubernetes-job.yaml")["spec"]["template"]["spec"]["containers"]
    (tmp_path / "tenants.txt").write_text("contoso.example\nfabrikam.example\n")
    command = tmp_path / "grantlint"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    command.chmod(0o755)
    run = subprocess.run(
        ["sh", "-c", container["args"][0].replace("/config/", f"{tmp_path}/")],
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "JOB_COMPLETION_INDEX": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = ["lint", "--tenant", "fabrikam.example", "--fail-on", "never", "-o", "/reports/fabrikam.example.json"]
    assert run.stdout.splitlines() == said


def test_the_workflow_for_tenants_reports_all_of_them() -> None:
    jobs = template("github-tenants.yml")["jobs"]
    assert jobs["report"]["needs"] == "tenant"
    assert any("grantlint report *.json" in step.get("run", "") for step in jobs["report"]["steps"])
