"""Read a tenant from start to end: the bridge between commands, which know no SDK, and the reader, which knows no
command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from advisor.sources.graph.client import Client
from advisor.sources.graph.clouds import Place
from advisor.sources.graph.credentials import Signed
from advisor.sources.graph.progress import ProgressListener
from advisor.sources.graph.read import TenantReader
from advisor.sources.tenant.records import Header, Record, Resume


def read_tenant(
    signed: Signed,
    place: Place,
    header: Header,
    emit: Callable[[Record], None],
    listener: ProgressListener,
    resume: Resume | None = None,
    deadline: float | None = None,
) -> None:
    """Read what *header* requests and hand each record to *emit* at once.

    What was not read at the *deadline*, in seconds of ``time.monotonic``, is reported as left out.
    Raises ``KeyboardInterrupt`` when it is stopped; what was handed on by then is all that was read.
    """

    async def read() -> None:
        client = Client(place, signed, signed.scopes, listener, deadline)
        try:
            await TenantReader(client, emit, listener, header, resume).read()
        finally:
            await client.close()
            signed.close()

    asyncio.run(read())
