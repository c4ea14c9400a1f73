"""The requests that a report shows of a registration work: each was checked, is accepted as shown, and holds no
secret.
"""

import json
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from advisor.preflight.read import read_requests
from advisor.preflight.steps import predict_all
from advisor.preflight.working_requests import Home, Requests
from advisor.run.compose import compose
from advisor.sources.discover import read_texts
from reports.html.posture import words
from reports.html.requests import drawings_of, request_views
from reports.parts import split
from reports.redact import redact
from reports.report import Report
from rules.analysis.posture import posture
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.registration import Registration

DEMO = Path(__file__).parents[3] / "advisor" / "demo" / "contoso.json"
GRAPH = "00000003-0000-0000-c000-000000000000"
DATAVERSE = "00000007-0000-0000-c000-000000000000"
OWN_API = "99999999-9999-4999-8999-999999999999"
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
SECRET = [{"keyId": "k", "endDateTime": "2026-06-01T00:00:00Z"}]
EXPIRED = [{"keyId": "k", "endDateTime": "2025-06-01T00:00:00Z"}]
CERTIFICATE = [{"keyId": "c", "type": "AsymmetricX509Cert", "usage": "Verify", "endDateTime": "2026-06-01T00:00:00Z"}]
FEDERATED = [{"name": "f", "issuer": "https://a.example", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}]


def report_of(*apps: dict[str, Any]) -> Report:
    reading = read_texts({"apps.json": json.dumps({"value": apps}).encode()})
    return compose(title="", version="", now=NOW, made_at=NOW, reading=reading)


def shown(report: Report) -> dict[str, dict[str, str]]:
    """By registration and grant the requests as the page shows them, as one .http text."""
    written = request_views(report, drawings_of(report), {}).written
    return {
        key: {
            way.grant.lower().replace(" ", "_"): "\n###\n".join(_plain(step.text) for step in way.steps)
            for way in view.ways
        }
        for key, view in written.items()
    }


def _plain(markup: Markup) -> str:
    """The text of markup with its lines kept."""
    return "\n".join(unescape(Markup(line).striptags()) if line.strip() else line for line in markup.split("\n"))


def allowed(report: Report, key: str) -> set[str]:
    row = next(row for row in report.postures if row.registration == key)
    return {entry.grant for entry in row.entries if entry.state == "allowed"}


def assert_accepted(text: str, app: Registration) -> None:
    requests = read_requests(text.encode(), "http")
    assert requests
    for prediction in predict_all(requests, lambda _: app, NOW):
        assert prediction.outcome == "accepted", (
            text,
            [c for c in prediction.checks if c.state in ("failed", "unread")],
        )


CASES = [clean(kind) for kind in KINDS if kind != "blueprint"] + [
    merged_into("native", {"isFallbackPublicClient": True}),
    merged_into("native", {"isFallbackPublicClient": True, "signInAudience": "AzureADandPersonalMicrosoftAccount"}),
    merged_into("spa", {"signInAudience": "PersonalMicrosoftAccount"}),
    merged_into("api", {"passwordCredentials": SECRET}),
    merged_into("web", {"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}),
    merged_into("spa", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True,
        "enableIdTokenIssuance": True}}}),
    merged_into("web", {"spa": {"redirectUris": ["https://portal.contoso.com/"]}, "keyCredentials": []}),
    merged_into("daemon", {"requiredResourceAccess": [{"resourceAppId": OWN_API, "resourceAccess": [{"id": "r",
        "type": "Role"}]}]}),
    merged_into("web", {"requiredResourceAccess": [{"resourceAppId": DATAVERSE, "resourceAccess": [{"id": "s",
        "type": "Scope"}]}]}),
    merged_into("native", {"publicClient": {"redirectUris": []}, "isFallbackPublicClient": True}),
]  # fmt: skip


def test_the_requests_of_a_blueprint_are_withheld_since_they_name_an_agent_identity() -> None:
    (row,) = report_of(clean("blueprint")).working
    assert row.requests == ()
    assert {one.grant for one in row.withheld} == {"client_credentials", "on_behalf_of", "refresh_token"}
    assert all("fmi_path" in one.why for one in row.withheld)


@pytest.mark.parametrize("app", CASES, ids=range(len(CASES)))
def test_every_grant_of_a_posture_is_shown_and_its_request_accepted(app: dict[str, Any]) -> None:
    report = report_of(app)
    (texts,) = shown(report).values()
    assert set(texts) == allowed(report, report.registrations[0].key)
    assert report.working[0].withheld == ()
    for text in texts.values():
        assert_accepted(text, msgspec.convert(app, Registration))


