"""Which workloads of an issuer are accepted, named one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import AUDIENCES, Clause, Reach, federated, fits, pairs, reach
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST
from rules.knowledge.issuers import GITHUB, GITLAB, GOOGLE, TERRAFORM, is_shared
from rules.model.finding import Hit, Severity
from rules.model.registration import Registration

_AT: Final = "/federatedIdentityCredentials/0/subject"
_MAIN: Final = "repo:contoso/app:ref:refs/heads/main"
_CLUSTER: Final = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"
_EXPRESSED: Final = "/federatedIdentityCredentials/0/claimsMatchingExpression/value"
_PULL: Final = "pull_request"
_ACCOUNT: Final = "system:serviceaccount:"


def _is(subject: str | None, issuer: str = GITHUB, **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential for *subject*."""
    credential = {"name": "ci", "issuer": issuer, "subject": subject, "audiences": [AUDIENCES[0]]}
    return {"federatedIdentityCredentials": [{**credential, "claimsMatchingExpression": None, **more}]}


def _expressed(text: str) -> dict[str, Any]:
    return _is(None, claimsMatchingExpression={"value": text, "languageVersion": 1})


@rule(
    "federated-pull-request",
    severity="high",
    needs=LIST,
    when_set=LIST,
    checks=("FI-02",),
    references=("web:github-oidc", "entra:federated-credential-considerations#general"),
    bad=(
        Bad(_is("repo:contoso/app:pull_request"), at=_AT),
        Bad(_is("repo:contoso@5544123/app@821093847:pull_request"), at=_AT),
        Bad(_expressed("claims['sub'] eq 'repo:contoso/app:pull_request'"), at=_EXPRESSED),
    ),
    good=(
        Good(_is(_MAIN)),
        Good(_is("repo:contoso/app:environment:prod"), why="an environment may ask for a review"),
        Good(_is("repo:contoso/app:pull_request:job_workflow_ref:contoso/ci/.github/workflows/plan.yml@refs/heads/main"), why="the workflow is not the pull request's own"),
    ),
    base="daemon",
)  # fmt: skip
def federated_pull_request(app: Registration, _: Context) -> Iterator[Hit]:
    """Any pull request of a repository may act as the client.

    Why: Code in a pull request has not been reviewed; whoever can open one from a branch of the repository gets tokens.
    Fix: Name a branch, or an environment with required reviewers, as the subject.
    """
    for place in federated(app):
        accepted = place.accepted
        if accepted and place.service == "github" and is_pull_request(accepted[1].fixed):
            names = {pair.name: pair.value for pair in pairs(accepted[1].fixed)}
            who = names.get("repo") or "a repository"
            yield Hit(pointer=accepted[0], message=f"lets any pull request of {who} act as it")


def is_pull_request(subject: str) -> bool:
    """Say whether a subject of GitHub stands for pull requests, whatever workflow they bring along."""
    names = {pair.name for pair in pairs(subject)}
    return _PULL in names and names.isdisjoint({"job_workflow_ref", "workflow_ref"})


@rule(
    "wildcard-federated-subject",
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-04",),
    references=("entra:federated-credential-considerations#general", "entra:flexible-federated-credentials"),
    bad=(
        Bad(_is("repo:contoso/*:ref:refs/heads/main"), at=_AT),
        Bad(_expressed("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/*'"), at=_EXPRESSED),
    ),
    good=Good(_is("repo:contoso/app:ref:refs/heads/release-1")),
    base="daemon",
)
def wildcard_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A subject has a wildcard, which is taken literally there.

    Why: It never matches, so the client cannot sign in; the next attempt is often a secret.
    Fix: Write the exact subject, one credential for each, or use an expression over claims.
    """
    for place in federated(app):
        if place.accepted and _has_wildcard(place.accepted[1]):
            yield Hit(pointer=place.accepted[0], message="has a subject with a wildcard, which never matches")


def _has_wildcard(clause: Clause) -> bool:
    """Say whether there is one where it stands for itself."""
    return clause.verb == "eq" and ("*" in clause.value or "?" in clause.value)


@rule(
    "misshapen-federated-subject",
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-09", "FI-13"),
    references=(
        "entra:federated-credential-considerations#general",
        "web:github-oidc",
        "web:gitlab-id-tokens",
        "entra:flexible-federated-credentials",
        "entra:federate-google-cloud",
    ),
    bad=(
        Bad(_is("contoso/app"), at=_AT),
        Bad(_is("repo:contoso/app:ref:main"), at=_AT),
        Bad(_is("repo:contoso/app:branch:main"), at=_AT),
        Bad(_is("refs/heads/main", GITLAB), at=_AT),
        Bad(_is("organization:contoso:workspace:app", TERRAFORM), at=_AT),
        Bad(_is("system:serviceaccount:payments", _CLUSTER), at=_AT),
        Bad(_is("sync@contoso.iam.gserviceaccount.com", GOOGLE), at=_AT),
        Bad(_expressed("claims['sub'] eq 'contoso/app'"), at=_EXPRESSED),
        Bad(_is(_MAIN, claimsMatchingExpression={"value": "claims['sub'] eq 'x'", "languageVersion": 1}), at=_AT),
    ),
    good=(
        Good(_is("repository_owner_id:1:repository_id:2:ref:refs/heads/main"), why="a customised template of GitHub"),
        Good(_is("repo:contoso/app:environment:Production%3AV1"), why="GitHub writes a colon like this"),
        Good(_is("project_id:57382910:ref_type:branch:ref:main", GITLAB), why="the immutable subject of GitLab"),
        Good(_is("organization:contoso:project:p:stack:s:deployment:d:operation:apply", TERRAFORM), why="a stack"),
        Good(_is("107517467455664443766", GOOGLE), why="the unique id of a service account"),
        Good(_expressed("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'"), why="an expression takes its place"),
    ),
    base="daemon",
)  # fmt: skip
def misshapen_federated_subject(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The subject of a federated credential has not the shape that its issuer writes.

    Why: A wrong subject is accepted when it is made and fails at each sign-in.
    Fix: Copy the subject from a token of the issuer. Set either a subject or an expression, never both.
    """
    for place in federated(app):
        subject, expression = place.credential.subject, place.credential.claims_matching_expression
        pointer = f"{place.pointer}/subject"
        if not subject and not expression:
            # Graph v1.0 shows a credential with an expression like this: it is not known what it accepts.
            yield Gap(pointer, "neither subject nor expression was read" if subject is None or subject == "" else "")
        elif subject and expression:
            yield Hit(pointer=pointer, message="has a federated credential with a subject and an expression at once")
        elif place.accepted and is_exact(place.accepted[1]) and not fits(place.service, place.accepted[1].value):
            at, clause = place.accepted
            yield Hit(pointer=at, message=f"waits for the subject {clause.value}, which its issuer does not write")


