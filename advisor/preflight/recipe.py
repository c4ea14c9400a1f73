"""The working requests of a grant for a registration: filled in from the joint table of grants, PKCE made on the spot.

A recipe never holds a secret: what only the reader has stands as a name in braces, and each format asks for it in its own
way. What the registration lacks is found by judging the recipe's own requests.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urlencode

import msgspec

from advisor.preflight.judge import judge_all
from advisor.preflight.judge.credentials import living
from advisor.preflight.resources import DATAVERSE, GRAPH, app_id_of
from advisor.preflight.wire import PUBLIC, AuthRequest, has_placeholder, is_guid, make_request
from rules.credentials import credential_kind
from rules.grants import Grant, Step
from rules.posture import posture
from rules.registration import Platform, Registration

Role = Literal["resource owner", "client", "authorization server", "resource server"]

#: What a parameter is called where people fill it in, and what to say about it.
ASKED: Final = {
    "client_secret": "the value of the client secret",
    "client_assertion": "a token signed with the private key, or the platform's token for api://AzureADTokenExchange",
    "code": "the value of code in the address to which the browser went",
    "refresh_token": "the refresh token that came before",
    "device_code": "device_code of the answer before",
    "username": "the person's user name",
    "password": "the person's password",
    "assertion": "the token or assertion that was received",
    "client_id": "the application (client) id",
    "tenant": "the tenant's id or domain",
    "redirect_uri": "the registered redirect URI",
    "access_token": "the access token that came before",
}

#: Where the answer of a step feeds a later one.
_GIVES: Final = {"device_code": ("device_code",), "token": ("access_token", "refresh_token")}

_BRACES: Final = re.compile(r"\{[^{}]*\}")

#: A redirect URI for a registration that has none: addresses of documentation (RFC 2606), and the loopback one.
_SAMPLE: Final[dict[Platform, str]] = {
    "web": "https://app.example.com/signin-oidc",
    "spa": "https://app.example.com/",
    "publicClient": "http://localhost",
}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader asked for; empty where the registration decides."""

    tenant: str = ""
    api: str = "graph"
    scope: str = ""
    redirect_uri: str = ""
    platform: Platform | None = None
    credential: str = ""
    login: str = "login.microsoftonline.com"


class RecipeStep(msgspec.Struct, frozen=True, kw_only=True):
    """One message: from a role to a role (RFC 6749, 1.1), with its parameters in order and what its answer gives."""

    sender: Role
    receiver: Role
    says: str
    method: str
    url: str
    parameters: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    gives: tuple[str, ...] = ()

    @property
    def in_browser(self) -> bool:
        """Whether a person opens it."""
        return self.sender == "resource owner"

    @property
    def address(self) -> str:
        """The address with its parameters, for a browser."""
        query = urlencode(self.parameters, safe="{}")
        return f"{self.url}?{query}" if query else self.url


