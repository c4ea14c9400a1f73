"""Federated credentials: whose tokens the registration takes for its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from rules.engine import Bad, Context, Gap, Good, rule
from rules.federation import (
    AUDIENCES,
    GITHUB,
    GITLAB,
    KNOWN_ISSUERS,
    TERRAFORM,
    Clause,
    clauses,
    federated,
    is_known,
    issuer_of,
    nearly_known,
    tenant_of,
)
from rules.finding import SEVERITIES, Because, Hit, Reference, Severity, learn
from rules.lifetimes import secrets
from rules.registration import Registration

_LIST: Final = ("federatedIdentityCredentials",)
_LIMITS: Final = learn(
    "entra/workload-id/workload-identity-federation-considerations", "Federated credentials: considerations"
)
_FLEXIBLE: Final = learn(
    "entra/workload-id/workload-identities-flexible-federated-identity-credentials", "Flexible federated credentials"
)
_GITHUB: Final = Reference(
    "GitHub, OpenID Connect reference", "https://docs.github.com/actions/reference/security/oidc"
)
_MAIN: Final = "repo:contoso/app:ref:refs/heads/main"


def _one(subject: str | None = _MAIN, issuer: str = GITHUB, **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential."""
    credential = {
        "name": "ci",
        "issuer": issuer,
        "subject": subject,
        "audiences": [AUDIENCES[0]],
        "claimsMatchingExpression": None,
    }
    return {"federatedIdentityCredentials": [{**credential, **more}]}


def _flexible(expression: str) -> dict[str, Any]:
    return _one(None, claimsMatchingExpression={"value": expression, "languageVersion": 1})


@rule(
    "federated-pull-request",
    severity="high",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-02",),
    references=(_GITHUB, _LIMITS),
    bad=Bad(_one("repo:contoso/app:pull_request"), at="/federatedIdentityCredentials/0/subject"),
    good=(Good(_one()), Good(_one("repo:contoso/app:environment:prod"), but="an environment may ask for a review")),
    over="daemon",
)
def federated_pull_request(app: Registration, _: Context) -> Iterator[Hit]:
    """Any pull request of a repository may act as the client.

    Why: Code in a pull request has not been reviewed; whoever can open one from a branch of the repository gets tokens.
    Fix: Name a branch, or an environment with required reviewers, as the subject.
    """
    for place in federated(app):
        subject = place.credential.subject
        if isinstance(subject, str) and issuer_of(place.credential) == GITHUB and subject.endswith(":pull_request"):
            yield Hit(pointer=f"{place.pointer}/subject", says=f"lets any pull request of {subject[:-13]} act as it")


