"""Which workloads a federated credential accepts as the application: subjects, and expressions over claims.

Nothing here raises. A subject is read as the pairs of names and values that its service joins with colons; a colon
inside a value is written ``%3A``. Of a value with wildcards only the part before the first one is certain, since ``*``
matches colons and slashes too.

Sources: Microsoft, "Flexible federated identity credentials (preview)" and "Mutable subjects in federated identity
credentials"; GitHub, "OpenID Connect reference"; GitLab, "OpenID Connect (OIDC) Authentication Using ID Tokens";
HashiCorp, "Workload identity tokens"; Kubernetes, "Service Accounts"; Microsoft, "Federate a Google Cloud workload
identity" and "Configure an application to trust a managed identity"; AWS, "Understanding token claims".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, get_args

import msgspec

from rules.knowledge.issuers import GITHUB, Service, bare, misspelling, service_of
from rules.model.registration import UNSET, FederatedCredential, Registration
from rules.primitives.uri import parse

#: The audience that Entra expects in a token of another issuer, by cloud. The last two, of isolated clouds, are from
#: Microsoft's Bicep template "msi-as-a-fic-secretless".
AUDIENCES: Final = (
    "api://AzureADTokenExchange",
    "api://AzureADTokenExchangeUSGov",
    "api://AzureADTokenExchangeChina",
    "api://AzureADTokenExchangeUSNat",
    "api://AzureADTokenExchangeUSSec",
)

#: The claims that an expression may name, by the services whose tokens it may be about.
CLAIMS: Final[dict[Service, tuple[str, ...]]] = {
    "github": ("sub", "job_workflow_ref"),
    "gitlab": ("sub",),
    "terraform": ("sub",),
}

#: Single blanks are around the operator: Microsoft, "Flexible federated identity credentials (preview)".
_CLAUSE: Final = re.compile(r"claims\['(?P<claim>[^']+)'\] (?P<verb>eq|matches) '(?P<value>[^']*)'")
_AND: Final = re.compile(r"\s+and\s+")
_WILD: Final = re.compile(r"[*?]")


class Clause(msgspec.Struct, frozen=True):
    """One condition: the claim, whether it must be equal or match, and with what."""

    claim: str
    verb: str
    value: str

    @property
    def is_open(self) -> bool:
        """Say whether it has a wildcard."""
        return self.verb == "matches" and bool(_WILD.search(self.value))

    @property
    def fixed(self) -> str:
        """The part before the first wildcard; all of it without one."""
        return _WILD.split(self.value, maxsplit=1)[0] if self.is_open else self.value

    @property
    def tail(self) -> str:
        """The part after the last wildcard; empty without one."""
        return _WILD.split(self.value)[-1] if self.is_open else ""

    @property
    def ends_open(self) -> bool:
        """Say whether anything may follow its fixed part, and nothing must."""
        return self.is_open and not self.value.removeprefix(self.fixed).strip("*")

    @property
    def is_literal(self) -> bool:
        """Say whether it has a wildcard although it is compared literally."""
        return self.verb == "eq" and bool(_WILD.search(self.value))


@lru_cache(maxsize=4096)
def clauses(expression: str) -> tuple[Clause, ...] | None:
    """The conditions of *expression*, all of which must be true; ``None`` when it is of another shape.

    >>> clauses("claims['sub'] matches 'repo:contoso/app:*'")
    (Clause(claim='sub', verb='matches', value='repo:contoso/app:*'),)
    """
    found: list[Clause] = []
    text = expression.strip()
    place = 0
    while match := _CLAUSE.match(text, place):
        found.append(Clause(match["claim"], match["verb"], match["value"]))
        if match.end() == len(text):
            return tuple(found)
        joint = _AND.match(text, match.end())
        if joint is None:
            return None
        place = joint.end()
    return None


class Placed(msgspec.Struct, frozen=True):
    """A federated credential and its place in the list."""

    pointer: str
    credential: FederatedCredential

    @property
    def issuer(self) -> str:
        """The issuer without blanks around it and without a final slash; empty when it has none."""
        return bare(self.credential.issuer) if isinstance(self.credential.issuer, str) else ""

    @property
    def service(self) -> Service:
        """The service that issues the tokens; empty for one that is not well known."""
        return service_of(self.issuer)

    @property
    def expression_service(self) -> Service:
        """The same; a host named gitlab.* may be a GitLab server of one's own, for which Entra supports expressions."""
        return self.service or ("gitlab" if self.gitlab_host else "")

    @property
    def gitlab_host(self) -> str:
        """The host of an issuer named gitlab.*; empty otherwise."""
        host = parse(self.issuer).host or ""
        return host if host.startswith("gitlab.") else ""

    @property
    def unusable(self) -> str:
        """What Microsoft does not support in the expression: its issuer or a claim; empty when it supports all.

        Expressions are for GitHub's own issuer, for GitLab, and for Terraform Cloud.
        """
        if self.expression is None:
            return ""
        service = self.expression_service
        if service not in CLAIMS or (service == "github" and self.issuer != GITHUB):
            return f"the issuer {self.issuer}"
        conditions = clauses(self.expression) or ()
        strange = next((clause.claim for clause in conditions if clause.claim not in CLAIMS[service]), "")
        return f"the claim {strange}" if strange else ""

    @property
    def language_version(self) -> int:
        """The version of the language of the expression; 1 where it names none."""
        expression = self.credential.claims_matching_expression
        version = expression.language_version if expression else 1
        return version if isinstance(version, int) else 1

    @property
    def matches_nothing(self) -> bool:
        """Say whether no token is accepted: rules about issuers, expressions and wildcards say why."""
        issuer = self.credential.issuer
        is_misspelled = isinstance(issuer, str) and bool(misspelling(issuer))
        # An unknown service may write such a text.
        is_literal = bool(self.expression_service) and any(clause.is_literal for clause in self.conditions[1])
        return bool(self.unusable) or is_misspelled or is_literal

    @property
    def expression(self) -> str | None:
        """The text of the expression; ``None`` where it has none."""
        expression = self.credential.claims_matching_expression
        return expression.value if expression and isinstance(expression.value, str) else None

    @property
    def conditions(self) -> tuple[str, tuple[Clause, ...]]:
        """What a token must fulfill, and the pointer; nothing where the subject was not read or has an unknown form."""
        text, subject = self.expression, self.credential.subject
        if text is not None:
            known = clauses(text) if self.language_version == 1 else None
            return f"{self.pointer}/claimsMatchingExpression/value", known or ()
        exact = isinstance(subject, str) and subject
        return f"{self.pointer}/subject", (Clause("sub", "eq", str(subject)),) if exact else ()

    @property
    def accepts_tokens(self) -> bool | None:
        """Say whether a token can match; ``None`` where Microsoft or the issuer does not document what is set."""
        if self.matches_nothing and not self.unusable:
            return False
        audiences, conditions = self.credential.audiences, self.conditions[1]
        is_complete = bool(self.issuer and conditions) and (audiences is UNSET or len(audiences or ()) == 1)
        return True if is_complete and not self.unusable and _are_documented(self.service, conditions) else None


