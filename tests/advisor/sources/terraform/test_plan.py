"""Plans and states: what will be, what is not known before it is, and where it is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Reading
from rules.model.registration import HIDDEN

Reads = Callable[..., Reading]
APP = {
    "display_name": "A",
    "sign_in_audience": "AzureADMyOrg",
    "api": [],
    "app_role": [],
    "web": [],
    "public_client": [],
    "single_page_application": [],
    "required_resource_access": [],
    "optional_claims": [],
    "owners": None,
    "identifier_uris": None,
}
UNKNOWN = {"client_id": True, "object_id": True, "id": True, "password": True, "tags": True, "publisher_domain": True}


def change(
    after: dict[str, Any] | None = None,
    *,
    kind: str = "azuread_application",
    name: str = "a",
    index: int | str | None = None,
    module: str = "",
    actions: tuple[str, ...] = ("create",),
    unknown: dict[str, Any] | None = None,
    sensitive: dict[str, Any] | None = None,
    mode: str = "managed",
) -> dict[str, Any]:
    key = "" if index is None else f"[{json.dumps(index)}]"
    address = f"{module}.{kind}.{name}{key}".removeprefix(".")
    one = {"address": address, "mode": mode, "type": kind, "name": name}
    if index is not None:
        one["index"] = index
    if module:
        one["module_address"] = module
    one["change"] = {
        "actions": list(actions),
        "before": None,
        "after": after,
        "after_unknown": unknown or {},
        "after_sensitive": sensitive or {},
    }
    return one


def plan(*changes: dict[str, Any], configuration: dict[str, Any] | None = None, indent: int | None = 1) -> str:
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.4",
        "planned_values": {"root_module": {"resources": [{"type": one["type"],
            "values": one["change"]["after"]} for one in changes]}},
        "resource_changes": list(changes),
        "configuration": {"root_module": configuration or {}},
    }  # fmt: skip
    return json.dumps(document, indent=indent)


def link(to: str, *, each: str | None = None) -> dict[str, Any]:
    one: dict[str, Any] = {
        "expressions": {
            "application_id": {"references": [f"{to}.id", to] if not each else ["each.value.id", "each.value"]}
        }
    }
    if each:
        one["for_each_expression"] = {"references": [each]}
    return one


def configured(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "expressions": {}, **more}


def only(reading: Reading) -> Any:
    assert reading.problems == ()
    (subject,) = reading.subjects
    return subject


def test_an_absent_block_is_known_to_be_absent_and_what_is_unknown_is_not_known_yet(reads: Reads) -> None:
    configuration = {"resources": [configured("azuread_application", "a", expressions={"display_name": {}})]}
    reading = reads({"plan.json": plan(change(APP, unknown=UNKNOWN), configuration=configuration)})
    app = only(reading).app
    assert app.web.redirect_uris == app.owners == app.identifier_uris == app.password_credentials == app.tags == ()
    assert app.web.implicit_grant_settings.enable_access_token_issuance is False
    assert {pointer: why.reason for pointer, why in app.unread.items()} == {
        "/appId": "unknown-until-apply",
        "/id": "unknown-until-apply",
        "/publisherDomain": "unknown-until-apply",
    }
    assert reading.row(only(reading).key).format == "Terraform plan, create"


def test_an_unknown_value_leaves_the_others_known(reads: Reads) -> None:
    after = {
        **APP,
        "web": [{"redirect_uris": ["https://a/", None], "implicit_grant": [{"access_token_issuance_enabled": True}]}],
    }
    unknown = {**UNKNOWN, "web": [{"redirect_uris": [False, True], "homepage_url": True}], "identifier_uris": True}
    app = only(reads({"plan.json": plan(change(after, unknown=unknown))})).app
    assert app.web.redirect_uris[0] == "https://a/"
    assert app.web.implicit_grant_settings.enable_access_token_issuance is True
    assert {"/web/redirectUris/1", "/web/homePageUrl", "/identifierUris"} <= app.unread.keys()


def test_a_sensitive_value_is_never_shown(reads: Reads) -> None:
    after = {**APP, "notes": "hunter2", "web": [{"redirect_uris": ["https://hunter2/"]}]}
    sensitive = {"notes": True, "web": [{"redirect_uris": True}]}
    app = only(reads({"plan.json": plan(change(after, sensitive=sensitive))})).app
    assert app.unread["/web/redirectUris"].note == "marked as sensitive"
    assert "hunter2" not in str(app)


@pytest.mark.parametrize(
    ("actions", "shown"),
    [
        (("create",), "Terraform plan, create"),
        (("update",), "Terraform plan, update"),
        (("no-op",), "Terraform plan, no change"),
        (("delete", "create"), "Terraform plan, replace"),
        (("create", "delete"), "Terraform plan, replace"),
    ],
)
def test_the_action_is_shown(reads: Reads, actions: tuple[str, ...], shown: str) -> None:
    reading = reads({"plan.json": plan(change(APP, actions=actions))})
    assert reading.row(only(reading).key).format == shown


def test_deletions_and_data_sources_are_no_registrations(reads: Reads) -> None:
    changes = (
        change(APP),
        change(None, name="gone", actions=("delete",)),
        change(None, name="left", actions=("forget",)),
        change(APP, name="data", mode="data"),
    )
    reading = reads({"plan.json": plan(*changes)})
    assert only(reading).key == "azuread_application.a"
    assert reading.inputs[0].note == "leaves out 2 that will be deleted"


def test_a_plan_that_only_deletes_is_no_problem_and_a_note_says_so(reads: Reads) -> None:
    reading = reads({"plan.json": plan(change(None, actions=("delete",)))})
    assert not reading.problems
    assert not reading.subjects
    assert "plan.json deletes or forgets 1 application and changes no other registration." in reading.notes


def test_a_plan_that_only_deletes_a_secret_is_no_problem(reads: Reads) -> None:
    gone = change(None, kind="azuread_application_password", actions=("delete",))
    reading = reads({"plan.json": plan(gone)})
    assert not reading.problems
    assert (
        "plan.json deletes or forgets 1 resource of an application and changes no other registration." in reading.notes
    )


def test_of_an_application_that_exists_others_may_have_added_credentials(reads: Reads) -> None:
    app = only(reads({"plan.json": plan(change({**APP, "client_id": "x"}, actions=("update",)))})).app
    assert app.unread["/federatedIdentityCredentials"].reason == "not-in-file"
    assert app.web.redirect_uris == ()


def test_pieces_find_their_application_through_the_configuration(reads: Reads) -> None:
    secret = {"display_name": "s", "end_date": "2030-01-01T00:00:00Z"}
    kind = "azuread_application_password"
    changes = (
        change(APP),
        change({**APP, "display_name": "B"}, name="b"),
        change(secret, kind=kind, name="p", unknown={"application_id": True, "value": True, "key_id": True}),
    )
    configuration = {
        "resources": [
            configured("azuread_application", "a"),
            configured("azuread_application", "b"),
            configured(kind, "p", **link("azuread_application.b")),
        ]
    }
    reading = reads({"plan.json": plan(*changes, configuration=configuration)})
    first, second = reading.subjects
    assert first.app.password_credentials == ()
    assert second.app.password_credentials[0].end_date_time == "2030-01-01T00:00:00Z"
    assert second.app.password_credentials[0].secret_text is not HIDDEN
    assert reading.locate(second.key, "/passwordCredentials/0/endDateTime").property == f"{kind}.p.end_date"


def test_instances_of_for_each_find_the_application_of_the_same_key(reads: Reads) -> None:
    kind = "azuread_application_identifier_uri"
    registration = "azuread_application_registration"
    changes = [change({"display_name": key}, kind=registration, index=key) for key in ("x", "y")]
    changes += [
        change({"identifier_uri": f"api://{key}"}, kind=kind, name="u", index=key, unknown={"application_id": True})
        for key in ("x", "y")
    ]
    configuration = {
        "resources": [configured(registration, "a"), configured(kind, "u", **link("", each=f"{registration}.a"))]
    }
    reading = reads({"plan.json": plan(*changes, configuration=configuration)})
    assert [subject.app.identifier_uris for subject in reading.subjects] == [("api://x",), ("api://y",)]
    assert [subject.key for subject in reading.subjects] == [f'{registration}.a["x"]', f'{registration}.a["y"]']


def test_a_piece_in_a_module_finds_the_application_that_was_handed_to_it(reads: Reads) -> None:
    kind = "azuread_application_owner"
    changes = (
        change(APP, module="module.app[0]"),
        change({"owner_object_id": "me"}, kind=kind, name="o", module="module.owner", unknown={"application_id": True}),
    )
    configuration = {
        "module_calls": {
            "app": {
                "source": "./app",
                "module": {
                    "resources": [configured("azuread_application", "a")],
                    "outputs": {"id": {"expression": {"references": ["azuread_application.a.id",
                        "azuread_application.a"]}}},
                },
            },
            "owner": {
                "source": "./owner",
                "expressions": {"app": {"references": ["module.app[0].id", "module.app[0]", "module.app"]}},
                "module": {"resources": [configured(kind, "o",
                    expressions={"application_id": {"references": ["var.app"]}})]},
            },
        }
    }  # fmt: skip
    reading = reads({"plan.json": plan(*changes, configuration=configuration)})
    subject = only(reading)
    assert subject.key == "module.app[0].azuread_application.a"
    assert [owner.id for owner in subject.app.owners] == ["me"]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_value_is_found_in_the_plan(reads: Reads, indent: int | None) -> None:
    after = {**APP, "display_name": "Ä", "web": [{"redirect_uris": ["http://a/cb"]}]}
    twice = change(after, name="drifted")
    text = plan(change({**after, "web": []}, name="b"), twice, indent=indent)
    text = text.replace(
        '"resource_changes"', f'"resource_drift": [{json.dumps(twice, indent=indent)}], "resource_changes"'
    )
    reading = reads({"plan.json": text})
    origin = reading.locate("azuread_application.drifted", "/web/redirectUris/0")
    assert origin.text[origin.text_start : origin.text_end] == '"http://a/cb"'
    before = text.index('"http://a/cb"', text.index('"drifted"', text.index('"resource_changes"')))
    assert origin.line == text[:before].count("\n") + 1
    assert origin.property == "azuread_application.drifted.web.redirect_uris[0]"


TF = """
variable "uris" {
  default = ["http://one/", "http://two/"]
}

