"""Who issues the tokens that a federated credential accepts: build services, clouds and tenants, by their address.

Nothing here raises. Sources: Microsoft, "Federated identity credentials considerations and limitations", "Configure an app
to trust an external identity provider" and "Federate a Google Cloud workload identity"; GitHub, "OpenID Connect reference"
(also for an enterprise's own issuer); AWS, "Getting started with outbound identity federation"; Azure, "Use OIDC issuer".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

from rules.primitives.uri import parse

Service = Literal[
    "github", "gitlab", "terraform", "entra", "azure-devops", "kubernetes", "google", "cognito", "aws", ""
]

GITHUB: Final = "https://token.actions.githubusercontent.com"
GITLAB: Final = "https://gitlab.com"
TERRAFORM: Final = "https://app.terraform.io"
GOOGLE: Final = "https://accounts.google.com"

#: Issuers that every customer of a service shares: what a subject leaves open there, strangers can fill in.
SHARED: Final = frozenset({GITHUB, GITLAB, TERRAFORM, "https://app.eu.terraform.io"})

_BY_SERVICE: Final[tuple[tuple[Service, tuple[str, ...]], ...]] = (
    ("github", (GITHUB, f"{GITHUB}/*", "https://token.actions.*.ghe.com", "https://token.actions.*.ghe.com/*")),
    ("gitlab", (GITLAB,)),
    ("terraform", (TERRAFORM, "https://app.eu.terraform.io")),
    ("entra", (
        "https://login.microsoftonline.com/*/v2.0", "https://login.microsoftonline.us/*/v2.0",
        "https://login.partner.microsoftonline.cn/*/v2.0",
    )),
    ("azure-devops", ("https://vstoken.dev.azure.com/*",)),
    ("kubernetes", (
        "https://*.oic.prod-aks.azure.com/*/*/", "https://oidc.prod-aks.azure.com/*/",
        "https://oidc.eks.*.amazonaws.com/id/*", "https://container.googleapis.com/v1/projects/*/locations/*/clusters/*",
    )),
    ("google", (GOOGLE,)),
    ("cognito", ("https://cognito-identity.amazonaws.com",)),
    ("aws", ("https://*.tokens.sts.global.api.aws",)),
)  # fmt: skip

#: Issuers that belong to a build service or a cloud. ``*`` stands for anything between two slashes or dots.
KNOWN_ISSUERS: Final = tuple(pattern for _, patterns in _BY_SERVICE for pattern in patterns)

_ENTRA_HOSTS: Final = (
    "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn", "sts.windows.net",
    "login.windows.net",
)  # fmt: skip
_TENANT: Final = re.compile(
    r"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)"
    r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0/?",
    re.IGNORECASE,
)
_DISCOVERY: Final = "/.well-known/"


def bare(issuer: str) -> str:
    """*issuer* without blanks around it and without a final slash."""
    return issuer.strip().rstrip("/")


def is_known(issuer: str, patterns: Iterable[str]) -> bool:
    """Say whether *issuer* is one of *patterns*; a final slash makes no difference here, and case does."""
    text = bare(issuer)
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(r"[^/.]+".join(re.escape(part) for part in text.rstrip("/").split("*")))


@lru_cache(maxsize=4096)
def service_of(issuer: str) -> Service:
    """The service whose tokens *issuer* stands for; empty when it is none of the well-known ones."""
    return next((name for name, patterns in _BY_SERVICE if is_known(issuer, patterns)), "")


def tenant_of(issuer: str) -> str:
    """The tenant whose tokens *issuer* stands for, in lower case; empty for an issuer that is no tenant."""
    match = _TENANT.fullmatch(issuer.strip())
    return match[1].lower() if match else ""


@lru_cache(maxsize=4096)
def nearly_known(issuer: str) -> str:
    """The well-known issuer whose host that of *issuer* resembles without being it; empty when there is none."""
    host = parse(bare(issuer)).host or bare(issuer).lower()
    for known in (GITHUB, GITLAB, TERRAFORM, GOOGLE):
        target = parse(known).host or ""
        if host != target and (_distance(host, target) <= 2 or host.startswith(target + ".")):
            return "" if service_of(issuer) else known
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


@lru_cache(maxsize=4096)
def misspelling(issuer: str) -> str:
    """Why no token bears *issuer*, in words that follow "has an issuer"; empty when nothing speaks against it."""
    text = bare(issuer)
    uri = parse(text)
    host = uri.host or ""
    known = next((one for one in (GITHUB, GITLAB, TERRAFORM, GOOGLE) if host == parse(one).host), "")
    faults = (
        ("with a blank at its end", issuer != issuer.strip()),
        ("that is not https", not text.lower().startswith("https://")),
        ("that is the address of its keys, not its name", _DISCOVERY in issuer),
        ("that does not end in the id of a tenant and /v2.0", host in _ENTRA_HOSTS and not tenant_of(issuer)),
        ("with a slash too many", issuer.endswith("/") and (bool(known) or host in _ENTRA_HOSTS)),
        (f"that is spelled otherwise than {known}", bool(known) and not service_of(issuer)),
    )
    return next((words for words, holds in faults if holds), "")
