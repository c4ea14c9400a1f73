"""The properties in a sentence, in the words of a file and of the portal."""

import re
from collections.abc import Iterator

import pytest

from advisor.sources.reading.legacy import translate
from advisor.sources.terraform.schema import ARGUMENTS, DEFAULTS, Argument
from rules.docs.examples import check_example
from rules.docs.own_words import in_file, in_portal
from rules.engine.rule import Rule
from rules.families import RULES
from rules.knowledge.property_names import PropertyName, path_of, property_names
from rules.knowledge.sources import cite_all


def terraform(row: PropertyName, _pointer: str) -> str:
    return row.argument


@pytest.mark.parametrize(
    ("at", "text", "said"),
    [
        ("isFallbackPublicClient", "Set isFallbackPublicClient to false.", "Set Allow public client flows to No."),
        (
            "web.implicitGrantSettings.enableIdTokenIssuance",
            "If no client needs it, set enableIdTokenIssuance to false.",
            "If no client needs it, clear ID tokens (used for implicit and hybrid flows).",
        ),
        (
            "servicePrincipalLockConfiguration",
            "Set isEnabled and allProperties of servicePrincipalLockConfiguration to true.",
            "Select Enable property lock and All properties.",
        ),
        (
            "authorizationPolicy.defaultUserRolePermissions.allowedToCreateTenants",
            "Set allowedToCreateTenants to false.",
            "Set Restrict non-admin users from creating tenants to Yes.",
        ),
        (
            "authorizationPolicy.allowInvitesFrom",
            "Set allowInvitesFrom to adminsAndGuestInviters.",
            'Set Guest invite settings to "Only users assigned to specific admin roles can invite guest users".',
        ),
        (
            "defaultAppManagementPolicy.applicationRestrictions.passwordCredentials.state",
            "Enable passwordAddition and symmetricKeyAddition for applications.",
            "Set Block password addition to On for applications.",
        ),
        ("web.logoutUrl", "Set logoutUrl to null.", "Leave Front-channel logout URL empty."),
        ("web.logoutUrl", "Set web.logoutUrl to a URL.", "Set Front-channel logout URL to a URL."),
    ],
)
def test_a_fix_names_the_label_of_the_portal_and_what_it_shows(at: str, text: str, said: str) -> None:
    assert in_portal(text, at) == said


@pytest.mark.parametrize(
    ("at", "text", "said"),
    [
        ("/isFallbackPublicClient", "isFallbackPublicClient is true", "fallback_public_client_enabled is true"),
        (
            "/info",
            "Set termsOfServiceUrl and privacyStatementUrl of info.",
            "Set terms_of_service_url and privacy_statement_url.",
        ),
        ("/keyCredentials/0", "Set endDateTime to a day.", "Set end_date to a day."),
        ("/publicClient/redirectUris/0", "on the platforms spa and publicClient",
         "on the platforms single_page_application and public_client"),
    ],
)  # fmt: skip
def test_a_fix_names_the_argument_of_a_file(at: str, text: str, said: str) -> None:
    assert in_file(text, at, terraform) == said


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("/web/redirectUris/0", "The host isFallbackPublicClient.example, and https://a/isFallbackPublicClient."),
        ("/web/redirectUris/0", 'The name "isFallbackPublicClient".'),
        ("/identifierUris", "Set the identifier URI api://{appId}."),
        ("/authenticationBehaviors/coopEnforcement", "Set coopEnforcement to true."),
        ("/requiredResourceAccess/0", "Look it up in appRoles of the resource's service principal."),
        ("/appRoles/0", "Set isEnabled to true."),
        ("/tokenEncryptionKeyId", "Set tokenEncryptionKeyId to null."),
        ("/notes", "The web app describes its info and notes."),
    ],
)
def test_what_is_no_name_or_has_no_certain_row_stays(at: str, text: str) -> None:
    assert in_portal(text, path_of(at)) == text
    assert in_file(text, at, terraform) == text


def arguments(inside: dict[str, Argument], above: str = "", around: str = "") -> Iterator[tuple[str, str]]:
    for name, argument in inside.items():
        yield f"{around}{name}", f"{above}{argument.pointer}"
        yield from arguments(dict(argument.inside), f"{above}{argument.pointer}", f"{around}{name}.")


def test_the_names_of_terraform_are_those_that_are_read() -> None:
    read = {*arguments(dict(ARGUMENTS)), *((name, pointer) for pointer, _, name in DEFAULTS)}
    for row in property_names().values():
        resource, _, argument = row.terraform.partition(": ")
        if resource == "azuread_application" and " and " not in argument:
            assert (argument, f"/{row.path.replace('.', '/')}") in read


def test_the_names_of_old_manifests_are_those_that_are_read() -> None:
    for row in property_names().values():
        *outer, name = row.manifest.split(".")
        if row.manifest in (
            "",
            "replyUrlsWithType",
            "Web",
            "Spa",
            "InstalledClient",
        ):  # lists with types, and the types
            continue
        within, _, _ = row.path.rpartition(".")
        is_of_element = within.endswith(("Credentials", "Applications"))
        *outer, value = [within.rpartition(".")[2], [{name: "x"}]] if is_of_element else [*outer, {name: {}}]
        old = {outer[0]: value} if outer else value
        moved = f"{within}.0{row.path.removeprefix(within)}" if is_of_element else row.path
        assert f"/{moved.replace('.', '/')}" in translate(old).moves


def test_every_label_has_a_source_and_every_source_a_row() -> None:
    for row in property_names().values():
        assert row.sources or not row.label, row.path
        cite_all(row.path, *row.sources)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.bad], ids=lambda rule: rule.id)
def test_what_a_rule_says_of_a_tenant_has_the_labels_of_the_portal(rule: Rule) -> None:
    labeled = {row.path.rpartition(".")[2] for row in property_names().values() if row.label} - {"isEnabled"}
    for bad in rule.bad:
        for finding in check_example([rule], rule.base, bad).findings:
            path = path_of(finding.pointer.removeprefix("/application"))
            said = re.sub(r'"[^"]*"|\{[^}]*\}', "", f"{in_portal(rule.fix, path)} {in_portal(finding.message, path)}")
            named = set(re.findall(r"(?<![\w./-])[a-z]\w*[A-Z]\w*(?![\w./:-]\w)", said)) & labeled
            assert named <= ({"tokenEncryptionKeyId"} if rule.id == "missing-encryption-key" else set())
