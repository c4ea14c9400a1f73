"""The configuration: found upwards, and each mistake is one line with its place."""

from pathlib import Path

import pytest

from advisor.errors import ConfigurationError
from advisor.policy.checks import Known
from advisor.policy.config import Configuration, find_configuration, load_configuration

RULES = ("implicit-access-token", "wildcard-redirect-uri")
FAMILIES = ("implicit", "redirect-uris")
QUESTIONS = {"token-for": ("user", "program")}
KNOWN = Known(
    rules=RULES,
    families=FAMILIES,
    grants=("authorization_code", "client_credentials"),
    questions=lambda: QUESTIONS,
    version="0.3.1",
    family_of={"implicit-access-token": "implicit", "wildcard-redirect-uri": "redirect-uris"},
)


def load(path: Path, text: str) -> Configuration:
    path.write_text(text, "utf-8")
    return load_configuration(path, KNOWN)


def mistake(path: Path, text: str) -> tuple[int | None, int | None, str, str]:
    with pytest.raises(ConfigurationError) as caught:
        load(path, text)
    error = caught.value
    assert error.file == str(path)
    return error.line, error.column, error.what, error.hint


def test_a_full_configuration_is_read(tmp_path: Path) -> None:
    text = (
        'select = ["implicit"]\nfail-on = "high"\n[settings]\nmax-secret-days = 90\nallowed-hosts = ["a.example"]\n'
        '[advise.answers]\ntoken-for = "user"\n'
    )
    found = load(tmp_path / "grantlint.toml", text)
    assert found.select == ("implicit",)
    assert found.fail_on == "high"
    assert found.settings.max_secret_days == 90
    assert found.settings.allowed_hosts == ("a.example",)
    assert found.answers == {"token-for": "user"}


def test_pyproject_holds_it_below_tool_grantlint(tmp_path: Path) -> None:
    found = load(tmp_path / "pyproject.toml", '[tool.other]\nselect = 1\n[tool.grantlint]\nignore = ["implicit"]\n')
    assert found.ignore == ("implicit",)


def test_the_nearest_file_upwards_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "grantlint.toml").write_text("")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert find_configuration(inner) == tmp_path / "grantlint.toml"
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.grantlint]\n")
    assert find_configuration(inner) == tmp_path / "a" / "pyproject.toml"


def test_an_unknown_rule_is_named_with_its_place_and_the_nearest_one(tmp_path: Path) -> None:
    line, column, what, hint = mistake(
        tmp_path / "grantlint.toml", '# rules\nselect = [\n  "implicit",\n  "wildcard-redirect-url",\n]\n'
    )
    assert (line, column) == (4, 3)
    assert "unknown rule or family 'wildcard-redirect-url'" in what
    assert hint == "did you mean 'wildcard-redirect-uri'?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lint]\nselect = []\n", "write its keys at the top level, such as select and ignore"),
        ('[[accept]]\nrule = "no-owner"\n', "did you mean 'suppress'?"),
        ("max-secret-days = 30\n", "write the key in [settings]"),
        ("fail_on = 'high'\n", "did you mean 'fail-on'?"),
        ("shade = true\n", "see `grantlint config --schema`"),
    ],
)
def test_an_unknown_key_gets_a_hint_that_fits(text: str, said: str, tmp_path: Path) -> None:
    assert mistake(tmp_path / "grantlint.toml", text)[3] == said


def test_an_unknown_question_and_an_unknown_choice_are_named(tmp_path: Path) -> None:
    assert mistake(tmp_path / "grantlint.toml", '[advise.answers]\ntoken-fro = "user"\n') == (
        2, 1, "unknown question 'token-fro'", "did you mean 'token-for'?",
    )  # fmt: skip
    assert mistake(tmp_path / "grantlint.toml", '[advise.answers]\ntoken-for = "users"\n')[2:] == (
        "token-for has no choice 'users'", "one of user, program",
    )  # fmt: skip


def test_broken_toml_is_one_line_with_its_place(tmp_path: Path) -> None:
    line, column, what, _ = mistake(tmp_path / "grantlint.toml", 'select = ["implicit"]\nfail-on = \n')
    assert line == 2
    assert column is not None
    assert what.startswith("is not TOML: ")


def test_toml_that_ends_too_early_is_told_with_its_last_line(tmp_path: Path) -> None:
    line, _, what, _ = mistake(tmp_path / "grantlint.toml", 'fail-on = "high"\nselect = [')
    assert (line, what.startswith("is not TOML: ")) == (2, True)


