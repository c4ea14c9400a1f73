"""The parameters of the request: response type and mode, grant type and its parameters, state and nonce."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.preflight.known import is_read
from advisor.preflight.prediction import BEHALF, DEVICE, SAML1, SAML2, Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.resources import app_id_of
from advisor.preflight.wire import NO_AUDIENCE, has_placeholder
from rules.analysis.grants import ACCESS_TOKENS, ID_TOKENS
from rules.knowledge.permissions import resources
from rules.model.registration import UNSET, Registration, read_value
from rules.primitives.texts import is_guid

_WORDS: Final = frozenset(("code", "id_token", "token"))
_MODES: Final = ("query", "fragment", "form_post")

#: Microsoft, "Prompt behavior in MSAL.js"; a list, which OpenID Connect Core allows, is refused.
_PROMPTS: Final = frozenset(("login", "none", "consent", "select_account", "create"))
#: v1 has one more (Microsoft, "Authorize access using the OAuth 2.0 code grant flow"), and no document has all.
_PROMPTS_V1: Final = frozenset(("login", "consent", "admin_consent", "select_account", "none"))

#: What each grant needs in its request (Microsoft's protocol pages).
_NEEDS: Final = {
    "authorization_code": ("code", "redirect_uri"),
    "client_credentials": ("scope",),
    "refresh_token": ("refresh_token",),
    "password": ("username", "password"),
    DEVICE: ("device_code",),
    BEHALF: ("assertion", "requested_token_use", "scope"),
    SAML1: ("assertion", "scope"),
    SAML2: ("assertion", "scope"),
    "user_fic": ("user_federated_identity_credential", "scope"),  # the user account of an agent
}
#: Users write the name instead of the URN.
_NAMES: Final = {"device_code": DEVICE, "jwt-bearer": BEHALF, "on_behalf_of": BEHALF, "saml2-bearer": SAML2}


def check_response(scene: Scene) -> Iterator[Check]:
    """The response type against the registration's switches, and the response mode against the response type."""
    request = scene.request
    if request.endpoint != "authorize":
        return
    response_type = request.get("response_type")
    types = scene.response_types
    if not response_type and request.get("grant_type"):
        yield failed(
            "response",
            900144,
            "response_type is missing. Send a request that has grant_type to the token endpoint",
            parameter="response_type",
            fixes=(Fix("endpoint", value="token"),),
        )
        return
    if not response_type:
        yield failed(
            "response",
            900144,
            "response_type is missing",
            parameter="response_type",
            fixes=(Fix("set", "response_type", "code"),),
        )
    elif types - _WORDS:
        yield failed(
            "response",
            70005,
            f"{response_type!r} is not a response type",
            parameter="response_type",
            fixes=(Fix("set", "response_type", "code"),),
        )
    elif len(types) < len(response_type.split()):
        says = "response_type contains a value twice; Microsoft does not document the result"
        fix = Fix("set", "response_type", " ".join(dict.fromkeys(response_type.split())))
        yield unread("response", says, code=70005, parameter="response_type", fixes=(fix,))
    else:
        found = [*_switches(scene)]
        yield from found or [
            passed(
                "response",
                f"every registration can request {response_type}"
                if types == {"code"}
                else f"the registration allows the response type {response_type}",
            )
        ]
    yield from _mode(scene)


def _switches(scene: Scene) -> Iterator[Check]:
    rows = (
        ("token", ACCESS_TOKENS, 700051, "access tokens"),
        ("id_token", ID_TOKENS, 700054, "ID tokens"),
    )
    for word, path, code, what in rows:
        if word not in scene.response_types:
            continue
        value = read_value(scene.app, path) if scene.app is not None else UNSET
        if value is UNSET:
            yield unread("response", f"the setting of the implicit grant for {what} was not read", path)
        elif value is not True:
            rest = " ".join(w for w in scene.request.get("response_type").split() if w != word) or "code"
            yield failed(
                "response",
                code,
                f"response_type contains {word}, but the implicit grant for {what} is turned off",
                parameter="response_type",
                fixes=(Fix("set", "response_type", rest if rest != "token" else "code"),),
                property=path,
                change="set to true if the client cannot use response_type=code",
                reported=True,
            )


