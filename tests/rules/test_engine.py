"""The engine adds everything to what rules say, and loses nothing."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from rules.engine.rule import Bad, Context, Gap, Good, Rule, Subject, rule
from rules.engine.run import fingerprint, lint
from rules.families import RULES
from rules.model.clean import NOW, clean, merged_into
from rules.model.finding import Hit
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings
from rules.model.tenant import Tenant

CONTEXT = Context(NOW)


def read(data: dict[str, Any], **unread: Unread) -> Registration:
    return mark_unread(msgspec.convert(data, Registration), unread)


def run(data: dict[str, Any], *rules: Rule, unread: dict[str, Unread] | None = None) -> Any:
    return lint([Subject("x", read(data, **(unread or {})))], rules or RULES, CONTEXT)


def named(name: str) -> Rule:
    return next(r for r in RULES if r.id == name)


def made(says: Any, **more: Any) -> Rule:
    def check(app: Registration, context: Context) -> Iterator[Hit | Gap]:
        """Title.

        Why: Because.
        Fix: So.
        """
        yield from says(app)

    options = {
        "severity": "low",
        "references": ("rfc:6749#1.1",),
        "bad": Bad({}, at=""),
        "good": Good({}),
        "base": "web",
        **more,
    }
    return rule("made-up", **options)(check)


@pytest.mark.parametrize("name", ["redirectUris", "passwordCredentials"])
def test_fingerprints_stay_when_elements_are_reordered_or_added(name: str) -> None:
    secrets = [
        {"keyId": key, "startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2024-01-01T00:00:00Z"} for key in "ab"
    ]
    uris = ["http://a.example/", "http://b.example/"]
    one = merged_into("web", {"web": {"redirectUris": uris}, "passwordCredentials": secrets})
    other = merged_into(
        "web", {"web": {"redirectUris": ["https://c.example/", *reversed(uris)]}, "passwordCredentials": secrets[::-1]}
    )
    prints = [
        sorted(found.fingerprint for found in run(data).findings if name in found.pointer) for data in (one, other)
    ]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 2


def test_a_fingerprint_tells_registrations_apart_and_outlives_a_new_name() -> None:
    data = merged_into("web", {"web": {"redirectUris": ["http://a.example/"]}})
    app, renamed, other = read(data), read({**data, "displayName": "New"}), read({**data, "appId": "2"})
    prints = [
        fingerprint("r", Subject(key, a), "/web/redirectUris/0")
        for key, a in (("1", app), ("2", renamed), ("3", other))
    ]
    assert prints[0] == prints[1] != prints[2]


def test_a_rule_that_fails_is_not_assessed_and_the_others_go_on() -> None:
    def fail(_: Registration) -> Iterator[Hit]:
        raise RuntimeError("boom")
        yield

    verdict = run(merged_into("web", {"web": {"redirectUris": ["http://a.example/"]}}), made(fail), *RULES)
    assert [(gap.rule, gap.reason, gap.note) for gap in verdict.not_assessed] == [
        ("made-up", "internal", "the rule failed with RuntimeError: boom")
    ]
    assert [found.rule for found in verdict.findings] == ["plaintext-redirect-uri"]


@pytest.mark.parametrize(
    "status",
    [
        {"isDisabled": True},
        {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"},
        {"deletedDateTime": "2025-12-01T00:00:00Z"},
    ],
)
def test_a_registration_that_gets_no_token_has_no_finding_above_low(status: dict[str, Any]) -> None:
    yields = made(lambda _: iter([Hit(pointer="/displayName", message="x")]), severity="high")
    (found,) = run(status, yields).findings
    assert (found.severity, [because.pointer for because in found.because]) == ("low", [f"/{next(iter(status))}"])
    (found,) = run(dict.fromkeys(status), yields).findings
    assert (found.severity, found.because) == ("high", ())
    (found,) = run(status, msgspec.structs.replace(yields, keeps_severity=True)).findings
    assert found.severity == "high"


def test_a_severity_that_a_rule_did_not_declare_is_a_defect_and_no_finding() -> None:
    verdict = run(clean("web"), made(lambda _: iter([Hit(pointer="/appId", message="is bad", severity="critical")])))
    assert verdict.findings == ()
    assert verdict.not_assessed[0].reason == "internal"


@pytest.mark.parametrize(
    ("hit", "patch", "change"),
    [
        (Hit(pointer="/web/redirectUris/1", message="", remove=True), {"web": {"redirectUris": ["a"]}}, "remove"),
        (
            Hit(pointer="/web/redirectUris/1", message="", replace="c"),
            {"web": {"redirectUris": ["a", "c"]}},
            "replace with c",
        ),
        (
            Hit(pointer="/isFallbackPublicClient", message="", set_to=False),
            {"isFallbackPublicClient": False},
            "set to false",
        ),
        (Hit(pointer="/owners", message=""), None, ""),
    ],
)
def test_a_change_becomes_a_merge_patch(hit: Hit, patch: Any, change: str) -> None:
    (found,) = run(merged_into("web", {"web": {"redirectUris": ["a", "b"]}}), made(lambda _: iter([hit]))).findings
    assert (found.patch, found.change) == (patch, change)


def test_the_patch_of_plain_http_is_https_unless_a_port_is_named_or_it_is_there() -> None:
    uris = ["http://a.example/", "http://b.example:8080/", "http://c.example/", "https://c.example/"]
    verdict = run(merged_into("web", {"web": {"redirectUris": uris}}), named("plaintext-redirect-uri"))
    assert [found.change for found in verdict.findings] == ["replace with https://a.example/", "", "remove"]


def test_an_unread_element_is_not_assessed_and_its_neighbors_are_checked() -> None:
    place = Unread("placeholder", "${{URL}}", "render the template")
    data = merged_into("web", {"web": {"redirectUris": ["${{URL}}", "http://a.example/"]}})
    verdict = run(data, named("plaintext-redirect-uri"), unread={"/web/redirectUris/0": place})
    assert [found.pointer for found in verdict.findings] == ["/web/redirectUris/1"]
    assert [(gap.pointer, gap.reason, gap.note, gap.remedy) for gap in verdict.not_assessed] == [
        ("/web/redirectUris/0", "placeholder", "${{URL}}", "render the template")
    ]


def test_a_list_that_was_not_read_in_whole_keeps_a_rule_about_absence_silent() -> None:
    refused = {"/owners/0": Unread("refused", remedy="grant Application.Read.All")}
    verdict = run({**clean("web"), "owners": [{}]}, named("no-owner"), unread=refused)
    assert verdict.findings == ()
    assert [gap.reason for gap in verdict.not_assessed] == ["refused"]


def test_a_value_of_a_subject_is_known_absent_or_not_read() -> None:
    refused = Unread("refused", remedy="grant Application.Read.All")
    app = read({"displayName": "Portal", "web": None, "spa": {}, "api": {}}, **{"/api": refused})
    subject = Subject("x", app)
    assert subject.read("displayName") == "Portal"
    assert subject.read("web.redirectUris") is None
    assert subject.read("spa.redirectUris") == Unread("not-in-file")
    assert subject.read("api.acceptMappedClaims") == refused
    tenant = Subject("t", Tenant(settings=(), unread={"authorizationPolicy": refused}))
    assert tenant.read("settings") == ()
    assert tenant.read("authorizationPolicy.defaultUserRolePermissions") == refused
    assert tenant.read("conditionalAccessPolicies").remedy == "read the tenant again"


def test_the_reason_of_a_parent_holds_for_what_is_inside() -> None:
    data = clean("web")
    del data["web"]
    verdict = run(data, named("plaintext-redirect-uri"), unread={"/web": Unread("unknown-until-apply")})
    assert [(gap.pointer, gap.reason) for gap in verdict.not_assessed] == [("/web/redirectUris", "unknown-until-apply")]


def test_a_value_inside_a_list_that_a_rule_cannot_read_is_not_assessed_once() -> None:
    secret = {"keyId": "a", "startDateTime": "2026-01-01T00:00:00Z"}
    missing = run(merged_into("web", {"passwordCredentials": [secret]}), named("expired-credential"))
    wrong = run(
        merged_into("web", {"passwordCredentials": [{**secret, "endDateTime": "soon"}]}), named("expired-credential")
    )
    marked = run(
        merged_into("web", {"passwordCredentials": [secret]}),
        named("expired-credential"),
        unread={"/passwordCredentials/0/endDateTime": Unread("placeholder")},
    )
    pointer = "/passwordCredentials/0/endDateTime"
    gaps = [
        [(gap.pointer, gap.reason, gap.note) for gap in verdict.not_assessed] for verdict in (missing, wrong, marked)
    ]
    assert gaps == [
        [(pointer, "not-in-file", "")],
        [(pointer, "malformed", "'soon' is not a date")],
        [(pointer, "placeholder", "")],
    ]
    assert [verdict.findings for verdict in (missing, wrong, marked)] == [(), (), ()]


def test_a_quoted_credential_is_its_name_and_id_and_a_long_value_is_cut() -> None:
    secrets = [
        {"keyId": "k1", "displayName": "deploy", "endDateTime": "2026-03-01T00:00:00Z"},
        {"keyId": "k2", "endDateTime": "2026-04-01T00:00:00Z"},
    ]
    long = "http://a.example/" + "a" * 400
    verdict = run(merged_into("web", {"passwordCredentials": secrets, "web": {"redirectUris": [long]}}))
    values = {found.rule: found.value for found in verdict.findings}
    assert values["password-credential"] == "deploy k1, k2"
    assert len(values["plaintext-redirect-uri"]) == 300
    assert values["plaintext-redirect-uri"].endswith("…")


def test_a_docstring_of_another_shape_is_refused() -> None:
    def check(app: Registration, context: Context) -> Iterator[Hit]:
        """Only a title."""
        yield from ()

    with pytest.raises(ValueError, match="the docstring must be a title"):
        rule("x-y", severity="low", references=(), bad=(), good=(), base="web")(check)


def test_the_same_input_gives_the_same_verdict_in_the_order_of_the_registrations() -> None:
    apps = [
        Subject(str(n), read(merged_into("web", {"web": {"redirectUris": [f"http://{n}.example/"]}}))) for n in range(3)
    ]
    first, again = (lint(apps, RULES, Context(NOW, Settings())) for _ in range(2))
    assert first == again
    assert [found.registration for found in first.findings] == ["0", "1", "2"]


def test_no_patch_writes_the_mark_of_a_hidden_secret() -> None:
    uris = ["http://a.contoso.com/cb?sig=(hidden)", "http://b.contoso.com/cb"]
    app = msgspec.convert(merged_into("web", {"web": {"redirectUris": uris}}), Registration)
    rules = [one for one in RULES if one.id == "plaintext-redirect-uri"]
    found = lint([Subject("x", app)], rules, Context(NOW)).findings
    assert [(one.patch, one.change.startswith("replace")) for one in found] == [(None, False), (None, True)]
