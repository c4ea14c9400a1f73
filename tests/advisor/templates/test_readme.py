"""The page about a system: its commands run as they are written, and print what it shows.

``python -m tests.advisor.templates.test_readme`` renews the output.
"""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import advisor.decide
from advisor.decide.system import system_picture
from advisor.templates.plan import permission_id
from reports.system import system_mermaid
from tests.advisor.templates.systems import pairs

PAGE = Path(advisor.decide.__file__).parent / "README.md"
_FILE = re.compile(r"^```toml system\.toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONSOLE = re.compile(r"^```console\n\$ grantlint (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MERMAID = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)


def text_of_file(page: str) -> str:
    """The file of answers that the page contains."""
    found = _FILE.search(page)
    assert found
    return found[1]


def drawn(page: str, folder: Path) -> str:
    """*page* with the system of its file as Mermaid."""
    text = text_of_file(page).replace("{", "{{").replace("}", "}}")
    picture = system_picture(pairs(folder, text))
    assert picture
    return _MERMAID.sub(lambda _: f"```mermaid\n{system_mermaid(picture)}```", page)


def test_the_page_shows_the_system_of_its_file(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    assert drawn(page, tmp_path) == page


def test_the_commands_of_the_page_print_what_it_shows(grantlint: Callable, folder: Path) -> None:
    page = PAGE.read_text("utf-8")
    (folder / "system.toml").write_text(text_of_file(page), "utf-8")
    (advise, wrote), (lint, _) = _CONSOLE.findall(page)
    run = grantlint(*advise.split())
    assert (run.status, run.err) == (0, wrote)
    run = grantlint(*lint.split())
    assert (run.status, run.out) == (0, "")


def test_the_ids_are_made_as_the_page_says() -> None:
    assert permission_id("Orders API", "Scope", "Orders.Read") == "81eb2ec5-96e1-505d-9dba-1d098b961676"
    assert permission_id("Orders API", "Role", "Orders.Read") != permission_id("Orders API", "Scope", "Orders.Read")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PAGE.write_text(drawn(PAGE.read_text("utf-8"), Path(name)), "utf-8")
