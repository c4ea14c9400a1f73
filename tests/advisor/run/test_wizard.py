"""The wizard, as transcripts: what is typed, what is shown, what comes out. No terminal is needed."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decide.advice import advise
from advisor.decide.files import Text, assemble, parse_file
from advisor.decide.load import load_tree
from advisor.decide.tree import DecisionTree, walks
from advisor.run.wizard import WIDTH, StoppedError, ask_missing, choose

TREE = load_tree()
PATHS = [{step.question.fact: step.choice.id for step in path.asked} for path in walks(TREE)]

#: A tree with one of everything that the wizard shows: several choices, a safe side, a conflict, a derived answer.
SMALL = """
format = 1
start = "api"
[[question]]
id = "api"
ask = "Which API?"
help = "It decides the permissions."
many = true
[[question.choice]]
id = "mail"
label = "Mail"
then = "runs-in"
[[question.choice]]
id = "files"
label = "Files"
then = "runs-in"
[[question.choice]]
id = "none"
label = "None"
then = "no-token"
alone = true
[[question]]
id = "runs-in"
ask = "Where does it run?"
help = "Users can read what runs on their machines."
who = "The developers."
unsure = { is = "page", because = "a page protects no credential" }
[[question.choice]]
id = "page"
label = "In a page"
then = "code"
implies.keeps-credential = { is = "no", because = "users can read a page" }
[[question.choice]]
id = "job"
label = "In a job"
then = "keeps-credential"
[[question]]
id = "keeps-credential"
ask = "Can it protect a credential?"
help = "Only on machines of ours."
[[question.choice]]
id = "yes"
label = "Yes"
then = "accepted"
[[question.choice]]
id = "no"
label = "No"
then = "by-code"
[[question]]
id = "accepted"
ask = "Does the API accept it?"
help = "Look for application permissions."
infer = [{ when = { api = ["mail"] }, is = "yes", because = "mail does" }]
[[question.choice]]
id = "yes"
label = "Yes"
then = "service"
[[question.choice]]
id = "no"
label = "No"
then = "by-code"
[[question]]
id = "hosted-on"
ask = "Where is it hosted?"
help = "Azure gives it an identity."
[[question.choice]]
id = "azure"
label = "On Azure"
then = "identity"
rules_out = { secret = "nothing has to be stored" }
[[question.choice]]
id = "elsewhere"
label = "Elsewhere"
then = "secret"
[[leaf]]
id = "no-token"
grant = "none"
headline = "No token"
client = "none"
why = ["nothing is called"]
[[leaf]]
id = "code"
grant = "authorization_code"
headline = "The page redeems a code"
client = "public"
platform = "spa"
why = ["a user is there"]
[[leaf]]
id = "by-code"
grant = "device_code"
headline = "A user types a code"
client = "public"
why = ["a user is there"]
[[leaf]]
id = "service"
grant = "client_credentials"
headline = "The job acts as itself"
client = "confidential"
proof = "hosted-on"
why = ["no user is there"]
warnings = ["It reaches all mail. Limit it."]
[[credential]]
id = "identity"
kind = "managed_identity"
title = "Managed identity"
why = "Nothing to store."
[[credential]]
id = "secret"
kind = "secret"
title = "Client secret"
why = "It can be stored."
"""


TRANSCRIPT = """
Question 1 of at most 4
Which API?
  1  mail   Mail
  2  files  Files
  3  none   None
Numbers or names, joined by commas; ?: explain, u: unsure, b: back, s: answers
so far, q: quit.
Ruled out: a client without a token
Still possible: authorization_code, client_credentials, device_code

Question 2 of at most 4
Where does it run?
  1  page  In a page
  2  job   In a job
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.
Safe assumption: In a page. Reason: a page protects no credential. Who can
  answer: The developers.
Ruled out: client_credentials; also device_code
That leaves: authorization_code

Your answers:
  1  Which API? Mail; Files
  2  Where does it run? I do not know
