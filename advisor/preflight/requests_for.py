"""The requests of a grant from the table of grants, adapted to what a registration allows.

The implicit grant requests the tokens that are turned on. A refresh token is from a grant that the registration allows.
A page cannot receive form_post. All else is as in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from msgspec import UNSET

from rules.analysis.grants import ACCESS_TOKENS, ID_TOKENS, Grant, Step, grant
from rules.analysis.posture import REFRESHABLE, posture
from rules.model.registration import Platform, Registration, read_value


def first_of(row: Grant, app: Registration | None, now: datetime) -> Grant:
    """The grant with which *row* begins: itself, except for a refresh token that *app* gets only by another one."""
    if row.id != "refresh_token" or app is None:
        return row
    facts = {fact.grant: fact.state for fact in posture(app, now)}
    allowed = [name for name in REFRESHABLE if facts[name] == "allowed"]
    return row if not allowed or "authorization_code" in allowed else grant(allowed[0])


def requests_for(row: Grant, first: Grant, app: Registration | None, platform: Platform | None) -> tuple[Step, ...]:
    """The requests of *row*, which begins with *first*, for *app*; without a registration those of the table."""
    if first is not row:
        return (*(_offline(step) for step in first.request), row.request[-1])
    if row.id == "implicit":
        return tuple(_implicit(step, app) for step in row.request)
    if row.id == "hybrid" and platform == "spa":
        return tuple(_with(step, response_mode="fragment") for step in row.request)
    return row.request


def _implicit(step: Step, app: Registration | None) -> Step:
    if app is None:
        return step
    switches = (("id_token", ID_TOKENS), ("token", ACCESS_TOKENS))
    on = [word for word, path in switches if read_value(app, path) not in (UNSET, None, False)]
    if len(on) != 1:
        return step
    if on == ["id_token"]:
        return _with(step, response_type="id_token", scope="openid profile")
    bare = tuple(text for text in step.parameters if not text.startswith("nonce="))
    return _with(msgspec.structs.replace(step, parameters=bare), response_type="token", scope="{api}/{permission}")


def _offline(step: Step) -> Step:
    """The step with the scope that requests a refresh token (OpenID Connect Core, section 11)."""
    return msgspec.structs.replace(
        step,
        parameters=tuple(
            text.replace("scope=", "scope=offline_access ") if _lacks_it(text) else text for text in step.parameters
        ),
    )


def _lacks_it(text: str) -> bool:
    return text.startswith("scope=") and "offline_access" not in text


def _with(step: Step, **values: str) -> Step:
    return msgspec.structs.replace(step, parameters=tuple(_set(step.parameters, values)))


def _set(parameters: tuple[str, ...], values: dict[str, str]) -> Iterator[str]:
    for text in parameters:
        name = text.partition("=")[0]
        yield f"{name}={values[name]}" if name in values else text
