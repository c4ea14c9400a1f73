"""Merge patches by their leaves, and edits of lists that several findings share."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.docs.examples import check_example
from rules.docs.requests import GRAPH, TARGETS, Target, address, is_guid, target_of
from rules.families import RULES
from rules.primitives.patch import Edit, edit_between, edited, leaves, nested, plain

NAMES = st.sampled_from(["web", "spa", "a", "b"])
VALUES = st.one_of(st.none(), st.booleans(), st.text(max_size=2), st.lists(st.text(max_size=2), max_size=3))
PATCHES = st.dictionaries(
    NAMES,
    st.recursive(VALUES, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=2), max_leaves=4),
    min_size=1,
)


@given(PATCHES)
def test_a_patch_is_what_its_leaves_are(patch: dict[str, Any]) -> None:
    assert nested(leaves(patch)) == patch


@given(st.lists(st.integers(), min_size=1, max_size=8), st.data())
def test_removals_count_in_the_list_as_it_was(elements: list[int], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from(range(len(elements)))))
    edits = [Edit((str(index),), remove=True) for index in gone]
    assert edited(elements, edits) == [one for index, one in enumerate(elements) if index not in gone]


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=6, unique=True), st.data())
def test_the_edit_between_two_lists_makes_the_one_of_the_other(elements: list[str], data: st.DataObject) -> None:
    index = data.draw(st.sampled_from(range(len(elements))))
    edit = data.draw(st.sampled_from([Edit((str(index),), remove=True), Edit((str(index),), value="something new")]))
    after = edited(elements, [edit])
    assert edit_between(elements, after, (str(index),)) == edit


def test_an_edit_reaches_into_elements() -> None:
    elements = [{"inner": [{"x": 1}, {"x": 2}]}, {"inner": [{"x": 3}]}]
    assert edited(elements, [Edit(("0", "inner", "1", "x"), value=9)])[0] == {"inner": [{"x": 1}, {"x": 9}]}
    assert edited(elements, [Edit(("0", "inner", "0"), remove=True)])[0] == {"inner": [{"x": 2}]}
    assert elements == [{"inner": [{"x": 1}, {"x": 2}]}, {"inner": [{"x": 3}]}]


def test_an_element_whose_list_was_emptied_goes_with_it_once() -> None:
    elements = [{"inner": [1, 2]}, {"inner": [3]}]
    edits = [Edit(("0", "inner", "0"), remove=True), Edit(("0", "inner", "1"), remove=True), Edit(("0",), remove=True)]
    assert edited(elements, edits) == [{"inner": [3]}]
    assert edit_between([{"inner": [1]}], [], ("0", "inner", "0")) == Edit(("0",), remove=True)


@pytest.mark.parametrize("path", [("5",), ("0", "nothing", "0"), ("x",)])
def test_a_path_that_leads_nowhere_is_an_error(path: tuple[str, ...]) -> None:
    with pytest.raises((LookupError, ValueError)):
        edited([{"inner": []}], [Edit(path, remove=True)])


def test_a_copy_has_lists_for_tuples() -> None:
    value = {"a": ({"b": (1, 2)},)}
    assert plain(value) == {"a": [{"b": [1, 2]}]} == json.loads(json.dumps(value))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_patches_are_objects_all_the_way_down_to_a_list_and_have_a_request(rule: Any) -> None:
    for bad in rule.bad:
        for found in check_example((rule,), rule.base, bad).findings:
            if found.patch is not None:
                assert not [name for pointer in leaves(found.patch) for name in pointer.split("/") if name.isdigit()]
                # Credentials of a service principal are taken out by hand: a report does not hold their ids.
                assert target_of(found.pointer) or found.pointer.startswith("/servicePrincipal/")


# Which request


def test_addresses_hold_guids_and_nothing_else() -> None:
    one, other = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    assert address(Target(), one, other) == f"{GRAPH}/v1.0/applications/{one}"
    assert address(Target(), None, other) == f"{GRAPH}/v1.0/applications(appId='{other}')"
    assert address(TARGETS["servicePrincipal"], one, other) == f"{GRAPH}/v1.0/servicePrincipals(appId='{other}')"
    assert address(TARGETS["servicePrincipal"], one, None) is None
    assert address(TARGETS["authorizationPolicy"], None, None) == f"{GRAPH}/v1.0/policies/authorizationPolicy"


@given(st.one_of(st.text(), st.from_regex(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\s?")))
def test_a_guid_needs_no_quoting(text: str) -> None:
    if is_guid(text):
        assert len(text) == 36
        assert set(text.lower()) <= set("0123456789abcdef-")


def test_a_pointer_that_is_in_no_row_has_no_target() -> None:
    assert [target_of(pointer) for pointer in ("", "/", "web", "/oauth2PermissionGrants/0", "/appId")] == [None] * 5
