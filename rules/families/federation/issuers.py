"""Who issues the tokens that are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import AUDIENCES, federated
from rules.analysis.requested import of_tier
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST
from rules.knowledge.issuers import GITHUB, is_known, misspelling, nearly_known, service_of, tenant_of
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration

_AT: Final = "/federatedIdentityCredentials/0/issuer"
_TENANT: Final = "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000002/v2.0"
_IDENTITY_ID: Final = "55555555-5555-4555-8555-555555555551"
_TAKES_OVER: Final[dict[str, Any]] = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
}


def _from(issuer: str, subject: str = "workload-1", **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential of *issuer*, beside *more* properties of the registration."""
    credential = {"name": "ci", "issuer": issuer, "subject": subject, "audiences": [AUDIENCES[0]]}
    return {"federatedIdentityCredentials": [{**credential, "claimsMatchingExpression": None}], **more}


def _github(issuer: str) -> dict[str, Any]:
    return _from(issuer, "repo:contoso/app:ref:refs/heads/main")


@rule(
    "malformed-federated-issuer",
    severity="medium",
    may_be=("high",),
    needs=LIST,
    when_set=LIST,
    checks=("FI-05",),
    references=("entra:federated-credential-considerations#general", "web:github-oidc", "entra:trust-managed-identity"),
    bad=(
        Bad(_github(f"{GITHUB}/"), at=_AT),
        Bad(_from(" https://gitlab.com", "project_path:contoso/app:ref_type:branch:ref:main"), at=_AT),
        Bad(_from("http://idp.contoso.com"), at=_AT),
        Bad(_github("https://Token.actions.githubusercontent.com"), at=_AT),
        Bad(_github(f"{GITHUB}/.well-known/openid-configuration"), at=_AT),
        Bad(_from("https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0", _IDENTITY_ID), at=_AT),
        Bad(_github("https://token.actions.githubusercontents.com"), at=_AT, severity="high"),
        Bad(_from("https://gitlab.com.evil.example", "project_path:a/b:ref_type:branch:ref:main"), at=_AT, severity="high"),
    ),
    good=(
        Good(_from("https://app.terraform.io", "organization:contoso:project:p:workspace:w:run_phase:apply")),
        Good(_github(f"{GITHUB}/contoso-inc"), why="an enterprise may have an issuer of its own"),
        Good(_from("https://eastus.oic.prod-aks.azure.com/1/2/", "system:serviceaccount:payments:worker"), why="Azure Kubernetes Service ends its issuers with a slash"),
    ),
    base="daemon",
)  # fmt: skip
def malformed_federated_issuer(app: Registration, _: Context) -> Iterator[Hit | Gap]:
    """The issuer of a federated credential cannot match, or resembles a well-known one.

    Why: An issuer is compared letter by letter, so one with a blank or a slash too many matches nothing; one that
        resembles GitHub's belongs to somebody else, whose tokens are accepted.
    Fix: Copy the issuer from a token, or from the documentation of the service that issues the tokens.
    """
    for place in federated(app):
        issuer = place.credential.issuer
        pointer = f"{place.pointer}/issuer"
        if not isinstance(issuer, str):
            yield Gap(pointer)
            continue
        near = nearly_known(issuer)
        if near and issuer.startswith("https://"):
            yield Hit(pointer=pointer, message=f"trusts an issuer that resembles {near} and is not it", severity="high")
        elif wrong := misspelling(issuer):
            yield Hit(pointer=pointer, message=f"has an issuer {wrong}, which never matches")


@rule(
    "unknown-federated-issuer",
    severity="medium",
    may_be=("high",),
    needs=(*LIST, "requiredResourceAccess"),
    when_set=LIST,
    checks=("FI-07",),
    references=("entra:federated-credential-considerations#general", "web:federated-persistence"),
    settings=("allowed-issuers",),
    bad=(
        Bad(_from("https://idp.evil.example"), at=_AT),
        Bad(_from("https://idp.evil.example", **_TAKES_OVER), at=_AT, severity="high", expected_rules=("owner-of-powerful-application", "powerful-application-permission")),
    ),
    good=(
        Good(_github(GITHUB)),
        Good(_github("https://token.actions.contoso.ghe.com"), why="GitHub with data residency"),
        Good(_from("https://a1d2b0fd-1177-4468-9351-2f0123456723.tokens.sts.global.api.aws", "arn:aws:iam::123456789012:role/sync"), why="an account of AWS"),
        Good(_from("https://idp.contoso.com/oidc"), why="allowed by the organisation", settings={"allowed-issuers": ["https://*.contoso.com/oidc"]}),
    ),
    base="daemon",
)  # fmt: skip
def unknown_federated_issuer(app: Registration, context: Context) -> Iterator[Hit]:
    """A federated credential trusts an issuer that is no well-known build service or cloud.

    Why: Who runs the issuer is the client at any time. Attackers leave their own issuer behind to come back; it is worse
        where the client asks for an application permission that takes the tenant over.
    Fix: Find out who runs the issuer; list it in the setting allowed-issuers, or remove the credential.
    """
    for place in federated(app):
        issuer = place.credential.issuer
        if not isinstance(issuer, str) or misspelling(issuer) or nearly_known(issuer):
            continue
        if not service_of(issuer) and not is_known(issuer, context.settings.allowed_issuers):
            strong = of_tier(app, "Role", "tenant")
            severity: Severity = "high" if strong else "medium"
            because = tuple(Because(row.pointer, f"asks for {row.permission.value}") for row in strong[:1])
            yield Hit(
                pointer=f"{place.pointer}/issuer",
                message=f"trusts the tokens of {issuer}",
                severity=severity,
                because=because,
            )


@rule(
    "foreign-tenant-issuer",
    severity="high",
    needs=LIST,
    when_set=LIST,
    checks=("FI-08",),
    references=("entra:federated-credential-considerations#general", "entra:trust-managed-identity"),
    settings=("home-tenants",),
    bad=Bad(_from(_TENANT, _IDENTITY_ID), at=_AT, settings={"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}),
    good=Good({}, why="the home tenant", settings={"home-tenants": ["0F0F0F0F-0000-4000-8000-000000000001"]}),
    base="daemon",
)  # fmt: skip
def foreign_tenant_issuer(app: Registration, context: Context) -> Iterator[Hit]:
    """Identities of another tenant may act as the client.

    Why: Whoever administers that tenant is this client. Judged once home-tenants is set.
    Fix: Use an identity of your own tenant; where the other tenant is meant, list it in the setting home-tenants.
    """
    home = {tenant.lower() for tenant in context.settings.home_tenants}
    for place in federated(app) if home else ():
        tenant = tenant_of(place.issuer)
        if tenant and tenant not in home:
            yield Hit(pointer=f"{place.pointer}/issuer", message=f"lets identities of the tenant {tenant} act as it")
