"""Teams and Microsoft 365 projects: placeholders from the environment, and apps that name a registration."""

import json
from collections.abc import Callable

import pytest

from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]
MANIFEST = json.dumps(
    {
        "appId": "${{AAD_APP_CLIENT_ID}}",
        "displayName": "bot-${{TEAMSFX_ENV}}",
        "signInAudience": "AzureADMyOrg",
        "web": {"redirectUris": ["https://${{BOT_DOMAIN}}/auth-end.html", "${{NOBODY}}"]},
    },
    indent=1,
)
APP = json.dumps(
    {
        "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
        "manifestVersion": "1.16",
        "developer": {},
        "webApplicationInfo": {"id": "11111111-1111-4111-8111-111111111111", "resource": "api://x"},
    },
    indent=1,
)


def test_placeholders_are_filled_from_the_first_environment_and_the_others_are_named(reads: Reads) -> None:
    files = {
        "aad.manifest.json": MANIFEST,
        "env/.env.local": "BOT_DOMAIN=localhost\n",
        "env/.env.dev": "# comment\nTEAMSFX_ENV=dev\nBOT_DOMAIN='bot.example' \nAAD_APP_CLIENT_ID=\n",
        "env/.env.dev.user": "SECRET=x\n",
    }
    reading = reads(files, "aad.manifest.json")
    (subject,) = reading.subjects
    assert subject.app.web.redirect_uris[0] == "https://bot.example/auth-end.html"
    assert subject.app.display_name == "bot-dev"
    assert {"/appId", "/web/redirectUris/1"} <= subject.app.unread.keys()
    assert reading.notes == (
        "Placeholders in aad.manifest.json were filled from env/.env.dev; --env chooses among local too.",
    )
    assert reading.locate(subject.key, "/web/redirectUris/0").line == 7


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BOT_DOMAIN=a.example", "a.example"),
        ("export BOT_DOMAIN = a.example # said", "a.example"),
        ('BOT_DOMAIN="a.example"   # said', "a.example"),
        ("BOT_DOMAIN='a#b' # said", "a#b"),
        ('BOT_DOMAIN="a', '"a'),
        ("BOT_DOMAIN= # nothing yet", None),
        ('BOT_DOMAIN=""', None),
    ],
)
def test_an_environment_is_read_as_its_tool_reads_it(reads: Reads, line: str, value: str | None) -> None:
    reading = reads({"aad.manifest.json": MANIFEST, "env/.env.dev": line}, "aad.manifest.json")
    uri = reading.subjects[0].app.web.redirect_uris[0]
    assert uri == (f"https://{value}/auth-end.html" if value else "https://${{BOT_DOMAIN}}/auth-end.html")


def test_another_environment_can_be_chosen(reads: Reads) -> None:
    files = {"aad.manifest.json": MANIFEST, "env/.env.local": "BOT_DOMAIN=localhost", "env/.env.dev": "BOT_DOMAIN=dev"}
    reading = reads(files, "aad.manifest.json", environment="local")
    assert reading.subjects[0].app.web.redirect_uris[0] == "https://localhost/auth-end.html"
    reading = reads(files, "aad.manifest.json", environment="prod")
    assert [problem.what for problem in reading.problems] == ["has no environment 'prod'"]
    assert "/web/redirectUris/0" in reading.subjects[0].app.unread


def test_the_environment_is_found_from_a_folder_below_the_project(reads: Reads) -> None:
    files = {"app/build/aad.manifest.json": MANIFEST, "app/env/.env.dev": "BOT_DOMAIN=dev"}
    assert reads(files, "app").subjects[0].app.web.redirect_uris[0] == "https://dev/auth-end.html"


def test_without_an_environment_placeholders_stay(reads: Reads) -> None:
    reading = reads({"aad.manifest.json": MANIFEST})
    assert "/web/redirectUris/0" in reading.subjects[0].app.unread
    assert reading.notes == ()


def test_an_app_names_its_registration_and_nothing_in_it_is_checked(reads: Reads) -> None:
    reading = reads({"appPackage/manifest.json": APP})
    assert reading.problems == reading.subjects == ()
    assert [(row.format, row.status, row.registrations) for row in reading.inputs] == [
        ("Teams app manifest", "read", 0)
    ]
    assert reading.notes == (
        "Named but not checked, because it is declared elsewhere: "
        "11111111-1111-4111-8111-111111111111 (appPackage/manifest.json:5, webApplicationInfo).",
    )


def test_a_registration_that_is_checked_in_the_same_run_is_not_named_again(reads: Reads) -> None:
    own = '{"appId": "11111111-1111-4111-8111-111111111111", "signInAudience": "AzureADMyOrg"}'
    reading = reads({"a/appPackage/manifest.json": APP, "a/aad.manifest.json": own}, "a")
    assert len(reading.subjects) == 1
    assert reading.notes == ("Looked at 2 files in a.",)


def test_an_app_without_a_registration_says_so(reads: Reads) -> None:
    (problem,) = reads({"manifest.json": APP.replace("webApplicationInfo", "other")}).problems
    assert problem.what == "is a Teams app manifest without webApplicationInfo"


def test_the_app_and_the_manifest_of_one_project_are_recognized_as_that(reads: Reads) -> None:
    app = APP.replace("11111111-1111-4111-8111-111111111111", "${{AAD_APP_CLIENT_ID}}")
    files = {".git/HEAD": "", "aad.manifest.json": MANIFEST, "appPackage/manifest.json": app}
    assert reads(files, *list(files)[1:]).notes == ()
    filled = reads(
        {**files, "env/.env.dev": "AAD_APP_CLIENT_ID=11111111-1111-4111-8111-111111111111"}, *list(files)[1:]
    )
    assert [note for note in filled.notes if note.startswith("Named")] == []
    alone = reads({"appPackage/manifest.json": app}, "appPackage/manifest.json")
    assert "11111111-1111-4111-8111-111111111111 (appPackage/manifest.json:" in alone.notes[0]


@pytest.mark.parametrize(
    ("uris", "is_named"),
    [(["api://other"], True), ([], True), (["API://x"], False), (["${{URI}}"], False), (None, False)],
)
def test_a_resource_that_is_no_identifier_uri_of_the_registration_is_named(
    reads: Reads, uris: list[str] | None, is_named: bool
) -> None:
    app = {"appId": "11111111-1111-4111-8111-111111111111", "displayName": "Bot", "signInAudience": "AzureADMyOrg"}
    manifest = json.dumps(app if uris is None else {**app, "identifierUris": uris})
    notes = " ".join(reads({"aad.manifest.json": manifest, "manifest.json": APP}).notes)
    assert ("names the resource api://x, which is not an identifier URI of Bot" in notes) == is_named
