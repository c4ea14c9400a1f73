"""``grantlint advise`` without a terminal: flags, files, configuration, and what a missing answer gets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.commands.advise import complete_answer, gather_advice, split_answers
from advisor.decide.answers import Client, one_client
from advisor.decide.tree import load_tree
from advisor.errors import InputError

TREE = load_tree()
DAEMON = ("-a", "token-for=program", "-a", "keeps-credential=yes", "-a", "hosted-on=azure")


# The logic, without a command line


def test_given_answers_win_over_those_of_the_client_and_these_over_configured_ones() -> None:
    client = Client(name="Till", answers={"keeps-credential": "yes", "hosted-on": "elsewhere"})
    (advice,) = gather_advice(
        TREE,
        [client],
        given={"hosted-on": "azure"},
        configured={"token-for": "program", "keeps-credential": "no"},
        ask=None,
    )
    assert {fact.question: (fact.choice, fact.by) for fact in advice.facts} == {
        "token-for": ("program", "configured"),
        "keeps-credential": ("yes", "given"),
        "hosted-on": ("azure", "given"),
    }
    assert advice.client_name == "Till"


def test_what_is_missing_for_one_client_is_asked() -> None:
    (advice,) = gather_advice(
        TREE, [one_client({})], given={"token-for": "user"}, configured={},
        ask=lambda tree, known: {**known, "runs-in": "app", "installed-legacy": "nothing"},
    )  # fmt: skip
    assert [fact.by for fact in advice.facts] == ["given", "asked", "asked"]


def test_nothing_is_asked_for_several_clients() -> None:
    clients = [one_client({"token-for": "nobody"}), one_client({})]
    with pytest.raises(InputError, match="no answer to token-for"):
        gather_advice(TREE, clients, given={}, configured={}, ask=lambda tree, known: pytest.fail("asked"))


def test_words_are_split_at_the_first_equals_sign() -> None:
    assert split_answers(["token-for=user", " runs-in = app "]) == {"token-for": "user", "runs-in": "app"}
    assert split_answers(["token-for=user", "token-for=user"]) == {"token-for": "user"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["token-for"], "answer 'token-for' is not QUESTION=CHOICE"),
        (["=user"], "answer '=user' is not QUESTION=CHOICE"),
        (["token-for="], "answer 'token-for=' is not QUESTION=CHOICE"),
        (["token-for=user", "token-for=program"], "token-for is answered twice, with 'user' and 'program'"),
    ],
)
def test_words_that_cannot_be_used(words: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        split_answers(words)
    assert caught.value.what == said


def test_answers_are_completed() -> None:
    assert complete_answer("tok") == ["token-for="]
    assert complete_answer("token-for=") == ["token-for=user", "token-for=program", "token-for=nobody"]
    assert complete_answer("zzz") == []


# The command


def test_advice_goes_to_standard_output(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", *DAEMON)
    assert run.status == 0
    assert "Client credentials" in run.out
    assert "Managed identity" in run.out
    assert "grantlint advise -a token-for=program -a keeps-credential=yes -a hosted-on=azure" in run.out


def test_a_missing_answer_without_a_terminal_is_one_ready_command_and_status_2(
    grantlint: Callable, folder: Path
) -> None:
    run = grantlint("advise", "-a", "token-for=user")
    assert run.status == 2
    assert run.out == ""
    assert "no answer to runs-in (Where does the code run that asks for the token?)" in run.err
    assert run.err.endswith(
        "one of browser, server, api, app, cli, device, job; for example: grantlint advise -a token-for=user -a runs-in=browser\n"
    )


def test_json_holds_the_advice_and_the_tree(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", *DAEMON, "--format", "json")
    report = json.loads(run.out)
    (advice,) = report["advices"]
    assert (advice["grant"], advice["leaf"]) == ("client_credentials", "service")
    assert set(advice["path"]) <= {edge["id"] for edge in report["tree"]["edges"]}


def test_a_file_of_several_clients_gives_one_advice_each(grantlint: Callable, folder: Path) -> None:
    (folder / "clients.toml").write_text(
        '[[clients]]\nname = "Orders page"\ntoken-for = "user"\nruns-in = "browser"\npage-tokens = "page"\n'
        '[[clients]]\nname = "Nightly sync"\ntoken-for = "program"\nkeeps-credential = "yes"\n',
        "utf-8",
    )
    run = grantlint("advise", "--answers", "clients.toml", "-a", "hosted-on=azure", "--format", "json")
    assert [(advice["client_name"], advice["grant"]) for advice in json.loads(run.out)["advices"]] == [
        ("Orders page", "authorization_code"),
        ("Nightly sync", "client_credentials"),
    ]


def test_configured_answers_hold_and_may_rest(grantlint: Callable, folder: Path) -> None:
    (folder / "grantlint.toml").write_text('[advise.answers]\nhosted-on = "azure"\n', "utf-8")
    run = grantlint("advise", "-a", "token-for=nobody", "--format", "json")
    (advice,) = json.loads(run.out)["advices"]
    assert advice["warnings"] == []
    isolated = grantlint("advise", "-a", "token-for=program", "-a", "keeps-credential=yes", "--isolated")
    assert isolated.status == 2
    assert "no answer to hosted-on" in isolated.err


def test_a_wrong_answer_in_a_file_names_the_line(grantlint: Callable, folder: Path) -> None:
    (folder / "a.toml").write_text('name = "A"\ntoken-for = "usr"\n', "utf-8")
    run = grantlint("advise", "--answers", "a.toml")
    assert run.status == 2
    assert "a.toml:2" in run.err
    assert "did you mean user?" in run.err


def test_a_contradiction_is_named_in_the_output(grantlint: Callable, folder: Path) -> None:
    run = grantlint(
        "advise",
        "-a",
        "token-for=user",
        "-a",
        "runs-in=browser",
        "-a",
        "page-tokens=page",
        "-a",
        "keeps-credential=yes",
    )
    assert run.status == 0
    assert "cannot both be true: a page in a" in run.out
