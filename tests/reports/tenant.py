"""A report over a file and a tenant: rows of every kind, and a rule of every scope."""

from __future__ import annotations

from reports.report import Report
from reports.rows import Origin, RuleScope, RuleText
from tests.reports.sample import empty_report, finding, registration, summary

CONSENT = "/authorizationPolicy/defaultUserRolePermissions/permissionGrantPoliciesAssigned/0"
SCOPES: tuple[RuleScope, ...] = ("registration", "registrations", "tenant-app", "tenant")


def rule(scope: RuleScope) -> RuleText:
    return RuleText(
        id=f"rule-of-{scope}", title="T.", why="W.", fix="F.", family="f", severity="high", references=(), scope=scope
    )


def tenant_report() -> Report:
    """A file, and a tenant with a registration, a service principal of somebody else's application, and its
    policies.
    """
    read = {"file": "", "origin": Origin(), "tenant": "contoso.com", "format": "Microsoft Graph"}
    rows = (
        registration("file", "Portal"),
        registration("app", "Archive", **read),
        registration("sp", "Fabrikam Sync", kind="service-principal", **read),
        registration("tenant", "Contoso", kind="tenant", app_id=None, **read),
    )
    secrets = Origin(file="apps/portal.json", line=7, text='"passwordCredentials": [', text_start=23, text_end=24)
    found = (
        finding("rule-of-registration", "low", "file", "has a secret", origin=secrets, value="[cli 2026]"),
        finding("rule-of-tenant", "high", "tenant", "lets members consent", pointer=CONSENT),
        finding("rule-of-tenant-app", "medium", "sp", "holds Mail.Read", pointer="/appRoleAssignments/0"),
    )
    return empty_report(
        rules=tuple(map(rule, SCOPES)), registrations=rows, findings=found, summary=summary(found, registrations=2)
    )