def test_the_requests_of_the_demo_are_accepted_and_what_is_not_shown_says_why() -> None:
    reading = read_texts({"demo.json": DEMO.read_bytes()})
    report = compose(title="", version="", now=NOW, made_at=NOW, reading=reading)
    apps = {subject.key: subject.app for subject in reading.subjects}
    texts = shown(report)
    assert sum(map(len, texts.values())) > 25
    for row in report.working:
        assert {*texts[row.registration], *(one.grant for one in row.withheld)} == allowed(report, row.registration)
        assert all(one.why for one in row.withheld)
        for text in texts[row.registration].values():
            assert_accepted(text, apps[row.registration])


def test_a_grant_that_is_blocked_or_not_known_has_no_request_but_a_reason() -> None:
    report = report_of(
        {**clean("web"), "isFallbackPublicClient": None},
        {"appId": OWN_API, "displayName": "Fragment", "spa": {"redirectUris": ["https://a.example/"]}},
    )
    views = request_views(report, drawings_of(report), {}).written
    withheld = {row.registration: row.withheld for row in report.working}
    for row in report.postures:
        view = views[row.registration]
        named = {grant for grants, _ in view.why_not for grant in grants.split(", ")}
        silent = {words(one.grant) for one in withheld[row.registration]} | {
            words(entry.grant) for entry in row.entries if entry.state != "allowed"
        }
        assert named == silent
        assert all(why for _, why in view.why_not)
    assert any(why.startswith("not known, ") for view in views.values() for _, why in view.why_not)


def test_a_grant_that_should_not_be_used_says_so_and_names_what_replaces_it() -> None:
    report = report_of(merged_into("native", {"isFallbackPublicClient": True}))
    ways = {
        way.grant: way for view in request_views(report, drawings_of(report), {}).written.values() for way in view.ways
    }
    assert "RFC 9700 forbids this grant" in ways["password"].care
    assert ways["password"].instead.startswith("Authorization code with PKCE")
    assert ways["authorization code"].instead == ""


def test_registrations_that_send_the_same_share_one_text() -> None:
    apps = [
        {
            **clean("spa"),
            "appId": f"{n:08x}-1111-4111-8111-111111111111",
            "spa": {"redirectUris": [f"https://a{n}.example/"]},
        }
        for n in range(40)
    ]
    report = report_of(*apps)
    assert len(report.requests) == len(allowed(report, report.registrations[0].key))
    assert {row.redirect_uris["spa"] for row in report.working} == {f"https://a{n}.example/" for n in range(40)}
    assert {row.grant for row in report.sequences} == {text.grant for text in report.requests}


@pytest.mark.parametrize(
    ("resources", "scope"),
    [
        ([], "openid offline_access https://graph.microsoft.com/User.Read"),
        ([(GRAPH, USER_READ)], "openid offline_access https://graph.microsoft.com/User.Read"),
        ([(GRAPH, "other")], "openid offline_access https://graph.microsoft.com/.default"),
        ([(GRAPH, USER_READ), (OWN_API, "x")], f"openid offline_access {OWN_API}/.default"),
        ([(GRAPH, "other"), (OWN_API, "x")], "openid offline_access https://graph.microsoft.com/.default"),
        ([(GRAPH, USER_READ), (DATAVERSE, "x")], "openid offline_access https://{environment}/.default"),
    ],
)
def test_the_scope_is_one_that_the_registration_asks_for(resources: list[tuple[str, str]], scope: str) -> None:
    rows = [{"resourceAppId": api, "resourceAccess": [{"id": id_, "type": "Scope"}]} for api, id_ in resources]
    report = report_of(merged_into("spa", {"requiredResourceAccess": rows}))
    assert dict(report.requests[0].steps[0].parameters)["scope"] == scope


@pytest.mark.parametrize(
    "uri", ["https://*.contoso.com/", "https://user:hunter2@contoso.com/", "https://contoso.com/{tenant}",
        "https://contoso.com/a b"]
)  # fmt: skip
def test_a_redirect_uri_that_no_request_can_name_is_withheld_and_shown_nowhere(uri: str) -> None:
    report = report_of(merged_into("spa", {"spa": {"redirectUris": [uri]}}))
    assert report.requests == ()
    assert {one.grant for one in report.working[0].withheld} == allowed(report, report.registrations[0].key)
    assert uri not in str(report.working)


