"""The catalog says all that a rule knows of itself."""

import re
from typing import Any

import pytest

from rules.docs.canonical import checks
from rules.docs.catalog import GAINS, render_catalog
from rules.docs.instructions import instructions
from rules.docs.requests import target_of
from rules.docs.rule_page import patch_of, render_rule
from rules.docs.severity import render_severities
from rules.engine.rule import Rule
from rules.families import RULES
from rules.model.finding import SEVERITIES
from rules.model.settings import settings_table

PAGE = render_catalog(RULES)
#: What the provider azuread has no argument for.
NOT_IN_TERRAFORM = ("authenticationBehaviors", "requestSignatureVerification", "servicePrincipalLockConfiguration")
NOT_IN_BICEP = "/authenticationBehaviors/coopEnforcement"
each_rule = pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.status != "removed"], ids=lambda rule: rule.id
)

#: A line with a command, after the name of its tool.
COMMAND = re.compile(r"  [A-Z]?\w+(?: CLI)?: +(?:az|grantlint) ")


@each_rule
def test_a_rule_in_the_terminal_says_everything(rule: Rule) -> None:
    text = render_rule(rule)
    flat = " ".join(text.split())
    assert text.splitlines()[0] == rule.id
    for part in (rule.title, rule.why, rule.fix, rule.family, rule.severity, rule.bad[0].at, *rule.may_be):
        assert part in flat
    for reference in rule.references:
        assert reference.url in text
    for name in rule.settings:
        assert f"{name} = " in text


@each_rule
def test_a_rule_in_the_terminal_fits_80_columns_unless_a_line_is_to_be_copied(rule: Rule) -> None:
    assert [
        line
        for line in render_rule(rule).splitlines()
        if len(line) > 80 and "https://" not in line and " " in line.strip() and not COMMAND.match(line)
    ] == []


@each_rule
def test_a_rule_has_a_section_and_the_links_lead_there(rule: Rule) -> None:
    assert f"\n## {rule.id}\n" in PAGE
    assert f"(#{rule.id})" in PAGE


def test_every_canonical_check_is_covered_by_a_rule_or_left_out_for_a_reason() -> None:
    covered = {check for rule in RULES for check in rule.checks}
    ids = {check.id for check in checks()}
    assert len(ids) == len(checks()) == 197
    assert covered <= ids
    assert {check.id for check in checks() if check.left_out} == ids - covered


@each_rule
def test_where_the_fix_is_mechanical_every_tool_is_named(rule: Rule) -> None:
    text = render_rule(rule)
    assert any(f"{tool}:" in text for tool in ("Portal", "Terraform", "Graph"))
    if patch_of(rule, rule.bad[0]):
        assert all(f"{tool}:" in text for tool in ("Azure CLI", "PowerShell", "Graph"))


@each_rule
def test_every_mechanical_fix_has_its_request_and_its_place_in_files(rule: Rule) -> None:
    for bad in rule.bad:
        patch = patch_of(rule, bad)
        if patch:
            words = dict(instructions(bad.at, patch))
            target = target_of(bad.at)
            assert target or bad.at.startswith("/servicePrincipal/")
            assert words.keys() >= {"Portal", "Azure CLI", "PowerShell", "Graph"}
            in_files = target and target.path == "applications"
            in_bicep = in_files and target.kind in ("patch", "delete-federated") and bad.at != NOT_IN_BICEP
            assert ("Bicep" in words) == bool(in_bicep)
            if in_files:
                assert ("Terraform" in words) == (bad.at.split("/")[1] not in NOT_IN_TERRAFORM)
            assert all(text.isascii() and "\n" not in text for text in words.values())


def test_an_option_of_azure_cli_stands_for_a_request_where_it_says_the_same() -> None:
    words = dict(instructions("/isFallbackPublicClient", {"isFallbackPublicClient": False}))
    assert words["Azure CLI"] == "az ad app update --id APP_ID --is-fallback-public-client false"
    assert "Note" not in words


def test_whoever_copies_a_list_is_told_that_it_is_replaced_whole() -> None:
    words = dict(instructions("/web/redirectUris/0", {"web": {"redirectUris": []}}))
    assert "--web-redirect-uris" not in words["Azure CLI"]
    assert words["Note"] == "the request replaces the whole list; include every element to keep"


def test_a_tenant_policy_has_its_own_address_and_page() -> None:
    patch = {"authorizationPolicy": {"allowUserConsentForRiskyApps": False}}
    words = dict(instructions("/authorizationPolicy/allowUserConsentForRiskyApps", patch))
    assert words["Graph"] == (
        'PATCH https://graph.microsoft.com/v1.0/policies/authorizationPolicy {"allowUserConsentForRiskyApps": false}'
    )
    assert "App registrations" not in words["Portal"]
    assert not {"Terraform", "Bicep"} & words.keys()