@rule(
    "open-federated-expression",
    severity="high",
    may_be=("critical", "medium", "low"),
    needs=_LIST,
    judges=_LIST,
    checks=("FI-03",),
    references=(_FLEXIBLE, _GITHUB),
    bad=(
        Bad(_flexible("claims['sub'] matches 'repo:*'"), at="/federatedIdentityCredentials/0/claimsMatchingExpression/value", severity="critical"),
        Bad(_flexible("claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main'"), at="/federatedIdentityCredentials/0/claimsMatchingExpression/value"),
        Bad(_flexible("claims['sub'] matches 'repo:contoso/app*:ref:refs/heads/main'"), at="/federatedIdentityCredentials/0/claimsMatchingExpression/value"),
        Bad(_flexible("claims['sub'] matches 'repo:contoso/app:*'"), at="/federatedIdentityCredentials/0/claimsMatchingExpression/value", severity="medium"),
        Bad(_flexible("claims['sub'] matches 'repo:contoso/app:ref:refs/heads/*'"), at="/federatedIdentityCredentials/0/claimsMatchingExpression/value", severity="low"),
    ),
    good=(
        Good(_flexible("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'")),
        Good(_flexible("claims['sub'] matches '*' and claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/deploy.yml@refs/heads/main'"), but="the second claim pins the workflow"),
    ),
    over="daemon",
)  # fmt: skip
def open_federated_expression(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """An expression over claims accepts tokens of more than one owner, repository or branch.

    Why: Whoever can make a repository or a branch whose name fits gets tokens of this client.
    Fix: Spell out owner and repository before the first wildcard, or pin the workflow with job_workflow_ref.
    """
    for place in federated(app):
        expression = place.credential.claims_matching_expression
        text = expression.value if expression else None
        if not isinstance(text, str):
            continue
        pointer = f"{place.pointer}/claimsMatchingExpression/value"
        conditions = clauses(text)
        if conditions is None:
            yield Gap(pointer, "the expression has a shape that is not known")
            continue
        found = [_openness(clause) for clause in conditions]
        opened = [one for one in found if one]
        if len(opened) == len(found):  # all conditions must hold, so the tightest decides
            who, severity = max(opened, key=lambda one: SEVERITIES.index(one[1]))
            yield Hit(pointer=pointer, says=f"accepts tokens of {who}", severity=severity)


def _openness(clause: Clause) -> tuple[str, Severity] | None:
    """Whom a condition lets in beyond one place of one repository; ``None`` when it pins that."""
    if not clause.is_open:
        return None
    fixed = clause.fixed.removeprefix("repo:").removeprefix("project_path:").removeprefix("organization:")
    owner, slash, rest = fixed.partition("/")
    if not slash:
        return "every owner" if not owner else f"every owner whose name begins with {owner}", "critical"
    name, colon, where = rest.partition(":")
    if not colon and not where and "@" not in name:
        return (
            f"repositories of {owner} whose name begins with {name}" if name else f"every repository of {owner}",
            "high",
        )
    if where.startswith(("ref:refs/heads/", "ref:refs/tags/", "environment:")) or "@" in name:
        return f"several branches, tags or environments of {owner}/{name}", "low"
    return f"every branch and pull request of {owner}/{name}", "medium"


@rule(
    "wildcard-federated-subject",
    severity="low",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-04",),
    references=(_LIMITS,),
    bad=Bad(_one("repo:contoso/*:ref:refs/heads/main"), at="/federatedIdentityCredentials/0/subject"),
    good=Good(_one("repo:contoso/app:ref:refs/heads/release-1")),
    over="daemon",
)
def wildcard_federated_subject(app: Registration, _: Context) -> Iterator[Hit]:
    """A subject has a wildcard, which is taken literally there.

    Why: It never matches, so the client cannot sign in; the next attempt is often a secret.
    Fix: Write the exact subject, one credential for each, or use an expression over claims.
    """
    for place in federated(app):
        subject = place.credential.subject
        if isinstance(subject, str) and ("*" in subject or "?" in subject):
            yield Hit(pointer=f"{place.pointer}/subject", says="has a subject with a wildcard, which never matches")


@rule(
    "malformed-federated-issuer",
    severity="medium",
    may_be=("high",),
    needs=_LIST,
    judges=_LIST,
    checks=("FI-05",),
    references=(_LIMITS,),
    bad=(
        Bad(_one(issuer=GITHUB + "/"), at="/federatedIdentityCredentials/0/issuer"),
        Bad(
            _one("project_path:contoso/app:ref_type:branch:ref:main", " https://gitlab.com"),
            at="/federatedIdentityCredentials/0/issuer",
        ),
        Bad(_one(issuer="http://idp.contoso.com"), at="/federatedIdentityCredentials/0/issuer"),
        Bad(
            _one(issuer="https://token.actions.githubusercontents.com"),
            at="/federatedIdentityCredentials/0/issuer",
            severity="high",
        ),
    ),
    good=Good(_one("organization:contoso:project:p:workspace:w:run_phase:apply", "https://app.terraform.io")),
    over="daemon",
)
def malformed_federated_issuer(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The issuer of a federated credential cannot match, or resembles a well-known one.

    Why: An issuer with a blank, a slash too many or plain http matches nothing; one that resembles GitHub's belongs to
        somebody else, whose tokens are accepted.
    Fix: Copy the issuer from the documentation of the service that issues the tokens.
    """
    for place in federated(app):
        issuer = place.credential.issuer
        pointer = f"{place.pointer}/issuer"
        if not isinstance(issuer, str):
            yield Gap(pointer)
            continue
        near = nearly_known(issuer)
        bare = issuer.strip().rstrip("/")
        if near and bare != near and issuer.startswith("https://"):
            yield Hit(pointer=pointer, says=f"trusts an issuer that resembles {near} and is not it", severity="high")
        elif issuer != issuer.strip():
            yield Hit(
                pointer=pointer,
                says="has an issuer with a blank at its end, which never matches",
                set_to=issuer.strip(),
            )
        elif not issuer.startswith("https://"):
            yield Hit(pointer=pointer, says="has an issuer that is not https")
        elif issuer.endswith("/") and bare in (GITHUB, GITLAB, TERRAFORM):
            yield Hit(pointer=pointer, says="has an issuer with a slash too many, which never matches")


@rule(
    "wrong-federated-audience",
    severity="medium",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-06",),
    references=(_LIMITS,),
    bad=(
        Bad(_one(audiences=["api://AzureADTokenExchange", "x"]), at="/federatedIdentityCredentials/0/audiences"),
        Bad(_one(audiences=[]), at="/federatedIdentityCredentials/0/audiences"),
        Bad(_one(audiences=["https://github.com/contoso"]), at="/federatedIdentityCredentials/0/audiences"),
    ),
    good=Good(_one(audiences=["api://AzureADTokenExchangeUSGov"]), but="the audience of another cloud"),
    over="daemon",
)
def wrong_federated_audience(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """A federated credential names another audience than Entra's, or not exactly one.

    Why: With another audience, tokens that were made for another service are accepted here; with none nothing works.
    Fix: Set the one audience api://AzureADTokenExchange, or that of your cloud, on both sides.
    """
    for place in federated(app):
        audiences = place.credential.audiences
        pointer = f"{place.pointer}/audiences"
        if audiences is not None and not isinstance(audiences, tuple):
            yield Gap(pointer)
        elif not audiences or len(audiences) > 1:
            count = len(audiences or ())
            yield Hit(pointer=pointer, says=f"has a federated credential with {count} audiences, where one is needed")
        elif audiences[0] not in AUDIENCES:
            yield Hit(pointer=pointer, says=f"accepts tokens that were made for {audiences[0]}")


@rule(
    "unknown-federated-issuer",
    severity="medium",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-07",),
    references=(_LIMITS, Reference("Dirk-jan Mollema, persisting with federated credentials", "https://dirkjanm.io/persisting-with-federated-credentials-entra-apps-managed-identities/")),
    settings=("allowed-issuers",),
    bad=Bad(_one("x", "https://idp.evil.example"), at="/federatedIdentityCredentials/0/issuer"),
    good=(
        Good(_one()),
        Good(_one("x", "https://idp.contoso.com/oidc"), but="allowed by the organisation", settings={"allowed-issuers": ["https://*.contoso.com/oidc"]}),
    ),
    over="daemon",
)  # fmt: skip
def unknown_federated_issuer(app: Registration, context: Context) -> Iterator[Hit]:
    """A federated credential trusts an issuer that is no well-known build service or cloud.

    Why: Who runs the issuer is the client at any time. Attackers leave their own issuer behind to come back.
    Fix: Find out who runs the issuer; list it in the setting allowed-issuers, or remove the credential.
    """
    for place in federated(app):
        issuer = place.credential.issuer
        if not isinstance(issuer, str) or not issuer.startswith("https://") or nearly_known(issuer):
            continue
        if not is_known(issuer, (*KNOWN_ISSUERS, *context.settings.allowed_issuers)):
            yield Hit(pointer=f"{place.pointer}/issuer", says=f"trusts the tokens of {issuer}")


@rule(
    "foreign-tenant-issuer",
    severity="high",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-08",),
    references=(_LIMITS, learn("entra/workload-id/workload-identity-federation-config-app-trust-managed-identity", "Application trusts a managed identity")),
    settings=("home-tenants",),
    bad=Bad(
        _one("55555555-5555-4555-8555-555555555551", "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000002/v2.0"),
        at="/federatedIdentityCredentials/0/issuer", settings={"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]},
    ),
    good=Good({}, but="the home tenant", settings={"home-tenants": ["0F0F0F0F-0000-4000-8000-000000000001"]}),
    over="daemon",
)  # fmt: skip
def foreign_tenant_issuer(app: Registration, context: Context) -> Iterator[Hit]:
    """Identities of another tenant may act as the client.

    Why: Whoever administers that tenant is this client. Judged once home-tenants is set.
    Fix: Use an identity of your own tenant; where the other tenant is meant, list it in the setting home-tenants.
    """
    home = {tenant.lower() for tenant in context.settings.home_tenants}
    for place in federated(app) if home else ():
        issuer = place.credential.issuer
        tenant = tenant_of(issuer) if isinstance(issuer, str) else ""
        if tenant and tenant not in home:
            yield Hit(pointer=f"{place.pointer}/issuer", says=f"lets identities of the tenant {tenant} act as it")


_KUBERNETES: Final = "system:serviceaccount:"


@rule(
    "misshapen-federated-subject",
    severity="low",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-09", "FI-13"),
    references=(_LIMITS, _GITHUB, _FLEXIBLE),
    bad=(
        Bad(_one("contoso/app"), at="/federatedIdentityCredentials/0/subject"),
        Bad(_one("refs/heads/main", GITLAB), at="/federatedIdentityCredentials/0/subject"),
        Bad(_one("system:serviceaccount:payments", "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"), at="/federatedIdentityCredentials/0/subject"),
        Bad(_one(claimsMatchingExpression={"value": "claims['sub'] eq 'x'"}), at="/federatedIdentityCredentials/0/subject"),
    ),
    good=(
        Good(_one("repository_owner_id:1:repository_id:2:ref:refs/heads/main"), but="a customised template of GitHub"),
        Good(_flexible("claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'"), but="an expression takes its place"),
    ),
    over="daemon",
)  # fmt: skip
def misshapen_federated_subject(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The subject of a federated credential has not the shape that its issuer writes.

    Why: A wrong subject is accepted when it is made and fails at each sign-in.
    Fix: Copy the subject from a token of the issuer. Set either a subject or an expression, never both.
    """
    for place in federated(app):
        credential = place.credential
        subject, expression = credential.subject, credential.claims_matching_expression
        pointer = f"{place.pointer}/subject"
        if not subject and not expression:
            # Graph v1.0 shows a credential with an expression like this: it is not known what it accepts.
            yield Gap(pointer, "neither subject nor expression was read" if subject is None or subject == "" else "")
        elif subject and expression:
            yield Hit(pointer=pointer, says="has a federated credential with a subject and an expression at once")
        elif isinstance(subject, str) and "*" not in subject and not _fits(issuer_of(credential), subject):
            yield Hit(pointer=pointer, says=f"waits for the subject {subject}, which its issuer does not write")


def _fits(issuer: str, subject: str) -> bool:
    """Whether an issuer may write such a subject; unknown issuers may write anything."""
    if issuer == GITHUB:  # organisations may choose which claims stand in it, each as name:value
        return bool(
            re.fullmatch(r"repo:[^/:]+/[^/:]+:.+", subject) or re.match(r"[a-z_]+:[^:]+(:[a-z_]+:.+)*", subject)
        )
    if issuer == GITLAB:
        return subject.startswith("project_path:")
    if issuer == TERRAFORM:
        return subject.startswith("organization:")
    if subject.startswith(_KUBERNETES) or "eks" in issuer or "aks.azure" in issuer:
        return bool(re.fullmatch(r"system:serviceaccount:[^:]+:[^:]+", subject))
    return True


@rule(
    "default-service-account",
    severity="medium",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-10",),
    references=(Reference("Kubernetes, Service accounts", "https://kubernetes.io/docs/concepts/security/service-accounts/"), _LIMITS),
    bad=Bad(_one("system:serviceaccount:default:default", "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"), at="/federatedIdentityCredentials/0/subject"),
    good=Good(_one("system:serviceaccount:payments:worker", "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC")),
    over="daemon",
)  # fmt: skip
def default_service_account(app: Registration, _: Context) -> Iterator[Hit]:
    """The default service account of a Kubernetes namespace may act as the client.

    Why: Every pod that names no service account has this one, whoever put it there.
    Fix: Make a service account for this workload alone, in a namespace of its own, and name it in the subject.
    """
    for place in federated(app):
        subject = place.credential.subject
        if isinstance(subject, str) and subject.startswith(_KUBERNETES) and subject.endswith(":default"):
            yield Hit(pointer=f"{place.pointer}/subject", says=f"lets every pod of {subject.split(':')[2]} act as it")


@rule(
    "crowded-federated-credentials",
    severity="low",
    needs=_LIST,
    judges=_LIST,
    checks=("FI-11",),
    references=(_LIMITS,),
    bad=(
        Bad({"federatedIdentityCredentials": [_one()["federatedIdentityCredentials"][0]] * 2}, at="/federatedIdentityCredentials/1"),
        Bad({"federatedIdentityCredentials": [_one(f"{_MAIN}{n}")["federatedIdentityCredentials"][0] for n in range(19)]}, at="/federatedIdentityCredentials"),
    ),
    good=Good({"federatedIdentityCredentials": [_one(f"{_MAIN}{n}")["federatedIdentityCredentials"][0] for n in range(18)]}),
    over="daemon",
)  # fmt: skip
def crowded_federated_credentials(app: Registration, _: Context) -> Iterator[Hit]:
    """Two federated credentials are the same, or there is hardly room for another.

    Why: The platform takes 20 and refuses a second one of the same issuer and subject, so the deployment fails.
    Fix: Remove the double. Split the client, or use an expression over claims, before the room is used up.
    """
    seen: dict[tuple[object, object], str] = {}
    count = 0
    for place in federated(app):
        count += 1
        key = (issuer_of(place.credential), place.credential.subject)
        first = seen.setdefault(key, place.pointer)
        if first != place.pointer and isinstance(place.credential.subject, str):
            because = (Because(first, "the same issuer and subject"),)
            yield Hit(
                pointer=place.pointer, says="has the same federated credential twice", because=because, remove=True
            )
    if count > 18:
        yield Hit(
            pointer="/federatedIdentityCredentials", says=f"has {count} federated credentials, and 20 is the most"
        )


@rule(
    "secret-beside-federation",
    severity="low",
    needs=(*_LIST, "passwordCredentials"),
    judges=_LIST,
    checks=("FI-12",),
    references=(learn("entra/workload-id/workload-identity-federation", "Workload identity federation"), _LIMITS),
    bad=Bad(
        {"passwordCredentials": [{"keyId": "k", "displayName": "old", "startDateTime": "2025-12-01T00:00:00Z", "endDateTime": "2026-05-01T00:00:00Z"}]},
        at="/passwordCredentials/0", also=("password-credential",),
    ),
    good=Good({"passwordCredentials": []}),
    over="daemon",
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
                    pointer=life.pointer, says="keeps a valid secret beside its federated credential", remove=True
                )
