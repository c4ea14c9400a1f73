"""``grantlint permissions``: search the permissions of Microsoft's APIs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from advisor.commands.options import TextOrJsonOption

if TYPE_CHECKING:
    from advisor.run.permission_use import Use
    from reports.report import Report
    from rules.knowledge.permissions import Permission

#: How many registrations are named in a line.
_NAMED = 10


def complete_permission(incomplete: str) -> list[str]:
    """The names of permissions that begin so."""
    from rules.knowledge.permissions import permissions as all_permissions

    names = dict.fromkeys(row.value for row in all_permissions())
    return [name for name in names if name.casefold().startswith(incomplete.casefold())]


def permissions(
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY",
            help="The name or ID of a permission, words of its title, or an API.",
            autocompletion=complete_permission,
            show_default=False,
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Show which registrations in this report (JSON) request or have each permission.",
            show_default=False,
        ),
    ] = None,
    format: TextOrJsonOption = "text",
) -> None:
    """Search the permissions of Microsoft's APIs: what each permission allows,
    who must consent, and which permissions are narrower.

    QUERY is the name of a permission, its ID, words of its title, or the name
    or the client ID of an API. For a name or an ID, grantlint explains the
    permission. For words, it lists the permissions that match. The tier rates
    the worst case.

    \b
    Examples:
      grantlint permissions Mail.Read
      grantlint permissions 810c84a8-4a9e-49e6-bf7d-12d183f40d01
      grantlint permissions read mail
      grantlint permissions Azure Key Vault
      grantlint permissions Mail.Read --report report.json
    """
    import json

    from advisor.errors import UsageError
    from advisor.run.output import print_text
    from advisor.run.reports import load_report
    from advisor.run.terminal_width import terminal_width
    from reports.escape import visible
    from rules.knowledge.permission_search import names_like, search_permissions

    words = " ".join(query)
    found = search_permissions(words)
    if not found.rows:
        near = " or ".join(map(repr, names_like(words)))
        hint = f"did you mean {near}?" if near else "search for words: grantlint permissions read mail"
        raise UsageError(f"unknown permission {words!r}", hint=hint)
    stored = load_report(report) if report is not None else None
    if format == "json":
        print_text(json.dumps([_json_of(row, stored) for row in found.rows], indent=2) + "\n", sys.stdout)
        return
    width = terminal_width(sys.stdout)
    explains = found.is_exact or len(found.rows) == 1 or stored is not None
    blocks = (_page(row, stored, width) if explains else _entry(row, width) for row in found.rows)
    text = ("\n\n" if explains else "\n").join("\n".join(map(visible, block)) for block in blocks)
    print_text(text + "\n", sys.stdout)


def _entry(row: Permission, width: int) -> Iterator[str]:
    """A permission in a list."""
    from reports.wrap import wrap
    from rules.knowledge.permission_titles import title_of

    title = title_of(row)
    yield from wrap(f"{row.name} ({row.reach})", width)
    yield f"  {row.id} {row.tier}"
    if title:
        yield from wrap(title.title, width, "  ")


def _page(row: Permission, stored: Report | None, width: int) -> Iterator[str]:
    """All that is known of a permission."""
    from advisor.run.permission_use import granted_to, requested_by
    from reports.wrap import wrap
    from rules.knowledge.permission_names import alternative, contained_in
    from rules.knowledge.permission_titles import consent_to, title_of
    from rules.knowledge.permissions import tier_meaning

    title = title_of(row)
    other = alternative(row.kind, row.value)
    narrower = [*contained_in(row), *([f"{other} may be enough"] if other else ())]
    lines = [
        ("ID", row.id),
        ("API", row.resource),
        ("allows", title.title if title else "not known: Microsoft's list with its title was not read"),
        ("tier", f"{row.tier}: {tier_meaning(row)}{f' ({row.note})' if row.note else ''}"),
        ("consent", consent_to(row)),
        ("narrower", "; ".join(narrower) or "not known: no table has a narrower permission"),
    ]
    if stored is not None:
        lines += [("requested", _used(requested_by(stored, row))), ("granted", _used(granted_to(stored, row)))]
    yield from wrap(f"{row.name} ({row.reach})", width)
    for name, text in lines:
        yield from wrap(text, width, f"  {name:<10} ", " " * 13)


def _used(use: Use) -> str:
    """Which registrations have a permission, and how many are not known."""
    from rules.primitives.texts import counted

    left = len(use.has) - _NAMED
    named = ", ".join(use.has[:_NAMED]) + (f" and {left:,} more" if left > 0 else "")
    unknown = f"not known for {counted(len(use.not_known), 'registration')}" if use.not_known else ""
    return "; ".join(text for text in (named, unknown) if text) or "by no registration of the report"


def _json_of(row: Permission, stored: Report | None) -> dict[str, Any]:
    """A permission for tools; ``null`` is not known."""
    from advisor.run.permission_use import granted_to, requested_by
    from rules.knowledge.permission_names import alternative, contained_in
    from rules.knowledge.permission_titles import needs_administrator, title_of
    from rules.knowledge.permissions import resources, tier_meaning

    title = title_of(row)
    found: dict[str, Any] = {
        "value": row.value,
        "id": row.id,
        "kind": row.reach,
        "resource": row.resource,
        "resource_name": resources()[row.resource].name,
        "allows": title.title if title else None,
        "tier": row.tier,
        "tier_meaning": tier_meaning(row),
        "note": row.note,
        "admin_consent": needs_administrator(row),
        "contains": contained_in(row),
        "alternative": alternative(row.kind, row.value) or None,
    }
    if stored is not None:
        found |= {
            "requested": requested_by(stored, row)._asdict(),
            "granted": granted_to(stored, row)._asdict(),
        }
    return found
