"""Answers from a file: one client, or several under ``clients``, in JSON or TOML; or a row for each client in CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.decide.advice import check_answers
from advisor.decide.text import read_text
from advisor.decide.tree import DecisionTree
from advisor.decode_errors import in_words
from advisor.errors import InputError
from advisor.toml_text import parse_toml
from rules.knowledge.permissions import Resource, resources

#: What a client may say besides answers.
OWN: Final = ("name", "registration", "calls", "scopes", "roles")

#: What to do about answers that are not there.
_EXAMPLE: Final = 'write for example api = "graph"; grantlint tree --questions lists what can be answered'

#: A value of a scope or role (Microsoft Graph, "permissionScope" and "appRole"): these characters, at most 120.
_PERMISSION: Final = re.compile(r"[A-Za-z0-9:!#$%&'()*+,\-./;<=>?@\[\]^_`{|}~]{1,120}")


class Call(msgspec.Struct, frozen=True):
    """An API that a client calls: another client of the file, or an API of Microsoft by its name.

    ``permissions`` are the scopes or roles that it needs there; without any, all that the API exposes.
    """

    name: str
    permissions: tuple[str, ...] = ()


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client to advise for: its name, its answers, and the file that contains them.

    ``registration`` names the one that it uses, ``calls`` the APIs that it calls. ``scopes`` and ``roles`` are what it
    exposes itself: delegated permissions and application permissions.
    """

    name: str
    answers: Mapping[str, str]
    file: str | None = None
    registration: str = ""
    calls: tuple[Call, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class Clients(msgspec.Struct, frozen=True):
    """The clients of a file; ``table`` says that it was one row each, where a missing answer spoils only its row."""

    clients: tuple[Client, ...]
    table: bool = False
    unused: tuple[str, ...] = ()


def one_client(answers: Mapping[str, str]) -> Client:
    """A client without a name, whose answers come from elsewhere than a file."""
    return Client(name="", answers=answers)


def read_clients(tree: DecisionTree, path: Path) -> Clients:
    """Read the clients of a file. The suffix says the format; without one the first character does.

    Raises ``InputError`` for a file that cannot be read or is of another shape, and for answers the tree does not know.
    """
    text = read_text(path, "the answers")
    if path.suffix.lower() == ".csv":
        return _rows(tree, text, str(path))
    table = _parse(text, path)
    if "clients" in table and (others := [key for key in table if key != "clients"]):
        raise InputError(
            f"{others[0]} is outside of clients",
            file=str(path),
            hint="move it into a client; give answers for all clients on the command line with -a",
        )
    rows = table.get("clients", [table])
    if rows in ({}, [{}], []):
        raise InputError("contains no answers", file=str(path), hint=_EXAMPLE)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            "clients must be a list of tables", file=str(path), hint="write [[clients]] before each client"
        )
    clients = tuple(
        _client(tree, row, text, path, f"client {number}" if len(rows) > 1 else "")
        for number, row in enumerate(rows, 1)
    )
    _check_calls(clients, str(path))
    return Clients(clients)


def _client(tree: DecisionTree, row: dict[str, Any], text: str, path: Path, unnamed: str) -> Client:
    """One client; *unnamed* is what it is called when the file gives it no name."""
    if not row:
        raise InputError(f"{unnamed} contains no answers", file=str(path), hint=_EXAMPLE)
    name, registration = row.get("name", unnamed), row.get("registration", "")
    if not isinstance(name, str):
        raise InputError("name must be a string", file=str(path))
    if not isinstance(registration, str):
        raise InputError(
            "registration must be a string", file=str(path), hint="write the name or client ID of the registration"
        )
    mine = {key: value for key, value in row.items() if key not in OWN}
    answers = check_answers(tree, mine, file=str(path), text=text, own=(*OWN, "clients"))
    return Client(
        name=name,
        answers=answers,
        file=str(path),
        registration=registration,
        calls=_calls(row.get("calls", []), str(path)),
        **_exposed(row.get("scopes", []), row.get("roles", []), str(path)),
    )


def _calls(value: Any, file: str) -> tuple[Call, ...]:
    """The calls of a client: names, or tables with a name and the permissions that are needed there."""
    hint = 'write calls = ["Orders API"], or calls = [{ name = "Orders API", permissions = ["Orders.Read"] }]'
    if not isinstance(value, list):
        raise InputError("calls must be a list", file=file, hint=hint)
    calls = []
    for one in value:
        row = {"name": one} if isinstance(one, str) else one
        if not isinstance(row, dict) or not isinstance(row.get("name"), str) or set(row) - {"name", "permissions"}:
            raise InputError("a call must be a name, or a table with name and permissions", file=file, hint=hint)
        calls.append(Call(row["name"], _permissions(row.get("permissions", []), "permissions", file)))
    return tuple(calls)


