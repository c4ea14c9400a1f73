"""What rules over evidence of use share: the look-up for a registration, its gaps, and examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.usage import Observed, Trace, use_by
from rules.engine.rule import Context, Gap
from rules.model.registration import UNSET, Registration
from rules.model.usage import Kind, Reach, Usage, Use
from rules.primitives.texts import counted

#: The application ID of Microsoft Graph, and that of Azure Key Vault.
GRAPH: Final = "00000003-0000-0000-c000-000000000000"
KEY_VAULT: Final = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"

_ALL_KINDS: Final[tuple[Kind, ...]] = ("interactiveUser", "nonInteractiveUser", "servicePrincipal", "managedIdentity")


def use_of(app: Registration, context: Context, trace: Trace) -> Observed:
    """Whether *app* used what leaves the *trace*."""
    return use_by(app, context.usage or Usage(), trace)


def gaps_of(app: Registration, use: Observed, pointer: str, days: int = 0) -> Iterator[Gap]:
    """Why the *use* is not known, or not for as many *days* as are needed.

    Nothing for an audience that was not read, of which the engine reports more.
    """
    if use.state == "not-known" and app.sign_in_audience is not UNSET:
        yield Gap(pointer, use.why, "use-unknown", use.remedy)
    elif use.state == "not-seen" and use.days < days:
        note = f"the sources cover {counted(use.days, 'day')}, and {days} are needed"
        yield Gap(pointer, note, "use-unknown", "add sources of a longer period")


def unseen(use: Observed) -> str:
    """The words for a *use* that was not seen."""
    return f"not seen in use from {use.start} to {use.end}"


def in_use(use: Observed) -> str:
    """The words for a *use* that was seen: the last day, and how often."""
    number = f", {counted(use.count, use.unit.removesuffix('s'))}" if use.count and use.unit else ""
    return f"last on {use.last or 'an unknown day'}{number}"


def seen(*uses: Use) -> Usage:
    """Evidence for examples, from complete sources of more than 90 days."""
    reach = (Reach(kind=kind, source="Log Analytics", start="2025-09-01", end="2026-01-14") for kind in _ALL_KINDS)
    return Usage(uses=uses, reach=tuple(reach))


def use(
    number: int,
    kind: Kind = "servicePrincipal",
    protocol: str = "clientCredentials",
    **more: Any,
) -> Use:
    """Sign-ins of the clean registration with this *number*, for examples."""
    return Use(
        app_id=f"11111111-1111-4111-8111-11111111111{number}",
        kind=kind,
        protocol=protocol,
        **{"resource_id": GRAPH, "unit": "sign-ins", "count": 412, "first": "2025-09-03", "last": "2026-01-13", **more},
    )
