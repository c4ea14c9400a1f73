"""Which workloads of an issuer are accepted, by an expression over the claims of their tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.analysis.federation import Clause, Placed, clauses, federated, fits, is_pull_request
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._accepted import accepted
from rules.families.federation._documents import (
    CLUSTER,
    EXPRESSION,
    LIST,
    expression,
)
from rules.knowledge.issuers import GITHUB, GITLAB, TERRAFORM, misspelling
from rules.model.finding import Hit
from rules.model.registration import UNSET, Registration

_AT: Final = EXPRESSION
_SELF_MANAGED: Final = "https://gitlab.contoso.com"
#: GitLab's hosts for which Entra is known to support expressions.
_GITLAB_HOST: Final = re.compile(r"gitlab\.(?:.+\.)?com|gitlab\..+\.ca")
_PINNED: Final = "claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/deploy.yml@refs/heads/main'"


def _sub(pattern: str, issuer: str = GITHUB) -> dict[str, object]:
    return expression(f"claims['sub'] matches '{pattern}'", issuer)


_BROAD_FEDERATED_EXPRESSION_BAD: Final = (
    Bad(_sub("repo:*"), at=_AT, severity="critical"),
    Bad(_sub("repo:contoso/*:ref:refs/heads/main"), at=_AT),
    Bad(_sub("repo:contoso/app*:ref:refs/heads/main"), at=_AT),
    Bad(_sub("repo:contoso/app:*"), at=_AT, severity="medium"),
    # Anyone who can push a branch can choose its name, as for a pull request.
    Bad(_sub("repo:contoso/app:ref:refs/heads/*"), at=_AT, severity="medium"),
    Bad(_sub("repo:contoso/app:environment:*"), at=_AT, severity="medium"),
    # Anyone who can edit a workflow can create an environment, which has no protection rules then.
    Bad(_sub("repo:contoso/app:environment:prod*"), at=_AT, severity="medium"),
    Bad(_sub("repo:contoso/app:ref:refs/heads/release/*"), at=_AT, severity="low"),
    Bad(expression("claims['job_workflow_ref'] matches 'contoso/*'"), at=_AT),
    Bad(expression(_PINNED), at=_AT, severity="medium"),
    Bad(expression(f"claims['sub'] matches '*' and {_PINNED}"), at=_AT, severity="medium"),
    Bad(_sub("project_path:contoso/*", GITLAB), at=_AT),
    Bad(_sub("project_id:57382910:*", GITLAB), at=_AT, severity="medium"),
    Bad(_sub("organization:contoso:*", TERRAFORM), at=_AT),
    Bad(_sub("organization:contoso:project:p:workspace:w:run_phase:*", TERRAFORM), at=_AT, severity="low"),
    # Only the organization has projects on its own server.
    Bad(_sub("project_path:*", _SELF_MANAGED), at=_AT, expected_rules=("unknown-federated-issuer",)),
)


@rule(
    "broad-federated-expression",
    kinds=("application", "blueprint"),
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=LIST,
    when_set=LIST,
    checks=("FI-03",),
    references=(
        "entra:flexible-federated-credentials",
        "web:github-oidc",
        "web:github-openid-connect-with-reusable-workflows",
        "web:github-environments",
        "entra:mutable-subjects",
    ),
    bad=_BROAD_FEDERATED_EXPRESSION_BAD,
    good=(
        Good(expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'")),
        Good(
            expression(f"claims['sub'] matches 'repo:contoso/*' and {_PINNED}"),
            why="repositories of one owner, limited to one reviewed workflow",
        ),
        Good(
            expression("claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/*@refs/heads/main'"),
            why="eq compares the asterisk literally: see wildcard-federated-subject",
        ),
    ),
    base="daemon",
)
def broad_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A claims matching expression accepts tokens of several workloads.

    Why: Anyone who can create a matching repository, branch, environment or workspace can sign in as the app. An
        asterisk also matches colons, so it can cover several parts of a subject. The GitHub claim job_workflow_ref
        names only the called workflow. An expression without a condition on sub accepts any repository that may call
        the workflow.
    Acceptable: A wildcard for the branches and tags of one repository or project is a documented use. The risk is
        limited if only trusted users can create branches, tags and environments in the repository or project.
    Fix: Write the exact subject. Add one federated credential for each subject. If you need a wildcard, write the
        repository or project and the beginning of the branch before the wildcard. Use job_workflow_ref only together
        with sub.
    """
    for place in federated(app):
        text = place.expression
        pointer = f"{place.pointer}/claimsMatchingExpression/value"
        if text is not None and place.unusable and not misspelling(str(place.credential.issuer)):
            says = f"Microsoft does not support {place.unusable} in an expression"
            yield Gap(pointer, says, "unknown", "write the exact subject")
        if place.credential.subject is None and place.credential.claims_matching_expression is UNSET:
            says = "neither a subject nor an expression was read; Microsoft Graph v1.0 returns no expression"
            remedy = "lint the tenant with --beta, or look at the credential in the portal"
            yield Gap(pointer, says, "not-in-file", remedy)
        if text is None or place.matches_nothing:
            continue
        conditions = clauses(text)
        if conditions is None:
            remedy = "write it as claims['sub'] eq 'TEXT' or claims['sub'] matches 'TEXT'"
            yield Gap(pointer, "the expression has an unknown form", remedy=remedy)
        elif place.language_version != 1:
            says = f"Microsoft does not document language version {place.language_version}"
            yield Gap(pointer, says, "unknown", "set languageVersion to 1")
        elif not _is_reported(place, conditions) and (found := accepted(place)):
            yield Hit(pointer=pointer, message=f"accepts tokens of {found[0]}", severity=found[1])


def _is_reported(place: Placed, conditions: tuple[Clause, ...]) -> bool:
    """Whether other rules report it: a single subject, pull requests, or what never matches."""
    exact = [clause for clause in conditions if clause.claim == "sub" and not clause.is_open]
    is_one_subject = len(conditions) == 1 and bool(exact)
    never = any(not fits(place.service, clause.value) for clause in exact)
    return is_one_subject or never or is_pull_request(*conditions)


@rule(
    "unsupported-federated-expression",
    kinds=("application", "blueprint"),
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
    ),
    good=Good(expression(f"claims['sub'] matches 'repo:contoso/*' and {_PINNED}")),
    base="daemon",
)
def unsupported_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """Microsoft does not support this claims matching expression.

    Why: Microsoft supports expressions only for some issuers and claims of GitHub, GitLab and Terraform Cloud. The
        language version must be 1. With any other expression, sign-in can fail.
    Acceptable: If sign-in works, the expression can remain. Microsoft does not document that such an expression keeps
        working.
    Fix: Use the claims sub and job_workflow_ref for GitHub, and sub for GitLab and Terraform Cloud. Set
        claimsMatchingExpression.languageVersion to 1. For any other issuer, set claimsMatchingExpression to null and
        subject to the exact subject.
    """
    for place in federated(app):
        if place.expression is None:
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression"
        if place.unusable:
            says = f"has an expression with {place.unusable}, which Microsoft does not support"
            yield Hit(pointer=f"{pointer}/value", message=says)
        elif (host := place.gitlab_host) and not _GITLAB_HOST.fullmatch(host):
            says = f"Microsoft documents only gitlab.*.com and gitlab.*.ca, not {host}"
            yield Gap(f"{pointer}/value", says, "unknown", "check that sign-in works")
        elif place.language_version != 1:
            says = f"has an expression in language version {place.language_version}; only version 1 is supported"
            yield Hit(pointer=f"{pointer}/languageVersion", message=says)
