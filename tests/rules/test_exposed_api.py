"""What an API exposes: identifier URIs, scopes, roles, and pre-authorized clients."""

import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.registration import Registration, Unread, mark_unread
from rules.model.settings import Settings

EXPOSED = tuple(rule for rule in RULES if rule.family == "exposed-api")
APP = "11111111-1111-4111-8111-111111111115"
TENANT = "0f0f0f0f-0000-4000-8000-000000000001"
OTHER = "99999999-9999-4999-8999-999999999999"
READ = "66666666-6666-4666-8666-666666666661"
V1 = "custom-uri-with-v1-tokens"


def checked(
    fragment: dict[str, Any],
    *,
    tuned: Settings | None = None,
    without: tuple[str, ...] = (),
    unread: tuple[str, ...] = (),
) -> Result:
    data = merged_into("api", fragment)
    for name in without:
        del data[name]
    app = mark_unread(msgspec.convert(data, Registration), {pointer: Unread("placeholder") for pointer in unread})
    return lint([Subject("x", app)], EXPOSED, Context(NOW, tuned or Settings()))


def said(fragment: dict[str, Any], **options: Any) -> dict[str, str]:
    result = checked(fragment, **options)
    assert not any(gap.reason == "internal" for gap in result.not_assessed)
    return {found.rule: found.severity for found in result.findings}


def named(*uris: str, version: int | None = 2, **more: Any) -> dict[str, Any]:
    return {"identifierUris": list(uris), "api": {"requestedAccessTokenVersion": version}, **more}


def scope(value: str, kind: str = "User", **change: Any) -> dict[str, Any]:
    texts = {"adminConsentDisplayName": value, "adminConsentDescription": f"Do {value}."}
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, value)),
        "value": value,
        "type": kind,
        "isEnabled": True,
        **texts,
        **change,
    }


def scopes(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"api": {"oauth2PermissionScopes": list(listed)}}


def role(value: str, *members: str, **change: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, value)),
        "value": value,
        "displayName": value,
        "description": value,
        "isEnabled": True,
        "allowedMemberTypes": list(members or ("User",)),
        **change,
    }


# Identifier URIs


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        # The default URIs, and what ends in the appId: no other app's URI does.
        (f"api://{APP}", None),
        (f"api://{APP.upper()}", None),
        (f"api://{TENANT}/{APP}", None),
        (f"api://orders.contoso.com/{APP}", "info"),
        (f"api://orders.contoso.com/botid-{APP}", "info"),
        # Microsoft's secure patterns, which stricter advice of its own leaves out.
        (f"api://{TENANT}/orders", "low"),
        ("api://contoso.com/orders", "low"),
        ("https://contoso.com/orders", "low"),
        ("https://contoso.onmicrosoft.com/orders", "low"),
        ("https://orders.contoso.com", "low"),
        # Neither a domain nor an id.
        ("api://orders", "medium"),
        ("api://orders/v1", "medium"),
        ("urn:orders", "medium"),
    ],
)
def test_v1_tokens_for_a_uri_of_ones_own_choice(uri: str, expected: str | None) -> None:
    for version in (None, 1):
        assert said(named(uri, version=version)).get(V1) == expected
    assert V1 not in said(named(uri))
    assert V1 not in said(
        {**named(uri, version=1), **scopes()}
        | {"api": {"requestedAccessTokenVersion": 1, "oauth2PermissionScopes": []}}
    )


def test_a_version_that_was_not_read_is_neither_1_nor_clean() -> None:
    result = checked(named("api://orders"), unread=())
    assert result.findings == ()
    data = merged_into("api", named("api://orders"))
    del data["api"]["requestedAccessTokenVersion"]
    result = lint([Subject("x", msgspec.convert(data, Registration))], EXPOSED, Context(NOW))
    assert V1 not in {found.rule for found in result.findings}
    assert V1 in {gap.rule for gap in result.not_assessed}


MALFORMED = "malformed-identifier-uri"


@pytest.mark.parametrize(
    ("uri", "tenants", "expected"),
    [
        ("api://*", (), "low"),
        ("https://*.contoso.com/orders", (), "low"),
        ("https://contoso.com/orders/", (), "low"),
        (f"api://{APP}/", (), "low"),
        ("HTTP://contoso.com/orders", (), "low"),
        ("https://contoso.com/orders#x", (), "low"),
        # It may be the tenant: not assessed.
        (f"api://{OTHER}", (), None),
        (f"api://{OTHER}", (TENANT,), "low"),
        (f"api://{TENANT}", (TENANT,), "info"),
        (f"api://{OTHER}/orders", (), None),
        (f"api://{OTHER}/orders", (TENANT,), "low"),
        (f"api://{TENANT.upper()}/orders", (TENANT,), None),
        (f"api://{OTHER}/x/{APP}", (TENANT,), None),
        (f"api://{APP}/orders/read", (TENANT,), None),
        ("api://orders.contoso.com/v1", (TENANT,), None),
    ],
)
def test_identifier_uris_that_are_not_as_they_should_be(
    uri: str, tenants: tuple[str, ...], expected: str | None
) -> None:
    assert said(named(uri), tuned=Settings(home_tenants=tenants)).get(MALFORMED) == expected


