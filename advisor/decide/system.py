"""What the clients of one system share, must not share, or do not agree on.

In: clients with their advice. Out: rows in words. A client says in its answers file which registration it uses
(``registration``) and which of the others it calls (``calls``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from advisor.decide.answers import Client
from reports.advice import Advice, SystemRow

Pair = tuple[Client, Advice]


def system_rows(pairs: Sequence[Pair]) -> tuple[SystemRow, ...]:
    """The rows for a system: what must not be shared first, then what does not agree, then what is shared."""
    rows = (*_registrations(pairs), *_calls(pairs), *_credentials(pairs))
    order = ("must-not-share", "mismatch", "share")
    return tuple(sorted(rows, key=lambda row: order.index(row.kind)))


def _registrations(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    by_registration: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair[0].registration:
            by_registration[pair[0].registration.casefold()].append(pair)
    for group in by_registration.values():
        for (one, first), (other, second) in combinations(group, 2):
            widened = "; ".join(_widened(one.name, first, other.name, second))
            text = (
                f"{one.name} and {other.name} use one registration, {one.registration}: give each its own, since every "
                f"switch, redirect URI and credential of one holds for the other too"
            )
            yield SystemRow(
                kind="must-not-share",
                clients=(one.name, other.name),
                text=f"{text}. Here: {widened}." if widened else f"{text}.",
            )


def _widened(name: str, one: Advice, other_name: str, other: Advice) -> Iterator[str]:
    """What one registration for both would have to be."""
    settings = {setting.property: setting.value for setting in one.register}
    for setting in other.register:
        value = settings.get(setting.property)
        if {value, setting.value} == {"true", "false"}:
            yield f"{setting.property} would have to be {value} for {name} and {setting.value} for {other_name}"
    if one.platform and other.platform and one.platform != other.platform:
        yield f"redirect URIs on {one.platform} and {other.platform} side by side"
    if {one.client, other.client} == {"public", "confidential"}:
        public, private = (name, other_name) if one.client == "public" else (other_name, name)
        yield f"{public} cannot keep a credential, and its client id would carry that of {private}"
    if (one.grant == "client_credentials") != (other.grant == "client_credentials"):
        yield "application permissions and delegated ones in one consent"


def _calls(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    by_name = {client.name.casefold(): (client, advice) for client, advice in pairs}
    for client, advice in pairs:
        for name in client.calls:
            found = by_name.get(name.casefold())
            if found is not None:
                yield _call(client, advice, *found)


def _call(client: Client, advice: Advice, api: Client, answer: Advice) -> SystemRow:
    clients = (client.name, api.name)
    as_program = advice.grant in ("client_credentials", "none")
    handed = next((fact.choice for fact in answer.facts if fact.question == "handed-in"), "")
    if advice.grant == "none":
        text = f"{client.name} asks for no token, yet it calls {api.name}: answer its token-for with user or program."
        return SystemRow(kind="mismatch", clients=clients, text=text)
    if as_program and handed in ("user-token", "other-token", "saml"):
        text = (
            f"{client.name} calls as a program, but {api.name} expects a person's token: for such calls it needs "
            f"client credentials of its own, and a role for {client.name}."
        )
        return SystemRow(kind="mismatch", clients=clients, text=text)
    if not as_program and handed == "app-token":
        text = (
            f"{client.name} calls for a person, but {api.name} expects programs: answer its handed-in with "
            "user-token, and on-behalf-of passes the person on."
        )
        return SystemRow(kind="mismatch", clients=clients, text=text)
    if as_program:
        text = (
            f"{client.name} asks for api://{{client id of {api.name}}}/.default; {api.name} defines a role "
            "(appRoles) for it, and an administrator grants that."
        )
    else:
        text = (
            f"{client.name} asks for api://{{client id of {api.name}}}/{{permission}}; {api.name} exposes that "
            "permission (api.oauth2PermissionScopes)"
        )
        more = (
            f" and names {client.name} in api.knownClientApplications, so that one consent covers what it calls next."
        )
        text += more if answer.grant == "on_behalf_of" else "."
    return SystemRow(kind="share", clients=clients, text=text)


def _credentials(pairs: Sequence[Pair]) -> Iterator[SystemRow]:
    keeping = [client.name for client, advice in pairs if advice.credential]
    if len(keeping) > 1:
        text = (
            "Each of these proves itself with a credential of its own: a shared one cannot be taken from a single "
            "client, and nobody sees who used it."
        )
        yield SystemRow(kind="share", clients=tuple(keeping), text=text)
