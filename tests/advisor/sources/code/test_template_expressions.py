"""Expressions of Bicep and of ARM templates: a value that is known is the one that their references give."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.code.arm import Template
from advisor.sources.code.bicep.parse import Parser
from advisor.sources.code.bicep.scope import Use
from advisor.sources.code.bicep.world import BicepFile, World
from advisor.sources.code.function_arguments import is_partial
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, from_json, plain

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


def shown(node: Node) -> str:
    """A value as the tables write it; one with anything that is not known in it is not known."""
    return json.dumps(plain(node)) if is_whole(node) else UNKNOWN


def is_whole(node: Node) -> bool:
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return node.known and not is_partial(node) and all(map(is_whole, inner))


def in_bicep(expression: str, values: dict[str, Any] | None = None) -> str:
    """The value of a Bicep expression with the parameters *values*."""
    text = f"{BICEP}var result = {expression}\n"
    document = Document("main.bicep", text)
    file = BicepFile("main.bicep", document, Parser(document).statements())
    given = None if values is None else nodes(values)
    found = Use(file, World(Builder(), []), given).find("result")
    return UNKNOWN if found is None else shown(found)


def in_arm(expression: str, values: dict[str, Any] | None = None) -> str:
    """The value of an expression in an ARM template with the parameters *values*."""
    place = Place(Document("main.json", json.dumps(ARM)))
    return shown(Template(ARM, place, None if values is None else nodes(values)).node(f"[{expression}]", place))


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


LEAVES = ("unknown", "unknown", "unknown", "unknown.one", "unknown[0]", "null", "true", "false", "0", "3", "'a'",
          "'one'", "words", "numbers", "[]", "{}", "['a', 'one']", "{ one: unknown, b: 2 }",
          "[unknown, 'a']")  # fmt: skip
UNARY = ("length", "empty", "first", "last", "!", "string", "int", "bool", "toLower", "array", "flatten", "items",
         "objectKeys", "max", "json", "trim", "shallowMerge")  # fmt: skip
BINARY = ("concat", "union", "contains", "intersection", "indexOf", "startsWith", "split", "join", "take", "skip",
          "range", "format", "min")  # fmt: skip
OPERATORS = ("==", "!=", "=~", "&&", "||", "??", "+", "<", ">=", "%", "/")
SHAPES = (
    "({} ? {} : {})", "[...{}, {}]", "{{ ...{}, one: {} }}", "{{ one: {}, ...{} }}", "({}).?one", "({})[?1]",
    "({}).one", "({})[0]", "({})[^1]", "'x${{{}}}'", "map({}, x => x)", "map({}, (x, i) => i)", "map({}, x => {})",
    "filter({}, x => x == {})", "reduce({}, {}, (x, y) => x)", "reduce({}, {}, (x, y) => union(x, y))",
    "[for (x, i) in {}: i]", "[for x in {}: {}]", "toObject({}, x => x)",
    *(f"{name}({{}})" for name in UNARY),
    *(f"{name}({{}}, {{}})" for name in BINARY),
    *(f"({{}} {operator} {{}})" for operator in OPERATORS),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 3, "", "a", "A", "one", "[1]", [], ["a"], ["a", "one"], ["one", None], [["a"], []], [1, 3],
    {}, {"one": "a"}, {"ONE": "a"}, {"one": {"one": 1}}, {"a": ["a"], "one": None}, {"nine": 1}, [{"one": "a"}, {}],
)  # fmt: skip


def drawn(choices: Random, depth: int) -> str:
    """An expression with the parameter ``unknown`` somewhere in it."""
    if depth == 0 or choices.random() < 0.15:
        return choices.choice(LEAVES)
    shape = choices.choice(SHAPES)
    return shape.format(*(drawn(choices, depth - 1) for _ in range(shape.count("{}"))))


@given(st.integers(0, 2**32))
def test_no_choice_of_an_unknown_value_contradicts_a_known_one(seed: int) -> None:
    choices = Random(seed)
    for expression in (drawn(choices, choices.choice((1, 2, 3))) for _ in range(8)):
        known = in_bicep(expression)
        for value in choices.sample(VALUES, 8) if known != UNKNOWN else ():
            # An evaluation that fails, or that is not computed, contradicts nothing: nothing is deployed.
            assert in_bicep(expression, {"unknown": value}) in (known, UNKNOWN), expression