def test_an_id_that_may_be_the_tenant_is_not_assessed() -> None:
    (gap,) = (gap for gap in checked(named(f"api://{OTHER}")).not_assessed if gap.rule == MALFORMED)
    assert (gap.reason, gap.remedy) == ("unknown", "set home-tenants")


@pytest.mark.parametrize("initial", ["onmicrosoft.com", "onmicrosoft.us", "partner.onmschina.cn"])
def test_an_initial_domain_is_no_domain_that_anyone_can_register(initial: str) -> None:
    result = checked(named(f"https://contoso.{initial}/orders"), tuned=Settings(verified_domains=("contoso.com",)))
    assert result.findings == ()
    (gap,) = (gap for gap in result.not_assessed if gap.rule == "unverified-identifier-domain")
    assert (gap.reason, gap.remedy) == ("unknown", "add it to verified-domains")


@pytest.mark.parametrize("uri", ["http://adfs.contoso.com/adfs/services/trust", "https://saml.fabrikam.example/"])
def test_names_for_saml_are_not_taken_for_an_api(uri: str) -> None:
    saml = {"identifierUris": [uri], "api": {"requestedAccessTokenVersion": None, "oauth2PermissionScopes": []}}
    assert said(saml, tuned=Settings(verified_domains=("contoso.com",))) == {}


@pytest.mark.parametrize(
    ("uri", "version", "expected"),
    [
        ("https://fabrikam.example/orders", 2, "low"),
        ("https://fabrikam.example/orders", None, "medium"),
        ("api://fabrikam.example/orders", 1, "medium"),
        ("https://contoso.com.evil.example/", 2, "low"),
        ("https://notcontoso.com/", 2, "low"),
        ("https://CONTOSO.com/orders", 1, None),
        ("https://a.b.contoso.com", 1, None),
        ("api://orders", 1, None),
        (f"api://{APP}", 1, None),
        # Any text may come before the appId.
        (f"api://fabrikam.example/{APP}", 1, None),
        (f"api://fabrikam.example/{OTHER}", 1, "medium"),
    ],
)
def test_a_domain_that_is_not_verified(uri: str, version: int | None, expected: str | None) -> None:
    rule = "unverified-identifier-domain"
    assert said(named(uri, version=version), tuned=Settings(verified_domains=("contoso.com",))).get(rule) == expected
    assert rule not in said(named(uri, version=version))


def test_a_uri_that_is_a_placeholder_is_not_checked() -> None:
    tuned = Settings(verified_domains=("contoso.com",), home_tenants=(TENANT,))
    result = checked(named("api://${var.host}/*", version=1), tuned=tuned, unread=("/identifierUris/0",))
    assert result.findings == ()
    assert {MALFORMED, V1, "unverified-identifier-domain"} <= {gap.rule for gap in result.not_assessed}


def test_an_app_id_that_is_a_placeholder_is_compared_with_nothing() -> None:
    result = checked(named(f"api://{OTHER}", version=1, appId="${{APP_ID}}"), unread=("/appId",))
    assert result.findings == ()
    # What has no ID ends in no appId.
    assert V1 in {found.rule for found in checked(named("api://orders", version=1), unread=("/appId",)).findings}
    (found,) = checked({"identifierUris": [], "appId": "${{APP_ID}}"}, unread=("/appId",)).findings
    assert found.patch is None


def own_or_home(first: str, rest: str) -> bool:
    """Whether the id is one's own, by the library's parser of IDs."""
    last = rest.rsplit("/", maxsplit=1)[-1]
    ids = [uuid.UUID(text) if len(text) == 36 else None for text in (first, last)]
    return uuid.UUID(APP) in ids or ids[0] == uuid.UUID(TENANT)


GUIDS = st.one_of(st.sampled_from([APP, TENANT, OTHER]), st.uuids().map(str))


@given(
    GUIDS,
    st.lists(st.one_of(st.sampled_from([APP, "orders"]), st.uuids().map(str)), min_size=1, max_size=3),
    st.booleans(),
)
def test_the_reading_of_ids_agrees_with_that_of_the_library(first: str, rest: list[str], upper: bool) -> None:
    uri = f"api://{first.upper() if upper else first}/{'/'.join(rest)}"
    assert (MALFORMED not in said(named(uri), tuned=Settings(home_tenants=(TENANT,)))) == own_or_home(
        first, "/".join(rest)
    )


