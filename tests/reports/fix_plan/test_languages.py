"""Whatever strangers wrote, a plan is read as the requests that it means, and as nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports.fix_plan.plan import make_plan
from reports.fix_plan.step import Step
from reports.formats.plan_http import render_http
from reports.formats.plan_ps1 import render_powershell
from reports.formats.plan_sh import render_shell
from reports.report import Report
from rules.model.clean import clean
from tests.reports.fix_plan.languages import http_requests, powershell_tokens, run_shell
from tests.reports.fix_plan.runs import report_of
from tests.reports.hostile import hostile_report
from tests.reports.sample import empty_report, sample_report

#: What ends comments, quotes or lines somewhere, and what is filled in or run.
SIGNS = st.sampled_from(
    ["'", '"', "\\", "`", "$", "(", ")", "$(touch x)", "`touch x`", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b",
        "\x0c", "\x00", "#", "#>", "<#",
     "\n#Requires -RunAsAdministrator", "SIG # Begin signature block", "\u2018", "\u2019", "\u201b", "\u201c",
         "{{token}}", "{{$processEnv PATH}}", "{", "}",
     "### ", "\n### x\nDELETE https://x", "# @name x", "< ./secret", ";", "&&", "|", ">x", "!", "%", "*", "~", " ",
         "\t", "\x1b[31m", "\u202e", "\u2066",
     "\u00fc", "\ud7ff", "\U0001f600", "-", "--url", "@/etc/passwd", "EOF", "'@", "@'", "\n'@", "; exit", "$apply_1"]
)  # fmt: skip
TEXT = st.lists(st.one_of(SIGNS, st.text(max_size=3)), max_size=6).map("".join)


def registration(name: str, addresses: list[str], credential: str, subject: str) -> dict[str, Any]:
    """A registration with findings of every kind of step, and strangers' text wherever it may stand."""
    app = clean("web")
    app["displayName"] = name
    app["web"] = {
        **app["web"],
        "redirectUris": ["javascript:" + addresses[0], *addresses, "http://portal.contoso.com/" + addresses[-1]],
        "logoutUrl": "http://portal.contoso.com/" + addresses[0],
    }
    app["isFallbackPublicClient"] = True
    app["passwordCredentials"] = [_ended(credential, "77777770-0000-4000-8000-000000000001")]
    app["keyCredentials"].append(
        {**_ended(credential, "77777770-0000-4000-8000-000000000002"), "type": "AsymmetricX509Cert"}
    )
    federated = {"issuer": "https://token.actions.githubusercontent.com", "audiences": ["api://AzureADTokenExchange"]}
    app["federatedIdentityCredentials"] = [
        {
            **federated,
            "name": f"{credential}{n}",
            "subject": f"repo:contoso/app:{subject}",
            "id": f"77777771-0000-4000-8000-00000000000{n}",
        }
        for n in (1, 2)
    ]
    return app


def _ended(name: str, key: str) -> dict[str, Any]:
    return {
        "keyId": key,
        "displayName": name,
        "startDateTime": "2020-01-01T00:00:00Z",
        "endDateTime": "2021-01-01T00:00:00Z",
    }


REGISTRATIONS = st.builds(registration, TEXT, st.lists(TEXT, min_size=1, max_size=4), TEXT, TEXT)
STOCK = registration("O'Neill's $(id) `id` \n#Requires", ["alert('1')", "x\n### y"], "'@\n#>", "environment:'prod'")


def steps_of(report: Report) -> list[Step]:
    return [step for block in make_plan(report).blocks for step in block.steps]


def words_of(step: Step) -> list[str]:
    """The arguments of Azure CLI that mean the step, but for the body, which is compared as JSON."""
    if not step.request:
        return list(step.cli[1:])
    words = ["rest", "--method", step.request.method, "--url", step.request.url]
    return words if step.request.body is None else [*words, "--body", json.dumps(step.request.body)]


def alike(words: list[str]) -> list[Any]:
    return [*words[:-1], json.loads(words[-1])] if "--body" in words else list(words)


def changes(calls: list[list[str]]) -> list[list[Any]]:
    """The calls that change something, each after one that reads; what is evaluated of the answer is JMESPath."""
    reads, writes = calls[::2], calls[1::2]
    assert len(reads) == len(writes)
    for call in reads:
        assert call[:4] == ["rest", "--method", "GET", "--url"]
        assert call[5:8] == ["--output", "tsv", "--query"]
        jmespath.compile(call[8])
    return [alike(call) for call in writes]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(app=REGISTRATIONS)
