"""Where the request goes and who it is for: endpoint, method, client, tenant against audience."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from advisor.preflight.prediction import SAML1, SAML2, Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.wire import BROWSER, is_guid, is_placeholder
from rules.model.registration import UNSET
from rules.primitives.dates import moment
from rules.primitives.texts import counted

#: Applications made before this day may use /common although they serve one tenant (text of AADSTS50194).
_SINGLE_SINCE: Final = datetime(2018, 10, 15, tzinfo=UTC)
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
ALIASES: Final = ("common", "organizations", "consumers")


def check_endpoint(scene: Scene) -> Iterator[Check]:
    """Endpoint, method, and a body that the endpoint reads."""
    request = scene.request
    name = f"{request.endpoint} (v{request.version})"
    filled = bool(request.parameters)
    if request.endpoint in BROWSER:
        if request.method not in ("GET", "POST"):
            yield failed(
                "endpoint",
                900561,
                f"{name} accepts GET and POST, not {request.method}",
                parameter="method",
                fixes=(Fix("method", value="GET"),),
            )
            return
    elif request.endpoint == "token" and request.method == "GET" and _is_sign_in(scene):
        yield failed(
            "endpoint",
            900561,
            f"{name} accepts POST alone: a request with response_type goes to the authorize endpoint",
            parameter="method",
            fixes=(Fix("endpoint", value="authorize"),),
        )
    elif request.method != "POST":
        yield failed(
            "endpoint",
            900561,
            f"{name} accepts POST alone, and this is {request.method}",
            parameter="method",
            fixes=(Fix("method", value="POST"),),
        )
    elif not request.form or (not _in_body(scene) and request.parameters):
        why = (
            "the body is not application/x-www-form-urlencoded"
            if not request.form
            else "the parameters are in the address"
        )
        yield failed(
            "endpoint",
            900144,
            f"{why}, so the endpoint finds none of them",
            parameter="Content-Type",
            fixes=(Fix("form"),) if filled else (),
        )
    else:
        yield passed("endpoint", f"{request.method} {name}")
        return
    if request.endpoint in BROWSER:
        yield passed("endpoint", f"{request.method} {name}")


def _is_sign_in(scene: Scene) -> bool:
    names = {p.name for p in scene.request.parameters}
    return "response_type" in names and "grant_type" not in names


def _in_body(scene: Scene) -> bool:
    return any(p.place == "body" for p in scene.request.parameters)


def check_client(scene: Scene) -> Iterator[Check]:
    """Client id: there, a GUID, and the registration's."""
    request, app = scene.request, scene.app
    found = request.find("client_id")
    if (found is None or not request.get("client_id")) and not request.basic:
        yield failed(
            "client",
            900144,
            "client_id is missing",
            parameter="client_id",
            fixes=(Fix("set", "client_id", _app_id(scene) or "{client_id}"),),
        )
        return
    value = found.value if found else ""
    if found is not None and found.facts is not None:
        yield failed(
            "client",
            700016,
            f"client_id is no GUID ({counted(found.facts.length, 'character')}): it has to be the application (client) "
            "id",
            parameter="client_id",
            fixes=(Fix("set", "client_id", _app_id(scene) or "{client_id}"),),
        )
        return
    if is_guid(value) and not value.strip("0-"):
        yield failed(
            "client",
            700038,
            "client_id is all zeros",
            parameter="client_id",
            fixes=(Fix("set", "client_id", _app_id(scene) or "{client_id}"),),
        )
        return
    if scene.foreign:
        yield unread("client", f"{value} is another registration than the one that was given", "appId")
    elif app is None:
        yield unread("client", f"no registration was given for {value or 'this client'}", "appId")
    elif app.disabled_by_microsoft_status not in (UNSET, None, "", "NotDisabled"):
        yield failed(
            "client",
            7000112,
            "Microsoft has disabled this application",
            property="disabledByMicrosoftStatus",
            change="ask Microsoft's support",
        )
    elif is_placeholder(value) or not value:
        yield note("client", "client_id is still to be filled in; this registration is taken for it")
    elif app.app_id is UNSET or not app.app_id:
        yield unread("client", "the client id of the registration was not read", "appId")
    elif request.get("embedded_client_id"):
        yield passed("client", f"{request.get('embedded_client_id')}, nested in a broker, is this registration")
    else:
        yield passed("client", f"{value} is this registration")


def _app_id(scene: Scene) -> str:
    app_id = scene.app.app_id if scene.app is not None else None
    return app_id if isinstance(app_id, str) else ""


def check_authority(scene: Scene) -> Iterator[Check]:
    """The tenant in the address against the accounts that the registration allows, and against the grant."""
    tenant = scene.request.tenant
    alias = tenant.casefold()
    placeholder = is_placeholder(tenant)
    if alias not in ALIASES and not placeholder and not is_guid(tenant) and not _DOMAIN.fullmatch(tenant):
        yield failed(
            "authority",
            900023,
            f"{tenant!r} is neither a tenant's id nor its domain, nor common, organizations or consumers",
            parameter="tenant",
            fixes=(Fix("tenant", value="{tenant}"),),
        )
        return
    if scene.request.host.endswith(".ciamlogin.com"):
        yield unread("authority", "an external tenant's own host: its user flows are not part of a registration")
        return
    refused = [*_for_grant(scene, alias), *_for_code(scene, alias)]
    yield from refused
    if scene.app is None:
        yield unread("authority", "who may sign in was not read", "signInAudience")
        return
    audience = scene.app.sign_in_audience
    if audience is UNSET or audience is None:
        yield unread("authority", "who may sign in was not read", "signInAudience")
        return
    if alias not in ALIASES:
        yield from _at_tenant(str(audience), placeholder=placeholder)
    elif not refused:
        yield from _at_alias(scene, alias, str(audience))


