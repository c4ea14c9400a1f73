"""The bundled registrations and the bundled client hold together, and give nobody away."""

import json
import re
from importlib.resources import files

import msgspec

from advisor.decide.advice import advise
from advisor.decide.load import load_tree
from advisor.demo import ANSWERS, BUNDLE, CHECKED_AT, CLIENT
from advisor.run.compose import compose
from advisor.sources.discover import read_texts
from rules.analysis.posture import posture
from rules.families import RULES
from rules.model.registration import Registration

TEXT = (files("advisor") / "demo" / "contoso.json").read_text("utf-8")
TENANT = (files("advisor") / "demo" / "contoso-tenant.jsonl").read_text("utf-8")
APPS = {app["displayName"].removeprefix("Contoso "): app for app in json.loads(TEXT)["value"]}

#: Identifiers of Microsoft Graph and of its permissions; all others are made up.
MICROSOFT = {
    "00000003-0000-0000-c000-000000000000",  # Microsoft Graph
    "e1fe6dd8-ba31-4d61-89e7-88639da4683d",  # User.Read, delegated
    "df021288-bdef-4463-88db-98f22de89214",  # User.Read.All, application
    "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",  # Application.ReadWrite.All, application
    "810c84a8-4a9e-49e6-bf7d-12d183f40d01",  # Mail.Read, application
    "ef54d2bf-783f-4e0f-bca1-3210c0444d99",  # Calendars.ReadWrite, application
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7",  # Directory.ReadWrite.All, application
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a",  # the tenant that owns Microsoft Graph
    "2af84b1e-32c8-42b7-82bc-daa82404023b",  # the role of guests with the least rights
    "dffd5d46-495d-40a9-8e21-954ff55e198a",  # the template of the consent settings
}


def allowed(name: str) -> set[str]:
    app = msgspec.convert(APPS[name], Registration)
    facts = posture(app, CHECKED_AT)
    assert all(fact.state != "unknown" for fact in facts)
    return {fact.grant for fact in facts if fact.state == "allowed"}


def test_the_client_gets_its_advice() -> None:
    advice = advise(load_tree(), ANSWERS, client_name=CLIENT)
    assert (advice.leaf, advice.contradictions) == ("spa", ())
    assert any("third-party cookies" in warning for warning in advice.warnings)


def test_the_file_is_indented_json_of_graph() -> None:
    assert json.dumps(json.loads(TEXT), indent=2) + "\n" == TEXT
    assert len(APPS) == len({app["appId"] for app in APPS.values()}) == len({app["id"] for app in APPS.values()}) == 9


def test_identifiers_are_made_up_and_addresses_are_those_of_contoso() -> None:
    for found in set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", TEXT + TENANT)) - MICROSOFT:
        assert len(set(found.replace("-", ""))) <= 5, found
    hosts = set(re.findall(r"https?://([^/\"]+)", TEXT))
    others = {host for host in hosts if host != "localhost" and not host.endswith("contoso.com")}
    assert others == {"graph.microsoft.com", "login.microsoftonline.com", "token.actions.githubusercontent.com"}
    assert all(name.endswith("@contoso.com") for name in re.findall(r'"userPrincipalName": "([^"]+)"', TEXT))
    assert not re.search(r'"(?:secretText|hint|key)": "', TEXT)


def test_the_postures_tell_the_story() -> None:
    assert {"authorization_code", "implicit", "hybrid", "client_credentials"} <= allowed("Customer Portal")
    assert {"authorization_code", "implicit"} <= allowed("Orders")
    assert allowed("Field Service") == {"authorization_code", "refresh_token"}
    assert {"client_credentials"} <= allowed("Nightly Sync")
    assert {"device_code", "password", "client_credentials"} <= allowed("Admin CLI")
    assert "authorization_code" not in allowed("Travel Expenses")
    assert {"on_behalf_of", "client_credentials"} <= allowed("Orders API")
    assert {"client_credentials"} <= allowed("Deployment Pipeline")


def test_the_tenant_shows_what_files_do_not() -> None:
    reading = read_texts({name: (files("advisor") / "demo" / name).read_bytes() for name in BUNDLE})
    assert reading.problems == ()
    assert {source.status for source in reading.inputs} == {"read"}
    report = compose(title="", version="", now=CHECKED_AT, made_at=CHECKED_AT, rules=RULES, reading=reading)
    rows = {row.key: row for row in report.registrations}
    said = {(rows[one.registration].kind, rows[one.registration].name, one.rule) for one in report.findings}
    assert said >= {
        ("tenant", "Contoso", "unrestricted-user-consent"),
        ("service-principal", "Fabrikam Calendar Sync", "granted-application-permission"),
        ("registration", "Contoso Mail Archive", "granted-application-permission"),
        ("registration", "Contoso Lunch Menu", "credentials-of-disabled-application"),
    }
