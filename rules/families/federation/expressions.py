"""Which workloads of an issuer are accepted, by an expression over the claims of their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.analysis.federation import CLAIMS, Clause, Placed, Reach, clauses, federated, is_pull_request, reach
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import (
    CLUSTER,
    EXPRESSION,
    LIST,
    expression,
)
from rules.knowledge.issuers import GITHUB, GITLAB, TERRAFORM, is_shared
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration
from rules.primitives.uri import parse

_AT: Final = EXPRESSION
_SELF_MANAGED: Final = "https://gitlab.contoso.com"
#: GitLab's hosts for which Entra is known to support expressions.
_GITLAB_HOST: Final = re.compile(r"gitlab\.(?:.+\.)?com|gitlab\..+\.ca")
_PINNED: Final = "claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/deploy.yml@refs/heads/main'"


def _sub(pattern: str, issuer: str = GITHUB) -> dict[str, object]:
    return expression(f"claims['sub'] matches '{pattern}'", issuer)


#: What a reach accepts, and how bad that is where other customers of the service have tokens of the issuer too.
_ACCEPTS: Final[dict[Reach, tuple[str, Severity]]] = {
    "anyone": ("any {one} of any owner", "critical"),
    "user": ("any {one}, if one user starts the workflow", "high"),
    "workflows": ("workflows of one owner, whichever repository calls them", "high"),
    "owner": ("several {many} of one owner", "high"),
    "workflow": ("one workflow, whichever repository calls it", "medium"),
    "project": ("every {inside}", "medium"),
    "places": ("several {places}", "low"),
}
#: How bad the same is where all tokens of the issuer are of one organization.
_OWN: Final[dict[Severity, Severity]] = {"critical": "high"}
_WORDS: Final[dict[str, dict[str, str]]] = {
    "organization": {
        "one": "workspace",
        "many": "workspaces",
        "inside": "workspace of one project",
        "places": "phases of one workspace",
    },
    "project": {
        "one": "project",
        "many": "projects",
        "inside": "branch and tag of one project",
        "places": "branches or tags of one project",
    },
    "repo": {
        "one": "repository",
        "many": "repositories",
        "inside": "branch and pull request of one repository",
        "places": "branches, tags or environments of one repository",
    },
}


@rule(
    "open-federated-expression",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=LIST,
    when_set=LIST,
    checks=("FI-03",),
    references=(
        "entra:flexible-federated-credentials",
        "web:github-oidc",
        "web:github-openid-connect-with-reusable-workflows",
    ),
    bad=(
        Bad(_sub("repo:*"), at=_AT, severity="critical"),
        Bad(_sub("repo:contoso/*:ref:refs/heads/main"), at=_AT),
        Bad(_sub("repo:contoso/app*:ref:refs/heads/main"), at=_AT),
        Bad(_sub("repo:contoso/app:*"), at=_AT, severity="medium"),
        Bad(_sub("repo:contoso/app:ref:refs/heads/*"), at=_AT, severity="low"),
        Bad(expression("claims['job_workflow_ref'] matches 'contoso/*'"), at=_AT),
        Bad(expression(_PINNED), at=_AT, severity="medium"),
        Bad(expression(f"claims['sub'] matches '*' and {_PINNED}"), at=_AT, severity="medium"),
        Bad(_sub("project_path:contoso/*", GITLAB), at=_AT),
        Bad(_sub("project_id:57382910:*", GITLAB), at=_AT, severity="medium"),
        Bad(_sub("organization:contoso:*", TERRAFORM), at=_AT),
        Bad(_sub("organization:contoso:project:p:workspace:w:run_phase:*", TERRAFORM), at=_AT, severity="low"),
        # Only the organization has projects on its own server.
        Bad(_sub("project_path:*", _SELF_MANAGED), at=_AT, expected_rules=("unknown-federated-issuer",)),
    ),
    good=(
        Good(expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'")),
        Good(
            expression(f"claims['sub'] matches 'repo:contoso/*' and {_PINNED}"),
            why="repositories of one owner, and in each the reviewed workflow alone",
        ),
    ),
    base="daemon",
)
def open_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An expression accepts tokens of several owners, repositories or branches.

    Why: Anyone who can create a matching repository or branch gets tokens of this app. An asterisk matches colons and
        slashes too, so only the text before it is certain. job_workflow_ref names the workflow that is called, so any
        repository that may call it is accepted.
    Fix: Write owner and repository in full before the first wildcard of the claim sub. Use job_workflow_ref in
        addition, and not alone.
    """
    for place in federated(app):
        text = place.expression
        if text is None:
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression/value"
        conditions = clauses(text)
        if conditions is None:
            says = "the expression has an unknown form"
            yield Gap(pointer, says, remedy="write a claim, eq or matches, and a text, with single blanks between them")
        elif not _unusable(place, conditions) and not _is_subject(conditions):
            how_far = reach(*conditions)
            if how_far != "one":
                words, severity = _ACCEPTS[how_far]
                says = f"accepts tokens of {words.format(**_words(conditions))}"
                severity = severity if is_shared(place.issuer) else _OWN.get(severity, severity)
                yield Hit(pointer=pointer, message=says, severity=severity)


