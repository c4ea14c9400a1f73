"""The tree that comes with the product: all its paths, one by one."""

import re
from collections import Counter

import pytest

from advisor.decide.files import bundled_texts
from advisor.decide.load import load_tree
from advisor.decide.notes import holds, known_of, may_hold
from advisor.decide.proof import prove
from advisor.decide.reasons import reason_against
from advisor.decide.tree import MOST_QUESTIONS, most_left, walk, walks
from rules.analysis.grants import GRANTS, grant
from rules.knowledge.credentials import CREDENTIALS

TREE = load_tree()
PATHS = tuple(walks(TREE, infer=False))

#: An accidental explosion, or a branch that fell off, shows here.
NUMBER_OF_PATHS = 2019
LONGEST_PATH = 9


def test_the_number_of_paths_and_the_longest_one_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    proof = prove(TREE, bundled_texts())
    with capsys.disabled():
        print(f"\n{proof.paths} paths; the longest asks {proof.longest}: {proof.longest_path}")
    assert len(PATHS) == proof.paths == NUMBER_OF_PATHS
    assert max(len(path.asked) for path in PATHS) == proof.longest == LONGEST_PATH <= MOST_QUESTIONS
    assert len(proof.longest_path.split()) == LONGEST_PATH


def test_no_two_paths_are_the_same() -> None:
    assert max(Counter(path.route for path in PATHS).values()) == 1


def test_every_path_ends_in_one_leaf_with_a_reason_against_every_other_grant() -> None:
    for path in PATHS:
        assert path.missing is None
        assert path.leaf is not None
        known = known_of(path)
        for row in GRANTS:
            if row.id != path.leaf.grant:
                assert len(reason_against(TREE, path.leaf, row.id, known)) > 10, (path.route, row.id)
        on_path = {f"{step.question.fact}={step.choice.id}" for step in path.taken}
        for reasons in path.against.values():
            assert all(f"{reason.question}={reason.choice}" in on_path and len(reason.text) > 10 for reason in reasons)


def test_a_confidential_client_and_only_that_gets_one_credential() -> None:
    for path in PATHS:
        assert path.leaf is not None
        assert (path.credential is not None) == (path.leaf.client == "confidential")
        if path.credential is not None:
            assert {row.id for row in CREDENTIALS} - path.against.keys() == {path.credential.kind}, path.route


def test_no_fact_is_asked_twice_nor_what_an_earlier_answer_implies() -> None:
    for path in PATHS:
        asked = [step.question.fact for step in path.asked]
        assert len(set(asked)) == len(asked), path.route
        for step in path.asked:
            earlier = path.taken[: path.taken.index(step)]
            assert all(step.question.fact not in before.choice.implies for before in earlier)


def test_every_choice_is_taken_on_some_path() -> None:
    taken = {f"{step.question.id}={one}" for path in PATHS for step in path.taken for one in step.answer.split(",")}
    edges = {f"{q.id}={choice.id}" for q in TREE.questions if not q.aside for choice in q.choices}
    assert edges - taken == set()


def test_every_grant_is_somewhere_the_answer_and_every_credential() -> None:
    assert {path.leaf.grant for path in PATHS if path.leaf} == {row.id for row in GRANTS}
    assert {path.credential.kind for path in PATHS if path.credential} == {row.id for row in CREDENTIALS}


def test_every_note_is_said_for_some_path_and_answers() -> None:
    settled = [known_of(path) for path in PATHS]
    for note in TREE.notes:
        known = next(known for known in settled if may_hold(note, known))
        said = {**{key: values[0] for key, values in note.when.items()}, **known}
        assert holds(note, said), note.id


