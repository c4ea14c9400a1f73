"""Writes one registration, given as Graph JSON, in every format that is read."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

SNAKE = {
    "homePageUrl": "homepage_url",
    "logoutUrl": "logout_url",
    "redirectUris": "redirect_uris",
    "enableAccessTokenIssuance": "access_token_issuance_enabled",
    "enableIdTokenIssuance": "id_token_issuance_enabled",
    "adminConsentDisplayName": "admin_consent_display_name",
    "adminConsentDescription": "admin_consent_description",
    "userConsentDisplayName": "user_consent_display_name",
    "userConsentDescription": "user_consent_description",
    "isEnabled": "enabled",
    "allowedMemberTypes": "allowed_member_types",
    "displayName": "display_name",
    "additionalProperties": "additional_properties",
    "resourceAppId": "resource_app_id",
    "resourceAccess": "resource_access",
    "keyId": "key_id",
    "startDateTime": "start_date",
    "endDateTime": "end_date",
    "secretText": "value",
}
TOP = {
    "appId": "client_id",
    "id": "object_id",
    "displayName": "display_name",
    "description": "description",
    "notes": "notes",
    "tags": "tags",
    "signInAudience": "sign_in_audience",
    "isFallbackPublicClient": "fallback_public_client_enabled",
    "oauth2RequirePostResponse": "oauth2_post_response_required",
    "publisherDomain": "publisher_domain",
    "serviceManagementReference": "service_management_reference",
    "disabledByMicrosoftStatus": "disabled_by_microsoft",
    "identifierUris": "identifier_uris",
}
COMPUTED = ("client_id", "object_id", "publisher_domain", "disabled_by_microsoft")
APPLICATION = "azuread_application"
_FIRST = "urn:pulumi:dev::p::azuread:index/Application::r0"

Piece = tuple[str, dict[str, Any]]


def snake(value: Any) -> Any:
    """Blocks of the provider for parts of Graph's."""
    if isinstance(value, dict):
        return {SNAKE.get(key, key): snake(member) for key, member in value.items() if member is not None}
    return [snake(element) for element in value] if isinstance(value, list) else value


def terraform(app: dict[str, Any]) -> tuple[dict[str, Any], list[Piece]]:
    """The arguments of ``azuread_application``, and the resources beside it."""
    body: dict[str, Any] = {name: app[key] for key, name in TOP.items() if app.get(key) is not None}
    body |= {name: app["info"].get(key) for key, name in INFO.items() if app.get("info", {}).get(key) is not None}
    if app.get("groupMembershipClaims"):
        body["group_membership_claims"] = app["groupMembershipClaims"].split(",")
    web = app["web"]
    block = snake({key: value for key, value in web.items() if key != "implicitGrantSettings"})
    body["web"] = [{**block, "implicit_grant": [snake(web["implicitGrantSettings"])]}]
    body["single_page_application"] = [snake(app["spa"])]
    body["public_client"] = [snake(app["publicClient"])]
    api = app["api"]
    body["api"] = [
        {
            "known_client_applications": api["knownClientApplications"],
            "mapped_claims_enabled": bool(api["acceptMappedClaims"]),
            "requested_access_token_version": api["requestedAccessTokenVersion"] or 1,
            "oauth2_permission_scope": snake(api["oauth2PermissionScopes"]),
        }
    ]
    body["app_role"] = snake(app["appRoles"])
    claims = app["optionalClaims"] or {}
    body["optional_claims"] = [
        {name: snake(claims.get(key, [])) for key, name in (("idToken", "id_token"), ("accessToken", "access_token"),
            ("saml2Token", "saml2_token"))}
    ]  # fmt: skip
    body["required_resource_access"] = snake(app["requiredResourceAccess"])
    body["owners"] = [owner["id"] for owner in app["owners"] or ()]
    return body, list(pieces(app))


INFO = {
    "marketingUrl": "marketing_url",
    "privacyStatementUrl": "privacy_statement_url",
    "supportUrl": "support_url",
    "termsOfServiceUrl": "terms_of_service_url",
}


