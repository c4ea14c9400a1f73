"""Where to fix a finding: every page, argument and property that is named there exists."""

import re
from collections.abc import Iterator

import pytest

from advisor.sources.terraform.schema import ARGUMENTS, DEFAULTS, PIECES, Argument
from rules.docs.instructions import instructions
from rules.docs.rule_page import patch_of
from rules.families import RULES
from rules.knowledge.property_names import property_names
from rules.primitives.pointers import nearest

#: The properties of Microsoft.Graph/applications that can be written, in version 1.0.0 of Microsoft Graph Bicep's types
#: for v1.0, with what is inside of them.
BICEP = {
    "api": "acceptMappedClaims knownClientApplications oauth2PermissionScopes preAuthorizedApplications "
    "requestedAccessTokenVersion",
    "appRoles": "",
    "authenticationBehaviors": "blockAzureADGraphAccess removeUnverifiedEmailClaim requireClientServicePrincipal",
    "displayName": "",
    "groupMembershipClaims": "",
    "identifierUris": "",
    "info": "marketingUrl privacyStatementUrl supportUrl termsOfServiceUrl",
    "isFallbackPublicClient": "",
    "notes": "",
    "optionalClaims": "accessToken idToken saml2Token",
    "publicClient": "redirectUris",
    "requestSignatureVerification": "allowedWeakAlgorithms isSignedRequestRequired",
    "requiredResourceAccess": "resourceAccess resourceAppId",
    "samlMetadataUrl": "",
    "servicePrincipalLockConfiguration": "allProperties isEnabled",
    "signInAudience": "",
    "spa": "redirectUris",
    "tokenEncryptionKeyId": "",
    "web": "homePageUrl implicitGrantSettings logoutUrl redirectUris",
}
#: What rules report and only the manifest shows: attributes of Microsoft's reference of the manifest, and two that
#: Graph returns without ``$select``.
IN_MANIFEST = {
    "/api/acceptMappedClaims",
    "/api/knownClientApplications",
    "/api/requestedAccessTokenVersion",
    "/notes",
    "/oauth2RequirePostResponse",
    "/samlMetadataUrl",
    "/tokenEncryptionKeyId",
}
_FLEXIBLE = "/federatedIdentityCredentials/0/claimsMatchingExpression/value"


def places(tool: str) -> Iterator[tuple[str, str]]:
    """The pointer of each bad example, with what *tool* is told about it."""
    for rule in RULES:
        for bad in rule.bad:
            words = dict(instructions(bad.at, patch_of(rule, bad)))
            if tool in words:
                yield bad.at, words[tool]


def terraform(arguments: dict[str, Argument], above: str = "", around: str = "") -> Iterator[tuple[str, str]]:
    """Each argument of azuread_application as a dotted path, with the Graph pointer that it is."""
    for name, argument in arguments.items():
        yield f"{around}{name}", f"{above}{argument.pointer}"
        yield from terraform(dict(argument.inside), f"{above}{argument.pointer}", f"{around}{name}.")


def test_a_property_is_in_the_bicep_type() -> None:
    start = "Microsoft.Graph/applications@v1.0: "
    for pointer, words in places("Bicep"):
        if words.startswith(start):
            first, *rest = words.removeprefix(start).split(".")
            assert first in BICEP, pointer
            assert not rest or rest[0] in BICEP[first].split(), pointer


def test_an_argument_of_terraform_is_the_property_that_is_reported() -> None:
    known = {
        **dict(terraform(dict(ARGUMENTS))),
        **{name: pointer for pointer, _, name in DEFAULTS},
    }
    start = "azuread_application: "
    for pointer, words in places("Terraform"):
        if words.startswith(start) and " and " not in words:
            name = words.removeprefix(start).replace(" { ", ".").replace(" }", "")
            assert f"{pointer.removeprefix('/application')}/".startswith(f"{known[name]}/")


def test_a_resource_of_terraform_exists() -> None:
    named = {words for _, words in places("Terraform") if re.fullmatch("azuread_application_[a-z_]+", words)}
    assert named
    assert named <= PIECES.keys()


def test_an_argument_of_a_resource_beside_the_application_is_the_property_that_is_reported() -> None:
    for row in property_names().values():
        resource, _, argument = row.terraform.partition(": ")
        if argument and resource in PIECES:
            piece = PIECES[resource]
            assert f"{piece.adds}{piece.arguments[argument].pointer}" == f"/{row.path.replace('.', '/')}"


def test_what_the_manifest_is_named_for_is_in_it() -> None:
    found = {nearest(IN_MANIFEST, pointer) or pointer for pointer, page in places("Portal") if "Manifest" in page}
    assert found == IN_MANIFEST


@pytest.mark.parametrize(
    ("pointer", "tool", "words"),
    [
        ("/application", "Portal", "App registrations > the application > Overview > Delete"),
        ("/authenticationBehaviors/removeUnverifiedEmailClaim", "Portal", "no page"),
        ("/settings/0/values/0/value", "Portal", "no page; only Microsoft Graph changes it"),
        (
            "/scopedRoleAssignments/0",
            "Portal",
            "App registrations or Enterprise apps > the application > Roles and administrators",
        ),
        ("/servicePrincipal/accountEnabled", "Portal", "App registrations > the application > Certificates & secrets"),
        ("/overwrittenResources/0", "Terraform", "azuread_application and the separate resource"),
        (_FLEXIBLE, "Terraform", "azuread_application_flexible_federated_identity_credential"),
        (_FLEXIBLE, "Bicep", "Microsoft.Graph/applications/federatedIdentityCredentials@beta"),
    ],
)
def test_the_place_is_where_the_fix_is_made(pointer: str, tool: str, words: str) -> None:
    assert dict(instructions(pointer, None))[tool] == words


@pytest.mark.parametrize(
    ("pointer", "tool"),
    [
        ("/authenticationBehaviors/coopEnforcement", "Bicep"),
        ("/oauth2RequirePostResponse", "Bicep"),
        ("/overwrittenResources/0", "Portal"),
    ],
)
def test_a_tool_without_the_property_is_not_named(pointer: str, tool: str) -> None:
    assert tool not in dict(instructions(pointer, None))