def _mode(scene: Scene) -> Iterator[Check]:
    if scene.platform == "publicClient" and scene.response_types & {"token", "id_token"}:
        says = "the redirect URI is on publicClient, but Microsoft documents the implicit grant only for web and spa"
        yield unread("response", says, parameter="response_type")
    request, types = scene.request, scene.response_types
    yield from _prompt(scene)
    mode = request.get("response_mode")
    if not mode or has_placeholder(mode):
        return
    if mode not in _MODES:
        yield failed(
            "response",
            70007,
            f"{mode!r} is not a response mode",
            parameter="response_mode",
            fixes=(Fix("drop", "response_mode"),),
        )
    elif mode == "query" and types & {"token", "id_token"}:
        better = "form_post" if "code" in types else "fragment"
        yield failed(
            "response",
            70007,
            "response_mode=query cannot return a token",
            parameter="response_mode",
            fixes=(Fix("set", "response_mode", better),),
        )
    elif mode == "fragment" and scene.platform == "web" and "code" in types:
        yield note(
            "response",
            "a server cannot read the response with response_mode=fragment; use query or form_post for a server",
            "entra:v2-oauth2-auth-code-flow",
        )
    else:
        yield passed("response", f"response_mode={mode} is valid for this response type")


def _prompt(scene: Scene) -> Iterator[Check]:
    """What v2 takes as ``prompt``: one word. v1 knows more, so another word may be one."""
    prompt = scene.request.get("prompt")
    if not prompt or has_placeholder(prompt):
        return
    if scene.request.version == 1:
        if prompt not in _PROMPTS_V1:
            says = f"Microsoft does not document prompt={prompt} for v1.0"
            yield unread("response", says, code=90023, parameter="prompt")
        return
    if prompt in _PROMPTS:
        return
    words = prompt.split()
    kept = next((word for word in reversed(words) if word in _PROMPTS), "")
    says = (
        f"prompt has {len(words)} values; v2.0 accepts only one"
        if len(words) > 1
        else f"{prompt!r} is not a value of prompt for v2.0"
    )
    yield failed(
        "response",
        90023,
        says,
        "entra:msal-js-prompt-behavior",
        parameter="prompt",
        fixes=(Fix("set", "prompt", kept) if kept else Fix("drop", "prompt"),),
    )


def check_grant(scene: Scene) -> Iterator[Check]:
    """The grant type, and the parameters that it needs."""
    request = scene.request
    if request.endpoint != "token":
        return
    grant = scene.grant
    if not grant:
        yield failed(
            "grant",
            900144,
            "grant_type is missing",
            parameter="grant_type",
            fixes=tuple(Fix("set", "grant_type", value) for value in _meant(scene)),
        )
        return
    if grant not in _NEEDS:
        meant = _NAMES.get(grant, "")
        hint = f"; write {meant}" if meant else ""
        yield failed(
            "grant",
            70003,
            f"{grant!r} is not a grant type{hint}",
            parameter="grant_type",
            fixes=(Fix("set", "grant_type", meant),) if meant else (),
        )
        return
    missing = [name for name in _NEEDS[grant] if not request.get(name) and not _excused(scene, name)]
    for name in missing:
        value = "on_behalf_of" if name == "requested_token_use" else f"{{{name}}}"
        code = 0 if name == "requested_token_use" else 900144
        yield failed("grant", code, f"{name} is missing", *scene.page, parameter=name, fixes=(Fix("set", name, value),))
    if grant == BEHALF and request.get("requested_token_use") not in ("", "on_behalf_of"):
        yield failed(
            "grant", 0, "requested_token_use must be on_behalf_of", *scene.page, parameter="requested_token_use",
            fixes=(Fix("set", "requested_token_use", "on_behalf_of"),),
        )  # fmt: skip
    yield from _incoming(scene)
    signed_in = {other.version for other in scene.others if other.endpoint == "authorize"}
    if grant == "authorization_code" and signed_in and request.version not in signed_in:
        says = f"the code is from the v{min(signed_in)} endpoint; redemption at v{request.version} is not documented"
        yield unread("grant", says, code=70000, parameter="version")
    if not missing:
        yield passed("grant", f"the request has the required parameters of {grant}")


def _meant(scene: Scene) -> tuple[str, ...]:
    """The grant type that the other parameters belong to, where they belong to one."""
    request = scene.request
    found = [("code", "authorization_code"), ("refresh_token", "refresh_token"), ("device_code", DEVICE)]
    return tuple(grant for name, grant in found if request.get(name))[:1]


