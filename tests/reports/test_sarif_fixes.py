"""SARIF has the fix of a finding as the text to replace, with its file, its region and whether it is safe."""

import json
from pathlib import Path
from typing import Any

from advisor.run.compose import compose
from advisor.run.fix import edited
from advisor.run.output import Output
from advisor.sources.discover import read_paths
from reports.formats.sarif import render_sarif
from rules.families import RULES
from rules.model.clean import NOW

MANIFEST = """{
  "displayName": "Portal",
  "web": {
    "homePageUrl": "http://www.contoso.com",
    "redirectUris": [
      "https://a.contoso.com/cb",
      "http://localhost:3000/"
    ]
  }
}
"""


def results(text: str) -> dict[str, Any]:
    """The results of a manifest, by rule."""
    Path("app.json").write_text(text, "utf-8")
    reading = read_paths(["app.json"], stdin=bytes)
    report = compose(title="", version="0", now=NOW, made_at=NOW, rules=RULES, reading=reading)
    report = edited(report, reading, Output(format="sarif"))
    return {one["ruleId"]: one for one in json.loads(render_sarif(report))["runs"][0]["results"]}


def region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def test_a_value_is_replaced_and_an_element_deleted(folder: Path) -> None:
    found = results(MANIFEST)
    (fix,) = found["plaintext-information-url"]["fixes"]
    assert fix["description"]["text"] == 'set to "https://www.contoso.com" (safe)'
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "app.json"
    assert change["replacements"] == [
        {"deletedRegion": region(4, 20, 4, 44), "insertedContent": {"text": '"https://www.contoso.com"'}}
    ]
    (fix,) = found["localhost-beside-production"]["fixes"]
    assert fix["description"]["text"] == "remove (unsafe)"
    deleted = [one["deletedRegion"] for one in fix["artifactChanges"][0]["replacements"]]
    assert deleted == [region(6, 33, 6, 34), region(7, 1, 8, 1)]


def test_what_is_not_fixed_in_the_file_has_no_fix(folder: Path) -> None:
    found = results('{"displayName": "Portal", "web": {"homePageUrl": "HTTP://${{A}}.b", "redirectUris": []}}')
    assert not any("fixes" in one for one in found.values())