def test_a_redirect_uri_on_two_platforms_is_passed_over() -> None:
    report = report_of(
        merged_into(
            "native",
            {
                "publicClient": {"redirectUris": ["http://localhost:1", "myapp://auth"]},
                "spa": {"redirectUris": ["http://localhost:2"]},
            },
        )
    )
    assert report.working[0].redirect_uris == {"publicClient": "myapp://auth"}


def test_a_part_has_its_own_requests_and_a_redacted_report_none() -> None:
    report = report_of(clean("spa"), clean("daemon"))
    part = next(part for part in split(report, "registration") if "orders" in part.slug).report
    assert {text.grant for text in part.requests} == {"authorization_code", "refresh_token"}
    assert {row.grant for row in part.sequences} == {"authorization_code", "refresh_token"}
    assert len(part.working) == 1
    hidden = redact(report, "names")
    assert (hidden.requests, hidden.working) == ((), ())


URIS = st.lists(
    st.sampled_from(
        ["https://a.example/cb", "https://b.example/", "http://localhost", "http://localhost:8080/",
            "http://a.example/cb",
         "myapp://auth", "https://*.example/", "https://a.example/x?y=1"]
    ),
    max_size=3,
    unique=True,
)  # fmt: skip
APPS = st.fixed_dictionaries(
    {
        "signInAudience": st.sampled_from(["AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount",
            "PersonalMicrosoftAccount"]),
        "isFallbackPublicClient": st.sampled_from([True, False, None]),
        "web": st.fixed_dictionaries(
            {
                "redirectUris": URIS,
                "implicitGrantSettings": st.fixed_dictionaries(
                    {"enableAccessTokenIssuance": st.booleans(), "enableIdTokenIssuance": st.booleans()}
                ),
            }
        ),
        "spa": st.fixed_dictionaries({"redirectUris": URIS}),
        "publicClient": st.fixed_dictionaries({"redirectUris": URIS}),
        "passwordCredentials": st.sampled_from([[], SECRET, EXPIRED]),
        "keyCredentials": st.sampled_from([[], CERTIFICATE, EXPIRED]),
        "federatedIdentityCredentials": st.sampled_from([[], FEDERATED]),
        "requiredResourceAccess": st.lists(
            st.builds(
                lambda api, id_, kind: {"resourceAppId": api, "resourceAccess": [{"id": id_, "type": kind}]},
                st.sampled_from([GRAPH, DATAVERSE, OWN_API]), st.sampled_from([USER_READ, "other"]),
                    st.sampled_from(["Scope", "Role"]),
            ),
            max_size=2,
        ),
    }
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            APPS,
            st.sets(
                st.sampled_from(
                    [
                        "isFallbackPublicClient",
                        "keyCredentials",
                        "federatedIdentityCredentials",
                        "requiredResourceAccess",
                    ]
                ),
                max_size=1,
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_shown_is_accepted_whatever_the_registration_is(cases: list[tuple[dict[str, Any], set[str]]]) -> None:
    """Shapes are checked once for a run: what came before must not change what a registration is told."""
    together = Requests(NOW)
    for number, (fragment, left_out) in enumerate(cases):
        raw = {name: value for name, value in merged_into("api", fragment).items() if name not in left_out}
        app = msgspec.convert(raw, Registration)
        facts = posture(app, NOW)
        row = together.row(f"{number}", app, facts)
        texts = {text.id: text for text in together.texts}
        alone = Requests(NOW)
        own = alone.row(f"{number}", app, facts)
        bare = [msgspec.structs.replace(texts[name], id="") for name in row.requests]
        assert bare == [msgspec.structs.replace(text, id="") for text in alone.texts]
        assert (row.redirect_uris, row.withheld) == (own.redirect_uris, own.withheld)
        shown_grants = {text.grant for text in bare} | {one.grant for one in row.withheld}
        assert all(one.why for one in row.withheld)
        assert shown_grants == {fact.grant for fact in facts if fact.state == "allowed"}


def test_another_cloud_has_its_own_hosts() -> None:
    app = msgspec.convert(clean("daemon"), Registration)
    requests = Requests(NOW)
    home = Home("0f0f0f0f-0000-4000-8000-000000000001", "login.microsoftonline.us", "https://graph.microsoft.us")
    requests.row("k", app, posture(app, NOW), home)
    step, call = requests.texts[0].steps
    assert step.url == "https://login.microsoftonline.us/0f0f0f0f-0000-4000-8000-000000000001/oauth2/v2.0/token"
    assert dict(step.parameters)["scope"] == "https://graph.microsoft.us/.default"
    assert call.url.startswith("https://graph.microsoft.us/v1.0/")