def _are_documented(service: Service, conditions: tuple[Clause, ...]) -> bool:
    """Say whether *service* documents subjects like each one that *conditions* name in full."""
    return all(fits(service, one.value) for one in conditions if one.claim == "sub" and not one.is_open)


def federated(app: Registration) -> Iterator[Placed]:
    """The federated credentials that were read, in their order."""
    for index, credential in enumerate(app.federated_identity_credentials or ()):
        pointer = f"/federatedIdentityCredentials/{index}"
        if pointer not in app.unread:
            yield Placed(pointer, credential)


class Pair(msgspec.Struct, frozen=True):
    """A name of a subject with its value; not ``whole`` where a wildcard cuts the value off."""

    name: str
    value: str
    whole: bool = True


def pairs(text: str, *, cut: bool = False) -> tuple[Pair, ...]:
    """The names and values of a subject, or of its beginning where it is *cut* off by a wildcard.

    GitHub's ``pull_request`` has no value, nor has a name at the end.

    >>> pairs("repo:contoso/app:pull_request")
    (Pair(name='repo', value='contoso/app', whole=True), Pair(name='pull_request', value='', whole=True))
    """
    words = text.split(":")
    found: list[Pair] = []
    place = 0
    while place < len(words):
        bare_name = words[place] == "pull_request" or place + 1 == len(words)
        last = place + (0 if bare_name else 1) == len(words) - 1
        found.append(Pair(words[place], "" if bare_name else words[place + 1], not (cut and last)))
        place += 1 if bare_name else 2
    return tuple(found)


