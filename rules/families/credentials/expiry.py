"""Credentials that have expired, or will."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from rules.analysis.clients import has_no_server
from rules.analysis.federation import federated
from rules.analysis.lifetimes import Life, are_all_known, certificates, secrets
from rules.analysis.requested import roles
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.model.finding import Hit, Severity
from rules.model.fragments import FEDERATED, REDIRECT_URIS, spa
from rules.model.fragments import certificates as keys
from rules.model.fragments import secrets as passwords
from rules.model.registration import UNSET, Registration
from rules.primitives.dates import day, span

_BOTH: Final = ("passwordCredentials", "keyCredentials")
#: What decides whether the client is a public one, which authenticates with no credential.
_KIND: Final = (
    *REDIRECT_URIS,
    "isFallbackPublicClient",
    "identifierUris",
    "api.oauth2PermissionScopes",
    "appRoles",
    "requiredResourceAccess",
)
_ENDED: Final = {"startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-12-01T00:00:00Z"}
_ENDING: Final = {"startDateTime": "2025-07-01T00:00:00Z", "endDateTime": "2026-02-05T00:00:00Z"}
_URGENT: Final = {**_ENDING, "endDateTime": "2026-01-16T08:00:00Z"}


@rule(
    "expired-credential",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("medium",),
    needs=(*_BOTH, "federatedIdentityCredentials", *_KIND),
    when_set=_BOTH,
    checks=("CR-03",),
    references=(
        "entra:app-best-practices#credentials",
        "graph:application-removepassword",
        "graph:keycredential",
        "entra:application-proxy-faq",
    ),
    bad=(
        Bad(passwords(_ENDED), at="/passwordCredentials/0"),
        Bad(keys({**_ENDED, "endDateTime": "/Date(1705800895000)/"}, {}), at="/keyCredentials/0"),
        Bad(keys(_ENDED), at="/keyCredentials/0", severity="medium"),
        # None of the others is valid today.
        Bad(
            keys(_ENDED, {"startDateTime": "2026-02-10T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}),
            at="/keyCredentials/0",
            severity="medium",
        ),
        # A public client authenticates with none.
        Bad(
            {**keys(_ENDED), "web": {"redirectUris": []}, **spa("https://orders.contoso.com/")}, at="/keyCredentials/0"
        ),
    ),
    good=(
        Good(keys({**_ENDED, "usage": "Sign"}), why="the credential signs SAML and authenticates no client"),
        Good(
            keys({**_ENDED, "usage": "Encrypt"}), why="the key encrypts SAML assertions, and sign-in may depend on it"
        ),
        Good(
            passwords({**_ENDED, "displayName": None, "customKeyIdentifier": "Q1dBUF9BdXRoU2VjcmV0"}),
            why="CWAP_AuthSecret: Application Proxy no longer uses it, and Microsoft says that it can be ignored",
        ),
        Good({"passwordCredentials": []}),
    ),
    base="web",
)
def expired_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A credential has expired and is still listed.

    Why: An expired credential no longer works. Expired credentials make it harder to review the credentials in use. If
        the registration has no valid credential, a confidential client may not be able to authenticate.
    Acceptable: An expired credential can remain while its client moves to a new credential. An expired credential gives
        no access.
    Fix: Check that the client has a valid credential. Then remove the expired credential.
    """
    lives = (*secrets(app), *certificates(app)) if app.password_credentials or app.key_credentials else ()
    is_alone = are_all_known(app) and _has_no_federation(app) and not _is_public(app)
    last = _latest(lives, context.now) if is_alone else None
    none = f", and no valid credential{_uncounted(lives, context.now)}"
    for life in lives:
        if not isinstance(life.end, datetime):
            if life.days is None:
                yield Gap(*life.end_unread)
        elif not life.has_ended(context.now) or life.is_impossible or life.is_of_application_proxy:
            continue
        else:
            words = none if life is last else ""
            yield Hit(
                pointer=life.pointer,
                message=f"lists a {life.kind} that expired on {day(life.end)}{words}",
                severity="medium" if life is last else "low",
                remove=life.is_known_to_prove,
            )


def _is_public(app: Registration) -> bool:
    """Whether no part of the application is known to need a credential: it is a public client and nothing else."""
    if app.web is UNSET or any(place.startswith("/web") for place in app.unread):
        return False
    public = app.is_fallback_public_client is True or bool(app.redirects)
    return public and has_no_server(app) and not roles(app)


def _uncounted(lives: tuple[Life, ...], now: datetime) -> str:
    """What to add about the last valid credential where a secret of Application Proxy is valid too."""
    is_proxy = any(life.is_of_application_proxy and life.is_valid_at(now) for life in lives)
    return " (a secret of Application Proxy is not counted)" if is_proxy else ""


def _has_no_federation(app: Registration) -> bool:
    """Whether it is known that there is no federated credential, or none that a token matches."""
    is_read = not any(place.startswith("/federatedIdentityCredentials") for place in app.unread)
    is_read = is_read and app.federated_identity_credentials is not UNSET
    return is_read and all(place.matches_nothing for place in federated(app))


def _is_federated(app: Registration) -> bool:
    """Whether it is known that a token can match a federated credential: what is not known lowers no severity."""
    return any(place.accepts_tokens for place in federated(app))