@given(st.lists(st.text(), max_size=3), st.sampled_from([None, 1, 2]))
def test_any_text_as_an_identifier_uri_is_checked_without_failing(uris: list[str], version: int | None) -> None:
    said(named(*uris, version=version), tuned=Settings(verified_domains=("contoso.com",), home_tenants=(TENANT,)))


def test_the_default_uri_is_proposed_where_there_is_none_and_the_app_id_is_known() -> None:
    (found,) = checked({"identifierUris": []}).findings
    assert (found.rule, found.patch) == ("scopes-without-identifier-uri", {"identifierUris": [f"api://{APP}"]})
    (found,) = checked({"identifierUris": []}, without=("appId",)).findings
    assert found.patch is None
    assert said({"identifierUris": [], **scopes(scope("Orders.Read", isEnabled=False))}) == {
        "incomplete-permission-definition": "info"
    }


# Scopes and roles


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Orders.ReadWrite.All", True),
        ("Orders.Write", True),
        ("orders-admin", True),
        ("manage", True),
        ("Orders.Read", False),
        ("access_as_user", False),
        ("Rewrite.Read", False),
        ("Allowance.Read", False),
        ("Administration", False),
    ],
)
def test_a_scope_that_sounds_powerful_is_heard_word_by_word(value: str, expected: bool) -> None:
    rule = "powerful-scope-with-user-consent"
    assert (rule in said(scopes(scope(value)))) == expected
    assert (rule in said(scopes(scope(value, "user")))) == expected
    assert rule not in said(scopes(scope(value, "Admin")))
    assert rule not in said(scopes(scope(value, isEnabled=False)))
    enabled = {name: text for name, text in scope(value).items() if name != "isEnabled"}
    assert (rule in said(scopes(enabled))) == expected


def test_a_permission_is_untidy_once_whatever_else_is_wrong_with_it() -> None:
    read = scope("Orders.Read")
    untidy = [
        (scopes(read, {**scope("Orders.List"), "id": read["id"].upper()}), "/api/oauth2PermissionScopes/1", "low"),
        (scopes(read, scope("Orders.Read", id=OTHER)), "/api/oauth2PermissionScopes/1", "low"),
        (
            scopes(read, scope("Orders.List", isEnabled=False, adminConsentDescription="")),
            "/api/oauth2PermissionScopes/1",
            "info",
        ),
        ({"appRoles": [role("Sync"), role("Sync", isEnabled=False)]}, "/appRoles/1", "low"),
        ({"appRoles": [role("Sync", description=None)]}, "/appRoles/0", "info"),
    ]
    for fragment, pointer, severity in untidy:
        found = [
            (f.pointer, f.severity) for f in checked(fragment).findings if f.rule == "incomplete-permission-definition"
        ]
        assert found == [(pointer, severity)]
    (untitled,) = checked({"appRoles": [{**role("Sync"), "value": None, "isEnabled": False}]}).findings
    assert untitled.message == "defines a permission without a value, which is disabled"
    # No document says that the case of a value does not matter.
    assert said(scopes(read, scope("orders.read", id=OTHER))) == {}
    # Two roles without a value are for two purposes. A scope and a role may be one permission, with the same texts.
    assert said({"appRoles": [{**role("a"), "value": None}, {**role("b"), "value": None}]}) == {}
    alike = {**role("Orders.Read"), "displayName": read["adminConsentDisplayName"]}
    alike["description"] = read["adminConsentDescription"]
    assert said({**scopes(read), "appRoles": [alike]}) == {}
    for change in ({"id": OTHER}, {"value": "Orders.Sync"}, {"description": "Other"}):
        (one,) = checked({**scopes(read), "appRoles": [{**alike, **change}]}).findings
        assert (one.pointer, one.severity) == ("/appRoles/0", "low")
    # A placeholder may become any text.
    twice = scopes(scope("${var.x}", id=READ, type="Admin"), scope("${var.x}", id=OTHER, type="Admin"))
    both = ("/api/oauth2PermissionScopes/0/value", "/api/oauth2PermissionScopes/1/value")
    assert checked(twice, unread=both).findings == ()


def test_one_scope_is_too_wide_only_where_it_is_the_only_one() -> None:
    assert said(scopes(scope("user_impersonation"))) == {"single-broad-scope": "info"}
    assert said(scopes(scope("user_impersonation"), scope("Orders.Read"))) == {}
    disabled = scope("Orders.Read", isEnabled=False)
    (found,) = (one for one in checked(scopes(disabled, scope("all"))).findings if one.rule.startswith("single-broad"))
    assert found.pointer == "/api/oauth2PermissionScopes/1"
    assert said(scopes(scope("Orders.Read"))) == {}


