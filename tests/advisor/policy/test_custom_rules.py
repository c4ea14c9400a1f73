"""``[[rule]]``: custom rules, which behave like built-in ones, and mistakes in them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.policy.custom_rules.build import build_rule
from advisor.policy.tables import RuleTable
from advisor.policy.toml_place import TomlPlace
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, read_value
from tests.advisor.policy.test_conditions import CONDITIONS
from tests.reports.rows_of import rows_of
from tests.rules.test_survival import REGISTRATIONS

PAGE = (Path(__file__).resolve().parents[3] / "advisor" / "policy" / "README.md").read_text("utf-8")

RULE = """
[[rule]]
id = "contoso-redirect-host"
severity = "high"
title = "A redirect leaves the company."
message = "redirects to {value}, outside contoso.com"
why = "Addresses elsewhere are not ours for good."
fix = "Use a host below contoso.com."
references = ["https://wiki.contoso.example/hosts"]
each = "web.redirectUris"
where = "!contains(@, '.contoso.com')"
bad = { web = { redirectUris = ["https://fabrikam.com/cb"] } }
good = [{ web = { redirectUris = ["https://a.contoso.com/cb"] } }, { web = { redirectUris = [] } }]
"""
MANY = """
[[rule]]
id = "contoso-cost-center"
severity = "low"
message = "has no cost center"
fix = "Add a tag cost:NUMBER."
where = "length(tags[?starts_with(@, 'cost:')]) == `0`"
"""


def write(folder: Path, *, rules: str = RULE, fragment: dict[str, Any] | None = None, **parts: Any) -> None:
    (folder / "grantlint.toml").write_text(rules, "utf-8")
    app = merged_into(
        "web", fragment or {"web": {"redirectUris": ["https://a.contoso.com/cb", "https://fabrikam.com/cb"]}}
    )
    (folder / "app.json").write_text(json.dumps({**app, **parts}, indent=1), "utf-8")


def report(grantlint: Callable, *arguments: str) -> dict[str, Any]:
    run = grantlint("lint", "app.json", "--today", "2026-01-15", "--format", "json", *arguments)
    assert run.status < 2, run.err
    found: dict[str, Any] = rows_of(run.out)
    return found


def own(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in found["findings"] if finding["rule"].startswith("contoso-")]


def test_a_finding_has_line_pointer_value_and_fingerprint_like_any_other(folder: Path, grantlint: Callable) -> None:
    write(folder)
    found = own(report(grantlint))
    assert len(found) == 1
    assert found[0]["pointer"] == "/web/redirectUris/1"
    assert found[0]["value"] == "https://fabrikam.com/cb"
    assert found[0]["message"] == "redirects to https://fabrikam.com/cb, outside contoso.com"
    line = found[0]["origin"]["line"]
    assert "fabrikam.com" in (folder / "app.json").read_text().splitlines()[line - 1]
    write(folder, fragment={"web": {"redirectUris": ["https://fabrikam.com/cb"]}})
    assert own(report(grantlint))[0]["fingerprint"] == found[0]["fingerprint"]


def test_custom_rules_are_selected_ignored_and_rated_like_built_in_ones(folder: Path, grantlint: Callable) -> None:
    write(folder, rules=RULE + MANY)
    assert {finding["rule"] for finding in report(grantlint, "--select", "own")["findings"]} == {
        "contoso-redirect-host",
        "contoso-cost-center",
    }
    assert [f["rule"] for f in own(report(grantlint, "--ignore", "contoso-cost-center"))] == ["contoso-redirect-host"]
    assert own(report(grantlint, "--ignore", "own")) == []
    write(folder, rules=f'ignore = ["contoso-cost-center"]\n{RULE}{MANY}\n[severity]\ncontoso-redirect-host = "low"\n')
    assert [(f["rule"], f["severity"]) for f in own(report(grantlint))] == [("contoso-redirect-host", "low")]


def test_custom_rules_are_accepted_and_known_like_built_in_ones(folder: Path, grantlint: Callable) -> None:
    write(folder)
    grantlint("lint", "app.json", "--write-baseline", "known.json")
    assert [f["state"] for f in own(report(grantlint, "--baseline", "known.json"))] == ["known"]
    write(folder, rules=RULE + '[[suppress]]\nrule = "contoso-redirect-host"\nreason = "until the move"\n')
    assert [f["state"] for f in own(report(grantlint))] == ["suppressed"]
    write(folder, rules=RULE + '[[override]]\npath = "*.json"\nignore = ["own"]\n')
    assert own(report(grantlint)) == []


def test_sarif_and_html_say_what_the_rule_says(folder: Path, grantlint: Callable) -> None:
    write(folder)
    grantlint("lint", "app.json", "-o", "r.sarif", "-o", "r.html")
    driver = json.loads((folder / "r.sarif").read_text())["runs"][0]["tool"]["driver"]
    rule = next(rule for rule in driver["rules"] if rule["id"] == "contoso-redirect-host")
    assert rule["shortDescription"]["text"] == "A redirect leaves the company."
    assert rule["helpUri"] == "https://wiki.contoso.example/hosts"
    assert "own" in rule["properties"]["tags"]
    assert "A redirect leaves the company." in (folder / "r.html").read_text()


def test_what_was_not_read_is_not_assessed_and_never_clean(folder: Path, grantlint: Callable) -> None:
    write(folder)
    (folder / "app.json").write_text(
        '{"appId": "11111111-1111-4111-8111-111111111111", "displayName": "Small", "web": {"homePageUrl": null}}'
    )
    found = report(grantlint, "--select", "own")
    assert [(gap["rule"], gap["pointer"], gap["reason"]) for gap in found["not_assessed"]] == [
        ("contoso-redirect-host", "/web/redirectUris", "not-in-file")
    ]


def test_a_placeholder_is_not_assessed_and_the_rest_is_checked(folder: Path, grantlint: Callable) -> None:
    write(folder, fragment={"web": {"redirectUris": ["${{SITE}}/cb", "https://fabrikam.com/cb"]}})
    found = report(grantlint, "--select", "own")
    assert [f["pointer"] for f in found["findings"]] == ["/web/redirectUris/1"]
    assert [gap["pointer"] for gap in found["not_assessed"]] == ["/web/redirectUris/0"]


def test_a_value_in_a_message_is_quoted_within_bounds_and_never_as_a_format(folder: Path, grantlint: Callable) -> None:
    name = "{0.__class__} {value} " + "a" * 500
    rule = MANY.replace("has no cost center", "is called {value}").replace(
        "length(tags[?starts_with(@, 'cost:')]) == `0`", "displayName"
    )
    write(folder, rules=rule, displayName=name)
    message = own(report(grantlint))[0]["message"]
    assert message == f"is called {name[:79]}…"


def test_the_words_of_a_rule_are_text_wherever_they_are_shown(folder: Path, grantlint: Callable) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:1) \\u001b[31m\\n::error::x"
    rule = RULE
    for words in (
        "A redirect leaves the company.",
        "outside contoso.com",
        "Addresses elsewhere are not ours for good.",
        "Use a host below contoso.com.",
    ):
        rule = rule.replace(words, hostile)
    write(folder, rules=rule)
    for kind in ("text", "html", "sarif", "junit", "github", "github-summary", "gitlab", "azure", "csv", "markdown"):
        out = grantlint("lint", "app.json", "--select", "own", "--format", kind).out
        assert "\x1b" not in out
        assert not re.search("^::error::x", out, re.MULTILINE)
        if kind in ("html", "github-summary", "markdown", "junit"):
            assert "<script>alert" not in out
        if kind == "sarif":
            text = json.loads(out)["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"]
            assert "<script>" not in text
            assert "[x](" not in text
    assert "\x1b" not in grantlint("rules", "contoso-redirect-host").out


def test_rules_lists_and_explains_them_as_the_organisations(folder: Path, grantlint: Callable) -> None:
    write(folder)
    assert "high      contoso-redirect-host (own)\n" in grantlint("rules").out
    assert "contoso-redirect-host" not in grantlint("rules", "--isolated").out
    out = grantlint("rules", "contoso-redirect-host").out
    assert "from" in out
    assert "grantlint.toml, line 2" in " ".join(out.split())
    assert "  reported: high at /web/redirectUris/0\n" in out
    assert out.endswith("Condition:\n  each   web.redirectUris\n  where  !contains(@, '.contoso.com')\n")
    assert grantlint("rules", "own").out.count("\n") == 2


def test_a_profile_may_bring_rules_and_the_file_may_rate_them(folder: Path, grantlint: Callable) -> None:
    (folder / "organization.toml").write_text(RULE, "utf-8")
    write(folder, rules='profile = "organization.toml"\n[severity]\ncontoso-redirect-host = "info"\n' + MANY)
    assert {(f["rule"], f["severity"]) for f in own(report(grantlint))} == {
        ("contoso-redirect-host", "info"),
        ("contoso-cost-center", "low"),
    }


def test_examples_are_checked_with_the_configuration(folder: Path, grantlint: Callable) -> None:
    write(folder)
    path = folder / "grantlint.toml"
    assert grantlint("config", "--check") == (0, f"{path}: valid\n", "")
    for old, new, what in (
        ("https://fabrikam.com/cb", "https://b.contoso.com/cb", "bad example 1 is not reported"),
        ("https://a.contoso.com/cb", "https://a.fabrikam.com/cb", "good example 1 is reported"),
    ):
        path.write_text(RULE.replace(old, new), "utf-8")
        run = grantlint("config", "--check")
        assert run.status == 2
        assert run.err.startswith(f"{path}:2: contoso-redirect-host: {what}; ")
        assert grantlint("rules", "contoso-redirect-host").status == 0


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('severity = "high"', 'severity = "severe"', 4, "rule.severity: invalid enum value 'severe'"),
        ('severity = "high"', 'severty = "high"', 4, "unknown key 'severty'"),
        ('where = "', '# where = "', 2, "rule: object missing required field 'where'"),
        ("contoso-redirect-host", "implicit-access-token", 3, "'implicit-access-token' is the id of another rule"),
        ("contoso-redirect-host", "redirect-uris", 3, "'redirect-uris' is the name of a family"),
        ("contoso-redirect-host", "Contoso", 3,
            "'Contoso' is not a rule ID: it must be two or more words in kebab-case"),
        ("{value}", "{uri}", 6, "contoso-redirect-host: the message has an unknown placeholder {uri}"),
        ("Use a host below contoso.com.", " ", 8, "contoso-redirect-host: fix is empty"),
        ("https://wiki.contoso.example/hosts", "javascript:x", 9, "contoso-redirect-host: 'javascript:x' is not a URL"),
        ('each = "web.redirectUris"', 'each = "web.redirectUri"', 10,
            "contoso-redirect-host: web has no property 'redirectUri' that grantlint reads"),
        ("contains(@, '.contoso.com')", "contains(@, '.contoso.com'", 11,
            "contoso-redirect-host: where is not valid JMESPath: the expression is incomplete"),
        ("!contains(@, '.contoso.com')", "keys(@)", 11, "contoso-redirect-host: where does not depend on a value"),
        ("!contains(@, '.contoso.com')", "keys(@)[0]", 11,
            "contoso-redirect-host: where cannot be applied: keys() takes object, and gets a value of the type string"),
        ("bad = {", 'needs = ["web.redirectUri"]\nbad = {', 12,
            "needs is no longer accepted: each names a list, and where is the condition that is true if something is "
            "wrong"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_place(
    folder: Path, grantlint: Callable, old: str, new: str, line: int, what: str
) -> None:
    assert old in RULE
    write(folder, rules=RULE.replace(old, new, 1))
    run = grantlint("lint", "app.json")
    assert run.status == 2
    assert run.err.startswith(f"{folder / 'grantlint.toml'}:{line}:")
    assert f": {what}; " in run.err
    assert run.err.count("\n") == 1


def test_a_key_is_found_where_it_is_and_not_where_a_text_has_its_name(folder: Path, grantlint: Callable) -> None:
    write(folder, rules=MANY.replace("has no cost center", "where: = fix, each").replace(" == `0`", " =="))
    assert grantlint("config", "--check").err.startswith(
        f"{folder / 'grantlint.toml'}:7:1: contoso-cost-center: where "
    )


def test_one_id_twice_is_a_mistake(folder: Path, grantlint: Callable) -> None:
    write(folder, rules=RULE + RULE)
    run = grantlint("config", "--check")
    assert run.err.startswith(f"{folder / 'grantlint.toml'}:16:6: 'contoso-redirect-host' is the id of another rule; ")


@pytest.mark.parametrize(
    ("select", "hint"),
    [
        (
            "web.redirectUris[?!contains(@, 'x')]",
            """write each = "web.redirectUris" and where = "!contains(@, 'x')\"""",
        ),
        (
            "isFallbackPublicClient",
            'write each = "passwordCredentials" and a condition on one of them, or only a condition on the '
            "registration",
        ),
    ],
)
def test_the_former_key_select_is_refused_with_what_to_write(
    folder: Path, grantlint: Callable, select: str, hint: str
) -> None:
    rule = re.sub("where = .*", lambda _: f'select = "{select}"', MANY)
    write(folder, rules=rule)
    what = (
        "select is no longer accepted: each names a list, and where is the condition that is true if something is wrong"
    )
    assert grantlint("lint", "app.json").err == f"{folder / 'grantlint.toml'}:7:1: {what}; {hint}\n"


