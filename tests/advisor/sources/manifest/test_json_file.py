"""One JSON text: the quick way and the patient way read the same, and origins lead back to it."""

import json
from typing import Any

import pytest

from advisor.errors import InputError
from advisor.sources.discover import read_texts
from advisor.sources.reading.builder import Reading
from rules.model.clean import KINDS, clean
from rules.model.registration import UNSET, read_value


def read(value: Any, name: str = "apps.json") -> Reading:
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    return read_texts({name: text.encode()})


def page(**more: Any) -> dict[str, Any]:
    return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications",
        "value": [clean(kind) for kind in KINDS],
        **more,
    }


def patiently(value: Any) -> Reading:
    """The same with a comment in front, which only the patient way can read."""
    return read("/* by hand */ " + json.dumps(value, indent=2))


@pytest.mark.parametrize(
    "value",
    [page(), [clean(kind) for kind in KINDS], page(value=[{"appId": "a", "web": {"redirectUris": ["https://x/"]}}])],
)
def test_both_ways_read_the_same(value: Any) -> None:
    quick, patient = read(value), patiently(value)
    fields = type(patient.subjects[0].app).__struct_fields__
    for one, other in zip(quick.subjects, patient.subjects, strict=True):
        assert one.key == other.key
        assert [getattr(one.app, name) for name in fields] == [getattr(other.app, name) for name in fields]
        rows = [reading.row(one.key) for reading in (quick, patient)]
        assert rows[0].complete == rows[1].complete
        assert rows[0].format == rows[1].format
        places = [reading.locate(one.key, "/web/redirectUris") for reading in (quick, patient)]
        assert places[0].line == places[1].line
        assert places[0].text == places[1].text


@pytest.mark.parametrize(
    ("value", "format"),
    [
        (page(), "Microsoft Graph response"),
        ([clean("web")], "list of applications"),
        (clean("web"), "manifest, Microsoft Graph format"),
        ({"@odata.context": "x", **clean("web")}, "Microsoft Graph response"),
        ({"appId": "a", "oauth2AllowImplicitFlow": False}, "manifest, Azure AD Graph format"),
        ({"AppRegistrations": [clean("web")]}, "list of applications"),
        (json.dumps(clean("web")) + "\n" + json.dumps(clean("spa")) + "\n", "JSON lines"),
    ],
)
def test_the_input_row_says_what_it_was(value: Any, format: str) -> None:
    reading = read(value)
    assert [(row.format, row.status, row.registrations) for row in reading.inputs] == [
        (format, "read", len(reading.subjects))
    ]


def test_in_json_lines_every_registration_has_its_own_line() -> None:
    reading = read("\n".join(json.dumps(clean(kind)) for kind in KINDS))
    assert [reading.row(subject.key).origin.line for subject in reading.subjects] == [1, 2, 3, 4, 5, 6]
    assert reading.locate(reading.subjects[3].key, "/displayName").line == 4


def test_an_element_in_the_old_vocabulary_is_translated_inside_a_response_too() -> None:
    reading = read({"value": [clean("web"), {"appId": "old", "replyUrls": ["http://x.example/"], "objectId": "o"}]})
    assert read_value(reading.subjects[1].app, "web.redirectUris") == ("http://x.example/",)
    assert reading.locate("old", "/web/redirectUris/0").property == "replyUrls[0]"


def test_keys_are_unique_even_for_the_same_client_id() -> None:
    app = clean("web")
    reading = read([app, app, {"web": {"redirectUris": []}}, {"web": {"redirectUris": []}}])
    keys = [subject.key for subject in reading.subjects]
    assert len(set(keys)) == 4
    assert keys[:2] == [app["appId"], f"{app['appId']} (2)"]


def test_a_registration_without_name_is_called_by_its_client_id_or_its_file() -> None:
    assert read({"appId": "a", "web": {"redirectUris": []}}).row("a").name == "a"
    reading = read({"web": {"redirectUris": []}}, "folder/body.json")
    assert reading.row(reading.subjects[0].key).name == "Registration in body.json"


