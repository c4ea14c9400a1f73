"""Walking through two states of an object: what is a difference, what is not, and what is not known."""

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from advisor.run.comparison.walk import Difference, differences, tree
from advisor.run.comparison.words import changes
from rules.model.clean import clean
from rules.model.registration import Registration, Unread

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "keyId", "value", "displayName"]), inner, max_size=4)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(
    st.sampled_from(["passwordCredentials", "owners", "web", "settings", "federatedIdentityCredentials", "appRoles"]),
    VALUES,
    max_size=4,
)
UNREAD = Unread("placeholder")


def registration(**more: Any) -> Registration:
    return msgspec.convert({**clean("web"), **more}, Registration)


def named(found: list[Difference]) -> list[tuple[str, bool]]:
    return [(one.property, one.is_known) for one in found]


@given(OBJECTS)
def test_nothing_differs_from_itself(value: dict[str, Any]) -> None:
    assert not [*differences(value, value)]


@given(OBJECTS, OBJECTS)
def test_any_two_states_have_sentences(old: dict[str, Any], new: dict[str, Any]) -> None:
    found, _ = changes(differences(old, new), "registrations")
    assert all(one.text for one in found)
    json.dumps(msgspec.to_builtins(found))


@given(st.lists(st.fixed_dictionaries({"keyId": st.uuids().map(str), "endDateTime": st.text()}), max_size=5), st.data())
def test_the_order_of_a_list_is_no_difference(credentials: list[dict[str, str]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(credentials))
    assert not [*differences({"passwordCredentials": credentials}, {"passwordCredentials": shuffled})]


def test_differences_of_a_list_with_an_unread_element_are_not_known() -> None:
    old = tree(registration(identifierUris=["api://a", "api://b"]))
    new = tree(registration(identifierUris=["api://a", "${uri}"]), {"/identifierUris/1": UNREAD})
    assert named([*differences(old, new)]) == [("identifierUris", False)]


def test_what_neither_state_read_is_no_difference() -> None:
    unread = {"/notes": UNREAD, "/signInAudience": UNREAD}
    assert not [*differences(tree(registration(notes="a"), unread), tree(registration(notes="b"), unread))]


def test_an_element_is_shown_without_what_was_not_read() -> None:
    secret = {"keyId": "k", "displayName": "ci", "endDateTime": "${end}"}
    new = tree(registration(passwordCredentials=[secret]), {"/passwordCredentials/0/endDateTime": UNREAD})
    (change,), unknown = changes(differences(tree(registration(passwordCredentials=[])), new), "registrations")
    assert change.text == "secret ci was added"
    assert change.new == {"keyId": "k", "displayName": "ci"}
    assert not unknown


def test_an_identity_that_was_not_read_names_no_element() -> None:
    role = {"id": "${id}", "value": "Admin", "displayName": "Admin"}
    old, new = (
        tree(registration(appRoles=[{**role, "value": value}]), {"/appRoles/0/id": UNREAD}) for value in ("A", "B")
    )
    (change,), _ = changes(differences(old, new), "registrations")
    assert change.text == "app role B: value changed from A to B"


def test_ordinals_count_what_is_there() -> None:
    def secrets(*ids: str) -> dict[str, Any]:
        return {"passwordCredentials": [{"keyId": id_} for id_ in ids]}

    found, _ = changes(differences(secrets("a"), secrets("a", "b", "c")), "registrations")
    assert [one.text for one in found] == ["a second secret was added: b", "a third secret was added: c"]
    found, _ = changes(differences(secrets("a", "b"), secrets("b", "c")), "registrations")
    assert [one.text for one in found] == ["secret a was removed", "a second secret was added: c"]
