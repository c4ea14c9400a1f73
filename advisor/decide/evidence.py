"""What sign-in logs say about the client of a registration: answers to questions of the tree, and credentials in use.

A sign-in that was seen is evidence. A missing one counts only in complete logs of 25 days or more: otherwise it
answers nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from advisor.decide.infer import APIS, GRAPH, Inferred
from reports.rows import UsageEntry
from reports.use import seen_words
from rules.analysis.usage import Observed, attempts, credential_use, is_settled, secret_use, use_by, user_sign_ins
from rules.knowledge.permissions import resources
from rules.model.registration import UNSET, Registration
from rules.model.usage import Usage
from rules.primitives.texts import text_of

#: Grants for which a user is at a browser.
_WITH_BROWSER: Final = ("authorization_code", "hybrid", "implicit")
#: What the question *today* calls a grant that is in use, the one with the most to change first.
_TODAY: Final[Mapping[str, str]] = {"password": "password", "implicit": "implicit", "device_code": "device-code"}
_CREDENTIALS: Final = ("passwordCredentials", "keyCredentials", "federatedIdentityCredentials")
#: At most this number of credentials in use is named.
_NAMED: Final = 3


class Evidence(NamedTuple):
    """The use of each grant, the answers that follow, and by the list of credentials those in use, in words."""

    entries: tuple[UsageEntry, ...] = ()
    answers: tuple[Inferred, ...] = ()
    credentials: Mapping[str, str] = {}


def evidence_of(app: Registration, usage: Usage, entries: Iterable[UsageEntry]) -> Evidence:
    """What *usage* says about the client of *app*; *entries* are the use of its grants."""
    entries = tuple(entries)
    credentials = {name: words for name in _CREDENTIALS if (words := _in_use(app, usage, name))}
    return Evidence(entries, tuple(_answers(app, usage, entries)), credentials)


def with_evidence(found: Sequence[Inferred], evidence: Evidence) -> tuple[Inferred, ...]:
    """The answers of a registration and those of its sign-ins, which win: they show what is used, not what is allowed.

    A grant that is allowed, but not in use, is not how the client works today.
    """
    known = {one.question for one in evidence.answers}
    idle = {one.grant for one in evidence.entries if one.says == "can-be-turned-off"}
    kept = (one for one in found if not (one.question == "today" and one.choice in idle))
    return (*evidence.answers, *(one for one in kept if one.question not in known))


def _answers(app: Registration, usage: Usage, entries: Sequence[UsageEntry]) -> Iterator[Inferred]:
    """The answers that sign-ins give; a question is at most once."""
    seen = {entry.grant: entry for entry in entries if entry.used == "seen"}
    by_browser = next((name for name in _WITH_BROWSER if name in seen), "")
    if "on_behalf_of" in seen and not by_browser:
        yield _seen("runs-in", "api", seen["on_behalf_of"])
        yield _seen("handed-in", "user-token", seen["on_behalf_of"])
    elif by_browser and "on_behalf_of" not in seen:
        yield _seen("user-present", "yes", seen[by_browser])
    if "client_credentials" in seen:
        yield from _without_users(use_by(app, usage, user_sign_ins()), seen["client_credentials"])
    elif user := next((seen[name] for name in (*_WITH_BROWSER, "on_behalf_of", *_TODAY) if name in seen), None):
        yield _seen("token-for", "user", user)
    if "device_code" in seen:
        yield _seen("device-code", "allowed", seen["device_code"])
    if "password" in seen:
        yield _seen("bare-password", "yes", seen["password"])
    secret = use_by(app, usage, secret_use())
    if grant := next((name for name in _TODAY if name in seen), ""):
        yield _seen("today", _TODAY[grant], seen[grant])
    elif secret.state == "seen":
        yield Inferred("today", "secret", f"sign-ins with a client secret, last on {_day(secret)}", "seen")
    yield from _api(app, usage)


def _without_users(users: Observed, entry: UsageEntry) -> Iterator[Inferred]:
    """That the client acts without users, where complete logs show none."""
    if is_settled(users):
        because = f"{_words(entry)}; no user sign-in from {users.start} to {users.end}"
        yield Inferred("token-for", "program", because, "seen")
        yield Inferred("app-permission", "yes", because, "seen")


def _api(app: Registration, usage: Usage) -> Iterator[Inferred]:
    """The only known API for which it got tokens. Every sign-in of a user names Microsoft Graph, so that one counts
    only for the application itself.
    """
    uses = [use for use in attempts(usage, text_of(app.app_id)) if use.result == "success"]
    called = {use.resource_id for use in uses if use.resource_id != GRAPH or use.kind == "servicePrincipal"} - {""}
    if len(called) == 1 and (api := next(iter(called))) in APIS:
        yield Inferred("api", APIS[api], f"sign-ins: tokens for {resources()[api].name} alone", "seen")


def _seen(question: str, choice: str, entry: UsageEntry) -> Inferred:
    return Inferred(question, choice, _words(entry), "seen")


def _words(entry: UsageEntry) -> str:
    return f"sign-ins: {entry.grant}, {seen_words(entry)}"


def _in_use(app: Registration, usage: Usage, name: str) -> str:
    """The credentials in the list *name* of *app* that sign-ins name, in words; empty without one."""
    lists = (app.password_credentials, app.key_credentials, app.federated_identity_credentials)
    found = dict(zip(_CREDENTIALS, lists, strict=True))[name]
    ids = [
        text_of(getattr(one, "id" if name == _CREDENTIALS[-1] else "key_id"))
        for one in (() if found is UNSET else found or ())
    ]
    uses = {key: use_by(app, usage, credential_use(key)) for key in ids if key}
    words = [f"{key} (last on {_day(use)})" for key, use in uses.items() if use.state == "seen"]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more


def _day(use: Observed) -> str:
    return use.last or "an unknown day"
