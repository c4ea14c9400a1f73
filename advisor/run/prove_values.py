"""The proof of what the advice prints: every registration lints clean, and preflight refuses no request.

In: a proved tree. For each end of its paths, with each audience, cloud and API, the registration is built from the
settings as they are printed, with sample values for the words in braces. Out: the figures, and what does not hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice, product
from typing import Any, Final

import msgspec

from advisor.decide.notes import known_of
from advisor.decide.parts import matches
from advisor.decide.settle import Filling, register, requests
from advisor.decide.tree import DecisionTree, Walk, walks
from advisor.preflight.prediction import Check
from advisor.preflight.read import read_requests
from advisor.preflight.resources import app_id_of, split_scope
from advisor.preflight.steps import predict_all
from advisor.preflight.template import trust_in
from reports.advice import Setting
from rules.analysis.grants import grant
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.knowledge.addresses import addresses
from rules.knowledge.credentials import credential_kind
from rules.knowledge.permissions import Kind, permissions_by_value, resources
from rules.model.clean import NOW, clean, merged
from rules.model.finding import Finding
from rules.model.registration import Registration
from rules.primitives.patch import nested, pointer_of

_CLIENT: Final = "0b3d7c55-8d9a-4e0e-9a57-9d3f5b0c6a11"
_TENANT: Final = "5f0e6f5b-6f0c-4e5a-8f5e-2a1f0c9d7b33"
_API: Final = "7c1f2a90-4f43-4b1e-8f62-3d5a9e0b1c77"
_SUBJECT: Final = "c5d1a2b3-7e4f-4a6b-9c8d-1e2f3a4b5c6d"

#: What a reader puts in place of words in braces, in small letters; other words are replaced by ``value``.
_SAMPLES: Final = {
    "tenant": _TENANT,
    "tenant id": _TENANT,
    "tenant name": "contoso",
    "subdomain": "contoso",
    "name": "contoso",
    "org": "contoso",
    "client_id": _CLIENT,
    "client id of the api": _API,
    "client id of the next api": _API,
    "url of the server": "https://mcp.contoso.com",
    "host": "app.contoso.com",
    "path of the page": "",
    "host of the application": "app.contoso.com",
    "path of its redirect": "callback",
    "host of the add-in": "addin.contoso.com",
    "host of the site": "portal.contoso.com",
    "path of the reply url": "signin-openid_1",
    "host on the page of the connector": "global.consent.azure-apim.net",
    "name on the page of the connector": "new-5forders",
    "host of the service": "pitangui.amazon.com",
    "path that its console shows": "api/skill/link/M3KVZMC5JBAN7K",
    "api": f"api://{_API}",
    "next api": f"api://{_API}",
    "package": "com.contoso.app",
    "bundle id": "com.contoso.app",
    "signature": "aB1cD2eF3gH4iJ5kL6mN7oP8qR9%3D",
    "extension id": "abcdefghijklmnopabcdefghijklmnop",
    "tenant of the identity": _TENANT,
    "tenant of the organization": _TENANT,
    "object (principal) id of the user-assigned identity": _SUBJECT,
    "owner": "contoso",
    "repository": "orders",
    "owner id": "1234567",
    "repository id": "7654321",
    "environment": "production",
    "group": "contoso",
    "project": "orders",
    "branch": "main",
    "organization": "contoso",
    "workspace": "orders-production",
    "plan or apply": "apply",
    "issuer url of the aws account": "https://5f0e6f5b-6f0c-4e5a-8f5e-2a1f0c9d7b33.tokens.sts.global.api.aws",
    "arn of the role, as in the token": "arn:aws:iam::123456789012:role/orders",
    "unique id of the service account": "112633961854638529490",
    "url of the cluster's service account issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
    "oidcissuerprofile.issuerurl of the cluster": f"https://westeurope.oic.prod-aks.azure.com/{_TENANT}/{_SUBJECT}/",
    "client id of the identity": _SUBJECT,
    "client id of the blueprint": _CLIENT,
    "tenant id of the agent": _TENANT,
    "client id of the agent identity": _CLIENT,
    "object id of the agent's user account": _SUBJECT,
    "base64url of the tenant id": "W28OX29sTlqPXiofDJ17Mw",
    "unique identifier of the connection": _SUBJECT,
    "issuer on the page of the connector": f"https://login.microsoftonline.com/{_TENANT}/v2.0",
    "subject on the page of the connector": _SUBJECT,
    "subject on the page of the service connection": f"/eid1/c/pub/t/W28OX29sTlqPXiofDJ17Mw/sc/{_API}/{_SUBJECT}",
    "namespace": "orders",
    "service account": "sync",
    "issuer of the platform": f"https://oidc.circleci.com/org/{_TENANT}",
    "exact subject": f"org/{_TENANT}/project/{_API}/user/{_SUBJECT}",
    "secret": "q8Q~sample",
    "random": "8XkR2vNq7tLw4sZy",
    "base64url of sha-256 of code_verifier": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
}
#: The permission that a reader may choose, by a part of the API's host.
_PERMISSIONS: Final = {"graph": "User.Read", "sharepoint": "Sites.Selected", "/powerbi/": "App.Read.All"}
_WORDS: Final = re.compile(r"\{([^{}]*)\}")
_URI: Final = re.compile(r"[a-z][a-z0-9.+-]*://[^\s,;)]*")

#: What preflight reads: no policy of Azure AD B2C, which is no endpoint of Entra, and no host that is not known.
_CHECKED: Final = re.compile(r"^(?:GET|POST) https://(?![a-z]+\.b2clogin\.com/)", re.MULTILINE)

(_CERTIFICATE,) = clean("web")["keyCredentials"]
(_SCOPE,) = clean("api")["api"]["oauth2PermissionScopes"]
_SECRET: Final = {
    "keyId": "33333333-3333-4333-8333-333333333332",
    "displayName": "rotated by the vault",
    "hint": "q8Q",
    "startDateTime": "2026-01-01T00:00:00Z",
    "endDateTime": "2026-06-01T00:00:00Z",
}
_ROLE: Final = {
    "id": "66666666-6666-4666-8666-666666666662",
    "value": "Orders.Read.All",
    "allowedMemberTypes": ["Application"],
    "displayName": "Read all orders",
    "description": "Read all orders without a user.",
    "isEnabled": True,
}


#: Rules that report what the advice recommends on purpose and names as a risk, and what is in the requests then.
_INTENDED: Final = {
    "implicit-id-token": r"response_type=code id_token",  # hybrid sign-in takes the ID token from the sign-in page
    "spa-with-implicit": r"response_type=id_token token",  # the old library, until it is replaced
    "public-client-flows-enabled": r"devicecode|=password$|:saml1_1-bearer",  # needed without redirect URI
    "password-credential": r"client_secret=",  # where nothing better works
    "whole-api-permission": r"/user_impersonation|/\.default",  # the API has no narrower permission
    "powerful-delegated-permission": r"/IMAP\.AccessAsUser\.All",  # Exchange Online has no narrower permission
    "loopback-by-name": r"redirect_uri=",  # MSAL listens on localhost, with any port
}


#: What an advice prints: the settings of the registration, and the lines of the requests.
Printed = tuple[tuple[Setting, ...], tuple[str, ...]]


class ValuesProof(msgspec.Struct, frozen=True):
    """How many combinations were tried, and what does not hold, each with the answers that lead there."""

    combinations: int
    registrations: int
    requests: int
    faults: tuple[str, ...]


def prove_values(tree: DecisionTree, *, every: bool = False, one_in: int = 1) -> ValuesProof:
    """Prove what *tree* prints at each end with each audience; with each cloud at one end of each leaf and kind of
    credential, and with each API at one of each leaf. With *every*, each end is proved with each of all three at once;
    with *one_in*, a part of the ends is proved.
    """
    answers: dict[Printed, str] = {}
    varied: set[tuple[str, ...]] = set()
    combinations = 0
    for found, known in islice(_ends(tree), 0, None, one_in):
        places = {name: (name, *(known.get(key, "") for key in keys)) for name, keys in _VARIED.items()}
        names = [name for name, place in places.items() if every or place not in varied]
        varied |= set(places.values())
        for more in _combinations(tree, names, every=every):
            if _is_overruled(found, {**known, **more}):
                continue
            combinations += 1
            said = " ".join(f"{name}={value}" for name, value in {**known, **more}.items() if value)
            answers.setdefault(_printed(tree, found, {**more, **known}), said)
    return ValuesProof(
        combinations,
        registrations=len(answers),
        requests=sum(not line.startswith(" ") for _, lines in answers for line in lines),
        faults=tuple(f"{fault}; {answers[printed]}" for printed, fault in faults_of(answers)),
    )


def _is_overruled(found: Walk, known: Mapping[str, str]) -> bool:
    """Whether *known* answers allow another choice only at a question of the walk, which then leads elsewhere."""
    return any(
        row.choice != step.choice.id and matches(row.when, known)
        for step in found.taken
        for row in step.question.overrule
    )


def _ends(tree: DecisionTree) -> Iterator[tuple[Walk, dict[str, str]]]:
    """A walk to each end, and what it settles, once for all walks on which the same would be printed."""
    seen = set()
    for found in walks(tree):
        known = {key: value for key, value in known_of(found).items() if key not in _VARIED}
        known["end"] = found.credential.id if found.credential else ""
        key = tuple(map(known.get, _VARIED["audience"]))
        if key not in seen:
            seen.add(key)
            yield found, known


#: The facts that are varied, and what tells ends apart at which that is done.
_VARIED: Final = {"audience": ("leaf", "end", "acts-in"), "cloud": ("leaf", "credential"), "api": ("leaf",)}


def _combinations(tree: DecisionTree, names: list[str], *, every: bool) -> Iterator[dict[str, str]]:
    """Answers to the questions *names*: every combination, or one question with the audience at a time."""
    choices = {name: ["", *(choice.id for choice in tree.facts[name].choices)] for name in names if name in tree.facts}
    groups = [list(choices)] if every else [[name for name in choices if name in ("audience", one)] for one in choices]
    for group in groups or [[]]:
        for values in product(*(choices[name] for name in group)):
            yield {name: value for name, value in zip(group, values, strict=True) if value}


def _printed(tree: DecisionTree, found: Walk, known: Mapping[str, str]) -> Printed:
    """The settings and the requests of the advice at the end of the walk *found*."""
    leaf, end = found.leaf, found.credential
    if leaf is None:
        raise TypeError("a walk without a leaf")
    if leaf.dead_end or leaf.grant == "none":
        row, kind = grant("none"), None
    else:
        row, kind = grant(leaf.grant), credential_kind(end.kind) if end and end.kind != "none" else None
    fill = Filling(tree, known)
    settings = () if leaf.dead_end else tuple(register(row, leaf, end, kind, known, fill))
    return settings, requests(row, leaf, end, kind, fill)


def faults_of(prints: Iterable[Printed]) -> Iterator[tuple[Printed, str]]:
    """What does not hold for each registration and its requests."""
    apps: dict[Printed, Registration] = {}
    for printed in prints:
        body, faults = registration_of(*printed)
        try:
            apps |= {} if faults or not printed[0] else {printed: msgspec.convert(body, Registration)}
        except msgspec.ValidationError as error:
            faults.append(f"the registration has a value that Graph does not accept: {error}")
        yield from ((printed, fault) for fault in faults)
    # One call for all of them takes a third of the time.
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    single = [rule for rule in RULES if rule.on == "registration"]
    for finding in lint([Subject(str(n), app) for n, app in enumerate(apps.values())], single, Context(NOW)).findings:
        found[finding.registration].append(finding)
    for number, (printed, app) in enumerate(apps.items()):
        for finding in found[str(number)]:
            if not _is_intended(finding.rule, printed[1]):
                yield printed, f"the registration has the finding {finding.rule}: {finding.message}"
        for check in _refused(printed[1], app):
            yield printed, f"preflight refuses the request (AADSTS{check.code}): {check.says}"


def _refused(lines: tuple[str, ...], app: Registration) -> Iterator[Check]:
    """What preflight refuses of the requests in *lines*, which it reads as they are printed."""
    text = "\n".join(_filled(line.replace("{redirect_uri}", _first_redirect(app))) for line in lines)
    if expected := len(_CHECKED.findall(text)):
        sent = read_requests(text.encode(), "advice")
        if len(sent) != expected:
            raise ValueError(f"preflight reads {len(sent)} of {expected} requests: {text}")
        for prediction in predict_all(sent, lambda _: app, NOW):
            yield from (check for check in prediction.checks if check.state == "failed")


def _is_intended(rule: str, lines: tuple[str, ...]) -> bool:
    """Whether the advice with the requests *lines* wants what *rule* reports; where none is printed, it may."""
    return rule in _INTENDED and (not lines or re.search(_INTENDED[rule], "\n".join(lines), re.MULTILINE) is not None)


def registration_of(settings: tuple[Setting, ...], lines: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    """A registration of Graph with the values of *settings* and permissions for the scopes in the requests *lines*, and
    which values cannot be used as they are printed.
    """
    body = (
        clean("api") if any(setting.property == "api.oauth2PermissionScopes" for setting in settings) else clean("web")
    )
    body |= {"appId": _CLIENT, "keyCredentials": [], "passwordCredentials": [], "federatedIdentityCredentials": []}
    body["identifierUris"] = [f"api://{_CLIENT}"] if body["identifierUris"] else []
    body["web"] = {**body["web"], "redirectUris": [], "logoutUrl": None}
    body["verifiedPublisher"] = {"displayName": "Contoso", "verifiedPublisherId": "12345", "addedDateTime": None}
    unusable = []
    values: dict[str, Any] = {}
    for setting in settings:
        value = _access(setting.value, lines) if setting.property == "requiredResourceAccess" else _value(setting)
        if value is None:
            unusable.append(f"{setting.property} has a value that nobody can enter: {setting.value}")
        else:
            values[pointer_of(setting.property)] = value
    return merged(body, nested(values)), unusable


def _value(setting: Setting) -> Any:
    """The value of one setting as Graph has it; ``None`` for words that are none."""
    name, text = setting.property, _filled(setting.value)
    if name.endswith(".redirectUris"):
        uris = text.split(", ")
        return uris if all(map(_URI.fullmatch, uris)) else None
    if (word := text.partition(",")[0]) in ("true", "false"):
        return word == "true"
    if name == "signInAudience":
        return text
    if name == "api.requestedAccessTokenVersion":
        return int(text) if text.isdigit() else None
    if name == "federatedIdentityCredentials":
        return [] if text.startswith("nothing") else [_trusted(text)]
    return _LISTS[name](text) if name in _LISTS else text


def _trusted(text: str) -> dict[str, Any]:
    trust = trust_in(text)
    issuer, subject, audience = (
        (trust.issuer, trust.subject, trust.audience)
        if trust
        else (f"https://login.microsoftonline.com/{_TENANT}/v2.0", _SUBJECT, "api://AzureADTokenExchange")
    )
    (sample,) = clean("daemon")["federatedIdentityCredentials"]
    return {**sample, "issuer": issuer, "subject": subject, "audiences": [audience]}


def _access(text: str, lines: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """A permission of each API for which *lines* request a token; none of an API that has none of that kind."""
    words: dict[str, Kind] = {
        "(type Role)": "Role",
        "(type Scope)": "Scope",
        "does not apply": "Scope",
    }  # an agent identity has them
    kind: Kind | None = next((kind for word, kind in words.items() if word in text), None)
    if kind is None:
        return None
    found: dict[str, list[dict[str, str]]] = {}
    for line in lines or _SIGN_IN:
        for scope in map(split_scope, _filled(line).strip().removeprefix("scope=").split() if "scope=" in line else ()):
            resource = app_id_of(scope.resource) or _API
            rows = permissions_by_value(resource, kind)
            named = rows.get(scope.permission.casefold()) or next(filter(None, map(rows.get, _NARROW)), None)
            its = named.id if named else _ROLE["id"] if resource not in resources() else None
            if scope.resource and its is not None:
                found[resource] = [{"id": str(its), "type": kind}]
    return [{"resourceAppId": resource, "resourceAccess": access} for resource, access in found.items()]


#: Permissions that .default stands for in a sample, as permissions_by_value has them.
_NARROW: Final = (
    "user.read.all",
    "user.read",
    "sites.selected",
    "imap.accessasapp",
    "app.read.all",
    "user_impersonation",
)
#: What stands for the requests where the answers allow none.
_SIGN_IN: Final = ("scope=https://graph.microsoft.com/User.Read",)

#: Properties that hold lists, which the advice describes in words: one element that fits.
_LISTS: Final[Mapping[str, Callable[[str], Any]]] = {
    "keyCredentials": lambda _: [_CERTIFICATE],
    "passwordCredentials": lambda text: [] if text.startswith("empty") else [_SECRET],
    "api.oauth2PermissionScopes": lambda _: [_SCOPE],
    "api.knownClientApplications": lambda _: [_API],
    "api.preAuthorizedApplications": lambda _: [{"appId": _API, "delegatedPermissionIds": [_SCOPE["id"]]}],
    "appRoles": lambda _: [_ROLE],
    "identifierUris": lambda text: _URI.findall(text) or None,
}


def _filled(text: str) -> str:
    """*text* with sample values."""
    permission = next((name for host, name in _PERMISSIONS.items() if host in text), "Orders.Read")
    samples = _samples()
    return _WORDS.sub(
        lambda match: permission if match[1] == "permission" else samples.get(match[1].casefold(), "value"), text
    )


@cache
def _samples() -> Mapping[str, str]:
    """The samples, and an API of the reader's own for each whose identifier in a cloud is not known."""
    rows = [row for row in addresses().values() if not row.id.startswith("sign-in")]
    return {**_SAMPLES, **{row.not_known.strip("{}").casefold(): f"api://{_API}" for row in rows}}


def _first_redirect(app: Registration) -> str:
    """The redirect URI of the requests; those of a broker (brk-) are in requests of the broker alone."""
    uris = [redirect.uri.text for redirect in app.redirects]
    return next((uri for uri in uris if not uri.startswith("brk-")), "")
