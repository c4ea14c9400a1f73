"""What is generated is fresh: made again in memory and compared."""

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("regenerate", Path(__file__).with_name("regenerate.py"))
assert _spec
assert _spec.loader
regenerate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(regenerate)


@pytest.mark.parametrize("name", regenerate.GENERATED)
def test_a_generated_file_is_fresh(name: str) -> None:
    text = (regenerate.ROOT / name).read_text("utf-8")
    assert text == regenerate.GENERATED[name](), f"{name} is stale: run {regenerate.COMMAND}"


@pytest.mark.parametrize(("package", "about"), regenerate.packages().items())
def test_a_package_says_in_its_docstring_what_it_is(package: str, about: str) -> None:
    assert about, f"{package}/__init__.py has no docstring"


def test_check_names_the_command_that_renews(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setitem(regenerate.GENERATED, "rules/README.md", lambda: "other")
    assert regenerate.main(["--check"]) == 1
    assert capsys.readouterr().err == "rules/README.md is stale: run python tests/project/regenerate.py\n"
