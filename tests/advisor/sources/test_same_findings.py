"""The same registration gives the same findings in every format: for each rule's bad fragment that the format can
say.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Reading
from rules.engine.findings import value_at
from rules.engine.rule import Bad, Context, Rule
from rules.engine.run import lint
from rules.families import RULES as EVERY_RULE
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.settings import Settings
from tests.advisor.sources.writers import FORMATS, GRAPH, Format

#: What files hold; a tenant has more.
RULES = tuple(rule for rule in EVERY_RULE if rule.on in ("registration", "registrations"))


def paths(value: Any, at: str = "") -> Iterator[str]:
    """The properties that a fragment names."""
    if isinstance(value, dict):
        for key, member in value.items():
            here = f"{at}.{key}" if at else key
            yield here
            yield from paths(member, here)
    elif isinstance(value, list):
        for element in value:
            yield from paths(element, at)


def can_say(format: Format, rule: Rule, bad: Bad) -> bool:
    """Whether a format has every property that the fragment names and the rule looks at."""
    named = {*paths(bad.fragment), *rule.needs, *rule.needs_all, *rule.when_set}
    if any(path == one or path.startswith(f"{one}.") for one in format.cannot for path in named):
        return False
    app = merged_into(rule.base, bad.fragment)
    if "api" in app and app["api"] is None and format.file != "manifest.json":  # only Graph has null for a part
        return False
    if format.either and any(
        all(one.get(name) for name in format.either) for one in app["federatedIdentityCredentials"]
    ):
        return False
    return not any(one in named and is_empty(app, one.split(".")) for one in format.cannot_be_empty)


def is_empty(value: Any, path: list[str]) -> bool:
    """Whether nothing is at a path, in one element of a list at least."""
    if isinstance(value, list) and path:
        return any(is_empty(element, path) for element in value)
    return not value if not path else is_empty(value.get(path[0]), path[1:])


def read(folder: Path, format: Format, app: dict[str, Any]) -> Reading:
    (folder / format.file).write_text(format.write(app), "utf-8")
    return read_paths([format.file], stdin=bytes)


def found(reading: Reading, rule: Rule, bad: Bad) -> list[tuple[str, str, str]]:
    verdict = lint(reading.subjects, [rule], Context(NOW, settings(bad), bad.dns or None, bad.usage))
    return sorted((one.rule, one.severity, one.pointer) for one in verdict.findings)


def settings(bad: Bad) -> Settings:
    return msgspec.convert(bad.settings, Settings)


#: For each format and rule, the fragments that the format can say. Only Graph's own format says what a blueprint is.
CASES = [
    pytest.param(name, rule, said, id=f"{name}-{rule.id}")
    for name, written in FORMATS.items()
    for rule in RULES
    if rule.on == "registration" and rule.base != "blueprint"
    if (said := [bad for bad in rule.bad if can_say(written, rule, bad)])
]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "rule", "said"), CASES)
def test_a_bad_registration_is_found_in_every_format_that_can_say_it(
    folder: Path, name: str, rule: Rule, said: list[Bad]
) -> None:
    for bad in said:
        app = merged_into(rule.base, bad.fragment)
        reading = read(folder, FORMATS[name], app)
        assert reading.problems == (), bad
        assert len(reading.subjects) == 1, bad
        assert found(reading, rule, bad) == found(read(folder, GRAPH, app), rule, bad) != [], bad
        assert_places(reading, rule, bad)


def assert_places(reading: Reading, rule: Rule, bad: Bad) -> None:
    """Each finding is on the line on which its value is written."""
    (subject,) = reading.subjects
    for _, _, pointer in found(reading, rule, bad):
        origin = reading.locate(subject.key, pointer)
        assert origin.line is not None
        assert origin.property
        value = value_at(subject.app, pointer)
        is_joined = pointer == "/groupMembershipClaims"  # a list for the provider
        if (
            isinstance(value, str)
            and not is_joined
            and value.isascii()
            and len(value) < 80
            and not set(value) & set("\t\"'\\$%{[<")
        ):
            assert value in origin.text[origin.text_start : origin.text_end]


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"blueprint"}))  # only Graph's own format says what a blueprint is
@pytest.mark.parametrize("name", FORMATS)
def test_a_clean_registration_is_clean_in_every_format(folder: Path, name: str, kind: str) -> None:
    reading = read(folder, FORMATS[name], clean(kind))
    assert reading.problems == ()
    assert lint(reading.subjects, RULES, Context(NOW)).findings == ()


@pytest.mark.parametrize("name", FORMATS)
def test_most_rules_can_be_tried_in_every_format(name: str) -> None:
    tried = {case.values[1].id for case in CASES if case.values[0] == name}
    assert len(tried) > len(RULES) * 0.6
