"""The tree that comes with the product: all its paths, one by one."""

import re
from collections import Counter

import pytest

from advisor.decide.tree import MOST_QUESTIONS, Walk, load_tree, most_left, walk, walks
from rules.credentials import CREDENTIALS
from rules.grants import GRANTS, grant

TREE = load_tree()
PATHS = tuple(walks(TREE))

#: An accidental explosion, or a branch that fell off, shows here.
NUMBER_OF_PATHS = 86
LONGEST_PATH = 7


def test_the_number_of_paths_is_known() -> None:
    assert len(PATHS) == TREE.paths == NUMBER_OF_PATHS
    assert max(len(path.asked) for path in PATHS) == TREE.longest == LONGEST_PATH <= MOST_QUESTIONS


def test_no_two_paths_are_the_same() -> None:
    assert max(Counter(path.route for path in PATHS).values()) == 1


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.route)
def test_every_path_ends_in_one_leaf_and_rules_out_every_other_grant(path: Walk) -> None:
    assert path.missing is None
    assert path.leaf is not None
    against = {row.id for row in GRANTS if path.against.get(row.id)}
    assert against == {row.id for row in GRANTS} - {path.leaf.grant}
    on_path = {step.edge for step in path.taken}
    for reasons in path.against.values():
        assert all(f"{reason.question}={reason.choice}" in on_path and len(reason.text) > 10 for reason in reasons)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.route)
def test_a_confidential_client_and_only_that_gets_one_credential(path: Walk) -> None:
    assert path.leaf is not None
    assert (path.credential is not None) == (path.leaf.client == "confidential")
    if path.credential is not None:
        assert {row.id for row in CREDENTIALS} - path.against.keys() == {path.credential.id}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.route)
def test_nothing_is_asked_that_an_earlier_answer_implies(path: Walk) -> None:
    for step in path.asked:
        earlier = path.taken[: path.taken.index(step)]
        assert all(step.question.id not in before.choice.implies for before in earlier)


def test_every_grant_but_the_saml_assertion_is_somewhere_the_answer() -> None:
    reached = {path.leaf.grant for path in PATHS if path.leaf}
    assert {row.id for row in GRANTS} - reached == {"saml_bearer"}


#: What the first complete tree has to ask, and where it has to lead: (question, its choices), (grant, platform).
ASKED = {
    "token-for": {"user", "program"},  # who is the token for
    "user-present": {"yes", "no"},
    "runs-in": {"browser", "server", "api", "app", "cli", "device", "job"},  # where the client's code runs
    "keeps-credential": {"yes", "no"},
    "browser-here": {"yes", "no"},
    "other-device": {"yes", "no"},
    "handed-in": {"user-token", "app-token"},  # was a user's token handed in
    "page-tokens": {"frozen"},  # what is legacy and cannot change
    "web-legacy": {"id-token-first", "own-form"},
    "installed-legacy": {"own-form", "old-windows"},
}
ENDS = {
    ("authorization_code", "spa"), ("authorization_code", "web"), ("authorization_code", "publicClient"),
    ("client_credentials", None), ("device_code", None), ("on_behalf_of", None), ("refresh_token", "web"),
    ("password", None), ("implicit", "spa"), ("none", None),
}  # fmt: skip


def test_every_question_that_was_asked_for_is_there_and_every_end() -> None:
    for question, choices in ASKED.items():
        assert choices <= {choice.id for choice in TREE.question_by_id[question].choices}, question
    assert {(leaf.grant, leaf.platform) for leaf in TREE.leaves} >= ENDS


def test_a_first_question_decides_who_is_present_where_code_runs_or_what_keeps_a_credential() -> None:
    for path in PATHS:
        known = {step.question.id for step in path.taken} | set(path.implied)
        assert "user-present" in known or "token-for=nobody" in path.route
        assert known & {"runs-in", "keeps-credential"} or "token-for=nobody" in path.route


def test_a_last_resort_is_reached_only_by_saying_that_something_cannot_change_or_nobody_can_sign_in() -> None:
    doors = {
        "page-tokens=frozen", "web-legacy=own-form", "installed-legacy=own-form", "installed-legacy=old-windows",
        "other-device=no", "sign-in-once=no",
    }  # fmt: skip
    for path in PATHS:
        assert path.leaf is not None
        last_resort = grant(path.leaf.grant).status == "last-resort"
        assert last_resort == bool(doors & {step.edge for step in path.taken}), path.route


def test_no_path_recommends_a_grant_in_words_that_promote_it_from_last_resort() -> None:
    for leaf in TREE.leaves:
        assert ("last resort" in leaf.headline) == (grant(leaf.grant).status == "last-resort")


def test_a_headline_fits_a_line() -> None:
    assert max(len(leaf.headline) for leaf in TREE.leaves) <= 76


def test_questions_are_plain_sentences_with_help() -> None:
    for question in TREE.questions:
        assert question.ask.endswith("?")
        assert len(question.ask) <= 80
        assert question.help.endswith(".")
        assert question.sources
        assert not re.search(r"(?i)\b(grant|oauth|rfc|confidential|public client|pkce|flow)\b", question.ask)
        for choice in question.choices:
            assert len(choice.label) <= 100
            assert re.fullmatch(r"[a-z][a-z-]*", choice.id)


def test_reasons_read_after_a_colon() -> None:
    for question in TREE.questions:
        for choice in question.choices:
            for text in (*choice.rules_out.values(), *(said.because for said in choice.implies.values())):
                assert not text.endswith((".", "?", "!")), text
                assert ": " not in text, text
                assert text[0].islower() or text.startswith(("AD FS", "Azure", "Windows")), text


def test_a_walk_without_answers_misses_the_first_question() -> None:
    found = walk(TREE, {})
    assert found.missing is TREE.question_by_id["token-for"]
    assert found.route == "the start"


def test_a_walk_goes_as_far_as_the_answers_lead() -> None:
    found = walk(TREE, {"token-for": "user", "page-tokens": "page"})
    assert [step.edge for step in found.taken] == ["token-for=user"]
    assert found.missing is TREE.question_by_id["runs-in"]


def test_an_implied_question_is_passed_without_asking() -> None:
    answers = {
        "token-for": "user",
        "runs-in": "server",
        "user-present": "no",
        "app-permission": "no",
        "sign-in-once": "yes",
    }
    found = walk(TREE, answers)
    assert found.taken[-1].edge == "job-runs-on=server"
    assert found.taken[-1].implied
    assert found.missing is TREE.question_by_id["hosted-on"]


def test_how_many_questions_are_left_shrinks_with_every_answer() -> None:
    assert most_left(TREE, {}) == LONGEST_PATH
    assert most_left(TREE, {"token-for": "program"}) == 3
    assert most_left(TREE, {"token-for": "nobody"}) == 0


def test_the_tree_is_loaded_once() -> None:
    assert load_tree() is TREE