def _latest(lives: tuple[Life, ...], now: datetime) -> Life | None:
    """The credential that expired last; ``None`` where one may be valid. Left out is what no client uses."""
    used = [life for life in lives if not life.is_impossible and not life.is_of_application_proxy]
    if any(life.is_valid_at(now) for life in used):
        return None
    ends = [(life.end, life) for life in used if isinstance(life.end, datetime) and life.end <= now]
    return max(ends, key=itemgetter(0))[1] if ends else None


_EXPIRING_BAD: Final = (
    Bad(keys(_ENDING), at="/keyCredentials/0"),
    # Another tool counts whole days and shows this one as expired.
    Bad(keys(_URGENT), at="/keyCredentials/0", severity="high"),
    Bad(
        keys(_ENDING, {"startDateTime": "2026-02-10T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}),
        at="/keyCredentials/0",
    ),
    Bad({**keys(_ENDING), "federatedIdentityCredentials": [FEDERATED]}, at="/keyCredentials/0", severity="low"),
    Bad({**keys(_URGENT), "federatedIdentityCredentials": [FEDERATED]}, at="/keyCredentials/0"),
    # No token matches the federated credential.
    Bad(
        {**keys(_URGENT), "federatedIdentityCredentials": [{**FEDERATED, "issuer": "https://gitlab.com/"}]},
        at="/keyCredentials/0",
        severity="high",
        expected_rules=("malformed-federated-issuer",),
    ),
    # It is not known whether a token matches it.
    Bad(
        {**keys(_URGENT), "federatedIdentityCredentials": [{**FEDERATED, "subject": "contoso/app"}]},
        at="/keyCredentials/0",
        severity="high",
        expected_rules=("malformed-federated-subject",),
    ),
    # A public client authenticates with none.
    Bad(
        {**keys(_URGENT), "web": {"redirectUris": []}, **spa("https://orders.contoso.com/")},
        at="/keyCredentials/0",
        severity="low",
    ),
)

_EXPIRING_GOOD: Final = (
    Good(keys(_ENDING, {**_ENDING, "endDateTime": "2026-06-01T00:00:00Z"}), why="another credential expires later"),
    Good(
        {**passwords(_ENDING, {"lifetimeDays": 730}), "keyCredentials": []},
        why="the next deployment creates another credential, for two years",
    ),
    Good(keys({**_ENDING, "usage": "Encrypt"}), why="the key encrypts SAML assertions and authenticates no client"),
    Good(
        {**passwords({**_ENDING, "displayName": "CWAP_AuthSecret"}), "keyCredentials": []},
        why="Application Proxy no longer uses the secret",
    ),
)


@rule(
    "expiring-credential",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("high", "low"),
    needs=(*_BOTH, "federatedIdentityCredentials", *_KIND),
    when_set=_BOTH,
    checks=("CR-04", "CR-25"),
    references=(
        "entra:app-best-practices#credentials",
        "graph:passwordcredential",
        "graph:keycredential",
        "entra:application-proxy-faq",
    ),
    settings=("expiry-warning-days", "expiry-urgent-days"),
    bad=_EXPIRING_BAD,
    good=_EXPIRING_GOOD,
    base="web",
)
def expiring_credential(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """The last valid secret or certificate expires soon.

    Why: After a credential expires, a confidential client can no longer authenticate with it. A federated credential
        does not expire, but it may belong to another workload.
    Acceptable: The credential can expire if no client needs it after the expiry date.
    Fix: Before the credential expires, give each client that uses it another credential, such as a federated
        credential. Then remove the expiring credential.
    """
    every = (*secrets(app), *certificates(app))
    lives = tuple(life for life in every if not life.is_of_application_proxy)
    unread = [life for life in lives if life.is_end_unread]
    yield from (Gap(*life.end_unread) for life in unread)
    last = None if unread or not are_all_known(app) else _last(lives, context.now)
    if last is None or not isinstance(last.end, datetime):
        return
    left = last.end - context.now
    if left <= timedelta(days=context.settings.expiry_warning_days):
        urgent = left <= timedelta(days=context.settings.expiry_urgent_days)
        severity: Severity = "high" if urgent else "medium"
        if _is_public(app):
            severity = "low"
        elif _is_federated(app):
            severity = "medium" if urgent else "low"
        gap = (
            "; the next credential becomes valid only later"
            if any(_begins_after(life, last.end) for life in lives)
            else ""
        )
        says = f"loses its last valid {last.kind} in {span(left)}, on {day(last.end)}{gap}"
        says += _uncounted(every, context.now)
        yield Hit(pointer=last.pointer, message=says, severity=severity)


def _begins_after(life: Life, moment: datetime) -> bool:
    return isinstance(life.start, datetime) and life.start > moment


def _last(lives: tuple[Life, ...], now: datetime) -> Life | None:
    """The credential with which an unbroken row of valid ones ends; ``None`` when none is valid."""
    covered, last = now, None
    for life in sorted(lives, key=lambda life: life.start if isinstance(life.start, datetime) else now):
        if _begins_after(life, covered) or life.has_ended(covered):
            continue
        end = now + timedelta(days=life.days) if life.days is not None else life.end
        if isinstance(end, datetime):
            covered, last = end, life
    return last
