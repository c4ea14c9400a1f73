"""A table of legacy applications, end to end: the migration table in every format, and who is not decided in each."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.migration import HEADS

APPS = (
    "name,token-for,app-permission,keeps-credential,hosted-on,today\n"
    "Sync,program,yes,yes,github,secret\n"
    "=Kiosk,user,,,,\n"
    "Static site,nobody,,,,\n"
)


@pytest.fixture
def apps(folder: Path) -> Path:
    file = folder / "apps.csv"
    file.write_text(APPS, "utf-8")
    return file


def test_text_says_who_is_decided_and_what_the_rest_lacks(apps: Path, grantlint: Callable) -> None:
    run = grantlint("advise", "--answers", apps)
    assert run.status == 3
    assert run.out.splitlines()[0] == "3 clients: 1 client_credentials, 1 none, 1 not decided"
    assert "=Kiosk       not decided: no answer to runs-in" in run.out


def test_csv_is_the_migration_table_and_no_cell_is_a_formula(apps: Path, grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", "--answers", apps, "--format", "csv", "--table", "m.csv")
    rows = list(csv.reader(run.out.splitlines()))
    assert tuple(rows[0]) == HEADS
    assert [row[0] for row in rows[1:]] == ["'=Kiosk", "Sync", "Static site"]
    assert [row[2] for row in rows[1:]] == ["", "client_credentials", "none"]
    assert (folder / "m.csv").read_text("utf-8").splitlines() == run.out.splitlines()


def test_markdown_names_who_is_not_decided(apps: Path, grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", "--answers", apps, "--format", "markdown", "--table", "m.md")
    kiosk = "- **\\=Kiosk**\n  - runs-in (Where does the code that requests the token run"
    assert f"## Not decided: answers are missing\n\n{kiosk}" in run.out
    assert "- `Sync`: Client credentials" in run.out
    table = [line for line in (folder / "m.md").read_text("utf-8").splitlines() if line.startswith("|")]
    assert len(table) == 2 + 3


def test_json_holds_both(apps: Path, grantlint: Callable) -> None:
    report = json.loads(grantlint("advise", "--answers", apps, "--format", "json").out)
    assert [(advice["client_name"], advice["grant"]) for advice in report["advices"]] == [
        ("Sync", "client_credentials"),
        ("Static site", "none"),
    ]
    (undecided,) = report["undecided"]
    assert (undecided["client_name"], undecided["question"], undecided["known"]) == (
        "=Kiosk", "runs-in", {"token-for": "user"},
    )  # fmt: skip
