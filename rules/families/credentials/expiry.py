"""Credentials at their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rules.analysis.lifetimes import Life, certificates, secrets
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import day, span

_ENDED = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "old",
    "startDateTime": "2024-01-01T00:00:00Z",
    "endDateTime": "2025-12-01T00:00:00Z",
}
_ENDING = {
    "keyId": "33333333-3333-4333-8333-333333333333",
    "usage": "Verify",
    "startDateTime": "2025-07-01T00:00:00Z",
    "endDateTime": "2026-02-05T00:00:00Z",
}
_FEDERATED = {
    "name": "ci",
    "issuer": "https://gitlab.com",
    "subject": "project_path:contoso/app:ref_type:branch:ref:main",
    "audiences": ["api://AzureADTokenExchange"],
    "claimsMatchingExpression": None,
}


@rule(
    "expired-credential",
    severity="low",
    needs=("passwordCredentials", "keyCredentials"),
    when_set=("passwordCredentials", "keyCredentials"),
    checks=("CR-03",),
    references=("entra:app-best-practices#credentials", "graph:application-removepassword"),
    bad=(
        Bad({"passwordCredentials": [_ENDED]}, at="/passwordCredentials/0"),
        Bad(
            {"keyCredentials": [{**_ENDED, "usage": "Verify", "endDateTime": "/Date(1705800895000)/"}]},
            at="/keyCredentials/0",
        ),
    ),
    good=(
        Good({"keyCredentials": [{**_ENDED, "usage": "Sign"}]}, why="it signs SAML and proves no client"),
        Good({"passwordCredentials": []}),
    ),
    base="web",
)
def expired_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A credential has ended and is still listed.

    Why: It opens nothing, but hides which credentials are in use and who answers for them.
    Fix: Remove the expired credential, after making sure that its client has a valid one.
    """
    for life in (*secrets(app), *certificates(app)) if app.password_credentials or app.key_credentials else ():
        if life.end is UNSET:
            yield Gap(*life.end_unread)
        elif life.end and life.has_ended(context.now) and not life.is_impossible:
            yield Hit(pointer=life.pointer, message=f"lists a {life.kind} that ended on {day(life.end)}", remove=True)


@rule(
    "expiring-credential",
    severity="medium",
    may_be=("high",),
    needs=("passwordCredentials", "keyCredentials", "federatedIdentityCredentials"),
    when_set=("passwordCredentials", "keyCredentials"),
    checks=("CR-04", "CR-25"),
    references=("entra:app-best-practices#credentials", "graph:passwordcredential", "graph:keycredential"),
    settings=("expiry-warning-days", "expiry-urgent-days"),
    bad=(
        Bad({"keyCredentials": [_ENDING]}, at="/keyCredentials/0"),
        # Another tool counts whole days and shows this one as ended.
        Bad({"keyCredentials": [{**_ENDING, "endDateTime": "2026-01-16T08:00:00Z"}]}, at="/keyCredentials/0", severity="high"),
        Bad({"keyCredentials": [_ENDING, {**_ENDING, "keyId": "b", "startDateTime": "2026-02-10T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}]}, at="/keyCredentials/0"),
    ),
    good=(
        Good({"keyCredentials": [_ENDING, {**_ENDING, "keyId": "b", "endDateTime": "2026-06-01T00:00:00Z"}]}, why="its successor lives longer"),
        Good({"keyCredentials": [_ENDING], "federatedIdentityCredentials": [_FEDERATED]}, why="a federated credential never ends"),
    ),
    base="web",
)  # fmt: skip
def expiring_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """The last valid credential is about to end.

    Why: The client stops working on that day, often at night and with nobody left who knows it.
    Fix: Add a credential before that day and hand it to the client, or use a federated one, which never ends.
    """
    if app.federated_identity_credentials or not (app.password_credentials or app.key_credentials):
        return
    lives = (*secrets(app), *certificates(app))
    unread = [life for life in lives if life.end is UNSET]
    yield from (Gap(*life.end_unread) for life in unread)
    last = None if unread else _last(lives, context.now)
    if last and isinstance(last.end, datetime):
        left = last.end - context.now
        if left <= timedelta(days=context.settings.expiry_warning_days):
            urgent = left <= timedelta(days=context.settings.expiry_urgent_days)
            gap = ", before its successor begins" if any(_begins_after(life, last.end) for life in lives) else ""
            yield Hit(
                pointer=last.pointer,
                message=f"has a last valid {last.kind} that ends in {span(left)}, on {day(last.end)}{gap}",
                severity="high" if urgent else "medium",
            )


def _begins_after(life: Life, moment: datetime) -> bool:
    return isinstance(life.start, datetime) and life.start > moment


def _last(lives: tuple[Life, ...], now: datetime) -> Life | None:
    """The credential with which an unbroken row of valid ones ends; ``None`` when none is valid, or one never ends."""
    covered, last = now, None
    for life in sorted(lives, key=lambda life: life.start if isinstance(life.start, datetime) else now):
        if _begins_after(life, covered) or life.has_ended(covered):
            continue
        if life.end is None:
            return None
        if isinstance(life.end, datetime):
            covered, last = life.end, life
    return last
