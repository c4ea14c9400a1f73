"""Who issues the tokens that are accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.federation import federated
from rules.analysis.requested import of_tier
from rules.engine.gaps import unlisted
from rules.engine.rule import Bad, Context, Gap, Good, rule
from rules.families.federation._documents import LIST, MAIN, subject
from rules.knowledge.issuers import GITHUB, is_known, misspelling, nearly_known, service_of, tenant_of
from rules.model.finding import Because, Hit, Severity
from rules.model.registration import Registration

_AT: Final = "/federatedIdentityCredentials/0/issuer"
_HOME: Final = {"home-tenants": ["0f0f0f0f-0000-4000-8000-000000000001"]}
_OTHER: Final = "https://login.microsoftonline.com/0f0f0f0f-0000-4000-8000-000000000002/v2.0"
_IDENTITY_ID: Final = "55555555-5555-4555-8555-555555555551"
_SERVICE_CONNECTION: Final = "an Azure DevOps service connection"
_CONNECTION: Final = "/eid1/c/pub/t/AgMPD_8AAEAAgAAAAAAAAg/a/YBQAX2WlsESB8DBzvDzXKg/sc/org-id/connection-id"
_TAKES_OVER: Final[dict[str, Any]] = {
    "requiredResourceAccess": [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
}
_ACCOUNT: Final = "system:serviceaccount:payments:worker"


_BRANCH: Final = "project_path:contoso/app:ref_type:branch:ref:main"

#: Issuers that match no token, with subjects.
_MISSPELLED: Final = (
    (f"{GITHUB}/", MAIN),
    (" https://gitlab.com", _BRANCH),
    ("http://idp.contoso.com", "workload-1"),
    ("https://Token.actions.githubusercontent.com", MAIN),
    (f"{GITHUB}/.well-known/openid-configuration", MAIN),
    ("https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0", _IDENTITY_ID),
    ("https://login.microsoftonline.com/0F0F0F0F-0000-4000-8000-000000000001/v2.0", _IDENTITY_ID),
    ("https://eastus.oic.prod-aks.azure.com/1/2", _ACCOUNT),
    ("https://EastUS.oic.prod-aks.azure.com/1/2/", _ACCOUNT),
    ("https://github.com", MAIN),
    ("https://*.oic.prod-aks.azure.com/1/2/", _ACCOUNT),
    ("https://idp.contoso.com?tenant=1", "workload-1"),
)
#: Issuers that resemble a well-known one.
_RESEMBLING: Final = (
    ("https://token.actions.githubusercontents.com", MAIN),
    ("https://gitlab.com.evil.example", _BRANCH),
    ("https://gitlab.c0m", _BRANCH),
    ("https://login.microsoftonlines.com/0f0f0f0f-0000-4000-8000-000000000001/v2.0", _IDENTITY_ID),
    ("https://eastus.oic.prod-aks.azure.co/1/2/", _ACCOUNT),
)


def _from(issuer: str, text: str = "workload-1", **more: Any) -> dict[str, Any]:
    """A fragment with one federated credential of *issuer*, and *more* properties of the registration."""
    return {**subject(text, issuer), **more}


@rule(
    "malformed-federated-issuer",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("high",),
    needs=LIST,
    when_set=LIST,
    checks=("FI-05",),
    references=(
        "entra:federated-credential-considerations#general",
        "thread:Azure/login#517",
        "thread:MicrosoftDocs/azure-docs#97699",
        "web:github-oidc",
        "entra:trust-managed-identity",
        "entra:trust-external-issuer",
        "web:openid-connect-core#2",
        "azure:use-oidc-issuer",
        "azure:workload-identity",
    ),
    settings=("allowed-issuers",),
    bad=(
        *(Bad(_from(issuer, text), at=_AT) for issuer, text in _MISSPELLED),
        *(Bad(_from(issuer, text), at=_AT, severity="high") for issuer, text in _RESEMBLING),
    ),
    good=(
        Good(_from("https://app.terraform.io", "organization:contoso:project:p:workspace:w:run_phase:apply")),
        Good(_from(f"{GITHUB}/contoso-inc", MAIN), why="an enterprise may have an issuer of its own"),
        Good(
            _from("https://eastus.oic.prod-aks.azure.com/1/2/", _ACCOUNT),
            why="the issuer of Azure Kubernetes Service ends with a slash",
        ),
        Good(
            _from("https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E", _ACCOUNT),
            why="the path of Amazon EKS has capital letters",
        ),
        Good(_from("https://oidc.eks.cn-north-1.amazonaws.com.cn/id/EXAMPLE", _ACCOUNT), why="Amazon EKS in China"),
        Good(_from("https://gitea.com"), why="another service, whose name is as short as that of GitLab"),
        Good(
            _from("https://gitlab.co"),
            why="allowed by the configuration",
            settings={"allowed-issuers": ["https://gitlab.co"]},
        ),
    ),
    base="daemon",
)
def malformed_federated_issuer(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A federated issuer matches no token, or resembles a well-known issuer.

    Why: The issuer of a federated credential must match the issuer of the token exactly. An issuer with a space around
        it, a wildcard, or different capital letters matches no token. An issuer with a missing or an additional final
        slash also matches no token. An issuer that resembles a well-known issuer can belong to an attacker. Microsoft
        Entra ID then accepts the attacker's tokens.
    Acceptable: An issuer that matches no token is never acceptable. If you trust the operator of an issuer that
        resembles a well-known issuer, list the issuer in allowed-issuers.
    Fix: Copy the issuer from a token, or from the documentation of the service that issues the tokens. Remove the
        credential if you do not know the operator of its issuer.
    """
    for place in federated(app):
        issuer = place.credential.issuer
        pointer = f"{place.pointer}/issuer"
        if not isinstance(issuer, str):
            yield Gap(pointer)
            continue
        near = "" if is_known(issuer, context.settings.allowed_issuers) else nearly_known(issuer)
        if not issuer.strip():
            yield Hit(pointer=pointer, message="has a federated credential with an empty issuer")
        elif wrong := misspelling(issuer):
            yield Hit(pointer=pointer, message=f"has an issuer {wrong}, so no token matches it: {issuer}")
        elif near:
            yield Hit(pointer=pointer, message=f"trusts {issuer}, which resembles {near}", severity="high")


