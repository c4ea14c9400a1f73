"""Federated credentials: who issues the tokens, which workloads they are of, and how far an expression reaches."""

from fnmatch import fnmatchcase
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.analysis.federation import REACHES, Clause, clauses, fits, pairs, reach
from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.knowledge.issuers import (
    GITHUB,
    GITLAB,
    TERRAFORM,
    is_known,
    known_issuers,
    misspelling,
    nearly_known,
    service_of,
    tenant_of,
)
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings

HOME = "0f0f0f0f-0000-4000-8000-000000000001"
OTHER = "0f0f0f0f-0000-4000-8000-000000000002"
MAIN = "repo:contoso/app:ref:refs/heads/main"
EXCHANGE = ["api://AzureADTokenExchange"]
CLUSTER = "https://oidc.eks.eu-west-1.amazonaws.com/id/A"

KNOWN_ISSUERS = tuple(row.pattern for row in known_issuers())


def credential(
    subject: str | None = MAIN, issuer: str = GITHUB, *, expression: str | None = None, audiences: Any = EXCHANGE
) -> dict[str, Any]:
    value = {"value": expression, "languageVersion": 1} if expression is not None else None
    return {
        "name": "ci",
        "issuer": issuer,
        "subject": None if value else subject,
        "audiences": audiences,
        "claimsMatchingExpression": value,
    }


def checked(
    *credentials: dict[str, Any], tuned: Settings | None = None, unread: tuple[str, ...] = (), **more: Any
) -> Result:
    data = merged_into("daemon", {"federatedIdentityCredentials": list(credentials), **more})
    app = mark_unread(msgspec.convert(data, Registration), {pointer: Unread("placeholder") for pointer in unread})
    return lint([Subject("x", app)], RULES, Context(NOW, tuned or Settings()))


def said(*credentials: dict[str, Any], **options: Any) -> dict[str, str]:
    result = checked(*credentials, **options)
    assert not any(gap.reason == "internal" for gap in result.not_assessed)
    return {found.rule: found.severity for found in result.findings}


def sub(pattern: str, *more: str, issuer: str = GITHUB) -> dict[str, Any]:
    return credential(None, issuer, expression=" and ".join((f"claims['sub'] matches '{pattern}'", *more)))


# Inputs that no other tool checks (91 to 105)

OPEN = "broad-federated-expression"
SHAPE = {"malformed-federated-subject": "low"}
ISSUER = {"malformed-federated-issuer": "low"}
_EUROPE = "https://app.eu.terraform.io"
AUDIENCE = {"wrong-federated-audience": "medium"}
PINNED = "claims['job_workflow_ref'] eq 'contoso/ci/.github/workflows/deploy.yml@refs/heads/main'"


@pytest.mark.parametrize(
    ("given_credential", "expected"),
    [
        (credential(), {}),
        (credential("repo:contoso/app:pull_request"), {"federated-pull-request": "medium"}),
        (credential("repo:contoso/app:environment:prod"), {}),
        (credential("repo:contoso/*:ref:refs/heads/main"), {"wildcard-federated-subject": "low"}),
        (sub("repo:contoso/*:ref:refs/heads/main"), {OPEN: "high"}),
        (sub("repo:contoso/app*:ref:refs/heads/main"), {OPEN: "high"}),
        (sub("repo:contoso/app:ref:refs/heads/*"), {OPEN: "medium"}),
        (sub("*", PINNED), {OPEN: "medium"}),
        (sub("repo:contoso/*", PINNED), {}),
        (credential(None, expression=PINNED), {OPEN: "medium"}),
        (credential(issuer=f"{GITHUB}/"), ISSUER),
        (credential("system:serviceaccount:payments:worker", f"{CLUSTER}/"), ISSUER),
        # Federated credentials are compared with case.
        (
            credential(
                "55555555-5555-4555-8555-555555555551", f"https://login.microsoftonline.com/{HOME.upper()}/v2.0"
            ),
            ISSUER,
        ),
        (credential("project_path:a/b:ref_type:branch:ref:main", " https://gitlab.com"), ISSUER),
        (credential(audiences=["api://AzureADTokenExchange", "x"]), {"wrong-federated-audience": "low"}),
        (credential(audiences=[]), {"wrong-federated-audience": "low"}),
        (credential(audiences=["https://github.com/contoso"]), AUDIENCE),
        (credential("system:serviceaccount:default:default", CLUSTER), {"default-service-account": "medium"}),
        (credential("repository_owner_id:1:repository_id:2:ref:refs/heads/main"), {}),
    ],
)
def test_what_no_other_tool_checks(given_credential: dict[str, Any], expected: dict[str, str]) -> None:
    assert said(given_credential) == expected


def test_the_issuer_of_another_tenant_is_reported_once_the_own_ones_are_known() -> None:
    tuned = Settings(home_tenants=(HOME,))
    for tenant, expected in ((HOME, {}), (OTHER, {"foreign-tenant-issuer": "low"})):
        of_tenant = credential(
            "55555555-5555-4555-8555-555555555551", f"https://login.microsoftonline.com/{tenant}/v2.0"
        )
        assert said(of_tenant, tuned=tuned) == expected
        assert said(of_tenant) == {}


