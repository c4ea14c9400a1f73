"""What the registration must look like and what the requests look like, for one end of the tree.

Words in braces are placeholders; what is known about the API, the accounts and the cloud fills them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from advisor.decide.parts import CredentialLeaf, Leaf
from advisor.decide.tree import DecisionTree
from reports.advice import Setting
from rules.analysis.grants import Grant
from rules.knowledge.credentials import CredentialKind

Fill = Callable[[str], str]

#: Why a redirect URI is on its platform.
PLATFORM_WHY: Final[Mapping[str, str]] = {
    "web": "the code goes to the server, at one exact address over https",
    "spa": "only on this platform may a page redeem a code itself; the address has to match exactly",
    "publicClient": "the code returns to the person's own device; on a loopback address any port fits",
}

AUDIENCE: Final = "AzureADMyOrg"
AUDIENCE_WHY: Final = "your own tenant; widen it only if people or tenants from outside use this client"
AUDIENCE_SAID: Final = "so that those accounts and tenants can use it that you named, and no others"


def fills_of(tree: DecisionTree, known: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The placeholders that known facts fill, in the tree's order."""
    pairs: list[tuple[str, str]] = []
    for question in tree.questions:
        choice = None if question.copies else question.choice(known.get(question.id, ""))
        pairs += choice.fills.items() if choice else ()
    return tuple(pairs)


def filled(tree: DecisionTree, known: Mapping[str, str]) -> Fill:
    """A function that fills the placeholders of a text."""
    pairs = fills_of(tree, known)

    def fill(text: str) -> str:
        for placeholder, words in pairs:
            text = text.replace(placeholder, words)
        return text

    return fill


def register(
    row: Grant,
    leaf: Leaf,
    end: CredentialLeaf | None,
    kind: CredentialKind | None,
    known: Mapping[str, str],
    fill: Fill,
) -> Iterator[Setting]:
    """What the registration must look like; a row of the leaf stands for the grant's own row of the same property."""
    own = {item.property for item in leaf.register}
    if leaf.platform:
        why = leaf.redirect_why or PLATFORM_WHY[leaf.platform]
        yield Setting(property=f"{leaf.platform}.redirectUris", value=leaf.redirect, why=why)
    if row.id != "none":
        yield _audience(known, fill)
    for item in leaf.register:
        yield Setting(property=item.property, value=item.value, why=item.why)
    for switch in row.switches:
        if switch.path not in own:
            yield Setting(property=switch.path, value="true" if switch.value else "false", why=switch.why)
    if kind is not None:
        value = (end.value if end else "") or kind.value
        yield Setting(property=kind.property, value=fill(value), why=kind.short.rstrip("."))
    elif end is None:
        why = "this client has no place to keep a credential" if row.id != "none" else "there is nothing to prove"
        yield Setting(property="passwordCredentials", value="empty, and keyCredentials too", why=why)


def _audience(known: Mapping[str, str], fill: Fill) -> Setting:
    value = fill(AUDIENCE)
    why = AUDIENCE_WHY if value == AUDIENCE and "audience" not in known else AUDIENCE_SAID
    return Setting(property="signInAudience", value=value, why=why)


def request(row: Grant, leaf: Leaf, kind: CredentialKind | None) -> Iterator[str]:
    """The requests in lines: method and address, then one parameter a line."""
    for step in row.request:
        yield f"{step.method} {step.url}"
        for parameter in step.parameters:
            yield f"    {parameter}"
        if step.proves and kind is not None:
            for parameter in kind.parameters:
                yield f"    {parameter}"
        if step.proves and leaf.platform == "spa":
            yield "    header Origin: https://{host}, which the browser adds"
