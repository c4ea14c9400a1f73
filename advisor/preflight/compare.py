"""Compare the values of an error message with a registration: which one Entra saw, and which ones are registered.

Messages quote their values, in every language. Only a value of the kind that the code is about is shown again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from advisor.preflight.known import is_read
from advisor.preflight.redirects import match_redirect
from advisor.preflight.resources import RequestedScope, offer, owned
from advisor.secrets import without_secrets
from rules.model.registration import Credential, Registration, digest_of_hint
from rules.primitives.dates import day, moment
from rules.primitives.texts import is_guid
from rules.primitives.uri import parse

#: Quotation marks of the languages that the platform writes. An apostrophe is inside of a word, and JSON has others.
_QUOTED: Final = (
    re.compile(r"(?<!\w)'([^'\r\n]{1,400})'(?!\w)"),
    re.compile(r"[\"“”„«»‘’「『]([^'\"“”„«»‘’「」『』\r\n]{1,400})[\"“”„«»‘’」』]"),
)

#: The length of the hint of a secret.
_HINT: Final = 3

#: Values that a registration lists: at most this many are shown.
_SHOWN: Final = 5


def compare(code: int, message: str, app: Registration, now: datetime) -> tuple[str, ...]:
    """Sentences about the values of *message*, which has the *code*, and those of *app*; empty where there are none."""
    text = without_secrets(message)
    quoted = list(dict.fromkeys(match[1].strip() for marks in _QUOTED for match in marks.finditer(text)))
    found = _BY_CODE.get(code)
    return (*_client(quoted, app), *(found(quoted, app, now) if found else ()))


def _client(quoted: list[str], app: Registration) -> Iterator[str]:
    """Whether the message is about this registration: it quotes the client ID, and may quote others."""
    ids = [text.lower() for text in quoted if is_guid(text)]
    if not ids or not isinstance(app.app_id, str):
        return
    if app.app_id.lower() in ids:
        yield f"The message is about this registration, {app.app_id}."
    else:
        yield f"The message names {_listed(ids)}. This registration is {app.app_id}."


def _redirect(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    text = next((text for text in quoted if "://" in text or text.startswith("urn:")), "")
    if not text:
        return
    found = match_redirect(app, text)
    if found.found:
        yield f"{text} is registered on {found.found[0].platform}. The URI may have been added after the error."
    elif not found.read:
        yield f"{text} may be registered: not all of the registered redirect URIs were read."
    elif found.near is None:
        yield f"{text} was sent, and no redirect URI is registered."
    else:
        yield f"{text} was sent. The nearest registered URI, {found.near.uri.text}, differs in {found.why}."


def _subject(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    yield from _federated(quoted, app, "subject", lambda row: (row.subject,), lambda text: not is_guid(text))


def _issuer(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    yield from _federated(quoted, app, "issuer", lambda row: (row.issuer,), lambda text: "://" in text)


def _audience(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    yield from _federated(quoted, app, "audience", lambda row: row.audiences or (), bool)


def _federated(
    quoted: list[str],
    app: Registration,
    what: str,
    values: Callable[..., Iterable[object]],
    fits: Callable[[str], bool],
) -> Iterator[str]:
    """The first value of the message that *fits*, and those of the federated credentials."""
    sent = next((text for text in quoted if fits(text)), "")
    rows = app.federated_identity_credentials
    if not sent:
        return
    known = [value for row in rows or () for value in values(row) if isinstance(value, str)]
    if sent in known:
        yield f"The {what} {sent} is registered. Another part differs, or the value was added after the error."
    elif not is_read(app, "federatedIdentityCredentials"):
        yield f"The {what} of the token is {sent}. Not all federated credentials were read."
    else:
        same = next((value for value in known if value.casefold() == sent.casefold()), "")
        case = f" {same} differs only in case." if same else ""
        yield f"The {what} of the token is {sent}. Registered: {_listed(known)}.{case}"


def _secrets(_: list[str], app: Registration, now: datetime) -> Iterator[str]:
    rows = app.password_credentials
    if not is_read(app, "passwordCredentials"):
        yield "Not all secrets of the registration were read."
    elif not rows:
        yield "The registration has no secret."
    else:
        yield f"Secrets of the registration: {_listed(_lifetime(row, now) for row in rows)}."


def _wrong_secret(quoted: list[str], app: Registration, now: datetime) -> Iterator[str]:
    """The first three characters of the secret, which a message may quote: compared with each hint, and not shown."""
    rows = app.password_credentials or ()
    sent = next((digest_of_hint(text) for text in quoted if len(text) == _HINT), "")
    same = [row for row in rows if sent and row.hint_digest == sent]
    if same:
        yield f"The sent secret has the first characters of {_listed(_lifetime(row, now) for row in same)}."
    elif sent and rows and all(row.hint_digest for row in rows) and is_read(app, "passwordCredentials"):
        yield "No secret of the registration has the first characters of the sent secret."
    elif sent and rows:
        yield "The hints of the secrets were not read, so the sent secret cannot be compared."
    yield from _secrets(quoted, app, now)


def _expired(quoted: list[str], app: Registration, now: datetime) -> Iterator[str]:
    yield from _secrets(quoted, app, now)
    ends = [moment(row.end_date_time) for row in app.password_credentials or ()]
    if any(isinstance(end, datetime) and end > now for end in ends):
        yield "At least one secret is valid, so the client sends an expired secret."


def _lifetime(row: Credential, now: datetime) -> str:
    end = moment(row.end_date_time)
    name = row.display_name if isinstance(row.display_name, str) and row.display_name else "a secret without a name"
    if not isinstance(end, datetime):
        return f"{name}, whose expiry date was not read"
    return f"{name}, {'expired on' if end <= now else 'valid until'} {day(end)}"


def _scope(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    """The scope and the resource of the message, which quotes the name of the client before them."""
    resource = next((text for text in reversed(quoted) if is_guid(text) or "://" in text), "")
    names = [text for text in quoted if text != resource and not is_guid(text)]
    if resource and names:
        scope = RequestedScope(f"{resource}/{names[-1]}", resource, names[-1])
        yield offer(scope, app).says[:1].upper() + offer(scope, app).says[1:] + "."


#: Clients of Microsoft Teams, which request tokens for the API of a tab (Microsoft, "Enable SSO for tab app").
_TEAMS: Final = {
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Microsoft Teams on desktop and mobile",
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346": "Microsoft Teams on the web",
}


def _consent(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    """Whether the registration pre-authorizes the client of Microsoft Teams that the message names."""
    client = next((text.lower() for text in quoted if text.lower() in _TEAMS), "")
    rows = app.api.pre_authorized_applications if app.api else None
    if not client:
        return
    if any(str(row.app_id).lower() == client for row in rows or ()):
        yield f"The client is {_TEAMS[client]}, which this registration pre-authorizes. Check the scopes of that entry."
    elif not is_read(app, "api.preAuthorizedApplications"):
        yield f"The client is {_TEAMS[client]}. Not all of preAuthorizedApplications was read."
    else:
        yield f"The client is {_TEAMS[client]}, which is not in preAuthorizedApplications of this registration."


def _identifier(quoted: list[str], app: Registration, now: datetime) -> Iterator[str]:
    """The entity ID of a SAML request, which takes the place of a client ID."""
    if not any(is_guid(text) for text in quoted[:1]):
        yield from _resource(quoted, app, now)


def _resource(quoted: list[str], app: Registration, _: datetime) -> Iterator[str]:
    text = next((text for text in quoted if "://" in text or is_guid(text)), "")
    if not text:
        return
    uris = [str(uri) for uri in app.identifier_uris or ()]
    if owned(app, text).state == "yes":
        yield f"{text} is this registration. It has no service principal in the tenant of the request."
    elif not is_read(app, "identifierUris"):
        yield f"{text} was requested. Not all of identifierUris of this registration was read."
    else:
        host = parse(text).host or ""
        near = next((uri for uri in uris if host and host in uri.casefold()), "")
        yield f"{text} was requested. identifierUris of this registration: {_listed([near] if near else uris)}."


_BY_CODE: Final[dict[int, Callable[[list[str], Registration, datetime], Iterator[str]]]] = {
    50011: _redirect,
    500112: _redirect,
    700046: _redirect,
    700213: _subject,
    7002138: _subject,
    7002137: _subject,
    700211: _issuer,
    700212: _audience,
    7000215: _wrong_secret,
    7000222: _expired,
    650053: _scope,
    65005: _scope,
    500011: _resource,
    65001: _consent,
    700016: _identifier,
    650056: _identifier,
    9010010: _resource,
}


def _listed(values: Iterable[str]) -> str:
    known = list(dict.fromkeys(values))
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more if known else "none"