def test_a_file_that_is_nested_too_deeply_is_one_line_too(tmp_path: Path) -> None:
    assert mistake(tmp_path / "grantlint.toml", "select = " + "[" * 100_000)[2] == "is nested too deeply"


def test_somebody_elses_deep_pyproject_is_passed_over(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (tmp_path / "grantlint.toml").write_text("")
    (inner / "pyproject.toml").write_text("x = " + "[" * 100_000)
    assert find_configuration(inner) == tmp_path / "grantlint.toml"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("selct = []", "unknown key 'selct'"),
        ('select = "implicit"', "select must be a list of rules or families"),
        ('fail-on = "severe"', "unknown severity 'severe' in fail-on"),
        ("[settings]\nmax-secret-day = 3", "unknown setting 'max-secret-day'"),
        ('[settings]\nmax-secret-days = "x"', "max-secret-days: expected `int`, got `str`"),
        ("[settings]\nmax-secret-days = 0", "max-secret-days: expected `int` >= 1"),
        ("settings = 3", "settings must be a table"),
        ("[advise]\nanswer = 3", "unknown key 'answer' in advise"),
        ("advise = 3", "advise must contain a table of answers"),
    ],
)
def test_every_mistake_says_what_is_wrong_and_what_to_do(tmp_path: Path, text: str, what: str) -> None:
    line, column, said, hint = mistake(tmp_path / "grantlint.toml", text)
    assert said == what
    assert line
    assert column
    assert hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_configuration(tmp_path / "none.toml", KNOWN)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('x = 1\n', 1, "unknown key 'x'"),
        ('[[suppress]]\nrule = "implicit"\nreasn = "x"\n', 3, "unknown key 'reasn'"),
        ('[[suppress]]\nrule = "implicit"\n[[suppress]]\nrule = "implicitt"\n', 4,
            "unknown rule or family 'implicitt' in suppress"),
        ('[[suppress]]\nreason = "x"\n', 1, "suppress: object missing required field 'rule'"),
        ('[[suppress]]\nrule = "implicit"\nuntil = "soon"\n', 3, "suppress.until: expected a date such as 2027-01-31"),
        ('[[override]]\nignore = ["implicit"]\n', 1, "an override names no registration and no path"),
        ('[[override]]\npath = "a"\nignore = ["implicitt"]\n', 3, "unknown rule or family 'implicitt' in ignore"),
        ('[severity]\nwildcard-redirect-uri = "bad"\n', 2, "unknown severity 'bad' for wildcard-redirect-uri"),
        ('[severity]\nimplicit = "high"\n', 2, "unknown rule 'implicit' in severity"),
        ('[registrations."Portal"]\ngrant = "code"\n', 2, "unknown grant 'code'"),
        ('[registrations."Portal"]\ngrnt = "x"\n', 2, "unknown key 'grnt'"),
        ('profile = "strikt"\n', 1, "unknown profile 'strikt'"),
        ('required-version = ">=0.4"\n', 1, "needs grantlint >=0.4, and this is 0.3.1"),
        ('required-version = "new"\n', 1, "'new' is not a version"),
    ],
)  # fmt: skip
def test_mistakes_in_tables_have_their_place(tmp_path: Path, text: str, line: int, what: str) -> None:
    found = mistake(tmp_path / "grantlint.toml", text)
    assert (found[0], found[2]) == (line, what)
    assert found[3]


@pytest.mark.parametrize("wanted", [">=0.3", "==0.3.1", ">0.3,<0.4", "0.3.1", "<=0.3.1"])
def test_a_version_that_holds_is_no_mistake(tmp_path: Path, wanted: str) -> None:
    assert load(tmp_path / "grantlint.toml", f'required-version = "{wanted}"\n').file


def test_a_full_set_of_tables_is_read(tmp_path: Path) -> None:
    text = """
[severity]
wildcard-redirect-uri = "low"
[[suppress]]
rule = ["implicit"]
registration = "Portal"
reason = "old library"
owner = "web"
until = 2027-01-31
[[override]]
path = "sandbox/**"
[override.settings]
max-secret-days = 30
[registrations."Portal"]
grant = "authorization_code"
[advise]
tree = "organization.toml"
"""
    found = load(tmp_path / "grantlint.toml", text)
    assert found.severity == {"wildcard-redirect-uri": "low"}
    assert found.suppressions[0].rules == ("implicit",)
    assert found.suppressions[0].line == 4
    assert str(found.suppressions[0].until) == "2027-01-31"
    assert found.overrides[0].settings == {"max-secret-days": 30}
    assert found.registrations[0].grant == "authorization_code"
    assert found.tree == "organization.toml"


