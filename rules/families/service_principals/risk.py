"""What Microsoft Entra ID Protection says about the risk of service principals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit, Severity
from rules.model.tenant_app import TenantApp
from rules.primitives.dates import day, moment
from rules.primitives.texts import text_of

_ID: Final = "77777777-7777-4777-8777-777777777771"
_AT: Final = "/servicePrincipal"
#: The states in which the risk is not resolved, in lower case, and those in which it is.
_OPEN: Final = {"atrisk": "is flagged as risky", "confirmedcompromised": "is confirmed as compromised"}
_RESOLVED: Final = ("none", "confirmedsafe", "remediated", "dismissed")
#: The levels that lower the severity. A level that is hidden or not known does not.
_LOWER: Final = ("low", "medium", "none")


def _risk(state: str, level: str = "high") -> dict[str, Any]:
    """A tenant in which the clean application has a risk."""
    row = {"id": _ID, "riskState": state, "riskLevel": level, "riskLastUpdatedDateTime": "2026-01-20T08:00:00Z"}
    return {"tenant": {"riskyServicePrincipals": [row]}}


@rule(
    "risky-service-principal",
    on="service principal",
    kinds=("application", "blueprint"),
    severity="high",
    may_be=("medium", "low"),
    needs=("servicePrincipal.accountEnabled", "tenant.riskyServicePrincipals"),
    checks=("SP-10",),
    references=("graph:riskyserviceprincipal", "entra:concept-workload-identity-risk"),
    status="preview",
    bad=(
        Bad(_risk("atRisk"), at=_AT),
        Bad(_risk("atRisk", "hidden"), at=_AT),
        Bad(_risk("atRisk", "medium"), at=_AT, severity="medium"),
        Bad(_risk("confirmedCompromised", "low"), at=_AT),
        Bad(
            _risk("confirmedCompromised") | {"servicePrincipal": {"accountEnabled": False}},
            at=_AT,
            severity="low",
            expected_rules=("credentials-of-disabled-application",),
        ),
    ),
    good=(
        Good(_risk("remediated"), why="the risk is resolved"),
        Good(_risk("dismissed"), why="an administrator dismissed the risk"),
    ),
    base="own",
)
def risky_service_principal(app: TenantApp, _: Context) -> Iterator[Hit | Gap]:
    """A service principal is flagged as risky, or confirmed as compromised.

    Why: Microsoft Entra ID Protection saw signs of an attack, such as leaked credentials or suspicious sign-ins, or an
        administrator confirmed a compromise. An attacker may already authenticate as the application.
    Acceptable: The risk can remain open during an investigation. If the activity was legitimate, dismiss the risk.
    Fix: Investigate the service principal under Risky workload identities in the Microsoft Entra admin center. Replace
        all its credentials, and the secrets of key vaults that it can read. Then dismiss the risk. Only the owner of an
        external application can replace the credentials of its registration: disable the service principal until then.
    """
    found = app.tenant.risks.get(text_of(app.service_principal.id)) if app.service_principal else None
    if found is None:
        return
    state, level = text_of(found.risk_state).casefold(), text_of(found.risk_level).casefold()
    if state in _OPEN:
        since = moment(found.risk_last_updated_date_time)
        details = [f"risk level {level}"] if level and level != "hidden" else ["risk level not known"]
        details += [f"updated on {day(since)}"] if isinstance(since, datetime) else []
        severity: Severity = "medium" if state == "atrisk" and level in _LOWER else "high"
        blocked = app.blocked
        says = f"{_OPEN[state]} ({', '.join(details)})" + (f"; the application is {blocked.note}" if blocked else "")
        because = (blocked,) if blocked else ()
        yield Hit(pointer=_AT, message=says, severity="low" if blocked else severity, because=because)
    elif state not in _RESOLVED:
        yield Gap(
            _AT,
            "Microsoft Graph did not say whether the risk is resolved",
            "unknown",
            "look under Risky workload identities in the Microsoft Entra admin center",
        )
