"""Several clients of one system: what they share, must not share, or do not agree on."""

import pytest

from advisor.decide.advice import advise
from advisor.decide.answers import Call, Client
from advisor.decide.load import load_tree
from advisor.decide.system import Pair, in_system, links, system_picture, system_rows
from reports.advice import SystemRow

TREE = load_tree()
PAGE = "api=own runs-in=browser page-tokens=page"
API = "api=graph runs-in=api handed-in=user-token hosted-on=azure"
API_FOR_PROGRAMS = "api=own runs-in=api handed-in=app-token hosted-on=azure acts-in=own-tenant"
JOB = "api=own runs-in=job keeps-credential=yes token-for=program hosted-on=github"
TELEVISION = "api=own runs-in=device other-device=yes device-code=allowed"
AGENT = "api=own runs-in=agent agent-works=for-user agent-made-by=azure"


def pairs(*clients: tuple[str, str, str, str]) -> list[Pair]:
    """Clients given as name, answers, registration and what is called, with their advice."""
    found = []
    for name, said, registration, calls in clients:
        answers = dict(word.split("=") for word in said.split())
        called = tuple(map(Call, calls.split()))
        client = Client(name=name, answers=answers, registration=registration, calls=called)
        found.append((client, advise(TREE, answers, client_name=name)))
    return found


def rows(*clients: tuple[str, str, str, str]) -> tuple[SystemRow, ...]:
    """The rows for clients."""
    return system_rows(pairs(*clients))


def test_one_registration_for_two_clients_must_not_be() -> None:
    (row, *_) = rows(("Page", PAGE, "Orders", ""), ("Job", JOB, "orders", ""))
    assert (row.kind, row.clients) == ("must-not-share", ("Page", "Job"))
    assert "Page cannot protect a credential, and its registration would have that of Job" in row.text
    assert "one consent would cover application permissions and delegated ones" in row.text


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
    assert "api://{client id of API}/access_as_user" in row.text
    assert "api.preAuthorizedApplications" in row.text
    assert "api.knownClientApplications" in row.text


def test_a_program_that_calls_an_api_for_people_does_not_agree() -> None:
    found = rows(("Job", JOB, "", "API"), ("API", API, "", ""))
    assert found[0].kind == "mismatch"
    assert "expects a user's token" in found[0].text


def test_a_page_that_calls_an_api_for_programs_does_not_agree() -> None:
    found = rows(("Page", PAGE, "", "API"), ("API", API_FOR_PROGRAMS, "", ""))
    assert found[0].kind == "mismatch"
    assert "expects applications" in found[0].text


def test_a_program_that_calls_an_api_for_programs_gets_a_role() -> None:
    found = rows(("Job", JOB, "", "API"), ("API", API_FOR_PROGRAMS, "", ""))
    assert "api://{client id of API}/.default" in found[0].text
    assert "access_as_application" in found[0].text
    assert found[-1].text.startswith("Each of these clients needs its own credential")


def test_an_agent_gets_a_delegated_permission_from_an_administrator() -> None:
    found = rows(("Agent", AGENT, "", "API"), ("API", API, "", ""))
    assert "an administrator grants it to the agent identity" in found[0].text


def test_a_client_without_a_token_cannot_call() -> None:
    found = rows(("Idle", "api=none", "", "API"), ("API", API, "", ""))
    assert (found[0].kind, "requests no token" in found[0].text) == ("mismatch", True)


def test_a_permission_that_the_api_does_not_expose_is_a_mismatch() -> None:
    (page, advice), api = pairs(("Page", PAGE, "", ""), ("API", API, "", ""))
    page = Client(name="Page", answers=page.answers, calls=(Call("API", ("Orders.Write",)),))
    (row,) = system_rows([(page, advice), api])
    assert row.kind == "mismatch"
    assert "requests Orders.Write, which API does not expose" in row.text
    assert "request access_as_user" in row.text


def test_the_picture_contains_the_apis_of_microsoft_that_the_answers_name() -> None:
    picture = system_picture(pairs(("Page", PAGE, "", "API"), ("API", API, "", "")))
    assert picture is not None
    assert [node.name for node in picture.nodes] == ["Page", "API", "Microsoft Graph"]
    assert [(arrow.source, arrow.target, arrow.grant) for arrow in picture.arrows] == [
        ("Page", "API", "authorization_code"),
        ("API", "Microsoft Graph", "on_behalf_of"),
    ]


def test_clients_that_call_nothing_have_no_picture() -> None:
    assert system_picture(pairs(("Page", PAGE, "", ""))) is None


@pytest.mark.parametrize(("answers", "kind"), [(PAGE, "Scope"), (JOB, "Role"), (AGENT, "Scope"), (TELEVISION, "Scope")])
def test_the_grant_decides_which_kind_of_permission_is_requested(answers: str, kind: str) -> None:
    (link,) = links(pairs(("Caller", answers, "", "Idle"), ("Idle", "api=none", "", "")))
    assert (link.kind, link.mismatch) == (kind, "")


# What each client gets of the others


def test_the_registration_of_an_api_names_its_permissions_and_callers() -> None:
    page, api = in_system(pairs(("Page", PAGE, "", "API"), ("API", API, "", "")))
    values = {row.property: row.value for row in api.register}
    assert values["identifierUris"] == "api://{client id of API}"
    assert values["api.oauth2PermissionScopes"] == "access_as_user"
    assert values["api.preAuthorizedApplications"] == "{client id of Page} for access_as_user"
    assert values["api.knownClientApplications"] == "{client id of Page}"
    values = {row.property: row.value for row in page.register}
    assert values["requiredResourceAccess"] == "access_as_user of API (type Scope)"
    assert any("api://{client id of API}/access_as_user" in line for line in page.request)
    assert not any("client id of the api" in line for line in page.request)


def test_a_program_requests_the_roles_of_the_api() -> None:
    job, api = in_system(pairs(("Job", JOB, "", "API"), ("API", "api=none", "", "")))
    assert any("scope=api://{client id of API}/.default" in line for line in job.request)
    assert {row.property: row.value for row in api.register}["appRoles"] == "access_as_application"


def test_clients_that_call_nothing_keep_their_advice() -> None:
    alone = pairs(("Page", PAGE, "", ""), ("Job", JOB, "", ""))
    assert in_system(alone) == tuple(advice for _, advice in alone)