PROFILE = '[[suppress]]\nrule = "implicit"\nreason = "x"\n[[override]]\npath = "a/**"\nignore = ["implicit"]\n'


def test_a_profile_may_hold_suppressions_overrides_and_declarations(tmp_path: Path) -> None:
    (tmp_path / "org.toml").write_text(PROFILE + '[registrations."Portal"]\nowner = "web"\n')
    found = load(
        tmp_path / "grantlint.toml",
        'profile = "org.toml"\n[[suppress]]\nrule = "redirect-uris"\nreason = "y"\n'
        '[registrations."Portal"]\nowner = "b"\n',
    )
    assert [(one.rules, Path(one.file).name, one.line) for one in found.suppressions] == [
        (("implicit",), "org.toml", 1),
        (("redirect-uris",), "grantlint.toml", 2),
    ]
    assert [(one.paths, Path(one.file).name) for one in found.overrides] == [(("a/**",), "org.toml")]
    assert [(one.owner, Path(one.file).name) for one in found.registrations] == [("b", "grantlint.toml")]


@pytest.mark.parametrize(
    ("lock", "text", "line", "key"),
    [
        ("fail-on", 'fail-on = "never"\n', 2, "fail-on"),
        ("suppress", '[[suppress]]\nrule = "implicit"\nreason = "x"\n', 2, "suppress"),
        ("settings", "[settings]\nmax-secret-days = 9\n", 3, "settings.max-secret-days"),
        ("settings.max-secret-days", "settings.max-secret-days = 9\n", 2, "settings.max-secret-days"),
        ("settings.max-secret-days", '[[override]]\npath = "a"\n[override.settings]\nmax-secret-days = 9\n', 5,
            "settings.max-secret-days"),
        ("suppressions.require-owner", "[suppressions]\nrequire-owner = false\n", 3, "suppressions.require-owner"),
        ("ignorable.implicit-access-token", "[ignorable]\nimplicit-access-token = true\n", 3,
            "ignorable.implicit-access-token"),
        ("severity.implicit-access-token", '[severity]\nimplicit-access-token = "low"\n', 3,
            "severity.implicit-access-token"),
        ("severity.implicit-access-token", 'ignore = ["implicit-access-token"]\n', 2,
            "severity.implicit-access-token"),
        ("severity.implicit-access-token", 'ignore = ["implicit"]\n', 2, "severity.implicit-access-token"),
        ("severity.implicit-access-token", '[[override]]\npath = "a"\nignore = ["implicit"]\n', 4,
            "severity.implicit-access-token"),
    ],
)  # fmt: skip
def test_a_profile_can_lock_keys(tmp_path: Path, lock: str, text: str, line: int, key: str) -> None:
    (tmp_path / "org.toml").write_text(f'# ours\nlock = ["{lock}"]\n')
    path = tmp_path / "grantlint.toml"
    said = mistake(path, f'profile = "org.toml"\n{text}')
    assert said[0] == line
    assert said[2:] == (
        f"{key} is locked by {tmp_path / 'org.toml'}, line 2",
        "remove the key here, or change the file that locks it",
    )


def test_what_is_not_locked_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "org.toml").write_text('fail-on = "high"\nlock = ["severity.implicit-access-token", "fail-on"]\n')
    found = load(tmp_path / "grantlint.toml", 'profile = "org.toml"\n[severity]\nwildcard-redirect-uri = "low"\n')
    assert found.fail_on == "high"
    assert found.severity == {"wildcard-redirect-uri": "low"}


@pytest.mark.parametrize("key", ["fail-no", "settings.max-secret-day", "severity.implicit", "profile"])
def test_a_lock_of_what_is_no_key_is_a_mistake(tmp_path: Path, key: str) -> None:
    assert mistake(tmp_path / "grantlint.toml", f'lock = ["{key}"]\n')[2] == f"{key!r} in lock is not a key"


def test_the_line_of_a_key_is_found_whatever_else_has_its_name(tmp_path: Path) -> None:
    found = load(
        tmp_path / "grantlint.toml",
        '# max-secret-days = 1\nignore = []\n[[suppress]]\nrule = "implicit"\nreason = """\nmax-secret-days = 2\n"""\n'
        "[settings]\nmax-secret-days = 3\n",
    )
    assert found.places["settings.max-secret-days"].line == 9


def test_a_profile_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "org.toml").write_bytes(b"\xff\xfe\x00")
    line, _, what, _ = mistake(tmp_path / "grantlint.toml", '\nprofile = "org.toml"\n')
    assert (line, what.partition(":")[0]) == (2, "profile 'org.toml' cannot be read")
