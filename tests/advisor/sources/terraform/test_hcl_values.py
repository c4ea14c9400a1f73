"""HCL: each expression of a table has the value that Terraform computes, or is not known; none has a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.advisor.sources.terraform.evaluating import UNKNOWN, known_value, value_of

_LINES = Path(__file__).with_name("expressions.tsv").read_text("utf-8").splitlines()
TABLE = [tuple(line.split("\t")) for line in _LINES if not line.startswith("#")][1:]


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 350


@pytest.mark.parametrize(("group", "expression", "value"), TABLE, ids=[f"{one[0]}: {one[1]}" for one in TABLE])
def test_an_expression_has_terraform_s_value_or_is_not_known(group: str, expression: str, value: str) -> None:
    found = known_value(value_of(expression))
    if value == "!error":
        assert found is UNKNOWN
    elif found is not UNKNOWN:
        expected = json.loads(value)
        assert found == expected
        assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_few_expressions_are_not_known() -> None:
    computed = [row for row in TABLE if row[2] != "!error"]
    unknown = [expression for _, expression, _ in computed if known_value(value_of(expression)) is UNKNOWN]
    assert len(unknown) <= 20, unknown