resource "azuread_application" "a" {
  display_name = "A"
  web {
    redirect_uris = var.uris
  }
  required_resource_access {
    resource_app_id = "11111111-0000-0000-0000-000000000000"
  }
  required_resource_access {
    resource_app_id = "22222222-0000-0000-0000-000000000000"
  }
}
"""


def test_with_the_configuration_beside_it_a_finding_stands_where_the_value_is_written(reads: Reads) -> None:
    after = {
        **APP,
        "web": [{"redirect_uris": ["http://two/", "http://one/", "http://three/"]}],
        "required_resource_access": [{"resource_app_id": f"{n * 8}-0000-0000-0000-000000000000"} for n in "21"],
    }
    reading = reads({"infra/plan.json": plan(change(after)), "infra/main.tf": TF}, "infra/plan.json")
    key = "infra/azuread_application.a"

    def place(pointer: str) -> tuple[str | None, int | None, int | None]:
        origin = reading.locate(key, pointer)
        return origin.file, origin.line, origin.column

    assert place("/web/redirectUris/0") == ("infra/main.tf", 3, 29)
    assert place("/web/redirectUris/1") == ("infra/main.tf", 3, 14)
    assert place("/web/redirectUris/2")[:2] == ("infra/main.tf", 3)
    assert place("/requiredResourceAccess/0/resourceAppId")[:2] == ("infra/main.tf", 15)
    assert place("/requiredResourceAccess/1/resourceAppId")[:2] == ("infra/main.tf", 12)
    assert place("/spa/redirectUris")[:2] == ("infra/main.tf", 6)
    assert reading.row(key).origin.file == "infra/main.tf"


def test_a_plan_and_its_configuration_give_one_registration(reads: Reads) -> None:
    reading = reads({"infra/plan.json": plan(change(APP)), "infra/main.tf": TF}, "infra")
    assert reading.row(only(reading).key).format == "Terraform plan, create"


def test_a_state_file_is_read_with_the_secret_that_is_in_it(reads: Reads) -> None:
    state = {
        "version": 4,
        "terraform_version": "1.9.4",
        "resources": [
            {"mode": "managed", "type": "azuread_application", "name": "a", "instances": [
                {"attributes": {**APP, "client_id": "11111111-1111-4111-8111-111111111111", "id": "/applications/oid",
                    "object_id": "oid"}}]},
            {"module": "module.m", "mode": "managed", "type": "azuread_application_password", "name": "p",
                "instances": [
                {"index_key": 0, "attributes": {"application_id": "/applications/oid", "key_id": "k",
                    "value": "hunter2", "end_date": "2030-01-01T00:00:00Z"}}]},
        ],
    }  # fmt: skip
    reading = reads({"terraform.tfstate": json.dumps(state, indent=2)})
    subject = only(reading)
    assert reading.row(subject.key).format == "Terraform state"
    assert subject.key == "11111111-1111-4111-8111-111111111111"
    assert subject.app.password_credentials[0].secret_text == HIDDEN
    assert (
        reading.locate(subject.key, "/passwordCredentials/0").property == "module.m.azuread_application_password.p[0]"
    )


@pytest.mark.parametrize("sort", [False, True])
def test_what_terraform_show_prints_of_a_state_is_read(reads: Reads, sort: bool) -> None:
    def resource(address: str, oid: str) -> dict[str, Any]:
        values = {**APP, "object_id": oid, "display_name": oid}
        return {"address": address, "mode": "managed", "type": "azuread_application", "name": "a", "values": values}

    module = {"resources": [resource("module.m.azuread_application.a", "two")]}
    root = {"resources": [resource("azuread_application.a", "one")], "child_modules": [module]}
    state = {"format_version": "1.0", "terraform_version": "1.9.4", "values": {"root_module": root}}
    reading = reads({"state.json": json.dumps(state, indent=1, sort_keys=sort)})
    for key, name in (("azuread_application.a", "one"), ("module.m.azuread_application.a", "two")):
        origin = reading.locate(key, "/displayName")
        assert origin.text[origin.text_start : origin.text_end] == f'"{name}"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_plan_is_read_however_powershell_wrote_it(reads: Reads, folder: Any, encoding: str) -> None:
    (folder / "plan.json").write_bytes(plan(change(APP)).encode(encoding))
    assert only(reads({}, "plan.json")).app.display_name == "A"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"terraform_version": "1.9", "resource_changes": [',
            "is not a Terraform plan or state: input data was truncated"),
        ('{"terraform_version": "1.9", "resource_changes": 3}', "is not a Terraform plan or state"),
        ('{"terraform_version": "1.9", "version": 4, "resources": []}',
            "contains a Terraform state without an application"),
        ('{"version": 4, "terraform_version": "1", "resources": [{"mode": "managed", "type": "azuread_application", '
            '"name": "a", "instances": [{}]}]}', "contains a Terraform state without an application"),
        ('{"@level": "info", "@message": "Terraform 1.9"}', "contains the log of terraform plan -json"),
    ],
)  # fmt: skip
def test_a_bad_file_gets_one_line(reads: Reads, text: str, what: str) -> None:
    (problem,) = reads({"plan.json": text}).problems
    assert problem.what.startswith(what)
    assert problem.hint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (b'{"actions": 5, "after": {}}', "expected `array`"),
        (b'{"actions": ["create"], "after": {"display_name": "\xe9"}}', "not all of it is UTF-8"),
    ],
)
def test_a_part_about_an_application_that_is_broken_is_one_line(folder: Path, change: bytes, said: str) -> None:
    head = (
        b'{"format_version": "1.2",\n"resource_changes": [{"type": "azuread_application", "mode": "managed", "change": '
    )
    (folder / "plan.json").write_bytes(head + change + b"}]}")
    (problem,) = read_paths(["."], stdin=bytes).problems  # in a folder too it is not passed over
    assert said in problem.what
    assert problem.line in (1, 2)


def test_a_plan_that_is_nested_too_deeply_is_not_read(folder: Path) -> None:
    change = '{"actions": ["create"], "after": ' + "[" * 3000 + "]" * 3000 + "}"
    resource = '{"type": "azuread_application", "mode": "managed", "change": ' + change + "}"
    (folder / "plan.json").write_text('{"resource_changes": [' + resource + "]}", "utf-8")
    (row,) = read_paths(["."], stdin=bytes).inputs  # in a folder too it is not skipped
    assert (row.name, row.status) == ("plan.json", "not-read")
    assert row.note.startswith("is nested too deeply")


def test_a_plan_that_is_no_utf_8_somewhere_else_is_one_line_too(folder: Path) -> None:
    (folder / "plan.json").write_bytes(
        b'{"format_version": "1.2",\n"resource_changes": [{"type": "azuread_application\xe9"}]}'
    )
    (problem,) = read_paths(["plan.json"], stdin=bytes).problems
    assert (problem.line, problem.column) == (2, 51)


def _before(one: dict[str, Any], **before: Any) -> dict[str, Any]:
    one["change"]["before"] = before
    return one


def test_a_plan_says_what_is_there_before_it(reads: Reads) -> None:
    update = change({**APP, "sign_in_audience": "AzureADMultipleOrgs", "client_id": "x"}, actions=("update",))
    reading = reads({"plan.json": plan(_before(update, **APP, client_id="x"))})
    assert only(reading).app.sign_in_audience == "AzureADMultipleOrgs"
    assert only(reading.before).app.sign_in_audience == "AzureADMyOrg"


def test_what_a_plan_introduces_is_named(folder: Path, grantlint: Callable[..., Any]) -> None:
    web = [{"redirect_uris": ["http://shop.contoso.com/cb"]}]
    update = _before(change({**APP, "web": web, "client_id": "x"}, actions=("update",)), **APP, client_id="x")
    (folder / "plan.json").write_text(plan(update), "utf-8")
    shown = " ".join(grantlint("lint", "plan.json").err.split())
    assert "Introduced by the plan: 1 finding (plaintext-redirect-uri); fixed: 0." in shown


CONSENT = {
    "resource_changes": [
        change(APP, unknown=UNKNOWN),
        change({}, kind="azuread_service_principal", unknown={"object_id": True, "client_id": True}),
        change(
            {},
            kind="azuread_app_role_assignment",
            unknown={"app_role_id": True, "principal_object_id": True, "resource_object_id": True},
        ),
        change({"display_name": "ci"}, kind="azuread_service_principal_password", unknown={"end_date": True}),
    ],
    "configuration": {
        "root_module": {
            "resources": [
                {"type": "azuread_application", "name": "a", "mode": "managed"},
                {
                    "type": "azuread_service_principal",
                    "name": "a",
                    "mode": "managed",
                    "expressions": {"client_id": {"references": ["azuread_application.a.client_id"]}},
                },
                {
                    "type": "azuread_service_principal",
                    "name": "graph",
                    "mode": "data",
                    "expressions": {"client_id": {"constant_value": "00000003-0000-0000-c000-000000000000"}},
                },
                {
                    "type": "azuread_app_role_assignment",
                    "name": "a",
                    "mode": "managed",
                    "expressions": {
                        "app_role_id": {
                            "references": [
                                'data.azuread_service_principal.graph.app_role_ids["Application.ReadWrite.All"]'
                            ]
                        },
                        "principal_object_id": {"references": ["azuread_service_principal.a.object_id"]},
                        "resource_object_id": {"references": ["data.azuread_service_principal.graph.object_id"]},
                    },
                },
                {
                    "type": "azuread_service_principal_password",
                    "name": "a",
                    "mode": "managed",
                    "expressions": {"service_principal_id": {"references": ["azuread_service_principal.a.id"]}},
                },
            ]
        }
    },
}


def test_consent_and_secrets_of_a_plan_find_their_application_through_the_service_principal(reads: Reads) -> None:
    reading = reads({"plan.json": json.dumps(CONSENT)})
    (subject,) = reading.subjects
    assert [secret.lifetime_days for secret in subject.app.password_credentials] == [730]
    assert [one.value for one in reading.grants[subject.key].granted] == ["Application.ReadWrite.All"]


def test_in_a_state_ids_lead_from_a_grant_to_its_application(reads: Reads) -> None:
    def instance(mode: str, kind: str, name: str, **attributes: Any) -> dict[str, Any]:
        return {"mode": mode, "type": kind, "name": name, "instances": [{"attributes": attributes}]}

    graph = {"client_id": "00000003-0000-0000-c000-000000000000", "object_id": "o-graph"}
    resources = [
        instance("managed", "azuread_application", "a", display_name="A", client_id="c", object_id="o-app"),
        instance("managed", "azuread_service_principal", "a", client_id="c", object_id="o-principal"),
        instance("data", "azuread_service_principal", "graph", **graph),
        instance(
            "managed", "azuread_app_role_assignment", "a",
            app_role_id="1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9", principal_object_id="o-principal",
            resource_object_id="o-graph",
        ),
    ]  # fmt: skip
    reading = reads({"terraform.tfstate": json.dumps({"version": 4, "terraform_version": "1", "resources": resources})})
    (subject,) = reading.subjects
    assert [one.value for one in reading.grants[subject.key].granted] == ["Application.ReadWrite.All"]


@pytest.mark.parametrize(("more", "why"), [({"errored": True}, "planning failed"), ({"complete": False}, "incomplete")])
def test_a_plan_without_all_changes_says_so(reads: Reads, more: dict[str, bool], why: str) -> None:
    document = json.loads(plan(change(APP))) | more
    (note,) = reads({"plan.json": json.dumps(document)}).notes
    assert note.startswith("plan.json does not have all changes")
    assert why in note


def test_of_a_resource_that_is_not_known_at_all_nothing_is_known(reads: Reads) -> None:
    one = change({})
    one["change"]["after_unknown"] = True
    (subject,) = reads({"plan.json": plan(one)}).subjects
    assert {"/displayName", "/signInAudience", "/owners", "/web"} <= subject.app.unread.keys()


def test_two_plans_in_one_file_are_not_read_as_one(reads: Reads) -> None:
    (problem,) = reads({"plan.json": plan(change(APP)) + "\n" + plan(change(APP))}).problems
    assert problem.what == "has text after the end of its plan or state"
    assert problem.line is not None


def test_in_a_folder_an_encrypted_state_and_the_log_of_a_plan_are_named(reads: Reads, folder: Path) -> None:
    log = {"@level": "info", "@message": "azuread_application.a: Plan to create"}
    reads({"terraform.tfstate": '{"encrypted_data": "q83v", "serial": 1}', "plan.json": json.dumps(log)})
    reading = read_paths([str(folder)], stdin=bytes)
    assert [(row.status, row.note) for row in reading.inputs] == [("not-read", "is encrypted by OpenTofu")]
    assert [problem.what for problem in reading.problems] == ["contains the log of terraform plan -json, not the plan"]


def test_a_binary_plan_is_named(folder: Path) -> None:
    (folder / "tfplan.json").write_bytes(b"PK\3\4\x14\0\x08\0tfplan")
    assert [problem.what for problem in read_paths(["tfplan.json"], stdin=bytes).problems] == ["is a binary plan"]