#: What conditions accept. Whichever repository calls them: workflows of one owner ("workflows"), of one repository
#: ("called"), or one ("workflow"). From fewer repositories: workflows of one repository, also those that a push to any
#: branch can change ("files"), or only those of some branches ("some files"). Otherwise: other owners ("anyone"), what
#: one user starts in any repository, one owner, one project, each branch, tag or environment of it ("branches"), some
#: of them ("places"), or one.
Reach = Literal[
    "anyone",
    "user",
    "workflows",
    "owner",
    "called",
    "workflow",
    "project",
    "files",
    "branches",
    "places",
    "some files",
    "one",
]
#: From the least to the most.
REACHES: Final[tuple[Reach, ...]] = tuple(reversed(get_args(Reach)))

_OWNERS: Final = frozenset(
    {
        "repository_owner",
        "repository_owner_id",
        "enterprise",
        "enterprise_id",
        "organization",
    }
)
_USERS: Final = frozenset({"actor", "actor_id"})
_PROJECTS: Final = frozenset(
    {
        "repo",
        "repository",
        "repository_id",
        "project_path",
        "project_id",
        "project",
        "workspace",
        "stack",
    }
)
_PLACES: Final = frozenset(
    {
        "ref",
        "environment",
        "pull_request",
        "run_phase",
        "operation",
        "base_ref",
        "head_ref",
        "environment_node_id",
        "sha",
        "run_id",
        "check_run_id",
        "workflow_sha",
    }
)
#: Whether a branch, tag or environment is protected. Unprotected ones can have any name.
_PROTECTED: Final = frozenset({"ref_protected", "environment_protected"})
#: Parts of a project that have several branches, tags, environments or phases.
_PARTS: Final = frozenset({"workspace", "stack"}) | _PROTECTED
#: How the value of a branch or tag begins before anything that its author chooses.
_BEGINNINGS: Final = {"ref": ("", "refs/", "refs/heads/", "refs/tags/")}
#: What only subjects for pull requests of GitHub name.
_PULL_REQUEST: Final = frozenset({"pull_request", "base_ref", "head_ref"})
#: The workflow that is called, and the one that calls it, which is of the repository itself.
_CALLED_WORKFLOW: Final = "job_workflow_ref"
_OWN_WORKFLOW: Final = "workflow_ref"
_PATHS: Final = frozenset({"repo", "repository", "project_path"})


def reach(*conditions: Clause) -> Reach:
    """How many workloads fulfill all *conditions*, by the parts that they pin.

    ``job_workflow_ref`` names the workflow that is called, and not the repository that calls it (GitHub, "OpenID
    Connect with reusable workflows"). Where nothing else names an owner, any repository that may call the workflow is
    accepted.
    """
    callers: Reach = "anyone"
    workflow: Reach = "anyone"
    for clause in conditions:
        named = _pairs(clause)
        workflows = [_workflow(pair, clause.tail) for pair in named if pair.name == _CALLED_WORKFLOW]
        workflow = min((workflow, *workflows), key=REACHES.index)
        is_workflow = clause.claim == _CALLED_WORKFLOW
        callers = callers if is_workflow else min(callers, _callers(clause, named), key=REACHES.index)
    if callers == "anyone":
        return _CALLED[workflow]
    return callers if REACHES.index(callers) <= REACHES.index(workflow) else _FILES[workflow]


