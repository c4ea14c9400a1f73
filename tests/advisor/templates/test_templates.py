"""Templates of systems: what grantlint writes, it reads back without a finding, whatever the clients are called."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisor.cli import run
from advisor.decide.advice import advise
from advisor.decide.answers import Call, Client
from advisor.decide.system import DEFAULTS
from advisor.decide.tree import walks
from advisor.errors import UsageError
from advisor.templates import LANGUAGES, language_of
from advisor.templates.model import Plan
from advisor.templates.plan import make_plan
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW
from rules.model.registration import Registration
from rules.model.settings import Settings
from tests.advisor.templates.systems import PAGE, SYSTEMS, TREE, pairs

#: What a shell, Terraform, Bicep, JSON, an editor for requests or a terminal could take for its own.
HOSTILE = [
    r"""it's \"quoted\" `id` $(id) ${HOME}""",
    r"a\nb\r\n### c\n@token = x\n// d\n# e",
    r"%{ if true }${file(\"x\")}%{ endif } {{token}} <% x %>",
    r"'''; echo hacked; ' \\",
    r"\u202Eevil\u0000\u2028",
    "注文",
]


def rendered(plan: Plan, suffix: str) -> str:
    return language_of(Path(f"x{suffix}"))(plan)


@pytest.mark.parametrize("suffix", [".tf", ".bicep"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_linting_it_gives_no_finding(tmp_path: Path, system: str, suffix: str, capsys: Any) -> None:
    plan = make_plan(pairs(tmp_path, SYSTEMS[system]))
    file = tmp_path / f"main{suffix}"
    file.write_text(rendered(plan, suffix), encoding="utf-8")
    status = run(["lint", str(file), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert report["findings"] == []
    assert status == 0
    assert {row["name"] for row in report["registrations"]} == {one.name for one in plan.registrations}


def bodies(text: str) -> dict[str, dict[str, Any]]:
    """The applications that the requests of a file make, by the names that they are made under."""
    merged: dict[str, dict[str, Any]] = {}
    for request in re.split(r"(?m)^### .*$", text)[1:]:
        found = re.search(r"^PATCH .*applications\(uniqueName='([^']+)'\)$", request, re.MULTILINE)
        if found:
            merged.setdefault(found[1], {}).update(json.loads(request.partition("\n\n")[2].split("\n#")[0]))
    return merged


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_bodies_of_requests_are_clean(tmp_path: Path, system: str) -> None:
    plan = make_plan(pairs(tmp_path, SYSTEMS[system]))
    found = bodies(rendered(plan, ".http"))
    notes = {one.key: one.notes for one in plan.registrations}
    assert found.keys() == notes.keys()
    for name, body in found.items():
        # An API whose file names no scope gets one for everything, and the template says so.
        unnamed = [DEFAULTS["Scope"]] == [scope["value"] for scope in body["api"]["oauth2PermissionScopes"]]
        assert _found(name, body) == ["single-broad-scope"] * unnamed
        assert not unnamed or "gives full access" in " ".join(notes[name])


#: What the grant of a leaf itself brings, whoever registers it.
BROUGHT = {"implicit-id-token", "spa-with-implicit", "public-client-flows-enabled", "loopback-by-name"}
ENDS = {path.leaf.id: path for path in walks(TREE) if path.leaf}


@pytest.mark.parametrize("leaf", ENDS)
def test_a_client_of_every_kind_can_call_an_api(leaf: str) -> None:
    answers = {step.question.fact: step.answer for step in ENDS[leaf].asked}
    caller = Client(name="Caller", answers=answers, calls=(Call("API"),))
    api = Client(name="API", answers={"api": "none"}, scopes=("A.Read",), roles=("A.Read.All",))
    plan = make_plan([(one, advise(TREE, one.answers, client_name=one.name)) for one in (caller, api)])
    assert _syntax(rendered(plan, ".sh")) == ""
    for name, body in bodies(rendered(plan, ".http")).items():
        assert set(_found(name, body)) <= BROUGHT


def _found(name: str, body: dict[str, Any]) -> list[str]:
    """The rules that find something in the body of a request, with its variables filled in."""
    text = re.sub(r"\{\{(\w+?)\}\}", lambda match: _example(match[1]), json.dumps(body))
    app = msgspec.convert(json.loads(text), Registration)
    return [finding.rule for finding in lint([Subject(name, app)], RULES, Context(NOW, Settings())).findings]


def _example(variable: str) -> str:
    """What users may enter for a variable."""
    return "https://orders.contoso.com/" if variable.endswith("Uri") else "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_script_is_valid_for_a_shell(tmp_path: Path, system: str) -> None:
    script = rendered(make_plan(pairs(tmp_path, SYSTEMS[system])), ".sh")
    assert _syntax(script) == ""


def _syntax(script: str) -> str:
    """What bash says of the syntax of *script*; nothing where it is right."""
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("bash is not installed")
    return subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("system", ["all", "two APIs that call each other"])
def test_terraform_finds_it_formatted(tmp_path: Path, system: str) -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed")
    text = rendered(make_plan(pairs(tmp_path, SYSTEMS[system])), ".tf")
    done = subprocess.run([terraform, "fmt", "-"], input=text, capture_output=True, text=True, check=False)
    assert done.stdout == text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_stays_a_text_in_every_language(tmp_path: Path, name: str) -> None:
    found = pairs(tmp_path, SYSTEMS["all"], page=name, api=f"API {name}")
    plan = make_plan(found)
    shown = {one.name for one in plan.registrations}
    script = rendered(plan, ".sh")
    assert _syntax(script) == ""
    assert _run(script) == {json.dumps(name)[1:-1] for name in shown}
    assert {body["displayName"] for body in bodies(rendered(plan, ".http")).values()} == shown
    for suffix, mark in ((".tf", "#"), (".bicep", "//"), (".sh", "#"), (".http", "#")):
        head = rendered(plan, suffix).split("\n\n")[0].split("set -eu")[0]
        assert all(line.startswith(mark) for line in head.splitlines())


def _run(script: str) -> set[str]:
    """The display names that the script sends, with an az that only prints what it is called with."""
    shell = shutil.which("bash") or "bash"
    az = 'az() { while [ $# -gt 0 ]; do [ "$1" = --body ] && printf "%s\\n" "$2" >&2; shift; done; echo 1; }\n'
    variables = "".join(f"{name}=x\n" for name in re.findall(r'(?m)^: "\$\{(\w+):', script))
    done = subprocess.run([shell, "-c", az + variables + script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    sent = [json.loads(line) for line in done.stderr.splitlines()]
    return {json.dumps(body["displayName"])[1:-1] for body in sent if "signInAudience" in body}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".tf", ".bicep"])
def test_a_name_is_read_back_as_it_is(tmp_path: Path, name: str, suffix: str, capsys: Any) -> None:
    plan = make_plan(pairs(tmp_path, PAGE.replace('calls = ["{api}"]\n', ""), page=name))
    file = tmp_path / f"main{suffix}"
    file.write_text(rendered(plan, suffix), encoding="utf-8")
    assert run(["lint", str(file), "--format", "json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["registrations"]] == [plan.registrations[0].name]


def test_another_suffix_is_refused_with_those_that_work() -> None:
    with pytest.raises(UsageError, match=r"no template has the suffix of 'main\.yaml'") as caught:
        language_of(Path("main.yaml"))
    assert all(suffix in caught.value.hint for suffix, _ in LANGUAGES.values())


def test_the_command_writes_all_of_them(tmp_path: Path, capsys: Any) -> None:
    pairs(tmp_path, SYSTEMS["page and API"])
    files = [tmp_path / f"main{suffix}" for suffix, _ in LANGUAGES.values()]
    options = [word for file in files for word in ("--templates", str(file))]
    assert run(["advise", "--answers", str(tmp_path / "system.toml"), *options]) == 0
    assert all("made by grantlint" in file.read_text("utf-8") for file in files)
    assert f"wrote {files[0]}" in capsys.readouterr().err


def test_one_client_gets_the_same_templates(tmp_path: Path) -> None:
    file = tmp_path / "main.tf"
    answers = ["-a", "api=own", "-a", "runs-in=browser", "-a", "page-tokens=page"]
    assert run(["advise", *answers, "--templates", str(file)]) == 0
    assert 'resource "azuread_application_registration" "my_application"' in file.read_text("utf-8")
