"""Service principals: what their state, credentials and addresses say about the application in this tenant."""

from __future__ import annotations

from collections.abc import Iterator

from rules.engine import Bad, Context, Good, app_rule
from rules.finding import Because, Hit, entra, graph
from rules.lifetimes import certificates, secrets
from rules.tenant_app import TenantApp


@app_rule(
    "credentials-of-disabled-application",
    severity="low",
    needs=("servicePrincipal.accountEnabled", "application.passwordCredentials", "application.keyCredentials"),
    judges=("application",),
    checks=("SP-14",),
    references=(
        graph("resources/serviceprincipal", "servicePrincipal"),
        entra("security-best-practices-for-app-registration", "Security best practices"),
    ),
    bad=Bad({"servicePrincipal": {"accountEnabled": False}}, at="/servicePrincipal/accountEnabled"),
    good=Good({"servicePrincipal": {"accountEnabled": False}, "application": {"keyCredentials": []}}),
    over="own",
)
def credentials_of_disabled_application(app: TenantApp, context: Context) -> Iterator[Hit]:
    """An application is disabled for sign-in, and its registration keeps credentials that are still valid.

    Why: Whoever enables it again, or uses the registration in another tenant, has a client that works at once.
    Fix: Remove the credentials, or the registration when nobody needs it any more.
    """
    if app.is_enabled or not app.application:
        return
    registration = app.application
    valid = [life for life in (*secrets(registration), *certificates(registration)) if not life.has_ended(context.now)]
    if valid:
        words = "1 credential" if len(valid) == 1 else f"{len(valid)} credentials"
        because = tuple(Because(f"/application{life.pointer}", "is still valid") for life in valid)
        yield Hit(pointer="/servicePrincipal/accountEnabled", says=f"is disabled and keeps {words}", because=because)
