"""Crossplane's resources: Terraform's provider in Kubernetes manifests."""

from collections.abc import Callable

import pytest

from advisor.sources.reading.builder import Reading
from rules.model.registration import read_value

Reads = Callable[..., Reading]
APPLICATION = """apiVersion: applications.azuread.upbound.io/v1beta1
kind: Application
metadata:
  name: portal
  labels: {app: portal}
spec:
  forProvider:
    displayName: Portal
    web:
      - redirectUris: ["http://portal.contoso.com/"]
        implicitGrant:
          - accessTokenIssuanceEnabled: true
"""
CREDENTIAL = """---
apiVersion: applications.azuread.upbound.io/v1beta1
kind: FederatedIdentityCredential
metadata: {name: main}
spec:
  forProvider:
    %s
    displayName: main
    issuer: https://token.actions.githubusercontent.com
    subject: repo:contoso/portal:ref:refs/heads/main
    audiences: ["api://AzureADTokenExchange"]
"""


@pytest.mark.parametrize(
    "link",
    [
        "applicationIdRef: {name: portal}",
        "applicationObjectIdRef: {name: portal}",
        "applicationIdSelector: {matchLabels: {app: portal}}",
    ],
)
def test_an_application_has_its_pieces_by_reference_and_by_label(reads: Reads, link: str) -> None:
    reading = reads({"portal.yaml": APPLICATION + CREDENTIAL % link})
    (subject,) = reading.subjects
    assert subject.app.display_name == "Portal"
    assert read_value(subject.app, "web.redirectUris") == ("http://portal.contoso.com/",)
    assert read_value(subject.app, "federatedIdentityCredentials")[0].name == "main"
    origin = reading.locate(subject.key, "/web/implicitGrantSettings/enableAccessTokenIssuance")
    assert (origin.line, origin.property) == (12, "portal.web.implicitGrant.accessTokenIssuanceEnabled")


def test_a_piece_of_another_application_is_no_piece_of_this_one(reads: Reads) -> None:
    reading = reads({"portal.yaml": APPLICATION + CREDENTIAL % "applicationIdRef: {name: other}"})
    assert len(reading.subjects) == 2
    assert not any(
        read_value(subject.app, "federatedIdentityCredentials")
        for subject in reading.subjects
        if subject.app.display_name == "Portal"
    )


def test_an_application_that_is_only_observed_is_not_declared(reads: Reads) -> None:
    reading = reads({"portal.yaml": APPLICATION.replace("spec:\n", "spec:\n  managementPolicies: [Observe]\n")})
    assert reading.subjects == ()
    assert "declares no application" in reading.problems[0].what


def test_a_template_that_is_no_yaml_is_named(reads: Reads) -> None:
    broken = APPLICATION.replace("displayName: Portal", "{{- if .Values.x }}\n    displayName: }")
    assert "before the template is rendered" in reads({"portal.yaml": broken}).problems[0].what
    reading = reads({"both.yaml": f"{APPLICATION}---\n{broken}"})
    assert (len(reading.subjects), reading.inputs[0].status) == (1, "partly")


def test_a_workload_in_the_same_file_names_its_registration(reads: Reads) -> None:
    account = (
        "---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: jobs\n  annotations:\n"
        '    azure.workload.identity/client-id: "11111111-1111-4111-8111-111111111111"\n'
    )
    reading = reads({"portal.yaml": APPLICATION + account})
    assert len(reading.subjects) == 1
    assert "11111111-1111-4111-8111-111111111111" in " ".join(reading.notes)


def test_a_composition_is_named_and_not_read(reads: Reads) -> None:
    base = "".join(f"      {line}\n" for line in APPLICATION.splitlines())
    text = f"apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nspec:\n  resources:\n    - base:\n{base}"
    reading = reads({"composition.yaml": text})
    assert not reading.subjects
    assert "Does not read the composition in composition.yaml" in reading.notes[0]
