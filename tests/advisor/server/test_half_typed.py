"""Whatever is typed, positions are right and nothing raises: texts are cut and changed at random."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position, PositionEncodingKind, Range

from advisor.server.actions import propose
from advisor.server.check import Checking, check
from advisor.server.completion import complete
from advisor.server.diagnostics import diagnostics
from advisor.server.hints import hints
from advisor.server.hover import hover
from advisor.server.positions import Positions
from advisor.sources.table import SOURCES
from rules.knowledge.permissions import GRAPH

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SAMPLES = [(name, text) for source in SOURCES for name, text in source.samples.items() if source.suffixes != (".gz",)]
texts = st.text(st.sampled_from(list("ab😀é\r\n\ufeff{}\"'\u2028\x0c\ud800")), max_size=40)


@given(texts, st.sampled_from(list(PositionEncodingKind)), st.data())
def test_an_offset_survives_the_way_to_a_position_and_back(
    text: str, encoding: PositionEncodingKind, data: st.DataObject
) -> None:
    positions = Positions(text, encoding)
    offset = data.draw(st.integers(0, len(text)))
    is_in_line_end = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert positions.offset(positions.position(offset)) == offset - is_in_line_end


@given(texts, st.integers(0, 50), st.integers(0, 50))
def test_every_position_has_an_offset(text: str, line: int, character: int) -> None:
    assert 0 <= Positions(text).offset(Position(line, character)) <= len(text)


def test_units_and_line_ends() -> None:
    positions = Positions("a😀b\r\nc\rd\ne")
    assert str(positions.position(3)) == "0:4"  # the emoji is two units
    assert [positions.position(at).line for at in (5, 7, 9)] == [1, 2, 3]
    assert positions.offset(Position(0, 2)) == 1  # in the middle of the emoji
    assert positions.offset(Position(1, 9)) == 6
    assert str(Positions("😀", PositionEncodingKind.Utf8).position(1)) == "0:4"


@given(st.sampled_from(SAMPLES), st.data())
def test_half_typed_text_never_raises(sample: tuple[str, str], data: st.DataObject) -> None:
    name, text = sample
    at, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    typed = data.draw(st.sampled_from(("", '"', "{", "}", "[", "😀", "\r\n", "id = ", ": ", GRAPH)))
    text = text[:at] + typed + (text[end:] if data.draw(st.booleans()) else "")
    path = f"typed:{name}"
    here = str(Path(__file__).parent)
    result = check(Checking(path, here, {path: text.encode()}))
    positions = Positions(text)
    position = positions.position(at)
    for one in diagnostics(result, positions):
        start, end = positions.span(one.range)
        assert 0 <= start <= end <= len(text)
    hover(positions, position, result)
    complete(positions, position, name.rpartition(".")[2])
    hints(positions, Range(Position(0, 0), position), NOW, dates=True)
    list(propose(result, positions, (0, len(text))))


def labels(text: str, language: str) -> list[str]:
    """What is completed at the mark ``|`` of a text."""
    at = text.index("|")
    positions = Positions(text.replace("|", "", 1))
    return [item.label for item in complete(positions, positions.position(at), language).items]


AUDIENCES = [
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ('{\n  "signInAudience": "|', "json", AUDIENCES),
        ('{"displayName": "x", "signInAudience": |}', "json", AUDIENCES),
        ("  sign_in_audience = |", "tf", AUDIENCES),
        ("  signInAudience: '|'", "bicep", AUDIENCES),
        ('{\n  "displayName": "Portal",\n  "|\n}', "json", ["web", "spa", "publicClient"]),
        ('resource "azuread_application" "a" {\n  |\n}', "tf", ["web", "single_page_application", "public_client"]),
        ("resource a 'Microsoft.Graph/applications@v1.0' = {\n  |\n}", "bicep", ["web", "spa", "publicClient"]),
        ('resource "azurerm_storage_account" "a" {\n  |\n}', "tf", []),
        (
            '"replyUrlsWithType": [\n  {"url": "https://a.example", "type": "|',
            "json",
            ["Web", "Spa", "InstalledClient"],
        ),
        ('"resourceAccess": [\n  {"id": "x", "type": "|', "json", ["Role", "Scope"]),
        ('"resourceAppId": "|', "json", None),
        ('x = data.y.app_role_ids["Mail.ReadB|', "tf", ["Mail.ReadBasic", "Mail.ReadBasic.All"]),
        ('claim_values = ["openid", "user.readb|', "tf", ["User.ReadBasic.All"]),
        ('"id": "|', "json", []),
        ("nothing |", "yaml", []),
    ],
)
def test_what_is_completed(text: str, language: str, found: list[str] | None) -> None:
    names = labels(text, language)
    assert set(found) <= set(names) and (found or not names) if found is not None else "Microsoft Graph" in names


@pytest.mark.parametrize("api_first", [True, False])
def test_an_id_is_of_the_api_in_the_same_object(api_first: bool) -> None:
    """Graph's manifests name the API before or after its permissions; that of another object does not count."""
    vault = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"

    def access(api: str, id: str) -> dict[str, object]:
        members: list[tuple[str, object]] = [("resourceAppId", api), ("resourceAccess", [{"id": id, "type": "Scope"}])]
        return dict(members if api_first else reversed(members))

    text = json.dumps(
        {"requiredResourceAccess": [access(GRAPH, "x"), access(vault, "|"), access(GRAPH, "y")]}, indent=2
    )
    assert labels(text, "json") == ["user_impersonation (delegated)"]
