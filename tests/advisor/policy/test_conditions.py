"""``each`` and ``where`` of custom rules: what they report, at which place, and what must have been read for it."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import ConfigurationError
from advisor.policy.custom_rules.build import build_rule
from advisor.policy.tables import RuleTable
from advisor.policy.toml_place import TomlPlace
from rules.engine.rule import Context, Rule, Subject
from rules.engine.run import Result, lint
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread


def app(fragment: dict[str, Any]) -> Registration:
    return msgspec.convert(merged_into("web", fragment), Registration)


def rule(each: str | list[str], where: str) -> Rule:
    row = RuleTable(id="contoso-x", severity="low", message="has {value}", fix="f", each=each, where=where)
    return build_rule(row, 0, TomlPlace("f", ""))


def verdict(each: str | list[str], where: str, subject: Registration) -> Result:
    return lint([Subject("x", subject)], [rule(each, where)], Context(NOW))


def reported(each: str | list[str], where: str, subject: Registration) -> list[str]:
    return [finding.pointer for finding in verdict(each, where, subject).findings]


def not_assessed(each: str | list[str], where: str, subject: Registration) -> list[str]:
    return [gap.pointer for gap in verdict(each, where, subject).not_assessed]


SECRETS = {
    "passwordCredentials": [
        {"keyId": "a", "displayName": "CHG1", "endDateTime": "2026-03-01T00:00:00Z"},
        {"keyId": "b", "displayName": "deploy", "endDateTime": "2027-03-01T00:00:00Z"},
        {"keyId": "c", "displayName": None, "endDateTime": "2028-03-01T00:00:00Z"},
    ]
}
ACCESS = {
    "requiredResourceAccess": [
        {"resourceAppId": "other", "resourceAccess": [{"id": "1", "type": "Role"}]},
        {"resourceAppId": "graph", "resourceAccess": [{"id": "2", "type": "Scope"}, {"id": "3", "type": "Role"}]},
    ]
}
SECRET = "passwordCredentials"
URIS = {"web": {"redirectUris": ["https://a", "http://b"]}, "spa": {"redirectUris": ["http://c"]}}


@pytest.mark.parametrize(
    ("each", "where", "fragment", "places"),
    [
        ("web.redirectUris", "starts_with(@, 'http:')", URIS, ["/web/redirectUris/1"]),
        (["web.redirectUris", "spa.redirectUris"], "starts_with(@, 'http:')", URIS, ["/web/redirectUris/1",
            "/spa/redirectUris/0"]),
        (SECRET, "!starts_with(displayName, 'CHG')", SECRETS, ["/passwordCredentials/1", "/passwordCredentials/2"]),
        (SECRET, "endDateTime > '2027'", SECRETS, ["/passwordCredentials/1", "/passwordCredentials/2"]),
        (SECRET, "contains(displayName, 'deploy')", SECRETS, ["/passwordCredentials/1"]),
        ("requiredResourceAccess", "resourceAppId == 'graph' && resourceAccess[?type == 'Role']", ACCESS,
            ["/requiredResourceAccess/1"]),
        ("requiredResourceAccess", "length(resourceAccess) > `1`", ACCESS, ["/requiredResourceAccess/1"]),
        ([], "isFallbackPublicClient", {"isFallbackPublicClient": True}, ["/isFallbackPublicClient"]),
        ([], "isFallbackPublicClient", {"isFallbackPublicClient": False}, []),
        ([], "signInAudience == 'AzureADMultipleOrgs'", {"signInAudience": "AzureADMultipleOrgs"}, ["/signInAudience"]),
        ([], "length(tags[?starts_with(@, 'cost:')]) == `0`", {"tags": ["x"]}, ["/tags"]),
        ([], "length(tags[?starts_with(@, 'cost:')]) == `0`", {"tags": ["cost:1"]}, []),
        ([], "sort_by(passwordCredentials, &endDateTime)[-1].displayName == 'deploy'", SECRETS, []),
        ([], "max_by(passwordCredentials, &endDateTime).keyId == 'c'", SECRETS, ["/passwordCredentials"]),
        ([], "requiredResourceAccess[].resourceAccess[] | [?id == '3']", ACCESS, ["/requiredResourceAccess"]),
        ([], "contains(join(',', web.redirectUris), 'http:')", URIS, ["/web/redirectUris"]),
        ([], "contains(notes, 'temporary')", {"notes": None}, []),
        ([], "length(owners) > `5` || web.logoutUrl", {"web": {"logoutUrl": "https://l"}}, ["/owners"]),
    ],
)  # fmt: skip
def test_what_the_condition_holds_for_is_reported_at_its_place(
    each: str | list[str], where: str, fragment: dict[str, Any], places: list[str]
) -> None:
    assert reported(each, where, app(fragment)) == places


# What must have been read


@pytest.mark.parametrize(
    ("where", "needs"),
    [
        ("length(owners) > `5`", ("owners",)),
        ("length(owners) == `0` && signInAudience == 'x'", ("owners", "signInAudience")),
        ("web.implicitGrantSettings", tuple(f"web.implicitGrantSettings.enable{w}Issuance" for w in ("AccessToken",
            "IdToken"))),
        ("passwordCredentials[?endDateTime == '2027'].displayName", ("passwordCredentials",)),
        ("@.tags", ("tags",)),
        ("[tags, notes] == `[]`", ("tags", "notes")),
        ("not_null(web.homePageUrl, info.logoUrl)", ("web.homePageUrl", "info.logoUrl")),
    ],
)  # fmt: skip
def test_what_a_condition_on_the_registration_needs_follows_from_it(where: str, needs: tuple[str, ...]) -> None:
    assert rule([], where).needs_all == needs


def test_a_rule_over_a_list_needs_the_list() -> None:
    found = rule(["passwordCredentials", "keyCredentials"], "!displayName")
    assert found.needs == found.when_set == ("passwordCredentials", "keyCredentials")
    assert found.needs_all == ()


def test_an_element_without_a_property_that_is_read_is_a_gap_and_the_others_are_checked() -> None:
    subject = app({"passwordCredentials": [{"keyId": "a", "displayName": "x"}, {"keyId": "b"}]})
    where = "!starts_with(displayName, 'CHG')"
    assert reported(SECRET, where, subject) == ["/passwordCredentials/0"]
    assert not_assessed(SECRET, where, subject) == ["/passwordCredentials/1/displayName"]


@pytest.mark.parametrize(
    ("marked", "places"),
    [("/0/displayName", []), ("/0/endDateTime", ["/passwordCredentials/0"]), ("/0", []), ("", [])],
)
def test_an_element_is_checked_unless_what_the_condition_reads_of_it_is_marked_as_unread(
    marked: str, places: list[str]
) -> None:
    subject = app({"passwordCredentials": [{"keyId": "a", "displayName": "x", "endDateTime": None}]})
    pointer = f"/passwordCredentials{marked}"
    found = verdict(SECRET, "!starts_with(displayName, 'CHG')", mark_unread(subject, {pointer: Unread("placeholder")}))
    assert [finding.pointer for finding in found.findings] == places
    if marked:
        assert [(gap.pointer, gap.reason) for gap in found.not_assessed] == [(pointer, "placeholder")]


@pytest.mark.parametrize(
    "marked", ["/requiredResourceAccess/1/resourceAccess/0", "/requiredResourceAccess/1/resourceAccess/0/type"]
)
def test_an_unread_value_in_a_list_of_an_element_leaves_the_element_not_assessed(marked: str) -> None:
    subject = mark_unread(app(ACCESS), {marked: Unread("placeholder")})
    where = "resourceAccess[?type == 'Role']"
    assert reported("requiredResourceAccess", where, subject) == ["/requiredResourceAccess/0"]
    assert not_assessed("requiredResourceAccess", where, subject) == [marked]


def test_a_count_over_elements_of_which_one_lacks_what_is_counted_by_is_a_gap() -> None:
    subject = app({"passwordCredentials": [{"keyId": "a", "displayName": None}, {"keyId": "b"}]})
    where = "length(passwordCredentials[?!displayName]) > `0`"
    assert reported([], where, subject) == []
    assert not_assessed([], where, subject) == ["/passwordCredentials/1/displayName"]


#: Conditions of every kind.
CONDITIONS = [
    ("web.redirectUris", "!contains(@, 'a')"),
    (SECRET, "!starts_with(displayName, 'CHG')"),
    (SECRET, "!(displayName && keyId) || endDateTime == '2027-03-01T00:00:00Z'"),
    ("requiredResourceAccess", "resourceAppId == 'graph' && resourceAccess[?type == 'Role']"),
    ("requiredResourceAccess", "contains(resourceAccess[].id, '3')"),
    ("requiredResourceAccess", "to_string(resourceAccess[0]) == to_string(resourceAccess[-1])"),
    ([], "passwordCredentials == `[]` || passwordCredentials[0]"),
    ([], "contains(map(&displayName, passwordCredentials), 'deploy')"),
    ([], "sort_by(passwordCredentials, &keyId)[-1].displayName == `null`"),
    ([], "min_by(passwordCredentials, &keyId).displayName == 'CHG1'"),
    ([], "requiredResourceAccess[].resourceAccess[] | [?type == 'Role'].id"),
    ([], "length(requiredResourceAccess[?resourceAccess[?type == 'Role']]) == `1`"),
    ([], "reverse(web.redirectUris)[0] == 'http://b' && web.homePageUrl"),
    ([], "[length(owners), isFallbackPublicClient] == `[1, null]`"),
    ([], "passwordCredentials[1:].{a: keyId, b: displayName} | [0]"),
    ([], "web && !notes"),
]
WHOLE = {**SECRETS, **ACCESS, **URIS, "notes": None}


def _removable(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every property of a JSON value."""
    pairs = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    ways: list[tuple[Any, ...]] = []
    for token, inner in pairs:
        ways += ([(*way, token)] if isinstance(value, dict) else []) + _removable(inner, (*way, token))
    return ways