@rule(
    "unknown-federated-issuer",
    kinds=("application", "blueprint"),
    severity="medium",
    may_be=("high",),
    needs=(*LIST, "requiredResourceAccess"),
    when_set=LIST,
    checks=("FI-07",),
    references=(
        "entra:federated-credential-considerations#general",
        "entra:app-best-practices#credentials",
        "thread:elastic/detection-rules#5702",
    ),
    settings=("allowed-issuers",),
    bad=(
        Bad(_from("https://idp.evil.example"), at=_AT),
        Bad(
            _from("https://idp.evil.example", **_TAKES_OVER),
            at=_AT,
            severity="high",
            expected_rules=("owner-of-powerful-application", "powerful-application-permission"),
        ),
    ),
    good=(
        Good(_from(GITHUB, MAIN)),
        Good(_from("https://token.actions.contoso.ghe.com", MAIN), why="GitHub with data residency"),
        Good(_from("https://usgovvirginia.oic.prod-aks.azure.us/1/2/", _ACCOUNT), why="AKS in Azure Government"),
        Good(_from("https://northamerica.oic.prod-arc.azure.com/1/2/", _ACCOUNT), why="Kubernetes with Azure Arc"),
        Good(_from("https://oidc.vercel.com/contoso", "owner:contoso:project:shop"), why="a team of Vercel"),
        Good(_from("https://a1d2.tokens.sts.global.api.aws", "arn:aws:iam::123456789012:role/sync"), why="AWS"),
        Good(
            _from("https://idp.contoso.com/oidc"),
            why="allowed by the configuration",
            settings={"allowed-issuers": ["https://*.contoso.com/oidc"]},
        ),
    ),
    base="daemon",
)
def unknown_federated_issuer(app: Registration, context: Context) -> Iterator[Hit | Gap]:
    """A federated credential trusts an issuer that grantlint does not know.

    Why: An app is only as secure as the issuers that it trusts. The operator of an issuer can sign in as the app.
        Attackers add issuers of their own to sign in as an app. The severity is high if the app requests an application
        permission that can take over the tenant.
    Acceptable: If you know and trust the operator of the issuer, such as your own Kubernetes cluster, list the issuer
        in allowed-issuers.
    Fix: Find out who operates the issuer. Remove the credential if you do not trust that operator.
    """
    is_rated = False
    for place in federated(app):
        issuer = place.credential.issuer
        if not isinstance(issuer, str) or misspelling(issuer) or nearly_known(issuer):
            continue
        if not service_of(issuer) and not is_known(issuer, context.settings.allowed_issuers):
            strong = of_tier(app, "Role", "tenant")
            severity: Severity = "high" if strong else "medium"
            because = tuple(Because(row.pointer, f"requests {row.permission.value}") for row in strong[:1])
            says = f"trusts the issuer {issuer}, which grantlint does not know"
            yield Hit(pointer=f"{place.pointer}/issuer", message=says, severity=severity, because=because)
            is_rated |= not strong
    if is_rated:
        yield from unlisted(app, "Role")


