"""Client secrets."""

from __future__ import annotations

from collections.abc import Iterator

from rules.analysis.lifetimes import Life, certificates, secrets
from rules.analysis.requested import of_tier
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import day

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "deploy",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}

_GRAPH = "00000003-0000-0000-c000-000000000000"
_MAIL = {"resourceAppId": _GRAPH, "resourceAccess": [{"id": "810c84a8-4a9e-49e6-bf7d-12d183f40d01", "type": "Role"}]}
_ROLES = {"resourceAppId": _GRAPH, "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}]}


@rule(
    "password-credential",
    severity="low",
    may_be=("medium", "high"),
    needs=("passwordCredentials", "keyCredentials", "requiredResourceAccess"),
    when_set=("passwordCredentials",),
    checks=("CR-01", "CR-02", "CR-09", "CR-23"),
    references=("entra:app-best-practices#credentials", "rfc:9700#2.5"),
    bad=(
        Bad({"passwordCredentials": [_SECRET]}, at="/passwordCredentials"),
        Bad(
            {
                "passwordCredentials": [
                    _SECRET,
                    {**_SECRET, "keyId": "b", "endDateTime": "2026-05-20T00:00:00.1234567+02:00"},
                ]
            },
            at="/passwordCredentials",
        ),
        Bad(
            {"passwordCredentials": [_SECRET], "keyCredentials": [], "requiredResourceAccess": [_MAIL]},
            at="/passwordCredentials",
            severity="medium",
            expected_rules=("powerful-application-permission",),
        ),
        Bad(
            {"passwordCredentials": [_SECRET], "requiredResourceAccess": [_ROLES]},
            at="/passwordCredentials",
            severity="high",
            expected_rules=("powerful-application-permission", "owner-of-powerful-application"),
        ),
    ),
    good=(
        Good({"passwordCredentials": []}),
        # Four other tools count a secret that has ended.
        Good({"passwordCredentials": None}, why="null is none"),
    ),
    base="web",
)
def password_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """The client proves itself with a secret.

    Why: A secret travels with each request and can be copied from files, logs and mails without a trace.
    Fix: Use a managed identity or a federated credential, else a certificate; then remove the secret.
    """
    if not app.password_credentials:
        return
    alive = []
    for life in secrets(app):
        if life.end is UNSET:
            yield Gap(*life.end_unread)
        elif not life.has_ended(context.now):
            alive.append(life)
    if alive:
        what = "a client secret that is" if len(alive) == 1 else f"{len(alive)} client secrets that are"
        words, severity = _opens(app, context)
        because = tuple(Because(life.pointer, _until(life)) for life in alive)
        says = f"has {what} still valid{words}"
        yield Hit(pointer="/passwordCredentials", message=says, because=because, severity=severity)


def _opens(app: Registration, context: Context) -> tuple[str, Severity]:
    """What the secret opens, in words and as a severity; a secret beside a certificate is on its way out."""
    takes = of_tier(app, "Role", "tenant")
    if takes:
        return f", and opens {takes[0].permission.name}", "high"
    reads = of_tier(app, "Role", "data", "mailbox")
    beside = any(life.holds(context.now) for life in certificates(app))
    alone = not beside and app.key_credentials is not UNSET
    if reads and alone:
        return f" as its only credential, and opens {reads[0].permission.name}", "medium"
    return " beside a certificate" if beside else "", "low"


def _until(life: Life) -> str:
    return f"valid until {day(life.end)}" if life.end else "never ends"
