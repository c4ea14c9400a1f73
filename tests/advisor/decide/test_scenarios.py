"""Scenarios by name: what published trees answer, where they disagree and what we say, and what none of them offers."""

import re
from typing import Any, NamedTuple

import pytest

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from reports.advice import Advice

TREE = load_tree()


class Said(NamedTuple):
    """What an architect says, and what he must be told: grant, credential, platform, words of warnings, grants ruled
    out.
    """

    answers: str
    grant: str
    credential: str | None = None
    platform: str | None = None
    warned: tuple[str, ...] = ()
    contradicted: str = ""
    last_resort: bool = False
    dead_end: bool = False


def told(answers: str, **more: Any) -> Advice:
    """The advice for answers written as ``question=choice question=choice``."""
    return advise(TREE, dict(word.split("=") for word in answers.split()), **more)


USER = "token-for=user "
PROGRAM = "token-for=program app-permission=yes keeps-credential=yes "

#: The twelve rows of Microsoft's table of scenarios and flows (2025-04).
MICROSOFT = {
    "single-page app, authorization code with PKCE": Said(USER + "runs-in=browser page-tokens=page",
        "authorization_code", None, "spa"),
    "single-page app, implicit": Said(USER + "runs-in=browser page-tokens=frozen", "implicit", None, "spa",
        ("third-party cookies",), last_resort=True),
    "web app that signs in users": Said(USER + "runs-in=server user-present=yes web-legacy=nothing hosted-on=azure "
        "api=sign-in-only", "authorization_code", "managed_identity", "web"),
    "web app that calls web APIs": Said(USER + "runs-in=server user-present=yes web-legacy=nothing hosted-on=elsewhere "
        "holds-key=yes", "authorization_code", "certificate", "web"),
    "desktop app that calls web APIs, interactive": Said(USER + "runs-in=desktop installed-legacy=nothing",
        "authorization_code", None, "publicClient", ("broker",)),
    "desktop app, integrated Windows authentication": Said(USER + "runs-in=desktop installed-legacy=old-windows",
        "integrated_windows", last_resort=True),
    "desktop app, user name and password": Said(USER + "runs-in=desktop installed-legacy=own-form bare-password=yes",
        "password", last_resort=True, warned=("multifactor authentication",)),
    "browserless application": Said(USER + "runs-in=device other-device=yes device-code=allowed", "device_code",
        warned=("phish",)),
    "mobile app that calls web APIs, interactive": Said(USER + "runs-in=mobile mobile-legacy=nothing",
        "authorization_code", None, "publicClient"),
    "mobile app, user name and password": Said(USER + "runs-in=mobile mobile-legacy=own-form bare-password=yes",
        "password", last_resort=True),
    "daemon": Said(PROGRAM + "hosted-on=azure acts-in=own-tenant", "client_credentials", "managed_identity"),
    "web API that calls web APIs": Said(USER + "runs-in=api handed-in=user-token hosted-on=azure", "on_behalf_of",
        "managed_identity"),
}  # fmt: skip

#: The four cases of the seed blog on Dynamics 365.
SEED = {
    "a user with a browser and a client that keeps credentials": Said(USER + (
        "runs-in=server user-present=yes web-legacy=nothing hosted-on=elsewhere holds-key=no "
        "api=dataverse"
    ), "authorization_code", "secret", "web"),
    "a page that cannot keep a secret": Said(USER + "runs-in=browser page-tokens=page api=dataverse",
        "authorization_code", None, "spa", ("Do not follow articles",)),
    "a back end or cron job without a user": Said(PROGRAM + "hosted-on=elsewhere holds-key=yes api=dataverse",
        "client_credentials", "certificate", None, ("application user",)),
    "a legacy application with a password": Said(USER + "runs-in=desktop installed-legacy=own-form bare-password=no "
        "api=dataverse today=ws-trust", "none", dead_end=True, warned=("AuthType=OAuth",)),
}  # fmt: skip