def test_a_service_of_microsoft_may_act_for_another_tenant_and_its_identities_may_not() -> None:
    tuned = Settings(home_tenants=(HOME,))
    issuer = f"https://login.microsoftonline.com/{OTHER}/v2.0"
    for subject, who in (("/a/b/sc/c/d", "an Azure DevOps service connection"), ("/a/b/bot", "a Microsoft service")):
        (found,) = checked(credential(f"/eid1/c/pub/t/t{subject}", issuer), tuned=tuned).findings
        assert (found.rule, found.severity) == ("foreign-tenant-issuer", "medium")
        assert who in found.message


def test_neither_subject_nor_expression_is_not_assessed_and_never_clean() -> None:
    result = checked(credential(None))
    assert result.findings == ()
    assert [(gap.rule, gap.reason) for gap in result.not_assessed] == [("malformed-federated-subject", "malformed")]


# Issuers


@pytest.mark.parametrize(
    ("issuer", "service"),
    [
        (GITHUB, "github"),
        (f"{GITHUB}/contoso-inc", "github"),
        ("https://token.actions.contoso.ghe.com", "github"),
        ("https://app.eu.terraform.io", "terraform"),
        (f"https://login.microsoftonline.us/{HOME}/v2.0", "entra"),
        ("https://vstoken.dev.azure.com/7a1f0e0c-7c2b-4d6c-9d0a-0b1c2d3e4f50", "azure-devops"),
        ("https://westeurope.oic.prod-aks.azure.com/1/2/", "kubernetes"),
        ("https://usgovvirginia.oic.prod-aks.azure.us/1/2/", "kubernetes"),
        ("https://chinanorth2.oic.prod-aks.azure.cn/1/2/", "kubernetes"),
        ("https://northamerica.oic.prod-arc.azure.com/1/2/", "kubernetes"),
        ("https://oidc.vercel.com/contoso", "vercel"),
        ("https://oidc.circleci.com/org/5f0c4c7e", "circleci"),
        ("https://api.pulumi.com/oidc", "pulumi"),
        ("https://contoso.app.spacelift.io", "spacelift"),
        ("https://container.googleapis.com/v1/projects/p/locations/europe-west1/clusters/c", "kubernetes"),
        ("https://a1d2b0fd.tokens.sts.global.api.aws", "aws"),
        ("https://token.actions.githubusercontent.com.evil.example", ""),
        ("https://evil.example/token.actions.githubusercontent.com", ""),
        ("https://token.actions.evil.example/.ghe.com", ""),
        ("https://tokens.sts.global.api.aws", ""),
        ("https://gitlab.contoso.com", ""),
    ],
)
def test_an_issuer_is_known_by_its_whole_address(issuer: str, service: str) -> None:
    assert service_of(issuer) == service


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("https://gitlab.c0m", "high"),
        ("https://token.actions.githubusercontent.com.evil.example", "high"),
        ("https://app.terrafrom.io", "high"),
        ("https://app.terraform.eu", "high"),
        ("https://vstoken.dev.azure.co/7a1f0e0c-7c2b-4d6c-9d0a-0b1c2d3e4f50", "high"),
        ("https://oidc.circleci.co/org/1", "high"),
        ("https://oidc.eks.eu-west-1.amazonavvs.com/id/A", "high"),
        ("https://accounts.gooogle.com", "high"),
        ("https://gitlab.c0m?tenant=1", "low"),
        ("https://TOKEN.actions.githubusercontent.com", "low"),
        (f"{GITHUB}/a/b", "low"),
        ("https://sts.windows.net/0f0f0f0f-0000-4000-8000-000000000001/", "low"),
        ("https://login.microsoftonline.com/common/v2.0", "low"),
        ("https://eastus.oic.prod-aks.azure.com/1/2", "low"),
        ("https://northamerica.oic.prod-arc.azure.com/1/2", "low"),
        ("https://oidc.eks.eu-west-1.amazonaws.com/id/A/", "low"),
        ("https://container.googleapis.com/v1/projects/p/locations/l/clusters/c/", "low"),
        ("https://accounts.google.com/.well-known/openid-configuration", "low"),
        ("idp.contoso.com", "low"),
        ("", "low"),
    ],
)
def test_a_misspelt_issuer_is_one_finding_and_worse_where_it_belongs_to_someone_else(
    issuer: str, expected: str
) -> None:
    found = said(credential("55555555-5555-4555-8555-555555555551" if "/v2.0" in issuer else "1", issuer))
    assert found in ({"malformed-federated-issuer": expected}, {"malformed-federated-issuer": expected, **SHAPE})


@pytest.mark.parametrize(
    "issuer",
    [
        "https://eastus.oic.prod-arc.azure.us/1/2/",
        "https://eastus.oic.prod-arc.azure.cn/1/2/",
        "https://oidc-eks.eu-west-1.api.aws/id/A",
        "https://api.lumi.com/oidc",
        "https://app.pulumi.com/oidc",
        "https://idp.google.com",
        "https://pulumi.com",
    ],
)
def test_an_issuer_of_the_same_owner_or_of_another_service_imitates_none(issuer: str) -> None:
    assert nearly_known(issuer) == ""


@pytest.mark.parametrize(
    ("subjects", "found"),
    [
        (("repo:contoso/app:ref:refs/heads/main", "repo:contoso@1/app@2:ref:refs/heads/main"), True),
        (("repo:contoso/app:ref:refs/heads/main", "repo:contoso@1/app@2:ref:refs/heads/dev"), False),
        (("repo:contoso/app:ref:refs/heads/main", "repo:contoso@1/other@2:ref:refs/heads/main"), False),
        (("repo:contoso/app", "repo:contoso@1/app@2"), True),
        (("repo:contoso/app2:pull_request", "repo:contoso@1/app@2:pull_request"), False),
    ],
)
def test_a_name_is_left_behind_by_the_id_of_the_same_repository(subjects: tuple[str, str], found: bool) -> None:
    assert ("leftover-name-based-subject" in said(*(credential(subject) for subject in subjects))) == found


