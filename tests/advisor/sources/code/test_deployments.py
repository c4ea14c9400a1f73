"""Bicep files and ARM templates with what decides their values: parameter files, calls of modules, loaded files."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from advisor.sources.code.template_functions import LONGEST_LIST
from advisor.sources.reading.builder import Reading
from rules.model.registration import UNSET

Reads = Callable[..., Reading]
ARM = "https://schema.management.azure.com/schemas/2019-04-01/deployment{}.json#"
APP = """
extension microsoftGraphV1
param implicit bool = false
param uris array = ['https://default.example/cb']
resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'shop'
  displayName: 'Shop'
  web: {
    redirectUris: uris
    implicitGrantSettings: { enableAccessTokenIssuance: implicit }
  }
}
"""


def arm_parameters(**values: Any) -> str:
    given = {name: {"value": value} for name, value in values.items()}
    return json.dumps({"$schema": ARM.format("Parameters"), "contentVersion": "1.0.0.0", "parameters": given})


def compiled(**more: Any) -> str:
    """The template that APP compiles to, with other parameters."""
    web = {
        "redirectUris": "[parameters('uris')]",
        "implicitGrantSettings": {"enableAccessTokenIssuance": "[parameters('implicit')]"},
    }
    app = {
        "type": "Microsoft.Graph/applications@v1.0",
        "properties": {"uniqueName": "shop", "displayName": "Shop", "web": web},
    }
    declared = {
        "implicit": {"type": "bool", "defaultValue": False},
        "uris": {"type": "array", "defaultValue": ["https://default.example/cb"]},
        **more,
    }
    template = {"$schema": ARM.format("Template"), "contentVersion": "1.0.0.0", "parameters": declared}
    return json.dumps({**template, "resources": {"app": app}}, indent=1)


def web_of(reading: Reading) -> list[tuple[Any, Any]]:
    """The redirect URIs and the implicit grant of each registration."""
    webs = [subject.app.web for subject in reading.subjects]
    return [(web.redirect_uris, web.implicit_grant_settings.enable_access_token_issuance) for web in webs]


DEFAULTS = (("https://default.example/cb",), False)
GIVEN = (("http://given.example/cb",), True)
BICEPPARAM = "using 'main.bicep'\nparam implicit = true\nparam uris = ['http://given.example/cb']\n"
JSON_GIVEN = arm_parameters(implicit=True, uris=["http://given.example/cb"])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"main.bicep": APP}, (UNSET, UNSET)),
        ({"main.bicep": APP, "main.bicepparam": "using 'main.bicep'\n"}, DEFAULTS),
        ({"main.bicep": APP, "main.bicepparam": BICEPPARAM}, GIVEN),
        ({"main.bicep": APP, "main.bicepparam": BICEPPARAM.replace("main.bicep", "./main.bicep")}, GIVEN),
        ({"main.bicep": APP, "main.prod.bicepparam": BICEPPARAM}, GIVEN),
        ({"main.bicep": APP, "other.bicepparam": BICEPPARAM.replace("main.bicep", "other.bicep")}, (UNSET, UNSET)),
        ({"main.bicep": APP, "main.bicepparam": "using none\nparam implicit = true\n"}, (UNSET, UNSET)),
        ({"main.bicep": APP, "main.bicepparam": "using 'main.bicep'\nextends 'b.bicepparam'\n"}, (UNSET, UNSET)),
        ({"main.bicep": APP, "main.bicepparam": "using 'main.bicep'\nextends 'main.bicepparam'\n"}, (UNSET, UNSET)),
        ({"main.bicep": APP, "main.bicepparam": "using 'main.bicep'\nextends 'b.bicepparam'\nparam implicit = true\n",
            "b.bicepparam": BICEPPARAM.replace("'main.bicep'", "none").replace("true", "false")}, GIVEN),
        ({"main.bicep": APP, "main.parameters.json": JSON_GIVEN}, GIVEN),
        ({"main.bicep": APP, "main.parameters.json": arm_parameters()}, DEFAULTS),
        ({"main.bicep": APP, "main.parameters.json": arm_parameters(implicit=None)}, DEFAULTS),
        ({"main.json": compiled()}, (UNSET, UNSET)),
        ({"main.json": compiled(), "main.parameters.json": JSON_GIVEN}, GIVEN),
        ({"azuredeploy.json": compiled(), "azuredeploy.parameters.json": JSON_GIVEN}, GIVEN),
        ({"azuredeploy.json": compiled(), "azuredeploy.parameters-prod.json": JSON_GIVEN}, GIVEN),
        ({"azuredeploy.json": compiled(), "azuredeploy.prod.parameters.json": JSON_GIVEN}, GIVEN),
        ({"template.json": compiled(), "parameters.json": JSON_GIVEN}, GIVEN),
        ({"main.json": compiled(), "other.parameters.json": JSON_GIVEN}, (UNSET, UNSET)),
        ({"main.json": compiled(), "main.bicepparam": BICEPPARAM}, GIVEN),
    ],
)  # fmt: skip
def test_a_default_counts_only_where_the_parameter_file_was_read(
    reads: Reads, files: dict[str, str], expected: tuple[Any, Any]
) -> None:
    reading = reads({f"d/{name}": text for name, text in files.items()}, "d")
    assert reading.problems == ()
    assert web_of(reading) == [expected]


@pytest.mark.parametrize("name", ["main.bicep", "main.json"])
def test_a_parameter_file_that_is_named_decides(reads: Reads, name: str) -> None:
    files = {
        "main.bicep": APP, "main.json": compiled(), "main.parameters.json": arm_parameters(),
        "sets/prod.json": JSON_GIVEN,
    }  # fmt: skip
    for order in ((name, "sets/prod.json"), ("sets/prod.json", name)):
        assert web_of(reads(files, *order)) == [GIVEN]
    assert web_of(reads(files, name)) == [DEFAULTS]


def test_a_parameter_file_that_is_named_with_several_templates_decides_none(reads: Reads) -> None:
    files = {"one.bicep": APP, "two.bicep": APP, "prod.json": JSON_GIVEN}
    assert web_of(reads(files)) == [(UNSET, UNSET)] * 2


def test_a_parameter_file_of_bicep_leads_to_its_template(reads: Reads) -> None:
    files = {"i/main.bicep": APP, "i/sets/prod.bicepparam": BICEPPARAM.replace("main.bicep", "../main.bicep")}
    reading = reads({**files, ".git/HEAD": ""}, "i/sets/prod.bicepparam")
    assert web_of(reading) == [GIVEN]
    assert reading.locate(reading.subjects[0].key, "/web/redirectUris/0").file == "i/sets/prod.bicepparam"
    assert web_of(reads(files, "i")) == [GIVEN]


def test_a_parameter_file_alone_says_that_it_needs_its_template(reads: Reads) -> None:
    (problem,) = reads({"prod.parameters.json": JSON_GIVEN}).problems
    assert (problem.what, problem.hint) == ("contains parameters, no registration", "also name its template")


@pytest.mark.parametrize(
    ("value", "known"),
    [("'b'", "b"), ("readEnvironmentVariable('X', 'dev')", UNSET), ("'a-${readEnvironmentVariable('X')}'", UNSET),
     ("az.getSecret('a', 'b', 'c', 'd')", UNSET), ("toUpper('b')", "B"), ("'${text}!'", "text!")],
)  # fmt: skip
def test_what_an_environment_variable_decides_is_not_known(reads: Reads, value: str, known: Any) -> None:
    app = "resource app 'Microsoft.Graph/applications@v1.0' = {\n description: who\n uniqueName: 'a'\n}\n"
    main = f"param who string\n{app}"
    given = f"using 'main.bicep'\nvar text = 'text'\nparam who = {value}\n"
    (subject,) = reads({"main.bicep": main, "main.bicepparam": given}, "main.bicep").subjects
    assert ("/description" in subject.app.unread) == (known is UNSET)
    assert known is UNSET or subject.app.description == known


def test_placeholders_of_azd_are_not_known(reads: Reads) -> None:
    given = arm_parameters(implicit="${IMPLICIT=true}", uris=["https://${AZURE_ENV_NAME}.example/cb", "http://b/"])
    (subject,) = reads({"infra/main.bicep": APP, "infra/main.parameters.json": given}, "infra").subjects
    assert {"/web/redirectUris/0", "/web/implicitGrantSettings/enableAccessTokenIssuance"} <= subject.app.unread.keys()
    assert subject.app.web.redirect_uris[1] == "http://b/"


def test_each_parameter_file_is_a_deployment_and_what_is_the_same_is_one_registration(reads: Reads) -> None:
    other = APP.replace("uris array", "other array").replace("uris\n", "['https://x/']\n").replace("implicit\n", "x\n")
    fixed = "\nresource fixed 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'fixed'\n}\n"
    files = {
        "main.bicep": APP + fixed,
        "main.dev.bicepparam": "using 'main.bicep'\n",
        "main.prod.bicepparam": BICEPPARAM,
        "other.bicep": other,
    }
    reading = reads(files, "main.bicep")
    formats = [reading.row(subject.key).format for subject in reading.subjects]
    assert formats == ["Bicep, with main.dev.bicepparam", "Bicep, with main.prod.bicepparam", "Bicep"]
    assert web_of(Reading(reading.subjects[:2])) == [DEFAULTS, GIVEN]


@pytest.mark.parametrize(
    "secure", ["@secure()", "@sys.secure()", "@description('d')\n@secure()", "@secure()\n@minLength(1)"]
)
def test_a_secure_parameter_is_never_known(reads: Reads, secure: str) -> None:
    main = f"{secure}\nparam who string = 'Ab1~secret-default-value'\n" + APP.replace("'Shop'", "who")
    given = "using 'main.bicep'\nparam who = 'Cd2~secret-given-value'\n"
    (subject,) = reads({"main.bicep": main, "main.bicepparam": given}, "main.bicep").subjects
    assert "secret" not in str(subject.app).replace("secure", "").replace("secret_text", "")


@pytest.mark.parametrize(
    ("name", "main", "other"),
    [
        ("main.json", compiled(who={"type": "securestring"}), "main.parameters.json"),
        ("main.bicep", f"@secure()\nparam who string\n{APP}", "main.parameters.json"),
        ("main.bicep", f"param adminPassword string\n{APP}", "main.parameters.json"),
    ],
)
def test_a_secret_in_a_parameter_file_is_not_shown(reads: Reads, name: str, main: str, other: str) -> None:
    given = arm_parameters(who="hunter2-hunter2", adminPassword="hunter2-hunter2", uris=["http://x.example/cb"])
    reading = reads({name: main, other: given}, name)
    origin = reading.locate(reading.subjects[0].key, "/web/redirectUris/0")
    assert origin.file == other
    assert "http://x.example/cb" in origin.text
    assert "hunter2" not in origin.text


def test_a_secret_that_a_module_is_given_is_not_shown(reads: Reads) -> None:
    app = f"@secure()\nparam who string\n{APP}"
    call = "module shop 'app.bicep' = {\n  params: { who: 'hunter2-hunter2', uris: ['http://x.example/cb'] }\n}\n"
    reading = reads({"i/main.bicep": call, "i/app.bicep": app}, "i")
    origin = reading.locate(reading.subjects[0].key, "/web/redirectUris/0")
    assert "http://x.example/cb" in origin.text
    assert "hunter2" not in origin.text


def test_a_nullable_parameter_that_is_not_given_is_null(reads: Reads) -> None:
    main = APP.replace("param uris array = ['https://default.example/cb']", "param uris array?")
    main = main.replace("redirectUris: uris", "redirectUris: uris ?? ['https://none.example/']")
    assert web_of(reads({"main.bicep": main, "main.bicepparam": "using 'main.bicep'\n"}, "main.bicep")) == [
        (("https://none.example/",), False)
    ]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        (None, ["Bicep, conditional", "Bicep, conditional"]),
        ("prod", ["Bicep", "Bicep"]),
        ("test", ["Bicep"]),
        ("dev", []),
    ],
)
def test_a_condition_counts_as_far_as_the_parameter_file_decides_it(
    reads: Reads, env: str | None, expected: list[str]
) -> None:
    main = """
