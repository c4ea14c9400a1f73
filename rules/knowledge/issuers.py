"""Who issues the tokens that a federated credential accepts: build services, clouds and tenants, by their URL.

The tables are ``issuers.tsv`` and ``sign_in_hosts.tsv``. Nothing here raises.

Sources: Microsoft, "Federated identity credentials considerations and limitations", "Configure an app to trust an
external identity provider", "Federate a Google Cloud workload identity", "Use OIDC issuer" (AKS; in Azure Government
and Azure China the domain ends in .us and .cn) and "Deploy and configure workload identity federation in Azure
Arc-enabled Kubernetes"; GitHub, "OpenID Connect reference" (also for an enterprise's own issuer); AWS, "Getting started
with outbound identity federation"; Vercel, "Connect to Microsoft Azure" (an issuer for each team, or the global one);
CircleCI, "Using OpenID Connect tokens in jobs"; Pulumi, "Configuring OpenID Connect for Azure"; Spacelift, "OpenID
Connect (OIDC)"; Rancher's eks-operator, its templates (Amazon EKS in China).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, Literal

import msgspec

from rules.knowledge.data import read_table
from rules.primitives.uri import parse

#: The service that an issuer belongs to; empty for an issuer that is not well known.
Service = Literal[
    "github",
    "gitlab",
    "terraform",
    "entra",
    "azure-devops",
    "kubernetes",
    "google",
    "cognito",
    "aws",
    "vercel",
    "circleci",
    "pulumi",
    "spacelift",
    "",
]

GITHUB: Final = "https://token.actions.githubusercontent.com"
GITLAB: Final = "https://gitlab.com"
TERRAFORM: Final = "https://app.terraform.io"
GOOGLE: Final = "https://accounts.google.com"

#: Issuers with one spelling, so that another one is a mistake.
_EXACT: Final = (GITHUB, GITLAB, TERRAFORM, GOOGLE)

_TENANT: Final = re.compile(
    r"https://login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)"
    r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0/?",
    re.IGNORECASE,
)
_DISCOVERY: Final = "/.well-known/"
#: Up to this length one letter is enough to name another service: github.com and gitea.com are unrelated, as others of
#: the form api.NAME.com may be.
_SHORT: Final = 15
#: GitHub's website. Tokens of a workflow name another host; whether the path of its sign-in issues any is left open.
_GITHUB_SITE: Final = re.compile(r"https://github\.com(?!/login(?:/|$))(?:/.*)?", re.IGNORECASE)


class Issuer(msgspec.Struct, frozen=True):
    """Issuers of a build service or a cloud. ``*`` in the *pattern* is anything between two slashes or dots.

    A *shared* issuer is that of every customer of the service: other customers can have what a subject leaves open
    there.
    """

    pattern: str
    service: Service
    shared: bool = False


class SignInHost(msgspec.Struct, frozen=True):
    """A host of Microsoft's sign-in service; with *issues*, tokens name it as their issuer."""

    host: str
    issues: bool = False


@cache
def known_issuers() -> tuple[Issuer, ...]:
    """The issuers of the table."""
    return read_table("rules.knowledge", "issuers.tsv", Issuer)


@cache
def sign_in_hosts(*, issuing: bool = False) -> frozenset[str]:
    """The hosts of Microsoft's sign-in service in all clouds; with *issuing*, only those that tokens name as issuer."""
    rows = read_table("rules.knowledge", "sign_in_hosts.tsv", SignInHost)
    return frozenset(row.host for row in rows if row.issues or not issuing)


def bare(issuer: str) -> str:
    """*issuer* without blanks around it and without a final slash."""
    return issuer.strip().rstrip("/")


def is_shared(issuer: str) -> bool:
    """Say whether every customer of a service has this *issuer*; of one that is not well known, it is not known."""
    return any(row.shared and row.pattern == issuer for row in known_issuers())


def is_known(issuer: str, patterns: Iterable[str]) -> bool:
    """Say whether *issuer* is one of *patterns*; a final slash makes no difference here, and case does."""
    text = bare(issuer)
    return any(_pattern(pattern).fullmatch(text) for pattern in patterns)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(r"[^/.]+".join(re.escape(part) for part in text.rstrip("/").split("*")))


