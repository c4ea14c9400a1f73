"""What clients of a file call and expose."""

from pathlib import Path

import pytest

from advisor.decide.answers import Client, read_clients
from advisor.decide.load import load_tree
from advisor.errors import InputError

TREE = load_tree()
API = '[[clients]]\nname = "API"\napi = "none"\n'


def system(tmp_path: Path, page: str, api: str = "") -> tuple[Client, ...]:
    path = tmp_path / "system.toml"
    path.write_text(f'[[clients]]\nname = "Page"\n{page}\n{API}{api}\n')
    return read_clients(TREE, path).clients


def test_a_call_is_a_name_or_a_name_with_permissions(tmp_path: Path) -> None:
    page, _ = system(tmp_path, 'calls = ["API", { name = "Microsoft Graph", permissions = ["Mail.Read"] }]')
    assert [(call.name, call.permissions) for call in page.calls] == [("API", ()), ("Microsoft Graph", ("Mail.Read",))]


def test_an_api_names_its_scopes_and_roles(tmp_path: Path) -> None:
    _, api = system(tmp_path, "", 'scopes = ["Orders.Read", "Orders.Read"]\nroles = ["Orders.Read.All"]')
    assert (api.scopes, api.roles) == (("Orders.Read",), ("Orders.Read.All",))


def test_a_table_names_them_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("name,api,calls,scopes,roles\nAPI,none,,A.Read|B.Read,A.Read.All\nPage,own,API,,\n")
    api, page = read_clients(TREE, path).clients
    assert (api.scopes, api.roles) == (("A.Read", "B.Read"), ("A.Read.All",))
    assert [call.name for call in page.calls] == ["API"]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("calls = 1", "calls must be a list"),
        ("calls = [1]", "a call must be a name, or a table"),
        ('calls = [{ name = "API", scopes = [] }]', "a call must be a name, or a table"),
        ('calls = ["Nothing"]', "calls 'Nothing', which is not a client of the file"),
        ('scopes = "Orders.Read"', "scopes must be a list"),
        ('scopes = ["two words"]', "which Entra does not accept"),
        ('roles = [".hidden"]', "which Entra does not accept"),
        ('scopes = ["A.Read"]\nroles = ["A.Read"]', "A.Read is both a scope and a role"),
    ],
)
def test_a_wrong_call_or_permission_is_refused(tmp_path: Path, page: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        system(tmp_path, page)
    assert says in caught.value.what
    assert caught.value.hint
