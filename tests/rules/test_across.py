"""What several registrations have in common, where a part of them was not read."""

from typing import Any

import msgspec

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean
from rules.model.registration import Registration, Unread, mark_unread


def shared(rule: str, *datas: tuple[dict[str, Any], tuple[str, ...]]) -> tuple[set[str], set[str]]:
    """The registrations in which *rule* reports something, and those in which something was not assessed."""
    subjects = []
    for name, (data, unread) in zip("ab", datas, strict=True):
        app = msgspec.convert(data, Registration)
        subjects.append(Subject(name, mark_unread(app, {place: Unread("placeholder") for place in unread})))
    result = lint(subjects, [one for one in RULES if one.id == rule], Context(NOW))
    return {found.registration for found in result.findings}, {gap.registration for gap in result.not_assessed}


API = {**clean("api"), "api": {**clean("api")["api"], "knownClientApplications": [clean("web")["appId"]]}}


def test_a_client_whose_requests_were_not_read_is_not_said_to_request_nothing() -> None:
    rule = "unused-known-client"
    unread = {key: value for key, value in clean("web").items() if key != "requiredResourceAccess"}
    asked = {**unread, "requiredResourceAccess": [{"resourceAppId": "var.api", "resourceAccess": []}]}
    place = "/requiredResourceAccess/0/resourceAppId"
    assert shared(rule, (API, ()), (clean("web"), ())) == ({"a"}, set())
    assert shared(rule, (API, ()), (unread, ())) == (set(), {"b"})
    assert shared(rule, (API, ()), (asked, (place,))) == (set(), {"b"})


def test_two_placeholders_are_not_one_workload() -> None:
    rule = "shared-federated-subject"
    trusted = {"name": "ci", "issuer": "https://gitlab.com", "subject": "var.subject"}
    first, second = ({**clean(kind), "federatedIdentityCredentials": [trusted]} for kind in ("web", "daemon"))
    place = ("/federatedIdentityCredentials/0/subject",)
    assert shared(rule, (first, ()), (second, ())) == ({"a", "b"}, set())
    assert shared(rule, (first, place), (second, place)) == (set(), {"a", "b"})


def test_an_identifier_uri_is_no_audience_where_the_audience_is_always_the_app_id() -> None:
    """Microsoft, "Secure a Model Context Protocol server with Microsoft Entra ID": ``use_guid`` on ``aud``."""
    claim = {"accessToken": [{"name": "aud", "additionalProperties": ["use_guid"]}]}
    uri = {"identifierUris": ["https://contoso.com/orders"], "api": {"requestedAccessTokenVersion": None}}
    first, second = {**clean("api"), **uri}, {**clean("web"), **uri}
    rules = [one for one in RULES if one.id == "duplicate-identifier-uri"]
    for api, severity in ((first, "medium"), ({**first, "optionalClaims": claim}, "low")):
        subjects = [Subject(str(n), msgspec.convert(one, Registration)) for n, one in enumerate((api, second))]
        assert {found.severity for found in lint(subjects, rules, Context(NOW)).findings} == {severity}