def test_a_quote_in_a_patch_ends_no_quoting() -> None:
    words = dict(instructions("/web/logoutUrl", {"web": {"logoutUrl": "https://a/'; rm -rf ~"}}))
    assert "'\\''; rm" in words["Azure CLI"]
    assert "''; rm" in words["PowerShell"]


def test_links_inside_the_page_lead_somewhere() -> None:
    headings = {line.lstrip("# ").lower().replace(" ", "-") for line in PAGE.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


def test_a_removed_rule_says_what_to_use_instead() -> None:
    removed = [rule for rule in RULES if rule.status == "removed"]
    assert removed
    for rule in removed:
        assert f"Use {rule.instead} instead." in render_rule(rule)
        assert f"{rule.id}](" not in render_severities(RULES)
        assert f"[{rule.id}](#{rule.id}) (removed)" in PAGE
    assert f"with {len(RULES) - len(removed)} rules" in PAGE


def test_severities_and_settings_are_in_tables() -> None:
    assert tuple(GAINS) == SEVERITIES
    for severity in SEVERITIES:
        assert f"\n| {severity} | {GAINS[severity]} |" in PAGE
    for name, kind, _, sentence in settings_table():
        assert f"| `{name}` | {kind} |" in PAGE
        assert sentence in PAGE


def test_long_lists_and_texts_are_cut_in_examples() -> None:
    assert max(map(len, PAGE.splitlines())) < 700
    assert "in all" in PAGE
    assert PAGE.endswith("\n")
    assert not PAGE.endswith("\n\n")


@pytest.mark.parametrize(
    ("pointer", "patch", "tool", "words"),
    [
        (
            "/servicePrincipal/appRoleAssignmentRequired",
            {"servicePrincipal": {"appRoleAssignmentRequired": True}},
            "Graph",
            (
                "PATCH https://graph.microsoft.com/v1.0/servicePrincipals(appId='APP_ID') "
                '{"appRoleAssignmentRequired": true}'
            ),
        ),
        (
            "/servicePrincipal/appRoleAssignmentRequired",
            None,
            "Portal",
            "Enterprise apps > the application > Properties > Assignment required",
        ),
        (
            "/servicePrincipal/replyUrls/0",
            {"servicePrincipal": {"replyUrls": ["'; rm"]}},
            "Azure CLI",
            (
                "az rest --method PATCH --url \"https://graph.microsoft.com/v1.0/servicePrincipals(appId='APP_ID')\" "
                "--body '{\"replyUrls\": [\"'\\''; rm\"]}'"
            ),
        ),
        (
            "/servicePrincipal/keyCredentials/0",
            {"servicePrincipal": {"keyCredentials": []}},
            "Azure CLI",
            "az ad sp credential delete --id APP_ID --key-id KEY_ID --cert",
        ),
        (
            "/servicePrincipal/passwordCredentials/0",
            {"servicePrincipal": {"passwordCredentials": []}},
            "Graph",
            'POST https://graph.microsoft.com/v1.0/servicePrincipals/OBJECT_ID/removePassword {"keyId": "KEY_ID"}',
        ),
        (
            "/appRoleAssignments/0",
            None,
            "Graph",
            "DELETE https://graph.microsoft.com/v1.0/servicePrincipals/OBJECT_ID/appRoleAssignments/ID",
        ),
        ("/oauth2PermissionGrants", None, "PowerShell", "Remove-MgOauth2PermissionGrant -OAuth2PermissionGrantId ID"),
        (
            "/scopedRoleAssignments/0",
            None,
            "Graph",
            "DELETE https://graph.microsoft.com/v1.0/roleManagement/directory/roleAssignments/ID",
        ),
        (
            "/servicePrincipal/keyCredentials/0",
            None,
            "Portal",
            "Enterprise apps > the application > Single sign-on (only certificates for SAML)",
        ),
        (
            "/conditionalAccessPolicies",
            None,
            "Graph",
            "POST https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies for a new policy, "
            "PATCH https://graph.microsoft.com/v1.0/identity/conditionalAccess/policies/ID for an existing one",
        ),
        (
            "/settings",
            None,
            "Graph",
            "POST https://graph.microsoft.com/v1.0/groupSettings for new settings, "
            "PATCH https://graph.microsoft.com/v1.0/groupSettings/ID for existing settings (with all values)",
        ),
        (
            "/application/requiredResourceAccess",
            None,
            "Portal",
            "App registrations > the application > API permissions",
        ),
    ],
)
def test_a_service_principal_is_fixed_where_it_stands(
    pointer: str, patch: dict[str, Any] | None, tool: str, words: str
) -> None:
    assert dict(instructions(pointer, patch))[tool] == words
