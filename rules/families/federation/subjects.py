"""Which workloads of an issuer are accepted, by their subjects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rules.analysis.federation import Clause, Reach, federated, fits, is_pull_request, pairs, reach
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import (
    CLUSTER,
    EXPRESSION,
    LIST,
    MAIN,
    expression,
    subject,
)
from rules.families.federation._documents import SUBJECT as _AT
from rules.knowledge.issuers import GITHUB, GITLAB, GOOGLE, TERRAFORM, is_shared
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_TENANT: Final = "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000001/v2.0"
_ACCOUNT: Final = "system:serviceaccount:"


@rule(
    "federated-pull-request",
    severity="medium",
    needs=LIST,
    when_set=LIST,
    checks=("FI-02",),
    references=("web:github-oidc", "entra:federated-credential-considerations#general"),
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
            why="the pull request cannot change the workflow that runs",
        ),
    ),
    base="daemon",
)
def federated_pull_request(app: Registration, _: Context) -> Iterator[Hit]:
    """Any pull request of a repository can sign in as the app.

    Why: Code in a pull request has not been reviewed. Anyone who can push a branch to the repository gets tokens of the
        app.
    Fix: Use a branch, or an environment with required reviewers, as the subject.
    """
    for place in federated(app):
        pointer, conditions = place.conditions
        if place.service == "github" and is_pull_request(*conditions):
            names = {pair.name: pair.value for clause in conditions for pair in pairs(clause.fixed)}
            who = names.get("repo") or "a repository"
            yield Hit(pointer=pointer, message=f"lets any pull request of {who} sign in as the app")


@rule(
    "wildcard-federated-subject",
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-04",),
    references=("entra:federated-credential-considerations#general", "entra:flexible-federated-credentials"),
    bad=(
        Bad(subject("repo:contoso/*:ref:refs/heads/main"), at=_AT),
        Bad(expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/*'"), at=EXPRESSION),
    ),
    good=Good(subject("repo:contoso/app:ref:refs/heads/release-1")),
    base="daemon",
)
def wildcard_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """The subject of a federated credential has a wildcard, which never matches.

    Why: It never matches, so the app cannot sign in. The next attempt is often a secret.
    Fix: Write the exact subject, with one credential for each, or use an expression over claims.
    """
    for place in federated(app):
        if place.accepted and _has_wildcard(place.accepted[1]):
            yield Hit(
                pointer=place.accepted[0],
                message=f"has a subject with a wildcard, which never matches: {place.accepted[1].value}",
            )


def _has_wildcard(clause: Clause) -> bool:
    """Say whether a condition has one although it is compared literally."""
    return clause.verb == "eq" and ("*" in clause.value or "?" in clause.value)


@rule(
    "misshapen-federated-subject",
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-09", "FI-13"),
    references=(
        "web:github-oidc",
        "web:gitlab-id-tokens",
        "web:terraform-cloud-azure",
        "entra:trust-external-issuer",
        "entra:federate-google-cloud",
        "entra:trust-managed-identity",
        "azure:troubleshoot-workload-identity",
    ),
    bad=(
        Bad(subject("contoso/app"), at=_AT),
        Bad(subject("repo:contoso/app:ref:main"), at=_AT),
        Bad(subject("repo:contoso/app:branch:main"), at=_AT),
        Bad(subject("refs/heads/main", GITLAB), at=_AT),
        Bad(subject("organization:contoso:workspace:app", TERRAFORM), at=_AT),
        Bad(subject("system:serviceaccount:payments", CLUSTER), at=_AT),
        Bad(subject("sync@contoso.iam.gserviceaccount.com", GOOGLE), at=_AT),
        Bad(subject("contoso-worker", _TENANT), at=_AT),
        Bad(subject(MAIN, _TENANT), at=_AT),
        Bad(expression("claims['sub'] eq 'contoso/app'"), at=EXPRESSION),
        Bad(subject(MAIN, claimsMatchingExpression={"value": "claims['sub'] eq 'x'", "languageVersion": 1}), at=_AT),
    ),
    good=(
        Good(
            subject("repository_owner_id:1:repository_id:2:ref:refs/heads/main"), why="a customized subject of GitHub"
        ),
        Good(subject("repo:contoso/app:environment:Production%3AV1"), why="GitHub writes a colon like this"),
        Good(subject("project_id:57382910:ref_type:branch:ref:main", GITLAB), why="the immutable subject of GitLab"),
        Good(subject("organization:contoso:project:p:stack:s:deployment:d:operation:apply", TERRAFORM), why="a stack"),
        Good(subject("107517467455664443766", GOOGLE), why="the unique ID of a service account"),
        Good(subject("55555555-5555-4555-8555-555555555551", _TENANT), why="the object ID of a managed identity"),
        Good(subject("/eid1/c/pub/t/a/a/b/sc/c/d", _TENANT), why="a service connection of Azure DevOps"),
        Good(expression("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'"), why="an expression replaces it"),
    ),
    base="daemon",
)
def misshapen_federated_subject(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A federated credential expects a subject that its issuer never writes.

    Why: Microsoft Entra ID accepts a wrong subject when the credential is created, and each sign-in fails. The next
        attempt is often a secret.
    Fix: Copy the subject from a token of the issuer. Set either a subject or an expression, never both.
    """
    for place in federated(app):
        text, is_expressed = place.credential.subject, place.expression is not None
        pointer = f"{place.pointer}/subject"
        if not text and not is_expressed:
            # Graph v1.0 returns a credential with an expression like this, so it is not known what it accepts.
            yield Gap(pointer, "neither subject nor expression was read" if text is None or text == "" else "")
        elif text and is_expressed:
            yield Hit(pointer=pointer, message="has a federated credential with both a subject and an expression")
        elif place.accepted and is_exact(place.accepted[1]) and not fits(place.service, place.accepted[1].value):
            at, clause = place.accepted
            yield Hit(pointer=at, message=f"expects the subject {clause.value}, which its issuer never writes")


