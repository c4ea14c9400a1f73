"""Secrets and certificates: what was not read is not assessed, and is no reason for a verdict."""

from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.fragments import CERTIFICATE, FEDERATED, SECRET
from rules.model.registration import Registration, Unread, mark_unread

EXPIRED = {**SECRET, "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-12-01T00:00:00Z"}
ENDING = {**SECRET, "endDateTime": "2026-02-05T00:00:00Z"}


def without(name: str, credential: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in credential.items() if key != name}


def secrets(*credentials: dict[str, Any], **more: Any) -> dict[str, Any]:
    numbered = [{**one, "keyId": f"k{number}"} for number, one in enumerate(credentials)]
    return {"passwordCredentials": numbered, "keyCredentials": [], **more}


def keys(*credentials: dict[str, Any], **more: Any) -> dict[str, Any]:
    numbered = [{**one, "keyId": f"c{number}"} for number, one in enumerate(credentials)]
    return {"passwordCredentials": [], "keyCredentials": numbered, **more}


def said(
    rule: str, fragment: dict[str, Any], base: str = "web", unread: tuple[str, ...] = ()
) -> tuple[dict[str, str], set[str]]:
    """What *rule* says by pointer, and what it could not assess."""
    app = msgspec.convert(merged_into(base, fragment), Registration)
    mark_unread(app, {pointer: Unread("placeholder") for pointer in unread})
    result = lint([Subject("x", app)], [one for one in RULES if one.id == rule], Context(NOW))
    return (
        {found.pointer: f"{found.severity}: {found.message}" for found in result.findings},
        {gap.pointer for gap in result.not_assessed},
    )


@pytest.mark.parametrize("end", [None, "soon"])
def test_a_credential_without_a_readable_end_is_not_assessed(end: str | None) -> None:
    assert said("long-lived-credential", secrets({**SECRET, "endDateTime": end})) == (
        {},
        {"/passwordCredentials/0/endDateTime"},
    )


def test_a_credential_that_was_not_read_may_be_a_valid_one() -> None:
    second = ("/passwordCredentials/1",)
    found, _ = said("expired-credential", secrets(EXPIRED), unread=())
    assert found == {
        "/passwordCredentials/0": "medium: lists a secret that expired on 2025-12-01, and no valid credential"
    }
    found, gaps = said("expired-credential", secrets(EXPIRED, SECRET), unread=second)
    assert (found, gaps) == ({"/passwordCredentials/0": "low: lists a secret that expired on 2025-12-01"}, {*second})
    assert said("expiring-credential", secrets(ENDING, SECRET), unread=second) == ({}, {*second})


def test_an_unread_federated_credential_may_be_a_valid_one() -> None:
    federated = {"federatedIdentityCredentials": []}
    found, _ = said("expired-credential", secrets(EXPIRED, **federated), unread=("/federatedIdentityCredentials",))
    assert found == {"/passwordCredentials/0": "low: lists a secret that expired on 2025-12-01"}


@pytest.mark.parametrize(("base", "more"), [("spa", {}), ("native", {}), ("native", {"isFallbackPublicClient": True})])
def test_a_public_client_does_not_stop_when_a_credential_expires(base: str, more: dict[str, Any]) -> None:
    found, _ = said("expiring-credential", secrets(ENDING, **more), base)
    assert [text.partition(":")[0] for text in found.values()] == ["low"]


def test_only_credentials_that_are_known_to_be_valid_are_counted() -> None:
    unknown = without("endDateTime", SECRET)
    places = {f"/passwordCredentials/{number}/endDateTime" for number in range(3)}
    assert said("several-valid-credentials", secrets(unknown, unknown, unknown)) == ({}, places)
    assert said("several-valid-credentials", secrets(unknown, unknown)) == ({}, set())
    assert said("several-valid-credentials", secrets(SECRET, SECRET, SECRET, unknown))[0] == {
        "/passwordCredentials": "low: has 3 valid secrets; the limit is 2"
    }


