"""A request to the identity platform as the preflight checks it, without the secrets that were in it.

Only parameters that are known to be public keep their value. Any other value is replaced by its name in braces when it
is read. Facts that a check needs are extracted first: whether there is a secret, whether it looks like an identifier,
the claims of a token, and the challenge of a verifier.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import unquote, unquote_plus, urlsplit

import msgspec

from advisor.secrets import Secrets, names_secret
from rules.model.registration import digest_of_hint
from rules.primitives.texts import is_guid

Endpoint = Literal["authorize", "token", "devicecode", "logout", "adminconsent"]
Place = Literal["query", "body", "header"]

#: Parameters whose values are not secrets (RFC 6749, 7636, 8628, OpenID Connect Core; Microsoft's protocol pages).
PUBLIC: Final = frozenset(
    (
        "client_id", "response_type", "response_mode", "redirect_uri", "scope", "resource", "prompt", "grant_type",
            "code_challenge",
        "code_challenge_method", "client_assertion_type", "requested_token_use", "token_type", "display",
        "post_logout_redirect_uri", "brk_client_id", "brk_redirect_uri", "embedded_client_id",
    )
)  # fmt: skip

#: Parameters with a name that may be shown; another name may be a secret that was written without its own.
_KNOWN: Final = PUBLIC | frozenset(
    (
        "state", "nonce", "claims", "login_hint", "domain_hint", "id_token_hint", "max_age", "ui_locales", "acr_values",
            "request",
        "request_uri", "username", "password", "code", "code_verifier", "refresh_token", "device_code", "assertion",
            "client_secret",
        "client_assertion", "client_info", "id_token", "access_token", "subject_token", "subject_token_type",
            "actor_token",
        "actor_token_type", "user_code", "req_cnf", "instance_aware", "haschrome", "mkt", "lc", "p", "sso_reload",
            "msafed",
        "amr_values", "x-client-sku", "x-client-ver", "x-client-os", "x-client-cpu", "client-request-id",
            "return-client-request-id",
        "api-version", "audience", "approval_prompt", "access_type", "logout_hint",
        "fmi_path", "user_federated_identity_credential", "user_id",
    )
)  # fmt: skip
_METHODS: Final = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))

#: Longer requests were not written by hand.
MOST_CHARACTERS: Final = 200_000
MOST_PARAMETERS: Final = 200

_PATH: Final = re.compile(
    r"/(?P<tenant>[^/]+)/(?:oauth2/(?:(?P<v2>v2\.0)/)?(?P<kind>authorize|token|devicecode|logout)"
    r"|(?:(?P<consent_v2>v2\.0)/)?(?P<consent>adminconsent))/?",
    re.IGNORECASE,
)
#: Endpoints that a browser opens.
BROWSER: Final = ("authorize", "logout", "adminconsent")
_PLACEHOLDER: Final = re.compile(
    r"\{\{?[^{}]*\}\}?|<[^<>]+>|\$\{?[A-Za-z_]\w*\}?|%[A-Za-z_]\w*%|\[[A-Za-z_ -]+\]", re.ASCII
)
#: A URL as the documents write it: https, small letters, no empty segment and no final slash.
_DOCUMENTED: Final = re.compile(
    r"https://[^/]+/[^/]+/(?:oauth2/(?:v2\.0/)?(?:authorize|token|devicecode|logout)|(?:v2\.0/)?adminconsent)"
)
#: RFC 7636, 4.1: the characters of a code verifier, and of a challenge.
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*")


#: Name, value, and the value as it was written.
_Pair = tuple[str, str, str]


#: Why the audience of an assertion cannot be compared.
NO_AUDIENCE: Final = "the aud claim of the assertion is not one text"


class Claims(msgspec.Struct, frozen=True):
    """The claims of a token, without its signature. ``kind`` follows from the claims that only one kind has.

    ``named`` are the claims that an expression of a federated credential may be about. ``thumbprint`` is the SHA-1
    thumbprint of the certificate that the header names, in hexadecimal. ``names_key`` says that the header names a
    certificate, in any form. ``is_app_only`` says that no user signed in for it.
    """

    issuer: str = ""
    subject: str = ""
    audience: str = ""
    not_before: datetime | None = None
    expires: datetime | None = None
    algorithm: str = ""
    is_app_only: bool = False
    kind: Literal["access", "id", "unknown"] = "unknown"
    named: tuple[tuple[str, str], ...] = ()
    thumbprint: str = ""
    names_key: bool = False


class Facts(msgspec.Struct, frozen=True):
    """Facts about a value that is not stored.

    ``given`` is false for an empty value, ``template`` true for a placeholder. ``plus`` says that a literal plus sign
    was in a form, where it means a space. ``challenge`` is the S256 challenge that a code verifier answers (RFC 7636,
    4.2). ``digest`` is the digest of a GUID, which is an ID and not a secret. ``hint`` is that of the first three
    characters of a secret. ``malformed`` says that the value does not fit its parameter: a verifier with characters
    that RFC 7636 does not allow, ``claims`` that is not JSON, or a username that is not that of a member of a tenant.
    """

    given: bool = False
    template: bool = False
    guid: bool = False
    plus: bool = False
    malformed: bool = False
    length: int = 0
    challenge: str = ""
    digest: str = ""
    hint: str = ""
    claims: Claims | None = None


class Parameter(msgspec.Struct, frozen=True):
    """A parameter and where it is. The value of one that is not public is its name in braces. ``padded`` says that
    spaces were around the value.
    """

    name: str
    value: str
    place: Place = "query"
    facts: Facts | None = None
    padded: bool = False


class AuthRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to an endpoint of the identity platform.

    ``basic`` says that it has client credentials in an Authorization header, ``origin`` that it has an Origin header,
    ``form`` that its body is a form, and ``documented`` that its URL has the documented form. ``label`` is its name in
    the input.
    """

    endpoint: Endpoint
    method: str
    host: str
    tenant: str
    version: Literal[1, 2]
    parameters: tuple[Parameter, ...] = ()
    basic: bool = False
    origin: bool = False
    form: bool = True
    documented: bool = True
    file: str | None = None
    line: int | None = None
    label: str = ""

    def get(self, name: str) -> str:
        """The value of a parameter; empty when it is absent or empty. In a POST only the body counts, as on the
        platform.
        """
        found = self.find(name)
        return "" if found is None or (found.facts is not None and not found.facts.given) else found.value

    def find(self, name: str) -> Parameter | None:
        """The parameter as it was sent, where the endpoint looks for it."""
        return next((p for p in self.read if p.name == name), None)

    @property
    def read(self) -> tuple[Parameter, ...]:
        """The parameters that the endpoint reads: those of the query for a browser's GET, else those of the body."""
        place = "query" if self.endpoint in BROWSER and self.method == "GET" else "body"
        return tuple(p for p in self.parameters if p.place == place)

    def facts(self, name: str) -> Facts:
        """What is known about a parameter that is not kept."""
        found = self.find(name)
        return found.facts or Facts() if found else Facts()

    @property
    def url(self) -> str:
        """The URL without its parameters."""
        version = "v2.0/" if self.version == 2 else ""
        family = "" if self.endpoint == "adminconsent" else "oauth2/"
        return f"https://{self.host}/{self.tenant}/{family}{version}{self.endpoint}"

    @property
    def sends_credential(self) -> bool:
        """Whether the client proves itself: by secret, assertion or Basic header (RFC 6749, 2.3.1)."""
        return self.basic or bool(self.get("client_secret")) or bool(self.get("client_assertion"))