def is_exact(clause: Clause) -> bool:
    """Say whether a condition is for one subject, without any wildcard."""
    return not clause.is_open and not _has_wildcard(clause)


_ACCEPTS: Final[dict[Reach, tuple[str, Severity]]] = {
    "anyone": ("any {one}, since it names no owner", "critical"),
    "user": ("any {one}, if one user starts the workflow", "high"),
    "workflows": ("workflows of one owner, whichever {one} calls them", "high"),
    "owner": ("all {many} of one owner", "high"),
    "workflow": ("one workflow, whichever {one} calls it", "medium"),
    "project": ("all {refs} of one {one}", "medium"),
    "places": ("all branches or tags of one {one}", "low"),
}


_WORDS: Final[dict[str, dict[str, str]]] = {
    "github": {"one": "repository", "many": "repositories", "refs": "branches and pull requests"},
    "gitlab": {"one": "project", "many": "projects", "refs": "branches and tags"},
}


@rule(
    "broad-federated-subject",
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
        Bad(subject("project_path:contoso/app:ref_type:branch", GITLAB), at=_AT, severity="low"),
    ),
    good=(Good(subject("repository_id:2:environment:prod"), why="an ID names one repository permanently"),),
    base="daemon",
)
def broad_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A customized subject does not name the owner, the repository, or the branch.

    Why: Owners choose the parts of the subjects of their repositories. Anyone with a repository at that service can get
        a subject that names no owner. Anyone who can push to one branch gets a subject that names no branch. A subject
        that names only job_workflow_ref accepts every repository that may call the workflow.
    Fix: Include the repository, by its ID if there is one, and a branch or an environment: first in the subjects of the
        service, then in the credential.
    """
    for place in federated(app):
        if place.accepted is None or place.service not in _WORDS:
            continue
        at, clause = place.accepted
        if not is_exact(clause) or not fits(place.service, clause.value) or is_pull_request(clause):
            continue
        how_far = reach(clause)
        if how_far != "one":
            words, severity = _ACCEPTS[how_far]
            names = _WORDS[place.service]
            severity = "high" if severity == "critical" and not is_shared(place.issuer) else severity
            says = f"accepts tokens of {words.format(**names)}"
            yield Hit(pointer=at, message=says, severity=severity)


@rule(
    "default-service-account",
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
    good=Good(subject("system:serviceaccount:payments:worker", CLUSTER)),
    base="daemon",
)
def default_service_account(app: Registration, _: Context) -> Iterator[Hit]:
    """A default service account or namespace of Kubernetes can sign in.

    Why: Every pod without a service account of its own uses the default one. Anyone who can start pods in the default
        namespace can give them any of its service accounts.
    Fix: Create a service account for this workload, in its own namespace, and use it as the subject.
    """
    for place in federated(app):
        text = place.credential.subject
        if not isinstance(text, str) or not text.startswith(_ACCOUNT):
            continue
        namespace, _colon, name = text.removeprefix(_ACCOUNT).partition(":")
        if name == "default":
            says = f"lets pods of the namespace {namespace} without a service account of their own sign in as the app"
            yield Hit(pointer=f"{place.pointer}/subject", message=says)
        elif namespace == "default" and name:
            says = f"lets the service account {name} of the default namespace sign in as the app"
            yield Hit(pointer=f"{place.pointer}/subject", message=says, severity="low")
