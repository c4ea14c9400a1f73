"""What agent identities inherit in two readings of a tenant.

An agent identity is skipped where one of the readings does not know all that it inherits; the comparison names it.
"""

from __future__ import annotations

from advisor.run.comparison.grants import Granted, Lists
from advisor.run.comparison.words import INHERITED
from advisor.sources.reading.builder import Reading
from rules.analysis.agents import Effective, effective_permissions
from rules.model.tenant_app import tenant_apps


def add_inherited(old: tuple[Lists, Reading, str], new: tuple[Lists, Reading, str]) -> set[str]:
    """Add to the lists of two readings, each with the name of its tenant, the permissions that its agents inherit.

    Returns the agents that are skipped.
    """
    sides = (_effective(*old[1:]), _effective(*new[1:]))
    unknown = {key for side in sides for key, one in side.items() if not one.is_whole}
    for (lists, *_), side in zip((old, new), sides, strict=True):
        lists[INHERITED] = {
            (agent, row.resource, row.kind, row.id or row.value): Granted(
                agent,
                f"{'application' if row.kind == 'Role' else 'delegated'} permission {row.value} of "
                f"{row.resource_name or row.resource} {{}} by inheritance from its blueprint",
            )
            for agent, one in side.items()
            if agent not in unknown
            for row in one.inherited
        }
    return unknown


def _effective(reading: Reading, name: str) -> dict[str, Effective]:
    """The permissions of the agent identities of a tenant, by client ID, or object ID where they have none."""
    tenant = reading.tenants[name]
    apps = tenant_apps(tenant, [subject.app for subject in reading.subjects if reading.row(subject.key).tenant == name])
    ids = {app.service_principal.id: app.app_id.lower() for app in apps if app.service_principal}
    return {ids.get(key) or key: one for key, one in effective_permissions(apps).items()}
