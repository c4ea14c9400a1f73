"""Every registration that the advice prints lints clean, and preflight refuses no request that it prints."""

import pytest

from advisor.decide.load import load_tree
from advisor.run.prove_values import faults_of, prove_values
from reports.advice import Setting

TREE = load_tree()


def test_a_part_of_the_ends() -> None:
    proof = prove_values(TREE, one_in=12)
    assert proof.faults == ()
    assert proof.registrations > 100
    assert proof.requests > 100


@pytest.mark.exhaustive
def test_every_end() -> None:
    assert prove_values(TREE).faults == ()


@pytest.mark.exhaustive
def test_every_end_with_each_audience_cloud_and_api_at_once() -> None:
    assert prove_values(TREE, every=True).faults == ()


def setting(property: str, value: str) -> Setting:
    return Setting(property=property, value=value, why="")


@pytest.mark.parametrize(
    ("row", "request_", "fault"),
    [
        (setting("requiredResourceAccess", "some permissions"), (), "has a value that cannot be entered"),
        (setting("api.requestedAccessTokenVersion", "two"), (), "has a value that cannot be entered"),
        (setting("signInAudience", "AzureADMyOrg"), ("GET https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "    client_id={client_id}"), "preflight refuses the request"),
        (setting("web.redirectUris", "http://app.contoso.com/"), (), "the registration has the finding"),
        (setting("web.implicitGrantSettings.enableIdTokenIssuance", "true"), ("GET https://login.microsoftonline.com/"
            "{tenant}/oauth2/v2.0/authorize", "    response_type=code"), "the registration has the finding"),
        (setting("notes", "Run by the team of the orders API."), (), ""),
    ],
)  # fmt: skip
def test_what_does_not_work_is_found(row: Setting, request_: tuple[str, ...], fault: str) -> None:
    found = [text for _, text in faults_of([((row,), request_)])]
    assert any(fault in text for text in found) if fault else not found
