"""Several clients of one system: what they share, must not share, or do not agree on."""

from advisor.decide.advice import advise
from advisor.decide.answers import Client
from advisor.decide.load import load_tree
from advisor.decide.system import system_rows
from reports.advice import SystemRow

TREE = load_tree()
PAGE = "token-for=user runs-in=browser page-tokens=page"
API = "token-for=user runs-in=api handed-in=user-token hosted-on=azure"
API_FOR_PROGRAMS = "token-for=user runs-in=api handed-in=app-token hosted-on=azure acts-in=own-tenant"
JOB = "token-for=program app-permission=yes keeps-credential=yes hosted-on=github"
TELEVISION = "token-for=user runs-in=device other-device=yes device-code=allowed"


def rows(*clients: tuple[str, str, str, str]) -> tuple[SystemRow, ...]:
    """Rows for clients given as name, answers, registration and what is called."""
    pairs = []
    for name, said, registration, calls in clients:
        answers = dict(word.split("=") for word in said.split())
        client = Client(name=name, answers=answers, registration=registration, calls=tuple(calls.split()))
        pairs.append((client, advise(TREE, answers, client_name=name)))
    return system_rows(pairs)


def test_one_registration_for_two_clients_must_not_be() -> None:
    (row, *_) = rows(("Page", PAGE, "Orders", ""), ("Job", JOB, "orders", ""))
    assert (row.kind, row.clients) == ("must-not-share", ("Page", "Job"))
    assert "Page cannot keep a credential, and its client id would carry that of Job" in row.text
    assert "application permissions and delegated ones in one consent" in row.text


def test_switches_that_one_registration_would_need_both_ways_are_named() -> None:
    (row, *_) = rows(("TV", TELEVISION, "Orders", ""), ("Page", PAGE, "Orders", ""))
    assert "isFallbackPublicClient would have to be true for TV and false for Page" in row.text


def test_registrations_of_their_own_are_no_finding() -> None:
    assert all(
        row.kind == "share" for row in rows(("Page", PAGE, "A", ""), ("Job", JOB, "B", ""), ("API", API, "", ""))
    )


def test_a_page_and_its_api_share_a_permission_and_one_consent() -> None:
    (row,) = rows(("Page", PAGE, "", "API"), ("API", API, "", ""))
    assert row.kind == "share"
    assert "api://{client id of API}/{permission}" in row.text
    assert "api.knownClientApplications" in row.text


def test_a_program_that_calls_an_api_for_people_does_not_agree() -> None:
    found = rows(("Job", JOB, "", "API"), ("API", API, "", ""))
    assert found[0].kind == "mismatch"
    assert "expects a person's token" in found[0].text


def test_a_page_that_calls_an_api_for_programs_does_not_agree() -> None:
    found = rows(("Page", PAGE, "", "API"), ("API", API_FOR_PROGRAMS, "", ""))
    assert found[0].kind == "mismatch"
    assert "expects programs" in found[0].text


def test_a_program_that_calls_an_api_for_programs_gets_a_role() -> None:
    found = rows(("Job", JOB, "", "API"), ("API", API_FOR_PROGRAMS, "", ""))
    assert "api://{client id of API}/.default" in found[0].text
    assert found[-1].text.startswith("Each of these proves itself with a credential of its own")
