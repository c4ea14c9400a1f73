"""An advice in words: which caveats are among the five lines, and what of the registration is JSON."""

import json
import re

import pytest
from msgspec.structs import replace

from reports.advice import Advice, Setting
from reports.decision import registration_body, sections, short_lines
from reports.terminal.render import render_terminal
from tests.reports.ends import PATHS, advice_at
from tests.reports.sample import ADVICE, advice_report


def terms(advice: Advice) -> list[str]:
    return [line.term for line in short_lines(advice)]


def test_conflicts_come_before_a_last_resort_refused_wishes_and_warnings() -> None:
    always = ["Grant", "Client", "Credential"]
    last = replace(ADVICE, last_resort=True)
    assert terms(last) == [*always, "Conflict", "Last resort"]
    assert terms(replace(last, contradictions=())) == [*always, "Last resort", "Refused"]
    assert terms(replace(ADVICE, contradictions=())) == [*always, "Refused", "Caveat"]
    assert terms(replace(ADVICE, contradictions=(), wishes=())) == [*always, "Caveat"]
    assert terms(replace(ADVICE, contradictions=(), wishes=(), warnings=())) == always


def test_a_warning_is_shortened_to_its_first_sentence_and_a_conflict_is_not() -> None:
    shown = replace(ADVICE, wishes=(), contradictions=("a=b. C=d.",), warnings=("Use v2.0 of it. Otherwise it fails.",))
    assert [line.words for line in short_lines(shown)][3:] == ["a=b. C=d.", "Use v2.0 of it."]


@pytest.mark.parametrize("name", PATHS)
def test_every_end_has_at_most_five_lines_and_no_section_without_content(name: str) -> None:
    advice = advice_at(name)
    lines = short_lines(advice)
    assert 1 <= len(lines) <= 5
    assert all(line.words for line in lines)
    found = sections(advice)
    assert not any(section.is_empty for section in found)
    assert len({section.id for section in found}) == len(found)
    for section in found:
        assert all(len(row) == len(section.heads) for row in section.rows)


@pytest.mark.parametrize("name", PATHS)
def test_the_json_of_a_registration_has_each_setting_or_names_it(name: str) -> None:
    settings = advice_at(name).register
    body, left = registration_body(settings)
    json.dumps(body)
    for setting in settings:
        value: object = body
        for key in setting.property.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        described = setting.property in left or setting.value.startswith(("empty", "nothing", "does not apply"))
        assert value is not None or described, setting
    for uris in (part.get("redirectUris", []) for part in body.values() if isinstance(part, dict)):
        assert all(re.fullmatch(r"[a-z][^\s]*://.*", re.sub(r"\{[^{}]*\}", "x", uri)) for uri in uris)


def test_addresses_are_taken_out_of_a_description() -> None:
    value = "http://localhost (browser), msauth.{bundle id}://auth (iOS), and what MSAL names"
    body, left = registration_body((Setting(property="publicClient.redirectUris", value=value, why=""),))
    assert body == {"publicClient": {"redirectUris": ["http://localhost", "msauth.{bundle id}://auth"]}}
    assert left == ()
    setting = Setting(property="web.redirectUris", value="the address that the console shows", why="")
    assert registration_body((setting,)) == ({}, ("web.redirectUris",))


@pytest.mark.parametrize("name", PATHS)
def test_the_short_form_fits_80_columns_and_needs_no_color(name: str) -> None:
    text = render_terminal(replace(advice_report(), advices=(advice_at(name),)))
    lines = text.splitlines()
    assert [line for line in lines if len(line) > 80 and max(map(len, line.split())) < 60] == []
    assert len(lines) <= 40
    assert "\x1b" not in text