def test_a_value_that_a_function_does_not_take_is_named_and_ends_nothing(folder: Path, grantlint: Callable) -> None:
    rule = re.sub("where = .*", 'each = "optionalClaims.idToken"\\nwhere = "abs(name) > `1`"', MANY)
    write(folder, rules=rule, optionalClaims={"idToken": [{"name": "email"}], "accessToken": [], "saml2Token": []})
    run = grantlint("lint", "app.json", "--select", "own", "--format", "json")
    assert run.status == 3
    gap = rows_of(run.out)["not_assessed"][0]
    assert (gap["pointer"], gap["reason"]) == ("/optionalClaims/idToken/0", "malformed")
    assert gap["note"] == "abs() takes number, and gets a value of the type string"


OWN = tuple(
    build_rule(
        RuleTable(id=f"contoso-{n}", severity="low", message="has {value}", fix="f", each=each, where=where),
        n,
        TomlPlace("f", ""),
    )
    for n, (each, where) in enumerate(CONDITIONS)
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(REGISTRATIONS, min_size=1, max_size=2))
def test_no_custom_rule_fails_on_any_registration_and_each_place_is_there(data: list[dict[str, Any]]) -> None:
    subjects = [Subject(str(n), msgspec.convert(app, Registration)) for n, app in enumerate(data)]
    verdict = lint(subjects, OWN, Context(NOW))
    assert [gap for gap in verdict.not_assessed if gap.reason == "internal"] == []
    apps = {subject.key: subject.app for subject in subjects}
    for finding in verdict.findings:
        value = apps[finding.registration]
        top = finding.pointer.split("/")[1]
        assert read_value(value, top) is not msgspec.UNSET
        assert len(finding.message) < 100