#: What is accepted where the workflow decides: called by any repository, or by fewer.
_CALLED: Final[dict[Reach, Reach]] = {
    "anyone": "anyone",
    "owner": "workflows",
    "project": "called",
    "places": "called",
    "one": "workflow",
}
_FILES: Final[dict[Reach, Reach]] = {"owner": "workflows", "project": "files", "places": "some files", "one": "one"}


def is_pull_request(*conditions: Clause) -> bool:
    """Say whether *conditions* are for the pull requests of a repository, which choose the workflow that runs.

    An environment can require a review, and a pull request has no branch as its ``ref``. It cannot change a called
    workflow that is named with its ``ref``.
    """
    named = [(pair, clause.tail) for clause in conditions for pair in _pairs(clause)]
    whole = {pair.name for pair, _ in named if pair.whole and pair.value}
    is_pull = any(
        pair.name in _PULL_REQUEST or (pair.name, pair.value) == ("event_name", "pull_request") for pair, _ in named
    )
    is_fixed = any(pair.name == _CALLED_WORKFLOW and _workflow(pair, tail) == "one" for pair, tail in named)
    return is_pull and bool(whole & _PROJECTS) and not (is_fixed or whole & {"environment", "ref"})


def _pairs(clause: Clause) -> tuple[Pair, ...]:
    """The pairs of a condition on ``sub``, or the one that a condition on another claim is."""
    if clause.claim != "sub":
        return (Pair(clause.claim, clause.fixed, not clause.is_open),)
    return pairs(clause.fixed, cut=clause.is_open)


def _callers(clause: Clause, found: tuple[Pair, ...]) -> Reach:
    """How many places of how many owners a condition on ``sub`` accepts, whatever workflow they run."""
    pinned = {
        pair.name
        for pair in found
        if pair.whole
        and (pair.value or pair.name == "pull_request")
        and (pair.value == "true" or pair.name not in _PROTECTED)
    }
    last = found[-1]
    if not last.whole and last.name in _PATHS:
        owner, slash, name = last.value.partition("/")
        pinned |= {"repository_owner"} if owner and (slash or "@" in owner) else set()
        # Names have no @, so the name of the repository is certain, and its ID alone is left open.
        pinned |= {"repo"} if "@" in name else set()
    after = {pair.name: pair.value for pair in pairs(clause.tail.partition(":")[2]) if pair.value}
    if "organization" in pinned and "workspace" in after:
        pinned |= after.keys()  # one organization has no two workspaces of a name
    if not last.whole and last.name not in _PLACES | {"ref_type"}:
        # GitHub's ref says itself whether it is a branch or a tag.
        is_ref = after.get("ref", "").startswith("refs/")
        pinned |= {"environment"} & after.keys() | ({"ref"} if is_ref else set())
    own = [_workflow(pair, clause.tail) for pair in found if pair.name == _OWN_WORKFLOW]
    return min((_by_place(pinned, last, clause), *own), key=REACHES.index)


def _by_place(pinned: set[str], last: Pair, clause: Clause) -> Reach:
    if pinned & _PROJECTS:
        if pinned & _PLACES:
            return "one"
        if pinned & (_USERS | _PARTS):
            return "places"
        is_begun = not last.whole and last.name in _PLACES
        if not is_begun and "ref_type" not in {*pinned, last.name}:
            return "project"
        is_chosen = not is_begun or last.value in _BEGINNINGS.get(last.name, ())
        is_chosen = is_chosen and (clause.ends_open or not clause.is_open)
        # No rule protects a new environment, also where its name must begin or end in a certain way.
        is_chosen = is_chosen or (last.name == "environment" and ":" not in clause.tail)
        return "branches" if is_chosen else "places"
    if pinned & _OWNERS:
        return "owner"
    return "user" if pinned & _USERS else "anyone"


