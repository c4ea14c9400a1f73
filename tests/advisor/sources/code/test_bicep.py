"""``.bicep`` files: every shape in which people write a registration."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.code.bicep.parse import Parser
from advisor.sources.reading.builder import Reading
from advisor.sources.reading.document import Document

Reads = Callable[..., Reading]


def bicep(inside: str, more: str = "", head: str = "extension microsoftGraphV1\n") -> str:
    return (
        f"{head}{more}\nresource app 'Microsoft.Graph/applications@v1.0' = {{\n  uniqueName: 'a'\n  displayName: "
        f"'A'\n{inside}\n}}\n"
    )


def only(reading: Reading) -> Any:
    assert reading.problems == ()
    (subject,) = reading.subjects
    return subject.app


@pytest.mark.parametrize(
    "head",
    [
        "",
        "extension microsoftGraphV1\n",
        "extension 'br:mcr.microsoft.com/bicep/extensions/microsoftgraph/v1.0:0.1.8-preview'\n",
        "extension graph with {\n  a: 'b'\n}\n",
        "provider microsoftGraph\n",
        "targetScope = 'subscription'\n@description('''\nresource no 'x' = {\n''')\nparam a string\n",
        "#disable-next-line no-unused\nimport { x } from 'other.bicep'\ntype t = { a: string\n b: 'x' | 'y' }\nfunc "
        "f(a string) string => '${a}'\n",
        "\ufeff// a comment\n/* and\nanother */\n",
    ],
)
def test_a_registration_is_found_whatever_stands_before_it(reads: Reads, head: str) -> None:
    reading = reads({"main.bicep": bicep("  spa: { redirectUris: ['http://a/'] }", head=head)})
    assert only(reading).spa.redirect_uris == ("http://a/",)


@pytest.mark.parametrize("version", ["@v1.0", "@beta", "@1.0", ""])
def test_every_spelling_of_the_version_is_read(reads: Reads, version: str) -> None:
    text = bicep("  notes: 'n'").replace("applications@v1.0", f"applications{version}")
    assert only(reads({"main.bicep": text})).notes == "n"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("uris", ("https://p/",)),
        ("[ 'https://${host}/cb' ]", ("https://h.example/cb",)),
        ("[\n  // why\n  'a'\n  'b' // c\n]", ("a", "b")),
        ("concat(uris, ['x'])", ("https://p/", "x")),
        ("settings.inner['uris']", ("https://s/",)),
        ("settings.?inner.uris", ("https://s/",)),
        ("multi ? [] : uris", ("https://p/",)),
        ("multi\n  ? []\n  : uris", ("https://p/",)),
        ("host == 'h.example' && !multi ? ['y'] : []", ("y",)),
        ("['it\\'s', '''raw ${x}''', 'a\\u{62}c']", ("it's", "raw ${x}", "abc")),
        ("empty(host) ? [] : [toUpper('a'), format('{0}-{1}', 'a', 1)]", ("A", "a-1")),
        ("other.properties.uris", ("https://o/",)),
        ("[for u in uris: '${u}cb']", ("https://p/cb",)),
        ("[for (u, i) in concat(uris, ['x']): '${u}${i}']", ("https://p/0", "x1")),
    ],
)  # fmt: skip
def test_what_is_literal_is_known(reads: Reads, expression: str, value: tuple[str, ...]) -> None:
    more = """