#: Every row of section 2 of the facts about decision trees: where they contradict each other, and what we say.
CONTRADICTIONS = {
    "SPA": Said(USER + "runs-in=browser page-tokens=page", "authorization_code", None, "spa"),
    "SPA, backend for frontend where tokens must stay off the browser": Said(
        USER + "runs-in=browser page-tokens=backend hosted-on=azure", "authorization_code", "managed_identity", "web"),
    "browser too old for PKCE": Said(USER + "runs-in=browser page-tokens=old-browser hosted-on=azure",
        "authorization_code", "managed_identity", "web", ("Also replace the old browser",)),
    "only an ID token needed": Said(USER + "runs-in=server user-present=yes web-legacy=nothing hosted-on=azure "
        "api=sign-in-only", "authorization_code", "managed_identity", "web"),
    "only an ID token needed, middleware cannot change": Said(USER + "runs-in=server user-present=yes "
        "web-legacy=id-token-first hosted-on=azure api=sign-in-only", "hybrid", "managed_identity", "web",
        ("leave enableAccessTokenIssuance false",)),
    "only an ID token needed, Copilot Studio wants both boxes": Said(USER + "runs-in=low-code connector-takes=secret",
        "authorization_code", "secret", "web", ("Leave both settings",)),
    "trusted first-party app with its own login form": Said(USER + "runs-in=desktop installed-legacy=own-design "
        "audience=external-id", "authorization_code", None, "publicClient", ("native authentication", "Never send")),
    "trusted first-party app on a phone": Said(USER + "runs-in=mobile mobile-legacy=own-design audience=external-id",
        "authorization_code", None, "publicClient", ("native authentication",)),
    "is a desktop app confidential?": Said(USER + "runs-in=desktop installed-legacy=nothing keeps-credential=yes",
        "authorization_code", None, "publicClient", contradicted="every file that is installed"),
    "silent sign-in on Windows": Said(USER + "runs-in=desktop installed-legacy=nothing", "authorization_code", None,
        "publicClient", ("WAM",)),
    "silent sign-in on Windows without WAM": Said(USER + "runs-in=desktop installed-legacy=old-windows federated=yes",
        "integrated_windows", last_resort=True, warned=("multifactor authentication",)),
    "command-line tool": Said(USER + "runs-in=cli browser-here=yes installed-legacy=nothing", "authorization_code",
        None, "publicClient"),
    "command-line tool in a remote shell": Said(USER + "runs-in=cli browser-here=no other-device=yes "
        "device-code=allowed", "device_code"),
    "command-line tool in a remote shell where device code is blocked": Said(
        USER + "runs-in=cli browser-here=no other-device=yes device-code=blocked",
        "authorization_code", None, "publicClient"),
    "command-line tool in a pipeline": Said(PROGRAM + "hosted-on=github", "client_credentials", "federated",
        warned=("Do not use device code",)),
    "what replaces ROPC, with a person": Said(USER + "runs-in=desktop installed-legacy=nothing today=password",
        "authorization_code", None, "publicClient", ("Change the password",)),
    "what replaces ROPC, with nobody": Said(PROGRAM + "hosted-on=azure acts-in=own-tenant today=password",
        "client_credentials", "managed_identity"),
    "automated tests of an API with application permissions": Said(USER + "runs-in=test test-of=api app-permission=yes "
        "hosted-on=github", "client_credentials", "federated"),
    "automated tests of a journey": Said(USER + "runs-in=test test-of=journey", "authorization_code", None, "spa",
        ("test tenant",)),
    "automated tests of a delegated-only API": Said(USER + "runs-in=test test-of=api app-permission=no sign-in-once=no "
        "bare-password=yes hosted-on=github", "password", "federated", None,
        ("separate test tenant", "fail as soon as multifactor"), last_resort=True),
    "trying an API by hand": Said(USER + "runs-in=by-hand api=dataverse", "authorization_code", None, "publicClient",
        ("Do not use a shared client ID",)),
    "password connection strings, with a person": Said(USER + "runs-in=desktop installed-legacy=nothing today=ws-trust "
        "api=dataverse", "authorization_code", None, "publicClient", ("AuthType=OAuth",)),
    "password connection strings, with nobody": Said(PROGRAM + "hosted-on=elsewhere holds-key=yes today=ws-trust "
        "api=dataverse", "client_credentials", "certificate", None, ("application user", "AuthType=Certificate")),
    "daemon credential on Azure": Said(PROGRAM + "hosted-on=azure acts-in=own-tenant", "client_credentials",
        "managed_identity"),
    "daemon credential with another issuer": Said(PROGRAM + "hosted-on=gitlab", "client_credentials", "federated"),
    "daemon credential on premises": Said(PROGRAM + "hosted-on=elsewhere holds-key=yes", "client_credentials",
        "certificate"),
    "daemon credential where only text can be kept": Said(PROGRAM + "hosted-on=elsewhere holds-key=no",
        "client_credentials", "secret"),
    "managed identity beyond its tenant": Said(PROGRAM + "hosted-on=azure acts-in=other-tenants", "client_credentials",
        "federated", None, ("user-assigned and in the tenant",)),
    "managed identity outside Azure": Said(PROGRAM + "hosted-on=arc", "client_credentials", "managed_identity"),
    "managed identity outside Azure, trusted by a registration": Said(
        USER + "runs-in=server user-present=yes web-legacy=nothing hosted-on=arc holds-key=yes",
        "authorization_code", "certificate", "web"),
    "device code by audience: External ID": Said(USER + "runs-in=device other-device=yes device-code=allowed "
        "audience=external-id", "device_code"),
    "device code by audience: personal accounts": Said(USER + "runs-in=device other-device=yes device-code=allowed "
        "audience=with-personal", "device_code"),
    "device code by audience: B2C": Said(USER + "runs-in=device other-device=yes device-code=b2c hosted-on=azure",
        "authorization_code", "managed_identity", "web", ("closed to new customers",)),
    "PKCE for web servers": Said(USER + "runs-in=server user-present=yes web-legacy=nothing hosted-on=azure",
        "authorization_code", "managed_identity", "web"),
    "user absent, Dataverse": Said(USER + "runs-in=job app-permission=yes hosted-on=azure acts-in=own-tenant "
        "api=dataverse", "client_credentials", "managed_identity", None, ("CallerObjectId",)),
    "user absent, Graph": Said(USER + "runs-in=job app-permission=yes hosted-on=azure acts-in=own-tenant api=graph",
        "client_credentials", "managed_identity", None, ("Sites.Selected",)),
    "user absent, consented once and app-only refused": Said(USER + "runs-in=job app-permission=no sign-in-once=yes "
        "job-runs-on=server hosted-on=azure", "refresh_token", "managed_identity", "web"),
    "API that calls an API with a person's token": Said(USER + "runs-in=api handed-in=user-token hosted-on=azure",
        "on_behalf_of", "managed_identity"),
    "API that calls an API with a program's token": Said(USER + "runs-in=api handed-in=app-token hosted-on=azure "
        "acts-in=own-tenant", "client_credentials", "managed_identity"),
    "API that is sent a token for another audience": Said(USER + "runs-in=api handed-in=other-token hosted-on=azure",
        "on_behalf_of", "managed_identity", None, ("Change the caller first",)),
    "API that has a signing key of its own": Said(USER + "runs-in=api handed-in=user-token hosted-on=azure "
        "own-signing-key=yes", "on_behalf_of", "managed_identity", contradicted="own key"),
    "user present, but app-only easier": Said("token-for=program app-permission=yes keeps-credential=yes "
        "hosted-on=azure user-present=yes web-legacy=nothing", "authorization_code", "managed_identity", "web",
        contradicted="delegated permissions limit the client"),
    "Office add-in, Teams tab without a server": Said(USER + "runs-in=office office-server=no", "authorization_code",
        None, "spa"),
    "Office add-in, Teams tab with a server": Said(USER + "runs-in=office office-server=yes hosted-on=azure",
        "on_behalf_of", "managed_identity"),
    "agents, autonomous": Said(USER + "runs-in=agent agent-works=alone hosted-on=azure acts-in=own-tenant",
        "client_credentials", "managed_identity", None, ("An agent identity has no credential",)),
    "agents, with a user": Said(USER + "runs-in=agent agent-works=for-user handed-in=user-token hosted-on=azure",
        "on_behalf_of", "managed_identity", None, ("no interactive sign-in",)),
    "several clients, one registration": Said(USER + "runs-in=browser page-tokens=page shares-registration=yes",
        "authorization_code", None, "spa", ("its own registration",)),
}  # fmt: skip

