"""The wheel: one top-level name, every tracked file, and no harm to a distribution that owns ``rules``."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rules", "reports", "advisor")

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout so that no build folder is left behind."""
    out = tmp_path_factory.mktemp("wheel")
    copy = tmp_path_factory.mktemp("copy")
    subprocess.run(["git", "checkout-index", "--all", f"--prefix={copy}/"], cwd=ROOT, check=True)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(out),
        str(copy),
    ]
    subprocess.run(build, check=True)
    return next(out.glob("grantlint-*.whl"))


def tracked(package: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(listed.split())


@pytest.mark.exhaustive
def test_the_wheel_owns_one_top_level_name(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"grantlint"}


@pytest.mark.exhaustive
def test_the_wheel_holds_every_tracked_file_of_the_packages(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        name.replace("advisor/package/", "grantlint/")
        if name.startswith("advisor/package/")
        else f"grantlint/_internal/{name}"
        for package in PACKAGES
        for name in tracked(package)
    }
    assert expected - inside == set()
    assert {name for name in inside if ".dist-info/" not in name} - expected == set()


PACK = """
from grantlint import Bad, Context, Good, Hit, Reference, Registration, rule

REQUIRES = "1"


@rule(
    "contoso-nothing",
    severity="low",
    needs=("notes",),
    references=(Reference("Contoso wiki", "https://wiki.contoso.example/"),),
    bad=Bad({"notes": "nothing"}, at="/notes"),
    good=Good({"notes": "something"}),
    base="web",
)
def contoso_nothing(app, _):
    \"\"\"The notes say nothing.

    Why: Somebody else wants to know.
    Fix: Say something.
    \"\"\"
    if app.notes == "nothing":
        yield Hit(pointer="/notes", message="has notes that say nothing")


RULES = (contoso_nothing,)
"""


def install_pack(packages: Path) -> None:
    """A pack of rules, as pip would leave it."""
    (packages / "contoso_rules.py").write_text(PACK)
    info = packages / "contoso_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: contoso-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[grantlint.packs]\ncontoso_rules = contoso_rules\n")


@pytest.mark.exhaustive
def test_beside_a_foreign_rules_the_command_works_and_both_stay_intact(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    # The libraries come from this environment, so that the test needs no network; the wheel is installed for real.
    venv.create(environment, with_pip=True, system_site_packages=False)
    python = environment / "bin" / "python"
    packages = next((environment / "lib").glob("python3*")) / "site-packages"
    (packages / "ours.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    foreign = packages / "rules"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("owner = 'somebody else'\n")
    # The environment of the tests may hold grantlint too; this one gets a copy of its own.
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    subprocess.run(install, check=True)

    demo = subprocess.run(
        [environment / "bin" / "grantlint", "demo"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert demo.returncode == 0, demo.stderr
    assert (tmp_path / "grantlint-report.html").stat().st_size > 10_000
    module = subprocess.run(
        [python, "-m", "grantlint", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert module.stdout.startswith("grantlint 0.")

    install_pack(packages)
    (tmp_path / "grantlint.toml").write_text('packs = ["contoso_rules"]\n')
    command = [environment / "bin" / "grantlint", "rules", "contoso-rules"]
    pack = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert pack.stdout.startswith("low       contoso-nothing (contoso-rules)\n"), pack.stderr
    code = "from contoso_rules import RULES; from grantlint.testing import check; check(RULES)"
    subprocess.run([python, "-c", code], cwd=tmp_path, check=True)

    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "grantlint"], check=True)
    assert (foreign / "__init__.py").read_text() == "owner = 'somebody else'\n"


@pytest.mark.exhaustive
def test_a_foreign_rules_already_loaded_is_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("")
    code = "import rules, sys; sys.path.insert(0, sys.argv[1]); import package; sys.exit(package.main())"
    result = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "advisor")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "'rules'" in result.stderr
