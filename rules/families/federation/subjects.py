"""Which workloads of an issuer are accepted, by their subjects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.federation import Clause, Placed, federated, fits, is_pull_request, pairs
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._accepted import accepted
from rules.families.federation._documents import (
    CLUSTER,
    EXPRESSION,
    LIST,
    MAIN,
    expression,
    subject,
)
from rules.families.federation._documents import SUBJECT as _AT
from rules.knowledge.issuers import GITHUB, GITLAB, GOOGLE, TERRAFORM
from rules.model.finding import Hit
from rules.model.registration import Registration

_TENANT: Final = "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000001/v2.0"
_AWS: Final = "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws"
_ACCOUNT: Final = "system:serviceaccount:"
_PIPELINES: Final = "https://vstoken.dev.azure.com/7a1f0e0c-7c2b-4d6c-9d0a-0b1c2d3e4f50"


@rule(
    "federated-pull-request",
    kinds=("application", "blueprint"),
    severity="medium",
    needs=LIST,
    when_set=LIST,
    checks=("FI-02",),
    references=(
        "web:github-oidc",
        "web:github-environments",
        "web:github-openid-connect-with-reusable-workflows",
    ),
    bad=(
        Bad(subject("repo:contoso/app:pull_request"), at=_AT),
        Bad(subject("repo:contoso@5544123/app@821093847:pull_request"), at=_AT),
        Bad(subject("repo:contoso/app:base_ref:main"), at=_AT),
        Bad(expression("claims['sub'] eq 'repo:contoso/app:pull_request'"), at=EXPRESSION),
        Bad(
            expression(
                "claims['sub'] eq 'repo:contoso/app:pull_request' and claims['job_workflow_ref'] matches 'contoso/*'"
            ),
            at=EXPRESSION,
        ),
    ),
    good=(
        Good(subject(MAIN)),
        Good(subject("repo:contoso/app:environment:prod"), why="an environment can require a review"),
        Good(
            subject(
                "repo:contoso/app:pull_request:job_workflow_ref:contoso/ci/.github/workflows/plan.yml@refs/heads/main"
            ),
            why="the called workflow is pinned to a reviewed branch",
        ),
        Good(
            subject("repo:contoso/app:pull_request", f"{GITHUB}/"), why="the final slash of the issuer matches no token"
        ),
    ),
    base="daemon",
)
def federated_pull_request(app: Registration, _: Context) -> Iterator[Hit]:
    """Pull requests of a repository can sign in as the app.

    Why: Code in a pull request may not have been reviewed yet. The author of a pull request may be able to change the
        workflow, and sign in as the app.
    Acceptable: Pull requests can sign in if every user who can open a pull request may have the permissions of the app.
        A separate app with few permissions for pull requests limits the risk.
    Fix: Set subject to a branch, or to an environment with required reviewers. After that, jobs for pull requests
        cannot sign in without the environment.
    """
    for place in federated(app):
        pointer, conditions = place.conditions
        if place.service == "github" and not place.matches_nothing and is_pull_request(*conditions):
            names = {pair.name: pair.value for clause in conditions for pair in pairs(clause.fixed)}
            who = names.get("repo") or "a repository"
            yield Hit(pointer=pointer, message=f"lets pull requests of {who} sign in as the app")


@rule(
    "wildcard-federated-subject",
    kinds=("application", "blueprint"),
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-04",),
    references=("entra:federated-credential-considerations#general", "entra:flexible-federated-credentials"),
    bad=(
        Bad(subject("repo:contoso/*:ref:refs/heads/main"), at=_AT),
        Bad(expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/*'"), at=EXPRESSION),
        Bad(
            expression(
                f"claims['sub'] eq '{MAIN}' and claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/*@v1'"
            ),
            at=EXPRESSION,
        ),
    ),
    good=(
        Good(subject("repo:contoso/app:ref:refs/heads/release-1")),
        Good(subject("https://idp.contoso.com/job?id=5", "https://idp.contoso.com"), why="a query of a URL"),
    ),
    base="daemon",
)
def wildcard_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A federated credential has a wildcard that is compared literally.

    Why: Microsoft Entra ID does not expand a wildcard in a subject, or in a claim that is compared with eq. A token
        matches only if it contains the wildcard character itself, so other workloads are rejected.
    Acceptable: The wildcard character can remain if the tokens of the issuer contain it, because subjects have no fixed
        format.
    Fix: Write the exact value, with one credential for each value. For GitHub, GitLab and Terraform Cloud, an
        expression with the operator matches can have a wildcard.
    """
    for place in federated(app):
        pointer, conditions = place.conditions
        # Only those of known services have no question mark of their own.
        marks = "*?" if place.expression_service else "*"
        for clause in conditions:
            if clause.is_literal and any(mark in clause.value for mark in marks):
                what = "a subject" if clause.claim == "sub" else f"a value of the claim {clause.claim}"
                yield Hit(
                    pointer=pointer, message=f"has {what} with a wildcard that is compared literally: {clause.value}"
                )
                break


