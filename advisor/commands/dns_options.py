"""The options that let lint ask DNS, and asking it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.resolve.asking import Answers
    from advisor.resolve.resolvers import Resolver
    from advisor.sources.reading.builder import Reading

ResolveOption = Annotated[
    bool,
    typer.Option(
        "--resolve-hosts",
        help="Ask DNS whether the hosts of redirect URIs exist. Their names, nothing else, go to the resolver. What it does not answer exits with 3.",
    ),
]
ResolverOption = Annotated[
    str | None,
    typer.Option(
        "--resolver",
        metavar="ADDRESS",
        help="Ask this resolver, IP or IP:port. [default: the system's]",
        show_default=False,
    ),
]


def check_asking(select: Sequence[str], resolver: str | None, *, wanted: bool) -> None:
    """Raises ``UsageError`` for a resolver or a selected rule that is of no use unless DNS is asked."""
    from advisor.errors import UsageError
    from rules.families import RULES

    if wanted:
        return
    if resolver is not None:
        raise UsageError("--resolver needs --resolve-hosts")
    for r in RULES:
        if r.needs_dns and r.id in select:
            raise UsageError(f"the rule {r.id} needs --resolve-hosts", hint="it judges what DNS says of redirect hosts")


def resolvers_for(resolver: str | None) -> tuple[Resolver, ...]:
    """The resolver that was named, else the system's. Raises ``UsageError`` when there is nobody to ask."""
    from advisor.resolve.resolvers import named_resolver, system_resolvers

    return (named_resolver(resolver),) if resolver is not None else system_resolvers()


def answers_for(reading: Reading, resolvers: Sequence[Resolver], *, quiet: bool = False) -> Answers:
    """What DNS says of the hosts in *reading*. On a terminal it says that it asks: that may take a minute."""
    from advisor.resolve.asking import ask_all, hosts_of
    from rules.primitives.texts import counted

    hosts = hosts_of(subject.app for subject in reading.subjects)
    if hosts and sys.stderr.isatty() and not quiet:
        sys.stderr.write(f"asking DNS for {counted(len(hosts), 'host name')} ...\n")
    return ask_all(hosts, resolvers)