def pieces(app: dict[str, Any]) -> Iterator[Piece]:
    for credential in app["passwordCredentials"]:
        yield f"{APPLICATION}_password", snake(credential)
    for credential in app["keyCredentials"]:
        yield f"{APPLICATION}_certificate", {**snake(credential), "value": "-"}
    for one in app["federatedIdentityCredentials"]:
        body = {"display_name": one["name"], "issuer": one["issuer"]}
        if one.get("claimsMatchingExpression"):
            expression = one["claimsMatchingExpression"]["value"]
            kind = f"{APPLICATION}_flexible_federated_identity_credential"
            yield kind, {**body, "audience": one["audiences"][0], "claims_matching_expression": expression}
        else:
            kind = f"{APPLICATION}_federated_identity_credential"
            yield kind, {**body, "audiences": one["audiences"], "subject": one["subject"]}
    for one in app["api"]["preAuthorizedApplications"]:
        yield (
            f"{APPLICATION}_pre_authorized",
            {"authorized_client_id": one["appId"], "permission_ids": one["delegatedPermissionIds"]},
        )


def plan(app: dict[str, Any]) -> str:
    """A plan that creates it."""
    body, parts = terraform(app)
    changes, resources = [], []
    for number, (kind, after) in enumerate([(APPLICATION, body), *parts]):
        change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}, "after_sensitive": {}}
        name = f"r{number}"
        changes.append({"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name, "change": change})
        expressions = (
            {}
            if kind == APPLICATION
            else {"application_id": {"references": [f"{APPLICATION}.r0.id", f"{APPLICATION}.r0"]}}
        )
        resources.append({"mode": "managed", "type": kind, "name": name, "expressions": expressions})
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.4",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": resources}},
    }
    return json.dumps(document, indent=1)


def hcl(app: dict[str, Any]) -> str:
    """A ``.tf`` file."""
    body, parts = terraform(app)
    written = {key: value for key, value in body.items() if key not in COMPUTED}
    blocks = [f'resource "{APPLICATION}" "r" {{\n{inside(written)}}}\n']
    for number, (kind, part) in enumerate(parts):
        blocks.append(f'resource "{kind}" "r{number}" {{\n  application_id = {APPLICATION}.r.id\n{inside(part)}}}\n')
    return "\n".join(blocks)


def inside(body: dict[str, Any], indent: str = "  ") -> str:
    lines = []
    for name, value in body.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{indent}{name} {{\n{inside(block, indent + '  ')}{indent}}}\n" for block in value]
        elif value != [] or name not in BLOCKS:
            lines.append(f"{indent}{name} = {quoted(value)}\n")
    return "".join(lines)


BLOCKS = {"app_role", "required_resource_access", "oauth2_permission_scope", "id_token", "access_token", "saml2_token"}


def quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def hcl_json(app: dict[str, Any]) -> str:
    """A ``.tf.json`` file."""
    body, parts = terraform(app)
    resources: list[dict[str, Any]] = [
        {APPLICATION: {"r": {key: value for key, value in body.items() if key not in COMPUTED}}}
    ]
    for number, (kind, part) in enumerate(parts):
        resources.append({kind: {f"r{number}": {"application_id": f"${{{APPLICATION}.r.id}}", **part}}})
    text = json.dumps({"resource": resources}, indent=1)
    return text.replace("${{", "$${{") if "${{" in text else text


def pulumi(app: dict[str, Any]) -> str:
    """A preview that creates it."""
    body, parts = terraform(app)
    steps = []
    for number, (kind, part) in enumerate([(APPLICATION, body), *parts]):
        name = "".join(word.capitalize() for word in kind.removeprefix("azuread_").split("_"))
        state = {
            "urn": f"urn:pulumi:dev::p::azuread:index/{name}::r{number}",
            "type": f"azuread:index/{name[:1].lower()}{name[1:]}:{name}",
            "inputs": camel(part),
            "propertyDependencies": {"applicationId": [_FIRST]} if number else {},
        }
        steps.append({"op": "create", "urn": state["urn"], "newState": state})
    return json.dumps({"steps": steps, "changeSummary": {"create": len(steps)}}, indent=1)


