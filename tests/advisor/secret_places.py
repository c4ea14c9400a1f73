"""Files with a secret in each place in which a format keeps one, and requests with one in each of their parts.

``MARKER`` is where the secret is. Each text is of a kind that is read, with something in it that is found, so that
source lines near the secret are shown.
"""

from __future__ import annotations

import json
from typing import Any, Final

MARKER: Final = "<MARKER>"
_URI: Final = "http://contoso.com/cb"
_APP: Final[dict[str, Any]] = {
    "displayName": "Portal",
    "signInAudience": "AzureADMultipleOrgs",
    "web": {"redirectUris": [_URI], "implicitGrantSettings": {"enableAccessTokenIssuance": True}},
}
_PASSWORD: Final = {"keyId": "k", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2099-01-01T00:00:00Z"}
_SIGNATURE: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
_PULUMI: Final = "urn:pulumi:dev::p::azuread:index/application:Application::portal"


def _uris(*uris: str) -> dict[str, Any]:
    return {**_APP, "web": {**_APP["web"], "redirectUris": [_URI, *uris]}}


def _graph() -> dict[str, Any]:
    """Graph JSON, by what holds the secret."""
    passwords = {
        name: {**_APP, "passwordCredentials": [{**_PASSWORD, name: MARKER}]}
        for name in ("secretText", "value", "customKeyIdentifier", "hint")
    }
    uris = {
        "user information": _uris(f"https://user:{MARKER}@contoso.com/cb"),
        "user name": _uris(f"https://{MARKER}@contoso.com/cb"),
        "query": _uris(f"https://contoso.com/cb?client_secret={MARKER}&a=b"),
        "token in a fragment": _uris(f"https://contoso.com/cb#access_token={MARKER}"),
        "code": _uris(f"https://contoso.com/cb?a=b&code={MARKER}"),
        "signature": {**_APP, "info": {"logoUrl": f"http://x.blob.core.windows.net/a?sv=1&sig={MARKER}"}},
    }
    repeated = {
        name: {**_APP, **member, "passwordCredentials": [{**_PASSWORD, "secretText": MARKER}]}
        for name, member in {
            "display name": {"displayName": f"Portal {MARKER}"},
            "notes": {"notes": f"the secret is {MARKER}"},
            "tag": {"tags": [MARKER]},
            "identifier URI": {"identifierUris": [f"https://other.example/{MARKER}"]},
        }.items()
    }
    nested = {"nested": {**_APP, "passwordCredentials": [{"x": [1, [2]], "value": MARKER, **_PASSWORD}]}}
    unknown = {name: {**_APP, name: MARKER} for name in ("clientSecret", "password", "apiKey", "connection_string")}
    embedded = {"text in a text": {**_APP, "body": json.dumps({"client_secret": MARKER})}}
    keys = {"key": {**_APP, "keyCredentials": [{**_PASSWORD, "type": "Symmetric", "key": MARKER}]}}
    return {**passwords, **uris, **repeated, **nested, **unknown, **embedded, **keys}


def _terraform() -> dict[str, dict[str, str]]:
    app = (
        f'resource "azuread_application" "a" {{\n  display_name = "x"\n  web {{ redirect_uris = ["{_URI}", %s] }}\n}}\n'
    )
    sensitive = 'variable "blob" {\n  type = string\n  sensitive = true\n%s}\n'
    used = app % '"https://contoso.com/?k=${var.blob}"'
    return {
        "default": {"main.tf": used + sensitive % f'  default = "{MARKER}"\n'},
        "heredoc": {"main.tf": used + sensitive % f"  default = <<EOT\n{MARKER}\nEOT\n"},
        "tfvars": {"main.tf": used + sensitive % "", "terraform.tfvars": f'blob = "{MARKER}"\n'},
        "tfvars.json": {"main.tf": used + sensitive % "", "terraform.tfvars.json": json.dumps({"blob": MARKER})},
        "list in tfvars.json": {
            "main.tf": app % "var.uri" + sensitive % "" + 'variable "uri" {}\n',
            "terraform.tfvars.json": json.dumps({"blob": MARKER, "uri": "http://fabrikam.com/"}),
        },
        "local": {"main.tf": (app % f'"http://fabrikam.com/?client_secret={MARKER}"')},
        "provider": {"main.tf": f'provider "azuread" {{ client_secret = "{MARKER}" }}\n' + app % '"http://a.example/"'},
        "one line": {
            "main.tf": f'resource "azuread_application_password" "p" {{ value = "{MARKER}" }}\n'
            + app % '"http://a.example/"'
        },
        "password": {
            "main.tf": app
            % '"http://a.example/"'
            + f'resource "azuread_application_password" "p" {{\n  value = "{MARKER}"\n'
            '  application_id = azuread_application.a.id\n  end_date = "2099-01-01T00:00:00Z"\n}\n'
        },
        "comment": {"main.tf": f'# client_secret = "{MARKER}"\n' + app % '"http://a.example/"'},
        "jsonencode": {
            "main.tf": app % f'"http://a.example/", jsonencode({{ client_secret = "{MARKER}" }})',
        },
    }


def _plans() -> dict[str, Any]:
    after = {"display_name": "x", "web": [{"redirect_uris": [_URI]}], "blob": MARKER}
    application = {"address": "azuread_application.a", "mode": "managed", "type": "azuread_application", "name": "a"}
    password = {
        "address": "azuread_application_password.p",
        "mode": "managed",
        "type": "azuread_application_password",
        "name": "p",
    }
    plan = {"actions": ["create"], "after": after, "after_sensitive": {"blob": True}}
    values = {"display_name": "x", "web": [{"redirect_uris": [_URI]}], "object_id": "o", "description": MARKER}
    secret = {"application_object_id": "o", "value": MARKER, "end_date": "2099-01-01T00:00:00Z"}
    paths = [[{"type": "get_attr", "value": "description"}]]
    state = {"type": "azuread_application", "name": "a", "mode": "managed"}
    return {
        "plan": {"resource_changes": [{**application, "change": plan}]},
        "plan with a password": {
            "resource_changes": [
                {**application, "change": {"actions": ["create"], "after": {**after, "blob": ""}}},
                {**password, "change": {"actions": ["create"], "after": secret}},
            ]
        },
        "plan with variables": {
            "terraform_version": "1", "variables": {"blob": {"value": MARKER}},
            "resource_changes": [{**application, "change": {"actions": ["create"], "after": {**after, "blob": ""}}}],
        },
        "shown state": {
            "terraform_version": "1",
            "values": {"root_module": {"resources": [{**application, "values": values,
                "sensitive_values": {"description": True}}]}},
        },
        "state": {
            "terraform_version": "1", "version": 4,
            "resources": [{**state, "instances": [{"attributes": values, "sensitive_attributes": paths}]}],
        },
        "state with a password": {
            "terraform_version": "1", "version": 4,
            "resources": [
                {**state, "instances": [{"attributes": {**values, "description": ""}}]},
                {"type": "azuread_application_password", "name": "p", "mode": "managed",
                    "instances": [{"attributes": secret}]},
            ],
        },
    }  # fmt: skip


def _pulumi() -> dict[str, Any]:
    def stack(inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
        state = {"urn": _PULUMI, "type": "azuread:index/application:Application", "inputs": inputs, **more}
        return {"deployment": {"resources": [state]}}

    inputs = {"displayName": "x", "web": {"redirectUris": [_URI]}}
    password = {
        "urn": "urn:pulumi:dev::p::azuread:index/applicationPassword:ApplicationPassword::p",
        "type": "azuread:index/applicationPassword:ApplicationPassword",
        "inputs": {"value": MARKER},
        "propertyDependencies": {"applicationId": [_PULUMI]},
    }
    listed = stack(inputs)
    listed["deployment"]["resources"].append(password)
    return {
        "plaintext": stack({**inputs, "notes": {**_SIGNATURE, "plaintext": json.dumps(MARKER)}}),
        "secret output": stack(inputs, outputs={"blob": MARKER}, additionalSecretOutputs=["blob"]),
        "password": listed,
    }


def _templates() -> dict[str, Any]:
    def template(kind: str) -> dict[str, Any]:
        uri = "[concat('https://contoso.com/?k=', parameters('blob'))]"
        properties = {"displayName": "x", "web": {"redirectUris": [_URI, uri]}}
        return {
            "contentVersion": "1.0.0.0",
            "parameters": {"blob": {"type": kind, "defaultValue": {"a": MARKER} if "bject" in kind else MARKER}},
            "resources": {"a": {"type": "Microsoft.Graph/applications@v1.0", "properties": properties}},
        }

    return {kind: template(kind) for kind in ("securestring", "SecureString", "secureObject")}


def _bicep() -> dict[str, str]:
    app = (
        "resource a 'Microsoft.Graph/applications@v1.0' = {\n  uniqueName: 'a'\n  displayName: 'x'\n  web: { "
        "redirectUris: ['"
    )
    app += _URI + "', 'https://contoso.com/?k=${blob}'] }\n}\n"
    return {
        "secure": f"@secure()\nparam blob string = '{MARKER}'\n" + app,
        "secure with more": f"@secure()\n@description('x')\nparam blob string = '{MARKER}'\n" + app,
        "sys": f"@sys.secure()\nparam blob string = '{MARKER}'\n" + app,
        "object": f"@secure()\nparam blob object = {{\n  a: '{MARKER}'\n}}\n" + app,
        "name": f"param blob string = 'x'\nvar clientSecret = '{MARKER}'\n" + app,
    }


def _kubernetes() -> dict[str, str]:
    client = "11111111-1111-4111-8111-111111111111"
    account = (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  annotations:\n    "
        f'azure.workload.identity/client-id: "{client}"\n'
    )
    operator = (
        f'apiVersion: v1\nkind: Secret\nmetadata:\n  name: aso-credential\nstringData:\n  AZURE_CLIENT_ID: "{client}"\n'
    )
    return {
        "operator": operator + f"  AZURE_CLIENT_SECRET: {MARKER}\n",
        "flow": operator.replace("stringData:\n", "stringData: {").replace(f'  AZURE_CLIENT_ID: "{client}"\n', "")
        + f'AZURE_CLIENT_ID: "{client}", AZURE_CLIENT_SECRET: "{MARKER}"}}\n',
        "another key": operator + f"  AZURE_CLIENT_SECRET: x\n  blob: {MARKER}\n",
        "annotation": account + f"    example.com/token: {MARKER}\n",
    }


def files() -> dict[str, dict[str, str]]:
    """The files of each case, by a name for the case. All files of one are read together."""
    found: dict[str, dict[str, str]] = {}
    documents = {
        "graph": _graph(), "plan": _plans(), "pulumi": _pulumi(), "arm": _templates(),
        "page": {name: {"value": [value]} for name, value in _graph().items()},
    }  # fmt: skip
    for kind, cases in documents.items():
        for name, value in cases.items():
            found[f"{kind}, {name}, one line"] = {"input.json": json.dumps(value)}
            if kind != "page":
                found[f"{kind}, {name}, lines"] = {"input.json": json.dumps(value, indent=2)}
    found["graph, comment"] = {"input.json": f"// client_secret: '{MARKER}'\n" + json.dumps(_APP)}
    found |= {f"terraform, {name}": files for name, files in _terraform().items()}
    found |= {f"bicep, {name}": {"main.bicep": text} for name, text in _bicep().items()}
    found |= {f"kubernetes, {name}": {"a.yaml": text} for name, text in _kubernetes().items()}
    placeholders = {
        **_APP,
        "notes": "${{AZURE_CLIENT_SECRET}}",
        "tags": ["${{BLOB_TOKEN}}"],
        "description": "${{LINK}}",
    }
    found["environment"] = {
        "input.json": json.dumps(placeholders),
        ".env": f"AZURE_CLIENT_SECRET={MARKER}\nBLOB_TOKEN={MARKER}\nLINK=https://a:{MARKER}@contoso.com/\n",
    }
    header = {"record": "snapshot", "tenant": "contoso.com", "endpoint": "", "read_at": "2026-11-30T00:00:00Z"}
    for name, app in _graph().items():
        if "secretText" in json.dumps(app) or any(
            word in name for word in ("URI", "user", "query", "code", "token in")
        ):
            record = {"record": "application", "value": {"id": "a", **app}}
            found[f"snapshot, {name}"] = {"t.jsonl": f"{json.dumps(header)}\n{json.dumps(record)}\n"}
    return found


def requests() -> dict[str, tuple[str, str]]:
    """The name and the text of a file with a request, by a name for the case."""
    token = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    authorize = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
    form = f"grant_type=refresh_token&client_id=x&refresh_token={MARKER}"
    item = {
        "name": f"token {MARKER}",
        "request": {
            "method": "POST",
            "url": token,
            "body": {"mode": "urlencoded", "urlencoded": [{"key": "client_secret", "value": MARKER}]},
        },
    }

    def har(posted: Any, url: str = token, method: str = "POST") -> str:
        request = {"method": method, "url": url, "headers": [{"name": "Authorization", "value": f"Basic {MARKER}"}]}
        return json.dumps({"log": {"entries": [{"request": {**request, "postData": posted}}]}})

    return {
        "JSON body": ("a.sh", f"curl {token} --data-raw '{{\"refresh_token\":\"{MARKER}\"}}'"),
        "JSON option": ("a.sh", f"curl {token} --json '{{\"client_secret\":\"{MARKER}\"}}'"),
        "without an equals sign": ("a.sh", f"curl {token} -d 'client_secret {MARKER}'"),
        "value alone": ("a.sh", f"curl {token} -d '{MARKER}'"),
        "value as a name": ("a.sh", f"curl {token} -d '{MARKER}='"),
        "form": ("a.sh", f"curl {token} -d '{form}'"),
        "user": ("a.sh", f"curl {token} -u x:{MARKER} -d grant_type=client_credentials"),
        "header": ("a.sh", f"curl {token} -H 'Authorization: Bearer {MARKER}' -d grant_type=client_credentials"),
        "method": ("a.sh", f"curl -X {MARKER} {token} -d grant_type=client_credentials"),
        "repeated": ("a.sh",
            f"curl {token} -d 'client_secret={MARKER}&scope={MARKER}&redirect_uri=https://a/{MARKER}'"),
        "tenant": ("a.sh", f"curl {token.replace('common', MARKER)} -d 'client_secret={MARKER}'"),
        "not closed": ("a.sh", f"curl {token} -d 'client_secret={MARKER}"),
        "form alone": ("a.txt", form),
        "address": ("a.txt",
            f"{authorize}?client_id={MARKER}&response_type=code&redirect_uri=https://u:{MARKER}@a.com/"),
        "fragment": ("a.txt", f"{authorize}?client_id=x&redirect_uri=https%3A%2F%2Fa.com%2F%23access_token%3D{MARKER}"),
        "http file": ("a.http",
            f"@blob = {MARKER}\nPOST {token}\n\ngrant_type=client_credentials&client_secret={{{{blob}}}}"),
        "har": ("a.har", har({"mimeType": "application/x-www-form-urlencoded", "text": form})),
        "har with parameters": ("a.har", har({"params": [{"name": "client_secret", "value": MARKER},
            {"name": MARKER}]})),
        "har with JSON": ("a.har", har({"mimeType": "application/json",
            "text": json.dumps({"client_secret": MARKER})})),
        "har with a query": ("a.har", har(None, f"{authorize}?client_id=x&state={MARKER}&login_hint={MARKER}", "GET")),
        "broken har": ("a.har", har(form) + MARKER),
        "postman": ("a.json", json.dumps({"item": [item], "variable": [{"key": "blob", "value": MARKER}]})),
        "no request": ("a.txt", f"the client_secret is {MARKER}"),
    }  # fmt: skip
