"""What DNS says of the hosts of redirect URIs, where ``--resolve-hosts`` requests it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.resolve.lookups import Answers
    from advisor.resolve.resolvers import Resolver
    from advisor.sources.reading.builder import Reading


def check_dns_options(select: Sequence[str], resolver: str | None, *, wanted: bool) -> None:
    """Raise ``UsageError`` for a resolver or a selected rule that needs DNS where DNS is not *wanted*."""
    from advisor.errors import UsageError
    from rules.families import RULES

    if wanted:
        return
    if resolver is not None:
        raise UsageError("--resolver needs --resolve-hosts")
    for r in RULES:
        if r.needs_dns and r.id in select:
            raise UsageError(
                f"the rule {r.id} needs --resolve-hosts", hint="the rule checks the DNS records of redirect hosts"
            )


def resolvers_for(resolver: str | None) -> tuple[Resolver, ...]:
    """The named *resolver*, otherwise the system's. Raises ``UsageError`` when there is none."""
    from advisor.resolve.resolvers import named_resolver, system_resolvers

    return (named_resolver(resolver),) if resolver is not None else system_resolvers()


def answers_for(reading: Reading, resolvers: Sequence[Resolver], *, quiet: bool = False) -> Answers:
    """What DNS says of the hosts in *reading*. It says on a terminal that it is running: it may take a minute."""
    from advisor.resolve.lookups import hosts_of, look_up_all
    from rules.primitives.texts import counted

    hosts = hosts_of(subject.app for subject in reading.subjects)
    if hosts and sys.stderr.isatty() and not quiet:
        sys.stderr.write(f"asking DNS for {counted(len(hosts), 'host name')} ...\n")
    return look_up_all(hosts, resolvers)