@example(app=STOCK)
def test_a_shell_reads_each_step_as_the_arguments_it_means(app: dict[str, Any], tmp_path: Path) -> None:
    report = report_of(app)
    steps = steps_of(report)
    assert len(steps) >= 2  # what looks like a placeholder of a template is left to people
    script = render_shell(report)
    calls, ended = run_shell(script.replace("\napply_1=no\n", "\napply_1=all\n"), tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert changes(calls) == [alike(words_of(step)) for step in steps]
    said = [line for line in ended.stdout.decode().splitlines() if not line.startswith("undo with: ")]
    assert said == [f"step 1.{n}: applied" for n in range(1, len(steps) + 1)]


def test_a_script_runs_nothing_until_its_variable_is_set(tmp_path: Path) -> None:
    report = report_of(STOCK)
    script = render_shell(report)
    assert run_shell(script, tmp_path)[0] == []
    safe = [words_of(step) for step in steps_of(report) if not step.breaks]
    calls, _ = run_shell(script.replace("\napply_1=no\n", "\napply_1=safe\n"), tmp_path)
    assert changes(calls) == [alike(words) for words in safe]
    assert 0 < len(safe) < len(steps_of(report))


def test_a_script_stops_at_a_word_that_it_does_not_know(tmp_path: Path) -> None:
    script = render_shell(report_of(STOCK)).replace("\napply_1=no\n", "\napply_1=yes\n")
    calls, ended = run_shell(script, tmp_path)
    assert (calls, ended.returncode, ended.stderr) == ([], 2, b"use no, safe or all instead of: yes\n")


def test_a_script_stops_at_the_first_request_that_fails(tmp_path: Path) -> None:
    run_shell("exit 0\n", tmp_path)
    (tmp_path / "bin" / "az").write_text("#!/bin/sh\nprintf '1\\0x\\0' >> \"$CALLS\"\nexit 1\n")
    script = render_shell(report_of(STOCK)).replace("\napply_1=no\n", "\napply_1=all\n")
    calls, ended = run_shell(script, tmp_path)
    assert (len(calls), ended.returncode) == (1, 1)


@given(app=REGISTRATIONS)
@example(app=STOCK)
@example(app=registration("", [""], "\u2018", ""))
def test_powershell_reads_each_step_as_the_request_it_means(app: dict[str, Any]) -> None:
    report = report_of(app)
    text = render_powershell(report)
    assert text.startswith("\ufeff#Requires -Modules Microsoft.Graph.Authentication\n")
    tokens = powershell_tokens(text.removeprefix("\ufeff"))
    assert [value for kind, value in tokens if kind == "comment" and re.match(r"#\S", value)] == [
        "#Requires -Modules Microsoft.Graph.Authentication"
    ]
    assert not [value for kind, value in tokens if kind == "comment" and value.startswith("# SIG #")]
    start = next(n for n, (kind, value) in enumerate(tokens) if kind == "plain" and "$apply_1" in value)
    found: list[dict[str, Any]] = []
    expecting = ""
    for kind, value in tokens[start:]:
        if kind == "plain":
            expecting = value
            if re.search(r"\$(check|change) = @{ ", value):
                found.append({})
        elif found and (name := re.search(r"(\w+) = $", expecting)):
            found[-1][name[1]] = value
        if kind == "plain" and "$undo = @{" in value:
            found.append({})  # what undoes is read apart
    wanted = [step for step in steps_of(report) if step.request]
    sent = [table for table in found if "Method" in table and "Read" not in table]
    assert [[table["Method"], table["Uri"], json.loads(table.get("Body", "null"))] for table in sent] == [
        [step.request.method, step.request.url, step.request.body] for step in wanted if step.request
    ]
    compared = [table for table in found if "Read" in table and "Method" not in table]
    assert [table["Uri"] for table in compared] == [step.check.url for step in wanted]
    plain = " ".join(value for kind, value in tokens[start:] if kind == "plain")
    assert set(re.findall(r"[^\s{}()=;]+", plain)) == {
        "$apply_1", "if", "Test-Step", "$check", "$change", "$undo", "@", "Invoke-Change", "Complete-Plan",
        "Uri", "List", "Member", "Value", "Read", "Done", "Method", "ContentType", "Body", "Check", "Change",
    }  # fmt: skip


@given(app=REGISTRATIONS)
@example(app=STOCK)
def test_an_editor_reads_each_step_as_the_request_it_means(app: dict[str, Any]) -> None:
    report = report_of(app)
    found = http_requests(render_http(report))
    assert found[0][0] == "GET"
    wanted = [(step.request.method, step.request.url, step.request.body) for step in steps_of(report) if step.request]
    assert found[1:] == wanted


@pytest.mark.parametrize("render", [render_shell, render_powershell, render_http])
@pytest.mark.parametrize("make", [hostile_report, sample_report, empty_report, lambda: report_of(STOCK)])
def test_a_plan_shows_everything_that_would_hide(render: Any, make: Any) -> None:
    text = render(make()).removeprefix("\ufeff")
    text.encode("utf-8")
    assert text.endswith("\n")
    assert not [
        c
        for c in set(text)
        if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f" or c in "\u200b\u202e\u2066\u2028\ufeff")
    ]


@pytest.mark.parametrize("render", [render_shell, render_powershell, render_http])
def test_what_is_no_comment_is_ascii(render: Any) -> None:
    lines = render(report_of(STOCK)).removeprefix("\ufeff").splitlines()
    assert all(line.isascii() for line in lines if not line.startswith("#"))
