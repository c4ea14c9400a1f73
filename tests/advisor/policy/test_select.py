"""Expressions of own rules: values as the library gives them, each with its place, and what must have been read for it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.parser import Parser
from jmespath.visitor import Options, TreeInterpreter

from advisor.policy.custom_rules.reads import ReadError
from advisor.policy.custom_rules.selection import Missing, Selected, SelectError, Selection
from advisor.policy.custom_rules.trace import FAILURES, ApplyError, NullsPass, Placed, Tracer
from rules.engine.findings import value_at
from rules.model.clean import KINDS, clean, laid_over
from rules.model.registration import Registration, Unread, mark_unread


def app(fragment: dict[str, Any], kind: str = "web") -> Registration:
    return msgspec.convert(laid_over(kind, fragment), Registration)


def asked(select: str, fragment: dict[str, Any]) -> list[tuple[str, Any]]:
    said = list(Selection(select).ask(app(fragment)))
    assert all(isinstance(one, Selected) for one in said)
    return [(one.pointer, one.value) for one in said]


SECRETS = {
    "passwordCredentials": [
        {"keyId": "a", "displayName": "CHG1", "endDateTime": "2026-03-01T00:00:00Z"},
        {"keyId": "b", "displayName": "deploy", "endDateTime": "2027-03-01T00:00:00Z"},
        {"keyId": "c", "displayName": None, "endDateTime": "2028-03-01T00:00:00Z"},
    ]
}
GRAPH = "00000003-0000-0000-c000-000000000000"
ACCESS = {
    "requiredResourceAccess": [
        {"resourceAppId": "other", "resourceAccess": [{"id": "1", "type": "Role"}]},
        {"resourceAppId": GRAPH, "resourceAccess": [{"id": "2", "type": "Scope"}, {"id": "3", "type": "Role"}]},
    ]
}


@pytest.mark.parametrize(
    ("select", "fragment", "places"),
    [
        ("web.redirectUris[?starts_with(@, 'http:')]", {"web": {"redirectUris": ["https://a", "http://b"]}}, ["/web/redirectUris/1"]),
        ("web.redirectUris", {"web": {"redirectUris": ["https://a", "http://b"]}}, ["/web/redirectUris/0", "/web/redirectUris/1"]),
        ("isFallbackPublicClient", {"isFallbackPublicClient": True}, ["/isFallbackPublicClient"]),
        ("isFallbackPublicClient", {"isFallbackPublicClient": False}, []),
        ("signInAudience == 'AzureADMultipleOrgs'", {"signInAudience": "AzureADMultipleOrgs"}, ["/signInAudience"]),
        ("length(tags[?starts_with(@, 'cost:')]) == `0`", {"tags": ["x"]}, ["/tags"]),
        ("length(tags[?starts_with(@, 'cost:')]) == `0`", {"tags": ["cost:1"]}, []),
        ("passwordCredentials[?!starts_with(displayName, 'CHG')]", SECRETS, ["/passwordCredentials/1", "/passwordCredentials/2"]),
        ("passwordCredentials[?endDateTime > '2027'].displayName", SECRETS, ["/passwordCredentials/1/displayName"]),
        ("passwordCredentials[-1].endDateTime", SECRETS, ["/passwordCredentials/2/endDateTime"]),
        ("passwordCredentials[1:].keyId", SECRETS, ["/passwordCredentials/1/keyId", "/passwordCredentials/2/keyId"]),
        ("passwordCredentials[*].{name: displayName, until: endDateTime}", SECRETS, ["/passwordCredentials/0", "/passwordCredentials/1", "/passwordCredentials/2"]),
        ("passwordCredentials[*].contains(displayName, 'deploy')", SECRETS, ["/passwordCredentials/1"]),
        ("sort_by(passwordCredentials, &endDateTime)[-1]", SECRETS, ["/passwordCredentials/2"]),
        ("max_by(passwordCredentials, &endDateTime).keyId", SECRETS, ["/passwordCredentials/2/keyId"]),
        ("requiredResourceAccess[].resourceAccess[].id", ACCESS, [f"/requiredResourceAccess/{n}" for n in ("0/resourceAccess/0/id", "1/resourceAccess/0/id", "1/resourceAccess/1/id")]),
        ("requiredResourceAccess[].resourceAccess[?type == 'Role']", ACCESS, ["/requiredResourceAccess/0/resourceAccess/0", "/requiredResourceAccess/1/resourceAccess/1"]),
        (f"requiredResourceAccess[?resourceAppId == '{GRAPH}'].resourceAccess[] | [?type == 'Role']", ACCESS, ["/requiredResourceAccess/1/resourceAccess/1"]),
        ("isFallbackPublicClient && web.redirectUris[?contains(@, 'b')]", {"isFallbackPublicClient": True, "web": {"redirectUris": ["http://b"]}}, ["/web/redirectUris/0"]),
        ("web.homePageUrl || web.logoutUrl", {"web": {"logoutUrl": "https://l"}}, ["/web/logoutUrl"]),
        ("web.implicitGrantSettings.*", {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}, ["/web/implicitGrantSettings/enableIdTokenIssuance"]),
        ("contains(notes, 'temporary')", {"notes": None}, []),
        ("length(owners) > `5` || signInAudience == 'AzureADMultipleOrgs'", {"signInAudience": "AzureADMultipleOrgs"}, ["/owners"]),
    ],
)  # fmt: skip
def test_what_is_selected_has_its_place(select: str, fragment: dict[str, Any], places: list[str]) -> None:
    assert [pointer for pointer, _ in asked(select, fragment)] == places


def test_where_an_expression_only_says_that_something_offends_the_value_at_its_place_is_quoted() -> None:
    assert asked("signInAudience == 'AzureADMultipleOrgs'", {"signInAudience": "AzureADMultipleOrgs"}) == [
        ("/signInAudience", True)
    ]
    assert asked("passwordCredentials[*].contains(displayName, 'deploy')", SECRETS)[0][1]["keyId"] == "b"


# What must have been read


@pytest.mark.parametrize(
    ("select", "paths", "each"),
    [
        ("web.redirectUris[?starts_with(@, 'http:')]", ("web.redirectUris",), "web.redirectUris"),
        ("web.redirectUris", ("web.redirectUris",), "web.redirectUris"),
        ("length(owners) > `5`", ("owners",), ""),
        ("length(owners) == `0` && signInAudience == 'x'", ("owners", "signInAudience"), ""),
        ("web.implicitGrantSettings.*", tuple(f"web.implicitGrantSettings.enable{w}Issuance" for w in ("AccessToken", "IdToken")), ""),
        ("passwordCredentials[?endDateTime > '2027'].displayName", ("passwordCredentials",), "passwordCredentials"),
        ("keys(spa)", None, ""),
        ("passwordCredentials[0].endDateTime", ("passwordCredentials",), ""),
        ("@.tags", ("tags",), "tags"),
        ("[tags, notes]", ("tags", "notes"), ""),
        ("not_null(web.homePageUrl, info.logoUrl)", ("web.homePageUrl", "info.logoUrl"), ""),
    ],
)  # fmt: skip
def test_what_an_expression_needs_follows_from_it(select: str, paths: tuple[str, ...] | None, each: str) -> None:
    if paths is None:
        with pytest.raises(SelectError, match="same kind of value"):
            Selection(select)
        return
    found = Selection(select).reads
    assert (found.paths, found.each, found.whole) == (paths, each, False)


def test_an_expression_over_the_whole_registration_says_so() -> None:
    assert Selection("contains(to_string(@), 'fabrikam')").reads.whole


def test_a_property_of_an_element_that_was_not_read_is_a_gap_and_the_other_elements_are_judged() -> None:
    fragment = {"passwordCredentials": [{"keyId": "a", "displayName": "x"}, {"keyId": "b"}]}
    said = list(Selection("passwordCredentials[?!starts_with(displayName, 'CHG')]").ask(app(fragment)))
    assert [(type(one), one.pointer) for one in said] == [
        (Missing, "/passwordCredentials/1"),
        (Selected, "/passwordCredentials/0"),
    ]


def test_an_element_that_was_not_read_is_never_selected() -> None:
    subject = mark_unread(
        app({"web": {"redirectUris": ["${uri}", "http://b"]}}), {"/web/redirectUris/0": Unread("placeholder")}
    )
    said = list(Selection("web.redirectUris[?!starts_with(@, 'https:')]").ask(subject))
    assert [one.pointer for one in said if isinstance(one, Selected)] == ["/web/redirectUris/1"]


def test_an_element_is_passed_over_only_where_what_is_not_read_of_it_matters() -> None:
    fragment = {"passwordCredentials": [{"keyId": "a", "displayName": "x", "endDateTime": None}]}
    for place, selected in (("displayName", []), ("endDateTime", ["/passwordCredentials/0"]), ("", [])):
        pointer = f"/passwordCredentials/0/{place}".rstrip("/")
        subject = mark_unread(app(fragment), {pointer: Unread("placeholder")})
        said = list(Selection("passwordCredentials[?!starts_with(displayName, 'CHG')]").ask(subject))
        assert [one.pointer for one in said] == selected


def test_a_count_over_a_list_with_an_element_that_lacks_what_is_counted_by_is_a_gap() -> None:
    fragment = {"passwordCredentials": [{"keyId": "a", "displayName": None}, {"keyId": "b"}]}
    said = list(Selection("length(passwordCredentials[?!displayName]) > `0`").ask(app(fragment)))
    assert said == [Missing("/passwordCredentials/1/displayName")]


@pytest.mark.parametrize(
    ("select", "silent"),
    [
        ("web.redirectUris[?starts_with(@, 'http:')]", ("web.redirectUris",)),
        ("isFallbackPublicClient", ("isFallbackPublicClient",)),
        ("signInAudience == 'AzureADMultipleOrgs'", ("signInAudience",)),
        ("isFallbackPublicClient && length(owners) == `0`", ("isFallbackPublicClient",)),
        ("tags[?@ == 'a'] || notes", ("tags", "notes")),
        ("length(owners) == `0`", ()),
        ("signInAudience != 'AzureADMyOrg'", ()),
        ("api.requestedAccessTokenVersion == `0`", ()),
        ("tags[?@ == 'a'] | length(@) == `0`", ()),
        ("notes == ''", ()),
        ("!notes", ()),
    ],
)
def test_the_engine_is_told_where_nothing_can_be_selected(select: str, silent: tuple[str, ...]) -> None:
    found = Selection(select)
    assert found.reads.silent == silent
    empty = app(dict.fromkeys(("web", "isFallbackPublicClient", "signInAudience", "tags", "notes")))
    if silent:
        assert list(found.ask(empty)) == []


# Mistakes


@pytest.mark.parametrize(
    ("select", "what"),
    [
        ("", "is empty"),
        ("web.redirectUris[", "is no JMESPath: it ends too early"),
        ("web.#x", "is no JMESPath: Unknown token # at character 5"),
        ("web..x", "is no JMESPath: '.' at character 5 does not belong there"),
        ("strats_with(notes, 'x')", "calls a function strats_with() that JMESPath does not have"),
        ("starts_with(notes)", "calls starts_with() with 1: it takes 2 arguments"),
        ("not_null()", "calls not_null() with 0: it takes at least 1 argument"),
        ("length(owners)", "gives the same kind of value for every registration"),
        ("'x'", "gives the same kind of value for every registration"),
        ("abs(signInAudience) > `1`", "cannot be applied: abs() takes number, and gets a value of the type string"),
    ],
)
def test_an_expression_that_cannot_select_is_refused(select: str, what: str) -> None:
    with pytest.raises(SelectError) as caught:
        Selection(select)
    assert str(caught.value) == what
    assert caught.value.hint or caught.value.known


@pytest.mark.parametrize(
    ("select", "what"),
    [
        ("web.redirectUri", "web has no property 'redirectUri' that grantlint reads"),
        ("redirectUris[]", "registrations have no property 'redirectUris' that grantlint reads"),
        ("passwordCredentials[].name", "passwordCredentials[] has no property 'name' that grantlint reads"),
        ("passwordCredentials.keyId", "passwordCredentials is a list, so 'keyId' selects nothing of it; put [] behind it"),
        ("displayName.x", "displayName is a single value, so 'x' selects nothing of it"),
        ("web[].redirectUris", "web is no list, so its elements are none"),
        ("requiredResourceAccess[?resourceAppId].resourceAccess[?type == 'Role']", "requiredResourceAccess[].resourceAccess is a list, so 'type' selects nothing of it; put [] behind it"),
    ],
)  # fmt: skip
def test_an_expression_that_can_never_select_anything_is_refused(select: str, what: str) -> None:
    with pytest.raises(ReadError) as caught:
        Selection(select)
    assert str(caught.value) == what


def test_a_deeply_nested_expression_is_refused_and_ends_nothing() -> None:
    with pytest.raises(SelectError):
        Selection("(" * 5000 + "tags" + ")" * 5000)


# The library and the tracer agree

NAMES = st.sampled_from(["a", "b", "c"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "bc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    postfix = st.sampled_from(
        ["[]", "[*]", "[0]", "[-1]", "[1:]", "[::-1]", "[?a]", "[?@ == 'a']", "[?!b]", ".a", ".*", ".[a, b]", ".{x: a}",
         " | a", " | [0]", ".length(@)", ".type(@)"]
    )  # fmt: skip
    wrapped = st.sampled_from(
        ["reverse({})", "to_array({})", "sort_by({}, &a)", "max_by({}, &a)", "length({}) > `1`", "!({})", "map(&a, {})",
         "not_null({}, a)", "({})", "values({})", "contains({}, 'a')", "merge({}, a)"]
    )  # fmt: skip
    pair = st.sampled_from(["({}) || ({})", "({}) && ({})", "({}) == ({})", "[{}, {}]", "({}) | ({})"])
    return st.one_of(
        st.builds(lambda text, end: text + end, inner, postfix),
        st.builds(lambda text, form: form.format(text), inner, wrapped),
        st.builds(lambda one, two, form: form.format(one, two), inner, inner, pair),
    )


EXPRESSIONS = st.recursive(NAMES | st.just("@"), _grown, max_leaves=6)


def _at(document: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        document = document[int(token)] if isinstance(document, list) else document.get(token)
    return document


def _check(placed: Placed, document: Any) -> None:
    if not placed.made:
        assert _at(document, placed.pointer) is placed.value or _at(document, placed.pointer) == placed.value
    if placed.parts is not None:
        assert [part.value for part in placed.parts] == placed.value
        for part in placed.parts:
            _check(part, document)


@settings(max_examples=500)
@given(EXPRESSIONS, DOCUMENTS)
def test_values_are_the_librarys_own_and_what_was_not_made_stands_where_its_pointer_says(
    expression: str, document: Any
) -> None:
    tree = Parser().parse(expression).parsed
    try:
        expected = TreeInterpreter(Options(custom_functions=NullsPass())).visit(tree, document)
    except FAILURES:
        with pytest.raises(ApplyError):
            Tracer().trace(tree, document)
        return
    placed = Tracer().trace(tree, document)
    assert placed.value == expected
    _check(placed, document)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "select",
    ["*.redirectUris[]", "passwordCredentials[*]", "api.oauth2PermissionScopes[].value", "optionalClaims.*[]"],
)
def test_a_place_is_one_of_the_registration(select: str, kind: str) -> None:
    subject = msgspec.convert(clean(kind), Registration)
    for one in Selection(select).ask(subject):
        assert isinstance(one, Selected)
        assert msgspec.to_builtins(value_at(subject, one.pointer)) == one.value or one.value is True
