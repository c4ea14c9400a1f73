"""What a registration says about its client, how it fits the advice, and what it is built for."""

from typing import Any

import msgspec
import pytest

from advisor.decide.advice import advise
from advisor.decide.fit import fit
from advisor.decide.infer import built_for, infer
from advisor.decide.load import load_tree
from reports.advice import Fit
from rules.model.clean import KINDS, NOW, clean, merged_into
from rules.model.registration import Registration

TREE = load_tree()
SECRET = {"keyId": "k", "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
ROLE = {"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": "r", "type": "Role"}]}
GITHUB = {
    "name": "gh",
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "repo:c/r:environment:prod",
    "audiences": ["api://AzureADTokenExchange"],
}


def read(kind: str, fragment: dict[str, Any] | None = None) -> Registration:
    return msgspec.convert(merged_into(kind, fragment or {}), Registration)


def answers(kind: str, fragment: dict[str, Any] | None = None) -> dict[str, str]:
    return {one.question: one.choice for one in infer(read(kind, fragment))}


def fitted(app: Registration, said: str) -> Fit:
    return fit(advise(TREE, dict(word.split("=") for word in said.split())), app, "App")


# Inference


@pytest.mark.parametrize(
    ("kind", "fragment", "expected"),
    [
        ("spa", {}, {"token-for": "user", "runs-in": "browser"}),
        ("spa", {"spa": {"redirectUris": ["brk-multihub://a.contoso.com"]}}, {"runs-in": "office",
            "office-server": "no"}),
        ("spa", {"spa": {"redirectUris": ["https://abcdef.chromiumapp.org/"]}}, {"runs-in": "extension"}),
        ("web", {}, {"token-for": "user", "runs-in": "server", "keeps-credential": "yes"}),
        ("web", {"web": {"redirectUris": ["https://global.consent.azure-apim.net/redirect/x"]}},
            {"runs-in": "low-code"}),
        ("native", {"publicClient": {"redirectUris": ["msauth://com.contoso.app/abc"]}}, {"runs-in": "mobile"}),
        ("daemon", {"federatedIdentityCredentials": [GITHUB]}, {"token-for": "program", "app-permission": "yes",
            "hosted-on": "github"}),
        ("spa", {"signInAudience": "AzureADMultipleOrgs"}, {"audience": "many-tenants"}),
        ("spa", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, {"today": "implicit"}),
    ],
)  # fmt: skip
def test_a_property_answers_a_question(kind: str, fragment: dict[str, Any], expected: dict[str, str]) -> None:
    found = answers(kind, fragment)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_inferred_is_known_to_the_tree_and_gives_its_evidence(kind: str) -> None:
    for one in infer(read(kind)):
        assert TREE.facts[one.question].choice(one.choice) is not None
        assert one.because


def test_what_points_in_two_directions_is_left_to_be_asked() -> None:
    assert "runs-in" not in answers("web", {"spa": {"redirectUris": ["https://b.contoso.com/"]}})
    assert "runs-in" not in answers("native", {"publicClient": {"redirectUris": ["http://localhost"]}})


def test_what_was_not_read_says_nothing() -> None:
    assert infer(Registration()) == ()


# Fit

PAGE = "token-for=user runs-in=browser page-tokens=page"


def test_a_clean_page_fits() -> None:
    found = fitted(read("spa"), PAGE)
    assert {row.verdict for row in found.rows} == {"same"}
    assert found.patch is None
    assert found.by_hand == ()


def test_what_differs_is_said_row_by_row_with_the_patch() -> None:
    fragment = {
        "web": {
            "implicitGrantSettings": {"enableAccessTokenIssuance": True},
            "redirectUris": ["https://old.contoso.com/"],
        },
        "isFallbackPublicClient": True,
        "passwordCredentials": [SECRET],
        "signInAudience": "AzureADMultipleOrgs",
    }
    found = fitted(read("spa", fragment), PAGE)
    assert {row.property for row in found.rows if row.verdict == "differs"} == {
        "web.redirectUris",
        "web.implicitGrantSettings.enableAccessTokenIssuance",
        "isFallbackPublicClient",
        "passwordCredentials",
        "signInAudience",
    }
    assert found.patch == {
        "web": {"redirectUris": [], "implicitGrantSettings": {"enableAccessTokenIssuance": False}},
        "isFallbackPublicClient": False,
        "signInAudience": "AzureADMyOrg",
    }
    assert any(text.startswith("remove the credentials in passwordCredentials") for text in found.by_hand)


def test_the_patch_fixes_what_it_names() -> None:
    fragment = {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}, "isFallbackPublicClient": True}
    found = fitted(read("spa", fragment), PAGE)
    fixed = msgspec.convert(merged_into("spa", {**fragment, **(found.patch or {})}), Registration)
    assert fitted(fixed, PAGE).patch is None


def test_what_was_not_read_is_not_said_to_differ() -> None:
    found = fitted(Registration(), PAGE)
    assert {row.verdict for row in found.rows} == {"not-read"}
    assert found.patch is None


def test_application_permissions_do_not_fit_a_client_for_people() -> None:
    app = read("daemon", {"requiredResourceAccess": [ROLE]})
    row = next(row for row in fitted(app, PAGE).rows if row.property == "requiredResourceAccess")
    assert (row.verdict, row.present) == ("differs", "application permissions (type Role)")


def test_a_daemon_fits_with_the_credential_of_its_place() -> None:
    said = "token-for=program app-permission=yes keeps-credential=yes hosted-on=github"
    app = read("daemon", {"federatedIdentityCredentials": [GITHUB], "keyCredentials": [], "passwordCredentials": []})
    assert {row.verdict for row in fitted(app, said).rows} == {"same"}


# The inverse


@pytest.mark.parametrize(
    ("kind", "fragment", "grants"),
    [
        ("spa", {}, ["authorization_code"]),
        ("daemon", {}, ["client_credentials"]),
        ("daemon", {"requiredResourceAccess": [ROLE]}, ["client_credentials"]),
        ("api", {}, ["none"]),
        ("native", {"isFallbackPublicClient": True}, ["authorization_code", "device_code"]),
        ("spa", {"web": {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}}, ["authorization_code",
            "implicit"]),
    ],
)  # fmt: skip
def test_what_a_registration_is_built_for(kind: str, fragment: dict[str, Any], grants: list[str]) -> None:
    built = built_for(read(kind, fragment), "App", NOW)
    assert [item.property for item in built.grants] == grants
    assert all(item.why for item in built.grants)


def test_what_works_besides_is_told_apart() -> None:
    built = built_for(read("spa", {"passwordCredentials": [SECRET]}), "App", NOW)
    assert "client_credentials" in [item.property for item in built.besides]
    assert "client_credentials" not in [item.property for item in built.grants]


def test_a_grant_that_was_meant_and_does_not_work_says_so() -> None:
    data = clean("daemon")
    data["requiredResourceAccess"] = [ROLE]
    data["keyCredentials"], data["passwordCredentials"], data["federatedIdentityCredentials"] = [], [], []
    (only,) = built_for(msgspec.convert(data, Registration), "App", NOW).grants
    assert only.value == "Client credentials, but this grant does not work today"
