"""Documents that several rules over policies stand on."""

from __future__ import annotations

from typing import Final

from rules.finding import Reference, graph, learn

_SCUBA: Final = "https://github.com/cisagov/ScubaGear/blob/main/PowerShell/ScubaGear/baselines/aad.md"


def scuba(policy: str) -> Reference:
    """A policy of CISA's baseline for Entra ID, such as ``5.1``."""
    return Reference(f"CISA SCuBA, Entra ID baseline, MS.AAD.{policy}", _SCUBA)


CONSENT: Final = learn("entra/identity/enterprise-apps/configure-user-consent", "Configure user consent")
CONSENT_POLICIES: Final = learn("entra/identity/enterprise-apps/manage-app-consent-policies", "App consent policies")
APP_MANAGEMENT: Final = graph("resources/applicationauthenticationmethodpolicy", "App management policies")
DEFAULT_POLICY: Final = graph("resources/tenantappmanagementpolicy", "tenantAppManagementPolicy")
RESTRICTIONS: Final = learn("entra/identity/enterprise-apps/configure-app-management-policies", "App restrictions")
