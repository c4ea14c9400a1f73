"""Programs of Pulumi in YAML."""

from collections.abc import Callable

import pytest

from advisor.sources.reading.builder import Reading
from rules.model.registration import UNSET, read_value

Reads = Callable[..., Reading]
PROGRAM = """name: portal
runtime: yaml
resources:
  portal:
    type: %s
    properties:
      displayName: Portal
      notes: ${cost.center}
      web:
        redirectUris: ["http://portal.contoso.com/", "https://${host}/"]
        implicitGrant: {accessTokenIssuanceEnabled: true}
      identifierUris:
        fn::split: {delimiter: ",", source: "api://a,api://b"}
    options:
      ignoreChanges: [requiredResourceAccesses]
  secret:
    type: azuread:ApplicationPassword
    properties:
      applicationId: ${portal.id}
      endDate: "2030-01-01T00:00:00Z"
  other:
    type: azuread:Application
    get: {id: 1}
"""


@pytest.mark.parametrize(
    "token", ["azuread:Application", "azuread:index:Application", "azuread:index/application:Application"]
)
def test_a_program_declares_applications_with_their_pieces(reads: Reads, token: str) -> None:
    reading = reads({"Pulumi.yaml": PROGRAM % token})
    (subject,) = reading.subjects
    assert subject.app.display_name == "Portal"
    assert read_value(subject.app, "web.implicitGrantSettings.enableAccessTokenIssuance") is True
    assert read_value(subject.app, "passwordCredentials")[0].end_date_time == "2030-01-01T00:00:00Z"
    origin = reading.locate(subject.key, "/web/implicitGrantSettings/enableAccessTokenIssuance")
    assert (origin.line, origin.property) == (11, "portal.web.implicitGrant.accessTokenIssuanceEnabled")


def test_what_a_program_works_out_is_not_known(reads: Reads) -> None:
    (subject,) = reads({"Pulumi.yaml": PROGRAM % "azuread:Application"}).subjects
    assert subject.app.identifier_uris is UNSET
    assert {"/notes", "/identifierUris", "/web/redirectUris/1"} <= subject.app.unread.keys()
    assert "/requiredResourceAccess" in subject.app.unread


def test_a_program_without_an_application_says_so(reads: Reads) -> None:
    reading = reads({"Pulumi.yaml": "resources:\n  a:\n    type: azuread:Group\n    properties: {}\n"})
    assert "declares no application" in reading.problems[0].what
