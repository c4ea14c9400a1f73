"""Registrations on which the rules were wrong once, with what the documents say of each."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rules.engine.rule import Context, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW
from rules.model.registration import Registration

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "rules" / "b"
FAMILIES = ("federation", "audience", "ownership", "permissions", "exposed-api", "tokens", "legacy")
CHECKED = tuple(rule for rule in RULES if rule.family in FAMILIES)

#: What is reported of a file, by rule. What is not named here must not be reported of it.
EXPECTED: dict[str, dict[str, str]] = {
    "aadg": {"azure-ad-graph-permission": "low"},
    "ado_home": {},
    "agentperm": {"powerful-application-permission": "medium"},
    "aiperm": {"owner-of-powerful-application": "medium", "powerful-application-permission": "high"},
    "aks_noslash": {"malformed-federated-issuer": "low"},
    "app_org_owner": {"application-as-owner": "low"},
    "aud_gov": {"wrong-federated-audience": "medium"},
    "aud_restricted": {},
    "ca": {"powerful-application-permission": "high"},
    "clean": {},
    "coop": {"opener-policy-suppressed": "low"},
    "d1": {"powerful-delegated-permission": "medium"},
    "d2": {"leftover-name-based-subject": "low"},
    "d3": {"broad-federated-expression": "medium", "leftover-name-based-subject": "low"},
    "d4": {},
    "disabled_bool": {},
    "disabled_ns": {},
    "dup_case": {},
    "dup_role_scope": {"app-only-tokens-unmarked": "info"},
    "edov_false": {"unverified-email-claim": "high"},
    "eks_slash": {"malformed-federated-issuer": "low"},
    "email_nocreated": {"unverified-email-claim": "low"},
    "enc_expired": {},
    "enc_sign": {"missing-encryption-key": "low"},
    "entra_ext": {"unknown-federated-issuer": "medium"},
    "entra_uami_nonguid": {"malformed-federated-subject": "low"},
    "ews_deleg": {"powerful-delegated-permission": "low"},
    "fic_dup_all": {},
    "fic_kv_sys": {"malformed-federated-subject": "low"},
    "flex_ghe": {"unsupported-federated-expression": "low"},
    "flex_job": {"broad-federated-expression": "medium"},
    "flex_or": {"broad-federated-expression": "critical"},
    "flex_pr": {"broad-federated-expression": "medium"},
    "flex_q": {"broad-federated-expression": "high"},
    "flexunk": {"unknown-federated-issuer": "medium", "unsupported-federated-expression": "low"},
    "foreign": {},
    "foreign_home": {},
    "gh_case": {},
    "gh_deploy": {"malformed-federated-subject": "low"},
    "gh_ent": {},
    "gh_env": {},
    "gh_mergegroup": {},
    "gh_slash": {"malformed-federated-issuer": "low"},
    "gh_wf_pr": {"federated-pull-request": "medium"},
    "gitlab_dom": {"malformed-federated-issuer": "high"},
    "gl_self": {"unknown-federated-issuer": "medium"},
    "grp_all": {"all-groups-in-tokens": "low"},
    "grp_name_all": {"all-groups-in-tokens": "low"},
    "grp_name_combo": {"groups-by-name": "medium"},
    "home_http": {"plaintext-information-url": "info"},
    "http_upper": {"malformed-federated-issuer": "low"},
    "imap": {"legacy-mailbox-permission": "low"},
    "isdisabled": {"owner-of-powerful-application": "low", "powerful-application-permission": "low"},
    "iss0": {},
    "iss1": {"unknown-federated-issuer": "medium"},
    "iss11": {},
    "iss12": {},
    "iss13": {"unknown-federated-issuer": "medium"},
    "iss14": {},
    "iss2": {"unknown-federated-issuer": "medium"},
    "iss3": {},
    "iss4": {},
    "iss5": {},
    "iss6": {},
    "k8s_any": {"wildcard-federated-subject": "low"},
    "k8s_self": {"unknown-federated-issuer": "medium", "default-service-account": "medium"},
    "known_self": {},
    "lock_single": {"missing-instance-property-lock": "info"},
    "lock_true_all_null": {},
    "mailsend_vs_smtp": {"powerful-application-permission": "medium"},
    "mapped_pma": {"mapped-claims-accepted": "info"},
    "mapped_single": {"mapped-claims-accepted": "info"},
    "name_beta": {},
    "name_greek": {},
    "name_mix": {"misleading-name": "medium"},
    "name_ms1": {"misleading-name": "info"},
    "name_ms2": {"unverified-multi-tenant-publisher": "low", "misleading-name": "medium"},
    "name_mu": {},
    "name_ru": {},
    "name_sp": {"unverified-multi-tenant-publisher": "low", "misleading-name": "medium"},
    "no_owner_connect": {},
    "no_owner_sneaky": {},
    "noauth_both_audience": {"unverified-email-claim": "high"},
    "noauth_opt": {"unverified-email-claim": "high"},
    "noauth_scope": {"unverified-email-scope": "medium"},
    "none_audience": {"wrong-federated-audience": "medium"},
    "one_All": {"powerful-scope-with-user-consent": "low", "single-broad-scope": "info"},
    "one_Api.Access": {},
    "one_access_as_user": {"single-broad-scope": "info"},
    "one_default": {"single-broad-scope": "info"},
    "one_user_impersonation": {"single-broad-scope": "info"},
    "own_delegated_power": {"single-owner": "info", "powerful-delegated-permission": "medium"},
    "own_disabled": {},
    "own_dupl": {"single-owner": "info"},
    "own_ext": {"guest-owner": "medium"},
    "own_liveresp": {"owner-of-powerful-application": "medium", "powerful-application-permission": "high"},
    "own_mailrw": {"single-owner": "info", "powerful-application-permission": "medium"},
    "own_none_power": {"powerful-application-permission": "high"},
    "own_sp_nostype": {"application-as-owner": "medium", "powerful-application-permission": "high"},
    "p_arm_two": {"whole-api-permission": "low"},
    "p_importexport": {"powerful-application-permission": "medium"},
    "p_kv_typo": {"wrong-permission-type": "low"},
    "p_off": {"powerful-delegated-permission": "medium", "powerful-offline-access": "low"},
    "p_order": {"azure-ad-graph-permission": "low"},
    "p_sql_app": {"wrong-permission-type": "low"},
    "p_two_blocks": {"malformed-permission": "low"},
    "pma": {"unverified-multi-tenant-publisher": "low"},
    "postresp": {"legacy-post-response": "info"},
    "preauth_any": {},
    "preauth_public": {"pre-authorized-public-client": "medium"},
    "pubdom_us": {"unverified-multi-tenant-publisher": "low"},
    "pulumi": {},
    "r": {"no-owner": "low", "powerful-delegated-permission": "low"},
    # No signature is required, so none is verified.
    "reqsig": {},
    "role_both_disabled": {"role-for-users-and-applications": "low", "app-only-tokens-unmarked": "info"},
    "rolesapi_idtyp": {"incomplete-permission-definition": "info"},
    "saml_email": {"unverified-email-claim": "high"},
    "saml_http": {"plaintext-saml-metadata": "low"},
    "sc_Data.FullControl": {"powerful-scope-with-user-consent": "low"},
    "sc_Everything": {"powerful-scope-with-user-consent": "low"},
    "sc_Files.Read.All": {"powerful-scope-with-user-consent": "low", "borrowed-permission-name": "info"},
    "sc_Orders.Write": {"powerful-scope-with-user-consent": "low"},
    "sc_OrdersAdmin": {"powerful-scope-with-user-consent": "low"},
    "sc_Reader.All": {"powerful-scope-with-user-consent": "low"},
    "sc_access_as_admin": {"powerful-scope-with-user-consent": "low"},
    "sc_admin": {"powerful-scope-with-user-consent": "low"},
    "sc_all.read": {"powerful-scope-with-user-consent": "low"},
    "sc_tenant.admin": {"powerful-scope-with-user-consent": "low"},
    "scope_admin_noisy": {"powerful-scope-with-user-consent": "low", "borrowed-permission-name": "info"},
    "scope_impers": {"single-broad-scope": "info"},
    "spiffe": {"unknown-federated-issuer": "medium"},
    "sts": {"malformed-federated-issuer": "low"},
    "test_lat": {},
    "test_load": {},
    "test_w": {},
    "test_x": {},
    "test_y": {},
    "test_z": {},
    "tier0missing": {"owner-of-powerful-application": "medium", "powerful-application-permission": "high"},
    "typo": {"malformed-federated-issuer": "high"},
    "uri_ms": {"custom-uri-with-v1-tokens": "medium"},
    "uri_onmicrosoft": {"custom-uri-with-v1-tokens": "low"},
    "uri_roles_only": {"custom-uri-with-v1-tokens": "medium"},
    "uri_roles_only_http": {"custom-uri-with-v1-tokens": "low", "malformed-identifier-uri": "low"},
    "uri_str_appid": {"custom-uri-with-v1-tokens": "info"},
    "uri_substr": {"custom-uri-with-v1-tokens": "info"},
    "uri_tenant": {"custom-uri-with-v1-tokens": "low"},
    "uri_tenant_str": {"custom-uri-with-v1-tokens": "low"},
    "uri_verified": {"custom-uri-with-v1-tokens": "low"},
    "uri_wild_guid": {"malformed-identifier-uri": "low"},
    "verified_primary": {},
    "whfb": {"no-owner": "low", "powerful-application-permission": "medium"},
    "x_env": {"broad-federated-expression": "medium"},
    "x_gl_group": {"broad-federated-expression": "critical"},
    "x_heads_rel": {"broad-federated-expression": "low"},
    "x_owner_id": {"broad-federated-expression": "high"},
    "x_ownerstar": {"broad-federated-expression": "critical"},
    "x_ref_tags": {"broad-federated-expression": "medium"},
    "x_repo_nocolon": {"broad-federated-expression": "high"},
    "x_reus_eq": {"broad-federated-expression": "medium"},
    "x_reus_star": {"broad-federated-expression": "medium"},
    "x_smart": {},
    "x_tfc": {"broad-federated-expression": "critical"},
    "x_tfc_sub": {"wildcard-federated-subject": "low"},
}


def read(name: str) -> dict[str, Any]:
    path = CASES / f"{name}.json"
    if not path.exists():
        pytest.skip("../shared/cases/rules/b is absent")
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


@pytest.mark.parametrize("name", EXPECTED)
def test_a_case_is_reported_as_the_documents_say(name: str) -> None:
    app = msgspec.convert(read(name), Registration)
    found = {one.rule: one.severity for one in lint([Subject("x", app)], CHECKED, Context(NOW)).findings}
    assert found == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("uri_tenant", "malformed-identifier-uri"),
        ("uri_tenant_str", "malformed-identifier-uri"),
        ("x_smart", "broad-federated-expression"),
    ],
)
def test_what_cannot_be_known_is_not_assessed(name: str, rule: str) -> None:
    app = msgspec.convert(read(name), Registration)
    assert rule in {gap.rule for gap in lint([Subject("x", app)], CHECKED, Context(NOW)).not_assessed}
