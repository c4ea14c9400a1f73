"""The wizard, as transcripts: what is typed, what is shown, what comes out. No terminal is needed."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.commands.wizard import WIDTH, StoppedError, ask_missing
from advisor.decide.advice import advise
from advisor.decide.tree import load_tree, walks

TREE = load_tree()
PATHS = [{step.question.id: step.choice.id for step in path.asked} for path in walks(TREE)]


def talk(typed: Iterable[str], known: dict[str, str] | None = None, width: int = WIDTH) -> tuple[dict[str, str], str]:
    """Type these lines; the answers and everything that was shown."""
    lines: list[str] = []
    words = iter(typed)

    def read() -> str:
        try:
            return next(words)
        except StopIteration:
            raise EOFError from None

    answers = ask_missing(TREE, known or {}, read=read, write=lines.append, width=width)
    return answers, "\n".join(lines) + "\n"


def test_a_whole_transcript() -> None:
    answers, shown = talk(["2", "yes", "1"])
    assert answers == {"token-for": "program", "keeps-credential": "yes", "hosted-on": "azure"}
    assert shown == (
        """
Question 1, at most 6 more
Whose rights count when the API is called: a person's, or the program's own?
  1  user     A person's rights (also when it only matters who signed in)
  2  program  The program's own rights, whoever uses it
  3  nobody   Neither: the program asks for no token
A number or a name; ? explains, b goes back, q quits.
Ruled out: authorization_code (nobody signs in, so nobody can be redirected);
  also device_code, on_behalf_of, refresh_token, hybrid, integrated_windows,
  saml_bearer, password, implicit, doing without a token
That leaves: client_credentials

Question 2, at most 2 more
Can it keep a credential: does it run only on machines that you control?
  1  yes  Yes: our own servers, cloud services or build agents
  2  no   No: copies run on machines of customers or employees
A number or a name; ? explains, b goes back, q quits.

Question 3, at most 1 more (grant: client_credentials, now its credential)
Where does the part run that keeps the credential?
  1  azure         On Azure (also servers connected with Azure Arc)
  2  token-issuer  On another platform that issues tokens to what it runs
  3  elsewhere     Elsewhere: own data centre, hosting, appliance
A number or a name; ? explains, b goes back, q quits.
Ruled out: federated (Azure itself gives the program an identity, so no other
  issuer has to be trusted); also certificate, secret
That leaves: managed_identity

"""
    )


@pytest.mark.parametrize("path", PATHS, ids=lambda path: " ".join(f"{q}={c}" for q, c in path.items()))
def test_names_and_numbers_lead_along_every_path(path: dict[str, str]) -> None:
    names, shown = talk(path.values())
    numbers, _ = talk(
        str([choice.id for choice in TREE.question_by_id[question].choices].index(chosen) + 1)
        for question, chosen in path.items()
    )
    assert names == numbers == path
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert shown.count("\nQuestion ") == len(path)


def test_what_is_known_is_not_asked() -> None:
    answers, shown = talk(["app", "nothing"], {"token-for": "user"})
    assert answers == {"token-for": "user", "runs-in": "app", "installed-legacy": "nothing"}
    assert "Whose rights count" not in shown
    assert shown.startswith("\nQuestion 1, at most 5 more\nWhere does the code run")


def test_nothing_is_asked_when_all_is_known() -> None:
    assert talk([], {"token-for": "nobody"}) == ({"token-for": "nobody"}, "\n")


def test_an_answer_known_later_in_the_path_is_used() -> None:
    answers, shown = talk(["program", "yes"], {"hosted-on": "azure"})
    assert answers["hosted-on"] == "azure"
    assert "Where does the part run" not in shown


def test_a_question_mark_explains_and_asks_again() -> None:
    answers, shown = talk(["?", "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "if two people may\nsee different things" in shown
    assert "  user: The person's mail" in shown
    assert "https://www.rfc-editor.org/rfc/rfc6749#section-1.1" in shown
    assert shown.count("Question 1") == 1


def test_what_is_still_possible_is_named_when_it_is_little() -> None:
    _, shown = talk(["user", "server", "yes", "nothing", "azure"])
    assert "Ruled out: doing without a token (a token that names the person is needed)\n\nQuestion 2" in shown
    assert "Still possible: authorization_code, client_credentials, on_behalf_of,\n  refresh_token" in shown
    assert "That leaves: authorization_code\n" in shown


def test_b_goes_back_and_forgets_the_answer() -> None:
    answers, shown = talk(["user", "browser", "b", "b", "program", "yes", "azure"])
    assert answers == {"token-for": "program", "keeps-credential": "yes", "hosted-on": "azure"}
    assert shown.count("Whose rights count") == 2


def test_b_on_the_first_question_says_so() -> None:
    answers, shown = talk(["b", "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "there is nothing to go back to" in shown


def test_b_never_takes_back_what_was_known_before() -> None:
    answers, _ = talk(["B", "b", "app", "nothing"], {"token-for": "user"})
    assert answers["token-for"] == "user"


@pytest.mark.parametrize(
    "word", ["0", "4", "-1", "1.5", "", "  ", "maybe", "¹", "९", "99999999999999999999", "\x1b[A", "="]
)
def test_a_slip_is_named_and_asked_again(word: str) -> None:
    answers, shown = talk([word, "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "is none of the answers: type a number from 1 to 3, or a name." in " ".join(shown.split())
    assert "\x1b" not in shown


@pytest.mark.parametrize("word", ["n", "NOBODY", " nobody ", "nob", "3"])
def test_the_beginning_of_a_name_is_enough_when_only_one_begins_so(word: str) -> None:
    assert talk([word])[0] == {"token-for": "nobody"}


def test_a_beginning_that_two_names_share_is_a_slip() -> None:
    _, shown = talk(["user", "", "a", "app", "nothing"])
    assert "'a' is none of the answers: type a number from 1 to 7" in shown


@pytest.mark.parametrize("word", ["q", "Q", "quit"])
def test_q_leaves(word: str) -> None:
    with pytest.raises(StoppedError):
        talk(["user", word])


def test_the_end_of_input_leaves() -> None:
    with pytest.raises(StoppedError):
        talk(["user"])


def test_ctrl_c_leaves() -> None:
    def read() -> str:
        raise KeyboardInterrupt

    with pytest.raises(StoppedError):
        ask_missing(TREE, {}, read=read, write=lambda line: None)


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    _, shown = talk(["user", "server", "no", "no", "yes", "elsewhere", "yes"], width=50)
    assert max(map(len, shown.splitlines())) <= 60  # names of questions and grants are never broken


@given(st.lists(st.sampled_from(["1", "2", "3", "?", "b", "yes", "x"]), max_size=25))
def test_whatever_is_typed_ends_in_a_leaf_or_in_leaving(typed: list[str]) -> None:
    try:
        answers, _ = talk(typed)
    except StoppedError:
        return
    assert advise(TREE, answers).leaf