param env string = 'prod'
var names = ['a', 'b']
resource each 'Microsoft.Graph/applications@v1.0' = [for (c, i) in names: if (env == 'prod' || env == 'test' && i < 1) {
  uniqueName: c
}]
"""
    given = {} if env is None else {"main.bicepparam": f"using 'main.bicep'\nparam env = '{env}'\n"}
    reading = reads({"i/main.bicep": main, **{f"i/{name}": text for name, text in given.items()}}, "i")
    assert [reading.row(subject.key).format for subject in reading.subjects] == expected
    condition = "[or(equals(parameters('env'), 'prod'), equals(parameters('env'), 'test'))]"
    template = json.loads(compiled(env={"type": "string", "defaultValue": "prod"}))
    template["resources"]["app"]["condition"] = condition
    values = arm_parameters() if env is None else arm_parameters(env=env)
    files = {"a/main.json": json.dumps(template)} | ({} if env is None else {"a/main.parameters.json": values})
    formats = [reading.row(one.key).format for reading in [reads(files, "a/main.json")] for one in reading.subjects]
    assert formats == [one.replace("Bicep", "ARM template") for one in expected[:1]]


CALLER = """
param env string
module shop 'modules/app.bicep' = {
  name: 'shop'
  params: { uris: ['http://shop.example/cb'] }
}
module each 'modules/app.bicep' = [for (n, i) in ['a', 'b']: if (i > 0) {
  name: 'app-${n}'
  params: { implicit: n == 'b', uris: ['https://${n}.example/cb'] }
}]
module some 'modules/app.bicep' = {
  name: 'some'
  params: { implicit: env == 'prod' }
}
output uri string = shop.outputs.uri
"""


def test_a_module_is_read_with_the_parameters_of_its_calls(reads: Reads) -> None:
    app = APP.replace("'shop'", "deployment().name").replace("'Shop'", "uris[0]") + "output uri string = uris[0]\n"
    reading = reads({"i/main.bicep": CALLER, "i/modules/app.bicep": app}, "i")
    assert [(row.key, row.format) for row in map(reading.row, (one.key for one in reading.subjects))] == [
        ("i/main.bicep#shop.app", "Bicep"), ("i/main.bicep#each[1].app", "Bicep"), ("i/main.bicep#some.app", "Bicep")
    ]  # fmt: skip
    assert web_of(reading) == [
        (("http://shop.example/cb",), False), (("https://b.example/cb",), True),
        (("https://default.example/cb",), UNSET),
    ]  # fmt: skip
    origin = reading.locate(reading.subjects[0].key, "/web/redirectUris/0")
    assert (origin.file, origin.line) == ("i/main.bicep", 5)
    assert web_of(reads({}, "i/modules/app.bicep")) == [(UNSET, UNSET)]


def test_modules_that_are_not_read_are_named(reads: Reads) -> None:
    calls = (
        "module a 'br/public:avm/res/x:1.0' = {\n}\nmodule b 'ts:sub/rg/spec:v1' = {\n}\nmodule c 'no.bicep' = {\n}\n"
    )
    (note,) = reads({"main.bicep": APP + calls}, "main.bicep").notes
    assert note == (
        "Modules that were not read: br/public:avm/res/x:1.0 (main.bicep:13), ts:sub/rg/spec:v1 (main.bicep:15), "
        "no.bicep (no such file). Lint the output of bicep build."
    )


def test_what_a_module_declares_is_as_conditional_as_its_call(reads: Reads) -> None:
    call = "param wish bool\nmodule shop 'app.bicep' = if (wish) {\n  name: 'x'\n}\n"
    reading = reads({"i/main.bicep": call, "i/app.bicep": APP}, "i")
    assert reading.row(reading.subjects[0].key).format == "Bicep, conditional"


@pytest.mark.parametrize("using", ["using none", "using 'br/public:avm/x:1.0'", ""])
def test_a_parameter_file_without_a_local_template_says_so(reads: Reads, using: str) -> None:
    (problem,) = reads({"main.bicepparam": f"{using}\nparam a = 'b'\n"}).problems
    assert problem.what == "contains parameters, no registration"


def test_linked_templates_are_named(reads: Reads) -> None:
    template = json.loads(compiled())
    for name, link in (("one", {"relativePath": "nested/app.json"}), ("two", {"uri": "[parameters('uri')]"})):
        deployment = {"type": "Microsoft.Resources/deployments", "properties": {"templateLink": link}}
        template["resources"][name] = deployment
    (note,) = reads({"main.json": json.dumps(template)}).notes
    assert note == "Linked templates of main.json that were not read: nested/app.json, [parameters('uri')]."


def test_a_mistake_in_a_module_is_a_problem(reads: Reads) -> None:
    reading = reads({"i/main.bicep": CALLER, "i/modules/app.bicep": APP.replace("displayName:", "displayName")}, "i")
    assert [(one.what, one.file, one.line) for one in reading.problems] == [
        ("is not valid Bicep at this position", "i/modules/app.bicep", 7)
    ]


def test_modules_that_call_each_other_end(reads: Reads) -> None:
    one = "module two 'two.bicep' = {\n  name: 'x'\n}\n"
    reading = reads({"i/one.bicep": one, "i/two.bicep": APP + one.replace("two", "one")}, "i")
    assert 0 < len(reading.subjects) < 10


def test_a_module_outside_of_the_folder_is_not_read(reads: Reads) -> None:
    caller = "module shop '../modules/app.bicep' = {\n  name: 'x'\n}\n"
    reading = reads({"modules/app.bicep": APP, "live/main.bicep": caller}, "live")
    assert [(row.name, row.status) for row in reading.inputs] == [("modules/app.bicep", "not-read")]


def test_files_that_are_loaded_are_read_as_far_as_they_are_inside(reads: Reads) -> None:
    main = """