var uris = ['https://p/']
var multi = false
var host = 'h.example'
var settings = {
  inner: { uris: ['https://s/'] }
}
resource other 'Some/thing@v1' = {
  properties: { uris: ['https://o/'] }
}
"""
    assert only(reads({"main.bicep": bicep(f"  identifierUris: {expression}", more)})).identifier_uris == value


@pytest.mark.parametrize(
    "expression",
    [
        "nobody", "[for u in list: u]", "other.outputs.uris", "loadJsonContent('x.json')", "param1", "map(l, x => x.y)",
        "round", "listKeys(a, '1')[0].value", "multi ? a : b", "union(a, [])", "concat([], param1)",
        "flatten([param1])", "existing!.properties.x",
    ],
)  # fmt: skip
def test_everything_else_is_not_known_yet(reads: Reads, expression: str) -> None:
    more = "param param1 array\nparam multi bool\nvar round = around\nvar around = round\n"
    app = only(reads({"main.bicep": bicep(f"  identifierUris: {expression}\n  notes: 'n'", more)}))
    assert "/identifierUris" in app.unread
    assert app.notes == "n"


def test_a_value_stands_where_it_is_written(reads: Reads) -> None:
    text = bicep(
        "  web: {\n    redirectUris: uris\n    logoutUrl: 'http://ä/out'\n  }",
        "var uris = [\n  'http://p/'\n]\n",
    )
    reading = reads({"main.bicep": text})
    key = reading.subjects[0].key
    for pointer, line, shown in (("/web/redirectUris/0", 3, "'http://p/'"), ("/web/logoutUrl", 11, "'http://ä/out'")):
        origin = reading.locate(key, pointer)
        assert (origin.line, origin.text[origin.text_start : origin.text_end]) == (line, shown)
        assert origin.property == pointer[1:].replace("/0", "[0]").replace("/", ".")
    assert key == "main.bicep#app"
    assert reading.row(key).origin.line == 6


FIC = "issuer: 'https://i'\n subject: 'repo:a/b:*'\n audiences: ['api://AzureADTokenExchange']"


@pytest.mark.parametrize(
    ("inside", "more"),
    [
        (f"  resource fic 'federatedIdentityCredentials@v1.0' = {{\n name: 'a/ci'\n {FIC}\n }}", ""),
        (f"  resource fic 'federatedIdentityCredentials' = {{\n name: '${{app.uniqueName}}/ci'\n {FIC}\n }}", ""),
        ("", f"resource fic 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {{\n name: "
            f"'${{app.uniqueName}}/ci'\n {FIC}\n}}"),
        ("", f"resource fic 'Microsoft.Graph/applications/federatedIdentityCredentials@beta' = if (true) {{\n parent: "
            f"app\n name: 'ci'\n {FIC}\n}}"),
        ("", f"resource fic 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = [for s in ['x']: {{\n "
            f"name: '${{app.uniqueName}}/${{s}}'\n {FIC}\n}}]"),
    ],
)  # fmt: skip
def test_a_federated_credential_belongs_to_its_application(reads: Reads, inside: str, more: str) -> None:
    app = only(reads({"main.bicep": bicep(inside, more)}))
    assert [one.subject for one in app.federated_identity_credentials] == ["repo:a/b:*"]


def test_the_credential_of_an_application_that_exists_is_checked_alone(reads: Reads) -> None:
    text = (
        f"resource app 'Microsoft.Graph/applications@v1.0' existing = {{\n uniqueName: 'u'\n}}\nresource f "
        f"'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {{\n name: '${{app.uniqueName}}/ci'\n "
        f"{FIC}\n}}\n"
    )
    reading = reads({"main.bicep": text})
    assert only(reading).federated_identity_credentials[0].issuer == "https://i"
    assert reading.row(reading.subjects[0].key).name == "application app"


def test_loops_and_conditions_are_followed_as_far_as_they_are_known(reads: Reads) -> None:
    text = """
