"""Where the request goes and who it is for: endpoint, method, client, tenant against audience."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from advisor.preflight.prediction import SAML1, SAML2, Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.wire import BROWSER, PUBLIC, AuthRequest, is_placeholder
from rules.model.registration import UNSET, Registration, disabled_at
from rules.primitives.dates import moment
from rules.primitives.texts import counted, is_guid

#: Applications made before this day may use /common although they serve one tenant (text of AADSTS50194).
_SINGLE_SINCE: Final = datetime(2018, 10, 15, tzinfo=UTC)
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
ALIASES: Final = ("common", "organizations", "consumers")

#: The tenant of all personal accounts, which /consumers names too ("Access token claims reference", tid).
_PERSONAL_TENANT: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
#: Sign-in hosts of national clouds, which have no personal accounts ("National clouds").
_NATIONAL: Final = frozenset(("login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn"))


def check_endpoint(scene: Scene) -> Iterator[Check]:
    """Endpoint, method, a body that the endpoint reads, and what no document describes."""
    found = tuple(_reached(scene))
    yield from found
    if not any(check.state == "failed" for check in found):
        yield from _undocumented(scene.request)


def _undocumented(request: AuthRequest) -> Iterator[Check]:
    """What a request may have, and no document says what follows: the platform may accept or refuse it."""
    if not request.documented:
        says = "the URL differs from the documented form: https, lower case and single slashes"
        yield unread("endpoint", says, parameter="endpoint")
    for name, count in Counter(p.name for p in request.read if p.name != "unnamed").items():
        if count > 1:
            says = f"the request has {name} {count} times; RFC 6749, section 3.1, allows each parameter only once"
            yield unread("endpoint", says, parameter=name, fixes=_once(request, name))
    for padded in (p for p in request.read if p.padded):
        says = f"{padded.name} begins or ends with a space; no document says whether Entra ID ignores the space"
        fixes = _once(request, padded.name)
        yield unread("endpoint", says, code=_PADDED.get(padded.name, 0), parameter=padded.name, fixes=fixes)
    for name in ("request", "request_uri"):
        if request.get(name):
            says = f"the request has the parameter {name}, which Microsoft does not document"
            yield unread("endpoint", says, parameter=name, fixes=(Fix("drop", name),))
    if request.facts("claims").malformed:
        yield unread(
            "endpoint", "the value of claims is not a JSON object", parameter="claims", fixes=(Fix("drop", "claims"),)
        )


#: The code that follows where a space in a value counts.
_PADDED: Final = {"client_id": 700016, "redirect_uri": 50011, "client_secret": 7000215}


def _once(request: AuthRequest, name: str) -> tuple[Fix, ...]:
    """The parameter once and without spaces around it; none for a secret, of which the right value is not known."""
    return (Fix("set", name, request.get(name)),) if name in PUBLIC and request.get(name) else ()


def _reached(scene: Scene) -> Iterator[Check]:
    request = scene.request
    name = f"{request.endpoint} (v{request.version})"
    filled = bool(request.parameters)
    if request.endpoint in BROWSER:
        if request.method not in ("GET", "POST"):
            yield failed(
                "endpoint",
                900561,
                f"the endpoint {name} accepts GET and POST, not {request.method}",
                parameter="method",
                fixes=(Fix("method", value="GET"),),
            )
            return
    elif request.endpoint == "token" and request.method == "GET" and _is_sign_in(scene):
        yield failed(
            "endpoint",
            900561,
            f"the endpoint {name} accepts only POST. Send a request with response_type to the authorization endpoint",
            parameter="method",
            fixes=(Fix("endpoint", value="authorize"),),
        )
    elif request.method != "POST":
        yield failed(
            "endpoint",
            900561,
            f"the endpoint {name} accepts only POST, not {request.method}",
            parameter="method",
            fixes=(Fix("method", value="POST"),),
        )
    elif not request.form or (not _in_body(scene) and request.parameters):
        why = (
            "the body is not application/x-www-form-urlencoded" if not request.form else "the parameters are in the URL"
        )
        yield failed(
            "endpoint",
            900144,
            f"{why}, so the endpoint does not read the parameters",
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
            f"client_id has {counted(found.facts.length, 'character')} and is not a GUID. "
            "Send the application (client) ID",
            parameter="client_id",
            fixes=(Fix("set", "client_id", _app_id(scene) or "{client_id}"),),
        )
        return
    if is_guid(value) and not value.strip("0-"):
        yield failed(
            "client",
            700038,
            "client_id has only zeros",
            parameter="client_id",
            fixes=(Fix("set", "client_id", _app_id(scene) or "{client_id}"),),
        )
        return
    if scene.foreign:
        yield unread("client", f"{value} is not the client ID of the given registration", "appId")
    elif app is None:
        yield unread("client", f"no registration was read for {value or 'this client'}", "appId")
    elif disabled_at(app):
        yield _disabled(disabled_at(app))
    elif is_placeholder(value) or not value:
        yield note("client", "client_id is a placeholder; the request is checked against this registration")
    elif app.app_id is UNSET or not app.app_id:
        yield unread("client", "the client ID of the registration was not read", "appId")
    elif request.get("embedded_client_id"):
        yield passed("client", f"the nested app {request.get('embedded_client_id')} is this registration")
    else:
        yield passed("client", f"{value} is the client ID of this registration")


def _disabled(where: str) -> Check:
    """The answer to a registration that issues no tokens, because of the property *where*."""
    code, says, change = _DISABLED[where]
    return failed("client", code, says, "entra:deactivate-application-portal", property=where, change=change)


_DISABLED: Final = {
    "disabledByMicrosoftStatus": (7000112, "Microsoft has disabled this application", "contact Microsoft support"),
    "isDisabled": (7000112, "the application is deactivated", "set to false if you still need the application"),
    "deletedDateTime": (700016, "the application is deleted", "restore the application within 30 days of deletion"),
}


def _app_id(scene: Scene) -> str:
    app_id = scene.app.app_id if scene.app is not None else None
    return app_id if isinstance(app_id, str) else ""


def check_authority(scene: Scene) -> Iterator[Check]:
    """The tenant in the URL against the accounts that the registration allows, and against the grant."""
    tenant = scene.request.tenant
    alias = "consumers" if tenant.casefold() == _PERSONAL_TENANT else tenant.casefold()
    placeholder = is_placeholder(tenant)
    if alias not in ALIASES and not placeholder and not is_guid(tenant) and not _DOMAIN.fullmatch(tenant):
        yield failed(
            "authority",
            900023,
            f"{tenant!r} is not a tenant ID, a domain, common, organizations or consumers",
            parameter="tenant",
            fixes=(Fix("tenant", value="{tenant}"),),
        )
        return
    if scene.request.host.endswith(".ciamlogin.com"):
        yield unread(
            "authority", "the host belongs to an external tenant, and a registration does not contain its user flows"
        )
        return
    if is_guid(tenant) and (not tenant.strip("0-") or alias == scene.request.get("client_id").casefold()):
        what = "all zeros" if not tenant.strip("0-") else "the client ID"
        yield failed("authority", 90002, f"the tenant in the URL is {what}, which is not a tenant ID",
            parameter="tenant", fixes=(Fix("tenant", value="{tenant}"),),
        )  # fmt: skip
        return
    if scene.request.endpoint == "logout":  # users sign out at every tenant
        return
    yield from _unpredicted(scene, alias)
    refused = [*_for_grant(scene, alias), *_for_code(scene, alias)]
    yield from refused
    audience = scene.app.sign_in_audience if scene.app is not None else None
    if audience is UNSET or audience is None:
        yield unread("authority", "the allowed account types were not read", "signInAudience")
        return
    if alias not in ALIASES:
        yield from _at_tenant(str(audience), placeholder=placeholder)
    elif not refused:
        yield from _at_alias(scene, alias, str(audience))


def _unpredicted(scene: Scene, alias: str) -> Iterator[Check]:
    """What the platform decides at an authority by values that no registration has."""
    if scene.request.find("p") is not None:
        yield unread("authority", "p names a user flow of Azure AD B2C; registrations do not contain user flows")
    if alias in ("common", "consumers") and scene.request.endpoint == "adminconsent":
        says = f"admin consent is documented only for a tenant or /organizations, not for /{alias}"
        yield unread("authority", says, parameter="tenant", fixes=(Fix("tenant", value="organizations"),))
    if alias == "consumers" and scene.request.host in _NATIONAL:
        yield unread("authority", f"no document says whether {scene.request.host} supports personal accounts")
    if scene.request.facts("username").malformed:
        says = "username is not the user name of a member: it has no @, or is the name of a guest or a personal account"
        yield unread("authority", says, code=50034, parameter="username")
    home = _initial_domain(scene.app)
    if home and alias != home and alias.endswith(_INITIAL) and scene.app and scene.app.sign_in_audience == _SINGLE:
        says = f"the URL has {alias}, but the publisher domain of this single-tenant application is {home}"
        yield unread("authority", says, "publisherDomain", code=700016, parameter="tenant")


_INITIAL: Final = ".onmicrosoft.com"
_SINGLE: Final = "AzureADMyOrg"


def _initial_domain(app: Registration | None) -> str:
    """The publisher domain, if it is one that Microsoft gives to a tenant, otherwise empty."""
    domain = app.publisher_domain if app is not None else ""
    return domain.casefold() if isinstance(domain, str) and domain.casefold().endswith(_INITIAL) else ""


def _at_tenant(audience: str, *, placeholder: bool) -> Iterator[Check]:
    if audience == "PersonalMicrosoftAccount" and not placeholder:
        yield _personal_only("has a tenant")
    elif placeholder:
        yield passed(
            "authority", "the tenant in the URL is a placeholder; this registration can use the endpoint of a tenant"
        )
    elif audience == "AzureADMyOrg":
        yield passed("authority", "the application is single-tenant, so the tenant in the URL must be its home tenant")
    else:
        yield passed("authority", f"signInAudience {audience} allows accounts of the tenant in the URL")


def _at_alias(scene: Scene, alias: str, audience: str) -> Iterator[Check]:
    own = (Fix("tenant", value="{tenant}"),)
    multi, personal = audience != "AzureADMyOrg", "PersonalMicrosoftAccount" in audience
    widen: dict[str, Any] = {
        "property": "signInAudience",
        "change": 'set to "AzureADMultipleOrgs" if users of other tenants use the app',
    }
    if scene.request.version == 1 and alias == "consumers":
        yield failed(
            "authority",
            90027,
            "the v1.0 endpoint does not support personal accounts",
            parameter="version",
            fixes=(Fix("version"),),
        )
    elif alias == "consumers":
        if personal:
            yield passed("authority", "the URL has /consumers, and the registration allows personal accounts")
        else:
            yield failed(
                "authority",
                9002332,
                f"signInAudience {audience} does not allow personal accounts",
                parameter="tenant",
                fixes=own,
            )
    elif not multi:
        created = moment(scene.app.created_date_time) if scene.app else None
        if alias == "common" and isinstance(created, datetime) and created < _SINGLE_SINCE:
            yield note(
                "authority", "a single-tenant application that was created before 15 October 2018 can use /common"
            )
        elif alias == "common":
            yield failed(
                "authority",
                50194,
                "a single-tenant application cannot use /common",
                parameter="tenant",
                fixes=own,
                **widen,
            )
        else:
            yield failed(
                "authority",
                0,
                "a single-tenant application needs its home tenant in the URL, not /organizations",
                "entra:howto-convert-app-to-be-multi-tenant",
                parameter="tenant",
                fixes=own,
                **widen,
            )
    elif audience == "PersonalMicrosoftAccount":
        yield _personal_only(f"has /{alias}")
    elif alias == "common" and not personal:
        yield passed(
            "authority", "the URL has /common; work and school accounts can sign in, but personal accounts cannot"
        )
    else:
        yield passed("authority", f"the URL has /{alias}, and signInAudience {audience} allows these accounts")


def _personal_only(where: str) -> Check:
    consumers = (Fix("tenant", value="consumers"),)
    says = f"the registration allows only personal accounts, but the URL {where}"
    return failed(
        "authority", 9002331, says, "thread:dotnet/AspNetCore.Docs#19795", parameter="tenant", fixes=consumers,
        property="signInAudience", change='set to "AzureADandPersonalMicrosoftAccount" if work accounts use the app',
    )  # fmt: skip


def _for_code(scene: Scene, alias: str) -> Iterator[Check]:
    """A code is redeemed where it was issued: at the URL of the sign-in in the same input."""
    if scene.grant != "authorization_code":
        return
    signed_in = {other.tenant.casefold() for other in scene.others if other.endpoint == "authorize"}
    if not signed_in or alias in signed_in or any(map(is_placeholder, (*signed_in, alias))):
        return
    where = sorted(signed_in)[0]
    aliases = [name for name in (where, alias) if name in ALIASES]
    if (is_guid(where) and is_guid(alias)) or len(aliases) == 1 or "consumers" in aliases:
        says = f"the sign-in request goes to /{where}, but the token request goes to /{alias}"
        yield failed("authority", 700005, says, parameter="tenant", fixes=(Fix("tenant", value=where),))
    else:
        says = f"the sign-in request has /{where}, and the token request has /{alias}: they may be different tenants"
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
            f"the URL of a client credentials request needs a tenant ID or a domain, not /{alias}",
            *scene.page,
            parameter="tenant",
            fixes=own,
        )
    elif grant in ("password", SAML1, SAML2) and alias != "organizations":
        yield failed(
            "authority",
            9001023,
            f"the grant {grant} needs a tenant or /organizations in the URL, not /{alias}",
            *scene.page,
            parameter="tenant",
            fixes=own,
        )
