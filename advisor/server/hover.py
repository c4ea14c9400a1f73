"""Hover: why a finding matters and how it is fixed, which grants a value allows, and the permission behind an ID."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Position

from advisor.server.check import Result
from advisor.server.hints import permissions_at
from advisor.server.positions import Positions
from advisor.server.surroundings import GUID
from reports.escape import address, markdown, visible
from reports.rows import FindingRow
from rules.knowledge.permission_names import alternative, contained_in
from rules.knowledge.permission_titles import consent_to, title_of
from rules.knowledge.permissions import Permission, tier_meaning
from rules.primitives.spans import Span


def hover(positions: Positions, position: Position, result: Result | None) -> Hover | None:
    """What is known of the value at *position*; *result* is the check of the same text, if there is one."""
    offset = positions.offset(position)
    blocks, spans = [], []
    for text, span in (*_permissions(positions, offset), *(_checked(positions, offset, result) if result else ())):
        blocks.append(text)
        spans.append(span)
    if not blocks:
        return None
    smallest = min(spans, key=lambda span: span[1] - span[0])
    return Hover(MarkupContent(MarkupKind.Markdown, "\n\n---\n\n".join(blocks)), positions.range(smallest))


def _permissions(positions: Positions, offset: int) -> Iterator[tuple[str, Span]]:
    start = positions.line_start(offset)
    for match in GUID.finditer(positions.text, start, positions.line_end(offset)):
        if match.start() <= offset <= match.end():
            for row in permissions_at(positions, match.start(), match.end()):
                yield _permission(row), match.span()


def _permission(row: Permission) -> str:
    title = title_of(row)
    narrower = [*contained_in(row), *([other] if (other := alternative(row.kind, row.value)) else [])]
    lines = [
        f"**{markdown(row.name)}** ({row.reach} permission)",
        *([markdown(title.title)] if title else []),
        f"Tier {row.tier}: {markdown(tier_meaning(row))}. Consent: {markdown(consent_to(row))}.",
        *([f"Narrower: {markdown('; '.join(narrower))}."] if narrower else []),
    ]
    return "\n\n".join(lines)


def _checked(positions: Positions, offset: int, result: Result) -> Iterator[tuple[str, Span]]:
    for finding in result.findings:
        span = positions.span_of(finding.origin)
        if finding.origin.line is not None and span[0] <= offset <= span[1]:
            yield _finding(finding, result), span
    allowed: dict[str, Span] = {}
    for origin, grant in result.grants:
        span = positions.span_of(origin)
        if span[0] <= offset <= span[1]:
            allowed[grant] = span
    if allowed:
        yield f"Grants that this value allows: {markdown(', '.join(allowed))}.", next(iter(allowed.values()))


def _finding(finding: FindingRow, result: Result) -> str:
    texts = result.texts.get(finding.rule)
    lines = [f"**{markdown(visible(finding.rule))}** ({finding.severity})"]
    if texts:
        lines.append(f"**Why:** {markdown(visible(texts.why, 2_000))}")
        lines.append(f"**Fix:** {markdown(visible(finding.fix or texts.fix, 2_000))}")
        lines += [
            f"[{markdown(visible(one.label))}](<{address(one.url)}>)"
            for one in texts.references
            if one.url.startswith("https://")
        ]
    return "\n\n".join(lines)