#: What the first complete tree has to ask, and where it has to lead: (question, its choices), (grant, platform).
ASKED = {
    "api": {"graph", "dataverse", "sharepoint", "exchange", "power-bi", "azure", "azure-devops", "key-vault", "own"},
    "token-for": {"user", "program"},  # who is the token for
    "user-present": {"yes", "no"},
    "runs-in": {
        "browser",
        "server",
        "api",
        "desktop",
        "mobile",
        "cli",
        "device",
        "job",
        "office",
        "low-code",
        "agent",
    },  # where the client's code runs
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


def test_a_question_has_a_safe_answer_and_an_explanation() -> None:
    for question in TREE.facts.values():
        assert question.unsure, f"question {question.id} has no unsure: the choice that is taken for 'I don't know'"
        assert question.help, f"question {question.id} has no help"


def test_every_question_that_was_asked_for_is_there_and_every_end() -> None:
    for question, choices in ASKED.items():
        assert choices <= {choice.id for choice in TREE.question_by_id[question].choices}, question
    assert {(leaf.grant, leaf.platform) for leaf in TREE.leaves} >= ENDS


def test_no_path_leads_past_the_question_where_code_runs() -> None:
    for path in PATHS:
        known = {step.question.fact for step in path.taken} | set(path.implied)
        assert "runs-in" in known or "api=none" in path.route


def test_a_last_resort_is_reached_only_by_saying_that_something_cannot_change_or_nobody_can_sign_in() -> None:
    entries = {
        "page-tokens=frozen", "bare-password=yes", "installed-legacy=old-windows", "web-legacy=saml-adfs",
            "handed-in=saml",
    }  # fmt: skip
    for path in PATHS:
        assert path.leaf is not None
        last_resort = grant(path.leaf.grant).status == "last-resort"
        taken = {f"{step.question.fact}={step.choice.id}" for step in path.taken}
        assert last_resort == bool(entries & taken), path.route


def test_no_path_recommends_a_grant_in_words_that_promote_it_from_last_resort() -> None:
    for leaf in TREE.leaves:
        assert ("last resort" in leaf.headline) == (grant(leaf.grant).status == "last-resort")


def test_a_headline_fits_a_line() -> None:
    assert max(len(leaf.headline) for leaf in TREE.leaves) <= 80


def test_questions_are_plain_sentences_with_help() -> None:
    for question in TREE.facts.values():
        assert question.ask.endswith("?")
        assert len(question.ask) <= 82
        assert question.help.endswith(".")
        assert question.sources
        assert not re.search(r"(?i)\b(grant|oauth|rfc|confidential|public client|pkce|flow)\b", question.ask)
        for choice in question.choices:
            assert len(choice.label) <= 100
            assert re.fullmatch(r"[a-z][a-z0-9-]*", choice.id)


#: Names with which a reason may begin.
PROPER = (
    "AD FS", "App Service", "Azure", "Bot Service", "Conditional", "Dataverse", "Entra", "Exchange", "External ID",
    "Logic Apps", "Microsoft", "Office", "Power BI", "SAML", "SharePoint", "Windows",
)  # fmt: skip


def test_reasons_read_after_a_colon() -> None:
    for question in TREE.questions:
        for choice in question.choices:
            reasons = (*question.infer, *question.overrule, *choice.implies.values())
            for text in (*choice.rules_out.values(), *(said.because for said in reasons)):
                assert not text.endswith((".", "?", "!")), text
                assert text[0].islower() or text.startswith(PROPER), text


#: The questions of the first release, which answer files and tests answer.
FIRST = {
    "token-for", "keeps-credential", "runs-in", "page-tokens", "user-present", "web-legacy", "bare-password",
    "handed-in", "office-server", "agent-works", "test-of", "browser-here", "other-device", "device-code",
    "installed-legacy", "mobile-legacy", "app-permission", "sign-in-once", "job-runs-on", "hosted-on", "acts-in",
    "holds-key", "connector-takes",
}  # fmt: skip


def test_a_question_that_is_newer_than_answer_files_has_a_default() -> None:
    newer = [name for name, question in TREE.facts.items() if not question.aside and name not in FIRST]
    lacking = [name for name in newer if TREE.facts[name].default is None]
    assert not lacking, (
        f"give {', '.join(lacking)} a default = {{ is = CHOICE, because = REASON }}: "
        "answers from before the question have no answer to it"
    )


def test_a_walk_without_answers_misses_the_first_question() -> None:
    found = walk(TREE, {})
    assert found.missing is TREE.question_by_id["api"]
    assert found.route == "the start"


def test_a_walk_goes_as_far_as_the_answers_lead() -> None:
    found = walk(TREE, {"api": "graph", "page-tokens": "page"})
    assert [step.edge for step in found.taken] == ["api=graph"]
    assert found.missing is TREE.question_by_id["runs-in"]


def test_an_implied_question_is_passed_without_asking() -> None:
    answers = {
        "api": "graph",
        "runs-in": "job",
        "keeps-credential": "no",
        "token-for": "program",
        "hosted-on": "azure",
    }
    found = walk(TREE, answers)
    assert found.taken[3].edge == "sign-in-once-on-device=no"
    assert found.taken[3].inferred
    assert found.missing is TREE.question_by_id["acts-in"]


def test_a_choice_that_cannot_work_is_overruled_by_the_answer_that_forbids_it() -> None:
    answers = {"api": "own", "runs-in": "desktop", "installed-legacy": "own-form", "bare-password": "yes"}
    assert walk(TREE, answers).leaf is TREE.leaf_by_id["password-installed"]
    found = walk(TREE, {**answers, "audience": "external-id"})
    assert found.taken[-1].edge == "bare-password-installed=no"
    assert found.implied["bare-password"].said == "audience=external-id"


@pytest.mark.parametrize("forbids", ["second-factor=yes", "federated=no", "audience=b2c"])
def test_a_last_resort_that_fails_gives_way_to_what_works(forbids: str) -> None:
    name, choice = forbids.split("=")
    found = walk(TREE, {"api": "graph", "runs-in": "desktop", "installed-legacy": "old-windows", name: choice})
    assert found.leaf is TREE.leaf_by_id["native"]
    assert found.implied["installed-legacy"].said == forbids


def test_a_form_of_its_own_leads_to_native_authentication_for_customers_of_external_id() -> None:
    answers = {"api": "own", "runs-in": "mobile", "mobile-legacy": "own-form"}
    assert walk(TREE, {**answers, "audience": "external-id"}).leaf is TREE.leaf_by_id["native-mobile"]
    assert walk(TREE, {**answers, "native-screens": "yes"}).implied["audience"].choice == "external-id"


def test_how_many_questions_are_left_shrinks_with_every_answer() -> None:
    answers = {"api": "graph", "runs-in": "job", "keeps-credential": "yes", "token-for": "user", "hosted-on": "github"}
    assert most_left(TREE, {}) == LONGEST_PATH - 1  # the API decides whether it accepts applications
    assert most_left(TREE, {"api": "none"}) == 0
    left = [most_left(TREE, dict(list(answers.items())[:number])) for number in range(len(answers) + 1)]
    assert left == sorted(left, reverse=True)


def test_the_tree_is_loaded_once() -> None:
    assert load_tree() is TREE


def test_every_leaf_credential_and_note_has_a_source() -> None:
    without = [item.id for item in (*TREE.leaves, *TREE.credentials, *TREE.notes) if not item.sources]
    assert without == []