def is_placeholder(value: str) -> bool:
    """Say whether *value* is something to be filled in: ``{tenant}``, ``{{tenant}}``, ``<tenant>``, ``$TENANT``."""
    text = value.strip()
    return bool(_PLACEHOLDER.fullmatch(text)) and not is_guid(text.strip("{}"))


def has_placeholder(value: str) -> bool:
    """Say whether a part of *value* is still to be filled in."""
    return bool(_PLACEHOLDER.search(value))


def make_request(
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    body: str | Iterable[tuple[str, str]] | None = None,
    *,
    file: str | None = None,
    line: int | None = None,
    label: str = "",
) -> AuthRequest | None:
    """The request without its secrets, or ``None`` when *url* is not an endpoint of :data:`Endpoint`.

    *body* is the text of the body, or its fields where the format keeps them apart (decoded).
    """
    parts = _split(url)
    match = _PATH.fullmatch(parts[1]) if parts else None
    if parts is None or match is None:
        return None
    host, _, query = parts
    named = {name.strip().lower(): value.strip() for name, value in headers}
    form = True
    in_query, in_body = list(_pairs(query)), list[_Pair]()
    if isinstance(body, str):
        parts_of_form = _multipart(named.get("content-type", ""), body)
        form = bool(parts_of_form) or _is_form(named.get("content-type", ""), body)
        in_body = parts_of_form or (list(_pairs(body)) if form else _fields(body))
    elif body is not None:
        in_body = [(name, value, value) for name, value in body]
        form = "json" not in named.get("content-type", "").lower()
    secrets = Secrets()
    secrets.add_all(value for name, value, _ in (*in_query, *in_body) if _is_secret(name))
    parameters = [*_parameters(in_query, "query", secrets), *_parameters(in_body, "body", secrets)]
    return AuthRequest(
        endpoint=msgspec.convert((match["kind"] or match["consent"]).lower(), Endpoint),
        method=method.upper() if method.upper() in _METHODS else "OTHER",
        host=host,
        tenant=_public(unquote(match["tenant"]), secrets),
        version=2 if match["v2"] or match["consent_v2"] else 1,
        parameters=tuple(parameters[:MOST_PARAMETERS]),
        basic=named.get("authorization", "").lower().startswith("basic"),
        origin=bool(named.get("origin")),
        form=form,
        documented=bool(_DOCUMENTED.fullmatch(re.split(r"[?#]", url.strip(), maxsplit=1)[0])),
        file=file,
        line=line,
        label=secrets.hide(label),
    )