#: More that an architect meets.
MORE = {
    "an MCP server that calls Graph for the person": Said(USER + "runs-in=agent agent-works=tool-server "
        "handed-in=user-token hosted-on=azure", "on_behalf_of", "managed_identity", None,
        ("Never pass a token to another API",)),
    "an MCP client in an editor": Said(USER + "runs-in=agent agent-works=tool-client", "authorization_code", None,
        "publicClient", ("no dynamic client registration",)),
    "a browser extension": Said(USER + "runs-in=extension", "authorization_code", None, "spa"),
    "a Power Platform connector": Said(USER + "runs-in=low-code connector-takes=identity", "authorization_code",
        "managed_identity", "web"),
    "a portal that signs in with AD FS by SAML and calls Graph": Said(USER + (
        "runs-in=server user-present=yes web-legacy=saml-adfs hosted-on=elsewhere "
        "holds-key=yes"
    ), "saml_bearer", "certificate", None, ("only while the tenant is federated",), last_resort=True),
    "a portal that signs in with Entra by SAML and calls Graph": Said(USER + (
        "runs-in=server user-present=yes web-legacy=saml-entra hosted-on=elsewhere "
        "holds-key=yes"
    ), "authorization_code", "certificate", "web"),
    "a daemon on customers' machines": Said("token-for=program app-permission=yes keeps-credential=no hosted-on=azure "
        "acts-in=own-tenant", "client_credentials", "managed_identity"),
    "a program for personal mailboxes at night": Said("token-for=program app-permission=no sign-in-once=yes "
        "job-runs-on=server hosted-on=elsewhere holds-key=yes audience=personal-only", "refresh_token", "certificate",
        "web"),
    "a password where a second factor is demanded": Said(USER + "runs-in=server user-present=yes web-legacy=own-form "
        "bare-password=no", "none", dead_end=True),
    "a SPA with a secret": Said(USER + "runs-in=browser page-tokens=page keeps-credential=yes", "authorization_code",
        None, "spa", contradicted="a page cannot protect a credential"),
    "a wall display that must run for weeks as a SPA": Said(USER + "runs-in=browser page-tokens=page lasting=yes",
        "authorization_code", None, "spa", contradicted="24 hours"),
    "implicit that must go on for days": Said(USER + "runs-in=browser page-tokens=frozen lasting=yes", "implicit", None,
        "spa", contradicted="no refresh token", last_resort=True),
    "a page that wants to act as itself": Said("token-for=program app-permission=yes keeps-credential=yes "
        "hosted-on=azure acts-in=own-tenant runs-in=browser page-tokens=page", "authorization_code", None, "spa",
        contradicted="a page runs for the user who opened it"),
    "device code under a policy for managed devices": Said(USER + "runs-in=device other-device=yes device-code=allowed "
        "conditional-access=managed-device", "device_code", warned=("AADSTS53003",)),
    "client credentials for personal accounts": Said(PROGRAM + "sign-in-once=yes hosted-on=azure "
        "audience=personal-only", "refresh_token", "managed_identity", "web",
        contradicted="data of personal Microsoft accounts is available only with a signed-in user"),
    "an API that only validates tokens": Said("token-for=nobody", "none"),
    "an HCP Terraform run": Said(PROGRAM + "hosted-on=terraform-cloud", "client_credentials", "federated", None,
        ("Plan and apply",)),
    "an Azure DevOps pipeline": Said(PROGRAM + "hosted-on=azure-devops", "client_credentials", "federated"),
    "a Lambda function": Said(PROGRAM + "hosted-on=aws", "client_credentials", "federated", None, ("RS256",)),
    "a workload in EKS": Said(PROGRAM + "hosted-on=kubernetes", "client_credentials", "federated"),
    "a Cloud Run service": Said(PROGRAM + "hosted-on=google-cloud", "client_credentials", "federated", None,
        ("not its email",)),
    "a script with a user account in Azure": Said(USER + "runs-in=cli browser-here=yes installed-legacy=nothing "
        "api=azure", "authorization_code", None, "publicClient", ("Microsoft requires multifactor authentication",)),
    "a multitenant service": Said(PROGRAM + "hosted-on=azure acts-in=other-tenants audience=many-tenants",
        "client_credentials", "federated", None, ("every tenant that consented",)),
    "ADAL on version 1": Said(USER + "runs-in=desktop installed-legacy=nothing today=adal", "authorization_code", None,
        "publicClient", ("AADSTS901002",)),
}  # fmt: skip