var cfg = loadJsonContent('data/app.json')
var apps = loadYamlContent('data/apps.yaml')
resource one 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'one'
  description: loadTextContent('data/text.txt')
  notes: loadTextContent('../../outside.txt')
  ...cfg
}
resource many 'Microsoft.Graph/applications@v1.0' = [for a in apps: {
  uniqueName: a.name
  isFallbackPublicClient: a.public
  web: { redirectUris: a.uris }
}]
"""
    files = {
        "d/i/main.bicep": main,
        "d/i/data/app.json": '{"tags": ["t"]}',
        "d/i/data/apps.yaml": "- name: x\n  public: true\n  uris: [http://x/]\n- name: y\n  public: yes\n  uris: []\n",
        "d/i/data/text.txt": "words",
        "outside.txt": "out",
    }
    reading = reads(files, "d/i")
    one, x, y = (subject.app for subject in reading.subjects)
    assert (one.tags, one.description) == (("t",), "words")
    assert "/notes" in one.unread
    assert (x.is_fallback_public_client, x.web.redirect_uris) == (True, ("http://x/",))
    assert "/isFallbackPublicClient" in y.unread
    assert reading.locate(reading.subjects[1].key, "/web/redirectUris/0").line == 3


def test_variables_and_functions_are_imported(reads: Reads) -> None:
    shared = "@export()\nvar host = 'x.example'\n@export()\nfunc url(name string) string => 'http://${name}/cb'\n"
    main = "import {\n  host\n  url as make\n} from 'lib/shared.bicep'\n" + APP.replace("uris\n", "[make(host)]\n")
    (subject,) = reads({"main.bicep": main, "lib/shared.bicep": shared}, "main.bicep").subjects
    assert subject.app.web.redirect_uris == ("http://x.example/cb",)


@pytest.mark.parametrize("count", [LONGEST_LIST, LONGEST_LIST + 1])
def test_a_loop_that_is_cut_says_so(reads: Reads, count: int) -> None:
    names = "\n".join(f"  'n{number}'" for number in range(count))
    loop = "resource many 'Microsoft.Graph/applications@v1.0' = [for n in names: {\n  uniqueName: n\n}]\n"
    reading = reads({"main.bicep": f"var names = [\n{names}\n]\n{loop}"})
    copies = {"type": "Microsoft.Graph/applications", "copy": {"name": "many", "count": count}, "properties": {}}
    copies["properties"] = {"uniqueName": "[string(copyIndex())]"}
    template = {"$schema": ARM.format("Template"), "contentVersion": "1.0.0.0", "resources": {"many": copies}}
    for one in (reading, reads({"many.json": json.dumps(template)}, "many.json")):
        (row,) = one.inputs
        assert row.registrations == LONGEST_LIST
        assert (row.status, row.note) == (("read", "") if count == LONGEST_LIST else ("partly", row.note))
        assert ("only the first 1,000" in row.note) == (count > LONGEST_LIST)


FIC = "{ issuer: 'https://i', subject: 's', audiences: ['a'] }"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.mark.parametrize(
    "text",
    [
        f"resource mi '{IDENTITY}@2023-01-31' = {{\n name: 'mi'\n resource f 'federatedIdentityCredentials' = {{\n"
        f" name: 'pr'\n properties: {FIC}\n }}\n}}\n",
        f"resource mi '{IDENTITY}@2023-01-31' existing = {{\n name: 'x'\n}}\nresource f "
        f"'{IDENTITY}/federatedIdentityCredentials@2023-01-31' = [for n in ['pr']: {{\n parent: mi\n name: n\n"
        f" properties: {FIC}\n}}]\n",
    ],
)
def test_the_credential_of_a_managed_identity_is_checked(reads: Reads, text: str) -> None:
    reading = reads({"i/main.bicep": text}, "i")
    (subject,) = reading.subjects
    assert reading.row(subject.key).name == "managed identity mi"
    assert [(one.name, one.subject) for one in subject.app.federated_identity_credentials] == [("pr", "s")]


@pytest.mark.parametrize("is_nested", [False, True])
def test_the_credential_of_a_managed_identity_in_a_template_is_checked(reads: Reads, is_nested: bool) -> None:
    credential = {"name": "mi/pr", "properties": {"issuer": "https://i", "subject": "s", "audiences": ["a"]}}
    child = {**credential, "name": "pr", "type": "federatedIdentityCredentials"}
    resource = (
        {"type": IDENTITY, "name": "mi", "resources": [child]}
        if is_nested
        else {**credential, "type": f"{IDENTITY}/federatedIdentityCredentials"}
    )
    template = {"$schema": ARM.format("Template"), "contentVersion": "1.0.0.0", "resources": [resource]}
    reading = reads({"i/main.json": json.dumps(template)}, "i")
    assert reading.row(reading.subjects[0].key).name == "managed identity mi"
    assert [(one.name, one.subject) for one in reading.subjects[0].app.federated_identity_credentials] == [("pr", "s")]


def test_a_credential_finds_its_application_by_the_same_expression(reads: Reads) -> None:
    main = f"""