def test_an_issuer_of_ones_own_is_reported_by_name_and_more_loudly_where_it_could_take_the_tenant_over() -> None:
    takes_over = [
        {
            "resourceAppId": "00000003-0000-0000-c000-000000000000",
            "resourceAccess": [{"id": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "type": "Role"}],
        }
    ]
    own = credential("worker", "https://idp.contoso.com")
    assert said(own) == {"unknown-federated-issuer": "medium"}
    result = checked(own, requiredResourceAccess=takes_over, owners=[])
    (found,) = [found for found in result.findings if found.rule == "unknown-federated-issuer"]
    assert found.severity == "high"
    assert [because.note for because in found.because] == ["requests RoleManagement.ReadWrite.Directory"]
    assert said(own, tuned=Settings(allowed_issuers=("https://idp.*.com",))) == {}


def test_no_patch_is_given_for_a_credential_that_graph_does_not_patch_with_its_application() -> None:
    result = checked(credential(issuer=" https://gitlab.com"), credential(issuer="https://gitlab.com.evil.example"))
    assert {found.patch is None for found in result.findings if "issuer" in found.rule} == {True}


@given(
    st.one_of(st.text(), st.sampled_from(KNOWN_ISSUERS).flatmap(lambda known: st.text(max_size=3).map(known.__add__)))
)
def test_any_text_as_an_issuer_is_classified_without_failing(issuer: str) -> None:
    assert nearly_known(issuer) == "" or service_of(issuer) == ""
    assert (service_of(issuer) != "") == is_known(issuer, KNOWN_ISSUERS)
    assert isinstance(misspelling(issuer), str)


@given(
    st.sampled_from(["login.microsoftonline.com", "login.microsoftonline.us", "evil.example", "sts.windows.net"]),
    st.sampled_from([HOME, OTHER.upper(), "common", "contoso.com", ""]),
    st.sampled_from(["/v2.0", "/v2.0/", "", "/", "/v2.0/x"]),
)
def test_the_tenant_of_an_issuer_agrees_with_a_parser_of_addresses(host: str, tenant: str, path: str) -> None:
    issuer = f"https://{host}/{tenant}{path}"
    parts = urlsplit(issuer)
    words = [word for word in parts.path.split("/") if word]
    is_tenant = (
        str(parts.hostname).startswith("login.") and len(words) == 2 and words[1] == "v2.0" and len(words[0]) == 36
    )
    assert tenant_of(issuer) == (words[0].lower() if is_tenant else "")


# Subjects


@pytest.mark.parametrize(
    ("subject", "issuer", "expected"),
    [
        ("repo:contoso@5544123/app@821093847:ref:refs/heads/main", GITHUB, {}),
        ("repo:contoso@5544123/app@821093847:pull_request", GITHUB, {"federated-pull-request": "medium"}),
        (
            "repo:contoso/app:environment:prod:job_workflow_ref:contoso/ci/.github/workflows/x.yml@refs/heads/main",
            GITHUB,
            {},
        ),
        ("repo:contoso/app:event_name:pull_request", GITHUB, {"federated-pull-request": "medium"}),
        ("repo:contoso/app:base_ref:main", GITHUB, {"federated-pull-request": "medium"}),
        ("repo:contoso/app:base_ref:main:environment:prod", GITHUB, {}),
        ("pull_request", GITHUB, {"broad-federated-subject": "critical"}),
        ("actor:octocat", GITHUB, {"broad-federated-subject": "high"}),
        ("repository_owner_id:1:event_name:pull_request", GITHUB, {"broad-federated-subject": "high"}),
        ("repository_owner:contoso:repository_visibility:private", GITHUB, {"broad-federated-subject": "high"}),
        ("repo_property_tier:prod", GITHUB, {"broad-federated-subject": "critical"}),
        ("workflow:deploy:environment:prod", GITHUB, {"broad-federated-subject": "critical"}),
        (
            "workflow:deploy:environment:prod",
            "https://token.actions.contoso.ghe.com",
            {"broad-federated-subject": "high"},
        ),
        ("repo:contoso/app", GITHUB, {"broad-federated-subject": "medium"}),
        ("repository_id:2", GITHUB, {"broad-federated-subject": "medium"}),
        # workflow_ref is the workflow of the caller, which a pull request changes; it is in the caller's repository.
        (
            "repo:contoso/app:pull_request:workflow_ref:contoso/app/.github/workflows/x.yml@refs/pull/1/merge",
            GITHUB,
            {"federated-pull-request": "medium"},
        ),
        ("workflow_ref:contoso/app/.github/workflows/x.yml@refs/heads/main", GITHUB, {}),
        (
            "job_workflow_ref:contoso/ci/.github/workflows/x.yml@refs/heads/main",
            GITHUB,
            {"broad-federated-subject": "medium"},
        ),
        ("repo:contoso/app:", GITHUB, SHAPE),
        ("repo:contoso:ref:refs/heads/main", GITHUB, SHAPE),
        ("repo:contoso/app:ref:main", GITHUB, SHAPE),
        ("repo:contoso/app:environment:a:b", GITHUB, SHAPE),
        ("https://github.com/contoso/app", GITHUB, SHAPE),
        ("project_path:contoso/team/app:ref_type:tag:ref:v1", GITLAB, {}),
        ("project_id:57382910:ref_type:branch:ref:main", GITLAB, {}),
        ("project_path:contoso/app:ref_type:branch", GITLAB, {"broad-federated-subject": "medium"}),
        ("ref_type:branch:ref:main", GITLAB, SHAPE),
        ("organization:contoso:project:p:workspace:w:run_phase:apply", TERRAFORM, {}),
        ("organization:contoso:project:p:workspace:w:run_phase:destroy", TERRAFORM, SHAPE),
        ("organization:contoso:workspace:w", TERRAFORM, SHAPE),
        ("107517467455664443766", "https://accounts.google.com", {}),
        ("sync@contoso.iam.gserviceaccount.com", "https://accounts.google.com", SHAPE),
        ("arn:aws:iam::123456789012:role/sync", "https://a1d2b0fd.tokens.sts.global.api.aws", {}),
        ("AROAEXAMPLE:session", "https://a1d2b0fd.tokens.sts.global.api.aws", SHAPE),
        ("sc://contoso/payments/azure", "https://vstoken.dev.azure.com/7a1f0e0c", {}),
        ("system:serviceaccount:payments", "https://oidc.contoso.com", {**SHAPE, "unknown-federated-issuer": "medium"}),
        ("system:serviceaccount:payments:worker:x", CLUSTER, SHAPE),
        ("system:serviceaccount:default:worker", CLUSTER, {"default-service-account": "low"}),
        ("system:serviceaccount:payments:default", CLUSTER, {"default-service-account": "medium"}),
        ("system:serviceaccount:payments:not-default", CLUSTER, {}),
    ],
)
def test_a_subject_is_checked_by_the_service_that_writes_it(
    subject: str, issuer: str, expected: dict[str, str]
) -> None:
    assert said(credential(subject, issuer)) == expected