def test_symmetric_keys_and_certificates_are_counted_together() -> None:
    found, _ = said("several-valid-credentials", keys({**CERTIFICATE, "type": "Symmetric"}, CERTIFICATE, CERTIFICATE))
    assert found == {"/keyCredentials": "low: has 3 valid key credentials; the limit is 2"}


def test_a_name_that_was_not_read_is_not_a_missing_one() -> None:
    assert said("unnamed-credential", secrets(without("displayName", SECRET))) == (
        {},
        {"/passwordCredentials/0/displayName"},
    )


@pytest.mark.parametrize(
    ("rule", "base", "more"),
    [
        ("secret-beside-federation", "daemon", {}),
        ("credential-without-use", "api", {}),
        ("entra-connect-secret", "web", {"displayName": "ConnectSyncProvisioning_DC01_a1b2"}),
    ],
)
def test_whether_a_secret_without_an_end_is_valid_is_not_known(rule: str, base: str, more: dict[str, Any]) -> None:
    found, gaps = said(rule, secrets(without("endDateTime", SECRET), **more), base)
    assert (found, gaps) == ({}, {"/passwordCredentials/0/endDateTime"})


@pytest.mark.parametrize(
    ("rule", "more", "base", "pointer"),
    [
        ("secret-beside-federation", {"federatedIdentityCredentials": [FEDERATED]}, "daemon", "/passwordCredentials/0"),
        ("several-valid-credentials", {}, "web", "/passwordCredentials"),
        ("credential-without-use", {}, "api", "/passwordCredentials/0"),
    ],
)
def test_a_secret_that_code_creates_for_some_days_is_unexpired(
    rule: str, more: dict[str, Any], base: str, pointer: str
) -> None:
    undated = {**without("startDateTime", without("endDateTime", SECRET)), "lifetimeDays": 90}
    found, gaps = said(rule, secrets(undated, undated, undated, **more), base)
    assert pointer in found
    assert gaps == set()


def test_a_federated_credential_that_no_token_matches_replaces_no_secret() -> None:
    broken = {**FEDERATED, "issuer": "https://gitlab.com/"}
    assert said("secret-beside-federation", secrets(SECRET, federatedIdentityCredentials=[broken])) == ({}, set())
    found, _ = said("expired-credential", secrets(EXPIRED, federatedIdentityCredentials=[broken]))
    assert found["/passwordCredentials/0"].startswith("medium")


@pytest.mark.parametrize(
    ("rule", "fragment", "pointer"),
    [
        ("password-credential", secrets(SECRET), "/passwordCredentials"),
        ("symmetric-key-credential", keys({**CERTIFICATE, "type": "Symmetric"}), "/keyCredentials/0"),
    ],
)
def test_what_a_leaked_secret_grants_is_not_known_with_a_permission_that_no_table_lists(
    rule: str, fragment: dict[str, Any], pointer: str
) -> None:
    role = {"id": "99999999-9999-4999-8999-999999999999", "type": "Role"}
    graph = {"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [role]}
    found, gaps = said(rule, {**fragment, "requiredResourceAccess": [graph]}, "daemon")
    assert list(found) == [pointer]
    assert gaps == {"/requiredResourceAccess/0/resourceAccess/0"}


def test_a_credential_that_expires_on_the_day_on_which_it_begins_is_reported_with_the_times() -> None:
    one = {**SECRET, "startDateTime": "2026-01-10T09:00:00Z", "endDateTime": "2026-01-10T08:00:00Z"}
    assert said("impossible-credential-dates", secrets(one))[0] == {
        "/passwordCredentials/0": "low: has a secret that expires on 2026-01-10T08:00:00Z "
        "and becomes valid on 2026-01-10T09:00:00Z"
    }


def test_a_secret_that_is_listed_twice_counts_once() -> None:
    same = {**secrets(SECRET), "passwordCredentials": [{**SECRET, "keyId": "K"}, {**SECRET, "keyId": "k"}]}
    assert said("password-credential", same)[0] == {"/passwordCredentials": "low: has 1 unexpired client secret"}
