"""The working requests of a grant for a registration: filled in from the table of grants, with new PKCE values.

A recipe never contains a secret. Values that only the reader has are names in braces, and each format reads them in
its own way. The checks of the recipe's requests find what the registration lacks.
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

from advisor.preflight.choose import (
    Preferences,
    choose_client_id,
    choose_credential,
    choose_redirect,
    choose_tenant,
    requested_api,
)
from advisor.preflight.requests_for import first_of, requests_for
from advisor.preflight.resources import OTHER_ROLES, app_id_of, exchange_audience, graph_of
from advisor.preflight.steps import predict_all
from advisor.preflight.wire import PUBLIC, AuthRequest, has_placeholder, make_request
from rules.analysis.grants import Grant, Step
from rules.analysis.mcp import is_mcp_url
from rules.knowledge.credentials import credential_kind
from rules.knowledge.permissions import DATAVERSE, GRAPH
from rules.model.registration import Platform, Registration
from rules.primitives.uri import parse

__all__ = ["INPUTS", "Need", "Preferences", "Recipe", "RecipeStep", "make_recipe", "recipe_requests"]

Role = Literal["resource owner", "client", "authorization server", "resource server"]

#: What a parameter is called where users fill it in, and what to say about it.
INPUTS: Final = {
    "client_secret": "the value of the client secret",
    "client_assertion": "a token signed with the private key, or the token of the federated credential's platform",
    "code": "the value of code in the URL of the redirect",
    "refresh_token": "the refresh token from an earlier response",
    "device_code": "device_code of the response to the device code request",
    "username": "the user name",
    "password": "the user's password",
    "assertion": "the token or assertion that the client received",
    "client_id": "the application (client) ID",
    "tenant": "the tenant ID or a domain of the tenant",
    "redirect_uri": "the registered redirect URI",
    "access_token": "the access token from an earlier response",
    "state": "a random value; the response must have the same value",
    "nonce": "a random value; the ID token must have the same value",
    "code_verifier": "43 to 128 random characters, new for each sign-in (RFC 7636)",
    "code_challenge": "base64url of the SHA-256 of code_verifier",
    "environment": "the host of the Dataverse environment, such as contoso.crm4.dynamics.com",
    "origin": "scheme and host of the redirect URI; browsers add this header",
    "agent_id": "the client ID of the agent identity",
    "agent_user_id": "the object ID of the agent's user account",
    "blueprint_token": "the access token of the response to the blueprint (T1)",
    "agent_token": "the access token of the response to the agent identity (T2)",
}

#: The tokens that are only for the next request, which responses call access_token.
EXCHANGED: Final = ("blueprint_token", "agent_token")
#: The last part of the scope of these tokens, in every cloud.
_EXCHANGE: Final = "AzureADTokenExchange/.default"

#: Where the answer of a step feeds a later one.
_GIVES: Final = {"device_code": ("device_code",), "token": ("access_token", "refresh_token")}

#: What the authorization endpoint returns for a word of ``response_type``.
_ANSWERS: Final = {"code": "code", "token": "access_token"}

_BRACES: Final = re.compile(r"\{[^{}]*\}")


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
        """Whether a user opens it."""
        return self.sender == "resource owner"

    @property
    def address(self) -> str:
        """The URL with its parameters, for a browser."""
        query = urlencode(self.parameters, safe="{}")
        return f"{self.url}?{query}" if query else self.url


class Need(msgspec.Struct, frozen=True):
    """What to set in the registration before the recipe works; ``code`` follows otherwise (0 where none is known)."""

    property: str
    change: str
    code: int
    says: str


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """The requests of a grant, what has to be set first, and what is not known.

    ``notes`` are what else the API needs.
    """

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
    inputs: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    unread: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def make_recipe(
    row: Grant, app: Registration | None, preferences: Preferences, now: datetime, random: Callable[[int], str]
) -> Recipe:
    """The recipe of the grant *row*.

    *random* makes this many characters of base64url for PKCE, state and nonce; where it makes none, their names are in
    braces.
    """
    if preferences.api == "graph":
        preferences = msgspec.structs.replace(preferences, api=graph_of(preferences.login))
    first = first_of(row, app, now)
    platform, redirect = choose_redirect(first, app, preferences, now)
    credential = choose_credential(first, app, preferences, platform, now)
    requests = requests_for(row, first, app, platform)
    delegated = row.user != "none"
    verifier = random(64) if any(_has(step, "code_verifier") for step in requests) else ""
    person = scope_of(preferences, delegated=True)
    values = {
        "{tenant}": choose_tenant(row, app, preferences),
        "{tenant id}": choose_tenant(row, app, preferences),
        "{client_id}": choose_client_id(app),
        "{redirect_uri}": redirect,
        "{code_verifier}": verifier,
        "{base64url of SHA-256 of code_verifier}": challenge(verifier) if verifier else "{code_challenge}",
        "{api}/{permission}": person,
        "{next api}/{permission}": person,
        "{api}/.default": _default(row, app, preferences, person),
        "{tenant ID of the agent}": choose_tenant(row, app, preferences),
        "{client ID of the blueprint}": choose_client_id(app),
        "{client ID of the agent identity}": preferences.agent or "{agent_id}",
        "{object ID of the agent's user account}": "{agent_user_id}",
        "{token of the blueprint}": "{blueprint_token}",
        "{token of the agent identity}": "{agent_token}",
        "api://AzureADTokenExchange/": f"{exchange_audience(preferences.login)}/",
    }
    steps = tuple(_step(step, values, platform, credential, preferences, random) for step in requests)
    if any("access_token" in step.gives for step in steps):
        steps = (*steps, *_call(preferences, delegated=delegated))
    recipe = Recipe(
        grant=row.id,
        title=row.title,
        client_id=values["{client_id}"],
        tenant=values["{tenant}"],
        login=preferences.login,
        api=resource_of(preferences.api),
        scope=next((value for step in steps for name, value in step.parameters if _is_scope(name, value)), ""),
        platform=platform,
        redirect_uri=redirect,
        credential=credential,
        code_verifier=verifier,
        steps=steps,
        inputs=_inputs(steps),
        warnings=row.risks if row.status == "last-resort" else (),
        notes=tuple(_notes(preferences.api, delegated=delegated)),
    )
    return recipe if app is None else _fitted(recipe, app, now)


def _is_scope(name: str, value: str) -> bool:
    """Say whether a parameter is the scope of a token for an API, not of one that is only exchanged."""
    return name == "scope" and not value.endswith(_EXCHANGE)


_MCP: Final = (
    "An MCP client also sends resource={}. It must be exactly an application ID URI of the server. Scopes must include "
    "the URI. The server's registration needs requestedAccessTokenVersion 2."
)


def _notes(api: str, *, delegated: bool) -> Iterator[str]:
    """What the API needs besides the token."""
    resource = resource_of(api)
    known = app_id_of(resource)
    if not delegated and known in OTHER_ROLES:
        yield OTHER_ROLES[known]
    uri = parse(resource)
    if is_mcp_url(uri):
        yield _MCP.format(resource)


def _default(row: Grant, app: Registration | None, preferences: Preferences, person: str) -> str:
    """All permissions of the API; single ones for a user where the registration lists none, and Entra would refuse
    all.
    """
    if row.user == "none" or app is None:
        return f"{resource_of(preferences.api)}/.default"
    own, wanted = requested_api(app, delegated=True), app_id_of(resource_of(preferences.api))
    listed = own.listed and app_id_of(resource_of(own.api)) == wanted
    return f"{resource_of(preferences.api)}/.default" if listed or not wanted else person


def challenge(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def resource_of(api: str) -> str:
    """The application ID URI of the API that ``--api`` names."""
    return "https://graph.microsoft.com" if api == "graph" else api.rstrip("/")


def scope_of(preferences: Preferences, *, delegated: bool) -> str:
    """The scope of the API: the preferred one, else what every reader may try first."""
    resource = resource_of(preferences.api)
    if not delegated:
        return f"{resource}/.default"
    if preferences.scope:
        return " ".join(
            word if "/" in word or ":" in word else f"{resource}/{word}" for word in preferences.scope.split()
        )
    known = {GRAPH: "User.Read", DATAVERSE: "user_impersonation"}.get(app_id_of(resource))
    return f"{resource}/{known or '.default'}"


def _has(step: Step, name: str) -> bool:
    return any(parameter.startswith(f"{name}=") for parameter in step.parameters)


def _step(
    step: Step,
    values: dict[str, str],
    platform: Platform | None,
    credential: str,
    preferences: Preferences,
    random: Callable[[int], str],
) -> RecipeStep:
    browser = step.method == "GET"
    answer = next((text.partition("=")[2] for text in step.parameters if text.startswith("response_type=")), "")
    proof = credential_kind(credential).parameters if step.proves and credential else ()
    url = _filled(step.url, values).replace("login.microsoftonline.com", preferences.login)
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
        gives=tuple(_ANSWERS[word] for word in answer.split() if word in _ANSWERS) if browser else _gives(step, kind),
    )


def _gives(step: Step, kind: str) -> tuple[str, ...]:
    """What the response of a request to the token or device code endpoint has."""
    if any(text.endswith(_EXCHANGE) for text in step.parameters):
        return ("blueprint_token",) if _has(step, "fmi_path") else ("agent_token",)
    return _GIVES["device_code" if kind == "devicecode" else "token"]


def _says(step: Step, kind: str) -> str:
    if kind == "authorize":
        return "Sign in and consent; the redirect URI receives the response"
    if kind == "devicecode":
        return "Request a device code; the response has the URL and the user code"
    if _has(step, "code"):
        return "Redeem the code"
    if _has(step, "fmi_path"):
        return "Request a token for the agent identity, as the blueprint"
    if any(text.endswith(_EXCHANGE) for text in step.parameters):
        return "Request a token for the agent's user account, as the agent identity"
    return "Get a new access token with the refresh token" if _has(step, "refresh_token") else "Request a token"


def _parameter(text: str, values: dict[str, str], random: Callable[[int], str]) -> tuple[str, str]:
    """A parameter filled in; what only the reader has is its name in braces."""
    name, _, value = text.partition("=")
    if value == "{random}":
        return name, random(22) or f"{{{name}}}"
    filled = _filled(value, values)
    if name in PUBLIC or not has_placeholder(filled) or filled[1:-1] in INPUTS:
        return name, filled
    return name, f"{{{name}}}"


def _filled(text: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value or placeholder)
    return text


def _origin(redirect: str) -> str:
    scheme, _, rest = redirect.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _call(preferences: Preferences, *, delegated: bool) -> Iterator[RecipeStep]:
    """The first call of the API, for those whose URLs are known."""
    resource = resource_of(preferences.api)
    known = app_id_of(resource)
    if known == GRAPH:
        url = f"{resource}/v1.0/" + ("me" if delegated else "users?$top=1&$select=id")
    elif known == DATAVERSE:
        url = f"{resource}/api/data/v9.2/WhoAmI"
    else:
        return
    yield RecipeStep(
        sender="client",
        receiver="resource server",
        says="Call the API with the access token",
        method="GET",
        url=url,
        headers=(("Authorization", "Bearer {access_token}"),),
    )


def _inputs(steps: tuple[RecipeStep, ...]) -> tuple[str, ...]:
    """What the reader has to bring: names that no earlier answer gives."""
    given = {"code"}  # it comes with the redirect
    found: dict[str, None] = {}
    for step in steps:
        texts = (step.url, *(value for _, value in step.parameters), *(value for _, value in step.headers))
        names = (match[1:-1] for text in texts for match in _BRACES.findall(text))
        found |= dict.fromkeys(name for name in names if name in INPUTS and name not in given)
        given |= set(step.gives)
    return tuple(found)


def recipe_requests(recipe: Recipe) -> tuple[AuthRequest, ...]:
    """The requests to the authorization server, as the preflight checks them."""
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
    """The recipe with what the registration lacks for it. The requests of an agent identity are not its own."""
    own = [request for request in recipe_requests(recipe) if request.get("client_id") == recipe.client_id]
    predictions = predict_all(own, lambda _: app, now)
    checks = [check for prediction in predictions for check in prediction.checks]
    needs = [
        Need(check.property, check.change, check.code, check.says)
        for check in checks
        if check.state == "failed" and check.property
    ]
    if recipe.credential in ("federated", "managed_identity"):
        # A placeholder of an assertion does not say who signs it: the recipe knows.
        trust = Need(
            "federatedIdentityCredentials",
            "add a federated credential for the platform that runs the app",
            70025,
            "the registration has no federated credential",
        )
        needs = [trust if need.property == "keyCredentials" else need for need in needs]
    return msgspec.structs.replace(
        recipe,
        needs=tuple({(need.property, need.change): need for need in reversed(needs)}.values())[::-1],
        unread=tuple(dict.fromkeys(check.says for check in checks if check.state == "unread")),
    )