@rule(
    "foreign-tenant-issuer",
    kinds=("application", "blueprint"),
    severity="low",
    may_be=("medium",),
    needs=(*LIST, "signInAudience"),
    when_set=LIST,
    checks=("FI-08",),
    references=("entra:trust-managed-identity", "azure:troubleshoot-workload-identity"),
    settings=("home-tenants",),
    bad=(
        Bad(_from(_OTHER, _IDENTITY_ID), at=_AT, settings=_HOME),
        Bad(_from(_OTHER, _CONNECTION), at=_AT, severity="medium", settings=_HOME),
        # Microsoft does not support a service connection for it.
        Bad(
            _from(_OTHER, _CONNECTION, signInAudience="AzureADMultipleOrgs"),
            at=_AT,
            settings=_HOME,
            expected_rules=("unverified-multi-tenant-publisher",),
        ),
    ),
    good=Good(
        {},
        why="a managed identity must be in the tenant of the app",
        settings={"home-tenants": ["0F0F0F0F-0000-4000-8000-000000000001"]},
    ),
    base="daemon",
)
def foreign_tenant_issuer(app: Registration, context: Context) -> Iterator[Hit]:
    """The issuer of a federated credential is another Microsoft Entra tenant.

    Why: A managed identity must be in the tenant of the app, so an identity of another tenant cannot sign in. An Azure
        DevOps service connection has the tenant of its organization as issuer. An Azure DevOps organization of the
        other tenant may therefore sign in as the app. For a multitenant app, Microsoft does not support such a service
        connection (AADSTS70052). grantlint compares tenants only if home-tenants is set or a tenant is read.
    Acceptable: If the Azure DevOps organization is yours, list its tenant in home-tenants. A managed identity of
        another tenant is never accepted.
    Fix: Use a managed identity of the app's tenant, or an Azure DevOps organization of your own tenant. Then remove the
        credential that trusts the other tenant.
    """
    home = {tenant.lower() for tenant in context.settings.home_tenants}
    for place in federated(app) if home else ():
        tenant = tenant_of(place.issuer)
        if tenant and tenant not in home:
            trusted = _service(place.credential.subject)
            is_unsupported = trusted == _SERVICE_CONNECTION and app.is_multi_tenant
            if is_unsupported:
                effect = "; a multitenant app cannot use its service connections (AADSTS70052)"
            else:
                effect = f"; {trusted} may sign in as the app" if trusted else ", whose identities are rejected"
            severity: Severity = "medium" if trusted and not is_unsupported else "low"
            says = f"trusts the tenant {tenant}{effect}"
            yield Hit(pointer=f"{place.pointer}/issuer", message=says, severity=severity)


def _service(text: object) -> str:
    """Which service of Microsoft writes a subject, in words; empty for a subject of another kind."""
    if not isinstance(text, str) or not text.startswith("/eid1/"):
        return ""
    return _SERVICE_CONNECTION if "/sc/" in text else "a Microsoft service"