ALL = {**MICROSOFT, **SEED, **CONTRADICTIONS, **MORE}


@pytest.mark.parametrize("name", ALL)
def test_scenario(name: str) -> None:
    said = ALL[name]
    advice = told(said.answers)
    assert advice.grant == said.grant
    assert (advice.credential.id if advice.credential else None) == said.credential
    assert advice.platform == said.platform
    assert (advice.last_resort, advice.dead_end) == (said.last_resort, said.dead_end)
    for words in said.warned:
        assert any(words in text for text in (*advice.warnings, *advice.why, *advice.scopes)), words
    assert bool(advice.contradictions) == bool(said.contradicted), advice.contradictions
    assert any(said.contradicted in text for text in advice.contradictions) or not said.contradicted


def test_the_tables_are_complete() -> None:
    assert len(MICROSOFT) == 12
    assert len(SEED) == 4
    assert set(MICROSOFT) | set(SEED) | set(CONTRADICTIONS) | set(MORE) == set(ALL)


# What none of the published trees offers


def test_the_incoming_token_is_asked_for() -> None:
    assert {choice.id for choice in TREE.facts["handed-in"].choices} == {
        "user-token",
        "other-token",
        "foreign-token",
        "app-token",
        "saml",
    }


def test_browser_second_device_and_place_are_three_questions() -> None:
    assert {"runs-in", "browser-here", "other-device"} <= set(TREE.facts)