def test_an_exact_expression_is_checked_like_the_subject_that_it_spells() -> None:
    for subject in ("repo:contoso/app:pull_request", "repository_owner:contoso", "contoso/app", "repo:o/*:x", MAIN):
        for verb in ("eq",) if "*" in subject else ("eq", "matches"):
            expressed = credential(None, expression=f"claims['sub'] {verb} '{subject}'")
            assert said(expressed) == said(credential(subject)), subject


def test_a_subject_that_was_not_read_is_not_checked() -> None:
    pointer = "/federatedIdentityCredentials/0"
    result = checked(credential("${var.subject}"), unread=(pointer,))
    assert result.findings == ()
    assert "federated-pull-request" in {gap.rule for gap in result.not_assessed}


NAMES = st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name != "pull_request")
VALUES = st.text(st.characters(exclude_characters=":*?", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=4))
def test_the_pairs_of_a_subject_are_those_that_were_joined(parts: list[tuple[str, str]]) -> None:
    parts = [(name, "x" if value == "pull_request" else value) for name, value in parts]
    text = ":".join(f"{name}:{value}" for name, value in parts)
    assert [(pair.name, pair.value, pair.whole) for pair in pairs(text)] == [(n, v, True) for n, v in parts]


@given(st.text())
def test_any_text_as_a_subject_has_pairs_that_spell_it_and_a_shape_or_none(text: str) -> None:
    for cut in (False, True):
        spelled = [word for pair in pairs(text, cut=cut) for word in (pair.name, pair.value) if word]
        assert spelled == [word for word in text.split(":") if word]
    for service in ("github", "gitlab", "terraform", "kubernetes", "google", "aws", "azure-devops"):
        assert fits(service, text) in (True, False)
    assert reach(Clause("sub", "matches", text)) in REACHES
    assert reach(Clause("job_workflow_ref", "matches", text)) in REACHES


