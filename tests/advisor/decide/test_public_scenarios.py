"""Clients from public questions: the advice holds, however they are answered honestly.

The table is ``scenarios.toml``; the first lines of it say what its fields mean.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.parts import UNSURE
from advisor.decide.tree import assumed_answers, walk
from reports.advice import Advice

TREE = load_tree()

#: The grants whose redirect URI belongs to a platform.
REDIRECTING = {"authorization_code", "hybrid", "implicit", "refresh_token"}

#: The last resorts, and the answer that forces each of them.
FORCED_BY = {
    "implicit": ("page-tokens", "frozen"),
    "password": ("bare-password", "yes"),
    "integrated_windows": ("installed-legacy", "old-windows"),
}

#: The one advice of client credentials for users' machines: a server of ours holds the credential.
THROUGH_OUR_SERVER = "service-through-server"

#: What an advice repeats or rules out; nobody is warned there.
NOT_SAID = ("client_name", "facts", "not_said", "path", "repeat", "ruled_out", "sources", "would_change")


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table."""

    id: str
    source: str
    question: str
    machine: Literal["ours", "users", "page"]
    known: str
    grant: tuple[str, ...] = ("authorization_code",)
    platform: tuple[str, ...] = ()
    credential: tuple[str, ...] = ()
    say: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: patterns of what an advice must say, and the scenarios."""

    says: dict[str, str]
    wishes: dict[str, str]
    scenario: tuple[Scenario, ...]


class Mapping(NamedTuple):
    """One honest way to answer for a scenario, and whether it contradicts itself."""

    scenario: Scenario
    words: str
    conflict: bool

    @property
    def answers(self) -> dict[str, str]:
        """The answers: question to choice."""
        return dict(word.split("=") for word in self.words.split())

    @property
    def credentials(self) -> set[str]:
        """The accepted kinds of credential."""
        unknown_host = self.answers.get("hosted-on", UNSURE) == UNSURE
        return {*self.scenario.credential, *(["certificate"] if unknown_host else [])}


TABLE = msgspec.convert(tomllib.loads(Path(__file__).with_name("scenarios.toml").read_text("utf-8")), Table)
MAPPINGS = [
    Mapping(scenario, f"{scenario.known} {words}".strip(), conflict)
    for scenario in TABLE.scenario
    for conflict, mappings in ((False, scenario.answers), (True, scenario.conflicts))
    for words in mappings
]
every_mapping = pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda one: f"{one.scenario.id}: {one.words}")


@cache
def advice_for(mapping: Mapping) -> Advice:
    """The advice for a mapping, where nobody knows the answers that it leaves open."""
    answers = mapping.answers
    while (missing := walk(TREE, {**answers, **assumed_answers(TREE, answers)}).missing) is not None:
        answers[missing.fact] = UNSURE
    return advise(TREE, answers)


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def said_in(advice: Advice) -> str:
    """Everything that an advice says of the client."""
    fields = msgspec.to_builtins(advice)
    return "\n".join(texts({name: value for name, value in fields.items() if name not in NOT_SAID}))


@every_mapping
def test_the_advice_is_that_of_the_documents(mapping: Mapping) -> None:
    advice, scenario = advice_for(mapping), mapping.scenario
    assert advice.grant in scenario.grant
    if advice.grant in REDIRECTING:
        assert advice.platform in scenario.platform
    else:
        assert advice.platform is None
    if advice.client == "confidential":
        assert advice.credential is not None
        assert advice.credential.id in mapping.credentials
    assert bool(advice.contradictions) == mapping.conflict, advice.contradictions


@every_mapping
def test_the_advice_says_what_it_must(mapping: Mapping) -> None:
    said = said_in(advice_for(mapping))
    wishes = mapping.answers.get("wants", "").split(",")
    patterns = {
        **{name: TABLE.says[name] for name in mapping.scenario.say},
        **{wish: TABLE.wishes[wish] for wish in wishes if wish not in ("", "nothing")},
    }
    flags = re.IGNORECASE | re.DOTALL
    assert [name for name, pattern in patterns.items() if not re.search(pattern, said, flags)] == []


@every_mapping
def test_no_headline_is_dangerous(mapping: Mapping) -> None:
    advice, scenario = advice_for(mapping), mapping.scenario
    if advice.grant in FORCED_BY:
        assert FORCED_BY[advice.grant] in mapping.answers.items()
        assert advice.grant in scenario.grant
    if scenario.machine != "ours" and advice.grant == "client_credentials":
        assert advice.leaf == THROUGH_OUR_SERVER
    if advice.credential is not None:
        assert advice.credential.id != "secret" or "secret" in scenario.credential


def test_no_program_requests_a_token_of_all_tenants() -> None:
    programs = [mapping for mapping in MAPPINGS if advice_for(mapping).grant == "client_credentials"]
    requests = {mapping.words: "\n".join(advice_for(mapping).request) for mapping in programs}
    assert [words for words, text in requests.items() if re.search(r"/(common|organizations|consumers)/", text)] == []


def test_the_table_is_complete() -> None:
    ids = [scenario.id for scenario in TABLE.scenario]
    assert len(ids) == len(set(ids)) == 211
    assert len({scenario.source for scenario in TABLE.scenario}) == 211
    for scenario in TABLE.scenario:
        assert scenario.source.startswith("https://"), scenario.id
        assert len({*scenario.answers, *scenario.conflicts}) >= 2, scenario.id


@pytest.mark.parametrize("question", ["api", "runs-in", "audience", "cloud", "wants"])
def test_every_choice_occurs(question: str) -> None:
    used = {choice for mapping in MAPPINGS for choice in mapping.answers.get(question, "").split(",")}
    assert {choice.id for choice in TREE.facts[question].choices} <= used