PLURALS = {
    "app_role": "appRoles",
    "required_resource_access": "requiredResourceAccesses",
    "resource_access": "resourceAccesses",
    "oauth2_permission_scope": "oauth2PermissionScopes",
    "id_token": "idTokens",
    "access_token": "accessTokens",
    "saml2_token": "saml2Tokens",
}
SINGLE = {"web", "single_page_application", "public_client", "api", "optional_claims", "implicit_grant"}


def camel(body: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in body.items():
        first, *others = name.split("_")
        key = PLURALS.get(name, first + "".join(word.capitalize() for word in others))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            inner = [camel(element) for element in value]
            found[key] = inner[0] if name in SINGLE else inner
        else:
            found[key] = value
    return found


def declared(app: dict[str, Any]) -> dict[str, Any]:
    """The properties that Bicep's resource has; credentials of the federation are resources of their own."""
    out = {key: value for key, value in app.items() if key not in ("federatedIdentityCredentials", *READ_ONLY)}
    out["owners"] = {"relationships": [owner["id"] for owner in app["owners"] or ()]}
    return {"uniqueName": "it", **out}


READ_ONLY = ("appId", "id", "createdDateTime", "publisherDomain", "disabledByMicrosoftStatus", "verifiedPublisher")


def arm(app: dict[str, Any]) -> str:
    """A compiled template."""
    resources: dict[str, Any] = {
        "it": {"import": "graph", "type": "Microsoft.Graph/applications@v1.0", "properties": escaped(declared(app))}
    }
    for number, one in enumerate(app["federatedIdentityCredentials"]):
        properties = {**{key: value for key, value in one.items() if key != "id"}, "name": f"it/{one['name']}"}
        resources[f"c{number}"] = {
            "import": "graph",
            "type": "Microsoft.Graph/applications/federatedIdentityCredentials@v1.0",
            "properties": escaped(properties),
            "dependsOn": ["it"],
        }
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return json.dumps(
        {"$schema": schema, "contentVersion": "1.0.0.0", "languageVersion": "2.0", "resources": resources}, indent=1
    )


def escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: escaped(member) for key, member in value.items()}
    if isinstance(value, list):
        return [escaped(element) for element in value]
    return f"[{value}" if isinstance(value, str) and value.startswith("[") else value


