"""``grantlint config``: what holds, where it comes from, and the schema."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema


def test_without_a_file_the_defaults_hold(folder: Path, grantlint: Callable) -> None:
    run = grantlint("config", "--isolated")
    assert run.status == 0
    assert 'fail-on = "low"  # default\n' in run.out
    assert "max-secret-days = 180  # default\n" in run.out


def test_each_value_says_where_it_comes_from(folder: Path, grantlint: Callable) -> None:
    (folder / "grantlint.toml").write_text(
        'profile = "strict"\nignore = ["implicit"]\n[severity]\nno-owner = "high"\n[settings]\nmax-redirect-uris = 9\n'
        '[[suppress]]\nrule = "no-owner"\nregistration = "Contoso*"\nreason = "x"\nuntil = 2027-01-31\n'
    )
    out = grantlint("config").out
    assert 'ignore = ["implicit"]  # grantlint.toml, line 2\n' in out
    assert 'fail-on = "info"  # profile strict, line 2\n' in out
    assert 'no-owner = "high"  # grantlint.toml, line 4\n' in out
    assert "max-redirect-uris = 9  # grantlint.toml, line 6\n" in out
    assert "max-secret-days = 90  # profile strict, line 5\n" in out
    assert "max-active-credentials = 2  # default\n" in out
    assert "# grantlint.toml, line 7: accepted: no-owner for Contoso* until 2027-01-31\n" in out


def test_the_true_origin_is_that_of_each_profile(folder: Path, grantlint: Callable) -> None:
    (folder / "org.toml").write_text(
        'profile = "legacy"\nignore = ["no-owner"]\nlock = ["preview"]\n[settings]\nmax-secret-days = 30\n'
        '[[suppress]]\nrule = "implicit"\nreason = "x"\n[[override]]\npath = "old/**"\nignore = ["no-owner"]\n'
        '[registrations."Portal"]\nowner = "web"\n'
    )
    (folder / "grantlint.toml").write_text('profile = "org.toml"\nignore = ["implicit"]\nsettings = {}\n')
    out = grantlint("config").out
    assert 'ignore = ["no-owner", "implicit"]  # org.toml, line 2; grantlint.toml, line 2\n' in out
    assert 'fail-on = "high"  # profile legacy, line 3\n' in out
    assert 'lock = ["preview"]  # org.toml, line 3\n' in out
    assert "max-secret-days = 30  # org.toml, line 5\n" in out
    assert "# org.toml, line 6: accepted: implicit for all registrations\n" in out
    assert "# org.toml, line 9: for old/**: not no-owner\n" in out
    assert '# org.toml, line 12: Portal: owner = "web"\n' in out


def test_requirements_of_suppressions_are_shown(folder: Path, grantlint: Callable) -> None:
    (folder / "grantlint.toml").write_text(
        "[suppressions]\nmax-suppression-days = 90\nrequire-owner = true\n[ignorable]\nimplicit = false\n"
    )
    out = grantlint("config").out
    limit, owner = (
        "max-suppression-days = 90  # grantlint.toml, line 2",
        "require-owner = true  # grantlint.toml, line 3",
    )
    assert f"[suppressions]\n{limit}\n{owner}\n" in out
    assert "[ignorable]\nimplicit = false  # grantlint.toml, line 5\n" in out


def test_overrides_and_what_is_declared_of_registrations_are_shown_too(folder: Path, grantlint: Callable) -> None:
    (folder / "grantlint.toml").write_text(
        '[[override]]\npath = "sandbox/**"\nignore = ["no-owner"]\n[override.severity]\nplaintext-redirect-uri = '
        '"low"\n'
        "[override.settings]\nmax-secret-days = 365\n"
        '[registrations."Contoso Portal"]\ngrant = "authorization_code"\nowner = "web-team"\n'
    )
    out = grantlint("config").out
    assert 'for sandbox/**: not no-owner, plaintext-redirect-uri = "low", max-secret-days = 365\n' in out
    assert 'Contoso Portal: grant = "authorization_code", owner = "web-team"\n' in out


def test_a_configuration_that_cannot_be_read_is_one_line_without_python_in_it(
    folder: Path, grantlint: Callable
) -> None:
    run = grantlint("config", "--config", "nope.toml")
    assert (run.status, run.err) == (
        2,
        "nope.toml: cannot be read: No such file or directory; name another file with --config\n",
    )


def test_an_unknown_question_says_what_lists_the_questions(folder: Path, grantlint: Callable) -> None:
    (folder / "grantlint.toml").write_text('[advise.answers]\nxyzzy = "x"\n')
    assert "unknown question 'xyzzy'; see `grantlint tree --questions`" in grantlint("config").err


def test_check_says_that_it_is_valid_or_what_is_wrong(folder: Path, grantlint: Callable) -> None:
    path = folder / "grantlint.toml"
    path.write_text('fail-on = "high"\n')
    assert grantlint("config", "--check") == (0, f"{path}: valid\n", "")
    path.write_text('fail-on = "hihg"\n')
    run = grantlint("config", "--check")
    assert run.status == 2
    assert run.err.startswith(f"{path}:1:1: unknown severity 'hihg' in fail-on; ")


def test_the_schema_accepts_what_the_tool_accepts(grantlint: Callable) -> None:
    schema = json.loads(grantlint("config", "--schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {
        "fail-on": "high",
        "settings": {"max-secret-days": 30},
        "suppress": [{"rule": "no-owner", "reason": "x"}],
        "override": [{"path": "a/**", "severity": {"no-owner": "off"}}],
        "registrations": {"Portal": {"grant": "authorization_code"}},
    }
    jsonschema.validate(good, schema)
    for bad in ({"fail-on": "x"}, {"selct": []}, {"suppress": [{"reason": "x"}]}, {"settings": {"max-secret-days": 0}}):
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(bad)), bad


def test_the_schema_completes_rules_families_and_grants_and_accepts_own_rules(grantlint: Callable) -> None:
    schema = json.loads(grantlint("config", "--schema").out)
    defs = schema["$defs"]
    assert {"no-owner", "implicit", "unused-suppression"} <= {*defs["RuleOrFamily"]["anyOf"][0]["enum"]}
    assert "no-owner" in defs["Severities"]["properties"]
    own = {"ignore": ["contoso-rule"], "severity": {"contoso-rule": "low"}, "lock": ["severity.contoso-rule"]}
    jsonschema.validate(own, schema)
    for bad in ({"registrations": {"P": {"grant": "code"}}}, {"severity": {"no-owner": "bad"}}):
        assert list(jsonschema.Draft202012Validator(schema).iter_errors(bad)), bad
