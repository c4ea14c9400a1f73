"""Snapshots that the rules of service principals, consent and tenant policies once rated wrongly.

Each row: the findings of those rules, and the rules that could not assess something. The snapshots are outside of
the repository; without them the test is skipped.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from advisor.run.tenant_audit import settings_of_tenants
from advisor.sources.reading.builder import Builder
from advisor.sources.tenant.snapshot_file import read_snapshot
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.settings import Settings
from rules.model.tenant_app import tenant_apps

FOLDER: Final = Path(__file__).resolve().parents[3] / "shared" / "cases" / "rules" / "c"
NOW: Final = datetime(2026, 11, 24, 10, tzinfo=UTC)

#: What all snapshots of this folder have for reasons of their own.
COMMON: Final = frozenset(
    (
        "unusable-registration",
        "microsoft-tool-without-service-principal",
        "workload-identities-without-conditional-access",
    )
)
#: By the name of the snapshot: rule and severity; rules that could not assess. Older snapshots lack ``isDisabled``.
EXPECTED: Final[dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {
    "00-clean": ({}, ()),
    "01-custompolicy-exempt-uri": ({"weaker-app-management-policy": "low"}, ()),
    "02-custompolicy-stricter": ({}, ()),
    "03-custompolicy-disabled": ({}, ()),
    "04-saml-encrypt": ({}, ()),
    "06-app-encrypt-only": ({}, ()),
    "10-orphan": ({"service-principal-without-registration": "low", "application-with-directory-role": "low"}, ()),
    "11-group-role": ({}, ("application-with-directory-role",)),
    "12-role-agentid": ({"application-with-directory-role": "high", "owner-of-privileged-application": "high"}, ()),
    "12-role-ai": ({"application-with-directory-role": "high", "owner-of-privileged-application": "high"}, ()),
    "12-role-authpol": ({"application-with-directory-role": "medium"}, ()),
    "12-role-custom": ({"application-with-directory-role": "medium"}, ()),
    "12-role-dirsync": ({"application-with-directory-role": "medium"}, ()),
    "12-role-powerplat": ({"application-with-directory-role": "medium"}, ()),
    "12-role-reader": ({}, ()),
    "13-foreign-reports-reader": ({"application-with-directory-role": "low"}, ()),
    "14-ciam": (
        {
            "unrestricted-app-credentials": "medium",
            "any-identifier-uri-allowed": "medium",
            "device-code-flow-allowed": "high",
        },
        (),
    ),
    "15-b2c": ({"device-code-flow-allowed": "high"}, ()),
    "16-ca-appfilter": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-browser": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-devfilter-excl": ({}, ()),
    "16-ca-exclude-all-app": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-exclude-graph": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-exclude-guests": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-exclude-roles": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-platform-excl": ({"device-code-flow-allowed": "medium"}, ()),
    "16-ca-report": ({"device-code-flow-allowed": "high"}, ()),
    "16-ca-trusted-excl": ({}, ()),
    "16-ca-two-halves": ({"device-code-flow-allowed": "medium"}, ()),
    "17-devconsent": ({"open-resource-specific-consent": "info"}, ()),
    "17-group-preapproved": ({}, ()),
    "17-group-rsc": ({"open-resource-specific-consent": "medium"}, ()),
    "17-legacy-nosettings": ({"unrestricted-user-consent": "high"}, ()),
    "17-mailclients-only": ({"unrestricted-user-consent": "info", "risky-consent-allowed": "low"}, ()),
    "17-recommended": ({"unrestricted-user-consent": "medium", "open-resource-specific-consent": "low"}, ()),
    "18-low-Calendars.ReadWrite": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "18-low-ChannelMessage.Send": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "18-low-Chat.ReadBasic": ({"unrestricted-user-consent": "info"}, ()),
    "18-low-Contacts.Read": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Directory.Read.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "18-low-EWS.AccessAsUser.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "18-low-Files.Read.Selected": ({"unrestricted-user-consent": "info"}, ()),
    "18-low-Files.Read": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Files.ReadWrite": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Group.Read.All": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Mail.ReadBasic": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Mail.Send": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "18-low-Notes.ReadWrite.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "18-low-Sites.Selected": ({"unrestricted-user-consent": "info"}, ()),
    "18-low-Team.ReadBasic.All": ({"unrestricted-user-consent": "info"}, ()),
    "18-low-User.ReadWrite": ({"unrestricted-user-consent": "info"}, ()),
    "18-low-openid": ({"unrestricted-user-consent": "info"}, ()),
    "19-low-ChatMessage.Send": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Directory.Read.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "19-low-Files.Read": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Files.ReadWrite.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "19-low-Files.ReadWrite": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Group.Read.All": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Mail.Read": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Mail.Send": ({"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"}, ()),
    "19-low-Notes.ReadWrite.All": (
        {"unrestricted-user-consent": "info", "risky-permission-classified-low": "medium"},
        (),
    ),
    "20-usergrant-Chat.ReadWrite": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Contacts.ReadWrite": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Files.Read": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Files.ReadWrite": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Mail.ReadWrite": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Mail.Send": ({"powerful-user-consent": "high"}, ()),
    "20-usergrant-Notes.ReadWrite.All": ({"powerful-user-consent": "high"}, ()),
    "21-mfa-client": ({"credential-of-microsoft-application": "medium"}, ()),
    "22-custom-dated": ({"weaker-app-management-policy": "low"}, ()),
    "22-uri-newonly": ({"older-applications-exempt": "low"}, ()),
    "23-symlife": ({"secret-addition-allowed": "low", "long-secret-lifetime-allowed": "medium"}, ()),
    "24-add-dated-nolife": ({"long-secret-lifetime-allowed": "medium", "older-applications-exempt": "low"}, ()),
    "25-ea8a": ({}, ()),
    "25-msft-employee": ({}, ()),
    "26-legacy": ({"credential-of-service-principal": "high", "application-with-directory-role": "critical"}, ()),
    "27-agent": ({"application-with-directory-role": "high"}, ()),
    "28-isdisabled": (
        {
            "credentials-of-disabled-application": "low",
            "application-with-directory-role": "low",
            "owner-of-privileged-application": "low",
        },
        (),
    ),
    "29-disabled-ga": (
        {
            "credentials-of-disabled-application": "low",
            "application-with-directory-role": "low",
            "owner-of-privileged-application": "low",
        },
        (),
    ),
    "30-disabled-by-ms": ({"granted-delegated-permission": "low"}, ()),
    "31-admin-Chat.ReadWrite": ({"granted-delegated-permission": "high"}, ()),
    "31-admin-Contacts.ReadWrite": ({"granted-delegated-permission": "high"}, ()),
    "31-admin-Files.ReadWrite": ({"granted-delegated-permission": "high"}, ()),
    "31-admin-Mail.Send": ({"granted-delegated-permission": "high"}, ()),
    "31-admin-Sites.FullControl.All": ({"granted-delegated-permission": "high"}, ()),
    "31-admin-user_impersonation": ({}, ("granted-delegated-permission",)),
    "32-app-Application.ReadWrite.OwnedBy": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "32-app-AuditLog.Read.All": ({}, ()),
    "32-app-DeviceManagementConfiguration.ReadWrite.All": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "32-app-Directory.Read.All": ({}, ()),
    "32-app-Files.ReadWrite.All": ({"granted-application-permission": "medium"}, ()),
    "32-app-Group.ReadWrite.All": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "32-app-Mail.Send": ({"granted-application-permission": "medium"}, ()),
    "32-app-Policy.ReadWrite.ConditionalAccess": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "32-app-User.ReadWrite.All": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "32-app-UserAuthenticationMethod.ReadWrite.All": (
        {"owner-of-privileged-application": "high", "granted-application-permission": "high"},
        (),
    ),
    "33-gallery-saml": ({}, ()),
    "34-saml-ended": ({"expiring-saml-certificate": "medium"}, ()),
    "37-userscope-ungranted": ({}, ()),
    "39-typical-2026": (
        {
            "unrestricted-user-consent": "medium",
            "no-admin-consent-workflow": "medium",
            "unrestricted-app-credentials": "medium",
            "any-identifier-uri-allowed": "low",
            "device-code-flow-allowed": "high",
        },
        (),
    ),
    "40-noworkflow-low": ({"unrestricted-user-consent": "info", "no-admin-consent-workflow": "medium"}, ()),
    "40-noworkflow": ({"no-admin-consent-workflow": "medium"}, ()),
    "41-exclude-everything": ({}, ()),
    "41-graph-only": ({"broad-consent-policy": "high"}, ()),
    "41-mailread-anyclient": ({"broad-consent-policy": "high"}, ()),
    "41-medium-class": ({"broad-consent-policy": "high"}, ()),
    "41-owntenant": ({"broad-consent-policy": "medium"}, ()),
    "44-au": ({"application-with-directory-role": "medium"}, ()),
    "47-notools": ({}, ()),
    "49-own-sp-secret": ({"credential-of-service-principal": "medium"}, ()),
    "50-future": ({"credential-of-service-principal": "medium"}, ()),
    "60-date-0001": ({}, ()),
    "60-date-1601": ({}, ()),
    "60-date-2019": ({"older-applications-exempt": "low"}, ()),
    "60-date-msdate": ({}, ()),
    "60-date-null": ({}, ()),
    "62-disabledms-rolemgmt": ({"granted-application-permission": "low"}, ()),
    "65-tool-azcli": ({"microsoft-tool-open-to-all-users": "low"}, ()),
    "65-tool-exo": ({"microsoft-tool-open-to-all-users": "low"}, ()),
    "65-tool-spo": ({"microsoft-tool-open-to-all-users": "low"}, ()),
    "65-tool-teams": ({"microsoft-tool-open-to-all-users": "low"}, ()),
    "71-gallery": ({}, ()),
    "80-saml-expired-active-valid-inactive": ({"expiring-saml-certificate": "medium"}, ()),
    "81-assign-False": ({"granted-delegated-permission": "critical"}, ()),
    "81-assign-True": ({"granted-delegated-permission": "critical"}, ()),
    "81-own-assign-False": ({"granted-delegated-permission": "high"}, ()),
    "81-own-assign-True": ({"granted-delegated-permission": "high"}, ()),
    "82-disabledms-usergrant": ({"powerful-user-consent": "low"}, ()),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_snapshot_is_rated_as_its_documents_say(name: str) -> None:
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        pytest.skip("../shared/cases/rules/c is absent")
    builder = Builder()
    with path.open("rb") as stream:
        read_snapshot(builder, str(path), stream)
    reading = builder.build()
    ((key, tenant),) = reading.tenants.items()
    context = Context(NOW, settings_of_tenants(Settings(), [tenant]))
    holder = Subject(key, tenant)
    apps = tenant_apps(tenant, [subject.app for subject in reading.subjects])
    results = (
        lint([Subject(app.name, app) for app in apps], RULES, context, holder),
        lint([holder], RULES, context),
        lint(reading.subjects, [rule for rule in RULES if rule.id == "foreign-redirect-host"], context),
    )
    found = {one.rule: one.severity for result in results for one in result.findings if one.rule not in COMMON}
    # These need what was not read when the snapshots were made.
    later = {
        "application-scoped-administrator",
        "claims-mapping-policy-fails",
        "consent-by-custom-role",
        "credentials-of-disabled-application",
        "disabled-owner",
        "external-application-with-azure-role",
        "mailbox-permission-without-restriction",
        "mapped-claims-without-signing-key",
        "orphaned-agent-user",
        "owner-of-privileged-application",
        "owner-without-mfa",
        "risky-service-principal",
    }
    gaps = {gap.rule for result in results for gap in result.not_assessed} - later
    assert (found, tuple(sorted(gaps))) == (EXPECTED[name][0], tuple(sorted(EXPECTED[name][1])))
