"""How a registration differs from what the recommended grant needs, row by row, with the patch.

What Graph can change with one PATCH is in the patch; credentials and redirect URIs are changed manually.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from advisor.decide.evidence import Evidence
from advisor.decide.infer import Inferred
from reports.advice import Advice, Fit, FitRow, Setting
from reports.use import grants_by_words, turned_off, used_words
from rules.analysis.grants import grant
from rules.knowledge.credentials import CREDENTIALS
from rules.model.registration import PLATFORMS, UNSET, Registration, read_value
from rules.model.usage import Reach
from rules.primitives.patch import nested, pointer_of

Verdict = Literal["same", "differs", "not-read"]

_CREDENTIALS: Final = ("federatedIdentityCredentials", "keyCredentials", "passwordCredentials")
_SHOWN: Final = 120


def fit(
    advice: Advice,
    app: Registration,
    name: str,
    inferred: tuple[Inferred, ...] = (),
    evidence: Evidence | None = None,
    reach: tuple[Reach, ...] = (),
) -> Fit:
    """Compare *app* with what *advice* says to register. With *evidence*, what is in use comes first."""
    if advice.grant == "none" and advice.dead_end:
        rows: tuple[FitRow, ...] = ()
    else:
        rows = tuple(_rows(advice, app))
    changes, evidence = _changes(rows), evidence or Evidence()
    return Fit(
        registration=name,
        app_id=str(app.app_id or ""),
        rows=rows,
        patch=nested(changes) or None,
        by_hand=(*_before_patch(changes, evidence), *_by_hand(rows, evidence)),
        inferred=tuple(f"{one.question}={one.choice}: {one.because}" for one in inferred),
        use=evidence.entries,
        reach=reach,
    )


def _rows(advice: Advice, app: Registration) -> Iterator[FitRow]:
    settings = {setting.property: setting for setting in advice.register}
    for platform in PLATFORMS:
        yield _redirects(advice, app, platform, settings.get(f"{platform}.redirectUris"))
    for setting in advice.register:
        if setting.value in ("true", "false"):
            yield _switch(app, setting)
    if "signInAudience" in settings:
        yield _audience(app, settings["signInAudience"])
    for credential in _CREDENTIALS:
        yield _credential(advice, app, credential, settings.get(credential))
    yield _permissions(advice, app)


def _row(property: str, present: str, wanted: str, verdict: Verdict, why: str) -> FitRow:
    shown = present if len(present) <= _SHOWN else present[: _SHOWN - 1] + "…"
    return FitRow(property=property, present=shown, wanted=wanted, verdict=verdict, why=why)


def _redirects(advice: Advice, app: Registration, platform: str, setting: Setting | None) -> FitRow:
    name = f"{platform}.redirectUris"
    uris = [redirect.uri.text for redirect in app.redirects if redirect.platform == platform]
    wanted = setting.value if setting else "none"
    why = (
        setting.why
        if setting
        else f"this client uses {advice.platform or 'no platform'}; another platform allows other grants"
    )
    if not uris and read_value(app, name) is UNSET:
        return _row(name, "not read", wanted, "not-read", why)
    return _row(name, ", ".join(uris) or "none", wanted, "same" if bool(uris) == bool(setting) else "differs", why)


def _switch(app: Registration, setting: Setting) -> FitRow:
    value = read_value(app, setting.property)
    wanted = setting.value == "true"
    if value is UNSET:
        return _row(setting.property, "not read", setting.value, "not-read", setting.why)
    present = "not set" if value is None else "true" if value else "false"
    # Not set means false, but for the fallback, where Entra then looks at the redirect URI.
    return _row(setting.property, present, setting.value, "same" if bool(value) == wanted else "differs", setting.why)


def _audience(app: Registration, setting: Setting) -> FitRow:
    value = app.sign_in_audience
    if value is UNSET:
        return _row("signInAudience", "not read", setting.value, "not-read", setting.why)
    same = str(value or "").casefold() == setting.value.casefold()
    return _row("signInAudience", str(value or "not set"), setting.value, "same" if same else "differs", setting.why)


def _credential(advice: Advice, app: Registration, property: str, setting: Setting | None) -> FitRow:
    value = read_value(app, property)
    kinds = {kind.property for kind in CREDENTIALS if advice.credential and kind.id == advice.credential.id}
    wanted = setting.value if setting and property in kinds else "none"
    why = setting.why if setting and property in kinds else "anyone who has a credential can act as the client"
    if value is UNSET:
        return _row(property, "not read", wanted, "not-read", why)
    present = f"{len(value)}" if value else "none"
    # A managed identity may be alone, without any registration.
    needed = property in kinds and not (advice.credential and "no registration is needed" in advice.credential.why)
    verdict: Verdict = "same" if bool(value) == (property in kinds) or (not needed and not value) else "differs"
    return _row(property, present, wanted, verdict, why)


def _permissions(advice: Advice, app: Registration) -> FitRow:
    needs = "Role" if advice.grant == "client_credentials" else "Scope"
    words = {"Role": "application permissions (type Role)", "Scope": "delegated permissions (type Scope)"}
    wanted = "none" if advice.grant == "none" else f"{words[needs]} alone"
    why = (
        "delegated permissions have no effect without a user"
        if needs == "Role"
        else "application permissions exceed the user's permissions, and anyone who has a credential can use them"
    )
    resources = app.required_resource_access
    if resources is UNSET:
        return _row("requiredResourceAccess", "not read", wanted, "not-read", why)
    kinds = {str(access.type) for resource in resources or () for access in resource.resource_access or ()}
    present = " and ".join(words[kind] for kind in ("Role", "Scope") if kind in kinds) or "none"
    wrong = kinds if advice.grant == "none" else kinds - {needs}
    return _row("requiredResourceAccess", present, wanted, "differs" if wrong else "same", why)


def _changes(rows: tuple[FitRow, ...]) -> dict[str, Any]:
    """What one PATCH of the application fixes, by pointer: switches, audience, redirect URIs of unused platforms."""
    values: dict[str, Any] = {}
    for row in rows:
        if row.verdict != "differs":
            continue
        if row.wanted in ("true", "false"):
            values[pointer_of(row.property)] = row.wanted == "true"
        elif row.property == "signInAudience":
            values[pointer_of(row.property)] = row.wanted
        elif row.property.endswith(".redirectUris") and row.wanted == "none":
            values[pointer_of(row.property)] = []
    return values


def _before_patch(changes: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    """What to migrate or check before the patch turns off a grant."""
    off = turned_off(changes, evidence.entries)
    for entry in off:
        if entry.used == "seen":
            yield f"before the patch, migrate what uses {grant(entry.grant).title}: {used_words(entry)}"
    for titles, words in grants_by_words(entry for entry in off if entry.used == "not-known"):
        yield f"before the patch, check that no client uses {titles}: {words}"


def _by_hand(rows: tuple[FitRow, ...], evidence: Evidence) -> Iterator[str]:
    for row in rows:
        if row.verdict != "differs":
            continue
        if row.property.endswith(".redirectUris"):
            if row.wanted != "none":
                yield f"add the redirect URI to {row.property}: {row.wanted}"
            else:
                yield f"check that no client uses {row.present} before the patch empties {row.property}"
        elif row.property in _CREDENTIALS:
            used = evidence.credentials.get(row.property)
            yield (
                f"remove the credentials in {row.property} after you have checked that no client uses them"
                + (f"; sign-ins show: {used}" if used else "")
                if row.wanted == "none"
                else f"add to {row.property}: {row.wanted}"
            )
        elif row.property == "requiredResourceAccess":
            yield f"replace {row.present} in requiredResourceAccess: {row.wanted}"