def test_a_role_for_people_and_programs_alike() -> None:
    rule = "role-for-users-and-applications"
    assert said({"appRoles": [role("Sync", "User", "Application")]}) == {rule: "low"}
    assert said({"appRoles": [role("Sync", "User"), role("Run", "Application")]}) == {}
    assert rule not in said({"appRoles": [role("Sync", "User", "Application", isEnabled=False)]})


def test_a_name_is_foreign_only_where_it_is_a_whole_permission_of_graph() -> None:
    rule = "borrowed-permission-name"
    assert said({"appRoles": [role("mail.send")]}) == {rule: "info"}
    assert said({"appRoles": [role("Mail.Send.Orders")]}) == {}
    assert said({"appRoles": [role("profile")]}) == {}


# Pre-authorized clients


def client(app_id: str, *ids: str) -> dict[str, Any]:
    return {"api": {"preAuthorizedApplications": [{"appId": app_id, "delegatedPermissionIds": list(ids)}]}}


def test_a_client_is_authorised_in_advance_for_a_scope_that_exists() -> None:
    rule = "invalid-pre-authorization"
    assert said(client(OTHER, READ.upper())) == {}
    assert said(client(OTHER, READ, OTHER)) == {rule: "low"}
    assert said(client(APP.upper(), READ)) == {rule: "info"}
    azure_cli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
    assert said(client(azure_cli.upper(), READ)) == {"pre-authorized-public-client": "medium"}
    assert said(client(azure_cli)) == {}
    # It may spare users of its own client a consent prompt, so no plan removes it.
    (found,) = checked(client(APP, READ)).findings
    assert found.patch is None


def test_a_scope_whose_id_is_not_known_yet_may_be_the_one_that_a_client_names() -> None:
    assert checked(client(OTHER, OTHER), unread=("/api/oauth2PermissionScopes/0/id",)).findings == ()
    data = merged_into("api", client(OTHER, OTHER))
    del data["api"]["oauth2PermissionScopes"]
    result = lint([Subject("x", msgspec.convert(data, Registration))], EXPOSED, Context(NOW))
    assert result.findings == ()
    assert "invalid-pre-authorization" in {gap.rule for gap in result.not_assessed}


def test_whether_a_registration_without_scopes_and_roles_is_an_api_is_not_known() -> None:
    fragment = named("https://contoso.com/orders", api={"requestedAccessTokenVersion": 1, "oauth2PermissionScopes": []})
    (gap,) = (gap for gap in checked(fragment).not_assessed if gap.rule == V1)
    assert "may be an API" in gap.note


def test_an_api_for_applications_alone_gets_v1_tokens_too() -> None:
    fragment = {
        "identifierUris": ["https://fabrikam.example/orders"],
        "appRoles": [role("Sync", allowedMemberTypes=["Application"])],
        "api": {"requestedAccessTokenVersion": 1, "oauth2PermissionScopes": []},
    }
    found = said(fragment, tuned=Settings(verified_domains=("contoso.com",)))
    assert (found[V1], found["unverified-identifier-domain"]) == ("low", "medium")
    disabled = {**fragment, "appRoles": [role("Sync", allowedMemberTypes=["Application"], isEnabled=False)]}
    assert V1 not in said(disabled)


def test_what_a_definition_does_not_say_is_not_assessed() -> None:
    writes, sync = scope("Orders.Write"), role("Orders.Sync")
    del writes["type"], writes["adminConsentDescription"], sync["allowedMemberTypes"], sync["description"]
    azure_cli = {"appId": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"}
    api = {"oauth2PermissionScopes": [writes], "preAuthorizedApplications": [azure_cli]}
    result = checked({"api": api, "appRoles": [sync]})
    assert result.findings == ()
    assert {(gap.rule, gap.pointer) for gap in result.not_assessed} == {
        ("powerful-scope-with-user-consent", "/api/oauth2PermissionScopes/0/type"),
        ("role-for-users-and-applications", "/appRoles/0/allowedMemberTypes"),
        ("incomplete-permission-definition", "/api/oauth2PermissionScopes/0/adminConsentDescription"),
        ("incomplete-permission-definition", "/appRoles/0/description"),
        ("pre-authorized-public-client", "/api/preAuthorizedApplications/0/delegatedPermissionIds"),
    }


def test_an_empty_identifier_uri_is_malformed_and_is_no_audience() -> None:
    assert said(named("", version=1)) == {"malformed-identifier-uri": "low"}


@pytest.mark.parametrize(
    ("value", "is_strong"),
    [
        ("OrdersAdmin", True),
        ("Everything", True),
        ("Data.FullControl", True),
        ("access_as_admin", True),
        ("all.read", True),
        ("Reader.All", True),
        ("access_as_user", False),
        ("Orders.Read", False),
        ("Allowance.Read", False),
    ],
)
def test_names_of_scopes_are_read_word_by_word(value: str, is_strong: bool) -> None:
    assert ("powerful-scope-with-user-consent" in said(scopes(scope(value)))) is is_strong
