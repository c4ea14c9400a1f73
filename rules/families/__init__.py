"""The rules, family by family, in the order in which the catalogue shows them.

A family is a module of this folder, or a folder of modules. Each module is named here: nothing is found by scanning, so
nothing is lost by a failing import.
"""

from __future__ import annotations

from typing import Final

from rules.engine.rule import Rule
from rules.families import (
    across,
    audience,
    implicit,
    legacy,
    ownership,
    public_clients,
)
from rules.families.consent import drift, forbidden, granted, people
from rules.families.credentials import expiry, lifetime, secrets, state
from rules.families.exposed_api import definitions, identifier_uris, pre_authorised_clients, scopes
from rules.families.federation import audiences, expressions, issuers, subjects, surplus
from rules.families.permissions import entries, excess, power
from rules.families.redirect_uris import (
    addresses,
    dangling,
    hosts,
    leftovers,
    limits,
    loopback,
    platforms,
    schemes,
    spelling,
    takeover,
    transport,
    wildcards,
)
from rules.families.service_principals import credentials as principal_credentials
from rules.families.service_principals import directory_roles, idle, openness
from rules.families.service_principals import owners as principal_owners
from rules.families.service_principals import state as principal_state
from rules.families.tenant_policies import (
    app_management,
    conditional_access,
    consent,
    exemptions,
    members,
    owners,
    workflow,
)
from rules.families.tenant_policies import identifier_uris as policy_of_identifier_uris
from rules.families.tokens import behaviors, claims, issuance

#: In the order of the catalogue.
MODULES: Final = (
    implicit,
    transport,
    wildcards,
    takeover,
    dangling,
    loopback,
    addresses,
    hosts,
    schemes,
    spelling,
    platforms,
    limits,
    leftovers,
    public_clients,
    secrets,
    expiry,
    lifetime,
    state,
    issuers,
    subjects,
    expressions,
    audiences,
    surplus,
    audience,
    ownership,
    power,
    entries,
    excess,
    identifier_uris,
    scopes,
    definitions,
    pre_authorised_clients,
    claims,
    behaviors,
    issuance,
    legacy,
    across,
    principal_state,
    principal_credentials,
    directory_roles,
    principal_owners,
    openness,
    idle,
    granted,
    people,
    drift,
    forbidden,
    members,
    consent,
    workflow,
    owners,
    app_management,
    exemptions,
    policy_of_identifier_uris,
    conditional_access,
)

#: Every rule.
RULES: Final[tuple[Rule, ...]] = tuple(
    value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)
)