def _split(url: str) -> tuple[str, str, str] | None:
    """Host with port, path and query of a URL; ``None`` when it is not one."""
    if len(url) > MOST_CHARACTERS or "://" not in url[:12]:
        return None
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".") + (f":{port}" if port not in (None, 443, 80) else "")
    return (host, re.sub(r"//+", "/", parts.path), parts.query) if parts.scheme in ("http", "https") and host else None


def _pairs(text: str) -> Iterator[_Pair]:
    """Name, value and the value as it was written, of a form or a query."""
    for part in text[:MOST_CHARACTERS].split("&")[:MOST_PARAMETERS]:
        name, _, written = part.strip().partition("=")
        if name:
            yield unquote_plus(name), unquote_plus(written), written


def _is_form(content_type: str, body: str) -> bool:
    """Whether the endpoint finds parameters in *body*. It reads what the content type says, and nothing else."""
    if body.lstrip()[:1] in ("{", "[", "<"):
        return False
    return content_type.partition(";")[0].strip().lower() in ("", "application/x-www-form-urlencoded")


_PART: Final = re.compile(r'name="(?P<name>[^"\r\n]{1,200})"[^\r\n]*\r?\n\r?\n(?P<value>[^\r\n]*)')


def _multipart(content_type: str, body: str) -> list[_Pair]:
    """The fields of a body that is multipart/form-data; empty where it is not one."""
    if "multipart/form-data" not in content_type.lower() or not body.lstrip().startswith("--"):
        return []
    found = _PART.finditer(body[:MOST_CHARACTERS])
    return [(part["name"], part["value"], part["value"]) for part in found][:MOST_PARAMETERS]


def _fields(body: str) -> list[_Pair]:
    """The texts of a JSON object that was sent in place of a form: a correction needs them."""
    try:
        value = json.loads(body[:MOST_CHARACTERS])
    except (ValueError, RecursionError):
        return []
    rows = value.items() if isinstance(value, dict) else ()
    return [(name, text, text) for name, text in rows if isinstance(text, str)][:MOST_PARAMETERS]


def _is_secret(name: str) -> bool:
    return name in ("code", "assertion", "user_federated_identity_credential") or names_secret(name)


def _parameters(pairs: Iterable[_Pair], place: Place, secrets: Secrets) -> Iterator[Parameter]:
    for name, value, written in pairs:
        wire = name.strip() if name.strip().lower() in _KNOWN else "unnamed"
        padded = value != value.strip()
        if wire == "client_id" and not is_guid(value.strip()) and not is_placeholder(value):
            # Not an identifier, so what it is cannot be known: an exchanged secret is a common mistake.
            facts = _facts(wire, value, written)
            yield Parameter(wire, "{client_id}" if value.strip() else "", place, facts, padded)
        elif wire == "scope":  # a line feed at its end is part of the last name
            yield Parameter(wire, secrets.hide(value[:4000]), place)
        elif wire in PUBLIC:
            yield Parameter(wire, _public(value, secrets), place, padded=padded)
        else:
            yield Parameter(wire, f"{{{wire}}}", place, _facts(wire, value, written), padded)


def _public(value: str, secrets: Secrets) -> str:
    """A public value without the secrets that were put into it."""
    return secrets.hide(value.strip()[:4000])


def digest(guid: str) -> str:
    """The digest by which IDs are compared. Case makes no difference."""
    return hashlib.sha256(guid.strip().casefold().encode()).hexdigest()


