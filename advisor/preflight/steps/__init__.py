"""Check a request step by step, from the endpoint to the scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from advisor.preflight.prediction import BEHALF, DEVICE, Check, Outcome, Prediction, Scene, Uncertain, corrected
from advisor.preflight.steps.address import check_authority, check_client, check_endpoint
from advisor.preflight.steps.client_authentication import check_client_authentication
from advisor.preflight.steps.parameters import check_grant, check_response, check_state
from advisor.preflight.steps.pkce import check_pkce
from advisor.preflight.steps.redirect import check_redirect
from advisor.preflight.steps.scope import check_scope
from advisor.preflight.wire import AuthRequest, Endpoint
from rules.model.registration import Registration
from rules.primitives.texts import is_guid

Step = Callable[[Scene], Iterable[Check]]

STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("endpoint", check_endpoint),
    ("client", check_client),
    ("authority", check_authority),
    ("response", check_response),
    ("redirect", check_redirect),
    ("pkce", check_pkce),
    ("grant", check_grant),
    ("proof", check_client_authentication),
    ("scope", check_scope),
    ("state", check_state),
)

#: The steps of the endpoints that check less than a sign-in does.
_FEWER: Final[dict[Endpoint, tuple[str, ...]]] = {
    "logout": ("endpoint", "authority", "redirect"),
    "adminconsent": ("endpoint", "client", "authority", "redirect", "scope"),
}

#: A correction may show the next mistake; grantlint makes at most this many.
_ROUNDS: Final = 5

#: The title of each step.
TITLES: Final = {
    "endpoint": "Endpoint and method",
    "client": "Client",
    "authority": "Tenant and account types",
    "response": "Response type and mode",
    "redirect": "Redirect URI",
    "pkce": "PKCE",
    "grant": "Grant and its parameters",
    "proof": "Client authentication",
    "scope": "Scopes and resource",
    "state": "State and nonce",
}


def predict(
    request: AuthRequest,
    app: Registration | None,
    now: datetime,
    others: Sequence[AuthRequest] = (),
    registrations: Sequence[Registration] = (),
) -> Prediction:
    """Whether the platform would accept *request* of the client *app*, as far as can be said.

    *now* (aware) is the moment at which credentials are checked; *others* are the requests of the same input, which
    say whether the sign-in and the redemption of its code fit. *registrations* are those that were read with *app*:
    APIs that it may request. Without *app* only what the request says itself is checked.
    """
    scene = _scene(request, app, now, others, registrations)
    checks = tuple(_checks(scene))
    failures = [check for check in checks if check.state == "failed"]
    open_ones = [check for check in checks if check.state == "unread"]
    outcome: Outcome = "fails" if failures else "unknown" if open_ones else "accepted"
    possible = next((check.code for check in open_ones if check.code), 0)
    return Prediction(
        request=request,
        registration=app.app_id if app is not None and isinstance(app.app_id, str) else "",
        outcome=outcome,
        code=failures[0].code if failures else possible,
        checks=checks,
        uncertain=tuple(_uncertain(scene)),
        corrected=_correction(scene, app, checks),
    )


def _scene(
    request: AuthRequest,
    app: Registration | None,
    now: datetime,
    others: Sequence[AuthRequest],
    registrations: Sequence[Registration],
) -> Scene:
    foreign = _is_foreign(request, app)
    return Scene(
        request=request,
        app=None if foreign else app,
        now=now,
        others=tuple(others),
        foreign=foreign,
        registrations=tuple(registrations),
    )


def _checks(scene: Scene) -> Iterator[Check]:
    """The checks of all steps. An endpoint that finds no parameters decides alone: nothing else was read."""
    wanted = _FEWER.get(scene.request.endpoint, tuple(TITLES))
    for name, step in STEPS:
        found = tuple(step(scene)) if name in wanted else ()
        yield from found
        if name == "endpoint" and any(check.state == "failed" for check in found):
            return


def _correction(scene: Scene, app: Registration | None, checks: Sequence[Check]) -> AuthRequest | None:
    """The request with what each check changes, checked again until nothing fails; ``None`` where there is none."""
    request = scene.request
    for _ in range(_ROUNDS):
        wrong = [check for check in checks if check.state == "failed"]
        fixes = tuple(fix for check in checks if check.state in ("failed", "unread") for fix in check.fixes)
        if not wrong and not fixes:
            return request if request != scene.request else None
        again = corrected(request, fixes)
        if again == request:
            return None if wrong else request
        request = again
        checks = tuple(_checks(_scene(request, app, scene.now, scene.others, scene.registrations)))
    return None


def _is_foreign(request: AuthRequest, app: Registration | None) -> bool:
    """Say whether the request names another client than the registration: nothing of that one may be checked then."""
    own = app.app_id if app is not None else None
    named = {request.get(name).casefold() for name in ("client_id", "embedded_client_id")}
    return is_guid(request.get("client_id")) and isinstance(own, str) and bool(own) and own.casefold() not in named


def predict_all(
    requests: Sequence[AuthRequest],
    choose: Callable[[AuthRequest], Registration | None],
    now: datetime,
    registrations: Sequence[Registration] = (),
) -> tuple[Prediction, ...]:
    """Check every request, each with the other ones of the same client, and with all *registrations* that were read."""
    return tuple(
        predict(
            request,
            choose(request),
            now,
            [
                other
                for other in requests
                if other is not request and other.get("client_id") == request.get("client_id")
            ],
            registrations,
        )
        for request in requests
    )


def _uncertain(scene: Scene) -> Iterator[Uncertain]:
    """What cannot be predicted from a registration, for this request."""
    grant = scene.grant
    if scene.request.endpoint == "logout":
        yield Uncertain("the user must be signed in: the sign-out page redirects only signed-in users")
        return
    yield Uncertain(
        "the application must have an enabled service principal in this tenant",
        (700016, 7000229, 7000112, 90002),
    )
    person = grant != "client_credentials"
    if person:
        yield Uncertain("the user or an administrator must have consented", (65001, 90094))
        yield Uncertain(
            "Conditional Access or security defaults may require more, such as multifactor authentication",
            (53003, 50076, 50079, 530035),
        )
        yield Uncertain(
            "the account must be in this tenant, and must be assigned if the application requires assignment",
            (50020, 50034, 50105),
        )
    else:
        yield Uncertain("the application permissions must be granted; otherwise, the token has no roles")
    if scene.request.sends_credential:
        yield Uncertain("the credential must be correct", (7000215, 700027))
    if grant in ("authorization_code", "refresh_token", DEVICE, BEHALF) and scene.request.endpoint == "token":
        yield Uncertain(
            "the code, token or assertion must be valid, and must not have been used before", (54005, 70008, 500133)
        )
    yield Uncertain("the resource must have a service principal in this tenant", (500011, 650052))


__all__ = ["STEPS", "TITLES", "predict", "predict_all"]