# What the documentation shows


def shown(language: str, having: str) -> str:
    """The first block of *language* in the documentation that has such a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(block for block in blocks if having in block)


def test_the_rule_of_the_documentation_is_valid(folder: Path, grantlint: Callable) -> None:
    write(folder, rules=shown("toml", 'id = "contoso-redirect-host"'))
    assert grantlint("config", "--check").status == 0
    assert [f["pointer"] for f in own(report(grantlint))] == ["/web/redirectUris/1"]


def test_the_conditions_of_the_documentation_are_valid() -> None:
    section = PAGE.partition("| `each` | `where` | reported |")[2].partition("\n\n")[0]
    rows = [line.split(" | ") for line in section.splitlines()[2:]]
    assert len(rows) == 6
    for each, where, _ in rows:
        lists = re.findall(r"`([^`]+)`", each)
        condition = re.fullmatch(r"(`+) ?(.*?) ?\1", where.replace("\\|", "|").strip())
        assert condition
        row = RuleTable(id="contoso-x", severity="low", message="m", fix="f", each=lists, where=condition[2])
        assert build_rule(row, 0, TomlPlace("f", "")).needs == tuple(lists)


def test_the_parser_is_loaded_only_where_a_rule_stands(folder: Path) -> None:
    import subprocess
    import sys

    root = Path(__file__).resolve().parents[3]
    code = "import sys; from advisor.cli import run; run(sys.argv[1:]); print('jmespath' in sys.modules)"
    for rules, loaded in ((RULE, "True"), ('fail-on = "high"\n', "False")):
        write(folder, rules=rules)
        run = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}", "lint", "app.json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.splitlines()[-1] == loaded