# Expressions


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (sub("*"), "critical"),
        (sub("repo:con*"), "critical"),
        (sub("repo:*/app:ref:refs/heads/main"), "critical"),
        (sub("repo:?ontoso/app:ref:refs/heads/main"), "critical"),
        (sub("repository_id:12*"), "critical"),
        (sub("project_id:5738*", issuer=GITLAB), "critical"),
        (sub("organization:contoso*", issuer=TERRAFORM), "critical"),
        (sub("repo:contoso@*/app@*:ref:refs/heads/main"), "high"),
        (sub("repository_owner:contoso:*"), "high"),
        (sub("project_path:contoso/team/*", issuer=GITLAB), "high"),
        (sub("organization:contoso:*", issuer=TERRAFORM), "high"),
        (sub("repo:contoso/app:*"), "medium"),
        (sub("repo:contoso@5544123/app@821093847:*"), "medium"),
        (sub("repo:contoso@5544123/app@*"), "medium"),
        (sub("project_id:57382910:*", issuer=GITLAB), "medium"),
        (sub("organization:contoso:project:p:workspace:*:run_phase:apply", issuer=TERRAFORM), "medium"),
        # Anyone who can push can choose the name of a branch, tag or environment.
        (sub("repo:contoso/app:environment:*"), "medium"),
        (sub("repo:contoso/app:environment:prod-?"), "medium"),
        (sub("repo:contoso/app:ref*"), "medium"),
        (sub("repo:contoso/app:ref:refs/tags/*"), "medium"),
        (sub("project_path:contoso/app:ref_type:branch:*", issuer=GITLAB), "medium"),
        (sub("project_path:contoso/app:ref_type:*", issuer=GITLAB), "medium"),
        (sub("project_path:contoso/app:ref_type:branch:ref:*", issuer=GITLAB), "medium"),
        # A rule of the repository can protect such names.
        (sub("repo:contoso/app:ref:refs/heads/release/*"), "low"),
        (sub("repo:contoso/app:ref:refs/heads/*-release"), "low"),
        (sub("repo:contoso/app:environment:*:ref:refs/heads/main"), "low"),
        (sub("project_path:contoso/app:ref_type:*:ref:main", issuer=GITLAB), "low"),
        (sub("repo:contoso/app:environment:prod:ref:refs/heads/*"), None),
        (sub("repo:contoso@5544123/app@*:ref:refs/heads/main"), None),
        (sub("organization:contoso:project:p:stack:s:*", issuer=TERRAFORM), "low"),
        (sub("organization:contoso:project:p:workspace:w:run_phase:*", issuer=TERRAFORM), "low"),
        (sub("organization:contoso:project:*:workspace:w:run_phase:apply", issuer=TERRAFORM), None),
        (sub("*", "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/*@refs/heads/main'"), "medium"),
        (sub("repo:contoso/*", "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/*@*'"), "medium"),
        (
            sub(
                "repo:contoso/*", "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/x.yml@refs/heads/*'"
            ),
            "medium",
        ),
        (
            sub(
                "repo:contoso/*", "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/*@refs/heads/main'"
            ),
            "low",
        ),
        (sub("repo:contoso/app:*", "claims['job_workflow_ref'] matches 'contoso/*'"), "medium"),
        (sub("*", "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/deploy.yml@*'"), "medium"),
        (sub("*", "claims['job_workflow_ref'] matches 'contoso/*'"), "high"),
        (sub("*", "claims['job_workflow_ref'] matches '*'"), "critical"),
    ],
)
def test_an_expression_reaches_as_far_as_its_tightest_condition(found: dict[str, Any], expected: str | None) -> None:
    assert said(found) == ({OPEN: expected} if expected else {})


def test_a_message_says_in_the_words_of_the_service_who_is_let_in() -> None:
    def says(found: dict[str, Any]) -> list[str]:
        return [finding.message for finding in checked(found).findings]

    files = "claims['job_workflow_ref'] matches 'contoso/ci/.github/workflows/*'"
    for found, expected in (
        (sub("*"), "repositories of other owners"),
        (sub("*", issuer=GITLAB), "projects of other namespaces"),
        (sub("*", issuer=_EUROPE), "workspaces of other organizations"),
        (sub("repo:contoso/app:*"), "several branches or pull requests of one repository"),
        (sub("repo:contoso/app:ref:refs/heads/*"), "every branch of one repository"),
        (sub("repo:contoso/app:ref:refs/tags/*"), "every tag of one repository"),
        (sub("repo:contoso/app:ref:*"), "every branch and tag of one repository"),
        (sub("repo:contoso/app:environment:*"), "every environment of one repository"),
        (sub("repo:contoso/app:environment:prod-?"), "every environment with a matching name of one repository"),
        (sub("project_path:contoso/*", issuer=GITLAB), "several projects of one namespace"),
        (sub("project_path:contoso/app:ref_type:tag:*", issuer=GITLAB), "every tag of one project"),
        (sub("organization:contoso:project:p:*", issuer=TERRAFORM), "several workspaces or stacks of one project"),
        (sub("repo:contoso/*", files), "several workflows or workflow versions of one repository"),
        (
            credential(None, expression=files),
            "several workflows or workflow versions of one repository, called by any repository",
        ),
        (credential(None, expression=PINNED), "any repository that calls one workflow"),
        (credential("environment:prod"), "repositories of other owners"),
        (credential("project_id:5", GITLAB), "several branches or tags of one project"),
        (credential("project_id:5:ref_type:branch", GITLAB), "every branch of one project"),
        (credential("actor:octocat"), "any repository, if one user starts the workflow"),
        (credential("repo:contoso/app:ref_protected:true"), "several branches, tags or environments of one repository"),
    ):
        assert says(found) == [f"accepts tokens of {expected}"]


WILD = "wildcard-federated-subject"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"claims['sub'] eq 'repo:contoso/*:ref:refs/heads/main' and {PINNED}", {WILD: "low"}),
        (f"claims['sub'] matches 'repo:contoso/*' and {PINNED.replace('deploy', '*')}", {WILD: "low"}),
        (PINNED.replace("deploy", "*"), {WILD: "low"}),
        (f"claims['sub'] eq 'contoso/app' and {PINNED}", SHAPE),
        (f"claims['sub'] eq '{MAIN}' and {PINNED}", {}),
        (f"claims['sub'] eq 'repository_owner:contoso' and {PINNED}", {}),
    ],
)
def test_each_condition_of_an_expression_is_compared(text: str, expected: dict[str, str]) -> None:
    assert said(credential(None, expression=text)) == expected


@pytest.mark.parametrize(
    "subject", ["repo:contoso/app:pull_request", "environment:prod", "system:serviceaccount:default:default"]
)
def test_an_issuer_that_matches_no_token_lets_nothing_sign_in(subject: str) -> None:
    for issuer in (f"{GITHUB}/", f"{CLUSTER}/"):
        assert "malformed-federated-issuer" in said(credential(subject, issuer))
        assert said(credential(subject, issuer)).keys() <= {"malformed-federated-issuer", *SHAPE}


