"""The options that name tenants and how to reach them, and reading what they name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from advisor.commands.session import clock_utc
from advisor.errors import UsageError

if TYPE_CHECKING:
    from advisor.sources.graph.clouds import Place
    from advisor.sources.reading.builder import Reading
    from advisor.sources.tenant.records import Header, Record, Resume

TenantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tenant",
        "-t",
        metavar="ID",
        help="Read this tenant through Microsoft Graph: its id or one of its domains; may be repeated.",
        show_default=False,
    ),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="APP",
        help="Of a tenant only this application: name, client id, or a Graph filter; may be repeated.",
        show_default=False,
    ),
]
FastOption = Annotated[
    bool, typer.Option("--fast", help="Of a tenant only the application objects; all else is named as not read.")
]
AuthOption = Annotated[
    str | None,
    typer.Option(
        "--auth",
        metavar="METHOD",
        help="How to sign in: certificate, environment, workload-identity, managed-identity, azure-cli, azure-powershell, device-code, browser. [default: the first of these that is set up]",
        show_default=False,
    ),
]
ClientIdOption = Annotated[
    str | None,
    typer.Option(
        "--client-id", metavar="GUID", help="The client that reads. [env: AZURE_CLIENT_ID]", show_default=False
    ),
]
CertificateOption = Annotated[
    str | None,
    typer.Option(
        "--certificate",
        metavar="FILE",
        help="PEM or PFX with the client's private key. [env: AZURE_CLIENT_CERTIFICATE_PATH, AZURE_CLIENT_CERTIFICATE_PASSWORD]",
        show_default=False,
    ),
]
CloudOption = Annotated[
    str,
    typer.Option(
        "--cloud",
        metavar="CLOUD",
        help="global, us-gov-l4, us-gov-l5, china.",
        envvar="GRANTLINT_CLOUD",
        show_envvar=True,
    ),
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--graph-endpoint",
        metavar="URL",
        help="Another Graph.",
        envvar="GRANTLINT_GRAPH_ENDPOINT",
        show_default=False,
        show_envvar=True,
    ),
]
AuthorityOption = Annotated[
    str | None,
    typer.Option(
        "--authority",
        metavar="URL",
        help="Another sign-in.",
        envvar="AZURE_AUTHORITY_HOST",
        show_default=False,
        show_envvar=True,
    ),
]


class Reach(NamedTuple):
    """What of which tenants is read, and how they are reached: the options above."""

    tenants: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    fast: bool = False
    auth: str | None = None
    client_id: str | None = None
    certificate: str | None = None
    cloud: str = "global"
    endpoint: str | None = None
    authority: str | None = None
    verbose: bool = False
    quiet: bool = False

    @property
    def place(self) -> Place:
        """Where Graph and its sign-in are. Raises ``UsageError`` for an address that cannot be used."""
        from advisor.sources.graph.clouds import find_place

        return find_place(self.cloud, self.endpoint, self.authority)

    def header(self, tenant: str) -> Header:
        """What a reading of *tenant* begins with."""
        from advisor.sources.tenant.records import Header
        from rules.primitives.dates import instant

        now = instant(clock_utc())
        return Header(tenant=tenant, endpoint=self.place.endpoint, read_at=now, fast=self.fast, only=self.only)


def check_reach(reach: Reach) -> None:
    """Raises ``UsageError`` for options that only make sense with a tenant, and for a tenant without a name."""
    if not reach.tenants:
        for name, value in (
            ("--only", reach.only),
            ("--fast", reach.fast),
            ("--auth", reach.auth),
            ("--certificate", reach.certificate),
        ):
            if value:
                raise UsageError(f"{name} needs --tenant", hint="name the tenant: --tenant contoso.com")
    for tenant in reach.tenants:
        if not all(character.isalnum() or character in "-." for character in tenant) or not tenant.strip("-."):
            raise UsageError(f"{tenant!r} in --tenant is no tenant", hint="name its id, or one of its domains")


def read_inputs(
    paths: Sequence[str], reach: Reach, *, candidates: bool = False, environment: str | None = None
) -> Reading:
    """Read files, folders, standard input and tenants into one reading, in this order; the options as in ``read_paths``."""
    from advisor.sources.discover import read_paths
    from advisor.sources.reading.builder import Builder

    check_reach(reach)
    builder = Builder()
    if paths:
        read_paths(paths, stdin=sys.stdin.buffer.read, builder=builder, candidates=candidates, environment=environment)
    if reach.tenants:
        from advisor.sources.tenant.gather import Gathering

        was_stopped = False
        for tenant in reach.tenants:
            gathering = Gathering()
            gathering.take(reach.header(tenant))
            was_stopped = was_stopped or not read_records(tenant, reach, gathering.take)
            gathering.build(builder)
    return builder.build()


def read_records(tenant: str, reach: Reach, emit: Callable[[Record], None], resume: Resume | None = None) -> bool:
    """Read a tenant and hand each record on; False when it was stopped with Ctrl-C.

    A tenant that cannot be signed in to is an outcome like any other. Raises ``UsageError`` when the SDK is not there or
    nothing is set up to sign in.
    """
    from advisor.commands.progress import Progress
    from advisor.sources.tenant.records import OWNER_NAMES, PARTS, Outcome, permissions_for

    place, header = reach.place, reach.header(tenant)
    try:
        from advisor.sources.graph.credentials import SignIn, sign_in
        from advisor.sources.graph.failure import Failure
        from advisor.sources.graph.tenant import read_tenant
    except ModuleNotFoundError as error:
        raise _not_installed(error) from None
    progress = Progress(tenant, verbose=reach.verbose, quiet=reach.quiet)
    permissions = permissions_for(fast=reach.fast)
    request = SignIn(
        tenant=tenant,
        place=place,
        auth=reach.auth,
        client_id=reach.client_id,
        certificate=reach.certificate,
        permissions=permissions,
        is_interactive=sys.stdin.isatty() and sys.stderr.isatty(),
    )
    try:
        signed = sign_in(request, os.environ, progress.say)
        progress.say(f"signed in with {signed.method}; reads with {', '.join(permissions)}, as far as they are granted")
        read_tenant(signed, place, header, emit, progress, resume)
    except Failure as failure:
        for part in PARTS:
            if part is not OWNER_NAMES:
                emit(Outcome(part.id, "not-read", failure.unread))
    except KeyboardInterrupt:
        progress.close()
        progress.say("stopped; what was read until then counts as a part")
        return False
    finally:
        progress.close()
    return True


def _not_installed(error: ModuleNotFoundError) -> UsageError:
    missing = (error.name or "").partition(".")[0]
    if missing.partition("_")[0] not in ("msgraph", "azure", "kiota", "httpx", "h2", "msal"):
        raise error
    what = f"--tenant needs Microsoft's client libraries, and {missing} is not installed"
    return UsageError(what, hint='install them: pip install "msgraph-sdk>=1.50" "azure-identity>=1.25"')