def _at_tenant(audience: str, *, placeholder: bool) -> Iterator[Check]:
    if audience == "PersonalMicrosoftAccount" and not placeholder:
        yield _personal_only("names a tenant")
    elif placeholder:
        yield passed(
            "authority", "the tenant is still to be filled in; a tenant's own endpoint serves this registration"
        )
    elif audience == "AzureADMyOrg":
        yield passed("authority", "one tenant's endpoint for a single-tenant application; it has to be its own tenant")
    else:
        yield passed("authority", f"one tenant's endpoint, and {audience} allows its accounts")


def _at_alias(scene: Scene, alias: str, audience: str) -> Iterator[Check]:
    own = (Fix("tenant", value="{tenant}"),)
    multi, personal = audience != "AzureADMyOrg", "PersonalMicrosoftAccount" in audience
    widen: dict[str, Any] = {
        "property": "signInAudience",
        "change": '"AzureADMultipleOrgs", if other tenants are to use it',
    }
    if scene.request.version == 1 and alias == "consumers":
        yield failed("authority", 90027, "v1 serves no personal accounts", parameter="version", fixes=(Fix("version"),))
    elif alias == "consumers":
        if personal:
            yield passed("authority", "personal accounts, which the registration allows")
        else:
            yield failed("authority", 9002332, f"{audience} allows no personal accounts", parameter="tenant", fixes=own)
    elif not multi:
        created = moment(scene.app.created_date_time) if scene.app else None
        if alias == "common" and isinstance(created, datetime) and created < _SINGLE_SINCE:
            yield note(
                "authority", "a single-tenant application at /common, allowed because it is older than 2018-10-15"
            )
        elif alias == "common":
            yield failed(
                "authority", 50194, "a single-tenant application at /common", parameter="tenant", fixes=own, **widen
            )
        else:
            yield failed(
                "authority",
                0,
                "a single-tenant application at /organizations; it is served at its own tenant's endpoint",
                "entra:howto-convert-app-to-be-multi-tenant",
                parameter="tenant",
                fixes=own,
                **widen,
            )
    elif audience == "PersonalMicrosoftAccount":
        yield _personal_only(f"is /{alias}")
    elif alias == "common" and not personal:
        yield passed("authority", "/common; work and school accounts can sign in, personal ones are refused")
    else:
        yield passed("authority", f"/{alias}, and {audience} allows its accounts")


def _personal_only(where: str) -> Check:
    consumers = (Fix("tenant", value="consumers"),)
    says = f"the registration allows personal accounts only, and the address {where}"
    return failed(
        "authority", 9002331, says, "thread:dotnet/AspNetCore.Docs#19795", parameter="tenant", fixes=consumers,
        property="signInAudience", change='"AzureADandPersonalMicrosoftAccount", if work accounts are to use it',
    )  # fmt: skip


def _for_code(scene: Scene, alias: str) -> Iterator[Check]:
    """A code is redeemed where it was issued: at the address of the sign-in in the same input."""
    if scene.grant != "authorization_code":
        return
    signed_in = {other.tenant.casefold() for other in scene.others if other.endpoint == "authorize"}
    if not signed_in or alias in signed_in or any(map(is_placeholder, (*signed_in, alias))):
        return
    where = sorted(signed_in)[0]
    aliases = [name for name in (where, alias) if name in ALIASES]
    if (is_guid(where) and is_guid(alias)) or len(aliases) == 1 or "consumers" in aliases:
        says = f"the sign-in of the same input is at /{where}, and the code is redeemed at /{alias}"
        yield failed("authority", 700005, says, parameter="tenant", fixes=(Fix("tenant", value=where),))
    else:
        says = f"whether /{where} of the sign-in and /{alias} of the redemption are one tenant was not read"
        yield unread("authority", says, code=700005)


def _for_grant(scene: Scene, alias: str) -> Iterator[Check]:
    """Grants that need a tenant, or at least no personal accounts."""
    grant, own = scene.grant, (Fix("tenant", value="{tenant}"),)
    if alias not in ALIASES:
        return
    if grant == "client_credentials":
        code = {"common": 50059, "consumers": 9001023}.get(alias, 0)
        yield failed(
            "authority",
            code,
            f"client credentials need a tenant's id or domain in the address, and this is /{alias}",
            *scene.page,
            parameter="tenant",
            fixes=own,
        )
    elif grant in ("password", SAML1, SAML2) and alias != "organizations":
        yield failed(
            "authority",
            9001023,
            f"this grant works at a tenant or at /organizations, and this is /{alias}",
            *scene.page,
            parameter="tenant",
            fixes=own,
        )