def test_grant_and_credential_come_together() -> None:
    advice = told(CONTRADICTIONS["daemon credential with another issuer"].answers)
    assert advice.credential is not None
    assert "project_path:{group}/{project}:ref_type:branch:ref:{branch}" in advice.credential.value
    assert any("project_path:" in setting.value for setting in advice.register)


def test_scopes_are_named_for_dataverse_and_graph() -> None:
    person = told(SEED["a page that cannot keep a secret"].answers)
    program = told(SEED["a back end or cron job without a user"].answers)
    assert any("user_impersonation" in line for line in person.request)
    assert any("https://{org}.crm.dynamics.com/.default" in line for line in program.request)
    assert any("user_impersonation" in text for text in person.scopes)
    assert any(
        "https://graph.microsoft.com/.default" in line for line in told(PROGRAM + "hosted-on=github api=graph").request
    )


def test_a_national_cloud_has_addresses_of_its_own() -> None:
    advice = told(PROGRAM + "hosted-on=github api=graph cloud=us-government")
    assert advice.request[0].startswith("POST https://login.microsoftonline.us/")
    assert any("https://graph.microsoft.us/.default" in line for line in advice.request)
    assert "api://AzureADTokenExchangeUSGov" in (advice.credential.value if advice.credential else "")


@pytest.mark.parametrize(
    ("audience", "value"),
    [
        ("one-tenant", "AzureADMyOrg"),
        ("many-tenants", "AzureADMultipleOrgs"),
        ("with-personal", "AzureADandPersonalMicrosoftAccount"),
        ("personal-only", "PersonalMicrosoftAccount"),
        ("external-id", "AzureADMyOrg"),
    ],
)
def test_the_audience_is_what_gets_registered(audience: str, value: str) -> None:
    advice = told(f"token-for=user runs-in=browser page-tokens=page audience={audience}")
    assert {item.property: item.value for item in advice.register}["signInAudience"] == value