_MALFORMED_SUBJECT_BAD: Final = (
    Bad(subject("contoso/app"), at=_AT),
    Bad(subject("repo:contoso/app:ref:main"), at=_AT),
    Bad(subject("repo:contoso/app:branch:main"), at=_AT),
    Bad(subject(f"{MAIN} "), at=_AT),
    Bad(subject("refs/heads/main", GITLAB), at=_AT),
    Bad(subject("organization:contoso:workspace:app", TERRAFORM), at=_AT),
    Bad(subject("system:serviceaccount:payments", CLUSTER), at=_AT),
    Bad(subject("sync@contoso.iam.gserviceaccount.com", GOOGLE), at=_AT),
    Bad(subject("contoso-worker", _AWS), at=_AT),
    Bad(subject("contoso-worker", _TENANT), at=_AT),
    Bad(subject(MAIN, _TENANT), at=_AT),
    Bad(subject("system:serviceaccount:payments:worker"), at=_AT),
    Bad(expression("claims['sub'] eq 'contoso/app'"), at=EXPRESSION),
    Bad(
        expression("claims['sub'] eq 'contoso/app' and claims['job_workflow_ref'] matches 'contoso/ci/*'"),
        at=EXPRESSION,
    ),
    Bad(subject(MAIN, claimsMatchingExpression={"value": "claims['sub'] eq 'x'", "languageVersion": 1}), at=_AT),
)

_MALFORMED_SUBJECT_GOOD: Final = (
    Good(subject("repository_owner_id:1:repository_id:2:ref:refs/heads/main"), why="a customized subject of GitHub"),
    Good(subject("repo:contoso/app:environment:Production%3AV1"), why="GitHub writes a colon like this"),
    Good(subject("project_id:57382910:ref_type:branch:ref:main", GITLAB), why="the immutable subject of GitLab"),
    Good(subject("organization:contoso:project:p:stack:s:deployment:d:operation:apply", TERRAFORM), why="a stack"),
    Good(subject("107517467455664443766", GOOGLE), why="the unique ID of a service account"),
    Good(subject("arn:aws:iam::123456789012:role/contoso-worker", _AWS), why="a role of AWS"),
    Good(
        subject("contoso-worker", "https://cognito-identity.amazonaws.com"),
        why="grantlint knows no form of the subjects of Amazon Cognito",
    ),
    Good(subject("55555555-5555-4555-8555-555555555551", _TENANT), why="the object ID of a managed identity"),
    Good(subject("/eid1/c/pub/t/a/a/b/sc/c/d", _TENANT), why="a service connection of Azure DevOps"),
    Good(subject("p://contoso/payments/deploy", _PIPELINES), why="a pipeline of Azure DevOps"),
    Good(
        expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'"), why="an expression replaces the subject"
    ),
)