def test_a_powershell_export_keeps_its_capitals_in_origins() -> None:
    text = json.dumps({"AppId": "a", "Web": {"RedirectUris": ["http://x.example/"]}}, indent=2).replace("\n", "\r\n")
    reading = read_texts({"apps.json": b"\xff\xfe" + text.encode("utf-16-le")})
    origin = reading.locate("a", "/web/redirectUris/0")
    assert (origin.property, origin.line, origin.column, origin.text) == (
        "Web.RedirectUris[0]",
        5,
        7,
        '      "http://x.example/"',
    )
    assert reading.spell("a", "/web/implicitGrantSettings") == "Web.ImplicitGrantSettings"


def test_a_property_that_is_not_there_is_spelled_in_the_files_vocabulary() -> None:
    reading = read({"appId": "a", "replyUrlsWithType": [], "name": "Bot"})
    origin = reading.locate("a", "/web/redirectUris")
    assert origin.property == "replyUrlsWithType"
    assert reading.spell("a", "/publicClient/redirectUris") == "replyUrlsWithType"
    missing = reading.locate("a", "/verifiedPublisher/verifiedPublisherId")
    assert (missing.property, missing.line, missing.text) == ("verifiedPublisher.verifiedPublisherId", 1, "")


def test_a_wrong_type_is_a_problem_with_its_place_and_the_rest_is_read() -> None:
    reading = read({"value": [clean("web"), {**clean("spa"), "isFallbackPublicClient": "yes"}]})
    assert len(reading.subjects) == 2
    assert reading.subjects[1].app.is_fallback_public_client is UNSET
    (problem,) = reading.problems
    assert problem.what == "isFallbackPublicClient must be true, false or null"
    assert problem.line is not None
    assert "Contoso Orders" in problem.hint


def test_redirect_uri_settings_are_in_for_redirect_uris_that_are_not_there() -> None:
    settings = [{"uri": "https://x.example/", "index": None}]
    app = read({"appId": "a", "web": {"redirectUriSettings": settings}}).subjects[0].app
    assert read_value(app, "web.redirectUris") == ("https://x.example/",)
    both = read({"appId": "a", "web": {"redirectUris": [], "redirectUriSettings": settings}}).subjects[0].app
    assert read_value(both, "web.redirectUris") == ()


def test_graph_beta_names_the_scopes_of_a_preauthorized_client_otherwise() -> None:
    clients = [{"appId": "b", "permissionIds": ["s"]}, {"appId": "c"}]
    reading = read({"appId": "a", "spa": {}, "api": {"preAuthorizedApplications": clients}})
    first, second = read_value(reading.subjects[0].app, "api.preAuthorizedApplications")
    assert first.delegated_permission_ids == ("s",)
    assert second.delegated_permission_ids is UNSET
    pointer = "/api/preAuthorizedApplications/0/delegatedPermissionIds"
    assert reading.locate(reading.subjects[0].key, pointer).property.endswith("permissionIds")


def test_a_link_to_a_next_page_means_partly_read() -> None:
    more = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/applications?$skiptoken=x"}
    for reading in (read(page(**more)), patiently(page(**more))):
        assert reading.inputs[0].status == "partly"
        assert "next page" in reading.inputs[0].note
        assert reading.inputs[0].remedy


def test_a_template_with_opposite_sections_is_partly_read() -> None:
    text = (
        '{"appId": "a", "identifierUris": [\n{{#Entra}}\n "api://a"\n{{/Entra}}\n{{^Entra}}\n "api://b"\n{{/Entra}}\n]}'
    )
    reading = read(text)
    assert reading.subjects[0].app.identifier_uris == ("api://a",)
    assert reading.inputs[0].status == "partly"
    assert "{{^Entra}}" in reading.inputs[0].note


@pytest.mark.parametrize(
    ("text", "said", "line", "column"),
    [
        ("", "is empty", None, None),
        ("  \n", "is empty", None, None),
        ("// nothing\n", "is empty", None, None),
        ('{"appId": "a",\n "web": {"redirectUris": [}}', "is not JSON: a value is missing", 2, 27),
        ('{"appId": "a"', "is not JSON", 1, None),
        ("one registration: none", "is not JSON", 1, 1),
        ("[" * 100_000, "is nested too deeply", None, None),
        ('{"appId": ' + "1" * 5000 + "}", "is not JSON: exceeds the limit", None, None),
        ('{"error": {"code": "Denied", "message": "No"}}', "an error instead of registrations: Denied: No", None, None),
        ('{"value": []}', "contains an empty list", None, None),
    ],
)
def test_what_holds_no_registration_is_told_in_one_line(
    text: str, said: str, line: int | None, column: int | None
) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    error = caught.value
    assert said.casefold() in error.what.casefold()
    assert "\n" not in error.what + error.hint
    assert error.hint
    assert line is None or error.line == line
    assert column is None or error.column == column


