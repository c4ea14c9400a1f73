"""The rules over evidence of use against sign-ins with a known truth: none reports what the truth contradicts."""

import os
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import clean
from rules.model.clean_tenant import app_over
from rules.model.registration import Registration
from rules.model.settings import Settings
from rules.model.usage import Usage
from tests.advisor.usage.test_truth import world_of
from tests.advisor.usage.world import APIS, END, KEYS, Event

RULES_OF_USE = [rule for rule in RULES if rule.needs_usage]
PERIOD = re.compile(r"from (\S+) to (\S+?)(?:,|$)")
SILENT = {"unused-grant-setting", "unused-credential", "unused-application", "unexercised-permission"}


def registration(app_id: str, created: str) -> Registration:
    """A registration that allows everything, so that every rule has something to report."""
    app: dict[str, Any] = clean("web") | {
        "appId": app_id,
        "createdDateTime": f"{created}T00:00:00Z",
        "isFallbackPublicClient": True,
        "passwordCredentials": [
            {"keyId": key, "startDateTime": f"{created}T00:00:00Z", "endDateTime": "2027-06-01T00:00:00Z"}
            for key in KEYS
        ],
        "keyCredentials": [],
        "requiredResourceAccess": [
            {"resourceAppId": api, "resourceAccess": [{"id": KEYS[0], "type": kind} for kind in ("Role", "Scope")]}
            for api in APIS
        ],
    }
    app["web"]["implicitGrantSettings"] = {"enableAccessTokenIssuance": True, "enableIdTokenIssuance": True}
    return msgspec.convert(app, Registration)


def uses(pointer: str, rule: str, message: str) -> Callable[[Event], bool]:
    """The sign-ins of an application that a finding says something about."""
    index = int(pointer.rpartition("/")[2]) if pointer[-1].isdigit() else 0
    is_user = {"application": (False,), "delegated": (True,)}.get(message.split()[1], (False, True))
    if "application permissions and delegated" in message:
        is_user = (False, True)
    of_settings: dict[str, Callable[[Event], bool]] = {
        "enableAccessTokenIssuance": lambda event: event.grant == "implicit",
        "enableIdTokenIssuance": lambda event: event.grant == "hybrid",
        "isFallbackPublicClient": lambda event: event.kind != "servicePrincipal",
    }
    found: dict[str, Callable[[Event], bool]] = {
        "unused-grant-setting": of_settings.get(pointer.rpartition("/")[2], lambda _: False),
        "unused-credential": lambda event: event.key_id == KEYS[index],
        "unexercised-permission": lambda event: (
            event.resource == APIS[index] and (event.kind != "servicePrincipal") in is_user
        ),
        "password-grant-in-use": lambda event: event.grant == "password",
        "device-code-in-use": lambda event: event.grant == "device_code",
        "code-without-pkce": lambda event: event.protocol == "authorizationCodeWithoutPkce",
    }
    return found.get(rule, lambda _: True)


def check(seed: int) -> Counter[str]:
    """Compare each finding for the world of *seed* with the truth; how often each rule fired."""
    world, usage = world_of(seed)
    found: Counter[str] = Counter()
    for app_id, created in world.created.items():
        for rule, pointer, message in findings(app_id, created, usage):
            is_use = uses(pointer, rule, message)
            mine = [event for event in world.events if app_id in (event.app_id, event.resource) and is_use(event)]
            days = {event.at.date().isoformat() for event in mine if event.succeeded}
            context = (seed, app_id, rule, pointer, message)
            if rule in SILENT:
                start, end = PERIOD.search(message).groups()  # type: ignore[union-attr]
                assert not [day for day in days if start <= day <= end], context
            else:
                assert mine if rule == "disabled-application-in-use" else days, context
            found[rule] += 1
    return found


def findings(app_id: str, created: str, usage: Usage) -> list[tuple[str, str, str]]:
    """What the rules report of an application, and of the same one disabled."""
    context = Context(datetime(END.year, END.month, END.day, tzinfo=UTC), Settings(unused_after_days=30), usage=usage)
    result = lint([Subject("x", registration(app_id, created))], RULES_OF_USE, context)
    disabled = app_over(
        "own", {"servicePrincipal": {"appId": app_id, "accountEnabled": False}, "application": {"appId": app_id}}
    )
    more = lint([Subject("y", disabled)], RULES_OF_USE, context, Subject("tenant", disabled.tenant))
    assert not [gap for gap in (*result.not_assessed, *more.not_assessed) if gap.reason == "internal"]
    return [(one.rule, one.pointer, one.message) for one in (*result.findings, *more.findings)]


@given(st.integers(0, 2**32))
def test_no_rule_reports_what_is_not_true(seed: int) -> None:
    check(seed)


def test_the_rules_report_something() -> None:
    found = sum((check(seed) for seed in range(30)), Counter())
    assert found.keys() >= SILENT | {"device-code-in-use", "password-grant-in-use", "code-without-pkce"}
    assert found["disabled-application-in-use"]


#: How many parts of 200 worlds are checked: all 10,000 worlds take half an hour.
PARTS = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "random" else 1


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_no_rule_reports_what_is_not_true_of_many_worlds(part: int) -> None:
    assert sum((check(seed) for seed in range(part * 200, part * 200 + 200)), Counter())