def test_sources_carry_dates() -> None:
    dates = [source.checked for source in told(MICROSOFT["daemon"].answers).sources]
    assert "2026-11-30" in dates
    assert all(dates)


def test_i_do_not_know_takes_the_safe_side_and_says_so() -> None:
    advice = told("token-for=user runs-in=browser page-tokens=unsure")
    assert advice.leaf == "spa"
    assert advice.assumed[-1].startswith(
        "Not known: Which code requests and stores the tokens for this page? Safe assumption:"
    )
    assert {fact.question: fact.by for fact in advice.facts}["page-tokens"] == "unsure"
    assert "-a page-tokens=unsure" in advice.repeat


def test_every_question_has_a_safe_side_that_is_no_last_resort() -> None:
    for question in TREE.facts.values():
        assert question.unsure is not None, question.id
        assert question.unsure.because
    everything = advise(TREE, dict.fromkeys(TREE.facts, "unsure"))
    assert not everything.last_resort


def test_open_facts_are_named_with_their_choices() -> None:
    open_facts = {fact.question: fact.choices for fact in told(MICROSOFT["daemon"].answers).not_said}
    assert "many-tenants" in open_facts["audience"]
    assert "audience" not in {
        fact.question for fact in told(MICROSOFT["daemon"].answers + " audience=one-tenant").not_said
    }


@pytest.mark.parametrize("audience", ["one-tenant", "many-tenants", "with-personal"])
@pytest.mark.parametrize("host", ["azure acts-in=own-tenant", "azure-devops", "github"])
def test_neither_an_issuer_nor_a_program_names_all_tenants(host: str, audience: str) -> None:
    advice = told(PROGRAM + f"hosted-on={host} audience={audience}")
    assert advice.credential is not None
    for text in (advice.credential.value, *advice.request):
        assert not re.search(r"/(organizations|common|consumers)/", text)


@pytest.mark.parametrize(
    ("cloud", "api", "address"),
    [
        ("us-government", "graph", "https://graph.microsoft.us/.default"),
        ("us-dod", "graph", "https://dod-graph.microsoft.us/.default"),
        ("china", "graph", "https://microsoftgraph.chinacloudapi.cn/.default"),
        ("us-government", "azure", "https://management.usgovcloudapi.net/.default"),
        ("china", "azure", "https://management.chinacloudapi.cn/.default"),
        ("us-government", "dataverse", "https://{org}.crm.microsoftdynamics.us/.default"),
        ("us-dod", "dataverse", "https://{org}.crm.appsplatform.us/.default"),
        ("china", "dataverse", "https://{org}.crm.dynamics.cn/.default"),
    ],
)
def test_every_api_has_the_address_of_its_cloud(cloud: str, api: str, address: str) -> None:
    advice = told(PROGRAM + f"hosted-on=github api={api} cloud={cloud}")
    assert any(line.strip() == f"scope={address}" for line in advice.request)
    assert any(address in line for line in advice.scopes)


def test_customers_are_not_asked_for_permissions_that_they_cannot_grant() -> None:
    advice = told("token-for=user runs-in=browser page-tokens=page api=graph audience=external-id")
    assert not any("Mail.Read" in line for line in advice.scopes)
    assert any("User.Read" in line for line in advice.warnings)


def test_a_loopback_address_says_where_the_port_is_ignored() -> None:
    for legacy in ("nothing", "own-design"):
        advice = told(f"token-for=user runs-in=cli browser-here=yes installed-legacy={legacy}")
        (why,) = [item.why for item in advice.register if item.property == "publicClient.redirectUris"]
        assert "for localhost, any port matches; for 127.0.0.1, use the registered port" in why