def _workflow(pair: Pair, tail: str) -> Reach:
    """How far ``owner/repository/path@ref`` reaches, the file of a workflow; *tail* is what follows the wildcards."""
    path, at, ref = pair.value.partition("@")
    parts = path.split("/")
    if not parts[0] or len(parts) < 2:
        return "anyone"
    if len(parts) < 3:
        return "owner"
    if pair.whole:
        return "one"
    is_begun = ref not in _BEGINNINGS["ref"] or (not at and "@refs/" in tail)
    return "places" if is_begun else "project"


def every(clause: Clause) -> str:
    """What conditions of the reach "branches" accept, in words: each branch, tag or environment."""
    text = clause.fixed
    last = pairs(text)[-1]
    if last.name == "environment":
        return "every environment with a matching name" if last.value or not clause.ends_open else "every environment"
    is_branch = text.endswith("refs/heads/") or "ref_type:b" in text
    is_tag = text.endswith("refs/tags/") or "ref_type:t" in text
    return "every branch" if is_branch else "every tag" if is_tag else "every branch and tag"


#: The shape of a subject, by service. Subjects of other services may have any.
_SHAPES: Final[dict[Service, re.Pattern[str]]] = {
    "kubernetes": re.compile(r"system:serviceaccount:[^:]+:[^:]+"),
    "google": re.compile(r"\d+"),
    "aws": re.compile(r"arn:aws[a-z-]*:.+"),
    # A service connection, or a pipeline.
    "azure-devops": re.compile(r"(?:sc|p)://[^/]+/[^/]+/.+"),
    # The object ID of a managed identity, or what a service of Microsoft writes: Azure DevOps, Bot Framework, Power
    # Platform.
    "entra": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|/eid1/.+"),
}

#: Claims of which GitHub lets a subject be made, in addition to custom properties (``repo_property_...``).
_GITHUB_NAMES: Final = (
    _OWNERS
    | _USERS
    | {_CALLED_WORKFLOW, _OWN_WORKFLOW}
    | frozenset(
        {
            "repo",
            "repository",
            "repository_id",
            "repository_visibility",
            "ref",
            "ref_type",
            "ref_protected",
            "environment",
            "environment_node_id",
            "pull_request",
            "base_ref",
            "head_ref",
            "event_name",
            "sha",
            "run_id",
            "run_number",
            "run_attempt",
            "check_run_id",
            "runner_environment",
            "workflow",
            "workflow_sha",
            "job_workflow_sha",
        }
    )
)


def fits(service: Service, subject: str) -> bool:
    """Say whether *service* may write such a subject; a service whose subjects are not known may write anything."""
    if service and subject != subject.strip():
        return False
    if service in _SHAPES or (not service and subject.startswith("system:serviceaccount:")):
        return _SHAPES.get(service, _SHAPES["kubernetes"]).fullmatch(subject) is not None
    found = pairs(subject)
    values = {pair.name: pair.value for pair in found}
    complete = all(pair.value or pair.name == "pull_request" for pair in found)
    if service == "github":
        named = all(pair.name in _GITHUB_NAMES or pair.name.startswith("repo_property_") for pair in found)
        repo = values.get("repo", "o/r")
        return complete and named and repo.count("/") == 1 and values.get("ref", "refs/").startswith("refs/")
    if service == "gitlab":
        path, number = values.get("project_path", ""), values.get("project_id", "")
        return complete and found[0].name in ("project_path", "project_id") and ("/" in path or number.isdecimal())
    if service == "terraform":
        phase = values.get("run_phase") in ("plan", "apply") and "workspace" in values
        return complete and found[0].name == "organization" and (phase or "stack" in values)
    return True
