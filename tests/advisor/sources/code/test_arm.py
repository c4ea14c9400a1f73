"""ARM templates: what their expressions come to, and registrations wherever they lie."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.sources.code.arm_expression import read_expression
from advisor.sources.reading.builder import Reading
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Place

Reads = Callable[..., Reading]
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PARAMETERS = SCHEMA.replace("Template", "Parameters")
TYPE = "Microsoft.Graph/applications"


def template(resources: Any, **more: Any) -> str:
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources, **more}, indent=1)


def resource(properties: dict[str, Any], type: str = f"{TYPE}@v1.0", **more: Any) -> dict[str, Any]:
    return {
        "type": type,
        "import": "graph",
        "properties": {"uniqueName": "a", "displayName": "A", **properties},
        **more,
    }


def parameters(**values: Any) -> str:
    return json.dumps({"$schema": PARAMETERS, "parameters": {name: {"value": value} for name, value in values.items()}})


def only(reading: Reading) -> Any:
    assert reading.problems == ()
    (subject,) = reading.subjects
    return subject.app


@pytest.mark.parametrize(
    "type", [f"{TYPE}@v1.0", f"{TYPE}@beta", f"{TYPE}@1.0", TYPE, "Microsoft.AzureActiveDirectory/applications"]
)
@pytest.mark.parametrize("as_list", [False, True])
def test_a_registration_is_found_by_its_type(reads: Reads, type: str, as_list: bool) -> None:
    one = resource({"web": {"redirectUris": ["http://a/"]}}, type, name="a")
    reading = reads({"azuredeploy.json": template([one] if as_list else {"app": one})})
    assert only(reading).web.redirect_uris == ("http://a/",)
    assert reading.locate(reading.subjects[0].key, "/web/redirectUris/0").property == "web.redirectUris[0]"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("[parameters('name')]", "given"),
        ("[PARAMETERS('NAME')]", "given"),
        ("[variables('url')]", "https://given.example/cb"),
        ("[format('https://{0}/{1}', parameters('name'), 'cb')]", "https://given/cb"),
        ("[concat('a', variables('obj').inner[1])]", "atwo"),
        ("[if(equals(parameters('name'), 'given'), 'yes', 'no')]", "yes"),
        ("[toLower('ABC')]", "abc"),
        ("[[literal]", "[literal]"),
        ("it''s [no] expression", "it''s [no] expression"),
        ("['it''s']", "it's"),
    ],
)
def test_an_expression_of_literals_comes_to_its_value(reads: Reads, expression: str, value: str) -> None:
    more = {
        "parameters": {"name": {"type": "string", "defaultValue": "given"}},
        "variables": {
            "url": "[format('https://{0}.example/cb', parameters('name'))]",
            "obj": {"inner": ["one", "two"]},
        },
    }
    text = template({"a": resource({"notes": expression})}, **more)
    assert only(reads({"t.json": text, "t.parameters.json": parameters()}, "t.json")).notes == value


@pytest.mark.parametrize(
    "expression",
    [
        "[parameters('none')]", "[reference('x').appId]", "[uniqueString('a')]", "[variables('round')]", "[oops",
            "[f(]",
        "[parameters('none').x[0]]", "[format('{0}', parameters('none'))]", "[concat(parameters('none'), 'x')]",
    ],
)  # fmt: skip
def test_what_nobody_can_say_is_not_known_yet(reads: Reads, expression: str) -> None:
    more = {"parameters": {"none": {"type": "string"}}, "variables": {"round": "[variables('round')]"}}
    app = only(reads({"t.json": template({"a": resource({"signInAudience": expression})}, **more)}))
    assert "/signInAudience" in app.unread or app.sign_in_audience == expression == "[oops"


def test_a_list_from_a_variable_stands_where_it_is_written(reads: Reads) -> None:
    text = template(
        {"a": resource({"spa": {"redirectUris": "[variables('uris')]"}})}, variables={"uris": ["http://a/"]}
    )
    reading = reads({"t.json": text})
    origin = reading.locate(reading.subjects[0].key, "/spa/redirectUris/0")
    assert origin.text[origin.text_start : origin.text_end] == '"http://a/"'


def test_existing_and_unwanted_resources_are_no_registrations_of_the_template(reads: Reads) -> None:
    resources = {
        "there": resource({}, existing=True),
        "never": resource({}, condition="[equals('a', 'b')]"),
        "perhaps": resource({}, condition="[parameters('wish')]"),
    }
    reading = reads({"t.json": template(resources, parameters={"wish": {"type": "bool"}})})
    assert [reading.row(subject.key).format for subject in reading.subjects] == ["ARM template, conditional"]


def test_a_copy_loop_makes_as_many_as_it_counts(reads: Reads) -> None:
    names = dict.fromkeys(("displayName", "uniqueName"), "[format('A{0}', copyIndex())]")
    one = resource(names, copy={"name": "loop", "count": "[variables('n')]"})
    reading = reads({"t.json": template({"a": one}, variables={"n": 2})})
    assert [subject.app.display_name for subject in reading.subjects] == ["A0", "A1"]


def test_a_loop_that_nobody_can_count_is_one_registration_without_a_number(reads: Reads) -> None:
    one = resource({"displayName": "A"}, copy={"name": "loop", "count": "[parameters('n')]"})
    reading = reads({"t.json": template({"a": one}, parameters={"n": {"type": "int"}})})
    assert [subject.key for subject in reading.subjects] == ["t.json#a[*]"]


def test_a_property_and_a_variable_may_be_loops(reads: Reads) -> None:
    hosts = {"name": "hosts", "count": 2, "input": "[concat('h', copyIndex('hosts', 1))]"}
    loop = {
        "name": "redirectUris",
        "count": "[length(variables('hosts'))]",
        "input": "[format('http://{0}/', variables('hosts')[copyIndex('redirectUris')])]",
    }
    text = template(
        {"app": resource({"web": {"copy": [loop], "logoutUrl": "https://x/"}})}, variables={"copy": [hosts]}
    )
    reading = reads({"t.json": text})
    assert only(reading).web.redirect_uris == ("http://h1/", "http://h2/")
    assert only(reading).web.logout_url == "https://x/"
    origin = reading.locate(reading.subjects[0].key, "/web/redirectUris/1")
    assert origin.text[origin.text_start : origin.text_end].startswith('"[format(')


def test_a_property_that_is_a_loop_without_a_number_is_not_known(reads: Reads) -> None:
    loop = {"name": "redirectUris", "count": "[parameters('n')]", "input": "http://a/"}
    app = only(reads({"t.json": template({"a": resource({"web": {"copy": [loop]}})}, parameters={"n": {}})}))
    assert "/web/redirectUris" in app.unread


def test_credentials_and_deployments_may_be_loops(reads: Reads) -> None:
    credential = {
        "type": f"{TYPE}/federatedIdentityCredentials@v1.0",
        "copy": {"name": "branches", "count": 2},
        "properties": {
            "name": "[format('{0}/b', reference('app').uniqueName)]",
            "subject": "[format('b{0}', copyIndex())]",
        },
    }
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "copy": {"name": "apps", "count": 2},
        "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"text": {"value": "[string(copyIndex())]"}},
            "template": {
                "resources": {"inner": resource({"uniqueName": "[parameters('text')]"})},
                "parameters": {"text": {}},
            },
        },
    }
    reading = reads({"t.json": template({"app": resource({}), "fic": credential, "more": deployment})})
    first, *others = [subject.app for subject in reading.subjects]
    assert [one.subject for one in first.federated_identity_credentials] == ["b0", "b1"]
    assert [reading.row(one.key).name for one in reading.subjects[1:]] == ["A", "A"]
    assert len(others) == 2


@pytest.mark.parametrize("scope", ["inner", "outer"])
def test_a_nested_deployment_is_read_with_its_own_parameters(reads: Reads, scope: str) -> None:
    inner = {
        "resources": {"app": resource({"notes": "[parameters('text')]", "spa": {"redirectUris": ["http://n/"]}})},
        "parameters": {"text": {"type": "string", "defaultValue": "inner"}},
    }
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "properties": {
            "expressionEvaluationOptions": {"scope": scope},
            "parameters": {"text": {"value": "[parameters('text')]"}},
            "template": inner,
        },
    }
    text = template([deployment], parameters={"text": {"type": "string", "defaultValue": "outer"}})
    reading = reads({"t.json": text, "t.parameters.json": parameters()}, "t.json")
    assert only(reading).notes == "outer"
    origin = reading.locate(reading.subjects[0].key, "/spa/redirectUris/0")
    assert origin.text[origin.text_start : origin.text_end] == '"http://n/"'


CREDENTIAL = {"issuer": "https://idp", "subject": "s", "audiences": ["api://AzureADTokenExchange"]}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("a/ci", {}),
        ("[format('{0}/{1}', reference('app').uniqueName, 'ci')]", {}),
        ("[format('{0}/{1}', parameters('x'), 'ci')]", {"dependsOn": ["app"]}),
    ],
)
def test_a_federated_credential_belongs_to_its_application(reads: Reads, name: str, more: dict[str, Any]) -> None:
    kind = f"{TYPE}/federatedIdentityCredentials@v1.0"
    resources = {"app": resource({}), "fic": {"type": kind, "properties": {**CREDENTIAL, "name": name}, **more}}
    app = only(reads({"t.json": template(resources)}))
    assert app.federated_identity_credentials[0].subject == "s"


def test_a_credential_of_an_existing_application_is_checked_alone(reads: Reads) -> None:
    kind = f"{TYPE}/federatedIdentityCredentials@v1.0"
    resources = {
        "app": resource({}, existing=True),
        "fic": {"type": kind, "properties": {**CREDENTIAL, "name": "u/ci"}},
    }
    app = only(reads({"t.json": template(resources)}))
    assert app.federated_identity_credentials[0].name == "ci"
    assert not app.display_name


def test_owners_are_read_below_relationships(reads: Reads) -> None:
    app = only(
        reads({"t.json": template({"a": resource({"owners": {"relationships": ["one", "[parameters('x')]"]}})})})
    )
    assert len(app.owners) == 2


def test_a_template_without_a_registration_says_so(reads: Reads) -> None:
    (problem,) = reads({"t.json": template([{"type": "Microsoft.Storage/storageAccounts"}])}).problems
    assert problem.what == "contains an ARM template without a registration"


@given(st.text(alphabet="[]()'.,ab1 ?{}", max_size=40))
def test_no_text_breaks_the_expressions(text: str) -> None:
    read_expression(f"[{text}]", Place(Document("t.json", "")))
