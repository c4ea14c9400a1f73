"""Federated credentials that are too many, and what they should replace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from rules.analysis.federation import AUDIENCES, Placed, clauses, federated
from rules.analysis.lifetimes import secrets
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST
from rules.families.federation._documents import MAIN as _MAIN
from rules.knowledge.issuers import GITHUB, service_of
from rules.model.finding import Because, Hit
from rules.model.registration import Registration

_AKS: Final = (
    "https://westeurope.oic.prod-aks.azure.com/0f0f0f0f-0000-4000-8000-000000000001/"
    "22222222-0000-4000-8000-000000000001"
)
_LASTING: Final = "repo:contoso@5544123/app@821093847:ref:refs/heads/main"

#: The beginning of a subject: the repository of GitHub or the project of GitLab, by name or by ID.
_BEGINNING: Final = re.compile(r"(repo|project_path|project_id):([^:*?]+)(?=:|$)")
#: Owner and repository with their IDs.
_IDS: Final = re.compile(r"([^@/]+)@\d+/([^@/]+)@\d+")

#: How many the platform allows, and how many leave enough for growth.
_MOST: Final = 20
_ENOUGH: Final = 18


def _all(*subjects: str, issuer: str = GITHUB, matches: str = "") -> dict[str, Any]:
    """A fragment with a federated credential for each of *subjects*, and one for the pattern that *matches*."""
    credentials: list[dict[str, Any]] = [{"subject": subject, "claimsMatchingExpression": None} for subject in subjects]
    if matches:
        text = {"value": f"claims['sub'] matches '{matches}'", "languageVersion": 1}
        credentials.append({"subject": None, "claimsMatchingExpression": text})
    return {
        "federatedIdentityCredentials": [
            {"name": f"ci-{number}", "issuer": issuer, "audiences": [AUDIENCES[0]], **one}
            for number, one in enumerate(credentials)
        ]
    }


def _both(*issuers: str) -> dict[str, Any]:
    """A fragment with a federated credential of the same subject for each of *issuers*."""
    subject = "system:serviceaccount:payments:api"
    return {
        "federatedIdentityCredentials": [
            {"name": f"ci-{number}", "issuer": issuer, "audiences": [AUDIENCES[0]], "subject": subject}
            for number, issuer in enumerate(issuers)
        ]
    }


@rule(
    "too-many-federated-credentials",
    kinds=("application", "blueprint"),
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-11",),
    references=("entra:federated-credential-considerations#general", "entra:flexible-federated-credentials"),
    bad=(
        Bad(_all(_MAIN, _MAIN), at="/federatedIdentityCredentials/1"),
        Bad(_all(*(f"{_MAIN}{n}" for n in range(19))), at="/federatedIdentityCredentials"),
    ),
    good=(
        Good(_all(*(f"{_MAIN}{n}" for n in range(18)))),
        Good(_both(_AKS, f"{_AKS}/"), why="two spellings of the issuer are two combinations"),
    ),
    base="daemon",
)
def too_many_federated_credentials(app: Registration, _: Context) -> Iterator[Hit]:
    """Federated credentials are duplicates or close to the limit of 20.

    Why: An app can have at most 20 federated credentials. The combination of issuer and subject must be unique in an
        app, so a deployment with a duplicate can fail. A second credential with the same expression and audience
        accepts no additional tokens.
    Acceptable: A number close to the limit is acceptable if no more workloads will be added. A duplicate has no use.
    Fix: Remove duplicates, and credentials that no workload needs. If duplicates have different audiences, keep the
        credential with the audience that the workload uses. For GitHub, GitLab and Terraform Cloud, one expression can
        replace several subjects.
    """
    seen: dict[tuple[str, str, object], Placed] = {}
    count = 0
    for place in federated(app):
        count += 1
        issuer, subject = place.credential.issuer, place.expression or place.credential.subject
        if not isinstance(subject, str) or not subject or not isinstance(issuer, str) or not issuer:
            continue
        audiences = place.credential.audiences
        # As they are written: with a final slash it is another issuer. Only subjects are unique for all audiences.
        first = seen.setdefault((issuer, subject, audiences if place.expression else None), place)
        if first is not place:
            same = f"the same issuer and {'expression' if place.expression else 'subject'}"
            yield Hit(
                pointer=place.pointer,
                message=f"repeats a federated credential with {same}",
                because=(Because(first.pointer, same),),
                remove=audiences == first.credential.audiences,
            )
    if count > _ENOUGH:
        yield Hit(
            pointer="/federatedIdentityCredentials",
            message=f"has {count} federated credentials; the limit is {_MOST}",
        )


@rule(
    "leftover-name-based-subject",
    kinds=("application", "blueprint"),
    severity="low",
    needs=LIST,
    when_set=LIST,
    references=("entra:github-immutable-subjects", "entra:mutable-subjects"),
    bad=(
        Bad(_all(_MAIN, _LASTING), at="/federatedIdentityCredentials/0"),
        Bad(
            _all(_LASTING, matches="repo:contoso/app:ref:refs/heads/*"),
            at="/federatedIdentityCredentials/1",
            expected_rules=("broad-federated-expression",),
        ),
    ),
    good=(
        Good(_all(_LASTING)),
        Good(_all(_MAIN), why="not every repository has IDs in its subjects yet"),
        Good(
            _all("repo:contoso/app:environment:prod", _LASTING),
            why="another place of the repository, which may not have moved yet",
        ),
        Good(
            _all(_LASTING, matches="repo:contoso/*:ref:refs/heads/main"),
            why="the expression is also for repositories that have not moved",
        ),
        Good(
            _all("repo:fabrikam/other:ref:refs/heads/main", matches="repo:*@5544123/*@821093847:ref:refs/heads/main"),
            why="the expression may be for another repository",
        ),
    ),
    base="daemon",
)
def leftover_name_based_subject(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A repository is trusted by its name and by its ID.

    Why: After a repository is renamed, transferred or deleted, another owner may get its name. Microsoft warns that
        tokens of the other owner's repository may then match the credential with the name. GitHub puts IDs into the
        subjects of repositories that are created, renamed or transferred since 15 July 2026. GitHub also puts IDs into
        the subjects of repositories that opted in. Such a repository no longer uses the credential without IDs.
    Acceptable: Both credentials can remain while you move to the subject with IDs. Microsoft's guide keeps both
        credentials until the workflow signs in with the new credential.
    Fix: Check that all workflows sign in with the subject that has IDs. Remove the credential without IDs.
    """
    by_name: list[_Trusted] = []
    by_id: list[_Trusted] = []
    for place in federated(app):
        for text in _texts(place):
            if match := _BEGINNING.match(text):
                name = _IDS.sub(r"\1/\2", match[2]) if match[1] != "project_id" else ""
                rows = by_name if name == match[2] else by_id
                rows.append(_Trusted(place.pointer, place.issuer, name, text[match.end() :]))
    for pointer, issuer, name, rest in by_name:
        same = (
            one.pointer for one in by_id if one.issuer == issuer and one.name in (name, "") and _overlap(one.rest, rest)
        )
        lasting = next(same, None)
        if lasting and service_of(issuer) == "gitlab":
            says = f"GitLab writes the ID instead of the name, so {lasting} may be of another project"
            yield Gap(pointer, says, "unknown", "compare the project ID in GitLab")
        elif lasting:
            because = (Because(lasting, "the same branch, tag or environment, by ID"),)
            yield Hit(pointer=pointer, message="trusts a repository by its name and by its ID", because=because)