FULL = merged_into("web", WHOLE)
WAYS = [way for way in _removable(FULL) if way[0] in {*WHOLE, "owners", "isFallbackPublicClient"}]


def _without(ways: list[tuple[Any, ...]]) -> dict[str, Any]:
    data = copy.deepcopy(FULL)
    for way in sorted(ways, key=len, reverse=True):
        inner = data
        for token in way[:-1]:
            inner = inner[token]
        inner.pop(way[-1], None)
    return data


@given(st.sampled_from(CONDITIONS), st.lists(st.sampled_from(WAYS), min_size=1, max_size=4, unique=True))
def test_what_is_checked_although_something_was_not_read_is_checked_as_if_all_had_been(
    condition: tuple[str | list[str], str], ways: list[tuple[Any, ...]]
) -> None:
    partial = verdict(*condition, msgspec.convert(_without(ways), Registration))
    full = set(reported(*condition, msgspec.convert(FULL, Registration)))
    found = {finding.pointer for finding in partial.findings}
    assert [gap for gap in partial.not_assessed if gap.reason == "internal"] == []
    assert found <= full
    gaps = [gap.pointer for gap in partial.not_assessed]
    for lost in full - found:
        # A condition on the registration is placed at what it reads first, which need not be what is missing.
        assert [gap for gap in gaps if not condition[0] or gap.startswith(lost) or lost.startswith(gap)]