Your answers lead to: The page redeems a code.
Not known: Where does it run? Other answers: In a job: client credentials or
  device code
Enter: accept, a number: change that answer, b: back, m: more facts, q: quit.

Question 2 of at most 4
Where does it run?
  1  page  In a page
  2  job   In a job
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.
Enter keeps your earlier answer: I do not know
Ruled out: authorization_code
Still possible: client_credentials, device_code

Question 3 of at most 4
Can it protect a credential?
  1  yes  Yes
  2  no   No
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.

Question 2 of at most 4
Where does it run?
  1  page  In a page
  2  job   In a job
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.
Enter keeps your earlier answer: In a job
Ruled out: authorization_code
Still possible: client_credentials, device_code

Question 3 of at most 4
Can it protect a credential?
  1  yes  Yes
  2  no   No
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.
Derived: Does the API accept it? Yes. Reason: mail does.
Ruled out: device_code
That leaves: client_credentials

Question 4 of at most 4 (grant: client_credentials; next: its credential)
Where is it hosted?
  1  azure      On Azure
  2  elsewhere  Elsewhere
A number or a name; ?: explain, u: unsure, b: back, s: answers so far, q: quit.
Ruled out: secret (nothing has to be stored)
Still possible: managed_identity, federated, certificate

Your answers:
  1  Which API? Mail; Files
  2  Where does it run? In a job
  3  Can it protect a credential? Yes
  4  Where is it hosted? On Azure