param unknown bool
resource many 'Microsoft.Graph/applications@v1.0' = [for (env, i) in ['dev', 'prod']: {
  displayName: 'App ${env} ${i}'
}]
resource never 'Microsoft.Graph/applications@v1.0' = if (1 == 2) {
  displayName: 'Never'
}
resource perhaps 'Microsoft.Graph/applications@v1.0' = if (unknown) {
  displayName: 'Perhaps'
}
resource who 'Microsoft.Graph/applications@v1.0' = [for app in apps: {
  displayName: app.name
}]
"""
    reading = reads({"main.bicep": text})
    rows = [reading.row(subject.key) for subject in reading.subjects]
    assert [(row.name, row.format) for row in rows] == [
        ("App dev 0", "Bicep"),
        ("App prod 1", "Bicep"),
        ("Perhaps", "Bicep, conditional"),
        ("who", "Bicep"),
    ]


def test_two_resources_of_one_unique_name_are_one_registration(reads: Reads) -> None:
    again = bicep("  notes: 'two'\n  signInAudience: 'AzureADMyOrg'", head="").replace("resource app", "resource again")
    app = only(reads({"main.bicep": bicep("  description: 'one'\n  signInAudience: 'AzureADMultipleOrgs'") + again}))
    assert (app.description, app.notes) == ("one", "two")
    assert "/signInAudience" in app.unread


def test_only_existing_registrations_are_told_as_that(reads: Reads) -> None:
    (problem,) = reads(
        {"main.bicep": "resource a 'Microsoft.Graph/applications@v1.0' existing = {\n uniqueName: 'x'\n}\n"}
    ).problems
    assert problem.what == "only refers to existing registrations"


def test_a_mistake_costs_its_statement_and_one_line(reads: Reads) -> None:
    broken = "resource b 'Microsoft.Graph/applications@v1.0' = {\n  displayName 'no colon'\n}\n"
    reading = reads({"main.bicep": broken + bicep("  notes: 'n'", head="")})
    assert [(problem.what, problem.line) for problem in reading.problems] == [
        ("is not valid Bicep at this position", 2)
    ]
    assert [subject.app.notes for subject in reading.subjects] == ["n"]


def test_what_it_compiles_to_is_checked_instead_in_a_folder(reads: Reads) -> None:
    compiled = (
        '{"$schema": "x/deploymentTemplate.json#", "contentVersion": "1", "resources": {"a": {"type": '
        '"Microsoft.Graph/applications@v1.0", "properties": {"displayName": "C"}}}}'
    )
    reading = reads({"i/main.bicep": bicep(""), "i/main.json": compiled}, "i")
    assert [reading.row(subject.key).format for subject in reading.subjects] == ["ARM template"]
    assert "i/main.bicep was not read, but i/main.json, which it compiles to." in reading.notes


@given(st.text(alphabet="resource app='{}[]()\n:,.?!$ab1&|/*#@", max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    Parser(Document("x.bicep", f"resource a 'Microsoft.Graph/applications@v1.0' = {{{text}")).statements()
    Parser(Document("x.bicep", text)).statements()


@pytest.mark.parametrize("before", ["", "\n  ", "\n\n  // which\n  "])
def test_a_loop_of_resources_may_begin_on_a_line_of_its_own(reads: Reads, before: str) -> None:
    more = f"""
resource fic 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = [{before}for (b, i) in ['x',
    'y']: if (true) {{
  name: '${{app.uniqueName}}/f${{i}}'
  subject: b
}}{before}]
"""
    app = only(reads({"main.bicep": bicep("  notes: 'n'") + more}))
    assert [one.subject for one in app.federated_identity_credentials] == ["x", "y"]


@pytest.mark.parametrize(
    ("inside", "known", "unread"),
    [
        ("  identifierUris: [...uris, 'api://b']", ("api://a", "api://b"), ()),
        ("  identifierUris: [...more, 'api://b']", None, ("/identifierUris/0",)),
        ("  identifierUris: [...more]", None, ("/identifierUris",)),
        ("  ...{ identifierUris: uris }", ("api://a",), ()),
        ("  identifierUris: []\n  ...{ identifierUris: uris }", ("api://a",), ()),
        ("  ...unknown\n  identifierUris: uris", ("api://a",), ("/displayName",)),
        ("  identifierUris: uris\n  ...unknown", None, ("/identifierUris", "/displayName")),
    ],
)
def test_what_is_spread_into_a_list_or_an_object_counts_as_far_as_it_is_known(
    reads: Reads, inside: str, known: tuple[str, ...] | None, unread: tuple[str, ...]
) -> None:
    app = only(reads({"main.bicep": bicep(inside, "var uris = ['api://a']\nparam more array\nparam unknown object\n")}))
    assert known is None or app.identifier_uris == known
    assert set(unread) <= app.unread.keys()


@pytest.mark.parametrize("link", ["  name: '${there.uniqueName}/ci'", "  parent: there\n  name: 'ci'"])
def test_a_credential_finds_its_application_through_an_existing_resource_of_that_name(reads: Reads, link: str) -> None:
    more = (
        "resource there 'Microsoft.Graph/applications@v1.0' existing = { uniqueName: 'a' }\n"
        f"resource fic 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {{\n{link}\n"
        "  issuer: 'https://i/'\n  subject: 's'\n  audiences: ['api://AzureADTokenExchange']\n}"
    )
    registration = only(reads({"main.bicep": bicep("", more)}))
    assert [one.subject for one in registration.federated_identity_credentials] == ["s"]