def _exposed(scopes: Any, roles: Any, file: str) -> dict[str, tuple[str, ...]]:
    """The scopes and roles of a client; one value cannot be both (azuread provider, "Roles and Permission Scopes")."""
    exposed = {"scopes": _permissions(scopes, "scopes", file), "roles": _permissions(roles, "roles", file)}
    if both := [value for value in exposed["scopes"] if value in exposed["roles"]]:
        raise InputError(
            f"{both[0]} is both a scope and a role",
            file=file,
            hint="use different names, such as Orders.Read and Orders.Read.All",
        )
    return exposed


def _permissions(value: Any, key: str, file: str) -> tuple[str, ...]:
    """Values of scopes or roles, each once."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{key} must be a list of names", file=file, hint=f'write {key} = ["Orders.Read"]')
    for one in value:
        if not _PERMISSION.fullmatch(one) or one.startswith("."):
            hint = "use up to 120 ASCII letters, digits and signs, without spaces, such as Orders.Read"
            raise InputError(f"{key} contains {one!r}, which Entra does not accept", file=file, hint=hint)
    return tuple(dict.fromkeys(value))


def _check_calls(clients: tuple[Client, ...], file: str) -> None:
    """Raise ``InputError`` for a call of what is neither a client of the file nor an API of Microsoft."""
    names = {client.name.casefold() for client in clients} | set(microsoft_apis())
    for client in clients:
        for call in client.calls:
            if call.name.casefold() not in names:
                known = ", ".join(other.name for other in clients)
                raise InputError(
                    f"{client.name} calls {call.name!r}, which is not a client of the file",
                    file=file,
                    hint=f"one of {known}, or an API of Microsoft such as Microsoft Graph",
                )


def microsoft_apis() -> Mapping[str, Resource]:
    """The APIs of Microsoft whose permissions are known, by name in lower case."""
    return {row.name.casefold(): row for row in resources().values()}


def _rows(tree: DecisionTree, text: str, file: str) -> Clients:
    """One client for each row; the heads of the columns are questions, ``name``, ``registration`` and ``calls``.

    Several choices of one question, and several calls, are joined by ``|``.
    """
    delimiter = max(",;\t", key=text.partition("\n")[0].count)  # csv.Sniffer takes the square of the time
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", file=file, hint="save it as comma-separated text") from None
    heads = [head.strip().casefold() for head in rows[0]] if rows else []
    used = [head for head in heads if head in tree.facts or head in OWN]
    if not any(head in tree.facts for head in used):
        hint = f"use names of questions as column names, such as {', '.join(list(tree.facts)[:4])}, and one name"
        raise InputError("has no column with the name of a question", file=file, line=1, hint=hint)
    if twice := next((head for head in used if used.count(head) > 1), None):
        raise InputError(f"has the column {twice} twice", file=file, line=1, hint="remove one of them")
    clients = []
    for number, cells in enumerate(rows[1:], 2):
        row = {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if cell.strip() and head in used}
        if row:
            clients.append(_from_row(tree, row, number, file))
    if not clients:
        raise InputError("has no row", file=file, hint="write one row for each client")
    unused = tuple(head for head in heads if head and head not in used)
    return Clients(tuple(clients), table=True, unused=unused)


def _from_row(tree: DecisionTree, row: dict[str, str], number: int, file: str) -> Client:
    answers = {name: value.casefold().replace("|", ",") for name, value in row.items() if name not in OWN}
    try:
        return Client(
            name=row.get("name", f"row {number}"),
            answers=check_answers(tree, answers, file=file),
            file=file,
            registration=row.get("registration", ""),
            calls=tuple(Call(name) for name in _listed(row, "calls")),
            **_exposed(_listed(row, "scopes"), _listed(row, "roles"), file),
        )
    except InputError as error:
        raise InputError(error.what, file=file, line=number, hint=error.hint) from None


def _listed(row: dict[str, str], head: str) -> list[str]:
    """The names in a cell, parted by ``|``."""
    return [name.strip() for name in row.get(head, "").split("|") if name.strip()]


def _parse(text: str, path: Path) -> dict[str, Any]:
    suffix = path.suffix.lower()
    if suffix == ".toml" or (suffix != ".json" and not text.lstrip().startswith("{")):
        return parse_toml(text, str(path), InputError)
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        what, hint = f"is not JSON: {in_words(error)}", "fix the syntax here"
        raise InputError(what, file=str(path), line=error.lineno, column=error.colno, hint=hint) from None
    except RecursionError:
        raise InputError("is nested too deeply", file=str(path)) from None
    if not isinstance(table, dict):
        raise InputError("contains no answers", file=str(path), hint='write an object, or {"clients": [...]}')
    return table