Your answers lead to: The job acts as itself. Managed identity.
Caveat: It reaches all mail.
Enter: accept, a number: change that answer, b: back, m: more facts, q: quit.
"""


def talk(
    typed: Iterable[str], known: dict[str, str] | None = None, width: int = WIDTH, tree: DecisionTree = TREE
) -> tuple[dict[str, str], str]:
    """Type these lines; the answers and everything that was shown."""
    lines: list[str] = []
    words = iter(typed)

    def read() -> str:
        try:
            return next(words)
        except StopIteration:
            raise EOFError from None

    answers = ask_missing(tree, known or {}, read=read, write=lines.append, width=width)
    return answers, "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def small() -> DecisionTree:
    return assemble(parse_file(Text("small.toml", SMALL)), ())


def test_a_whole_transcript(small: DecisionTree) -> None:
    typed = ["1,2", "u", "b", "job", "b", "", "y", "azure", ""]
    answers, shown = talk(typed, tree=small)
    assert answers == {
        "api": "mail,files", "runs-in": "job", "keeps-credential": "yes", "hosted-on": "azure",
    }  # fmt: skip
    assert shown == TRANSCRIPT


def test_a_conflict_is_told_when_it_arises(small: DecisionTree) -> None:
    answers, shown = talk(["mail", "page", ""], {"keeps-credential": "yes"}, tree=small)
    assert answers == {"keeps-credential": "yes", "api": "mail", "runs-in": "page"}
    said = "keeps-credential=yes contradicts runs-in=page: users can read a page. This advice uses"
    assert f"Conflict: {said}" in " ".join(shown.partition("Your answers:")[0].split())
    assert f"Conflict: {said}" in " ".join(shown.partition("Your answers:")[2].split())


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("1", "mail"),
        ("1,2", "mail,files"),
        (" files , MAIL", "mail,files"),
        ("2,2,f", "files"),
        ("none", "none"),
        ("u", "unsure"),
        ("1,none", None),
        ("1,4", None),
        ("1,", None),
        (",", None),
        ("1 2", None),
        ("", None),
    ],
)
def test_several_choices_are_joined_by_commas(word: str, answer: str | None, small: DecisionTree) -> None:
    assert choose(small.facts["api"], word) == answer


def test_one_choice_is_never_several(small: DecisionTree) -> None:
    assert choose(small.facts["runs-in"], "1,2") is None


def test_a_wrong_combination_is_explained(small: DecisionTree) -> None:
    _, shown = talk(["1,3", "none"], tree=small)
    said = "'1,3' is not one of the answers: type a number from 1 to 3, or a name, or several joined by commas (none"
    assert said in " ".join(shown.split())


def test_names_and_numbers_lead_along_every_path() -> None:
    for path in PATHS[::60]:  # each takes a walk through the tree for every question
        names, shown = talk(path.values())
        assert names == path
        assert max(map(len, shown.splitlines())) <= WIDTH
        assert shown.count("\nQuestion ") == len(path)
    for path in PATHS[::200]:
        numbers, _ = talk(
            str([choice.id for choice in TREE.question_by_id[question].choices].index(chosen) + 1)
            for question, chosen in path.items()
        )
        assert numbers == path


def test_the_api_comes_first_and_several_can_be_named() -> None:
    answers, shown = talk(["1,3", "desktop", "nothing"])
    assert answers == {"api": "graph,sharepoint", "runs-in": "desktop", "installed-legacy": "nothing"}
    assert shown.startswith("\nQuestion 1 of at most 8\nWhich API does the client call?\n")


def test_what_is_known_is_not_asked() -> None:
    answers, shown = talk(["desktop", "nothing"], {"api": "graph"})
    assert answers == {"api": "graph", "runs-in": "desktop", "installed-legacy": "nothing"}
    assert "Which API" not in shown
    assert shown.startswith("\nQuestion 1 of at most 6\nWhere does the code that requests the token run")


def test_nothing_is_asked_when_all_is_known() -> None:
    assert talk([], {"api": "none"}) == ({"api": "none"}, "\n")


def test_an_answer_known_later_in_the_path_is_used() -> None:
    answers, shown = talk(["graph", "job", "program"], {"hosted-on": "github"})
    assert answers["hosted-on"] == "github"
    assert "Where does the part run" not in shown
    assert "Derived: Who controls the machines that the client runs on?" in shown


def test_a_question_mark_explains_and_asks_again() -> None:
    answers, shown = talk(["?", "none"])
    assert answers == {"api": "none"}
    assert "Reason for this question: The API decides the scope" in shown
    assert "  sharepoint: Most of SharePoint is in Microsoft Graph too." in shown
    assert "https://learn.microsoft.com/graph/permissions-reference" in shown
    assert shown.count("Question 1") == 1


def test_what_is_still_possible_is_named_when_it_is_little() -> None:
    _, shown = talk(["graph", "server", "yes", "nothing", "github"])
    assert "That leaves: authorization_code\n" in shown


def test_b_goes_back_and_remembers_the_answer(small: DecisionTree) -> None:
    answers, shown = talk(["mail", "page", "b", "b", "files", "", ""], tree=small)
    assert answers == {"api": "files", "runs-in": "page"}
    assert shown.count("Enter keeps your earlier answer: In a page") == 2
    assert shown.count("Enter keeps your earlier answer: Mail") == 1


def test_b_on_the_first_question_says_so() -> None:
    answers, shown = talk(["b", "none"])
    assert answers == {"api": "none"}
    assert "so you cannot go back" in shown


def test_b_never_takes_back_what_was_known_before() -> None:
    answers, _ = talk(["B", "b", "desktop", "nothing"], {"api": "graph"})
    assert answers["api"] == "graph"


@pytest.mark.parametrize(
    "word", ["0", "4", "-1", "1.5", "", "  ", "maybe", "¹", "९", "99999999999999999999", "\x1b[A", "="]
)
def test_a_slip_is_named_and_asked_again(word: str, small: DecisionTree) -> None:
    answers, shown = talk([word, "none"], tree=small)
    assert answers == {"api": "none"}
    assert "is not one of the answers: type a number from 1 to 3, or a name" in " ".join(shown.split())
    assert "\x1b" not in shown


@pytest.mark.parametrize("word", ["n", "NONE", " none ", "non", "3"])
def test_the_beginning_of_a_name_is_enough_when_only_one_begins_so(word: str, small: DecisionTree) -> None:
    assert talk([word], tree=small)[0] == {"api": "none"}


def test_a_beginning_that_two_names_share_is_a_slip() -> None:
    _, shown = talk(["graph", "", "a", "desktop", "nothing"])
    assert "'a' is not one of the answers: type a number from 1 to 14" in shown


@pytest.mark.parametrize("word", ["q", "Q", "quit"])
def test_q_leaves(word: str) -> None:
    with pytest.raises(StoppedError):
        talk(["graph", word])


def test_the_end_of_input_leaves() -> None:
    with pytest.raises(StoppedError):
        talk(["graph"])


def test_ctrl_c_leaves() -> None:
    def read() -> str:
        raise KeyboardInterrupt

    with pytest.raises(StoppedError):
        ask_missing(TREE, {}, read=read, write=lambda line: None)


def test_a_narrow_terminal_gets_narrow_lines() -> None:
    _, shown = talk(["graph", "server", "no", "program", "elsewhere", "yes"], width=50)
    assert max(map(len, shown.splitlines())) <= 60  # names of questions and grants are never broken


@pytest.mark.exhaustive
@given(st.lists(st.sampled_from(["1", "2", "3", "1,2", "?", "b", "yes", "x"]), max_size=25))
def test_whatever_is_typed_ends_in_a_leaf_or_in_leaving(typed: list[str]) -> None:
    try:
        answers, _ = talk(typed)
    except StoppedError:
        return
    assert advise(TREE, answers).leaf


# I do not know, so far, changing an answer, more facts


def test_u_takes_the_safe_side_says_so_and_shows_the_other_ways() -> None:
    answers, shown = talk(["graph", "browser", "u", ""])
    assert answers == {"api": "graph", "runs-in": "browser", "page-tokens": "unsure"}
    assert "Safe assumption: The page itself, with an up-to-date authentication library." in shown
    assert "Who can answer: The developers of the page." in " ".join(shown.split())
    assert (
        "Not known: Which code requests and stores the tokens for this page? Other answers: A server of ours"
        in " ".join(shown.split())
    )
    assert advise(TREE, answers).leaf == "spa"


def test_s_tells_the_answers_and_what_is_ruled_out() -> None:
    _, shown = talk(["graph", "job", "s", "yes", "program", "github", ""])
    assert "So far:\n  1  Which API does the client call?" in shown
    assert "ruled out: a client without a token (" in shown


def test_an_answer_can_be_changed_at_the_end_and_the_others_stay(small: DecisionTree) -> None:
    answers, shown = talk(["mail", "job", "yes", "azure", "4", "elsewhere", ""], tree=small)
    assert answers == {"api": "mail", "runs-in": "job", "keeps-credential": "yes", "hosted-on": "elsewhere"}
    assert shown.count("Your answers:") == 2


def test_changing_an_early_answer_forgets_what_no_longer_counts(small: DecisionTree) -> None:
    answers, _ = talk(["mail", "page", "1", "none", ""], tree=small)
    assert answers == {"api": "none"}


def test_more_facts_can_be_said_and_do_not_change_the_grant() -> None:
    answers, shown = talk(["graph", "browser", "page", "m", "wants", "1,2", ""])
    assert answers["wants"] == "implicit,secret-in-client"
    assert "These answers change caveats, scopes and settings, not the grant:" in shown
    assert "Refused: The implicit grant. The implicit grant exposes" in shown
    assert advise(TREE, answers).leaf == "spa"


def test_a_slip_at_the_end_is_named() -> None:
    _, shown = talk(["none", "9", ""])
    assert "'9' is not one of these: Enter, a number from 1 to 1, b, m or q." in shown


def test_q_at_the_end_leaves() -> None:
    with pytest.raises(StoppedError):
        talk(["none", "q"])
