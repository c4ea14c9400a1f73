"""Rules over evidence of use: silence counts only where complete sources would have shown a use."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from rules.analysis.usage import application_use, observed
from rules.docs.examples import check_example
from rules.engine.rule import Bad, Rule
from rules.families import RULES
from rules.families.usage._evidence import KEY_VAULT, seen, use
from rules.model.fragments import CERTIFICATE, SECRET
from rules.model.usage import Reach, Usage, Use

USAGE_RULES = {rule.id: rule for rule in RULES if rule.needs_usage}
#: The rules that report silence, with each bad example.
SILENT = ("unused-grant-setting", "unused-credential", "unused-application", "unexercised-permission")
SILENCES = [(USAGE_RULES[name], bad) for name in SILENT for bad in USAGE_RULES[name].bad]
each_silence = pytest.mark.parametrize(("rule", "bad"), SILENCES, ids=lambda one: one.id if type(one) is Rule else "")
GROUPED = {"unused-grant-setting", "unused-credential"}


def check(rule: Rule, bad: Bad, **changes: Any) -> tuple[int, list[str]]:
    """How often *rule* reports its example with another evidence of use, and why it does not know."""
    usage = msgspec.structs.replace(bad.usage or Usage(), **changes)
    result = check_example((rule,), rule.base, msgspec.structs.replace(bad, usage=usage))
    return len(result.findings), [gap.note for gap in result.not_assessed]


def reach(bad: Bad, change: Callable[[Reach], Reach | None]) -> tuple[Reach, ...]:
    return tuple(filter(None, map(change, bad.usage.reach if bad.usage else ())))


def change(**values: Any) -> Callable[[Reach], Reach]:
    return lambda one: msgspec.structs.replace(one, **values)


def test_all_rules_are_in_preview_and_run_only_with_evidence() -> None:
    assert len(USAGE_RULES) == 9
    assert {rule.status for rule in USAGE_RULES.values()} == {"preview"}
    for rule in USAGE_RULES.values():
        assert check_example((rule,), rule.base, msgspec.structs.replace(rule.bad[0], usage=None)).findings == ()


@each_silence
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda _: None, "no source has"),
        (change(why="the file is one page of several"), "the file is one page of several"),
        (change(start="2026-01-01"), "the sources cover 9 days"),
        (change(start="2026-01-14"), "the sources cover no common period"),
    ],
)
def test_without_a_complete_period_silence_is_not_assessed(
    rule: Rule, bad: Bad, changed: Callable[[Reach], Reach | None], why: str
) -> None:
    count, notes = check(rule, bad, reach=reach(bad, changed))
    assert count == 0
    assert notes
    assert all(why in note for note in notes)


@each_silence
@pytest.mark.parametrize("kind", ["interactiveUser", "nonInteractiveUser", "servicePrincipal"])
def test_a_kind_that_was_not_read_is_not_assessed_or_does_not_matter(rule: Rule, bad: Bad, kind: str) -> None:
    count, notes = check(rule, bad, reach=reach(bad, lambda one: None if one.kind == kind else one))
    assert count + len(notes) == 1


@each_silence
def test_a_use_in_another_tenant_is_not_known(rule: Rule, bad: Bad) -> None:
    fragment = {**bad.fragment, "signInAudience": "AzureADMultipleOrgs"}
    example = msgspec.structs.replace(bad, fragment=fragment)
    assert check(rule, example) == (0, ["sign-ins in other tenants are in their logs only"])


@each_silence
def test_a_row_that_counts_several_sign_ins_hides_a_grant_or_a_credential(rule: Rule, bad: Bad) -> None:
    rows = (use(1, "nonInteractiveUser", "refreshTokenGrant"), *(bad.usage.uses if bad.usage else ()))
    uses = rows if rule.id == "unused-grant-setting" and "web" in bad.fragment else rows[1:]
    count, notes = check(rule, bad, reach=reach(bad, change(is_grouped=True)), uses=uses)
    is_hidden = rule.id in GROUPED and "isFallbackPublicClient" not in bad.fragment
    assert (count, bool(notes)) == ((0, True) if is_hidden else (1, False))


@pytest.mark.parametrize("protocol", ["authorizationCodeWithPkce", "authorizationCodeWithoutPkce"])
def test_a_code_may_have_come_with_an_access_token_or_an_id_token(protocol: str) -> None:
    """Microsoft, "Authorization code flow": with ``code``, a hybrid request names ``id_token`` or ``token``."""
    rule = USAGE_RULES["unused-grant-setting"]
    for bad in rule.bad[:2]:
        why = f"sign-ins with the protocol {protocol} may be this grant"
        assert check(rule, bad, uses=(use(1, "interactiveUser", protocol),)) == (0, [why])


CREDENTIAL = USAGE_RULES["unused-credential"]
OTHER = use(4, credential="certificate", credential_id=CERTIFICATE["keyId"])


@pytest.mark.parametrize(
    ("uses", "why"),
    [
        ((OTHER, use(4, credential="secret")), "412 of its records do not name a credential"),
        (
            (OTHER, use(4, "interactiveUser", "authorizationCodeWithPkce")),
            "sign-ins of users do not name the credential of the client",
        ),
        (
            (OTHER, use(4, credential_id=SECRET["keyId"], result="unknown")),
            "a source shows the last attempt, but not whether it succeeded",
        ),
    ],
)
def test_a_credential_that_a_record_may_hide_is_not_assessed(uses: tuple[Use, ...], why: str) -> None:
    assert check(CREDENTIAL, CREDENTIAL.bad[0], uses=uses) == (0, [why])


def test_a_credential_of_the_period_itself_is_not_assessed() -> None:
    bad = msgspec.structs.replace(CREDENTIAL.bad[0], fragment={"passwordCredentials": [SECRET]})
    assert check(CREDENTIAL, bad) == (0, ["the credential was added within the period"])


def test_an_expired_credential_is_not_reported_as_unused() -> None:
    old = {**SECRET, "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2025-12-01T00:00:00Z"}
    bad = msgspec.structs.replace(CREDENTIAL.bad[0], fragment={"passwordCredentials": [old]})
    assert check(CREDENTIAL, bad) == (0, [])


def test_the_activity_report_shows_that_an_application_has_no_use_and_nothing_of_its_parts() -> None:
    rule = USAGE_RULES["unused-application"]
    activity = change(is_activity=True, source="servicePrincipalSignInActivities")
    last = use(2, unit="dates", count=0, resource_id="")
    assert check(rule, rule.bad[0], reach=reach(rule.bad[0], activity), uses=(last,)) == (1, [])
    for other, bad in SILENCES:
        if other.id in ("unused-credential", "unexercised-permission"):
            count, notes = check(other, bad, reach=reach(bad, activity))
            assert (count, len(notes)) == (0, 1)


def test_an_api_is_in_use_where_only_managed_identities_call_it() -> None:
    api = "11111111-1111-4111-8111-111111111115"
    called = seen(use(2, "managedIdentity", "", resource_id=api))
    assert observed(called, api, application_use(api, is_api=True)).state == "seen"
    silent = msgspec.structs.replace(seen(), reach=tuple(one for one in seen().reach if one.kind != "managedIdentity"))
    assert observed(silent, api, application_use(api, is_api=True)).state == "not-known"
    assert observed(silent, api, application_use(api, is_api=False)).state == "not-seen"


def test_of_two_kinds_of_permissions_only_the_silent_one_is_named() -> None:
    rule = USAGE_RULES["unexercised-permission"]
    access = [{"id": "df021288-bdef-4463-88db-98f22de89214", "type": kind} for kind in ("Role", "Scope")]
    graph = rule.bad[0].fragment["requiredResourceAccess"][0]["resourceAppId"]
    fragment = {"requiredResourceAccess": [{"resourceAppId": graph, "resourceAccess": access}]}
    usage = seen(use(4, "interactiveUser", "authorizationCodeWithPkce"), use(4, resource_id=KEY_VAULT))
    (found,) = check_example((rule,), rule.base, Bad(fragment, at="", usage=usage)).findings
    assert found.message.startswith(
        "requests application permissions for Microsoft Graph; no app-only token for this API "
    )
