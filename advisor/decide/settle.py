"""What the registration must look like and what the requests look like, for one end of the tree.

Words in braces are placeholders. What is known about the API, the accounts, the cloud and the framework fills them,
from ``advisor.decide.tables``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from advisor.decide.notes import holds
from advisor.decide.parts import CredentialLeaf, Leaf
from advisor.decide.tables.values import TableValues
from advisor.decide.tree import DecisionTree
from reports.advice import Setting
from rules.analysis.grants import Grant, Step, grant
from rules.knowledge.credentials import CredentialKind

Fill = Callable[[str], str]

#: Why a redirect URI is on its platform.
PLATFORM_WHY: Final[Mapping[str, str]] = {
    "web": "the server receives the code, at one exact URL over https",
    "spa": "code in a browser can redeem an authorization code only for a spa redirect URI; the URL must match exactly",
    "publicClient": "the code returns to the user's own device; for localhost, Entra ignores the port",
}

#: What is registered of an API that is called for users, if the leaf says nothing else.
DELEGATED: Final = "delegated permissions (type Scope), as few as possible"
DELEGATED_WHY: Final = (
    "users or an administrator must consent to these permissions; .default requests exactly these permissions"
)

AUDIENCE: Final = "AzureADMyOrg"
AUDIENCE_WHY: Final = "for your own tenant; change the value only if users of other tenants sign in"

#: What a value of ``signInAudience`` means, where the answers chose it ("Supported account types").
AUDIENCES: Final[Mapping[str, str]] = {
    "AzureADMyOrg": "only users of your tenant can use the client",
    "AzureADMultipleOrgs": "users of every Entra tenant can use the client; to limit the tenants, check each token",
    "AzureADandPersonalMicrosoftAccount": "users of every Entra tenant and personal accounts can use the client",
    "PersonalMicrosoftAccount": "only personal Microsoft accounts can use the client",
}
#: In Azure AD B2C the value says nothing about accounts.
AUDIENCE_B2C: Final = "user flows of Azure AD B2C need this value; the user flow decides which accounts can sign in"

#: The question of leaves whose registration is an agent identity blueprint.
_OF_AGENTS: Final = "agent-made-by"


class Filling:
    """Fills the placeholders of texts by what is known: first with the words of choices, then with the tables' values.

    ``used`` are the facts that decided something so far, ``rows`` the values of the tables that were printed.
    """

    def __init__(self, tree: DecisionTree, known: Mapping[str, str]) -> None:
        self.tree, self.known = tree, known
        self._value = TableValues(known)
        self._words = tuple(
            (question.id, text, words)
            for question in tree.facts.values()
            if question.id in known
            for choice in question.picked(known[question.id])
            for text, words in choice.fills.items()
        )
        self.used, self.rows = self._value.used, self._value.rows

    def __call__(self, text: str) -> str:
        """*text* with its placeholders filled in."""
        for fact, placeholder, words in self._words:
            if placeholder in text:
                text = text.replace(placeholder, words)
                self.used.add(fact)
        return self._value(text)


def register(
    row: Grant,
    leaf: Leaf,
    end: CredentialLeaf | None,
    kind: CredentialKind | None,
    known: Mapping[str, str],
    fill: Fill,
) -> Iterator[Setting]:
    """What the registration must look like; a row of the leaf replaces the grant's own row of the same property."""
    own = {item.property for item in leaf.register}
    if leaf.platform:
        why = leaf.redirect_why or PLATFORM_WHY[leaf.platform]
        yield Setting(property=f"{leaf.platform}.redirectUris", value=fill(leaf.redirect), why=why)
    if row.id != "none":
        yield _audience(known, fill)
    for item in leaf.register:
        yield Setting(property=item.property, value=fill(item.value), why=item.why)
    if row.user != "none" and "requiredResourceAccess" not in own:
        yield Setting(property="requiredResourceAccess", value=fill(DELEGATED), why=DELEGATED_WHY)
    for switch in row.switches if leaf.proof != _OF_AGENTS else ():  # Graph refuses them on a blueprint
        if switch.path not in own:
            yield Setting(property=switch.path, value="true" if switch.value else "false", why=switch.why)
    if kind is not None:
        value = (end.value if end else "") or kind.value
        yield Setting(property=kind.property, value=fill(value), why=kind.short.rstrip("."))
    elif end is None:
        why = "this client cannot protect a credential" if row.id != "none" else "the client does not authenticate"
        yield Setting(property="passwordCredentials", value="empty, and keyCredentials too", why=why)


def _audience(known: Mapping[str, str], fill: Fill) -> Setting:
    value = fill(AUDIENCE)
    if value == AUDIENCE and "audience" not in known:
        why = AUDIENCE_WHY
    else:
        why = AUDIENCE_B2C if known.get("audience") == "b2c" and value != AUDIENCE else AUDIENCES[value]
    return Setting(property="signInAudience", value=value, why=why)


def requests(
    row: Grant, leaf: Leaf, end: CredentialLeaf | None, kind: CredentialKind | None, fill: Filling
) -> tuple[str, ...]:
    """The requests in lines: method and address, then one parameter a line; none where the answers allow none.

    Each API has a token of its own, so each further one has a further request.
    """
    lines: list[str] = []
    for api in _apis(fill.known):
        known = {**fill.known, "api": api} if api else fill.known
        if not any(note.no_request and holds(note, known) for note in fill.tree.notes):
            fill_one = Filling(fill.tree, known)
            lines += map(fill_one, further(row, leaf, end, kind) if lines else request(row, leaf, end, kind))
            fill.used.update(fill_one.used)
            fill.rows.extend(row for row in fill_one.rows if row not in fill.rows)
    return tuple(lines)


def _apis(known: Mapping[str, str]) -> tuple[str, ...]:
    """The APIs that are called, one empty text for none; who signed in is known from the first token of any of them."""
    named = known.get("api", "").split(",")
    return tuple(api for api in named if api != "sign-in-only") or tuple(named)


def request(row: Grant, leaf: Leaf, end: CredentialLeaf | None, kind: CredentialKind | None) -> Iterator[str]:
    """The requests for one API, before anything is filled in."""
    return _lines(leaf.request or row.request, leaf, end, kind)


def further(row: Grant, leaf: Leaf, end: CredentialLeaf | None, kind: CredentialKind | None) -> Iterator[str]:
    """The request of a token for a further API: with the refresh token of the sign-in, or as the first one."""
    signs_in = (row.redirect or row.id == "device_code") and row.id != "implicit"
    again = grant("refresh_token").request[-1:] if signs_in else leaf.request[-1:] or row.request
    return _lines(again, leaf, end, kind)


def _lines(steps: Sequence[Step], leaf: Leaf, end: CredentialLeaf | None, kind: CredentialKind | None) -> Iterator[str]:
    for step in () if end and end.no_request else steps:
        yield f"{step.method} {step.url}"
        for parameter in step.parameters:
            yield f"    {parameter}"
        if step.proves and kind is not None:
            for parameter in kind.parameters:
                yield f"    {parameter}"
        if step.proves and leaf.platform == "spa":
            yield "    header Origin: https://{host}, which the browser adds"
