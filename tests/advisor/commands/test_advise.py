"""``grantlint advise`` without a terminal: flags, files, configuration, and what a missing answer gets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.commands.options import complete_answer
from advisor.decide.answers import Client, one_client
from advisor.decide.gather import gather_advice, split_answers
from advisor.decide.load import load_tree
from advisor.errors import InputError
from rules.model.clean import clean

TREE = load_tree()
PROGRAM = ("-a", "token-for=program", "-a", "app-permission=yes", "-a", "keeps-credential=yes")
DAEMON = (*PROGRAM, "-a", "hosted-on=azure", "-a", "acts-in=own-tenant")


# The logic, without a command line


def test_given_answers_win_over_those_of_the_client_and_these_over_configured_ones() -> None:
    client = Client(name="Till", answers={"app-permission": "yes", "keeps-credential": "yes", "hosted-on": "elsewhere"})
    (advice,), _ = gather_advice(
        TREE,
        [client],
        given={"hosted-on": "github"},
        configured={"token-for": "program", "keeps-credential": "no"},
        ask=None,
    )
    assert {fact.question: (fact.choice, fact.by) for fact in advice.facts} == {
        "api": ("other", "assumed"),
        "runs-in": ("job", "derived"),
        "token-for": ("program", "configured"),
        "app-permission": ("yes", "given"),
        "keeps-credential": ("yes", "given"),
        "hosted-on": ("github", "given"),
    }
    assert advice.client_name == "Till"


def test_what_is_missing_for_one_client_is_asked() -> None:
    (advice,), _ = gather_advice(
        TREE, [one_client({})], given={"api": "graph"}, configured={},
        ask=lambda tree, known: {**known, "runs-in": "desktop", "installed-legacy": "nothing"},
    )  # fmt: skip
    assert [fact.by for fact in advice.facts] == ["given", "asked", "asked"]


def test_nothing_is_asked_for_several_clients_and_the_gaps_of_all_are_named() -> None:
    clients = [
        Client(name="Page", answers={"runs-in": "browser"}),
        Client(name="Static", answers={"api": "none"}),
        Client(name="Job", answers={"runs-in": "job"}),
    ]
    with pytest.raises(InputError) as caught:
        gather_advice(TREE, clients, given={}, configured={}, ask=lambda tree, known: pytest.fail("asked"))
    assert caught.value.what == "answers are missing for 2 clients: Page, Job"
    assert [line.partition(" (")[0] for line in caught.value.details] == [
        "Page: page-tokens",
        "Job: keeps-credential",
        "Job: sign-in-once",
    ]


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
    assert complete_answer("token-for=") == [
        "token-for=program",
        "token-for=user",
        "token-for=unsure",
    ]
    assert complete_answer("zzz") == []


# The command


def test_advice_goes_to_standard_output(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", *DAEMON)
    assert run.status == 0
    assert run.out.startswith("Grant        Client credentials: the application acts as itself\n")
    assert "Credential   Managed identity" in run.out
    assert run.out.endswith("risks and sources: --verbose, or -o advice.md\n")
    run = grantlint("advise", *DAEMON, "-v")
    (repeat,) = [line for line in run.out.splitlines() if line.startswith("  grantlint advise ")]
    assert sorted(repeat.split()[2:]) == sorted(DAEMON)


def test_missing_answers_without_a_terminal_are_all_named_with_status_2(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", "-a", "runs-in=job")
    assert (run.status, run.out) == (2, "")
    assert run.err.splitlines() == [
        "grantlint: no answer to keeps-credential; probably also needed: sign-in-once; answer, or write unsure; "
        "for example: grantlint advise -a runs-in=job -a keeps-credential=yes",
        "  keeps-credential (Who controls the machines on which it runs?): yes, no; unsure takes no",
        "  sign-in-once (Can a user sign in once, in a browser, before the work begins?): yes, no; unsure takes yes",
    ]


def test_the_gaps_of_all_clients_of_a_file_are_named(grantlint: Callable, folder: Path) -> None:
    (folder / "s.toml").write_text(
        '[[clients]]\nname = "Page\u202e"\nruns-in = "browser"\n[[clients]]\nname = "Job"\nruns-in = "job"\n', "utf-8"
    )
    run = grantlint("advise", "--answers", "s.toml")
    assert run.status == 2
    first, *rest = run.err.splitlines()
    assert first.startswith("s.toml: answers are missing for 2 clients: Page\\u202e, Job; choose for each, or")
    assert [line.partition(" (")[0] for line in rest] == [
        "  Page\\u202e: page-tokens",
        "  Job: keeps-credential",
        "  Job: sign-in-once",
    ]


def test_json_holds_the_advice_and_the_tree(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", *DAEMON, "--format", "json")
    report = json.loads(run.out)
    (advice,) = report["advices"]
    assert (advice["grant"], advice["leaf"]) == ("client_credentials", "service")
    assert set(advice["path"]) <= {edge["id"] for edge in report["tree"]["edges"]}


def test_a_file_of_several_clients_gives_one_advice_each(grantlint: Callable, folder: Path) -> None:
    (folder / "clients.toml").write_text(
        '[[clients]]\nname = "Orders page"\ntoken-for = "user"\nruns-in = "browser"\npage-tokens = "page"\n'
        '[[clients]]\nname = "Nightly sync"\ntoken-for = "program"\napp-permission = "yes"\nkeeps-credential = "yes"\n'
        'acts-in = "own-tenant"\n',
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
    isolated = grantlint("advise", *PROGRAM, "--isolated")
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
    assert run.status == 1
    assert "Conflict     keeps-credential=yes and page-tokens=page cannot be true together" in run.out
    assert "exit 1: answers conflict" in run.err


# Systems, tables, registrations, an organisation's tree, the page

SYSTEM = """
[[clients]]
name = "Page"
registration = "Contoso Orders"
calls = ["API"]
token-for = "user"
runs-in = "browser"
page-tokens = "page"
[[clients]]
name = "API"
registration = "%s"
token-for = "user"
runs-in = "api"
handed-in = "user-token"
hosted-on = "azure"
"""


def test_a_system_with_one_registration_for_two_clients_is_a_finding(grantlint: Callable, folder: Path) -> None:
    (folder / "s.toml").write_text(SYSTEM % "Contoso Orders", "utf-8")
    run = grantlint("advise", "--answers", "s.toml", "-o", "s.html")
    assert run.status == 1
    assert "Must not be shared: Page and API use one registration" in " ".join(run.out.split())
    assert "exit 1: 1 thing between the clients must change" in run.err
    assert "The clients together" in (folder / "s.html").read_text("utf-8")
    (folder / "s.toml").write_text(SYSTEM % "Contoso Orders API", "utf-8")
    assert grantlint("advise", "--answers", "s.toml").status == 0


def test_a_client_that_nobody_described_cannot_be_called(grantlint: Callable, folder: Path) -> None:
    (folder / "s.toml").write_text(SYSTEM.replace('["API"]', '["Moon"]') % "x", "utf-8")
    run = grantlint("advise", "--answers", "s.toml")
    assert run.status == 2
    assert "Page calls 'Moon', which is no client of the file; one of Page, API" in run.err


def test_a_table_of_legacy_applications_gives_a_migration_table(grantlint: Callable, folder: Path) -> None:
    rows = "".join(f"App {number},program,yes,yes,github,secret,Ada\n" for number in range(100))
    head = "name,token-for,app-permission,keeps-credential,hosted-on,today,owner\n"
    (folder / "apps.csv").write_text(head + rows + "Kiosk,user,,,,,\n", "utf-8")
    run = grantlint("advise", "--answers", "apps.csv", "--table", "m.md")
    assert run.status == 3
    assert run.out.startswith("101 clients: 100 client_credentials, 1 not decided\n")
    assert "Kiosk   not decided: no answer to runs-in" in run.out
    assert "columns not used: owner" in run.err
    assert "exit 3: Kiosk: no answer to runs-in" in run.err
    assert "# " not in (folder / "m.md").read_text("utf-8")[:2]
    (folder / "apps.csv").write_text(
        head.replace("today", "runs-in") + rows.replace("secret", "job") + "Kiosk,,,,,device,\n", "utf-8"
    )
    unsure = ("-a", "other-device=unsure", "-a", "device-code=unsure")
    run = grantlint("advise", "--answers", "apps.csv", *unsure, "--table", "m.csv")
    assert run.status == 0
    assert len((folder / "m.csv").read_text("utf-8").splitlines()) == 102


def test_a_table_knows_its_formats(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", *DAEMON, "--table", "m.pdf")
    assert run.status == 2
    assert "no table has the suffix of 'm.pdf'; end the name in .csv, .md or .txt" in run.err


REGISTRATION = {
    "displayName": "Orders", "appId": "11111111-1111-4111-8111-111111111111", "signInAudience": "AzureADMyOrg",
    "isFallbackPublicClient": True, "spa": {"redirectUris": ["https://orders.contoso.com/"]},
    "web": {"redirectUris": [], "implicitGrantSettings": {"enableAccessTokenIssuance": True,
        "enableIdTokenIssuance": False}},
    "publicClient": {"redirectUris": []}, "passwordCredentials": [], "keyCredentials": [], "requiredResourceAccess": [],
    "api": {"oauth2PermissionScopes": []},
}  # fmt: skip


def test_a_registration_answers_what_it_can_and_is_compared(grantlint: Callable, folder: Path) -> None:
    (folder / "app.json").write_text(json.dumps(REGISTRATION), "utf-8")
    run = grantlint("advise", "--registration", "app.json")
    assert run.status == 2
    assert "no answer to page-tokens for Orders" in run.err
    run = grantlint("advise", "--registration", "app.json", "-a", "page-tokens=page")
    assert run.status == 0
    assert "How Orders fits" in run.out
    assert "web.implicitGrantSettings.enableAccessTokenIssuance: differs" in run.out
    assert '"isFallbackPublicClient": false' in run.out
    report = json.loads(
        grantlint("advise", "--registration", "app.json", "-a", "page-tokens=page", "--format", "json").out
    )
    (advice,) = report["advices"]
    assert {fact["question"]: fact["by"] for fact in advice["facts"]}["runs-in"] == "inferred"
    assert advice["fit"]["patch"]["isFallbackPublicClient"] is False


def test_what_a_registration_is_built_for(grantlint: Callable, folder: Path) -> None:
    (folder / "app.json").write_text(json.dumps(REGISTRATION), "utf-8")
    run = grantlint("advise", "--registration", "app.json", "--built-for", "-o", "b.html")
    assert run.status == 0
    assert "Built for\n  - authorization_code (Authorization code with PKCE): redirect URIs on spa" in run.out
    assert "What registrations are built for" in (folder / "b.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--registration", "app.json#Ordres"], "no registration 'Ordres'; did you mean Orders?"),
        (["--registration", "none.json"], "none.json: there is no such file"),
        (["--built-for"], "--built-for needs a registration; add --registration FILE"),
        (
            ["--registration", "two.json"],
            "contains 2 registrations; select one by name, client ID or object ID after #; it contains Orders, Other",
        ),
    ],
)
def test_a_registration_that_cannot_be_used(arguments: list[str], said: str, grantlint: Callable, folder: Path) -> None:
    (folder / "app.json").write_text(json.dumps(REGISTRATION), "utf-8")
    other = {**REGISTRATION, "displayName": "Other", "appId": "22222222-2222-4222-8222-222222222222"}
    (folder / "two.json").write_text(json.dumps({"value": [REGISTRATION, other]}), "utf-8")
    run = grantlint("advise", *arguments)
    assert run.status == 2
    assert said in run.err


CONTOSO = 'organisation = "Contoso"\n[[forbid]]\ncredential = "managed_identity"\nbecause = "not yet"\n'


def test_an_organisations_tree_by_option_and_by_configuration(grantlint: Callable, folder: Path) -> None:
    (folder / "contoso.toml").write_text(CONTOSO, "utf-8")
    run = grantlint("advise", *DAEMON, "--tree", "contoso.toml")
    assert "Decided by your organization\n  Contoso forbids managed identity: not yet" in run.out
    assert run.out.startswith("Grant        NO CREDENTIAL IS ALLOWED: Client credentials")
    (folder / "grantlint.toml").write_text('[advise]\ntree = "contoso.toml"\n', "utf-8")
    assert "Contoso forbids managed identity" in grantlint("advise", *DAEMON).out
    assert "Contoso" not in grantlint("advise", *DAEMON, "--isolated").out


def test_a_tree_that_is_wrong_names_its_line(grantlint: Callable, folder: Path) -> None:
    (folder / "contoso.toml").write_text(CONTOSO + "[[notes]]\n", "utf-8")
    run = grantlint("advise", *DAEMON, "--tree", "contoso.toml")
    assert run.status == 2
    assert "contoso.toml:5: is not a decision tree: Object contains unknown field `notes`" in run.err


def test_the_page_is_written_with_the_answers_that_hold(grantlint: Callable, folder: Path) -> None:
    run = grantlint("advise", "--page", "advisor.html", "-a", "token-for=user")
    assert (run.status, run.out, run.err) == (0, "", "wrote advisor.html\n")
    assert '"initial":{"token-for":"user"}' in (folder / "advisor.html").read_text("utf-8")


def test_what_matters_most_stands_first(grantlint: Callable, folder: Path) -> None:
    run = grantlint(
        "advise",
        "-a",
        "token-for=user",
        "-a",
        "runs-in=browser",
        "-a",
        "page-tokens=frozen",
        "-a",
        "lasting=yes",
        "-a",
        "api=graph",
    )
    lines = [line[:13].strip() for line in run.out.partition("\n\n")[0].splitlines() if not line.startswith(" ")]
    assert lines == ["Grant", "Client", "Credential", "Conflict", "Last resort"]
    assert run.out.startswith("Grant        LAST RESORT: Implicit, as a last resort until the old library is\n")
    assert max(map(len, run.out.splitlines())) <= 80
    assert (run.status, "\x1b" in run.out) == (1, False)


def test_the_recommended_grant_is_drawn_in_the_page_and_in_markdown(grantlint: Callable, folder: Path) -> None:
    answers = ("-a", "token-for=user", "-a", "runs-in=browser", "-a", "page-tokens=page")
    grantlint("advise", *answers, "-o", "a.html", "-o", "a.json")
    page = Path("a.html").read_text("utf-8")
    assert page.count("<symbol ") == 1
    assert page.count('<use href="#sequence-1"/>') == 1
    assert "<title>Sequence of messages: Authorization code with PKCE</title>" in page
    assert [row["grant"] for row in json.loads(Path("a.json").read_text())["sequences"]] == ["authorization_code"]
    text = grantlint("advise", *answers, "--format", "markdown").out
    assert "```mermaid\nsequenceDiagram\n" in text
    assert "participant resource as resource server" in text


def test_a_text_file_is_as_short_or_as_complete_as_the_terminal(grantlint: Callable, folder: Path) -> None:
    short = grantlint("advise", *DAEMON, "-o", "short.txt")
    assert (folder / "short.txt").read_text("utf-8") == short.out
    whole = grantlint("advise", *DAEMON, "--verbose", "-o", "whole.txt")
    assert (folder / "whole.txt").read_text("utf-8") == whole.out
    assert "\nSources\n" in whole.out


def test_help_says_what_each_exit_status_means(grantlint: Callable) -> None:
    text = grantlint("advise", "--help").out
    assert [line.split()[0] for line in text.partition("Exit status:")[2].splitlines()[1:6]] == [
        "0", "1", "disagree", "2", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [("--table", "a.csv", "--table", "b.csv"), ("--answers", "a.toml", "--answers", "b.toml"), ("-r", "a", "-r", "b")],
)
def test_a_second_file_for_an_option_with_one_is_refused(
    grantlint: Callable, folder: Path, options: tuple[str, ...]
) -> None:
    run = grantlint("advise", *options)
    assert run.status == 2
    assert "is given twice; give it once" in run.err


def test_the_answers_for_a_registration_are_those_of_the_client_that_uses_it(grantlint: Callable, folder: Path) -> None:
    (folder / "app.json").write_text(json.dumps(clean("spa")))
    page = 'api = "graph"\nruns-in = "browser"\npage-tokens = "page"\n'
    text = (
        f'[[clients]]\nname = "API"\napi = "none"\n[[clients]]\nname = "Page"\nregistration = "Contoso Orders"\n{page}'
    )
    (folder / "system.toml").write_text(text)
    run = grantlint("advise", "-r", "app.json", "--answers", "system.toml")
    assert "redeemed by the page" in run.out
    (folder / "system.toml").write_text(text.replace("Contoso Orders", "Other"))
    run = grantlint("advise", "-r", "app.json", "--answers", "system.toml")
    assert run.status == 2
    assert "no client uses the registration 'Contoso Orders'" in run.err
