"""The wizard, as transcripts: what is typed, what is shown, what comes out. No terminal is needed."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.tree import walks
from advisor.run.wizard import WIDTH, StoppedError, ask_missing

TREE = load_tree()
PATHS = [{step.question.fact: step.choice.id for step in path.asked} for path in walks(TREE)]


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
    answers, shown = talk(["2", "yes", "1", "3"])
    assert answers == {
        "token-for": "program", "app-permission": "yes", "keeps-credential": "yes", "hosted-on": "github",
    }  # fmt: skip
    assert shown == (
        """
Question 1, at most 7 more
Whose rights count when the API is called: a person's, or the program's own?
  1  user     A person's rights (also when it only matters who signed in)
  2  program  The program's own rights, whoever uses it
  3  nobody   Neither: the program asks for no token
A number or a name; ? explains, u: I don't know, b: back, s: so far, q: quit.
Ruled out: authorization_code (nobody signs in while it works, so nobody can be
  redirected); also device_code, on_behalf_of, hybrid, integrated_windows,
  saml_bearer, implicit, doing without a token
Still possible: client_credentials, refresh_token, password

Question 2, at most 4 more
Would the API accept the program itself, without a person?
  1  yes  Yes, it has application permissions, and an administrator agrees
  2  no   No, only people (delegated permissions alone, or personal accounts)
A number or a name; ? explains, u: I don't know, b: back, s: so far, q: quit.
Ruled out: refresh_token (client credentials return no refresh token and need
  none, since the program can simply ask again); also password
That leaves: client_credentials

Question 3, at most 2 more
Can it keep a credential: does it run only on machines that you control?
  1  yes  Yes: our own servers, cloud services or build agents
  2  no   No: copies run on machines of customers or employees
A number or a name; ? explains, u: I don't know, b: back, s: so far, q: quit.

Question 4, at most 1 more (grant: client_credentials, now its credential)
Where does the part run that keeps the credential?
   1  azure            On Azure
   2  arc              On a server of our own that is connected with Azure Arc
   3  github           In GitHub Actions
   4  gitlab           In GitLab CI/CD
   5  azure-devops     In Azure DevOps Pipelines
   6  aws              On AWS
   7  google-cloud     On Google Cloud
   8  kubernetes       In Kubernetes outside Azure (EKS, GKE, OpenShift, own)
   9  terraform-cloud  In HCP Terraform (Terraform Cloud)
  10  other-issuer     On another platform that issues tokens to what it runs
  11  low-code         In a low-code platform (Power Platform)
  12  elsewhere        Elsewhere: own data centre, hosting, appliance
A number or a name; ? explains, u: I don't know, b: back, s: so far, q: quit.
Ruled out: managed_identity (exists on Azure and Azure Arc only); also
  certificate, secret
That leaves: federated

Your answers:
  1  Whose rights count when the API is called: a person's, or the program's
     own? The program's own rights, whoever uses it
  2  Would the API accept the program itself, without a person? Yes, it has
     application permissions, and an administrator agrees
  3  Can it keep a credential: does it run only on machines that you control?
     Yes: our own servers, cloud services or build agents
  4  Where does the part run that keeps the credential? In GitHub Actions
