"""Client secrets."""

from __future__ import annotations

from collections.abc import Iterator

from rules.dates import day
from rules.engine import Bad, Context, Gap, Good, rule
from rules.finding import Because, Hit, entra, rfc
from rules.lifetimes import Life, secrets
from rules.registration import UNSET, Registration

_SECRET = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "deploy",
    "startDateTime": "2025-12-01T00:00:00Z",
    "endDateTime": "2026-05-01T00:00:00Z",
}


@rule(
    "password-credential",
    severity="low",
    needs=("passwordCredentials",),
    references=(entra("security-best-practices-for-app-registration", "Security best practices"), rfc(9700, "2.5")),
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
    ),
    good=(
        Good({"passwordCredentials": []}),
        # Four other tools count a secret that has ended.
        Good({"passwordCredentials": None}, but="null is none"),
    ),
    over="web",
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
        because = tuple(Because(life.pointer, _until(life)) for life in alive)
        yield Hit(pointer="/passwordCredentials", says=f"has {what} still valid", because=because)


def _until(life: Life) -> str:
    return f"valid until {day(life.end)}" if life.end else "never ends"
