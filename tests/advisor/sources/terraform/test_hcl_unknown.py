"""HCL: what is known although one input is not, is so whatever the input is."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.sources.reading.node import Node
from advisor.sources.terraform.evaluate import evaluate
from advisor.sources.terraform.values import Elements, Open, Rest, Unordered
from rules.model.registration import Unread
from tests.advisor.sources.terraform.evaluating import UNKNOWN, known_value, use_of

CHOICES = (
    '"a"', '""', '"b"', "1", "0", "true", "false", '"true"', "null", "[]", '["a"]', '["b", "a"]', '["a", "a"]', "[1]",
    "{}", '{ a = "b" }', "{ a = 1, b = [] }", "[[]]", '[["a"], ["b"]]', '[{ a = "b" }]', '[""]', "[null]",
)  # fmt: skip

LEAVES = st.sampled_from(
    ("var.x", "var.x", "var.x", "var.x.a", "var.x[0]", '"a"', '"b"', '""', "1", "2", "true", "false", "null", "[]",
     '["a"]', '["b", "a"]', "{}", '{ a = "b" }', '{ a = "b", c = "d" }', 'toset(["b", "a"])')
)  # fmt: skip
UNARY = (
    "!{0}", "-{0}", "({0})", '"${{{0}}}"', '"p-${{{0}}}"', "{0}[0]", "{0}[1]", "{0}.a", "{0}[*]", "{0}[*].a",
    "[{0}]", "{{ a = {0} }}", "[for v in {0} : v]", '[for v in {0} : v if v != "a"]', "[for k, v in {0} : k]",
    "{{ for v in {0} : v => v }}", "{{ for k, v in {0} : k => v }}", '{{ for v in {0} : "k" => v... }}',
    "can({0})", "one({0})", "length({0})", "compact({0})", "distinct({0})", "flatten({0})", "toset({0})", "tolist({0})",
    "keys({0})", "values({0})", "reverse({0})", "sort({0})", "sum({0})", "alltrue({0})", "anytrue({0})", "upper({0})",
    "tostring({0})", "tonumber({0})", "tobool({0})", "jsonencode({0})", "coalesce({0}...)", "concat({0}...)",
    "merge({0}...)", "element({0}, 0)", "element({0}, 1)", "slice({0}, 0, 1)", "chunklist({0}, 1)", "tomap({0})",
)  # fmt: skip
BINARY = (
    "{0} == {1}", "{0} != {1}", "{0} && {1}", "{0} || {1}", "{0} < {1}", "{0} + {1}", "{0} * {1}",
    "try({0}, {1})", "coalesce({0}, {1})", "concat({0}, {1})", "merge({0}, {1})", "contains({0}, {1})", "[{0}, {1}]",
    "join({0}, {1})", "split({0}, {1})", 'lookup({0}, "a", {1})', "setunion({0}, {1})", "setsubtract({0}, {1})",
    "setintersection({0}, {1})", "setproduct({0}, {1})", "format({0}, {1})", 'formatlist("%s", {0})',
    "zipmap({0}, {1})",
    "coalescelist({0}, {1})", "index({0}, {1})", '"${{{0}}}-${{{1}}}"', "startswith({0}, {1})",
    "{{ a = {0}, b = {1} }}",
    "flatten([{0}, {1}])", 'replace({0}, "a", {1})',
)  # fmt: skip
TERNARY = ("{0} ? {1} : {2}", "try({0}, {1}, {2})", "concat({0}, {1}, {2})", "merge({0}, {1}, {2})", "[{0}, {1}, {2}]")


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    shapes = ((UNARY, 1), (BINARY, 2), (TERNARY, 3))
    return st.one_of(
        *(
            st.builds(lambda form, parts: form.format(*parts), st.sampled_from(forms), st.tuples(*[inner] * count))
            for forms, count in shapes
        )
    )


EXPRESSIONS = st.recursive(LEAVES, _grown, max_leaves=6)


def agrees(known: Node, whole: Any) -> bool:
    """Whether what is known of a value does not contradict a *whole* value."""
    value = known.value
    if isinstance(value, Unread):
        return True
    if isinstance(value, dict):
        if not isinstance(whole, dict) or (not isinstance(value, Open) and value.keys() != whole.keys()):
            return False
        return all(key in whole and agrees(one, whole[key]) for key, one in value.items())
    if isinstance(value, Elements | Unordered):
        return isinstance(whole, list) and all(
            isinstance(one.value, Unread) or any(agrees(one, other) for other in whole) for one in value
        )
    if isinstance(value, list):
        return isinstance(whole, list) and _matches(value, whole)
    return type(value) is type(whole) and value == whole


def _matches(pattern: list[Node], whole: list[Any]) -> bool:
    if not pattern:
        return not whole
    first, *others = pattern
    if isinstance(first.value, Rest):
        return any(_matches(others, whole[at:]) for at in range(len(whole) + 1))
    return bool(whole) and agrees(first, whole[0]) and _matches(others, whole[1:])


@given(EXPRESSIONS)
@settings(deadline=None, max_examples=300)
def test_no_choice_of_an_unknown_input_contradicts_what_is_known(expression: str) -> None:
    use = use_of(f'variable "x" {{}}\nlocals {{\n  tested = {expression}\n}}\n')
    known = evaluate(use.module.locals["tested"], use)
    for choice in CHOICES:
        decided = use_of(f'variable "x" {{}}\nlocals {{\n  tested = {expression}\n  chosen = {choice}\n}}\n')
        decided.module.given["x"] = decided.module.locals["chosen"]
        decided.module.is_decided = True
        whole = known_value(evaluate(decided.module.locals["tested"], decided))
        assert whole is UNKNOWN or agrees(known, whole), (expression, choice, whole)