They lead to: Client credentials: the program acts as itself. Federated
credential for GitHub Actions.
Enter accepts; a number changes that answer; m: more facts; q quits.
"""
    )


def test_names_and_numbers_lead_along_every_path() -> None:
    for path in PATHS[::9]:  # each takes a walk through the tree for every question
        names, shown = talk(path.values())
        assert names == path
        assert max(map(len, shown.splitlines())) <= WIDTH
        assert shown.count("\nQuestion ") == len(path)
    for path in PATHS[::50]:
        numbers, _ = talk(
            str([choice.id for choice in TREE.question_by_id[question].choices].index(chosen) + 1)
            for question, chosen in path.items()
        )
        assert numbers == path


def test_what_is_known_is_not_asked() -> None:
    answers, shown = talk(["desktop", "nothing"], {"token-for": "user"})
    assert answers == {"token-for": "user", "runs-in": "desktop", "installed-legacy": "nothing"}
    assert "Whose rights count" not in shown
    assert shown.startswith("\nQuestion 1, at most 6 more\nWhere does the code run")


def test_nothing_is_asked_when_all_is_known() -> None:
    assert talk([], {"token-for": "nobody"}) == ({"token-for": "nobody"}, "\n")


def test_an_answer_known_later_in_the_path_is_used() -> None:
    answers, shown = talk(["program", "yes", "yes"], {"hosted-on": "github"})
    assert answers["hosted-on"] == "github"
    assert "Where does the part run" not in shown


def test_a_question_mark_explains_and_asks_again() -> None:
    answers, shown = talk(["?", "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "two people may see different things" in " ".join(shown.split())
    assert "  user: The person's mail" in shown
    assert "https://www.rfc-editor.org/rfc/rfc6749#section-1.1" in shown
    assert shown.count("Question 1") == 1


def test_what_is_still_possible_is_named_when_it_is_little() -> None:
    _, shown = talk(["user", "server", "yes", "nothing", "github"])
    assert "Ruled out: doing without a token (a token that names the person is needed)\n\nQuestion 2" in shown
    assert "Still possible: authorization_code, hybrid, saml_bearer, password\n" in shown
    assert "That leaves: authorization_code\n" in shown


def test_b_goes_back_and_forgets_the_answer() -> None:
    answers, shown = talk(["user", "browser", "b", "b", "program", "yes", "yes", "github"])
    assert answers == {
        "token-for": "program", "app-permission": "yes", "keeps-credential": "yes", "hosted-on": "github",
    }  # fmt: skip
    assert shown.partition("Your answers:")[0].count("Whose rights count") == 2


def test_b_on_the_first_question_says_so() -> None:
    answers, shown = talk(["b", "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "there is nothing to go back to" in shown


def test_b_never_takes_back_what_was_known_before() -> None:
    answers, _ = talk(["B", "b", "desktop", "nothing"], {"token-for": "user"})
    assert answers["token-for"] == "user"


@pytest.mark.parametrize(
    "word", ["0", "4", "-1", "1.5", "", "  ", "maybe", "¹", "९", "99999999999999999999", "\x1b[A", "="]
)
def test_a_slip_is_named_and_asked_again(word: str) -> None:
    answers, shown = talk([word, "nobody"])
    assert answers == {"token-for": "nobody"}
    assert "is not one of the answers: type a number from 1 to 3, or a name." in " ".join(shown.split())
    assert "\x1b" not in shown


@pytest.mark.parametrize("word", ["n", "NOBODY", " nobody ", "nob", "3"])
def test_the_beginning_of_a_name_is_enough_when_only_one_begins_so(word: str) -> None:
    assert talk([word])[0] == {"token-for": "nobody"}


def test_a_beginning_that_two_names_share_is_a_slip() -> None:
    _, shown = talk(["user", "", "a", "desktop", "nothing"])
    assert "'a' is not one of the answers: type a number from 1 to 14" in shown


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


@pytest.mark.exhaustive
@given(st.lists(st.sampled_from(["1", "2", "3", "?", "b", "yes", "x"]), max_size=25))
def test_whatever_is_typed_ends_in_a_leaf_or_in_leaving(typed: list[str]) -> None:
    try:
        answers, _ = talk(typed)
    except StoppedError:
        return
    assert advise(TREE, answers).leaf


# I don't know, so far, changing an answer, more facts


def test_u_takes_the_safe_side_and_says_so() -> None:
    answers, shown = talk(["user", "browser", "u", ""])
    assert answers == {"token-for": "user", "runs-in": "browser", "page-tokens": "unsure"}
    assert "Taken for safety: The page itself, with a current library, since" in shown
    assert advise(TREE, answers).leaf == "spa"


def test_s_tells_the_answers_and_what_is_ruled_out() -> None:
    _, shown = talk(["program", "s", "yes", "yes", "azure", "1", ""])
    assert "So far:\n  1  Whose rights count" in shown
    assert "ruled out: device_code (nobody is there who could type a code)" in shown


def test_an_answer_can_be_changed_at_the_end_and_the_others_stay() -> None:
    answers, shown = talk(["user", "browser", "page", "3", "backend", "azure", ""])
    assert answers == {"token-for": "user", "runs-in": "browser", "page-tokens": "backend", "hosted-on": "azure"}
    assert shown.count("Your answers:") == 2
    assert shown.count("Whose rights count") == 3  # asked once, shown twice for checking


def test_changing_an_early_answer_forgets_what_no_longer_counts() -> None:
    answers, _ = talk(["user", "browser", "page", "1", "nobody", ""])
    assert answers == {"token-for": "nobody"}


def test_more_facts_can_be_said_and_do_not_change_the_grant() -> None:
    answers, shown = talk(["user", "browser", "page", "m", "api", "graph", ""])
    assert answers["api"] == "graph"
    assert "These change warnings, scopes and settings, not the grant:" in shown
    assert advise(TREE, answers).leaf == "spa"


def test_a_slip_at_the_end_is_named() -> None:
    _, shown = talk(["nobody", "9", ""])
    assert "'9' is not one of these: Enter, a number from 1 to 1, m or q." in shown


def test_q_at_the_end_leaves() -> None:
    with pytest.raises(StoppedError):
        talk(["nobody", "q"])
