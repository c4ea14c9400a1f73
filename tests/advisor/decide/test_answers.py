"""Answers of one or many clients from a file, and what a file that cannot be used gets."""

import json
from pathlib import Path

import pytest

from advisor.decide.advice import check_answers
from advisor.decide.answers import one_client, read_clients
from advisor.decide.load import load_tree
from advisor.errors import InputError

TREE = load_tree()


def test_one_client_in_toml(tmp_path: Path) -> None:
    path = tmp_path / "till.toml"
    path.write_text('name = "Till"\ntoken-for = "nobody"\n', "utf-8")
    (client,) = read_clients(TREE, path).clients
    assert (client.name, client.answers, client.file) == ("Till", {"api": "none"}, str(path))


def test_several_clients_in_json_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    path.write_text(
        json.dumps({"clients": [{"name": "A", "token-for": "user"}, {"token-for": "program"}]}), "utf-8-sig"
    )
    assert [(client.name, dict(client.answers)) for client in read_clients(TREE, path).clients] == [
        ("A", {"token-for": "user"}),
        ("client 2", {"token-for": "program"}),
    ]


def test_the_first_character_tells_the_format_of_a_file_without_suffix(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    path.write_text('{"token-for": "user"}', "utf-8")
    assert read_clients(TREE, path).clients[0].answers == {"token-for": "user"}
    path.write_text('[[clients]]\ntoken-for = "program"\n', "utf-8")
    assert read_clients(TREE, path).clients[0].answers == {"token-for": "program"}


def test_a_row_of_csv_is_a_client_and_other_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "apps.csv"
    path.write_text("Name;token-for;Runs-In;owner\nTill;user;Desktop;Ada\n;nobody;;\n", "utf-8-sig")
    found = read_clients(TREE, path)
    assert found.table
    assert found.unused == ("owner",)
    assert [(client.name, dict(client.answers)) for client in found.clients] == [
        ("Till", {"token-for": "user", "runs-in": "desktop"}),
        ("row 3", {"api": "none"}),
    ]


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("name,owner\nA,B\n", "has no column with the name of a question", 1),
        ("token-for,token-for\nuser,user\n", "has the column token-for twice", 1),
        ("name,token-for\n", "has no row", None),
        ("name,token-for\nA,usr\n", "token-for has no choice 'usr'", 2),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, text: str, what: str, line: int | None) -> None:
    path = tmp_path / "apps.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_clients(TREE, path)
    assert (caught.value.what, caught.value.line) == (what, line)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "text", "what", "line"),
    [
        ("a.json", '{"token-for": }', "is not JSON: a value is missing", 1),
        ("a.toml", "token-for = \n", "is not TOML: Invalid value", 1),
        ("a.json", "[1]", "contains no answers", None),
        ("a.json", "{}", "contains no answers", None),
        ("a.toml", "", "contains no answers", None),
        ("a.toml", "[[clients]]\n", "contains no answers", None),
        ("a.toml", '[[clients]]\napi = "graph"\n[[clients]]\n', "client 2 contains no answers", None),
        ("a.json", '{"clients": {"token-for": "user"}}', "clients must be a list of tables", None),
        ("a.json", '{"clients": [], "token-for": "user"}', "token-for is outside of clients", None),
        ("a.toml", '[client]\nname = "A"\n', "unknown question 'client'", None),
        (
            "a.toml",
            '[[clients]]\ntoken-for = "user"\n[[clients]]\ntoken-for = "usr"\n',
            "token-for has no choice 'usr'",
            4,
        ),
        ("a.json", '{"clients": []}', "contains no answers", None),
        ("a.json", '{"clients": ["user"]}', "clients must be a list of tables", None),
        ("a.json", '{"name": 3}', "name must be a string", None),
        ("a.toml", '\ntoken-for = "users"\n', "token-for has no choice 'users'", 2),
        ("a.json", '{\n  "token-for": "user",\n  "runs": "job"\n}', "unknown question 'runs'", 3),
        ("a.json", "[" * 100_000, "is nested too deeply", None),
        ("a.toml", "a = " + "[" * 100_000, "is nested too deeply", None),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, name: str, text: str, what: str, line: int | None) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_clients(TREE, path)
    assert (caught.value.what, caught.value.line, caught.value.file) == (what, line, str(path))


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_clients(TREE, tmp_path / "none.toml")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="it is not UTF-8 text"):
        read_clients(TREE, tmp_path / "x.json")


def test_a_client_without_a_file() -> None:
    assert one_client({}).file is None
    assert check_answers(TREE, {}) == {}
