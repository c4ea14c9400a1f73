"""Answers from a file: one client, or several under ``clients``, in JSON or TOML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from advisor.decide.advice import check_answers
from advisor.decide.text import parse_toml, read_text
from advisor.decide.tree import DecisionTree
from advisor.errors import InputError


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client to advise for: its name for people, its answers, and the file in which they stand."""

    name: str
    answers: Mapping[str, str]
    file: str | None = None


def one_client(answers: Mapping[str, str]) -> Client:
    """A client without a name, whose answers come from elsewhere than a file."""
    return Client(name="", answers=answers)


def read_clients(tree: DecisionTree, path: Path) -> tuple[Client, ...]:
    """Read the clients of a file. The suffix says the format; without one the first character does.

    Raises ``InputError`` for a file that cannot be read or is of another shape, and for answers the tree does not know.
    """
    text = read_text(path, "the answers")
    table = _parse(text, path)
    if "clients" in table and (beside := [key for key in table if key != "clients"]):
        raise InputError(
            f"{beside[0]} stands beside clients",
            file=str(path),
            hint="move it into a client; answers for all of them go on the command line, with -a",
        )
    rows = table.get("clients", [table])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            "clients must be a list of tables", file=str(path), hint="write [[clients]] before each of them"
        )
    return tuple(
        _client(tree, row, text, path, f"client {number}" if len(rows) > 1 else "")
        for number, row in enumerate(rows, 1)
    )


def _client(tree: DecisionTree, row: dict[str, Any], text: str, path: Path, unnamed: str) -> Client:
    """One client; *unnamed* is what it is called when the file gives it no name."""
    name = row.get("name", unnamed)
    if not isinstance(name, str):
        raise InputError("name must be a text", file=str(path))
    answers = check_answers(
        tree, {key: value for key, value in row.items() if key != "name"}, file=str(path), text=text
    )
    return Client(name=name, answers=answers, file=str(path))


def _parse(text: str, path: Path) -> dict[str, Any]:
    suffix = path.suffix.lower()
    if suffix == ".toml" or (suffix != ".json" and not text.lstrip().startswith("{")):
        return parse_toml(text, str(path), InputError)
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", file=str(path), line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise InputError("is nested too deeply", file=str(path)) from None
    if not isinstance(table, dict):
        raise InputError("holds no answers", file=str(path), hint='write an object, or {"clients": [...]}')
    return table