@pytest.mark.parametrize(
    ("subject", "issuer"),
    [
        ("repo:contoso/*:pull_request", GITHUB),
        ("system:serviceaccount:default:*", CLUSTER),
        ("project_path:contoso/*:ref_type:branch", GITLAB),
    ],
)
def test_a_literal_wildcard_is_one_finding(subject: str, issuer: str) -> None:
    assert said(credential(subject, issuer)) == {WILD: "low"}
    lasting = credential("repo:contoso@5544123/app@821093847:pull_request")
    assert "leftover-name-based-subject" not in said(lasting, credential(subject, issuer))


def test_an_expression_that_is_not_used_lets_nothing_sign_in() -> None:
    for text in ("claims['sub'] eq 'repo:contoso/app:pull_request'", "claims['sub'] matches '*'"):
        one = credential(None, "https://token.actions.contoso.ghe.com", expression=text)
        assert said(one) == {"unsupported-federated-expression": "low"}


def test_what_another_language_version_accepts_is_not_known() -> None:
    one = sub("*")
    one["claimsMatchingExpression"]["languageVersion"] = 2
    result = checked(one)
    assert [found.rule for found in result.findings] == ["unsupported-federated-expression"]
    assert [(gap.rule, gap.reason) for gap in result.not_assessed] == [(OPEN, "unknown")]


def test_an_empty_subject_in_an_expression_is_never_written() -> None:
    assert said(credential(None, expression="claims['sub'] eq ''")) == SHAPE


def test_a_question_mark_is_text_in_the_subjects_of_an_unknown_service() -> None:
    own = "https://idp.contoso.com"
    assert WILD not in said(credential("https://idp.contoso.com/job?id=5", own))
    assert WILD in said(credential("job-*", own))
    assert WILD in said(credential("repo:contoso/app:environment:prod-?"))


def test_a_pipeline_of_azure_devops_has_a_subject_of_its_own() -> None:
    issuer = "https://vstoken.dev.azure.com/7a1f0e0c-7c2b-4d6c-9d0a-0b1c2d3e4f50"
    assert said(credential("p://contoso/payments/deploy", issuer)) == {}
    assert said(credential("payments/deploy", issuer)) == SHAPE


def test_capitals_in_the_host_of_a_known_issuer_never_match_and_those_in_its_path_do() -> None:
    account = "system:serviceaccount:payments:worker"
    for issuer in ("https://EastUS.oic.prod-aks.azure.com/1/2/", "HTTPS://EASTUS.OIC.PROD-AKS.AZURE.COM/1/2/"):
        assert said(credential(account, issuer)) == ISSUER
    assert said(credential(account, "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633")) == {}


def test_a_branch_with_an_at_sign_is_no_id() -> None:
    branch = credential("repo:contoso/app:ref:refs/heads/v@2")
    assert said(branch, credential("repo:contoso/app:ref:refs/heads/v")) == {}


def test_pull_requests_behind_a_wildcard_are_named_as_such() -> None:
    assert said(sub("repo:contoso/app:pull_request*")) == {"federated-pull-request": "medium"}


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        ("eq 'contoso/ci/.github/workflows/plan.yml@refs/heads/main'", {}),
        ("matches 'contoso/ci/.github/workflows/plan.yml@*'", {"federated-pull-request": "medium"}),
        ("matches 'contoso/*'", {"federated-pull-request": "medium"}),
    ],
)
def test_a_pull_request_with_a_workflow_is_safe_only_if_nobody_can_change_it(
    workflow: str, expected: dict[str, str]
) -> None:
    text = f"claims['sub'] eq 'repo:contoso/app:pull_request' and claims['job_workflow_ref'] {workflow}"
    assert said(credential(None, expression=text)) == expected


def test_an_audience_that_was_not_read_is_not_called_wrong() -> None:
    pointer = "/federatedIdentityCredentials/0/audiences/0"
    result = checked(credential(audiences=["var.audience"]), unread=(pointer,))
    assert result.findings == ()
    assert "wrong-federated-audience" in {gap.rule for gap in result.not_assessed}


def test_an_expression_that_entra_does_not_take_is_not_called_open() -> None:
    for text, issuer in (
        ("claims['repository_owner'] matches '*'", GITHUB),
        ("claims['sub'] matches '*' and claims['ref'] eq 'main'", GITLAB),
        ("claims['sub'] matches '*'", CLUSTER),
        # The issuers that Microsoft documents, and no other.
        ("claims['sub'] matches '*'", "https://token.actions.contoso.ghe.com"),
        ("claims['sub'] matches '*'", f"{GITHUB}/contoso-inc"),
    ):
        assert said(credential(None, issuer, expression=text)) == {"unsupported-federated-expression": "low"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "claims['sub'] startsWith 'repo:'",
        "claims['sub'] eq 'a' or claims['sub'] eq 'b'",
        'claims["sub"] eq "a"',
        "claims['sub'] eq 'a''b'",
    ],
)
def test_an_expression_of_another_shape_is_not_assessed(text: str) -> None:
    result = checked(credential(None, expression=text))
    assert result.findings == ()
    assert OPEN in {gap.rule for gap in result.not_assessed}


WORDS = st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), max_size=20)
CLAUSES = st.tuples(st.sampled_from(["sub", "job_workflow_ref"]), st.sampled_from(["eq", "matches"]), WORDS)


