"""Expressions of Bicep and of ARM templates: a value that is known is the one that their references give."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.code.arm import Template
from advisor.sources.code.bicep.parse import Parser
from advisor.sources.code.bicep.scope import Use
from advisor.sources.code.bicep.world import BicepFile, World
from advisor.sources.code.expressions import evaluate
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, from_json, plain
from rules.model.registration import Unread

UNKNOWN = "?"
DOGS = [
    {"name": "Evie", "age": 5},
    {"name": "Casper", "age": 3},
    {"name": "Indy", "age": 2},
    {"name": "Kira", "age": 8},
]
BICEP = """
param unknown string
var env = 'prod'
var isPublic = false
var negative = -20
var nothing = null
var numbers = [1, 2, 3]
var words = { one: 'a', two: 'b', three: 'c' }
var nulls = { one: null, two: null, text: 'demoString', blank: '', number: 10 }
var nested = { foo: [{ bar: 'baz' }] }
var dogs = [
  { name: 'Evie', age: 5 }
  { name: 'Casper', age: 3 }
  { name: 'Indy', age: 2 }
  { name: 'Kira', age: 8 }
]
func isEven(i int) bool => i % 2 == 0
func joined(values string[]) string => join(values, ' and ')
func greet(names string[]) string => 'Hi, ${replace(joined(names), ' and ', ' ')}!'
"""
ARM = {
    "parameters": {"unknown": {"type": "string", "defaultValue": "a"}},
    "variables": {
        "list": ["one", "two", "three"],
        "words": {"one": "a", "two": "b", "three": "c"},
        "dogs": [DOGS[0], DOGS[1], DOGS[3]],
        "derived": "[format('{0}-{1}', variables('list')[0], variables('words').one)]",
        "round": "[variables('round')]",
        "open": "[parameters('unknown')]",
    },
    "functions": [
        {
            "namespace": "contoso",
            "members": {
                "upper": {
                    "parameters": [{"name": "text", "type": "string"}],
                    "output": {"type": "string", "value": "[concat(toUpper(parameters('text')), '!')]"},
                }
            },
        }
    ],
}


def rows(language: str) -> list[tuple[str, str]]:
    """The expressions of a language with the values that its reference gives."""
    text = Path(__file__).with_name(f"{language}_expressions.tsv").read_text("utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines() if not line.startswith("#")]  # type: ignore[misc]


def shown(value: Any) -> str:
    """A value as the tables write it; one with anything that is not known in it is not known."""
    if isinstance(value, Unread):
        return UNKNOWN
    try:
        return json.dumps(value)
    except TypeError:
        return UNKNOWN


def in_bicep(expression: str, values: dict[str, Any] | None = None) -> str:
    """The value of a Bicep expression with the parameters *values*."""
    text = f"{BICEP}var result = {expression}\n"
    document = Document("main.bicep", text)
    file = BicepFile("main.bicep", document, Parser(document).statements())
    given = None if values is None else nodes(values)
    found = Use(file, World(Builder(), []), given).find("result", ())
    return UNKNOWN if found is None else shown(plain(found[0]))


def in_arm(expression: str, values: dict[str, Any] | None = None) -> str:
    """The value of an expression in an ARM template with the parameters *values*."""
    place = Place(Document("main.json", json.dumps(ARM)))
    return shown(plain(Template(ARM, place, None if values is None else nodes(values)).node(f"[{expression}]", place)))


def nodes(values: dict[str, Any]) -> dict[str, Node]:
    return {name: from_json(value, Document("p.json", "{}")) for name, value in values.items()}


EVALUATE: dict[str, Callable[..., str]] = {"bicep": in_bicep, "arm": in_arm}


@pytest.mark.parametrize("language", EVALUATE)
def test_no_known_value_differs_from_the_reference(language: str) -> None:
    table = rows(language)
    found = [(expression, EVALUATE[language](expression)) for expression, _ in table]
    expected = [
        (expression, value if value == UNKNOWN else json.dumps(json.loads(value))) for expression, value in table
    ]
    assert found == expected
    assert len(table) >= 200


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 3, "", "a", "A", "one", "prod"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["one", "a", "ONE"]), inner, max_size=3)
    ),
    max_leaves=4,
)
ONE_INPUT = st.deferred(lambda: LEAVES | CALLS)
LEAVES = st.sampled_from(
    ["unknown", "unknown", "unknown.one", "unknown[0]", "null", "true", "false", "0", "3", "'a'", "'one'", "words",
     "numbers", "[]", "{}", "['a', 'one']", "{ one: unknown, b: 2 }", "[unknown, 'a']"]
)  # fmt: skip
UNARY = ("length", "empty", "first", "last", "not", "string", "int", "bool", "toLower", "array", "flatten", "items",
         "objectKeys", "max", "json", "trim")  # fmt: skip
BINARY = ("concat", "union", "contains", "equals", "intersection", "indexOf", "startsWith", "split", "join", "take",
          "skip", "less", "add", "and", "or", "coalesce", "range", "div", "format", "min")  # fmt: skip
OPERATORS = ("==", "!=", "=~", "&&", "||", "??", "+", "<", ">=", "%")
CALLS = st.one_of(
    st.builds("{}({})".format, st.sampled_from(UNARY), ONE_INPUT),
    st.builds("{}({}, {})".format, st.sampled_from(BINARY), ONE_INPUT, ONE_INPUT),
    st.builds("({} {} {})".format, ONE_INPUT, st.sampled_from(OPERATORS), ONE_INPUT),
    st.builds("({} ? {} : {})".format, ONE_INPUT, ONE_INPUT, ONE_INPUT),
    st.builds("[...{}, {}]".format, ONE_INPUT, ONE_INPUT),
    st.builds("{{ ...{}, one: {} }}".format, ONE_INPUT, ONE_INPUT),
    st.builds("{{ one: {}, ...{} }}".format, ONE_INPUT, ONE_INPUT),
    st.builds("({}).?one".format, ONE_INPUT),
    st.builds("({})[?1]".format, ONE_INPUT),
    st.builds("({}).one".format, ONE_INPUT),
    st.builds("({})[0]".format, ONE_INPUT),
    st.builds("'x${{{}}}'".format, ONE_INPUT.filter(lambda text: "'" not in text)),
    st.builds("map({}, x => {})".format, ONE_INPUT, st.sampled_from(["x", "[x]", "unknown", "'a'"])),
    st.builds("filter({}, x => x == {})".format, ONE_INPUT, ONE_INPUT),
    st.builds("reduce({}, {}, (x, y) => {})".format, ONE_INPUT, ONE_INPUT, st.sampled_from(["x", "y", "union(x, y)"])),
    st.builds("[for (x, i) in {}: {}]".format, ONE_INPUT, st.sampled_from(["x", "i", "unknown"])),
)


@given(ONE_INPUT, VALUES)
def test_no_choice_of_an_unknown_value_contradicts_a_known_one(expression: str, value: Any) -> None:
    without, with_it = in_bicep(expression), in_bicep(expression, {"unknown": value})
    # An evaluation that fails, or that is not computed, contradicts nothing: nothing is deployed.
    assert UNKNOWN in (without, with_it) or without == with_it
