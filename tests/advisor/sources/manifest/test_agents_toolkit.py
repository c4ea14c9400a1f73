"""Project files of Microsoft 365 Agents Toolkit."""

from collections.abc import Callable
from typing import Any

import pytest

from advisor.sources.reading.builder import Reading
from rules.model.registration import read_value

Reads = Callable[..., Reading]
UPDATE = "  - uses: aadApp/update\n    with: { manifestPath: ./aad.manifest.json }\n"


def project(arguments: str, more: str = "") -> dict[str, str]:
    lines = "".join(f"      {line}\n" for line in ("name: shop", *arguments.split("; ")))
    return {"m365agents.yml": f"version: v1.9\nprovision:\n  - uses: aadApp/create\n    with:\n{lines}{more}"}


def secrets(reading: Reading) -> list[Any]:
    (subject,) = reading.subjects
    return list(subject.app.password_credentials or ())


def test_a_project_file_creates_a_registration_with_a_secret(reads: Reads) -> None:
    reading = reads(
        project("generateClientSecret: true; clientSecretExpireDays: 3650; signInAudience: AzureADMultipleOrgs")
    )
    (subject,) = reading.subjects
    assert (subject.app.display_name, subject.app.sign_in_audience) == ("shop", "AzureADMultipleOrgs")
    assert [one.lifetime_days for one in secrets(reading)] == [3650]
    origin = reading.locate(subject.key, "/passwordCredentials/0/lifetimeDays")
    assert (origin.line, origin.property) == (7, "clientSecretExpireDays")


def test_what_a_project_file_leaves_out_has_the_defaults_of_the_action(reads: Reads) -> None:
    reading = reads(project("generateClientSecret: true"))
    assert [one.lifetime_days for one in secrets(reading)] == [180]
    assert reading.subjects[0].app.sign_in_audience == "AzureADMyOrg"


def test_where_a_manifest_follows_it_decides_everything_but_the_secret(reads: Reads) -> None:
    reading = reads(project("generateClientSecret: true; signInAudience: AzureADMultipleOrgs", UPDATE))
    assert not read_value(reading.subjects[0].app, "signInAudience")
    assert len(secrets(reading)) == 1
    assert reading.row(reading.subjects[0].key).name == "shop"


@pytest.mark.parametrize("days", ["${{DAYS}}", "'365'"])
def test_days_that_are_no_number_are_not_known(reads: Reads, days: str) -> None:
    reading = reads(project(f"generateClientSecret: true; clientSecretExpireDays: {days}"))
    assert "/passwordCredentials/0/endDateTime" in reading.subjects[0].app.unread


@pytest.mark.parametrize("wanted", ["false", "${{SECRET}}"])
def test_a_secret_that_is_not_asked_for_is_not_reported(reads: Reads, wanted: str) -> None:
    assert secrets(reads(project(f"generateClientSecret: {wanted}"))) == []


@pytest.mark.parametrize("text", ["provision:\n  - uses: aadApp/create\n", "  - uses: aadApp/create\n x: [", "a: 1\n"])
def test_a_project_file_without_a_registration_is_a_problem(reads: Reads, text: str) -> None:
    reading = reads({"m365agents.yml": text})
    assert not reading.subjects
    assert len(reading.problems) == 1
