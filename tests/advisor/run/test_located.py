"""Files are named from this folder for people, and from the root of the repository for pipelines."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from advisor.run.located import in_repository, relative_to

APP = {
    "id": "00000000-0000-4000-8000-000000000001",
    "appId": "11111111-1111-4111-8111-111111111111",
    "displayName": "Portal",
    "web": {"redirectUris": ["javascript:x"]},
}
OUTPUTS = ("out.sarif", "out.xml", "gitlab:out.gl", "github:out.gh", "azure:out.az", "out.md", "github-summary:out.sum")


@pytest.fixture
def infra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a repository with a registration, in which commands run."""
    (folder / ".git").mkdir()
    place = folder / "infra"
    (place / "apps").mkdir(parents=True)
    (place / "apps" / "portal.json").write_text(json.dumps(APP))
    monkeypatch.chdir(place)
    return place


@pytest.mark.parametrize("path", ["apps", "../infra/apps", "{here}/apps", "{here}/apps/portal.json"])
def test_pipelines_get_paths_from_the_root_and_people_from_here(path: str, infra: Path, grantlint: Callable) -> None:
    written = [word for name in OUTPUTS for word in ("-o", name)]
    run = grantlint(
        "lint", path.format(here=infra), "--isolated", "--concise", *written, "-o", "out.json", "-o", "out.csv"
    )
    wanted = "infra/apps/portal.json"
    results = json.loads(Path("out.sarif").read_text())["runs"][0]["results"]
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
    assert places == {wanted}
    cases = fromstring(Path("out.xml").read_text()).iter("testcase")
    assert {case.get("file") for case in cases if case.get("file")} == {wanted}
    assert {issue["location"]["path"] for issue in json.loads(Path("out.gl").read_text())} == {wanted}
    assert set(re.findall(r"file=([^,]*),", Path("out.gh").read_text())) == {wanted}
    assert set(re.findall(r"sourcepath=([^;]*);", Path("out.az").read_text())) == {wanted}
    for name in ("out.md", "out.sum"):
        assert f"`{wanted}:" in Path(name).read_text()
    assert {finding["origin"]["file"] for finding in json.loads(Path("out.json").read_text())["findings"]} == {
        "apps/portal.json"
    }
    assert {row["file"] for row in csv.DictReader(Path("out.csv").read_text().splitlines()) if row["file"]} == {
        "apps/portal.json"
    }
    assert run.out.startswith("apps/portal.json:")


def test_what_is_outside_of_the_repository_keeps_its_name(
    infra: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.json"
    assert relative_to(infra, infra)(str(elsewhere)) == str(elsewhere)
    assert in_repository(str(elsewhere), infra) == "a.json"
    assert in_repository("../grantlint.toml", infra) == "grantlint.toml"


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_link_to_the_repository_is_followed(infra: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("links") / "checkout"
    link.symlink_to(infra)
    assert relative_to(infra, infra)(f"{link}/apps/portal.json") == "apps/portal.json"
