"""Federated credentials that are too many, and what they were to take the place of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import AUDIENCES, federated
from rules.analysis.lifetimes import secrets
from rules.engine.rule import Bad, Context, Good, rule
from rules.families.federation._documents import LIST
from rules.knowledge.issuers import GITHUB
from rules.model.finding import Because, Hit
from rules.model.registration import Registration

_MAIN: Final = "repo:contoso/app:ref:refs/heads/main"
_LASTING: Final = "repo:contoso@5544123/app@821093847:ref:refs/heads/main"

#: The platform takes so many, and the last few are all the room there is.
_MOST: Final = 20
_ROOM: Final = 18


def _all(*subjects: str) -> dict[str, Any]:
    """A fragment with a federated credential for each of *subjects*."""
    return {
        "federatedIdentityCredentials": [
            {"name": f"ci-{number}", "issuer": GITHUB, "subject": subject, "audiences": [AUDIENCES[0]], "claimsMatchingExpression": None}
            for number, subject in enumerate(subjects)
        ]
    }  # fmt: skip


@rule(
    "crowded-federated-credentials",
    severity="low",
    needs=LIST,
    when_set=LIST,
    checks=("FI-11",),
    references=("entra:federated-credential-considerations#general",),
    bad=(
        Bad(_all(_MAIN, _MAIN), at="/federatedIdentityCredentials/1"),
        Bad(_all(*(f"{_MAIN}{n}" for n in range(19))), at="/federatedIdentityCredentials"),
    ),
    good=Good(_all(*(f"{_MAIN}{n}" for n in range(18)))),
    base="daemon",
)
def crowded_federated_credentials(app: Registration, _: Context) -> Iterator[Hit]:
    """Two federated credentials are the same, or there is hardly room for another.

    Why: The platform takes 20 and refuses a second one of the same issuer and subject, so the deployment fails.
    Fix: Remove the double. Split the client, or use an expression over claims, before the room is used up.
    """
    seen: dict[tuple[str, str], str] = {}
    count = 0
    for place in federated(app):
        count += 1
        subject = place.expression or place.credential.subject
        if not isinstance(subject, str) or not place.issuer:
            continue
        first = seen.setdefault((place.issuer, subject), place.pointer)
        if first != place.pointer:
            because = (Because(first, "the same issuer and subject"),)
            yield Hit(
                pointer=place.pointer, message="has the same federated credential twice", because=because, remove=True
            )
    if count > _ROOM:
        yield Hit(
            pointer="/federatedIdentityCredentials",
            message=f"has {count} federated credentials, and {_MOST} is the most",
        )


@rule(
    "name-based-subject-left-behind",
    severity="low",
    needs=LIST,
    when_set=LIST,
    references=("entra:github-immutable-subjects", "entra:mutable-subjects"),
    bad=Bad(_all(_MAIN, _LASTING), at="/federatedIdentityCredentials/0"),
    good=(
        Good(_all(_LASTING)),
        Good(_all(_MAIN), why="not every repository has ids in its subjects yet"),
        Good(_all("repo:contoso/app:environment:prod", _LASTING), why="another place of the repository, perhaps not moved yet"),
    ),
    base="daemon",
)  # fmt: skip
def name_based_subject_left_behind(app: Registration, _: Context) -> Iterator[Hit]:
    """A repository is trusted by its name although it is trusted by its id as well.

    Why: Whoever gets the name of the repository or of its owner, once it is free, gets tokens of this client.
    Fix: See the workflow sign in with the subject that has ids in it, then remove the credential without.
    """
    by_name: dict[str, str] = {}
    lasting: dict[str, str] = {}
    for place in federated(app):
        subject = place.credential.subject
        if isinstance(subject, str) and place.service == "github":
            name = re.sub(r"@\d+(?=[/:]|$)", "", subject)
            (by_name if name == subject else lasting)[f"{place.issuer}\0{name}"] = place.pointer
    for name, pointer in by_name.items():
        if name in lasting:
            because = (Because(lasting[name], "the same place of the same repository, by id"),)
            yield Hit(pointer=pointer, message="trusts a repository by its name and by its id", because=because)


@rule(
    "secret-beside-federation",
    severity="low",
    needs=(*LIST, "passwordCredentials"),
    when_set=LIST,
    checks=("FI-12",),
    references=("entra:workload-identity-federation", "entra:federated-credential-considerations#general"),
    bad=Bad(
        {"passwordCredentials": [{"keyId": "k", "displayName": "old", "startDateTime": "2025-12-01T00:00:00Z", "endDateTime": "2026-05-01T00:00:00Z"}]},
        at="/passwordCredentials/0", expected_rules=("password-credential",),
    ),
    good=(
        Good({"passwordCredentials": []}),
        Good({"passwordCredentials": [{"keyId": "k", "displayName": "old", "startDateTime": "2025-06-01T00:00:00Z", "endDateTime": "2025-12-01T00:00:00Z"}]}, why="it has ended"),
    ),
    base="daemon",
)  # fmt: skip
def secret_beside_federation(app: Registration, context: Context) -> Iterator[Hit]:
    """A client with a federated credential keeps a valid secret as well.

    Why: The move away from secrets is done on paper only: the secret still opens everything.
    Fix: Remove the secret, after its last use was seen in the sign-in logs.
    """
    if app.federated_identity_credentials:
        for life in secrets(app):
            if not life.has_ended(context.now):
                yield Hit(
                    pointer=life.pointer, message="keeps a valid secret beside its federated credential", remove=True
                )
