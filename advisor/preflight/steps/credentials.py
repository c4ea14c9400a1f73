"""The credential that a request sends against those of the registration: which exist, and which are valid now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from advisor.preflight.known import is_read
from advisor.preflight.prediction import Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.wire import NO_AUDIENCE, Claims, digest, thumbprint
from rules.analysis.federation import Clause, clauses, federated
from rules.analysis.lifetimes import may_authenticate
from rules.knowledge.issuers import sign_in_hosts
from rules.model.registration import UNSET, Credential, FederatedCredential, Registration, UnsetType
from rules.primitives.dates import day, moment
from rules.primitives.texts import is_guid
from rules.primitives.uri import parse

#: How a client assertion is signed ("Certificate credentials").
_ALGORITHMS: Final = ("PS256", "RS256")
_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CODE_PAGE: Final = "entra:v2-oauth2-auth-code-flow"


def check_secret(scene: Scene, app: Registration) -> Iterator[Check]:
    """The secret of the request against the secrets of the registration: their values are never known, their dates
    are.
    """
    facts = scene.request.facts("client_secret")
    ids = {digest(row.key_id) for row in app.password_credentials or () if isinstance(row.key_id, str)}
    if facts.digest in ids:
        yield failed(
            "proof",
            7000215,
            "client_secret is the ID of a secret (keyId), not its value",
            parameter="client_secret",
            fixes=(Fix("set", "client_secret", "{client_secret}"),),
        )
        return
    if facts.guid:
        yield note(
            "proof", "client_secret looks like the ID of a secret; the value is not a GUID", parameter="client_secret"
        )
    if facts.plus:
        yield note(
            "proof",
            "client_secret has a plus sign that is not encoded, so Microsoft Entra ID reads a space",
            _CODE_PAGE,
            parameter="client_secret",
        )
    where = "passwordCredentials"
    change = "add a federated credential or a certificate that is valid"
    rows = app.password_credentials
    whose = "every secret of the registration"
    if facts.hint and rows and all(row.hint_digest for row in rows):
        rows = tuple(row for row in rows if row.hint_digest == facts.hint)
        whose += " with the first characters of client_secret"
        if not rows and is_read(app, "passwordCredentials"):
            says = "no secret of the registration has the first characters of client_secret (property hint)"
            yield failed("proof", 7000215, says, parameter="client_secret", property=where, change=change)
            return
    state, until = living(rows, app, scene.now, "/passwordCredentials")
    if state == "none":
        yield failed(
            "proof", 7000215, "the registration has no secret", parameter="client_secret", property=where, change=change
        )
    elif state == "expired":
        yield failed(
            "proof",
            7000222,
            f"{whose} has expired, most recently on {until}",
            property=where,
            change=change,
        )
    elif state == "unread":
        yield unread("proof", "grantlint does not know whether a secret of the registration is valid now", where)
    elif state == "early":
        yield failed(
            "proof",
            0,
            "no secret of the registration is valid yet",
            property=where,
            change="wait until a secret is valid, or add a valid secret",
        )
    else:
        yield passed("proof", f"a secret of the registration is valid{f' until {until}' if until else ''}")


def check_assertion(scene: Scene, app: Registration) -> Iterator[Check]:
    """The client assertion against certificates and federated credentials."""
    request = scene.request
    kind = request.get("client_assertion_type")
    if kind != _TYPE:
        yield failed(
            "proof", 0, "client_assertion_type must be " + _TYPE, "entra:certificate-credentials",
                parameter="client_assertion_type",
            fixes=(Fix("set", "client_assertion_type", _TYPE),),
        )  # fmt: skip
    claims = request.facts("client_assertion").claims
    if claims is not None and (says := _unusual(claims)):
        yield unread("proof", says, code=50027, parameter="client_assertion")
    if claims is not None and claims.expires is not None and claims.expires <= scene.now:
        yield failed(
            "proof", 700024, f"the client assertion expired on {day(claims.expires)}", parameter="client_assertion"
        )
    elif claims is not None and claims.not_before is not None and claims.not_before > scene.now:
        says = f"the client assertion is not valid before {day(claims.not_before)}"
        yield failed("proof", 700024, says, parameter="client_assertion")
    elif claims is None and not request.facts("client_assertion").template:
        says = "the client assertion is not a readable JSON Web Token"
        yield unread("proof", says, code=50027, parameter="client_assertion")
    elif claims is None or not isinstance(app.app_id, str) or not claims.issuer:
        yield from _unread_assertion(scene, app)
    elif app.app_id.casefold() in (claims.issuer.casefold(), claims.subject.casefold()) or is_guid(claims.issuer):
        yield from _signed_by_client(scene, app, claims)
    else:
        yield _federated(app, claims)


def _unusual(claims: Claims) -> str:
    """What an assertion has, or lacks, that no document lets pass; empty where there is nothing."""
    if claims.algorithm not in _ALGORITHMS:
        return f"the client assertion is signed with {claims.algorithm or 'none'} instead of {' or '.join(_ALGORITHMS)}"
    if claims.expires is None:
        return "the client assertion has no exp claim"
    return "" if claims.subject else "the client assertion has no sub claim"


def _unread_assertion(scene: Scene, app: Registration) -> Iterator[Check]:
    """An assertion whose claims cannot be read, such as a placeholder: whether anything could verify it."""
    state, until = living(app.key_credentials, app, scene.now, "/keyCredentials")
    accepting = {placed.accepts_tokens for placed in federated(app)}
    if state == "valid":
        yield passed("proof", _valid_certificate(until))
    elif True in accepting:
        yield passed("proof", "the registration has a federated credential")
    elif None in accepting or not is_read(app, _FEDERATED):
        yield _certificates_unread()
    else:
        yield _no_certificate(state, until)


def _certificates_unread() -> Check:
    says = "it is not known whether a certificate or a federated credential is valid now"
    return unread("proof", says, "keyCredentials", code=700027)


def _no_certificate(state: str, until: str) -> Check:
    if state in ("unread", "early"):
        return _certificates_unread()
    says = (
        "the registration has no certificate"
        if state == "none"
        else f"every certificate of the registration has expired, most recently on {until}"
    )
    return failed("proof", 700027, says, parameter="client_assertion", property="keyCredentials",
        change="add the certificate with which the client signs the assertion",
    )  # fmt: skip


def _signed_by_client(scene: Scene, app: Registration, claims: Claims) -> Iterator[Check]:
    """An assertion that the client signs with its certificate (Microsoft, "Certificate credentials")."""
    own = str(app.app_id)
    strange = next((text for text in (claims.issuer, claims.subject) if text.casefold() != own.casefold()), "")
    if strange:
        says = f"the iss and sub claims of the client assertion must be {own}, but one claim is {strange}"
        yield failed("proof", 700021, says, parameter="client_assertion")
        return
    wrong = _wrong_audience(scene, claims.audience)
    if wrong:
        yield failed("proof", 700023, wrong, parameter="client_assertion")
        return
    if not _AUDIENCE.fullmatch(claims.audience):
        says = f"the aud claim of the client assertion is {claims.audience}, which is not a documented value"
        yield unread("proof", says, code=700023, parameter="client_assertion")
    state, until = living(app.key_credentials, app, scene.now, "/keyCredentials")
    if state != "valid":
        yield _no_certificate(state, until)
    else:
        yield _key(app, claims, until, scene.now)


#: What the audience of a client assertion is: the token endpoint of the tenant, or the issuer of its tokens.
_AUDIENCE: Final = re.compile(r"https://[^/]+/[^/]+/(?:v2\.0/?|oauth2/(?:v2\.0/)?token/?)?", re.IGNORECASE)


def _wrong_audience(scene: Scene, audience: str) -> str:
    """Why the audience of a client assertion is wrong; empty where it may be right.

    It is a URL of the tenant of the request. A domain and an ID may name one tenant.
    """
    request, uri = scene.request, parse(audience)
    tenant = uri.path.strip("/").partition("/")[0].casefold()
    if not audience:
        return "the client assertion has no aud claim"
    if not uri.is_web or uri.host not in sign_in_hosts():
        return f"the aud claim of the client assertion is {audience}, which is not a URL of Microsoft Entra ID"
    if request.host in sign_in_hosts() and uri.host != request.host:
        return f"the aud claim of the client assertion has the host {uri.host}, but the request goes to {request.host}"
    if tenant in ("common", "organizations", "consumers"):
        return f"the aud claim of the client assertion has /{tenant} instead of a tenant"
    if is_guid(tenant) and is_guid(request.tenant) and tenant != request.tenant.casefold():
        return f"the aud claim of the client assertion has the tenant {tenant}, but the request has another tenant"
    return ""


def _valid_certificate(until: str) -> str:
    return f"a certificate of the registration is valid{f' until {until}' if until else ''}"


def _key(app: Registration, claims: Claims, until: str, now: datetime) -> Check:
    """The certificate that the header names against the registered ones, by their SHA-1 thumbprints."""
    valid = _valid_certificate(until)
    if not claims.names_key:
        says = "the header of the client assertion has no thumbprint: x5t, x5t#S256 or kid"
        return failed("proof", 700027, says, parameter="client_assertion")
    rows = app.key_credentials or ()
    marks = [row.custom_key_identifier for row in rows]
    known = [thumbprint(mark) if isinstance(mark, str) else "" for mark in marks]
    if not claims.thumbprint or not all(known) or not is_read(app, "keyCredentials"):
        return passed("proof", valid)
    if claims.thumbprint in known:
        named = tuple(row for row, mark in zip(rows, known, strict=True) if mark == claims.thumbprint)
        state, end = living(named, app, now, "/keyCredentials")
        if state == "expired":
            says = f"the client assertion names a certificate that expired on {end}"
            return failed("proof", 700027, says, parameter="client_assertion")
        return passed("proof", f"{valid}, and the assertion names a registered certificate")
    says = (
        f"the client assertion names the certificate {claims.thumbprint}; registered certificates: {', '.join(known)}"
    )
    return failed("proof", 700027, says, parameter="client_assertion", property="keyCredentials",
        change="add the certificate with which the client signs the assertion",
    )  # fmt: skip


_FEDERATED: Final = "federatedIdentityCredentials"


def _federated(app: Registration, claims: Claims) -> Check:
    """The token of another issuer against the federated credentials: issuer, then subject, then audience."""
    rows = app.federated_identity_credentials
    if rows is UNSET:
        says = "the issuer of the assertion is not the client, and federated credentials were not read"
        return unread("proof", says, _FEDERATED, code=700211)
    same = [row for row in rows or () if row.issuer == claims.issuer]
    if not is_read(app, _FEDERATED):
        return unread("proof", "not all federated credentials were read", _FEDERATED, code=700213)
    if not same:
        registered = _listed(row.issuer for row in rows or ())
        says = f"the iss claim of the assertion is {claims.issuer}; registered issuers: {registered}"
        return failed("proof", 700211, says,
            property=f"{_FEDERATED}.issuer", change="set the issuer to exactly the iss claim of the assertion",
        )  # fmt: skip
    answers = [(row, _accepts(row, claims)) for row in same]
    accepting = [row for row, answer in answers if answer]
    if accepting:
        return _for_audience(accepting, claims)
    if any(answer is None for _, answer in answers):
        says = "it is not known whether the expression of a federated credential accepts the assertion"
        return unread("proof", says, f"{_FEDERATED}.claimsMatchingExpression", code=700213)
    return _other_subject(app, claims, same)


def _other_subject(app: Registration, claims: Claims, same: list[FederatedCredential]) -> Check:
    """No federated credential of the issuer, *same*, accepts the subject: which ones they accept."""
    subjects = [row.subject for row in same if isinstance(row.subject, str) and row.subject]
    expressions = [placed.expression for placed in federated(app) if placed.credential in same and placed.expression]
    says = (
        f"the sub claim of the assertion is {claims.subject}; registered subjects: {_listed((*subjects, *expressions))}"
    )
    change = "set the subject to exactly the sub claim of the assertion"
    if claims.subject.casefold() in map(str.casefold, subjects):
        says += "; the subjects differ only in case"
        return failed("proof", 7002138, says, property=f"{_FEDERATED}.subject", change=change)
    if _without_ids(claims.subject) in subjects:
        says += "; only the sub claim contains the numeric IDs of owner and repository"
    # Of subjects that Entra ID writes itself, the answer has the right one (AADSTS7002137).
    code = 7002137 if claims.subject.startswith("/eid1/") else 700213
    return failed("proof", code, says, property=f"{_FEDERATED}.subject", change=change)


def _for_audience(rows: list[FederatedCredential], claims: Claims) -> Check:
    audiences = [audience for row in rows for audience in row.audiences or ()]
    if claims.audience in audiences:
        return passed("proof", "issuer, subject and audience of the assertion match a federated credential")
    if not claims.audience:
        return unread("proof", NO_AUDIENCE, _FEDERATED, code=700212)
    if any(row.audiences is UNSET for row in rows):
        return unread("proof", "the audiences of the federated credential were not read", _FEDERATED, code=700212)
    return failed("proof", 700212, f"the aud claim of the assertion is {claims.audience}; registered audiences: "
        f"{_listed(audiences)}", property=f"{_FEDERATED}.audiences",
        change="set the audience to exactly the aud claim of the assertion",
    )  # fmt: skip


def _accepts(row: FederatedCredential, claims: Claims) -> bool | None:
    """Whether a federated credential accepts the subject, or the claims of its expression; ``None``: not known."""
    expression = row.claims_matching_expression
    if not expression:
        return row.subject == claims.subject if row.subject is not UNSET else None
    conditions = clauses(expression.value) if isinstance(expression.value, str) else None
    named = dict(claims.named)
    if conditions is None or any(clause.claim not in named for clause in conditions):
        return None
    return all(_fulfills(clause, named[clause.claim]) for clause in conditions)


def _fulfills(clause: Clause, value: str) -> bool:
    return matches(clause.value, value) if clause.verb == "matches" else clause.value == value


def matches(pattern: str, text: str) -> bool:
    """Whether *text* has the form of *pattern*: ``*`` is any text, ``?`` one character.

    Source: Microsoft, "Flexible federated identity credentials (preview)". Each star is tried once from the left, so
    the time is bounded by the product of the lengths.
    """
    at, place, star, resume = 0, 0, -1, 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def _without_ids(subject: str) -> str:
    """GitHub's subject without the numeric IDs of owner and repository."""
    return re.sub(r"@\d+(?=[/:])", "", subject)


def _listed(values: Iterable[object]) -> str:
    """The first of the registered values."""
    known = list(dict.fromkeys(value for value in values if isinstance(value, str) and value))
    return ", ".join(known[:4]) + (f" and {len(known) - 4} more" if len(known) > 4 else "") if known else "none"


def living(
    rows: tuple[Credential, ...] | UnsetType | None, app: Registration, now: datetime, pointer: str
) -> tuple[str, str]:
    """Whether one credential is valid at *now*: valid, expired, early, none or unread; and until when, or since when
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
        if not isinstance(end, datetime):  # Graph always sets an end, so null comes from another source
            unsure = True
        elif end <= now:
            ends.append(end)
        elif isinstance(start, datetime) and start > now:
            early = True
        else:
            return "valid", day(end)
    if unsure:
        return "unread", ""
    if early:
        return "early", ""
    return ("expired", day(max(ends))) if ends else ("none", "")
