"""The rules, family by family, in the order in which the catalogue shows them.

A family is a module of this folder, or a folder of modules. Each module is named here: nothing is found by scanning, so
nothing is lost by a failing import.
"""

from __future__ import annotations

from typing import Final

from rules.engine import Rule
from rules.families import audience, exposed_api, implicit, legacy, ownership, public_clients
from rules.families.credentials import expiry, lifetime, secrets
from rules.families.redirect_uris import (
    addresses,
    leftovers,
    limits,
    loopback,
    platforms,
    spelling,
    takeover,
    transport,
    wildcards,
)

#: In the order of the catalogue.
MODULES: Final = (
    implicit,
    transport,
    wildcards,
    takeover,
    loopback,
    addresses,
    spelling,
    platforms,
    limits,
    leftovers,
    public_clients,
    secrets,
    expiry,
    lifetime,
    audience,
    ownership,
    exposed_api,
    legacy,
)

#: Every rule.
RULES: Final[tuple[Rule, ...]] = tuple(
    value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)
)
