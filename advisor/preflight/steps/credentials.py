"""The credential that a request sends against those of the registration: which exist, and which are valid now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from advisor.preflight.prediction import Check, Fix, Scene, failed, note, passed, unread
from rules.analysis.lifetimes import may_authenticate
from rules.model.registration import UNSET, Credential, Registration, UnsetType
from rules.primitives.dates import day, moment

_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CODE_PAGE: Final = "entra:v2-oauth2-auth-code-flow"


def check_secret(scene: Scene, app: Registration) -> Iterator[Check]:
    """The secret of the request against the secrets of the registration: their values are never known, their dates
    are.
    """
    facts = scene.request.facts("client_secret")
    if facts.guid:
        yield note("proof", "client_secret looks like the secret's id; its value is no GUID", parameter="client_secret")
    if facts.plus:
        yield note(
            "proof",
            "client_secret has a plus sign that is not encoded: the platform reads a space",
            _CODE_PAGE,
            parameter="client_secret",
        )
    where = "passwordCredentials"
    change = "add a secret, or better a certificate or a federated credential"
    state, until = living(app.password_credentials, app, scene.now, "/passwordCredentials")
    if state == "none":
        yield failed(
            "proof", 7000215, "the registration has no secret", parameter="client_secret", property=where, change=change
        )
    elif state == "expired":
        yield failed(
            "proof",
            7000222,
            f"every secret of the registration has expired, the last one on {until}",
            property=where,
            change=change,
        )
    elif state == "unread":
        yield unread("proof", "whether a secret is valid today was not read", where)
    elif state == "early":
        yield failed(
            "proof", 0, "no secret of the registration is valid yet", property=where, change="wait, or add one that is"
        )
    else:
        yield passed("proof", f"a secret of the registration is valid{f' until {until}' if until else ''}")


def check_assertion(scene: Scene, app: Registration) -> Iterator[Check]:
    """The client assertion against certificates and federated credentials."""
    request = scene.request
    kind = request.get("client_assertion_type")
    if kind != _TYPE:
        yield failed(
            "proof", 0, "client_assertion_type has to be " + _TYPE, "entra:certificate-credentials",
                parameter="client_assertion_type",
            fixes=(Fix("set", "client_assertion_type", _TYPE),),
        )  # fmt: skip
    claims = request.facts("client_assertion").claims
    if claims is not None and claims.expires is not None and claims.expires <= scene.now:
        yield failed(
            "proof", 700024, f"the client assertion expired on {day(claims.expires)}", parameter="client_assertion"
        )
        return
    own = claims is not None and isinstance(app.app_id, str) and claims.issuer.casefold() == app.app_id.casefold()
    if claims is not None and claims.issuer and not own:
        yield from _federated(app, claims.issuer, claims.subject)
        return
    state, until = living(app.key_credentials, app, scene.now, "/keyCredentials")
    federated = app.federated_identity_credentials
    if state == "valid":
        yield passed("proof", f"a certificate of the registration is valid{f' until {until}' if until else ''}")
    elif claims is None and federated:
        yield passed("proof", "the registration has a federated credential")
    elif state == "unread" or (claims is None and federated is UNSET):
        yield unread(
            "proof", "whether a certificate or a federated credential is valid today was not read", "keyCredentials"
        )
    else:
        says = (
            "the registration has no certificate"
            if state == "none"
            else f"every certificate of the registration has expired, the last one on {until}"
        )
        yield failed(
            "proof",
            700027,
            says,
            parameter="client_assertion",
            property="keyCredentials",
            change="add the certificate that signs",
        )


def _federated(app: Registration, issuer: str, subject: str) -> Iterator[Check]:
    rows = app.federated_identity_credentials
    where = "federatedIdentityCredentials"
    if rows is UNSET:
        yield unread("proof", "the assertion comes from another issuer, and federated credentials were not read", where)
        return
    same = [row for row in rows or () if row.issuer == issuer]
    if not same:
        yield failed(
            "proof",
            700211,
            "no federated credential has the issuer of the assertion",
            property=f"{where}.issuer",
            change="the assertion's iss, exactly",
        )
    elif any(row.subject == subject for row in same):
        yield passed("proof", "issuer and subject of the assertion fit a federated credential")
    elif any(str(row.subject).casefold() == subject.casefold() for row in same):
        yield failed(
            "proof",
            7002138,
            "the subject of the assertion fits a federated credential but for its capitals",
            property=f"{where}.subject",
            change="the assertion's sub, exactly",
        )
    else:
        yield failed(
            "proof",
            700213,
            "no federated credential has the subject of the assertion",
            property=f"{where}.subject",
            change="the assertion's sub, exactly",
        )


def living(
    rows: tuple[Credential, ...] | UnsetType | None, app: Registration, now: datetime, pointer: str
) -> tuple[str, str]:
    """Whether one credential holds at *now*: valid, expired, early, none or unread; and until when, or since when
    not.
    """
    if rows is UNSET:
        return "unread", ""
    unsure = any(place.startswith(pointer) for place in app.unread)
    ends = []
    early = False
    for row in rows or ():
        if not may_authenticate(row):
            continue
        start, end = moment(row.start_date_time), moment(row.end_date_time)
        if end is UNSET:
            unsure = True
        elif end is not None and end <= now:
            ends.append(end)
        elif isinstance(start, datetime) and start > now:
            early = True
        else:
            return "valid", "" if end is None else day(end)
    if unsure:
        return "unread", ""
    if early:
        return "early", ""
    return ("expired", day(max(ends))) if ends else ("none", "")
