"""Whose tokens a federated credential accepts: issuers, and expressions over the claims of a token.

Nothing here raises. Sources: Microsoft, "Important considerations and restrictions for federated identity credentials",
"Flexible federated identity credentials (preview)"; GitHub, "OpenID Connect reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import msgspec

from rules.registration import FederatedCredential, Registration
from rules.uri import parse

GITHUB: Final = "https://token.actions.githubusercontent.com"
GITLAB: Final = "https://gitlab.com"
TERRAFORM: Final = "https://app.terraform.io"

#: Issuers that belong to a build service or a cloud. ``*`` stands for anything between two slashes or dots.
KNOWN_ISSUERS: Final = (
    GITHUB, GITLAB, TERRAFORM,
    "https://login.microsoftonline.com/*/v2.0", "https://login.microsoftonline.us/*/v2.0", "https://login.partner.microsoftonline.cn/*/v2.0",
    "https://vstoken.dev.azure.com/*", "https://accounts.google.com", "https://container.googleapis.com/v1/projects/*/locations/*/clusters/*",
    "https://cognito-identity.amazonaws.com", "https://oidc.eks.*.amazonaws.com/id/*",
    "https://*.oic.prod-aks.azure.com/*/*/", "https://oidc.prod-aks.azure.com/*/",
)  # fmt: skip

#: What Entra expects as the audience of the foreign token, by cloud.
AUDIENCES: Final = (
    "api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina",
)  # fmt: skip

_ENTRA: Final = re.compile(
    r"https://(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)/([^/]+)(?:/(?:v2\.0)?)?"
)
_CLAUSE: Final = re.compile(
    r"\s*claims\[\s*(['\"])(?P<claim>[^'\"]+)\1\s*\]\s+(?P<verb>eq|matches)\s+(['\"])(?P<value>[^'\"]*)\4\s*"
)


class Placed(msgspec.Struct, frozen=True):
    """A federated credential and where it stands."""

    pointer: str
    credential: FederatedCredential


def federated(app: Registration) -> Iterator[Placed]:
    """The federated credentials that were read, in their order."""
    for index, credential in enumerate(app.federated_identity_credentials or ()):
        pointer = f"/federatedIdentityCredentials/{index}"
        if pointer not in app.unread:
            yield Placed(pointer, credential)


def issuer_of(credential: FederatedCredential) -> str:
    """The issuer without blanks around it and without a final slash; empty when there is none."""
    return credential.issuer.strip().rstrip("/") if isinstance(credential.issuer, str) else ""


def is_known(issuer: str, patterns: Iterable[str]) -> bool:
    """Say whether *issuer* is one of *patterns*; a final slash makes no difference here, and case does."""
    return any(_pattern(pattern).fullmatch(issuer.strip().rstrip("/")) for pattern in patterns)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(r"[^/.]+".join(re.escape(part) for part in text.rstrip("/").split("*")))


def tenant_of(issuer: str) -> str:
    """The tenant whose tokens *issuer* stands for, in lower case; empty for an issuer that is no tenant."""
    match = _ENTRA.fullmatch(issuer.strip())
    return match[1].lower() if match else ""


@lru_cache(maxsize=4096)
def nearly_known(issuer: str) -> str:
    """The well-known issuer that *issuer* resembles without being it; empty when there is none."""
    text = issuer.strip().rstrip("/")
    if is_known(text, KNOWN_ISSUERS):
        return ""
    host = parse(text).host or text.lower()
    for known in (GITHUB, GITLAB, TERRAFORM, "https://accounts.google.com"):
        target = parse(known).host or ""
        if host == target or (host != target and _distance(host, target) <= 2) or host.startswith(target + "."):
            return known
    return ""


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added or taken out; anything above three counts as four."""
    if abs(len(one) - len(other)) > 3:
        return 4
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return min(row[-1], 4)


class Clause(msgspec.Struct, frozen=True):
    """One condition of an expression: the claim, whether it must be equal or match, and with what."""

    claim: str
    verb: str
    value: str

    @property
    def fixed(self) -> str:
        """What stands before the first wildcard; all of it where there is none."""
        return re.split(r"[*?]", self.value, maxsplit=1)[0] if self.verb == "matches" else self.value

    @property
    def is_open(self) -> bool:
        """Say whether it has a wildcard."""
        return self.verb == "matches" and bool(re.search(r"[*?]", self.value))


@lru_cache(maxsize=4096)
def clauses(expression: str) -> tuple[Clause, ...] | None:
    """The conditions of *expression*, all of which must hold; ``None`` when it is of another shape. Never raises.

    >>> clauses("claims['sub'] matches 'repo:contoso/app:*'")
    (Clause(claim='sub', verb='matches', value='repo:contoso/app:*'),)
    """
    found: list[Clause] = []
    place = 0
    while True:
        match = _CLAUSE.match(expression, place)
        if match is None:
            return None
        found.append(Clause(match["claim"], match["verb"], match["value"]))
        place = match.end()
        if place == len(expression):
            return tuple(found)
        if not expression.startswith("and", place):
            return None
        place += 3