@lru_cache(maxsize=4096)
def service_of(issuer: str) -> Service:
    """The service that issues the tokens of *issuer*; empty when it is not a well-known one."""
    row = _row_of(issuer)
    return row.service if row else ""


def _row_of(issuer: str) -> Issuer | None:
    return next((row for row in known_issuers() if is_known(issuer, (row.pattern,))), None)


def tenant_of(issuer: str) -> str:
    """The tenant that issues the tokens of *issuer*, in lower case; empty for an issuer that is not a tenant."""
    match = _TENANT.fullmatch(issuer.strip())
    return match[1].lower() if match else ""


@lru_cache(maxsize=4096)
def nearly_known(issuer: str) -> str:
    """The host of a well-known issuer that the host of *issuer* resembles without being it, otherwise empty.

    The owner of a known issuer may have others below its domains: only those with one spelling are compared there.
    """
    host = parse(bare(issuer)).host or bare(issuer).lower()
    targets = [_beside(host, pattern) for pattern in _host_patterns()]
    if host in targets:
        return ""
    extended = next((target for target in targets if host.startswith(target + ".")), "")
    distance, _, target = min((_distance(host, target), -len(target), target) for target in targets)
    may_be_of_owner = f"https://{target}" not in _EXACT and _domain(host) in {_domain(known) for known in targets}
    is_near = distance <= (1 if len(target) <= _SHORT else 2) and not may_be_of_owner
    return extended or (target if is_near else "")


@cache
def _host_patterns() -> tuple[str, ...]:
    """The hosts of the known issuers, without repetition."""
    return tuple(dict.fromkeys(row.pattern.removeprefix("https://").partition("/")[0] for row in known_issuers()))


def _beside(host: str, pattern: str) -> str:
    """*pattern* with the labels of *host* in place of its wildcards, where *host* has as many labels."""
    labels, known = host.split("."), pattern.split(".")
    if len(labels) < len(known):
        return pattern
    return ".".join(label if name == "*" else name for label, name in zip(labels, known, strict=False))


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added or removed; anything above three counts as four."""
    if abs(len(one) - len(other)) > 3:
        return 4
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return min(row[-1], 4)


def _with_small_host(issuer: str) -> str:
    """*issuer* with its scheme and host in lower case, as the known services write theirs."""
    scheme, separator, rest = issuer.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}"


@lru_cache(maxsize=4096)
def misspelling(issuer: str) -> str:
    """Why no token has *issuer*, in words that follow "has an issuer"; empty when nothing is wrong with it.

    An issuer is compared letter by letter. AKS and Azure Arc end theirs with a slash, and the other known services do
    not.
    """
    text = bare(issuer)
    uri = parse(text)
    host = uri.host or ""
    is_entra = host in sign_in_hosts(issuing=True)
    known = next((one for one in _EXACT if host == parse(one).host), "")
    row = _row_of(issuer)
    is_raised = uri.host is not None and bool(_row_of(_with_small_host(issuer))) and issuer != _with_small_host(issuer)
    needs_slash = row is not None and row.pattern.endswith("/")
    faults = (
        ("with a leading or trailing space", issuer != issuer.strip()),
        ("that does not use https", not text.lower().startswith("https://")),
        ("with a wildcard", "*" in issuer),
        ("with a query or a fragment", "?" in issuer or "#" in issuer),
        ("that is the URL of metadata or signing keys", _DISCOVERY in issuer),
        (f"that is GitHub's website, not its issuer {GITHUB}", bool(_GITHUB_SITE.fullmatch(text))),
        ("that does not end in a tenant ID and /v2.0", is_entra and not tenant_of(issuer)),
        ("with capital letters", is_entra and text != text.lower()),
        ("with capital letters in its host", is_raised and not known),
        (
            "with a final slash",
            issuer.endswith("/") and not needs_slash and (row is not None or bool(known) or is_entra),
        ),
        ("without its final slash", needs_slash and not issuer.endswith("/")),
        (f"that is spelled differently from {known}", bool(known) and not row),
    )
    return next((words for words, holds in faults if holds), "")
