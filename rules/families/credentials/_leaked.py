"""How bad a leaked secret or symmetric key is: both can be copied, so both have the same severity."""

from __future__ import annotations

from rules.analysis.requested import of_tier
from rules.model.finding import Severity
from rules.model.registration import Registration


def leaked(app: Registration) -> tuple[str, Severity]:
    """What a leaked secret grants, in words and as a severity; other credentials take nothing from it."""
    takes = of_tier(app, "Role", "tenant")
    reads = of_tier(app, "Role", "data", "mailbox")
    if takes or reads:
        name = (takes or reads)[0].permission.name
        return f", and requests the application permission {name}", "high" if takes else "medium"
    return "", "low"
