"""``grantlint grants``: list the grants, or explain one in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from reports.wrap import wrap

if TYPE_CHECKING:
    from rules.analysis.grants import Grant
    from rules.knowledge.grant_flow import Sequence

#: Longer lines than this are hard to read.
WIDTH: Final = 80

#: What a grant's status is called, worst last.
STATUS: Final = {
    "recommended": "recommended",
    "situational": "for some cases",
    "last-resort": "last resort",
    "never": "never",
}


def complete_grant(incomplete: str) -> list[str]:
    """The grants and flows that begin with the typed text."""
    from rules.analysis.grants import GRANTS
    from rules.knowledge.grant_flow import special_flows

    return [name for name in (*(row.id for row in GRANTS), *special_flows()) if name.startswith(incomplete)]


def grants(
    grant: Annotated[
        str | None,
        typer.Argument(metavar="GRANT", help="One grant.", autocompletion=complete_grant, show_default=False),
    ] = None,
    format: Annotated[
        Literal["text", "mermaid", "svg", "json"],
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Print as text or json, or draw the sequence diagram of one grant as mermaid or svg.",
        ),
    ] = "text",
) -> None:
    """List the grants, or explain one grant: its roles, its steps with their
    parameters, tokens, scopes, allowed clients, drawbacks and sources. Four
    flows of agents and MCP servers are listed below the grants.

    \b
    Examples:
      grantlint grants
      grantlint grants device_code
      grantlint grants on_behalf_of --format svg > on-behalf-of.svg
      grantlint grants authorization_code --format mermaid
      grantlint grants mcp-server
    """
    from advisor.errors import UsageError

    if grant is None:
        if format in ("mermaid", "svg"):
            raise UsageError(f"--format {format} draws one grant", hint="name it: grantlint grants device_code")
        typer.echo(_json_of_all() if format == "json" else "\n".join(_list()), nl=False)
        return
    row, flow = _named(grant)
    from reports.sequence import sequence_mermaid, sequence_svg

    if format == "json":
        typer.echo(_json_of(row, flow), nl=False)
    elif format == "mermaid":
        typer.echo(sequence_mermaid(flow), nl=False)
    elif format == "svg":
        typer.echo(sequence_svg(flow), nl=False)
    else:
        typer.echo("\n".join(_page(row, flow)), nl=False)


def _named(name: str) -> tuple[Grant, Sequence]:
    from difflib import get_close_matches

    from advisor.errors import UsageError
    from rules.analysis.grants import GRANTS, grant
    from rules.knowledge.grant_flow import sequence, special_flows

    flows = special_flows()
    if special := flows.get(name.casefold().replace("_", "-")):
        from advisor.decide.special_grants import special_grant

        return special_grant(special), special
    ids = [row.id for row in GRANTS]
    wires = {row.wire: row.id for row in GRANTS if row.wire} | {"jwt-bearer": "on_behalf_of", "ropc": "password"}
    found = wires.get(name, name.casefold().replace("-", "_"))
    if found not in ids:
        near = get_close_matches(found, ids, 1) or get_close_matches(name, flows, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join((*ids, *flows))}"
        raise UsageError(f"unknown grant {name!r}", hint=hint)
    return grant(found), sequence(found)


def _list() -> Iterator[str]:
    from rules.analysis.grants import GRANTS
    from rules.knowledge.grant_flow import special_flows

    flows = special_flows()
    width = max(map(len, (*(row.id for row in GRANTS), *flows)))
    for row in GRANTS:
        start = f"{row.id:<{width}}  "
        yield from wrap(f"{row.short} ({STATUS[row.status]})", WIDTH, start, " " * len(start))
    yield ""
    for name, flow in flows.items():
        start = f"{name:<{width}}  "
        yield from wrap(flow.title, WIDTH, start, " " * len(start))
    yield ""
    yield "Show one grant in full: grantlint grants GRANT"
    yield ""


def _page(row: Grant, flow: Sequence) -> Iterator[str]:
    from reports.sequence import sequence_text
    from rules.knowledge.grant_flow import ROLES

    names = dict(ROLES)
    yield from wrap(f"{row.id}: {row.title} ({STATUS[row.status]})", WIDTH)
    yield from wrap(row.short, WIDTH)
    if row.wire and row.client != "none":
        where = "response_type" if row.id in ("hybrid", "implicit") else "grant_type"
        yield ""
        yield f"{where}={row.wire}"
    yield from _section("roles", (f"{names[role]}: {words}" for role, words in flow.players))
    yield ""
    yield "steps"
    yield sequence_text(flow, WIDTH).rstrip("\n")
    yield from _section("tokens", flow.tokens)
    yield from _section("refresh token", [flow.refresh])
    yield from _section("scopes", [flow.scopes])
    yield from _section("who can use it", [flow.who])
    if not flow.leaves:
        yield from _section("what the registration needs", _needs(row))
    if row.request:
        yield ""
        yield "the requests" if len(row.request) > 1 else "the request"
        for step in row.request:
            yield f"  {step.method} {step.url}"
            yield from (f"      {parameter}" for parameter in step.parameters)
            if step.proves and row.client != "public":
                yield "      the credential" if row.credential else "      the credential of a confidential client"
    yield from _section("drawbacks", row.risks)
    yield from _section("status", [flow.status])
    if flow.instead:
        yield from _section("instead", [flow.instead])
    sources = {reference.url: reference for reference in (*row.references, *flow.references)}
    yield ""
    yield "sources"
    for reference in sources.values():
        yield from wrap(reference.dated_label, WIDTH, "  ", "  ")
        yield from wrap(reference.supports, WIDTH, "    ", "    ")
        yield f"    {reference.url}"
    yield ""


def _needs(row: Grant) -> Iterator[str]:
    kinds = {"public": "a public client", "confidential": "a confidential client, with a credential"}
    yield {**kinds, "either": "a public or a confidential client", "none": "no client"}[row.client]
    if row.platforms:
        *first, last = row.platforms
        yield f"a redirect URI on {', '.join(first)} or {last}" if first else f"a redirect URI on {last}"
    for switch in row.switches:
        yield f"{switch.path} = {'true' if switch.value else 'false'}: {switch.why}"
    if row.id != "none":
        yield f"signInAudience: {', '.join(row.audiences)}"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    texts = list(items)
    if not texts:
        return
    yield ""
    yield title
    for text in texts:
        yield from wrap(text, WIDTH, "  - " if len(texts) > 1 else "  ", "    " if len(texts) > 1 else "  ")


def _json_of(row: Grant, flow: Sequence) -> str:
    import msgspec

    both = {**msgspec.to_builtins(row), "flow": msgspec.to_builtins(flow)}
    return msgspec.json.format(msgspec.json.encode(both), indent=2).decode() + "\n"


def _json_of_all() -> str:
    import msgspec

    from rules.analysis.grants import GRANTS

    return msgspec.json.format(msgspec.json.encode(GRANTS), indent=2).decode() + "\n"
