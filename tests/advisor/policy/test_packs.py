"""Rule packs: installed distributions alone, named in the configuration, made for this version of the interface."""

import json
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import advisor.package
from advisor.policy import packs
from rules.model.clean import clean, merged_into
from tests.reports.rows_of import rows_of

ROOT = Path(__file__).resolve().parents[3]

PACK = '''
from collections.abc import Iterator, Sequence

from grantlint import Bad, Context, Good, Hit, Reference, Registration, Subject, rule

REQUIRES = "1"
_WIKI = Reference("Contoso wiki, names", "https://wiki.contoso.example/names")


@rule(
    "contoso-name-without-team",
    severity="medium",
    needs=("displayName",),
    references=(_WIKI,),
    bad=Bad({"displayName": "Portal"}, at="/displayName"),
    good=Good({"displayName": "web: Portal"}),
    base="web",
)
def contoso_name_without_team(app: Registration, _: Context) -> Iterator[Hit]:
    """A registration is not named after its team.

    Why: Nobody knows whom to ask.
    Fix: Begin the name with the team and a colon.
    """
    if app.display_name and ":" not in app.display_name and not app.display_name.startswith("Contoso"):
        yield Hit(pointer="/displayName", message="has no team in its name")


@rule(
    "contoso-one-portal",
    on="registrations",
    severity="low",
    needs=("displayName",),
    references=(_WIKI,),
    bad=Bad({"displayName": "web: Portal"}, at="/displayName", other_registrations=({"displayName": "web: Portal"},)),
    good=Good({"displayName": "web: Portal"}, other_registrations=({"displayName": "web: Shop"},)),
    base="web",
)
def contoso_one_portal(subjects: Sequence[Subject], _: Context) -> Iterator[tuple[Subject, Hit]]:
    """Two registrations are called the portal.

    Why: There is one portal.
    Fix: Rename one of them.
    """
    portals = [subject for subject in subjects if str(subject.app.display_name).endswith(": Portal")]
    for subject in portals if len(portals) > 1 else ():
        yield subject, Hit(pointer="/displayName", message="is a portal too")


RULES = (contoso_name_without_team, contoso_one_portal)
'''