@rule(
    "malformed-federated-subject",
    kinds=("application", "blueprint"),
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-09", "FI-13"),
    references=(
        "web:github-oidc",
        "web:gitlab-id-tokens",
        "web:terraform-cloud-azure",
        "entra:flexible-federated-credentials",
        "entra:trust-external-issuer",
        "entra:federate-google-cloud",
        "web:aws-token-claims",
        "entra:trust-managed-identity",
        "azure:troubleshoot-workload-identity",
        "thread:microsoft/terraform-provider-azuredevops#1443",
    ),
    bad=_MALFORMED_SUBJECT_BAD,
    good=_MALFORMED_SUBJECT_GOOD,
    base="daemon",
)
def malformed_federated_subject(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A federated subject is malformed, or set together with an expression.

    Why: Microsoft Entra ID accepts a wrong subject when the credential is created. The error appears only when sign-in
        fails. A federated credential cannot have both a subject and an expression.
    Acceptable: The subject can remain if a token of the issuer has exactly this subject. grantlint knows only the
        documented forms.
    Fix: Copy subject from a token of the issuer. Set either subject or claimsMatchingExpression, not both.
    """
    for place in federated(app):
        text, is_expressed = place.credential.subject, place.expression is not None
        pointer = f"{place.pointer}/subject"
        if not text and not is_expressed:
            # Graph v1.0 returns a credential with an expression like this, so it is not known what it accepts.
            yield Gap(pointer, "neither a subject nor an expression was read" if text is None or text == "" else "")
        elif text and is_expressed:
            yield Hit(pointer=pointer, message="has a federated credential with both a subject and an expression")
        elif strange := next((one for one in _exact(place) if not fits(place.service, one.value)), None):
            what = f"the federated subject {strange.value}" if strange.value else "an empty federated subject"
            says = f"has {what}; the issuer documents no subject of this form"
            yield Hit(pointer=place.conditions[0], message=says)


def _exact(place: Placed) -> tuple[Clause, ...]:
    """The conditions of a federated credential that are for one subject, without any wildcard."""
    _, conditions = place.conditions
    return tuple(one for one in conditions if one.claim == "sub" and not one.is_open and not one.is_literal)


@rule(
    "broad-federated-subject",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=LIST,
    when_set=LIST,
    checks=("FI-09",),
    references=(
        "web:github-oidc",
        "web:github-openid-connect-with-reusable-workflows",
        "web:gitlab-id-tokens",
        "entra:federated-credential-considerations#general",
    ),
    bad=(
        Bad(subject("environment:prod"), at=_AT, severity="critical"),
        Bad(subject("environment:prod", f"{GITHUB}/contoso-inc"), at=_AT, severity="high"),
        Bad(subject("repository_owner:contoso"), at=_AT, severity="high"),
        Bad(subject("actor:octocat"), at=_AT, severity="high"),
        Bad(subject("repo:contoso/app"), at=_AT),
        Bad(expression("claims['sub'] eq 'repository_owner:contoso'"), at=EXPRESSION, severity="high"),
        Bad(subject("job_workflow_ref:contoso/ci/.github/workflows/deploy.yml@refs/heads/main"), at=_AT),
        # Anyone who can push a branch can choose its name.
        Bad(subject("project_path:contoso/app:ref_type:branch", GITLAB), at=_AT),
        Bad(subject("project_path:contoso/app:ref_protected:false", GITLAB), at=_AT),
        Bad(subject("project_path:contoso/app:environment_protected:true", GITLAB), at=_AT, severity="low"),
        Bad(subject("enterprise:contoso"), at=_AT, severity="high"),
        Bad(subject("repo:contoso/app:actor:octocat"), at=_AT, severity="low"),
    ),
    good=(
        Good(subject("repository_id:2:environment:prod"), why="an ID names one repository permanently"),
        Good(subject("environment:prod", f"{GITHUB}/"), why="the final slash of the issuer matches no token"),
    ),
    base="daemon",
)
def broad_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A customized federated subject leaves out the owner, repository or branch.

    Why: On GitHub, owners choose which parts the subjects of their repositories contain. If a subject names no owner,
        repositories of other owners can get the same subject. A subject without a branch or an environment matches
        every branch and environment with the same other parts. A subject with only job_workflow_ref matches every
        repository that may call the workflow.
    Acceptable: GitHub documents subjects with only the owner, the repository or job_workflow_ref. A broad subject is
        acceptable if every user who can start a matching workflow may have the permissions of the app.
    Fix: Add a credential with a subject that names the repository or project, and a branch or an environment. Use IDs
        if possible. Change the subject in the service that issues the tokens. Remove this credential after that.
    """
    for place in federated(app):
        if place.service not in ("github", "gitlab") or place.matches_nothing:
            continue
        pointer, conditions = place.conditions
        exact = _exact(place)
        if len(conditions) != 1 or not exact or not fits(place.service, exact[0].value) or is_pull_request(*exact):
            continue
        if found := accepted(place):
            yield Hit(pointer=pointer, message=f"accepts tokens of {found[0]}", severity=found[1])


@rule(
    "default-service-account",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("low",),
    needs=LIST,
    when_set=LIST,
    checks=("FI-10",),
    references=("web:kubernetes-service-accounts", "web:kubernetes-rbac"),
    bad=(
        Bad(subject("system:serviceaccount:default:default", CLUSTER), at=_AT),
        Bad(subject("system:serviceaccount:payments:default", CLUSTER), at=_AT),
        Bad(subject("system:serviceaccount:default:worker", CLUSTER), at=_AT, severity="low"),
    ),
    good=(
        Good(subject("system:serviceaccount:payments:worker", CLUSTER)),
        Good(
            subject("system:serviceaccount:default:default", f"{CLUSTER}/"),
            why="the final slash of the issuer matches no token",
        ),
        Good(subject("system:serviceaccount:default:default"), why="GitHub writes no such subject"),
    ),
    base="daemon",
)
def default_service_account(app: Registration, _: Context) -> Iterator[Hit]:
    """A default service account or namespace of Kubernetes can sign in.

    Why: Every pod without an assigned service account uses the default service account of its namespace. Anyone who can
        start pods in the default namespace can assign any service account of the namespace to them.
    Acceptable: The account is acceptable if only this workload runs in the namespace, and only the workload's
        administrators can start pods there.
    Fix: Create a service account for this workload, in a separate namespace. Set subject to the new service account,
        and run the workload with that account.
    """
    for place in federated(app):
        text = place.credential.subject
        is_cluster = place.service in ("", "kubernetes") and not place.matches_nothing and "*" not in str(text)
        if not is_cluster or not isinstance(text, str) or not text.startswith(_ACCOUNT):
            continue
        namespace, _colon, name = text.removeprefix(_ACCOUNT).partition(":")
        if name == "default":
            says = f"accepts the default service account of the namespace {namespace}"
            yield Hit(pointer=f"{place.pointer}/subject", message=says)
        elif namespace == "default" and name:
            says = f"accepts the service account {name} of the default namespace"
            yield Hit(pointer=f"{place.pointer}/subject", message=says, severity="low")
