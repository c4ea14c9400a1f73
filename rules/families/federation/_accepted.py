"""Which workloads a federated credential accepts, in the words of their service, and how bad that is."""

from __future__ import annotations

from typing import Final

from rules.analysis.federation import Placed, Reach, every, pairs, reach
from rules.knowledge.issuers import Service, is_shared
from rules.model.finding import Severity

_ACCEPTS: Final[dict[Reach, tuple[str, Severity]]] = {
    "anyone": ("{many} of other {owner}s", "critical"),
    "user": ("any {one}, if one user starts the workflow", "high"),
    "workflows": ("any repository that calls any workflow of one repository owner", "high"),
    "owner": ("several {many} of one {owner}", "high"),
    "called": ("several workflows or workflow versions of one repository, called by any repository", "medium"),
    "workflow": ("any repository that calls one workflow", "medium"),
    "project": ("several {inside}", "medium"),
    "files": ("several workflows or workflow versions of one repository", "medium"),
    "branches": ("{every} of one {one}", "medium"),
    "places": ("several {places}", "low"),
    "some files": ("several workflows or workflow versions of one repository", "low"),
}
#: How bad the same is where all tokens of the issuer are of one organization.
_OWN: Final[dict[Severity, Severity]] = {"critical": "high"}
#: An enterprise of GitHub has several organizations, which own the repositories.
_ENTERPRISES: Final = frozenset({"enterprise", "enterprise_id"})
_ORGANIZATIONS: Final = frozenset({"repository_owner", "repository_owner_id", "repo"})
_WORDS: Final[dict[Service, dict[str, str]]] = {
    "github": {
        "one": "repository",
        "many": "repositories",
        "owner": "owner",
        "inside": "branches or pull requests of one repository",
        "places": "branches, tags or environments of one repository",
    },
    "gitlab": {
        "one": "project",
        "many": "projects",
        "owner": "namespace",
        "inside": "branches or tags of one project",
        "places": "branches, tags or environments of one project",
    },
    "terraform": {
        "one": "workspace",
        "many": "workspaces",
        "owner": "organization",
        "inside": "workspaces or stacks of one project",
        "places": "phases of one workspace, or deployments of one stack",
    },
}


def accepted(place: Placed) -> tuple[str, Severity] | None:
    """What follows "accepts tokens of", and how bad it is; ``None`` for one workload, or for another service."""
    _, conditions = place.conditions
    words = _WORDS.get(place.expression_service)
    how_far = reach(*conditions) if words and conditions else "one"
    if how_far == "one" or not words:
        return None
    says, severity = _ACCEPTS[how_far]
    subject = next((clause for clause in conditions if clause.claim == "sub"), conditions[0])
    severity = severity if is_shared(place.issuer) else _OWN.get(severity, severity)
    names = {pair.name for clause in conditions for pair in pairs(clause.fixed)}
    is_enterprise = bool(names & _ENTERPRISES) and names.isdisjoint(_ORGANIZATIONS)
    owner = "enterprise" if is_enterprise else words["owner"]
    return says.format(**{**words, "owner": owner}, every=every(subject)), severity