def install(folder: Path, code: str, *, name: str = "contoso_rules", declares: str | None = None) -> None:
    """A distribution as pip leaves it, with one module."""
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(code, "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.2\n")
    entry = f"[{packs.GROUP}]\n{name} = {name}\n" if declares is None else declares
    (info / "entry_points.txt").write_text(entry)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed distributions, with grantlint beside them as in an environment."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.setattr(packs, "site_folders", lambda: (str(folder),))
    monkeypatch.setitem(sys.modules, "grantlint", advisor.package)
    monkeypatch.syspath_prepend(folder)
    path = list(sys.path)
    yield folder
    sys.path[:] = path
    for name in [name for name, module in sys.modules.items() if str(folder) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


def write(folder: Path, config: str = 'packs = ["contoso_rules"]\n') -> Path:
    path = folder / "grantlint.toml"
    path.write_text(config, "utf-8")
    (folder / "app.json").write_text(json.dumps(merged_into("web", {"displayName": "Portal"})), "utf-8")
    return path


def test_a_pack_is_loaded_when_it_is_named_and_its_rules_are_like_others(
    site: Path, folder: Path, grantlint: Callable
) -> None:
    install(site, PACK)
    write(folder)
    run = grantlint("lint", "app.json", "--concise", "--select", "contoso-rules")
    assert "contoso-name-without-team" in run.out
    assert run.status == 1
    assert "medium    contoso-name-without-team (contoso-rules)\n" in grantlint("rules", "contoso-rules").out
    out = " ".join(grantlint("rules", "contoso-name-without-team").out.split())
    assert "from the pack contoso_rules (contoso-rules 1.2)" in out
    assert "Why: Nobody knows whom to ask." in out
    assert 'packs = ["contoso_rules"]' in grantlint("config").out
    assert (
        "# rule contoso-name-without-team, medium: the pack contoso_rules (contoso-rules 1.2)"
        in grantlint("config").out
    )
    write(folder, "")
    assert "contoso" not in grantlint("lint", "app.json", "--concise").out


def test_a_rule_of_a_pack_over_all_registrations_runs(site: Path, folder: Path, grantlint: Callable) -> None:
    install(site, PACK)
    write(folder)
    two = [{**clean("web"), "displayName": "web: Portal"}, {**clean("api"), "displayName": "api: Portal"}]
    (folder / "app.json").write_text(json.dumps({"value": two}))
    out = grantlint("lint", "app.json", "--concise", "--select", "contoso-rules").out
    assert out.count("contoso-one-portal") == 2


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import nowhere_to_be_found",
            "pack 'contoso_rules' cannot be imported: ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("raise SystemExit('away\\nwith it')", "pack 'contoso_rules' cannot be imported: SystemExit: away with it"),
        ("def (", "pack 'contoso_rules' cannot be imported: SyntaxError: "),
        ("from grantlint import nothing_such",
            "pack 'contoso_rules' cannot be imported: ImportError: cannot import name 'nothing_such' from"),
        ("RULES = ()", "pack 'contoso_rules' does not say which version of grantlint's interface it is made for"),
        ("REQUIRES = '2'\nRULES = ()",
            "pack 'contoso_rules' is made for version 2 of grantlint's interface, and this is version 1"),
        ("REQUIRES = '1'", "pack 'contoso_rules' has no RULES"),
        ("REQUIRES = '1'\ndef own(): pass\nRULES = (own,)",
            "pack 'contoso_rules': RULES contains own, which is not a rule"),
        (PACK.replace('"contoso-one-portal"', '"duplicate-display-name"'),
            "pack 'contoso_rules': 'duplicate-display-name' is the id of another rule"),
        (PACK.replace('"contoso-one-portal"', '"portal"'),
            "pack 'contoso_rules': 'portal' is not a rule ID: it must be two or more words in kebab-case"),
        (PACK.replace("Why: ", "Because: "), "pack 'contoso_rules' cannot be imported: ValueError: "
            "contoso_name_without_team: the docstring must be a title"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pack_is_one_line(
    site: Path, folder: Path, grantlint: Callable, code: str, what: str
) -> None:
    install(site, code)
    path = write(folder)
    run = grantlint("lint", "app.json")
    assert run.status == 2
    assert run.err.startswith(f"{path}:1:10: {what}")
    assert run.err.count("\n") == 1
    assert "; " in run.err


def test_a_pack_that_is_not_installed_is_named_with_the_nearest_one(
    site: Path, folder: Path, grantlint: Callable
) -> None:
    path = write(folder)
    assert grantlint("config", "--check").err.startswith(f"{path}:1:10: no pack 'contoso_rules' is installed; install ")
    install(site, PACK, name="contoso_rule")
    assert grantlint("config", "--check").err == (
        f"{path}:1:10: no pack 'contoso_rules' is installed; did you mean 'contoso_rule'?\n"
    )


def test_an_installed_module_that_is_no_pack_is_not_imported(site: Path, folder: Path, grantlint: Callable) -> None:
    install(site, "raise SystemExit('imported')", declares="[console_scripts]\nx = y:z\n")
    write(folder)
    run = grantlint("lint", "app.json")
    assert run.status == 2
    assert "no pack 'contoso_rules' is installed" in run.err


def test_a_rule_that_fails_is_not_assessed_and_its_authors_are_named(
    site: Path, folder: Path, grantlint: Callable
) -> None:
    install(site, PACK.replace("    if app.display_name and", "    1 / 0\n    if app.display_name and"))
    write(folder)
    run = grantlint("lint", "app.json", "--select", "contoso-rules", "--format", "json")
    assert run.status == 3
    gap = rows_of(run.out)["not_assessed"][0]
    assert gap["note"] == "the rule failed with ZeroDivisionError: division by zero"
    assert gap["remedy"] == "report this to the authors of contoso-rules 1.2"


def test_a_pack_and_an_own_rule_may_not_have_one_name(site: Path, folder: Path, grantlint: Callable) -> None:
    install(site, PACK)
    own = '[[rule]]\nid = "contoso-one-portal"\nseverity = "low"\nmessage = "m"\nfix = "f"\nwhere = "notes"\n'
    path = write(folder, f'packs = ["contoso_rules"]\n{own}')
    err = grantlint("config", "--check").err
    assert err.startswith(f"{path}:3:6: 'contoso-one-portal' is the id of another rule; ")


# The working folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The interpreter of an environment of its own, in which grantlint is installed."""
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next((folder / "lib").glob("python3*")) / "site-packages"
    # The libraries come from the environment of the tests.
    (packages / "ours.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    (packages / "grantlint").symlink_to(ROOT / "advisor" / "package")
    return folder / "bin" / "python"


@pytest.mark.parametrize(
    ("where", "python_path"), [("checkout", ""), ("checkout", "."), ("checkout", "src"), (".", "")]
)
def test_a_checkout_never_brings_the_code_of_a_pack(
    environment: Path, tmp_path: Path, where: str, python_path: str
) -> None:
    checkout = tmp_path / where  # in the last case the environment lies in it, as .venv does in many
    for folder in (checkout, checkout / "src"):
        install(folder, "raise SystemExit('code of the checkout ran')")
    write(checkout)
    command = [environment, "-m", "grantlint", "lint", "app.json", "--concise", "--select", "contoso-rules"]
    variables = {"PATH": "", **({"PYTHONPATH": python_path} if python_path else {})}

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=checkout, env=variables, capture_output=True, text=True, check=False)

    without = run()
    assert without.returncode == 2
    assert "no pack 'contoso_rules' is installed" in without.stderr

    install(next((environment.parents[1] / "lib").glob("python3*")) / "site-packages", PACK)
    installed = run()
    assert "contoso-name-without-team" in installed.stdout, installed.stderr
    assert installed.returncode == 1


# For the authors of packs


def test_the_pack_of_the_documentation_works_and_so_do_its_tests(site: Path, folder: Path, grantlint: Callable) -> None:
    page = (ROOT / "advisor" / "policy" / "README.md").read_text("utf-8")
    blocks = re.findall(r"```(?:python|toml)\n(.*?)```", page, re.DOTALL)
    code, entry, tests = (
        next(block for block in blocks if word in block) for word in ("REQUIRES = ", packs.GROUP, "grantlint.testing")
    )
    declared = tomllib.loads(entry)["project"]["entry-points"][packs.GROUP]
    install(site, code, declares=f"[{packs.GROUP}]\n" + "".join(f"{k} = {v}\n" for k, v in declared.items()))
    write(folder)
    assert "contoso-name-without-team" in grantlint("lint", "app.json", "--concise").out
    names: dict[str, Any] = {}
    exec(tests, names)
    names["test_examples"]()


def test_check_accepts_a_pack_whose_examples_hold(site: Path) -> None:
    install(site, PACK)
    rules = packs.load_pack("contoso_rules").rules
    from advisor.package.testing import check

    check(rules)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('Bad({"displayName": "Portal"}', 'Bad({"displayName": "web: Portal"}',
            "contoso-name-without-team: bad example 1 is not reported"),
        ('at="/displayName"),', 'at="/notes"),', ("contoso-name-without-team: bad example 1 is reported medium at "
                                                 "/displayName, and not once medium at /notes")),
        ('Good({"displayName": "web: Portal"}),', 'Good({"displayName": "Portal"}),',
            "contoso-name-without-team: good example 1 is reported at /displayName"),
        (' and not app.display_name.startswith("Contoso")', "",
            "contoso-name-without-team: reports the clean registration 'web' at /displayName"),
        ('base="web"', 'base="desktop"',
            "contoso-name-without-team: base is 'desktop' and must be one of web, spa, native, daemon, api, blueprint"),
        ('Bad({"displayName": "Portal"}', 'Bad({"displayName": 3}', "contoso-name-without-team: bad example 1 is not "
            "a valid registration: Expected `str | null`, got `int` - at `$.displayName`"),
        ('Bad({"displayName": "web: Portal"}, at="/displayName"', 'Bad({"displayName": ": Portal"}, at="/displayName"',
            ""),
        ("RULES = (contoso_name_without_team, ", "RULES = (contoso_name_without_team, contoso_name_without_team, ",
            "contoso-name-without-team: 2 rules have this ID"),
        ('"contoso-name-without-team"', '"nameless"',
            "nameless: is not a rule ID: it must be two or more words in kebab-case"),
        ('Bad({"displayName": "web: Portal"}', 'Bad({"displayName": "x Portal"}',
            "contoso-one-portal: bad example 1 is not reported"),
    ],
)  # fmt: skip
def test_check_says_which_example_does_not_hold(site: Path, old: str, new: str, what: str) -> None:
    assert old in PACK
    install(site, PACK.replace(old, new, 1))
    from advisor.package.testing import check

    rules = packs.load_pack("contoso_rules").rules
    if not what:
        check(rules)
        return
    with pytest.raises(AssertionError) as caught:
        check(rules)
    assert what in str(caught.value).splitlines()


def test_everything_that_packs_may_import_is_there() -> None:
    for name in advisor.package.__all__:
        assert getattr(advisor.package, name) is not None
    assert set(dir(advisor.package)) == set(advisor.package.__all__)
    with pytest.raises(AttributeError):
        advisor.package.nothing_such  # noqa: B018