def bicep(app: dict[str, Any]) -> str:
    """A ``.bicep`` file with the credentials inside the application."""
    lines = ["extension microsoftGraphV1", "", "resource it 'Microsoft.Graph/applications@v1.0' = {"]
    lines += [f"  {name}: {literal(value, '  ')}" for name, value in declared(app).items()]
    for number, one in enumerate(app["federatedIdentityCredentials"]):
        lines.append(f"  resource c{number} 'federatedIdentityCredentials@v1.0' = {{")
        lines += [f"    {name}: {literal(value, '    ')}" for name, value in one.items() if name != "id"]
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def literal(value: Any, indent: str) -> str:
    if isinstance(value, dict):
        inner = "".join(f"{indent}  '{key}': {literal(member, indent + '  ')}\n" for key, member in value.items())
        return f"{{\n{inner}{indent}}}"
    if isinstance(value, list):
        inner = "".join(f"{indent}  {literal(element, indent + '  ')}\n" for element in value)
        return f"[\n{inner}{indent}]"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${").replace("\n", "\\n")
        return f"'{text}'"
    return json.dumps(value)


def old_manifest(app: dict[str, Any]) -> str:
    """The portal's manifest until January 2025."""
    api, web = app["api"], app["web"]
    old = {key: value for key, value in app.items() if key not in ("api", "web", "spa", "publicClient", "info")}
    for platform, kind in (("web", "Web"), ("spa", "Spa"), ("publicClient", "InstalledClient")):
        urls = app[platform]["redirectUris"] or []
        old.setdefault("replyUrlsWithType", []).extend({"url": url, "type": kind} for url in urls)
    old |= {
        "name": old.pop("displayName"),
        "allowPublicClient": old.pop("isFallbackPublicClient"),
        "oauth2AllowImplicitFlow": web["implicitGrantSettings"]["enableAccessTokenIssuance"],
        "oauth2AllowIdTokenImplicitFlow": web["implicitGrantSettings"]["enableIdTokenIssuance"],
        "logoutUrl": web["logoutUrl"],
        "signInUrl": web["homePageUrl"],
        "oauth2Permissions": api["oauth2PermissionScopes"],
        "accessTokenAcceptedVersion": api["requestedAccessTokenVersion"],
        "acceptMappedClaims": api["acceptMappedClaims"],
        "knownClientApplications": api["knownClientApplications"],
        "preAuthorizedApplications": [
            {"appId": one["appId"], "permissionIds": one["delegatedPermissionIds"]}
            for one in api["preAuthorizedApplications"]
        ],
        "informationalUrls": {
            "privacy": app["info"].get("privacyStatementUrl"),
            "termsOfService": app["info"].get("termsOfServiceUrl"),
            "support": app["info"].get("supportUrl"),
            "marketing": app["info"].get("marketingUrl"),
        },
    }
    for kind in ("passwordCredentials", "keyCredentials"):
        old[kind] = [
            {
                {"startDateTime": "startDate", "endDateTime": "endDate"}.get(key, key): value
                for key, value in one.items()
            }
            for one in app[kind]
        ]
    return json.dumps(old, indent=1)


class Format(NamedTuple):
    """How a registration is written, under which name, and which properties it cannot say.

    Of ``cannot_be_empty`` it cannot say that there is nothing: it only leaves them out. Of ``either`` a federated
    credential has one.
    """

    file: str
    write: Callable[[dict[str, Any]], str]
    cannot: frozenset[str] = frozenset()
    cannot_be_empty: frozenset[str] = frozenset()
    either: tuple[str, ...] = ()


GRAPH = Format("app.json", lambda app: json.dumps(app, indent=1))
_TERRAFORM = {
    "createdDateTime", "verifiedPublisher", "servicePrincipalLockConfiguration", "authenticationBehaviors",
    "tokenEncryptionKeyId", "samlMetadataUrl", "requestSignatureVerification", "owners.displayName", "owners.userType",
    "owners.userPrincipalName", "owners.@odata.type", "keyCredentials.displayName",
        "keyCredentials.customKeyIdentifier",
    "keyCredentials.usage",
}  # fmt: skip
_NEVER_EMPTY = frozenset(("passwordCredentials.endDateTime", "federatedIdentityCredentials.subject", "publisherDomain"))
_EITHER = ("subject", "claimsMatchingExpression")
_COMPUTED = {"appId", "id", "publisherDomain", "disabledByMicrosoftStatus"}
_BICEP = {*READ_ONLY, *(name for name in _TERRAFORM if name.startswith("owners.")), "passwordCredentials.secretText"}
#: What only code has: an application whose parts another resource overwrites. The writers write no other resource.
_CODE = {"overwrittenResources"}
FORMATS = {
    "new manifest": Format("manifest.json", json.dumps),
    "old manifest": Format("old.json", old_manifest),
    "plan": Format("plan.json", plan, frozenset(_TERRAFORM | _CODE), _NEVER_EMPTY, _EITHER),
    "tf": Format("main.tf", hcl, frozenset(_TERRAFORM | _COMPUTED | _CODE), _NEVER_EMPTY, _EITHER),
    "tf.json": Format("main.tf.json", hcl_json, frozenset(_TERRAFORM | _COMPUTED | _CODE), _NEVER_EMPTY, _EITHER),
    "pulumi": Format("preview.json", pulumi, frozenset(_TERRAFORM | _CODE), _NEVER_EMPTY, _EITHER),
    "arm": Format("azuredeploy.json", arm, frozenset(_BICEP), frozenset(("federatedIdentityCredentials",))),
    "bicep": Format("main.bicep", bicep, frozenset(_BICEP), frozenset(("federatedIdentityCredentials",))),
}
