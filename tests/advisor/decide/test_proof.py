"""A tree that does not hold together is refused, with file, line and path."""

from pathlib import Path

import pytest

from advisor.decide.advice import advise
from advisor.decide.files import Text, bundled_texts
from advisor.decide.load import load_tree
from advisor.decide.proof import incomplete, prove
from advisor.decide.tree import walk, walks
from advisor.errors import TreeError

TEXT = Path(__file__).with_name("whole.toml").read_text("utf-8")


def broken(*changes: tuple[str, str]) -> TreeError:
    """The error for the product's tree with each first *old* replaced by *new*."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    with pytest.raises(TreeError) as caught:
        load_tree(text, file="ours.toml")
    error = caught.value
    assert error.file == "ours.toml"
    assert error.exit_status == 2
    return error


def line_of(text: str) -> int:
    return TEXT.count("\n", 0, TEXT.index(text)) + 1


def test_the_text_of_the_product_is_proved() -> None:
    assert prove(load_tree(), bundled_texts()).paths == len(tuple(walks(load_tree(), infer=False)))


def test_a_whole_tree_in_one_file_is_proved() -> None:
    assert len(load_tree(TEXT).leaves) == 21


def test_a_text_that_is_not_toml() -> None:
    error = broken(("format = 1", "format = = 1"))
    assert error.what.startswith("is not TOML")
    assert (error.line, error.column) == (line_of("format = 1"), 10)


def test_a_misspelt_key() -> None:
    error = broken(('id = "keeps-credential"\nask', 'id = "keeps-credential"\naks'))
    assert "unknown field `aks`" in error.what
    assert error.line == line_of('id = "keeps-credential"') - 1


def test_a_missing_key() -> None:
    error = broken(('label = "The program\'s own rights, whoever uses it"\n', ""))
    assert "missing required field `label`" in error.what
    assert error.line == line_of('id = "program"') - 1


def test_an_unknown_format() -> None:
    assert "Invalid enum value 2" in broken(("format = 1", "format = 2")).what


def test_a_start_that_is_no_question() -> None:
    assert broken(('start = "token-for"', 'start = "token-fro"')).what == "start names no question: 'token-fro'"


def test_a_name_that_is_none() -> None:
    error = broken(('id = "holds-key"', 'id = "Holds Key"'))
    assert "'Holds Key' is not a name" in error.what


def test_a_name_that_stands_there_twice() -> None:
    error = broken(('[[leaf]]\nid = "service"', '[[leaf]]\nid = "handed-in"'))
    assert error.what == "handed-in is defined twice"


def test_a_choice_that_stands_there_twice() -> None:
    assert broken(('id = "program"', 'id = "user"')).what == "choice token-for=user is defined twice"


def test_a_question_with_one_choice() -> None:
    old = TEXT[
        TEXT.index('[[question.choice]]\nid = "own-device"') : TEXT.index("# ----", TEXT.index('id = "own-device"'))
    ]
    assert broken((old, "")).what == "question job-runs-on has fewer than two choices"


def test_a_choice_that_leads_nowhere() -> None:
    error = broken(('then = "keeps-credential"', 'then = "keeps-creds"'))
    assert error.what == "token-for=program leads to 'keeps-creds', which does not exist"
    assert error.line == line_of('id = "program"')


def test_a_reason_against_an_unknown_grant() -> None:
    error = broken(('\nnone = "a token that names the person is needed"', '\nnothing = "a person\'s token is needed"'))
    assert error.what == "token-for=user rules out 'nothing', which is neither grant nor credential"


def test_a_grant_ruled_out_without_a_reason() -> None:
    error = broken(('none = "a token that names the person is needed"', 'none = " "'))
    assert error.what == "token-for=user rules out none without a reason"


def test_an_implication_that_nobody_can_answer() -> None:
    error = broken(
        (
            'implies.user-present = { is = "yes", because = "a page',
            'implies.user-present = { is = "maybe", because = "a page',
        )
    )
    assert error.what == "runs-in=browser implies user-present=maybe, which is not a possible answer"


def test_a_leaf_with_an_unknown_grant() -> None:
    assert "grant 'device', which is not known" in broken(('grant = "device_code"', 'grant = "device"')).what


def test_a_leaf_whose_client_does_not_fit_its_grant() -> None:
    old = 'headline = "Device code: the person signs in on another device"\nclient = "public"'
    error = broken((old, old.replace("public", "confidential")))
    assert error.what == "leaf second-device has a confidential client, but device_code needs a public one"
    assert error.line == line_of('id = "second-device"')


def test_a_confidential_client_without_proof() -> None:
    error = broken(
        (
            'client = "confidential"\nproof = "hosted-on"\nwhy = ["The program acts with',
            'client = "confidential"\nwhy = ["The program acts with',
        )
    )
    assert error.what == "leaf service: only a confidential client needs proof, and it must have it"


def test_proof_that_is_no_question() -> None:
    assert "proof names no question: 'hosted'" in broken(('proof = "hosted-on"', 'proof = "hosted"')).what


def test_a_leaf_on_a_platform_that_its_grant_does_not_know() -> None:
    error = broken(('platform = "spa"', 'platform = "desktop"'))
    assert error.what == "leaf spa: authorization_code needs one of web, spa, publicClient and a redirect"


def test_a_redirect_where_the_grant_has_none() -> None:
    error = broken(('grant = "device_code"\n', 'grant = "device_code"\nredirect = "https://localhost"\n'))
    assert error.what == "leaf second-device: device_code needs neither platform nor redirect"


def test_an_unknown_credential() -> None:
    assert (
        "has the kind 'pki', which is not known"
        in broken(
            (
                '[[credential]]\nid = "certificate"\nkind = "certificate"',
                '[[credential]]\nid = "certificate"\nkind = "pki"',
            )
        ).what
    )


def test_a_credential_that_speaks_of_an_unknown_grant() -> None:
    error = broken(("[credential.for_grant]\nclient_credentials", "[credential.for_grant]\nclient_credential"))
    assert error.what == "credential managed_identity names the grant 'client_credential', which is not known"
    assert error.line == line_of('id = "managed_identity"')


def test_a_source_that_is_not_there() -> None:
    assert "names the source 'rfc0'" in broken(('sources = ["rfc6749-1.1"', 'sources = ["rfc0"')).what


def test_a_source_that_nobody_uses() -> None:
    more = (
        '[[source]]\nid = "rfc1"\ntitle = "RFC 1"\nurl = "https://www.rfc-editor.org/rfc/rfc1"\n\n[[source]]\nid = '
        '"rfc6749-1.1"'
    )
    assert broken(('[[source]]\nid = "rfc6749-1.1"', more)).what == "source rfc1 is not used"


def test_a_grant_that_nothing_rules_out() -> None:
    error = broken(('device_code = "nobody is there who could type a code"\n', ""))
    assert error.what == (
        "leaf service has no reason against device_code on path token-for=program > keeps-credential=yes > "
        "hosted-on=azure"
    )


def test_everything_that_nothing_rules_out_is_named_at_once() -> None:
    error = broken(
        ('device_code = "nobody is there who could type a code"\n', ""),
        ('hybrid = "nobody signs in, so no ID token is issued"\n', ""),
    )
    assert "no reason against device_code, hybrid on path" in error.what


def test_a_credential_that_nothing_rules_out() -> None:
    error = broken(
        ('secret = "a signature proves who the program is, and the key itself is never sent"\n', 'none = "x"\n')
    )
    assert error.what.endswith("ends in certificate, but nothing on it rules out secret")


def test_a_leaf_that_its_own_path_rules_out() -> None:
    error = broken(('none = "a token that names the person is needed"', 'none = "a"\nauthorization_code = "because"'))
    assert error.what == (
        "path token-for=user > runs-in=browser > page-tokens=page ends in spa (authorization_code), which "
        "token-for=user rules out"
    )
    assert error.line == line_of('id = "user"')


def test_a_circle() -> None:
    error = broken(('then = "keeps-credential"', 'then = "runs-in"'), ('then = "page-tokens"', 'then = "token-for"'))
    assert error.what.endswith("leads back to token-for")


def test_a_path_into_the_credentials_without_a_leaf() -> None:
    assert broken(('then = "spa"', 'then = "hosted-on"')).what.endswith("ends in managed_identity without a leaf")


def test_a_path_with_two_leaves() -> None:
    error = broken(('then = "managed_identity"', 'then = "spa"'))
    assert error.what.endswith("ends in two leaves, backend-for-frontend and spa")


def test_a_choice_that_denies_what_is_settled() -> None:
    error = broken(
        (
            'label = "The page itself, with',
            'implies.user-present = { is = "no", because = "x" }\nlabel = "The page itself, with',
        )
    )
    assert error.what == (
        "path token-for=user > runs-in=browser > page-tokens=page implies user-present=no where user-present=yes is "
        "settled"
    )


def test_a_question_to_which_no_path_leads() -> None:
    more = (
        '[[question]]\nid = "extra"\nask = "?"\nhelp = "."\n[[question.choice]]\nid = "a"\nlabel = "a"\nthen = '
        '"spa"\n[[question.choice]]\nid = "b"\nlabel = "b"\nthen = "spa"\n\n'
    )
    error = broken(("[[leaf]]", more + "[[leaf]]"))
    assert error.what == "question extra is never asked: no path leads there, or its answer is always implied"


def test_a_question_whose_answer_is_always_implied() -> None:
    error = broken(
        (
            'implies.user-present = { is = "no", because = "nobody is present when the job runs" }',
            'implies.job-runs-on = { is = "own-device", because = "x" }',
        )
    )
    assert error.what.startswith("question job-runs-on is never asked")


def test_a_leaf_that_is_never_reached() -> None:
    error = broken(('then = "kept-on-device"', 'then = "kept-on-server"'))
    assert error.what == "kept-on-device is never reached"
    assert error.line == line_of('id = "kept-on-device"')


def test_a_path_with_too_many_questions() -> None:
    asked = "".join(
        f'[[question]]\nid = "q{n}"\nask = "?"\nhelp = "."\n'
        f'[[question.choice]]\nid = "a"\nlabel = "a"\nthen = "{"runs-in" if n == 5 else f"q{n + 1}"}"\n'
        f'[[question.choice]]\nid = "b"\nlabel = "b"\nthen = "{"runs-in" if n == 5 else f"q{n + 1}"}"\n\n'
        for n in range(1, 6)
    )
    error = broken(('then = "runs-in"', 'then = "q1"'), ("[[leaf]]", asked + "[[leaf]]"))
    assert error.what.endswith("asks 10 questions; 9 are the most")


# Notes, asides, copies, and the safe side

NOTE = '[[note]]\nid = "a-note"\nkind = "warning"\ntext = "x"\nwhen = { %s }\n\n[[leaf]]'


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('grant = ["device_code"]', ""),
        ('nowhere = ["yes"]', "note a-note needs 'nowhere', which is not a fact"),
        ('runs-in = ["moon"]', "note a-note needs runs-in=moon, which is not a possible answer"),
        ('grant = ["magic"]', "note a-note needs grant=magic, which is not a possible answer"),
        (
            'grant = ["device_code"], runs-in = ["browser"]',
            "note a-note never appears: no path has all that it needs",
        ),
        ("", "note a-note has no when"),
    ],
)
def test_a_note_can_be_said(when: str, said: str) -> None:
    change = ("[[leaf]]", NOTE % when)
    if said:
        assert broken(change).what == said
    else:
        assert load_tree(TEXT.replace(*change, 1)).notes[0].id == "a-note"


ASIDE = (
    '[[question]]\nid = "weather"\nask = "?"\nhelp = "."\naside = true\n'
    '[[question.choice]]\nid = "fine"\nlabel = "a"\n%s[[question.choice]]\nid = "foul"\nlabel = "b"\n\n[[leaf]]'
)


def test_an_aside_is_on_no_path() -> None:
    tree = load_tree(TEXT.replace("[[leaf]]", ASIDE % "", 1))
    assert tree.facts["weather"].aside
    error = broken(("[[leaf]]", ASIDE % 'then = "spa"\n'))
    assert error.what == "weather=fine has a then, but weather is an aside"


def test_nothing_leads_to_an_aside() -> None:
    error = broken(("[[leaf]]", ASIDE % ""), ('then = "keeps-credential"', 'then = "weather"'))
    assert error.what == "token-for=program leads to 'weather', which does not exist"


def test_a_safe_side_is_a_choice() -> None:
    error = broken(('id = "runs-in"\n', 'id = "runs-in"\nunsure = { is = "moon", because = "x" }\n'))
    assert error.what == "question runs-in: unsure names 'moon', which is not a choice"


COPY = '[[question]]\nid = "copy"\ncopies = "%s"\n[question.branch.%s]\nthen = "service"\n\n[[leaf]]'


def test_a_copy_has_an_original_and_its_choices() -> None:
    assert (
        broken(("[[leaf]]", COPY % ("nothing", "yes"))).what
        == "question copy copies 'nothing', which is not a question"
    )
    error = broken(("[[leaf]]", COPY % ("keeps-credential", "perhaps")))
    assert error.what == "question copy has a branch 'perhaps', which is not a choice of keeps-credential"


def test_a_dead_end_names_no_grant() -> None:
    error = broken(('id = "spa"\n', 'id = "spa"\ndead_end = true\n'))
    assert error.what == "leaf spa is a dead end and names the grant authorization_code"


# What a new question needs

ADDED = """
[[question]]
id = "contoso-agent"
ask = "Is it an AI agent?"
before = "page-tokens"
default = { is = "no", because = "most clients are not agents" }
[[question.choice]]
id = "yes"
label = "Yes"
then = "page-tokens"
[[question.choice]]
id = "no"
label = "No"
then = "page-tokens"
"""
CONTOSO = f'organisation = "Contoso"\n{ADDED}'
BEFORE = {"api": "other", "token-for": "user", "runs-in": "browser", "page-tokens": "page"}


def test_answers_from_before_a_question_keep_working_and_the_advice_says_what_was_assumed() -> None:
    tree = load_tree(CONTOSO)
    advice = advise(tree, BEFORE)
    assert advice.leaf == advise(load_tree(), BEFORE).leaf
    assert advice.assumed == ("No answer: Is it an AI agent? Assumed: No. Reason: most clients are not agents.",)
    assert [fact.by for fact in advice.facts if fact.question == "contoso-agent"] == ["assumed"]
    assert "contoso-agent" not in advice.repeat
    assert advise(tree, {**BEFORE, "contoso-agent": "yes"}).assumed == ()
    assert walk(tree, BEFORE).missing is tree.question_by_id["contoso-agent"]  # where somebody can be asked


def test_a_default_that_is_not_a_choice() -> None:
    with pytest.raises(TreeError, match="question contoso-agent: default names 'never', which is not a choice"):
        load_tree(CONTOSO.replace('default = { is = "no"', 'default = { is = "never"'))


def test_everything_that_a_question_lacks_is_named_at_its_line() -> None:
    text = Text("contoso.toml", CONTOSO)
    (error,) = incomplete(load_tree(text.text), (text,))
    assert (error.what, error.line) == ("question contoso-agent has no help, sources, unsure", 4)


def test_every_question_of_the_product_is_complete() -> None:
    assert [str(error) for error in incomplete(load_tree(), bundled_texts())] == []
