"""A document is known by what it holds, whatever its name and its wrapper."""

from typing import Any

import pytest

from advisor.sources.manifest.recognize import find_applications, graph_error, what_else

APP = {"appId": "a", "displayName": "Portal", "signInAudience": "AzureADMyOrg"}
OLD = {"appId": "a", "name": "Portal", "replyUrlsWithType": []}


def found(document: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.dialect) for one in find_applications(document)]


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (APP, [""]),
        ([APP, APP], ["/0", "/1"]),
        ({"@odata.context": "…", "value": [APP, APP]}, ["/value/0", "/value/1"]),
        ({"AppRegistrations": [APP]}, ["/AppRegistrations/0"]),
        ({"a/b": {"list": [APP]}}, ["/a~1b/list/0"]),
        ({"responses": [{"id": "1", "status": 200, "body": APP}]}, ["/responses/0/body"]),
        ([{"id": 1}, APP], ["/1"]),
        ({"displayName": "Request body", "web": {"redirectUris": []}}, [""]),
        ({"spa": {"redirectUris": []}}, [""]),
        ({"SignInAudience": "AzureADMyOrg", "Web": {"RedirectUris": []}}, [""]),
        ({"id": "x", "appId": "a", "keyCredentials": []}, [""]),
        ({"@odata.type": "#microsoft.graph.agentIdentityBlueprint", "appId": "a"}, [""]),
    ],
)
def test_applications_are_found_in_every_wrapper(document: Any, where: list[str]) -> None:
    assert [pointer for pointer, _ in found(document)] == where


@pytest.mark.parametrize(
    ("document", "dialect"),
    [
        (APP, "graph"),
        (OLD, "azure-ad-graph"),
        ({**APP, "publicClient": {"redirectUris": []}}, "graph"),
        ({**APP, "publicClient": True}, "azure-ad-graph"),
        ({**APP, "oauth2Permissions": []}, "azure-ad-graph"),
        ({**APP, "preAuthorizedApplications": []}, "azure-ad-graph"),
        ({**APP, "api": {"preAuthorizedApplications": []}}, "graph"),
    ],
)
def test_one_old_property_makes_it_the_old_vocabulary(document: Any, dialect: str) -> None:
    assert found(document) == [("", dialect)]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"appId": "a", "servicePrincipalType": "Application", "replyUrls": []}, "service principal"),
        ({"value": [{"appId": "a", "appOwnerOrganizationId": "t", "passwordCredentials": []}]}, "service principal"),
        ({"odata.type": "Microsoft.DirectoryServices.ServicePrincipal", "appId": "a", "keyCredentials": []},
            "service principal"),
        ({"format_version": "1.2", "terraform_version": "1.9", "resource_changes": [{"change": {"after": APP}}]},
            "Terraform"),
        ({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "resources": [APP]}, "ARM template"),
        ({"$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
            "webApplicationInfo": {}}, "Teams"),
        ({"manifest_version": 3, "name": "Extension"}, "browser extension"),
        ({"id": "p", "applicationRestrictions": {"identifierUris": {"state": "enabled"}}}, "app management policy"),
        ({"findings": [], "not_assessed": [], "postures": [], "registrations": [{"key": "a", "postures": [],
            "web": {"redirectUris": []}}]}, "a report of grantlint"),
        ({"name": "left-pad", "version": "1.0.0"}, "no app registration"),
        ({"web": {"client_id": "x", "redirect_uris": []}}, "no app registration"),
        ({"value": []}, "an empty list"),
        ([], "an empty list"),
        ([1, 2], "other objects"),
        ("text", "a single value"),
        ({"AADApps": [{"Id": "web", "Name": "WebApp", "Kind": "WebApp", "Audience": "AzureADMyOrg"}]},
            "no app registration"),
    ],
)  # fmt: skip
def test_look_alikes_are_no_registrations_and_are_named(document: Any, said: str) -> None:
    assert found(document) == []
    assert said in what_else(document)


def test_an_answer_with_an_error_is_told_with_its_code() -> None:
    assert graph_error({"error": {"code": "Denied", "message": "No"}}) == "Denied: No"
    assert graph_error({"error": {"code": "Denied"}}) == "Denied: no message"
    assert (
        graph_error({"error": "invalid_client", "error_description": "AADSTS7000215: …"})
        == "invalid_client: AADSTS7000215: …"
    )
    assert graph_error({"error": None}) is None
    assert graph_error([]) is None
