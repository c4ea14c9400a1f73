"""A fix is kept only if what it leads to was checked: it is gone, nothing is new, and everything is still assessed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisor.fixing.apply import Checked, Fixed, fix
from advisor.run.compose import compose
from advisor.sources.discover import read_paths
from advisor.sources.reading.source import read_instead
from reports.rows import Problem
from rules.families import RULES
from rules.model.clean import NOW
from rules.model.finding import NotAssessed

MANIFEST = """{
  "displayName": "Portal",
  "web": { "homePageUrl": "http://www.contoso.com", "logoutUrl": "http://www.contoso.com/out" }
}
"""
CHOSEN = tuple(rule for rule in RULES if rule.id in ("plaintext-information-url", "insecure-logout-url"))


def checked() -> Checked:
    reading = read_paths(["app.json"], stdin=bytes)
    return Checked(reading, compose(title="", version="0", now=NOW, made_at=NOW, rules=CHOSEN, reading=reading))


def fixed(change: Any) -> Fixed:
    """The fixes, where *change* changes the report of what they lead to."""

    def check(contents: Mapping[str, bytes]) -> Checked:
        with read_instead(contents):
            found = checked()
        return Checked(found.reading, change(found.report, b"".join(contents.values())))

    return fix(checked(), check, unsafe=True)


@pytest.fixture
def manifest(folder: Path) -> Path:
    path = folder / "app.json"
    path.write_text(MANIFEST, "utf-8")
    return path


def test_both_are_fixed(manifest: Path) -> None:
    result = fixed(lambda report, _: report)
    assert (result.count, result.more, result.refused) == (2, 0, ())
    assert result.files[0].after.decode() == MANIFEST.replace("http:", "https:")
    assert manifest.read_text("utf-8") == MANIFEST  # writing is another step


def test_a_fix_that_leads_to_a_finding_is_dropped_and_the_other_is_kept(manifest: Path) -> None:
    def change(report: Any, data: bytes) -> Any:
        if b"https://www.contoso.com/out" not in data:
            return report
        new = msgspec.structs.replace(checked().report.findings[0], rule="another-rule")
        return msgspec.structs.replace(report, findings=(*report.findings, new))

    result = fixed(change)
    assert [(one.rule, why) for one, why in result.refused] == [
        ("insecure-logout-url", "another-rule would be reported after the change")
    ]
    assert result.files[0].after.decode() == MANIFEST.replace('http://www.contoso.com"', 'https://www.contoso.com"')


GAP = NotAssessed(rule="another-rule", registration="app.json#", pointer="/web", reason="not-in-file")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"problems": (Problem(what="is not JSON"),)}, "the file could not be read after the change"),
        ({"registrations": ()}, "other registrations would be found after the change"),
        ({"not_assessed": (GAP,)}, "another-rule could not be assessed"),
    ],
)
def test_a_fix_after_which_less_is_known_is_not_kept(manifest: Path, change: dict[str, Any], why: str) -> None:
    result = fixed(lambda report, _: msgspec.structs.replace(report, **change))
    assert (result.count, result.files) == (0, ())
    assert {reason for _, reason in result.refused} == {why}


def test_a_fix_after_which_the_finding_remains_is_not_kept(manifest: Path) -> None:
    before = checked().report
    result = fixed(lambda report, _: msgspec.structs.replace(report, findings=before.findings))
    assert {reason for _, reason in result.refused} == {"it would still be reported after the change"}