@given(st.lists(CLAUSES, min_size=1, max_size=3))
def test_an_expression_is_read_as_it_was_written(parts: list[tuple[str, str, str]]) -> None:
    text = " and ".join(f"claims['{claim}'] {verb} '{value}'" for claim, verb, value in parts)
    assert [(c.claim, c.verb, c.value) for c in clauses(text) or ()] == parts


def by_hand(text: str) -> list[tuple[str, str, str]] | None:
    """The same language read one character after another, without a regular expression."""
    words: list[str] = []
    word, quoted = "", False
    for letter in text.strip():
        if letter == "'":
            word += letter
            quoted = not quoted
        elif letter.isspace() and not quoted:
            words += [word] if word else []
            word = ""
        else:
            word += letter
    words += [word] if word else []
    if quoted or len(words) % 4 != 3 or any(joint != "and" for joint in words[3::4]):
        return None
    found = []
    for place in range(0, len(words), 4):
        lookup, verb, value = words[place : place + 3]
        claim = lookup[8:-2]
        is_lookup = lookup.startswith("claims['") and lookup.endswith("']") and len(lookup) > 10 and "'" not in claim
        is_value = len(value) > 1 and value.startswith("'") and value.endswith("'") and "'" not in value[1:-1]
        if not is_lookup or verb not in ("eq", "matches") or not is_value:
            return None
        found.append((claim, verb, value[1:-1]))
    return found


PIECES = st.sampled_from(
    [
        "claims['sub']",
        "claims['']",
        "claims[",
        "sub",
        " ",
        "  ",
        "\t",
        "eq",
        "matches",
        "and",
        "or",
        "'repo:*'",
        "''",
        "'",
        "x",
        "]",
        "Ä",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=9).map(" ".join)))
def test_the_reading_of_an_expression_agrees_with_one_by_hand(text: str) -> None:
    read = clauses(text)
    assert (None if read is None else [(c.claim, c.verb, c.value) for c in read]) == by_hand(text)


# What is said of a pattern must hold of every subject that fits it, in small worlds that are tried out in full.

GITHUB_WORLD = [
    (owner, f"{owner}/{name}", place, f"repo:{owner}/{name}:{place}")
    for owner, name, place in product(
        ("contoso", "contoso-x", "evil"),
        ("app", "app-2", "x"),
        ("ref:refs/heads/main", "ref:refs/heads/dev", "ref:refs/tags/v1", "environment:prod", "pull_request"),
    )
]
GITLAB_WORLD = [
    (path.split("/", maxsplit=1)[0], path, place, f"project_path:{path}:{place}")
    for path, place in product(
        ("contoso/app", "contoso/app/sub", "contoso/app2", "contoso-x/app", "evil/app"),
        ("ref_type:branch:ref:main", "ref_type:branch:ref:dev", "ref_type:tag:ref:main"),
    )
]
TERRAFORM_WORLD = [
    (
        owner,
        f"{owner}/{project}/{space}",
        phase,
        f"organization:{owner}:project:{project}:workspace:{space}:run_phase:{phase}",
    )
    for owner, (project, space), phase in product(
        ("contoso", "contoso-x", "evil"), (("p", "w"), ("p", "w2"), ("q", "v")), ("plan", "apply")
    )
]


@st.composite
def patterns(draw: st.DrawFn, world: list[tuple[str, str, str, str]]) -> str:
    """A subject of the world with one or two stretches of it replaced by wildcards."""
    text = draw(st.sampled_from(world))[3]
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, len(text)))
        text = text[:start] + draw(st.sampled_from(["*", "?" * (end - start), "*"])) + text[end:]
    return text


