"""Adding something bad never lowers a severity.

Each bad example of each rule, with each bad example of each other rule on top of it: the first rule must report at
least the same severity as before, or its finding must have given way to another one that is at least as severe.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
import pytest

from rules.engine.rule import Bad, Context, Rule, Subject
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean, merged
from rules.model.clean_tenant import app_over, tenant_over
from rules.model.finding import SEVERITIES, Finding
from rules.model.registration import Registration
from rules.model.settings import Settings
from rules.model.usage import joined

#: Rules over several registrations compare them with each other: what is added to one is no worse for it.
_RULES: Final = tuple(rule for rule in RULES if rule.on != "registrations" and rule.status != "removed")


class Exempt(NamedTuple):
    """A pair that breaks the property for a reason.

    ``rule`` reports less, or nothing; ``added`` is the rule whose example is added, or what the example contains as a
    dotted path. ``*`` is any rule.
    """

    rule: str
    added: str
    reason: str


_NO_TOKEN: Final = "no token is issued to the application any more, which its findings say"
_CONFIDENTIAL: Final = "a web platform or an API makes the client a confidential one"
_ANOTHER: Final = "another valid credential is added"
_USED: Final = "a redirect URI gives the credential a use"
EXEMPT: Final = (
    Exempt("*", "disabledByMicrosoftStatus", _NO_TOKEN),
    Exempt("*", "servicePrincipal.accountEnabled", _NO_TOKEN),
    Exempt("*", "servicePrincipal.isDisabled", _NO_TOKEN),
    Exempt("*", "servicePrincipal.disabledByMicrosoftStatus", _NO_TOKEN),
    Exempt("*", "service-principal-without-registration", _NO_TOKEN),
    Exempt("*", "servicePrincipal.appOwnerOrganizationId", "the example is about an application of another tenant"),
    Exempt("*", "unusable-registration", "the example removes redirect URIs and credentials"),
    Exempt("*", "credentials-without-service-principal", "the example removes the service principal"),
    Exempt("ungranted-permission", "appRoleAssignments", "the example grants what is requested"),
    Exempt(
        "unrequested-permission-grant", "application.requiredResourceAccess", "the example requests what was granted"
    ),
    Exempt("unrestricted-app-credentials", "defaultAppManagementPolicy", "the example enables other restrictions"),
    Exempt(
        "device-code-flow-allowed",
        "workload-identities-without-conditional-access",
        "the example contains a policy that blocks device codes",
    ),
    Exempt("implicit-id-token", "implicit-access-token", "the example removes the redirect URIs"),
    Exempt("implicit-access-token", "implicit-id-token", "the example removes the redirect URIs"),
    *(
        Exempt(rule, "signInAudience", "Entra ID does not support wildcards with personal accounts")
        for rule in ("wildcard-redirect-uri", "implicit-access-token")
    ),
    *(
        Exempt(rule, "signInAudience", "personal accounts have no tenant to take over")
        for rule in ("public-client-flows-enabled", "powerful-delegated-permission", "spa-with-implicit")
    ),
    Exempt("foreign-tenant-issuer", "signInAudience", "Microsoft supports no service connection for a multitenant app"),
    Exempt("unverified-email-claim", "mutable-name-in-access-token", "the example removes unverified addresses"),
    Exempt("no-owner", "single-owner", "an owner is added"),
    Exempt("blueprint-without-owner", "single-owner", "an owner is added"),
    Exempt("claims-mapping-policy-fails", "servicePrincipal.preferredSingleSignOnMode", "the application uses SAML"),
    Exempt("claims-mapping-policy-fails", "mapped-claims-without-signing-key", "users can sign in with the setting"),
    Exempt("disabled-owner", "owner-of-privileged-application", "an owner is added"),
    Exempt("owner-without-mfa", "owner-of-privileged-application", "the example removes the owners"),
    Exempt("owner-without-mfa", "disabled-owner", "a disabled owner cannot sign in"),
    Exempt("pre-authorized-public-client", "api.oauth2PermissionScopes", "the example removes the scope of the client"),
    Exempt("owner-of-powerful-application", "no-owner", "the example removes the owners"),
    Exempt("*", "mcp-server-without-permission", "the example removes the permissions of the API"),
    Exempt("mcp-server-url-not-registered", "malformed-identifier-uri", "the example has an https identifier URI"),
    *(
        Exempt("mcp-server-without-permission", name, "the example defines a permission")
        for name in ("api.oauth2PermissionScopes", "appRoles")
    ),
    Exempt("unused-credential", "signInAudience", "other tenants have their own sign-in logs"),
    Exempt("unused-credential", "unexercised-permission", "the example adds sign-ins that name no credential"),
    *(Exempt("credential-without-use", platform, _USED) for platform in ("web", "spa", "publicClient")),
    *(
        Exempt(rule, name, _ANOTHER)
        for rule in ("expiring-credential", "expired-credential")
        for name in ("passwordCredentials", "keyCredentials", "federatedIdentityCredentials")
    ),
    *(
        Exempt(rule, name, _CONFIDENTIAL)
        for rule in (
            "native-client-with-credentials",
            "spa-with-secret",
            "public-client-with-application-permissions",
        )
        for name in ("web", "api", "identifierUris", "appRoles")
    ),
)


class Example(NamedTuple):
    """A bad example with its rule."""

    rule: Rule
    bad: Bad


@cache
def _examples(on: str) -> tuple[Example, ...]:
    return tuple(
        Example(rule, bad) for rule in _RULES if rule.on == on for bad in rule.bad if not bad.other_registrations
    )


def combined(first: Any, second: Any) -> Any:
    """Two fragments in one: lists are joined. Raises ``ValueError`` where both set one value differently.

    A list of restrictions has one entry of each kind, so two of them are not joined.
    """
    if isinstance(first, dict) and isinstance(second, dict):
        both = {name: combined(first[name], second[name]) for name in first.keys() & second.keys()}
        return {**first, **second, **both}
    if isinstance(first, list) and isinstance(second, list):
        kinds = [one["restrictionType"] for one in (*first, *second) if "restrictionType" in one]
        if len(set(kinds)) < len(kinds):
            raise ValueError
        return [*first, *(one for one in second if one not in first)]
    if first != second:
        raise ValueError
    return first


def _subject(on: str, base: str, fragment: dict[str, Any]) -> Subject:
    if on == "tenant":
        return Subject("x", tenant_over(fragment))
    if on == "service principal":
        return Subject("x", app_over(base, fragment))
    return Subject("x", msgspec.convert(merged(clean(base), fragment), Registration))


def _findings(subject: Subject, on: str, rules: tuple[Rule, ...], *examples: Bad) -> tuple[Finding, ...]:
    settings = msgspec.convert({name: value for bad in examples for name, value in bad.settings.items()}, Settings)
    dns = {host: answer for bad in examples for host, answer in bad.dns.items()}
    usages = [bad.usage for bad in examples if bad.usage]
    context = Context(NOW, settings, dns if dns else None, joined(usages) if usages else None)
    tenant = Subject("tenant", subject.app.tenant) if on == "service principal" else None
    return lint([subject], rules, context, tenant).findings


@cache
def _is_bad(on: str, base: str, number: int) -> bool:
    """Whether an example is bad over another base too."""
    rule, bad = _examples(on)[number]
    try:
        return bool(_findings(_subject(on, base, bad.fragment), on, (rule,), bad))
    except msgspec.ValidationError:
        return False


def _worst(findings: tuple[Finding, ...]) -> int:
    return min((SEVERITIES.index(found.severity) for found in findings), default=len(SEVERITIES))


def _applies(one: Exempt, rule: Rule, added: Example) -> bool:
    return one.rule in ("*", rule.id) and (one.added == added.rule.id or _contains(added.bad.fragment, one.added))


def _contains(fragment: dict[str, Any], path: str) -> bool:
    value: Any = fragment
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def lowered(rule: Rule) -> Iterator[Example]:
    """The bad examples that lower the severity of an example of *rule* when they are added to it."""
    rules = tuple(one for one in _RULES if one.on == rule.on)
    for bad in rule.bad:
        if bad.other_registrations:
            continue
        before = _worst(_findings(_subject(rule.on, rule.base, bad.fragment), rule.on, (rule,), bad))
        known = {found.rule for found in _findings(_subject(rule.on, rule.base, bad.fragment), rule.on, rules, bad)}
        for number, other in enumerate(_examples(rule.on)):
            if other.rule is rule or not _is_bad(rule.on, rule.base, number):
                continue
            try:
                subject = _subject(rule.on, rule.base, combined(bad.fragment, other.bad.fragment))
            except (ValueError, msgspec.ValidationError):
                continue
            after = _worst(_findings(subject, rule.on, (rule,), bad, other.bad))
            if after <= before:
                continue
            found = _findings(subject, rule.on, rules, bad, other.bad)
            instead = _worst(tuple(one for one in found if one.rule not in known))
            if after < len(SEVERITIES) or instead > before:
                yield other


@pytest.mark.exhaustive
@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_a_severity_never_falls_when_something_bad_is_added(rule: Rule) -> None:
    fallen = {
        (rule.id, added.rule.id) for added in lowered(rule) if not any(_applies(one, rule, added) for one in EXEMPT)
    }
    assert fallen == set()


@pytest.mark.exhaustive
def test_no_exemption_is_unused() -> None:
    unused = set(EXEMPT)
    for rule in _RULES:
        mine = {one for one in unused if one.rule in ("*", rule.id)}
        examples = lowered(rule) if mine else iter(())
        while mine and (added := next(examples, None)):
            mine -= {one for one in mine if _applies(one, rule, added)}
            unused -= {one for one in unused if _applies(one, rule, added)}
    assert unused == set()