param appName string = 'shop'
resource app 'Microsoft.Graph/applications@v1.0' = {{
  uniqueName: appName
  displayName: 'Shop'
}}
resource one 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {{
  name: '${{appName}}/one'
  ...{FIC}
}}
resource two 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {{
  name: format('{{0}}/{{1}}', app.uniqueName, 'two')
  ...{FIC}
}}
"""
    (subject,) = reads({"main.bicep": main}).subjects
    assert len(subject.app.federated_identity_credentials) == 2


GRAPH = "00000003-0000-0000-c000-000000000000"
GRANTS = f"""
var graphId = '{GRAPH}'
resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {{ appId: graphId }}
resource app 'Microsoft.Graph/applications@v1.0' = {{ uniqueName: 'shop', displayName: 'Shop' }}
resource sp 'Microsoft.Graph/servicePrincipals@v1.0' = {{ appId: app.appId }}
resource mi '{IDENTITY}@2023-01-31' = {{ name: 'mi' }}
resource role 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {{
  appRoleId: filter(graph.appRoles, r => r.value == 'RoleManagement.ReadWrite.Directory')[0].id
  principalId: sp.id
  resourceId: graph.id
}}
resource scopes 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {{
  clientId: '3b1c7e4a-0000-4000-8000-00000000c001'
  consentType: 'AllPrincipals'
  resourceId: graph.id
  scope: 'Directory.AccessAsUser.All'
}}
resource roles 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for role in unknown: {{
  appRoleId: role
  principalId: mi.properties.principalId
  resourceId: graph.id
}}]
param unknown array
"""


def arm_grants() -> str:
    """The first two grants in a template."""
    principal = {"type": "Microsoft.Graph/servicePrincipals@v1.0"}
    resources = {
        "graph": {**principal, "existing": True, "properties": {"appId": GRAPH}},
        "app": {
            "type": "Microsoft.Graph/applications@v1.0",
            "properties": {"uniqueName": "shop", "displayName": "Shop"},
        },
        "sp": {**principal, "properties": {"appId": "[reference('app').appId]"}},
        "role": {
            "type": "Microsoft.Graph/appRoleAssignedTo@v1.0",
            "properties": {
                "appRoleId": "[filter(reference('graph').appRoles, lambda('r', equals(lambdaVariables('r').value, "
                "'RoleManagement.ReadWrite.Directory')))[0].id]",
                "principalId": "[reference('sp').id]",
                "resourceId": "[reference('graph').id]",
            },
        },
        "scopes": {
            "type": "Microsoft.Graph/oauth2PermissionGrants@v1.0",
            "properties": {
                "clientId": "3b1c7e4a-0000-4000-8000-00000000c001",
                "consentType": "AllPrincipals",
                "resourceId": "[reference('graph').id]",
                "scope": "Directory.AccessAsUser.All",
            },
        },
    }
    return json.dumps(
        {"$schema": ARM.format("Template"), "contentVersion": "1.0.0.0", "resources": resources}, indent=1
    )


@pytest.mark.parametrize(("name", "text"), [("main.bicep", GRANTS), ("main.json", arm_grants())])
def test_grants_are_checked_by_the_rules_for_a_tenant(reads: Reads, name: str, text: str) -> None:
    reading = reads({f"i/{name}": text}, "i")
    of_app, of_other = (
        reading.grants[f"i/{name}#app"],
        reading.grants["service principal 3b1c7e4a-0000-4000-8000-00000000c001"],
    )
    assert [(one.app_role_id, one.resource_id) for one in of_app.app_role_assignments] == [
        ("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", GRAPH)
    ]
    assert [(one.scope, one.consent_type) for one in of_other.oauth2_permission_grants] == [
        ("Directory.AccessAsUser.All", "AllPrincipals")
    ]
    if name == "main.bicep":
        assert "/appRoleAssignments/0/appRoleId" in vars(reading.grants["managed identity mi"])["unread"]


OFF = """extension microsoftGraphV1
param deploy bool
resource app 'Microsoft.Graph/applications@v1.0' = if (deploy) { uniqueName: 'a', displayName: 'A' }
resource none 'Microsoft.Graph/applications@v1.0' = [for n in []: { uniqueName: n, displayName: n }]
"""


def test_an_application_that_no_deployment_has_is_named(reads: Reads) -> None:
    files = {"main.bicep": OFF, "dev.bicepparam": "using 'main.bicep'\nparam deploy = false\n"}
    assert (
        "No instance with the values that were read: app (d/main.bicep:3), none (d/main.bicep:4)."
        in reads({f"d/{name}": text for name, text in files.items()}, "d").notes
    )
    files["prod.bicepparam"] = "using 'main.bicep'\nparam deploy = true\n"
    (note,) = [
        one for one in reads({f"e/{name}": text for name, text in files.items()}, "e").notes if "instance" in one
    ]
    assert "app (" not in note


def test_a_template_whose_applications_are_all_turned_off_says_so(reads: Reads) -> None:
    off = {"type": "Microsoft.Graph/applications@v1.0", "condition": False, "properties": {"displayName": "A"}}
    reading = reads({"d/main.json": json.dumps({"contentVersion": "1.0.0.0", "resources": {"app": off}})}, "d")
    assert reading.notes == ("No instance with the values that were read: the applications of d/main.json.",)