def is_exact(clause: Clause) -> bool:
    """Say whether a condition is for one subject, without any wildcard."""
    return not clause.is_open and not _has_wildcard(clause)


_WHOM: Final[dict[Reach, tuple[str, Severity]]] = {
    "anyone": ("any {one}, since it names no owner", "critical"),
    "owner": ("all {many} of one owner", "high"),
    "project": ("all branches and pull requests of one {one}", "medium"),
    "places": ("all branches or tags of one {one}", "low"),
}


@rule(
    "broad-federated-subject",
    severity="medium",
    may_be=("critical", "high", "low"),
    needs=LIST,
    when_set=LIST,
    checks=("FI-09",),
    references=("web:github-oidc", "web:gitlab-id-tokens", "entra:federated-credential-considerations#general"),
    bad=(
        Bad(_is("environment:prod"), at=_AT, severity="critical"),
        Bad(_is("environment:prod", f"{GITHUB}/contoso-inc"), at=_AT, severity="high"),
        Bad(_is("repository_owner:contoso"), at=_AT, severity="high"),
        Bad(_is("repo:contoso/app"), at=_AT),
        Bad(_expressed("claims['sub'] eq 'repository_owner:contoso'"), at=_EXPRESSED, severity="high"),
        Bad(_is("project_path:contoso/app:ref_type:branch", GITLAB), at=_AT, severity="low"),
    ),
    good=(
        Good(_is("repository_id:2:environment:prod"), why="an id names one repository for good"),
        Good(_is("job_workflow_ref:contoso/ci/.github/workflows/deploy.yml@refs/heads/main"), why="one workflow, whoever calls it"),
    ),
    base="daemon",
)  # fmt: skip
def broad_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A subject of a customised shape leaves open who it is: the owner, the repository, or the branch.

    Why: Owners choose what the subjects of their repositories are made of. One that names no owner can be had by
        everybody who has a repository at that service; one that names no branch, by all who may write to any.
    Fix: Name the repository, by its id where there is one, and a branch or an environment.
    """
    for place in federated(app):
        if place.accepted is None or place.service not in ("github", "gitlab"):
            continue
        at, clause = place.accepted
        if not is_exact(clause) or not fits(place.service, clause.value) or is_pull_request(clause.value):
            continue
        how_far = reach(clause)
        if how_far != "one":
            words, severity = _WHOM[how_far]
            one, many = ("project", "projects") if place.service == "gitlab" else ("repository", "repositories")
            severity = "high" if severity == "critical" and not is_shared(place.issuer) else severity
            says = f"accepts tokens of {words.format(one=one, many=many)}"
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
        Bad(_is("system:serviceaccount:default:default", _CLUSTER), at=_AT),
        Bad(_is("system:serviceaccount:payments:default", _CLUSTER), at=_AT),
        Bad(_is("system:serviceaccount:default:worker", _CLUSTER), at=_AT, severity="low"),
    ),
    good=Good(_is("system:serviceaccount:payments:worker", _CLUSTER)),
    base="daemon",
)  # fmt: skip
def default_service_account(app: Registration, _: Context) -> Iterator[Hit]:
    """The default service account of Kubernetes, or one in its default namespace, may act as the client.

    Why: Every pod that names no service account has the default one, and whoever may start pods in a namespace may give
        them any of its accounts.
    Fix: Make a service account for this workload alone, in a namespace of its own, and name it in the subject.
    """
    for place in federated(app):
        subject = place.credential.subject
        if not isinstance(subject, str) or not subject.startswith(_ACCOUNT):
            continue
        namespace, _colon, name = subject.removeprefix(_ACCOUNT).partition(":")
        if name == "default":
            yield Hit(pointer=f"{place.pointer}/subject", message=f"lets every pod of {namespace} act as it")
        elif namespace == "default" and name:
            says = f"lets {name} of the default namespace act as it"
            yield Hit(pointer=f"{place.pointer}/subject", message=says, severity="low")