def _excused(scene: Scene, name: str) -> bool:
    """The v1 endpoint takes ``resource`` in the place of ``scope``."""
    return name == "scope" and scene.request.version == 1


def _incoming(scene: Scene) -> Iterator[Check]:
    """The token that an API received and sends as assertion: for this API, an access token, not expired."""
    facts = scene.request.facts("assertion")
    claims = facts.claims
    if scene.grant != BEHALF or not facts.given:
        return
    if claims is None:
        if not facts.template:
            says = "the assertion is not a valid JSON Web Token"
            yield unread("grant", says, code=50027, parameter="assertion")
        return
    if claims.kind == "id":
        yield failed(
            "grant",
            240002,
            "the assertion is an ID token, but the on-behalf-of grant needs an access token for this API",
            parameter="assertion",
        )
    elif claims.expires is not None and claims.expires <= scene.now:
        yield failed("grant", 500133, "the assertion has expired", parameter="assertion")
    elif claims.is_app_only:
        says = "the assertion is an app-only token, but the on-behalf-of grant needs a token of a user"
        yield failed("grant", 7000114, says, "entra:v2-oauth2-on-behalf-of-flow", parameter="assertion")
    elif claims.kind == "unknown":
        says = "the assertion does not look like an access token: the claims scp, roles, appid and azp are missing"
        yield unread("grant", says, code=50013, parameter="assertion")
    elif (
        (home := _tenant_of(claims.issuer))
        and is_guid(scene.request.tenant)
        and home != scene.request.tenant.casefold()
    ):
        yield unread("grant", f"the tenant {home} issued the assertion, but the request has another tenant",
            parameter="assertion",
        )  # fmt: skip
    elif not claims.audience:
        yield unread("grant", NO_AUDIENCE, code=500131, parameter="assertion")
    elif scene.app is not None and claims.audience and isinstance(scene.app.app_id, str):
        yield from _audience(scene.app, scene.app.app_id, claims.audience)


def _tenant_of(issuer: str) -> str:
    """The ID of the tenant in an issuer of the platform; empty where it has none."""
    return next((part.lower() for part in issuer.split("/") if is_guid(part)), "")


def _audience(app: Registration, app_id: str, audience: str) -> Iterator[Check]:
    """The audience of the incoming token, which is this API's client ID or an application ID URI, in the same case.

    The platform checks no token of Microsoft Graph: only Graph can (AADSTS50013). That of another API it can check, and
    refuses its audience (AADSTS500131).
    """
    bare = audience.rstrip("/")
    if bare.casefold() == app_id.casefold() or bare in {str(uri).rstrip("/") for uri in app.identifier_uris or ()}:
        return
    if app_id_of(audience) in resources():
        name = resources()[app_id_of(audience)].name
        yield failed("grant", 50013, f"the assertion is a token for {name}: the aud claim is {audience}",
            parameter="assertion",
        )  # fmt: skip
    elif not is_read(app, "identifierUris"):
        says = f"the aud claim of the assertion is {audience}, and not all of identifierUris was read"
        yield unread("grant", says, "identifierUris", code=500131)
    else:
        says = f"the aud claim of the assertion, {audience}, is neither the appId nor one of identifierUris"
        yield failed("grant", 500131, says, parameter="assertion")


def check_state(scene: Scene) -> Iterator[Check]:
    """State against forged answers, nonce against replayed ID tokens."""
    request = scene.request
    if request.endpoint != "authorize":
        return
    nonce = bool(request.get("nonce"))
    if "id_token" in scene.response_types and not nonce:
        yield failed(
            "state",
            90014,
            "the request is for an ID token, but nonce is missing",
            "entra:v2-oauth2-implicit-grant-flow",
            parameter="nonce",
            fixes=(Fix("set", "nonce", "{random}"),),
        )
    if not request.get("state"):
        yield note(
            "state", "the parameter state is missing, which protects against forged responses",
            "rfc:6749#10.12", parameter="state",
            fixes=(Fix("set", "state", "{random}"),),
        )  # fmt: skip
    elif nonce or "id_token" not in scene.response_types:
        yield passed("state", "the request has state" + (" and nonce" if nonce else ""))