# Mistakes


@pytest.mark.parametrize(
    ("where", "what", "hint"),
    [
        ("", "where is empty", "write a condition that is true if something is wrong"),
        ("tags[", "where is not valid JMESPath: the expression is incomplete",
            "add the missing closing bracket"),
        ("web.#x", "where is not JMESPath: unexpected text at character 5", "see https://jmespath.org"),
        ("web..x", "where is not JMESPath: unexpected text at character 5", "see https://jmespath.org"),
        ("strats_with(notes, 'x')", "where calls a function strats_with() that JMESPath does not have",
            "did you mean 'starts_with'?"),
        ("starts_with(notes)", "where calls starts_with() with 1: it takes 2 arguments", "see https://jmespath.org"),
        ("not_null()", "where calls not_null() with 0: it takes at least 1 argument", "see https://jmespath.org"),
        ("length(owners)", "where does not depend on a value", "compare the value, as in length(owners) > `5`"),
        ("'x' == 'x'", "where does not depend on a value", "compare the value, as in length(owners) > `5`"),
        ("abs(signInAudience) > `1`",
            "where cannot be applied: abs() takes number, and gets a value of the type string",
            "check the types of the values that the condition reads"),
        ("web.redirectUri == 'x'", "web has no property 'redirectUri' that grantlint reads",
            "did you mean 'redirectUris'?"),
        ("xyzzy[0]", "a registration has no property 'xyzzy' that grantlint reads",
            "see `https://learn.microsoft.com/graph/api/resources/application`"),
        ("passwordCredentials[].displayname",
            "passwordCredentials[] has no property 'displayname' that grantlint reads", "did you mean 'displayName'?"),
        ("passwordCredentials.keyId", "passwordCredentials is a list and has no property 'keyId'",
            "write passwordCredentials[].keyId"),
        ("isFallbackPublicClient == true", "true is not a property", "write the value in backquotes: `true`"),
        ("web[].redirectUris", "web is not a list", "remove the brackets"),
        ("web.*", "where takes all properties at once with .*", "name each property that the condition reads"),
        ("contains(to_string(@), 'x')", "where takes all properties at once",
            "name each property that the condition reads"),
        ("{a: tags}.a", "where reads 'a' of a value that it computes, and not of the registration",
            "read the value from a property"),
    ],
)  # fmt: skip
def test_a_condition_that_can_never_work_is_refused(where: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rule([], where)
    assert (caught.value.what, caught.value.hint) == (f"contoso-x: {what}", hint)


@pytest.mark.parametrize(
    ("each", "where", "what", "hint"),
    [
        ("web.redirectUri", "@", "web has no property 'redirectUri' that grantlint reads",
            "did you mean 'redirectUris'?"),
        ("notes", "@", "notes is not a list", "leave each out, and read notes in where"),
        ("requiredResourceAccess.resourceAccess", "id",
            "requiredResourceAccess is a list and has no property 'resourceAccess'",
            "write requiredResourceAccess[].resourceAccess"),
        ("web.redirectUris", "uri", "the element is a single value and has no property 'uri'",
            "write @ for a single value of a list"),
        (SECRET, "displayname", "the element has no property 'displayname' that grantlint reads",
            "did you mean 'displayName'?"),
        (SECRET, "to_string(@) == ''", "where takes all properties at once",
            "name each property that the condition reads"),
        ([SECRET, "web.redirectUris"], "!displayName",
            "the element is a single value and has no property 'displayName'", "write @ for a single value of a list"),
    ],
)  # fmt: skip
def test_each_must_name_lists_and_where_what_their_elements_have(
    each: str | list[str], where: str, what: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rule(each, where)
    assert (caught.value.what, caught.value.hint) == (f"contoso-x: {what}", hint)


def test_a_deeply_nested_condition_is_refused_and_ends_nothing() -> None:
    with pytest.raises(ConfigurationError):
        rule([], "(" * 5000 + "tags" + ")" * 5000)