class Need(msgspec.Struct, frozen=True):
    """What to set in the registration before the recipe works; ``code`` follows otherwise (0 where none is known)."""

    property: str
    change: str
    code: int
    says: str


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of a grant, what has to be set first, and what could not be read."""

    grant: str
    title: str
    client_id: str
    tenant: str
    login: str
    api: str
    scope: str
    platform: Platform | None
    redirect_uri: str
    credential: str
    code_verifier: str
    steps: tuple[RecipeStep, ...]
    asked: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    unread: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def make_recipe(
    row: Grant, app: Registration | None, wish: Wish, now: datetime, random: Callable[[int], str]
) -> Recipe:
    """The recipe of the grant *row*. *random* makes so many characters of base64url for PKCE, state and nonce."""
    platform = _platform(row, app, wish)
    redirect = _redirect(app, wish, platform) if row.redirect else ""
    credential = _credential(row, app, wish, platform, now)
    delegated = row.id != "client_credentials"
    verifier = random(64) if any(_has(step, "code_verifier") for step in row.request) else ""
    values = {
        "{tenant}": _tenant(row, app, wish),
        "{client_id}": _client_id(app),
        "{redirect_uri}": redirect,
        "{code_verifier}": verifier,
        "{base64url of SHA-256 of code_verifier}": challenge(verifier),
        "{api}/{permission}": scope_of(wish, delegated=True),
        "{next api}/{permission}": scope_of(wish, delegated=True),
        "{api}/.default": f"{resource_of(wish.api)}/.default",
    }
    steps = tuple(_step(step, values, platform, credential, wish, random) for step in row.request)
    call = _call(wish, delegated=delegated)
    if call is not None:
        steps = (*steps, call)
    recipe = Recipe(
        grant=row.id,
        title=row.title,
        client_id=values["{client_id}"],
        tenant=values["{tenant}"],
        login=wish.login,
        api=resource_of(wish.api),
        scope=next((value for step in steps for name, value in step.parameters if name == "scope"), ""),
        platform=platform,
        redirect_uri=redirect,
        credential=credential,
        code_verifier=verifier,
        steps=steps,
        asked=tuple(_asked(steps)),
        warnings=row.risks if row.status == "last-resort" else (),
    )
    return recipe if app is None else _fitted(recipe, app, now)


def challenge(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def resource_of(api: str) -> str:
    """The application ID URI of the API that ``--api`` names."""
    return "https://graph.microsoft.com" if api == "graph" else api.rstrip("/")


def scope_of(wish: Wish, *, delegated: bool) -> str:
    """The scope of the API: what was asked for, else what every reader may try first."""
    resource = resource_of(wish.api)
    if not delegated:
        return f"{resource}/.default"
    if wish.scope:
        return " ".join(word if "/" in word or ":" in word else f"{resource}/{word}" for word in wish.scope.split())
    known = {GRAPH: "User.Read", DATAVERSE: "user_impersonation"}.get(app_id_of(resource))
    return f"{resource}/{known or '.default'}"


def _client_id(app: Registration | None) -> str:
    """The client id, if it is one: a recipe is run, so nothing else of a file gets into it unseen."""
    found = app.app_id if app is not None else None
    return found if isinstance(found, str) and is_guid(found) else "{client_id}"


def _is_plain(uri: str) -> bool:
    """Say whether a redirect URI is made of visible ASCII, so that it can stand in a script, a header, a comment."""
    return uri.isascii() and uri.isprintable() and " " not in uri and "*" not in uri


def _has(step: Step, name: str) -> bool:
    return any(parameter.startswith(f"{name}=") for parameter in step.parameters)


def _tenant(row: Grant, app: Registration | None, wish: Wish) -> str:
    if wish.tenant:
        return wish.tenant
    audience = app.sign_in_audience if app is not None else None
    one = row.id == "client_credentials" or not isinstance(audience, str)
    several = {
        "AzureADMultipleOrgs": "organizations",
        "AzureADandPersonalMicrosoftAccount": "common",
        "PersonalMicrosoftAccount": "consumers",
    }
    alias = "{tenant}" if one else several.get(str(audience), "{tenant}")
    work_only = len(row.audiences) < 4
    return "organizations" if work_only and alias in ("common", "consumers") else alias


def _platform(row: Grant, app: Registration | None, wish: Wish) -> Platform | None:
    """The platform that was asked for, that of the redirect URI that was asked for, else the first registered one."""
    if not row.redirect:
        return None
    registered = [redirect.platform for redirect in app.redirects] if app is not None else []
    if wish.platform is not None:
        return wish.platform
    if wish.redirect_uri and app is not None:
        same = [redirect.platform for redirect in app.redirects if redirect.uri.text == wish.redirect_uri]
        registered = [*same, *registered]
    return next((platform for platform in registered if platform in row.platforms), row.platforms[0])


def _redirect(app: Registration | None, wish: Wish, platform: Platform | None) -> str:
    if wish.redirect_uri or platform is None:
        return wish.redirect_uri
    own = (
        [r.uri.text for r in app.redirects if r.platform == platform and _is_plain(r.uri.text)]
        if app is not None
        else []
    )
    return own[0] if own else _SAMPLE[platform]


def _credential(row: Grant, app: Registration | None, wish: Wish, platform: Platform | None, now: datetime) -> str:
    """The credential that the requests carry; empty for a public client."""
    proves = row.credential or (row.id in ("authorization_code", "refresh_token", "hybrid") and platform == "web")
    if row.id == "password":
        fact = (
            next((fact for fact in posture(app, now) if fact.grant == "device_code"), None) if app is not None else None
        )
        proves = fact is not None and fact.state == "blocked"
    if not proves:
        return ""
    if wish.credential:
        return wish.credential
    if app is None:
        return "certificate"
    if app.federated_identity_credentials:
        return "federated"
    keys = living(app.key_credentials, app, now, "/keyCredentials")[0]
    secrets = living(app.password_credentials, app, now, "/passwordCredentials")[0]
    if keys == "valid" or secrets == "valid":
        return "certificate" if keys == "valid" else "secret"
    return "certificate" if app.key_credentials or not app.password_credentials else "secret"


def _step(
    step: Step,
    values: dict[str, str],
    platform: Platform | None,
    credential: str,
    wish: Wish,
    random: Callable[[int], str],
) -> RecipeStep:
    browser = step.method == "GET"
    proof = credential_kind(credential).parameters if step.proves and credential else ()
    url = _filled(step.url, values).replace("login.microsoftonline.com", wish.login)
    origin = values["{redirect_uri}"] if platform == "spa" and not browser else ""
    kind = url.rpartition("/")[2]
    return RecipeStep(
        sender="resource owner" if browser else "client",
        receiver="authorization server",
        says=_says(step, kind),
        method=step.method,
        url=url,
        parameters=tuple(_parameter(text, values, random) for text in (*step.parameters, *proof)),
        headers=(("Origin", _origin(origin)),) if origin else (),
        gives=("code",) if browser else _GIVES.get("device_code" if kind == "devicecode" else "token", ()),
    )


def _says(step: Step, kind: str) -> str:
    if kind == "authorize":
        return "Sign in and consent; the answer goes to the redirect URI"
    if kind == "devicecode":
        return "Ask for a device code; the answer says where the person types the user code"
    if _has(step, "code"):
        return "Redeem the code"
    return "Get a new access token with the refresh token" if _has(step, "refresh_token") else "Ask for a token"


def _parameter(text: str, values: dict[str, str], random: Callable[[int], str]) -> tuple[str, str]:
    """A parameter filled in; what only the reader has stands as its name in braces."""
    name, _, value = text.partition("=")
    if value == "{random}":
        return name, random(22)
    filled = _filled(value, values)
    return name, f"{{{name}}}" if name not in PUBLIC and has_placeholder(filled) else filled


def _filled(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value or placeholder)
    return text


def _origin(redirect: str) -> str:
    scheme, _, rest = redirect.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _call(wish: Wish, *, delegated: bool) -> RecipeStep | None:
    """The first call of the API, for those whose addresses are known."""
    resource = resource_of(wish.api)
    known = app_id_of(resource)
    if known == GRAPH:
        url = f"{resource}/v1.0/" + ("me" if delegated else "users?$top=1&$select=id")
    elif known == DATAVERSE:
        url = f"{resource}/api/data/v9.2/WhoAmI"
    else:
        return None
    return RecipeStep(
        sender="client",
        receiver="resource server",
        says="Call the API with the access token",
        method="GET",
        url=url,
        headers=(("Authorization", "Bearer {access_token}"),),
    )


def _asked(steps: tuple[RecipeStep, ...]) -> Iterator[str]:
    """What the reader has to bring: names that no earlier answer gives."""
    given: set[str] = set()
    seen: set[str] = set()
    for step in steps:
        texts = (step.url, *(value for _, value in step.parameters), *(value for _, value in step.headers))
        for text in texts:
            for match in _BRACES.findall(text):
                name = match[1:-1]
                if name not in given and name not in seen and (name in ASKED or name == "code"):
                    seen.add(name)
                    if name != "code":
                        yield name
        given |= set(step.gives)


def recipe_requests(recipe: Recipe) -> tuple[AuthRequest, ...]:
    """The requests to the authorization server, as the preflight judges them."""
    found = []
    for step in recipe.steps:
        if step.receiver != "authorization server":
            continue
        if step.method == "GET":
            request = make_request("GET", step.address, step.headers)
        else:
            request = make_request(step.method, step.url, step.headers, step.parameters)
        if request is not None:
            found.append(request)
    return tuple(found)


def _fitted(recipe: Recipe, app: Registration, now: datetime) -> Recipe:
    """The recipe with what the registration lacks for it."""
    verdicts = judge_all(recipe_requests(recipe), lambda _: app, now)
    checks = [check for verdict in verdicts for check in verdict.checks]
    needs = [
        Need(check.property, check.change, check.code, check.says)
        for check in checks
        if check.state == "failed" and check.property
    ]
    return msgspec.structs.replace(
        recipe,
        needs=tuple({(need.property, need.change): need for need in reversed(needs)}.values())[::-1],
        unread=tuple(dict.fromkeys(check.says for check in checks if check.state == "unread")),
    )
