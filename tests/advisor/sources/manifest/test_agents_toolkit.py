"""Projects of the Microsoft 365 Agents Toolkit: the registrations and secrets that they create."""

from collections.abc import Callable

import pytest

from advisor.sources.reading.builder import Reading
from rules.model.registration import UNSET, read_value

Reads = Callable[..., Reading]
PROJECT = """version: v1.9
provision:
  - uses: teamsApp/create
    with: {{name: Shop}}
  - uses: aadApp/create
    with:
      name: Shop ${{{{TEAMSFX_ENV}}}}
      generateClientSecret: {generates}
      signInAudience: AzureADMultipleOrgs
      {more}
    writeToEnvironmentFile:
      clientId: AAD_APP_CLIENT_ID
deploy: []
"""


def project(generates: str = "true", more: str = "") -> str:
    return PROJECT.format(generates=generates, more=more)


@pytest.mark.parametrize("name", ["m365agents.yml", "m365agents.local.yml", "teamsapp.yml"])
def test_a_project_creates_a_registration_with_a_secret(reads: Reads, name: str) -> None:
    more = "clientSecretExpireDays: 3650\n      clientSecretDescription: main"
    reading = reads({name: project(more=more), "env/.env.dev": "TEAMSFX_ENV=dev\n"}, name)
    (subject,) = reading.subjects
    assert (subject.app.display_name, subject.app.sign_in_audience) == ("Shop dev", "AzureADMultipleOrgs")
    (secret,) = subject.app.password_credentials
    assert (secret.display_name, secret.lifetime_days) == ("main", 3650)
    origin = reading.locate(subject.key, "/passwordCredentials/0/lifetimeDays")
    assert (origin.line, origin.property) == (10, "with.clientSecretExpireDays")
    assert reading.notes == (f"Placeholders in {name} were filled from env/.env.dev.",)


@pytest.mark.parametrize(
    ("more", "environment", "days"),
    [
        ("", "", 180),
        ("clientSecretExpireDays: ${{DAYS}}", "DAYS=90\n", 90),
        ("clientSecretExpireDays: ${{DAYS}}", "OTHER=1\n", UNSET),
    ],
)
def test_the_lifetime_of_a_secret_is_the_default_or_not_known(
    reads: Reads, more: str, environment: str, days: object
) -> None:
    (subject,) = reads({"m365agents.yml": project(more=more), "env/.env.dev": environment}, "m365agents.yml").subjects
    (secret,) = subject.app.password_credentials
    assert secret.lifetime_days == days
    assert ("/passwordCredentials/0/lifetimeDays" in subject.app.unread) == (days is UNSET)


def test_whether_a_secret_is_created_is_no_secret(reads: Reads) -> None:
    reading = reads({"m365agents.yml": project()})
    (subject,) = reading.subjects
    assert "generateClientSecret: true" in reading.locate(subject.key, "/passwordCredentials").text


@pytest.mark.parametrize(("generates", "is_unread"), [("false", False), ("${{SECRET}}", True)])
def test_a_secret_that_is_not_created_is_not_invented(reads: Reads, generates: str, *, is_unread: bool) -> None:
    (subject,) = reads({"m365agents.yml": project(generates)}).subjects
    assert subject.app.password_credentials is UNSET
    assert ("/passwordCredentials" in subject.app.unread) == is_unread


def test_what_a_manifest_replaces_is_not_known(reads: Reads) -> None:
    update = "  - uses: aadApp/update\n    with: {manifestPath: ./aad.manifest.json}\n"
    (subject,) = reads({"m365agents.yml": project().replace("deploy: []\n", update)}).subjects
    unread = subject.app.unread["/signInAudience"]
    assert unread.note == "aadApp/update replaces it"
    assert unread.remedy == "lint ./aad.manifest.json"
    assert len(read_value(subject.app, "passwordCredentials")) == 1


def test_a_project_without_a_registration_is_a_problem_if_it_is_named(reads: Reads) -> None:
    (problem,) = reads(
        {"m365agents.yml": "provision:\n  - note: 'uses: aadApp/create'\n    uses: teamsApp/create\n"}
    ).problems
    assert problem.file == "m365agents.yml"