@pytest.mark.parametrize("world", [GITHUB_WORLD, GITLAB_WORLD, TERRAFORM_WORLD], ids=["github", "gitlab", "terraform"])
@given(data=st.data())
def test_no_subject_that_fits_a_pattern_lies_outside_its_reach(
    world: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    pattern = data.draw(patterns(world))
    how_far = reach(Clause("sub", "matches", pattern))
    fitting = [row for row in world if fnmatchcase(row[3], pattern)]
    owners, projects, places = ({row[part] for row in fitting} for part in range(3))
    if how_far != "anyone":
        assert len(owners) <= 1, pattern
    if how_far in ("project", "places", "one"):
        assert len({path.rsplit("/", 1)[0] if world is TERRAFORM_WORLD else path for path in projects}) <= 1, pattern
    if how_far in ("places", "one"):
        assert len(projects) <= 1, pattern
    if how_far == "one":
        assert len(places) <= 1, pattern


# What is left over


def test_the_name_of_a_repository_is_left_behind_only_with_its_id_and_for_the_same_place() -> None:
    lasting = credential("repo:contoso@5544123/app@821093847:ref:refs/heads/main")
    result = checked(lasting, credential())
    assert [(found.rule, found.pointer) for found in result.findings] == [
        ("leftover-name-based-subject", "/federatedIdentityCredentials/1")
    ]
    assert result.findings[0].because[0].pointer == "/federatedIdentityCredentials/0"
    by_id, by_name = (
        credential(f"{name}:ref_type:branch:ref:main", GITLAB) for name in ("project_id:5", "project_path:contoso/app")
    )
    # The ID of GitLab is in place of the name, so that it may be another project.
    compared = checked(by_id, by_name)
    assert compared.findings == ()
    assert [(gap.rule, gap.pointer) for gap in compared.not_assessed] == [
        ("leftover-name-based-subject", "/federatedIdentityCredentials/1")
    ]
    assert "leftover-name-based-subject" in said(lasting, sub("repo:contoso/app:*"))
    for other in ("repo:contoso/app:environment:prod", "repo:contoso/app-2:ref:refs/heads/main"):
        assert said(lasting, credential(other)) == {}


def test_two_expressions_of_one_text_are_duplicates_and_two_credentials_without_subject_are_not() -> None:
    one = sub("repo:contoso/app:ref:refs/heads/*")
    assert "too-many-federated-credentials" in said(one, one)
    assert "too-many-federated-credentials" not in said(credential(None), credential(None))


def test_two_spellings_of_an_issuer_are_no_duplicate() -> None:
    issuer = "https://westeurope.oic.prod-aks.azure.com/0f0f0f0f-0000-4000-8000-000000000001/22222222"
    one, other = (credential("system:serviceaccount:payments:api", name) for name in (issuer, f"{issuer}/"))
    assert "too-many-federated-credentials" not in said(one, other)


@pytest.mark.parametrize("host", ["gitlab.contoso.io", "gitlab.contoso"])
def test_whether_expressions_work_for_another_gitlab_host_is_not_known(host: str) -> None:
    text = {"value": "claims['sub'] matches 'project_path:a/b:*'", "languageVersion": 1}
    one = {**credential(None, f"https://{host}"), "claimsMatchingExpression": text}
    gaps = [gap for gap in checked(one).not_assessed if gap.rule == "unsupported-federated-expression"]
    assert [gap.reason for gap in gaps] == ["unknown"]
    known = {**one, "issuer": "https://gitlab.contoso.ca"}
    assert not [gap for gap in checked(known).not_assessed if gap.rule == "unsupported-federated-expression"]


@pytest.mark.parametrize(("count", "expected"), [(18, {}), (19, {"too-many-federated-credentials": "low"})])
def test_more_than_eighteen_credentials_are_close_to_the_limit(count: int, expected: dict[str, str]) -> None:
    assert said(*(credential(f"{MAIN}-{number}") for number in range(count))) == expected


def test_an_ended_secret_is_not_reported_with_a_federated_credential() -> None:
    for end, is_valid in (("2026-01-01T00:00:00Z", False), ("2026-06-01T00:00:00Z", True)):
        secret = {"keyId": "k", "displayName": "old", "startDateTime": "2025-12-20T00:00:00Z", "endDateTime": end}
        assert ("secret-beside-federation" in said(credential(), passwordCredentials=[secret])) == is_valid


def test_amazon_cognito_may_name_its_own_pool_and_no_other_service_may() -> None:
    pool = "eu-west-1:5f0c4c7e-7d5b-4f0a-9c53-0a1b2c3d4e5f"
    assert said(credential(pool, "https://cognito-identity.amazonaws.com", audiences=[pool])) == {}
    assert said(credential(audiences=[pool])) == AUDIENCE


@pytest.mark.parametrize(
    ("text", "issuer"),
    [
        ("claims['sub'] matches 'repo:*'", f"{GITHUB}/contoso-inc"),
        ("claims['repository_owner'] eq 'contoso'", GITHUB),
        ("claims['sub'] matches 'system:serviceaccount:*'", CLUSTER),
    ],
)
def test_what_an_expression_accepts_that_microsoft_does_not_support_is_not_known(text: str, issuer: str) -> None:
    gaps = [gap for gap in checked(credential(issuer=issuer, expression=text)).not_assessed if "broad" in gap.rule]
    assert [(gap.pointer[-5:], gap.reason) for gap in gaps] == [("value", "unknown")]
    misspelled = checked(credential(issuer=f"{issuer}/", expression=text))
    assert not [gap for gap in misspelled.not_assessed if "broad" in gap.rule]


def test_only_a_duplicate_with_the_same_audience_is_removed() -> None:
    for audiences, change in ((EXCHANGE, "remove"), (["x"], "")):
        found = [one for one in checked(credential(), credential(audiences=audiences)).findings if "many" in one.rule]
        assert [(one.pointer, one.change) for one in found] == [("/federatedIdentityCredentials/1", change)]
    expression = "claims['sub'] eq 'repo:contoso/app:ref:refs/heads/main'"
    one, other = (credential(expression=expression, audiences=names) for names in (EXCHANGE, ["x"]))
    assert "too-many-federated-credentials" not in said(one, other)


def test_two_empty_subjects_are_no_duplicate() -> None:
    assert "too-many-federated-credentials" not in said(credential(""), credential(""))


def test_microsoft_supports_no_service_connection_for_a_multitenant_app() -> None:
    connection = credential("/eid1/c/pub/t/t/a/b/sc/c/d", f"https://login.microsoftonline.com/{OTHER}/v2.0")
    tuned = Settings(home_tenants=(HOME,))
    for audience, severity in (("AzureADMyOrg", "medium"), ("AzureADMultipleOrgs", "low")):
        (found,) = (
            one
            for one in checked(connection, tuned=tuned, signInAudience=audience).findings
            if one.rule == "foreign-tenant-issuer"
        )
        assert (found.severity, "AADSTS70052" in found.message) == (severity, severity == "low")


def test_an_empty_audience_is_named_as_such() -> None:
    found = [one for one in checked(credential(audiences=[""])).findings if one.rule == "wrong-federated-audience"]
    assert [one.message for one in found] == ["has a federated credential with an empty audience"]
