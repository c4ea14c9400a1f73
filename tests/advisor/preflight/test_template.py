"""A registration made from scratch is clean, and says the same in every form."""

import json
import re
import shlex
from typing import Any

import msgspec
import pytest

from advisor.preflight.recipe import Preferences, make_recipe
from advisor.preflight.template import RENDERERS, RegistrationTemplate, make_template
from advisor.templates import language
from advisor.templates.plan import plan_of
from rules.analysis.grants import TOKEN_GRANTS, Grant, posture
from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW
from rules.model.registration import Registration
from rules.model.settings import Settings

CASES = [(row, platform) for row in TOKEN_GRANTS for platform in (row.platforms or (None,)) if row.id != "implicit"]
FORMS = [*RENDERERS, "az", "terraform", "bicep"]
NAME = "Contoso ${Orders} 'Portal'"
REDIRECTS = {
    "web": "https://app.contoso.com/signin-oidc",
    "spa": "https://app.contoso.com/",
    "publicClient": "http://127.0.0.1",
}


def template(row: Grant, platform: Any, credential: str | None = None, api: str = "graph") -> RegistrationTemplate:
    preferences = Preferences(
        platform=platform, api=api, credential=credential or "", redirect_uri=REDIRECTS.get(platform, "")
    )
    made = make_recipe(row, None, preferences, NOW, "R".__mul__)
    return make_template(
        row, preferences, name=NAME, platform=made.platform, redirect_uri=made.redirect_uri, credential=made.credential
    )


def written(form: str, made: RegistrationTemplate) -> str:
    return RENDERERS[form](made) if form in RENDERERS else language(form)(plan_of(made))


@pytest.mark.parametrize(("row", "platform"), CASES, ids=lambda value: getattr(value, "id", str(value)))
def test_linting_it_gives_no_finding(row: Grant, platform: Any) -> None:
    app = msgspec.convert(template(row, platform).body, Registration)
    prediction = lint([Subject("new", app)], RULES, Context(NOW, Settings()))
    # What the grant itself brings, whoever registers it: the fallback that it needs, the ID token of the sign-in page.
    own = (
        {"public-client-flows-enabled"}
        if app.is_fallback_public_client
        else {"implicit-id-token"}
        if row.id == "hybrid"
        else set()
    )
    assert {finding.rule for finding in prediction.findings} <= own


@pytest.mark.parametrize(("row", "platform"), CASES, ids=lambda value: getattr(value, "id", str(value)))
def test_it_allows_the_grant_once_its_credential_is_there(row: Grant, platform: Any) -> None:
    made = template(row, platform)
    more = {
        "passwordCredentials": [],
        "federatedIdentityCredentials": [],
        "keyCredentials": [{"usage": "Verify", "endDateTime": "2027-01-01T00:00:00Z"}] if made.credential else [],
    }
    if row.id == "on_behalf_of":
        made.body["api"]["oauth2PermissionScopes"] = [{"id": "s", "value": "access", "isEnabled": True}]
    app = msgspec.convert({**made.body, **more}, Registration)
    states = {fact.grant: fact.state for fact in posture(app, NOW)}
    assert states[row.id] == "allowed"


@pytest.mark.parametrize("credential", ["secret", "certificate", "federated", "managed_identity"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_what_the_body_says(form: str, credential: str) -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "authorization_code")
    made = template(row, "web", credential)
    text = written(form, made)
    assert REDIRECTS["web"] in text
    assert "00000003-0000-0000-c000-000000000000" in text
    body = json.loads(json.dumps(made.body))
    if form == "graph-json":
        assert json.loads(text) == body
    elif form == "az":
        words = shlex.split(text.partition("\n}\n\n")[2], comments=True)
        sent = json.loads(words[words.index("upsert") + 2])
        assert {**body, "api": sent["api"], "appRoles": []} == sent
    elif form == "powershell":
        assert json.loads(text.partition("@'\n")[2].partition("\n'@")[0]) == body
    else:
        assert text.count("{") == text.count("}")
    if form != "graph-json":
        assert (credential == "secret") == bool(re.search(r"secret|azuread_application_password", text, re.IGNORECASE))


def test_a_name_runs_nothing_in_any_form() -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "device_code")
    made = msgspec.structs.replace(template(row, None), name="a\nb${c}'d")
    made.body["displayName"] = "a\nb${c}'d"
    assert '= "a\\\\nb$${c}\'d"\n' in written("terraform", made)
    assert r"displayName: 'a\\nb\${c}\'d'" in written("bicep", made)
    assert "\nb$" not in written("az", made).replace("\\n", "")


def test_what_cannot_be_known_is_said() -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "authorization_code")
    assert template(row, "spa", api="api://orders").notes == (
        "add the permissions of api://orders under requiredResourceAccess",
    )


@pytest.mark.parametrize("form", [form for form in FORMS if form != "graph-json"])
@pytest.mark.parametrize("credential", ["federated", "managed_identity"])
def test_a_federated_credential_trusts_nobody_until_it_is_filled_in(form: str, credential: str) -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "client_credentials")
    text = written(form, template(row, None, credential))
    assert "githubusercontent" not in text
    assert re.search(r"subject[^\n]*\{" if form != "bicep" else r"\{[^\n]*\nparam \w+Subject", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("trusts", "issuer", "subject"),
    [
        ("issuer https://gitlab.com (or your own), subject project_path:{p}, audience as asked", "https://gitlab.com",
            "project_path:{p}"),
        ("issuer {URL of the issuer}, subject system:x (exact), audience y", "{URL of the issuer}", "system:x"),
        ("issuer and subject as the page shows them; audience y", "{issuer of the platform}", "{exact subject}"),
    ],
)  # fmt: skip
def test_it_trusts_what_the_advice_says(trusts: str, issuer: str, subject: str) -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "client_credentials")
    made = make_template(
        row, Preferences(), name=NAME, platform=None, redirect_uri="", credential="federated", trusts=trusts
    )
    assert (made.trust.issuer, made.trust.subject) == (issuer, subject)


def test_where_no_registration_is_needed_for_the_identity_none_trusts_it() -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "client_credentials")
    said = "nothing: the permissions are granted to the identity of the server"
    made = make_template(
        row, Preferences(), name=NAME, platform=None, redirect_uri="", credential="managed_identity", trusts=said
    )
    text = written("az", made)
    assert "federatedIdentityCredentials(" not in text
    assert said in text.replace("\n#   ", " ")


@pytest.mark.parametrize(
    ("login", "graph", "audience"),
    [
        ("login.microsoftonline.com", "https://graph.microsoft.com", "api://AzureADTokenExchange"),
        ("login.microsoftonline.us", "https://graph.microsoft.us", "api://AzureADTokenExchangeUSGov"),
        ("login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn",
            "api://AzureADTokenExchangeChina"),
    ],
)  # fmt: skip
def test_each_cloud_has_its_own_graph_and_audience(login: str, graph: str, audience: str) -> None:
    row = next(row for row in TOKEN_GRANTS if row.id == "client_credentials")
    preferences = Preferences(login=login, credential="managed_identity")
    made = make_template(row, preferences, name=NAME, platform=None, redirect_uri="", credential="managed_identity")
    assert f"graph={graph}/v1.0" in written("az", made)
    assert made.trust.audience == audience
    assert made.trust.issuer.startswith(f"https://{login}/")
    assert make_recipe(row, None, preferences, NOW, "R".__mul__).scope == f"{graph}/.default"