def _is_subject(conditions: tuple[Clause, ...]) -> bool:
    """Whether it is a single subject, or pull requests: both are reported by rules of their own."""
    clause = conditions[0]
    is_exact = len(conditions) == 1 and clause.claim == "sub" and not clause.is_open
    return is_exact or is_pull_request(*conditions)


def _words(conditions: tuple[Clause, ...]) -> dict[str, str]:
    value = conditions[0].value
    return next((words for lead, words in _WORDS.items() if value.startswith(lead)), _WORDS["repo"])


def _unusable(place: Placed, conditions: tuple[Clause, ...]) -> str:
    """Why Entra does not accept the expression, after "has an expression"; empty when nothing is wrong with it.

    Expressions are for GitHub's own issuer, for GitLab, and for Terraform Cloud.
    """
    service = place.service
    if not service and _gitlab_host(place):
        service = "gitlab"
    if service not in CLAIMS or (service == "github" and place.issuer != GITHUB):
        return f"for {place.issuer}, which supports none"
    strange = next((clause.claim for clause in conditions if clause.claim not in CLAIMS[service]), "")
    return f"over the claim {strange}, which is not supported" if strange else ""


def _gitlab_host(place: Placed) -> str:
    """The host of the issuer where it may be a GitLab server of one's own: one named gitlab.*; empty otherwise."""
    host = parse(place.issuer).host or ""
    return host if host.startswith("gitlab.") else ""


@rule(
    "unusable-federated-expression",
    severity="low",
    status="preview",
    needs=LIST,
    when_set=LIST,
    checks=("FI-09",),
    references=("entra:flexible-federated-credentials",),
    bad=(
        Bad(expression("claims['repository_owner'] eq 'contoso'"), at=_AT),
        Bad(expression(f"claims['sub'] eq 'project_path:a/b:ref_type:branch:ref:main' and {_PINNED}", GITLAB), at=_AT),
        Bad(expression("claims['sub'] matches 'system:serviceaccount:payments:*'", CLUSTER), at=_AT),
        Bad(expression("claims['sub'] matches 'repo:contoso/app:*'", "https://token.actions.contoso.ghe.com"), at=_AT),
        Bad(
            expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'", version=2),
            at=_AT.replace("value", "languageVersion"),
        ),
    ),
    good=Good(expression(f"claims['sub'] matches 'repo:contoso/*' and {_PINNED}")),
    base="daemon",
)
def unusable_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An expression over claims is of an unsupported kind.

    Why: It is rejected, or never matches. The next attempt is often wider than necessary, or a secret.
    Fix: Use the claims sub and job_workflow_ref for GitHub, sub for GitLab and Terraform Cloud, and language version 1.
        For any other issuer write the exact subject.
    """
    for place in federated(app):
        text, parts = place.expression, place.credential.claims_matching_expression
        if text is None or not parts:
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression"
        why = _unusable(place, clauses(text) or ())
        if why:
            yield Hit(pointer=f"{pointer}/value", message=f"has an expression {why}")
        elif (host := _gitlab_host(place)) and not _GITLAB_HOST.fullmatch(host):
            says = f"Microsoft's page names only gitlab.*.com and gitlab.*.ca, not {host}"
            yield Gap(f"{pointer}/value", says, "unknown", "check that its tokens are accepted")
        elif isinstance(parts.language_version, int) and parts.language_version != 1:
            says = f"has an expression in language version {parts.language_version}; only version 1 is supported"
            yield Hit(pointer=f"{pointer}/languageVersion", message=says)
