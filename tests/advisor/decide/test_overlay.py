"""An organisation's own file merged into the tree: what it forbids, asks and says, and what gets the blame when it is
wrong.
"""

import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.decide.tree import walks
from advisor.errors import TreeError

HEAD = 'organisation = "Contoso"\n'
NO_SECRETS = HEAD + '[[forbid]]\ncredential = "secret"\nbecause = "no client secrets, ever"\n'
NO_DEVICE_CODE = HEAD + '[[forbid]]\ngrant = "device_code"\nbecause = "it is blocked here"\n'
TEXT_ONLY = "token-for=program app-permission=yes keeps-credential=yes hosted-on=elsewhere holds-key=no"
TELEVISION = "token-for=user runs-in=device other-device=yes device-code=allowed"
QUESTION = """
[[question]]
id = "data-class"
ask = "Which class has the data?"
help = "See the handbook."
before = "page-tokens"
unsure = { is = "closed", because = "the strictest class is safe" }
[[question.choice]]
id = "open"
label = "Open or internal"
then = "page-tokens"
[[question.choice]]
id = "closed"
label = "Confidential or secret"
then = "backend-for-frontend"
rules_out = { implicit = "Contoso keeps tokens of such data off the browser" }
"""


def told(text: str, answers: str) -> object:
    return advise(load_tree(text, file="contoso.toml"), dict(word.split("=") for word in answers.split()))


def test_a_forbidden_credential_leaves_none_and_says_who_decided() -> None:
    advice = told(NO_SECRETS, TEXT_ONLY)
    assert advice.grant == "client_credentials"
    assert advice.credential.id == "none"
    assert advice.dead_end
    assert advice.organisation == ("Contoso forbids client secret: no client secrets, ever",)
    secret = next(item for item in advice.credential.ruled_out if item.grant == "secret")
    assert [reason.text for reason in secret.reasons] == ["Contoso forbids it: no client secrets, ever"]
    assert not any(setting.property == "passwordCredentials" for setting in advice.register)


def test_a_forbidden_credential_is_nowhere_the_answer() -> None:
    tree = load_tree(NO_SECRETS)
    assert "secret" not in {path.credential.kind for path in walks(tree) if path.credential}


def test_what_would_change_leads_out_of_what_is_forbidden() -> None:
    assert (
        told(NO_SECRETS, TEXT_ONLY).would_change[0]
        == "Can the client protect a private key and sign with it? Yes: certificate"
    )


def test_a_forbidden_grant_ends_without_one() -> None:
    advice = told(NO_DEVICE_CODE, TELEVISION)
    assert (advice.grant, advice.dead_end) == ("none", True)
    assert advice.headline == "No grant is left: Contoso forbids device code"
    assert advice.organisation == ("Contoso forbids device code: it is blocked here",)
    device = next(item for item in advice.ruled_out if item.grant == "device_code")
    assert "Contoso forbids it: it is blocked here" in [reason.text for reason in device.reasons]


def test_another_leaf_can_are_in_for_a_forbidden_grant() -> None:
    advice = told(NO_DEVICE_CODE + 'instead = "paired-device"\n', TELEVISION + " hosted-on=azure")
    assert (advice.grant, advice.leaf) == ("authorization_code", "paired-device")
    assert advice.organisation == ("Contoso forbids device code: it is blocked here",)


def test_an_answer_that_no_rule_touches_names_none() -> None:
    assert told(NO_SECRETS, TELEVISION).organisation == ()


@pytest.mark.parametrize(("answer", "leaf"), [("closed", "backend-for-frontend"), ("unsure", "backend-for-frontend")])
def test_an_added_question_leads_on(answer: str, leaf: str) -> None:
    advice = told(HEAD + QUESTION, f"token-for=user runs-in=browser data-class={answer} hosted-on=azure")
    assert advice.leaf == leaf
    assert advice.organisation == ("Contoso asks: Which class has the data?",)
    assert told(HEAD + QUESTION, "token-for=user runs-in=browser data-class=open page-tokens=page").leaf == "spa"


def test_an_added_warning_is_said_as_theirs() -> None:
    note = (
        '[[note]]\nid = "register"\nkind = "warning"\ntext = "Enter it in the register."\nwhen = { client = '
        '["public"] }\n'
    )
    advice = told(HEAD + note, TELEVISION)
    assert "Enter it in the register." in advice.warnings
    assert advice.organisation == ("Contoso says: Enter it in the register.",)


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ('[[forbid]]\ncredential = "secret"\nbecause = "x"\n', "has neither start nor organisation", 1),
        (HEAD + '[[forbid]]\ncredential = "pki"\nbecause = "x"\n', "forbid names 'pki', which is not known", 2),
        (HEAD + '[[forbid]]\ngrant = "none"\nbecause = "x"\n', "forbid names 'none', which is not known", 2),
        (HEAD + '[[forbid]]\nbecause = "x"\n', "forbid names either a grant or a credential", 2),
        (NO_SECRETS + 'instead = "moon"\n', "forbid secret: instead names 'moon', which is not another credential", 2),
        (HEAD + QUESTION.replace('before = "page-tokens"', 'before = "moon"'),
            "question data-class comes before 'moon', which does not exist", 3 + 1),
        (HEAD + QUESTION.replace('before = "page-tokens"\n', ""),
            "question data-class is never asked: no path leads there, or its answer is always implied", 3 + 1),
        (HEAD + QUESTION.replace('id = "data-class"', 'id = "runs-in"'), "runs-in is defined twice", 3 + 1),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_in_its_own_name(text: str, what: str, line: int | None) -> None:
    with pytest.raises(TreeError) as caught:
        load_tree(text, file="contoso.toml")
    assert (caught.value.what, caught.value.file, caught.value.line) == (what, "contoso.toml", line)


def test_a_rule_that_breaks_the_proof_is_refused() -> None:
    blocked = '[[forbid]]\ngrant = "password"\nbecause = "never"\n'
    guilty = '[[forbid]]\ncredential = "secret"\nbecause = "never"\ninstead = "certificate"\n'
    with pytest.raises(TreeError, match="ends in certificate, which hosted-on=low-code rules out") as caught:
        load_tree(HEAD + blocked + guilty, file="contoso.toml")
    assert (caught.value.file, caught.value.line) == ("contoso.toml", 5)


def test_the_bundled_tree_stays_as_it_was() -> None:
    load_tree(NO_SECRETS)
    assert "secret" in load_tree().credential_by_id
