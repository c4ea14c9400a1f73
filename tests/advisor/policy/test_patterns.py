"""A line of the configuration names registrations by name, id or path."""

import pytest

from advisor.policy.patterns import is_about, lies_in
from reports.rows import Origin, RegistrationRow

ROW = RegistrationRow(
    key="k", name="Contoso Portal [dev]", app_id="11111111-1111-4111-8111-11111111111A", object_id="o-1", audience="",
    format="", origin=Origin(file="apps/dev/portal.json"), complete=True,
)  # fmt: skip


@pytest.mark.parametrize(
    "pattern", ["contoso portal*", "*[[]dev]", "11111111-1111-4111-8111-11111111111a", "O-1", "Contoso ?ortal*"]
)
def test_a_pattern_names_it_by_name_or_id_in_any_case(pattern: str) -> None:
    assert is_about(ROW, [pattern])


@pytest.mark.parametrize("pattern", ["contoso", "portal*", "1111*222", ""])
def test_another_pattern_does_not(pattern: str) -> None:
    assert not is_about(ROW, [pattern])


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("apps/dev/portal.json", "apps/dev/**"),
        ("apps/dev/portal.json", "apps/dev"),
        ("apps/dev/portal.json", "apps/dev/"),
        ("apps/dev/portal.json", "*.json"),
        ("apps/dev/portal.json", "dev"),
        ("apps/dev/portal.json", "apps/*/portal.json"),
        ("apps/dev/portal.json", "**/portal.json"),
        ("/work/apps/dev/portal.json", "apps/dev/**"),
        ("apps\\dev\\portal.json", "apps/dev/**"),
        ("./apps/a.json", "./apps/*"),
    ],
)
def test_a_path_pattern_covers_a_file(path: str, pattern: str) -> None:
    assert lies_in(path, [pattern])


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("apps/dev/portal.json", "apps/*.json"),
        ("apps/development/portal.json", "apps/dev"),
        ("apps/dev/portal.json", "portal"),
        ("apps/dev/portal.json", "/apps/dev"),
        (None, "*"),
    ],
)
def test_it_does_not_cover_more_than_it_says(path: str | None, pattern: str) -> None:
    assert not lies_in(path, [pattern])