def test_what_the_walk_cannot_follow_has_an_origin_without_a_line() -> None:
    deep = (
        '{"value": [{"appId": "a", "web": {"redirectUris": ["http://x.example/"]}, "signInAudience": "AzureADMyOrg", '
        '"n": ' + "1" * 5000 + "}]}"
    )
    origin = read(deep).locate("a", "/web/redirectUris/0")
    assert origin.property == "web.redirectUris[0]"


APP = {"appId": "a", "displayName": "Portal", "web": {"redirectUris": ["http://portal.contoso.com/"]}}


@pytest.mark.parametrize(
    "before",
    [
        "WARNING: The underlying API will be replaced.\n",
        "\x1b[33mThis command is in preview.\x1b[0m\n",
        "Retrieving registrations\nof the tenant\n",
    ],
)
def test_what_a_tool_logs_before_the_json_is_passed_over(before: str) -> None:
    reading = read(before + json.dumps(APP, indent=2))
    (subject,) = reading.subjects
    assert reading.locate(subject.key, "/web/redirectUris/0").line == 6 + before.count("\n")


def test_colors_of_a_terminal_are_passed_over() -> None:
    colored = json.dumps(APP).replace('"appId"', '\x1b[94m"appId"\x1b[39;49;00m').replace("{", "\x1b[39m{\x1b[0m")
    assert read(colored).subjects[0].app.app_id == "a"


def test_every_response_of_a_batch_is_read_or_named() -> None:
    responses = [
        {"id": "1", "status": 200, "body": {"value": [APP]}},
        {"id": "2", "status": 200, "body": APP | {"appId": "b"}},
        {"id": "3", "status": 403, "body": {"error": {"code": "Authorization_RequestDenied", "message": "no"}}},
        {"id": "4", "status": 200, "body": {"value": []}},
    ]
    reading = read({"responses": responses})
    assert [subject.app.app_id for subject in reading.subjects] == ["a", "b"]
    assert reading.locate("a", "/web/redirectUris/0").property == "web.redirectUris[0]"
    (row,) = reading.inputs
    assert row.status == "partly"
    assert row.note == "response 3 is an error: Authorization_RequestDenied: no; response 4 contains an empty list"


@pytest.mark.parametrize("more", [1, 3])
def test_a_file_of_the_azure_cli_with_one_property_is_a_registration_of_which_only_that_is_known(more: int) -> None:
    credential = {"issuer": "https://i/", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}
    files = [
        (credential, "/federatedIdentityCredentials/0/subject"),
        ([credential] * more, f"/federatedIdentityCredentials/{more - 1}/subject"),
        ([{"resourceAppId": "r", "resourceAccess": []}] * more, f"/requiredResourceAccess/{more - 1}/resourceAppId"),
        ([{"allowedMemberTypes": ["User"], "value": "v", "displayName": "d"}] * more, f"/appRoles/{more - 1}/value"),
    ]
    for value, pointer in files:
        reading = read(value)
        (subject,) = reading.subjects
        assert read_value(subject.app, "displayName") is UNSET
        assert reading.locate(subject.key, pointer).text.strip().startswith('"')


def test_what_powershell_cut_is_one_problem_of_the_file() -> None:
    cut = {"AppId": "a", "SignInAudience": "AzureADMyOrg", "Web": "W", "Spa": {"RedirectUris": "https://a/ https://b/"}}
    (problem,) = read([cut, cut | {"AppId": "b"}]).problems
    assert problem.what.startswith("Web and 3 other values must be a list or an object")
    assert "-Depth 10" in problem.hint


def test_a_strict_response_in_which_owners_are_null_says_nothing_of_owners() -> None:
    app = clean(KINDS[0]) | {"owners": None, "federatedIdentityCredentials": None}
    (subject,) = read({"value": [app]}).subjects
    assert (subject.app.owners, subject.app.federated_identity_credentials) == (UNSET, UNSET)