def _facts(name: str, value: str, written: str) -> Facts:
    challenge = ""
    if name == "code_verifier" and value and not has_placeholder(value):
        challenge = _b64(hashlib.sha256(value.encode()).digest())
    return Facts(
        given=bool(value.strip()),
        template=is_placeholder(value),
        guid=is_guid(value.strip()),
        plus="+" in written and name == "client_secret",
        malformed=bool(value.strip()) and not has_placeholder(value) and _is_malformed(name, value),
        length=len(value),
        challenge=challenge,
        digest=digest(value) if is_guid(value.strip()) else "",
        hint=digest_of_hint(value) if name == "client_secret" and value and not has_placeholder(value) else "",
        claims=_claims(value) if name in ("client_assertion", "assertion") else None,
    )


#: Domains of Microsoft's mail for personal accounts, which no tenant has.
_PERSONAL_DOMAINS: Final = frozenset(("hotmail.com", "live.com", "msn.com", "outlook.com"))


def _is_malformed(name: str, value: str) -> bool:
    """Whether a value does not have the form of its parameter, where that has one."""
    match name:
        case "code_verifier":
            return not has_verifier_characters(value)
        case "claims":
            return not _is_json(value)
        case "username":
            name, _, domain = value.strip().casefold().rpartition("@")
            return not name or "#ext#" in name or domain in _PERSONAL_DOMAINS
    return False


def has_verifier_characters(value: str) -> bool:
    """Whether *value* has only characters that a code verifier or challenge may have (RFC 7636, 4.1 and 4.2)."""
    return bool(_UNRESERVED.fullmatch(value))


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def answered_by(challenge: str, method: str) -> str:
    """The S256 challenge of the verifier that answers *challenge*: of a plain one, that is the verifier itself."""
    return challenge if method == "S256" else _b64(hashlib.sha256(challenge.encode()).digest())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(token: str) -> Claims | None:
    """What a JSON Web Token says (RFC 7519); ``None`` when it is not one that can be read."""
    pieces = token.strip().split(".")
    if len(pieces) != 3 or len(token) > MOST_CHARACTERS:
        return None
    header, payload = (_object(piece) for piece in pieces[:2])
    if payload is None:
        return None
    kind: Literal["access", "id", "unknown"] = "unknown"
    if "scp" in payload or "roles" in payload or "appid" in payload or "azp" in payload:
        kind = "access"
    elif "nonce" in payload or "c_hash" in payload or "at_hash" in payload:
        kind = "id"
    thumbprint, names_key = _key(header or {})
    return Claims(
        issuer=_claim(payload.get("iss")),
        subject=_claim(payload.get("sub")),
        audience=_claim(payload.get("aud")),
        not_before=_moment(payload.get("nbf")),
        expires=_moment(payload.get("exp")),
        algorithm=_claim((header or {}).get("alg")),
        is_app_only=payload.get("idtyp") == "app",
        kind=kind,
        named=tuple((name, _claim(payload.get(name))) for name in ("sub", "job_workflow_ref")),
        thumbprint=thumbprint,
        names_key=names_key,
    )


def _moment(seconds: object) -> datetime | None:
    """A date of a token (RFC 7519, section 2); ``None`` for any other value."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (OverflowError, OSError, ValueError):
        return None


def _object(piece: str) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


#: The length of a thumbprint in bytes (SHA-1, SHA-256).
_SHA1, _SHA256 = 20, 32


def _key(header: dict[str, Any]) -> tuple[str, bool]:
    """The SHA-1 thumbprint that a header names, and whether it names a certificate at all.

    Source: Microsoft, "Certificate credentials": ``x5t`` or ``x5t#S256``, in base64url. A ``kid`` counts where it is a
    thumbprint in hexadecimal, as MSAL writes it.
    """
    texts = {name: header[name] for name in ("x5t", "x5t#S256", "kid") if isinstance(header.get(name), str)}
    found = [read for name, text in texts.items() if (read := thumbprint(text, hexadecimal=name == "kid"))]
    return next((read for read in found if len(read) == 2 * _SHA1), ""), bool(found)


def thumbprint(text: str, *, hexadecimal: bool = True) -> str:
    """A thumbprint in hexadecimal, of one that is written in base64, or so already; empty for any other text."""
    if hexadecimal and re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) in (2 * _SHA1, 2 * _SHA256):
        return text.upper()
    try:
        data = base64.b64decode(text.translate({45: 43, 95: 47}) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return data.hex().upper() if len(data) in (_SHA1, _SHA256) else ""


def _claim(value: object) -> str:
    return value[:400] if isinstance(value, str) else ""
