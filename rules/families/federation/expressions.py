"""Which workloads of an issuer are accepted, by an expression over the claims of their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import (
    AUDIENCES,
    CLAIMS,
    REACHES,
    Clause,
    Placed,
    Reach,
    clauses,
    federated,
    pairs,
    reach,
)
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST
from rules.knowledge.issuers import GITHUB, GITLAB, TERRAFORM, is_shared
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_AT: Final = "/federatedIdentityCredentials/0/claimsMatchingExpression/value"
_CLUSTER: Final = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"
_PINNED: Final = "claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/deploy.yml@refs/heads/main'"


def _says(text: str, issuer: str = GITHUB, version: int = 1) -> dict[str, Any]:
    """A fragment with one federated credential that has the expression *text*."""
    credential = {"name": "ci", "issuer": issuer, "subject": None, "audiences": [AUDIENCES[0]]}
    expression = {"value": text, "languageVersion": version}
    return {"federatedIdentityCredentials": [{**credential, "claimsMatchingExpression": expression}]}


def _sub(pattern: str, issuer: str = GITHUB) -> dict[str, Any]:
    return _says(f"claims['sub'] matches '{pattern}'", issuer)


#: Whom a reach lets in, and how bad that is where strangers have tokens of the issuer too.
_WHOM: Final[dict[Reach, tuple[str, Severity]]] = {
    "anyone": ("any {one}, whoever owns it", "critical"),
    "owner": ("several {many} of one owner", "high"),
    "project": ("every {inside}", "medium"),
    "places": ("several {places}", "low"),
}
_WORDS: Final[dict[str, dict[str, str]]] = {
    "organization": {
        "one": "workspace", "many": "workspaces", "inside": "workspace of one project", "places": "phases of one workspace",
    },
    "project": {
        "one": "project", "many": "projects", "inside": "branch and tag of one project",
        "places": "branches or tags of one project",
    },
    "repo": {
        "one": "repository", "many": "repositories", "inside": "branch and pull request of one repository",
        "places": "branches, tags or environments of one repository",
    },
}  # fmt: skip


@rule(
    "open-federated-expression",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=LIST,
    when_set=LIST,
    checks=("FI-03",),
    references=("entra:flexible-federated-credentials", "web:github-oidc"),
    bad=(
        Bad(_sub("repo:*"), at=_AT, severity="critical"),
        Bad(_sub("repo:contoso/*:ref:refs/heads/main"), at=_AT),
        Bad(_sub("repo:contoso/app*:ref:refs/heads/main"), at=_AT),
        Bad(_sub("repo:contoso/app:*"), at=_AT, severity="medium"),
        Bad(_sub("repo:contoso/app:ref:refs/heads/*"), at=_AT, severity="low"),
        Bad(_says("claims['job_workflow_ref'] matches 'contoso/*'"), at=_AT),
        Bad(_sub("project_path:contoso/*", GITLAB), at=_AT),
        Bad(_sub("project_id:57382910:*", GITLAB), at=_AT, severity="medium"),
        Bad(_sub("organization:contoso:*", TERRAFORM), at=_AT),
        Bad(_sub("organization:contoso:project:p:workspace:w:run_phase:*", TERRAFORM), at=_AT, severity="low"),
        # On a server of one's own nobody else has repositories.
        Bad(_sub("project_path:*", "https://gitlab.contoso.com"), at=_AT, expected_rules=("unknown-federated-issuer",)),
    ),
    good=(
        Good(_says("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'")),
        Good(_says(f"claims['sub'] matches '*' and {_PINNED}"), why="the second claim pins the workflow"),
    ),
    base="daemon",
)  # fmt: skip
def open_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An expression over claims accepts tokens of more than one owner, repository or branch.

    Why: Whoever can make a repository or a branch whose name fits gets tokens of this client. An asterisk stands for
        colons and slashes too, so only what is written before it is certain.
    Fix: Spell out owner and repository before the first wildcard, or pin the workflow with job_workflow_ref.
    """
    for place in federated(app):
        text = place.expression
        if text is None:
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression/value"
        conditions = clauses(text)
        if conditions is None:
            yield Gap(pointer, "the expression has a shape that is not known")
        elif not _unusable(place, conditions):
            how_far = min((_how_far(clause) for clause in conditions), key=REACHES.index)
            if how_far != "one":  # all conditions must hold, so the tightest decides
                words, severity = _WHOM[how_far]
                severity = "high" if severity == "critical" and not is_shared(place.issuer) else severity
                who = words.format(**_words(conditions))
                yield Hit(pointer=pointer, message=f"accepts tokens of {who}", severity=severity)


def _how_far(clause: Clause) -> Reach:
    """How far one condition reaches. A subject without a wildcard, and pull requests, are findings of their own."""
    if clause.claim == "sub" and not clause.is_open:
        return "one"
    if clause.claim == "sub" and "pull_request" in {pair.name for pair in pairs(clause.fixed)}:
        return "one"
    return reach(clause)


def _words(conditions: tuple[Clause, ...]) -> dict[str, str]:
    value = conditions[0].value
    return next((words for lead, words in _WORDS.items() if value.startswith(lead)), _WORDS["repo"])


def _unusable(place: Placed, conditions: tuple[Clause, ...]) -> str:
    """Why Entra does not take the expression; empty when nothing speaks against it."""
    service = place.service
    names = CLAIMS.get(service, CLAIMS["github"])
    strange = next((clause.claim for clause in conditions if clause.claim not in names), "")
    if service and service not in CLAIMS:
        return "for an issuer that has none"
    return f"over the claim {strange}, which no expression may name" if strange else ""


@rule(
    "unusable-federated-expression",
    severity="low",
    status="preview",
    needs=LIST,
    when_set=LIST,
    checks=("FI-09",),
    references=("entra:flexible-federated-credentials",),
    bad=(
        Bad(_says("claims['repository_owner'] eq 'contoso'"), at=_AT),
        Bad(_says(f"claims['sub'] eq 'project_path:a/b:ref_type:branch:ref:main' and {_PINNED}", GITLAB), at=_AT),
        Bad(_says("claims['sub'] matches 'system:serviceaccount:payments:*'", _CLUSTER), at=_AT),
        Bad(_says("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'", version=2), at=_AT.replace("value", "languageVersion")),
    ),
    good=Good(_says(_PINNED)),
    base="daemon",
)  # fmt: skip
def unusable_federated_expression(app: Registration, _: Context) -> Iterator[Hit]:
    """An expression over claims is of a kind that Entra does not take.

    Why: It is refused, or never matches; the next attempt is often wider than it needs to be, or a secret.
    Fix: Use the claims sub and job_workflow_ref for GitHub, sub for GitLab and Terraform, in language version 1; for any
        other issuer write the exact subject.
    """
    for place in federated(app):
        text, expression = place.expression, place.credential.claims_matching_expression
        if text is None or not expression:
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression"
        why = _unusable(place, clauses(text) or ())
        if why:
            yield Hit(pointer=f"{pointer}/value", message=f"has an expression {why}")
        elif isinstance(expression.language_version, int) and expression.language_version != 1:
            says = "has an expression in a language version other than 1"
            yield Hit(pointer=f"{pointer}/languageVersion", message=says)