class _Trusted(NamedTuple):
    """A subject: the name of its repository, empty where only an ID is known, and what follows."""

    pointer: str
    issuer: str
    name: str
    rest: str


def _overlap(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _texts(place: Placed) -> Iterator[str]:
    """The subjects that a credential of GitHub or GitLab accepts, as patterns."""
    if place.service not in ("github", "gitlab") or place.matches_nothing:
        return
    if place.expression is not None:
        yield from (clause.value for clause in clauses(place.expression) or () if clause.claim == "sub")
    elif isinstance(place.credential.subject, str):
        yield place.credential.subject


def _secret(end: str) -> dict[str, Any]:
    secret = {"keyId": "k", "displayName": "old", "startDateTime": "2025-11-01T00:00:00Z", "endDateTime": end}
    return {"passwordCredentials": [secret]}


@rule(
    "secret-beside-federation",
    kinds=("application", "blueprint"),
    severity="low",
    needs=(*LIST, "passwordCredentials"),
    when_set=LIST,
    checks=("FI-12",),
    references=("entra:workload-identity-federation", "graph:signin-beta"),
    bad=Bad(_secret("2026-03-01T00:00:00Z"), at="/passwordCredentials/0", expected_rules=("password-credential",)),
    good=(
        Good({"passwordCredentials": []}),
        Good(_secret("2025-12-01T00:00:00Z"), why="the credential has expired"),
    ),
    base="daemon",
)
def secret_beside_federation(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A client has both a federated credential and a client secret.

    Why: An attacker who gets the secret can sign in as the app, although the federated credential needs no secret.
    Acceptable: The secret can remain while another workload needs it, because that workload cannot use a federated
        credential.
    Fix: Check that the secret is no longer used. The service principal sign-in logs show key IDs, but sign-ins of users
        may not. Remove the secret after that.
    """
    if any(not place.matches_nothing for place in federated(app)):
        for life in secrets(app):
            if life.is_end_unread:
                yield Gap(*life.end_unread)
            elif not life.has_ended(context.now) and not life.is_impossible:
                yield Hit(
                    pointer=life.pointer,
                    message="has a client secret that has not expired, and a federated credential",
                    remove=True,
                )
