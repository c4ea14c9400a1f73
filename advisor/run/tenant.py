"""Reading tenants through Microsoft Graph."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from advisor.errors import UsageError
from advisor.run.session import clock_utc

if TYPE_CHECKING:
    from advisor.sources.graph.clouds import Place
    from advisor.sources.tenant.records import Header, Record, Resume


class TenantAccess(NamedTuple):
    """What of which tenants is read, how they are reached, and what is shown meanwhile."""

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
    #: The days of sign-ins that are read; 0 for the last sign-ins of applications alone, ``None`` for no use at all.
    usage_days: int | None = None
    #: Whether values are read that Graph returns in its beta alone.
    beta: bool = False
    #: What is read in addition, by the names of ``--include``.
    include: tuple[str, ...] = ()
    #: When the reading has to end, in seconds of ``time.monotonic``.
    deadline: float | None = None

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
        return Header(
            tenant=tenant,
            endpoint=self.place.endpoint,
            read_at=now,
            fast=self.fast,
            only=self.only,
            usage_days=self.usage_days,
            beta=self.beta,
            include=self.include,
        )


def check_access(access: TenantAccess) -> None:
    """Raise ``UsageError`` for options that need a tenant where none is named, and for what cannot name a tenant."""
    if not access.tenants:
        for name, value in (
            ("--only", access.only),
            ("--fast", access.fast),
            ("--beta", access.beta),
            ("--auth", access.auth),
            ("--certificate", access.certificate),
            ("--include", access.include),
            ("--usage live", access.usage_days is not None),
        ):
            if value:
                raise UsageError(f"{name} needs --tenant", hint="name the tenant: --tenant contoso.com")
    if access.usage_days is not None and len(access.tenants) > 1:
        what = "--usage live reads the use of one tenant, and several are named"
        raise UsageError(what, hint="lint each tenant in a run of its own, and merge the reports with grantlint report")
    if access.include:
        from advisor.sources.tenant.records import INCLUDABLE

        for name in access.include:
            if name not in INCLUDABLE:
                raise UsageError(f"invalid --include value {name!r}", hint=f"one of {', '.join(INCLUDABLE)}")
    for tenant in access.tenants:
        if not all(character.isalnum() or character in "-." for character in tenant) or not tenant.strip("-."):
            raise UsageError(f"invalid --tenant value {tenant!r}: expected a tenant ID or a domain name")


def read_records(
    tenant: str, access: TenantAccess, emit: Callable[[Record], None], resume: Resume | None = None
) -> bool:
    """Read a tenant and hand each record on; False when it was stopped with Ctrl-C.

    A tenant that cannot be signed in to is an outcome like any other. Raises ``UsageError`` when the SDK is not there
    or nothing is set up to sign in.
    """
    from advisor.run.progress import Progress
    from advisor.sources.tenant.records import OWNER_NAMES, Outcome, parts_of, permissions_for

    place, header = access.place, access.header(tenant)
    try:
        from advisor.sources.graph.lean import import_httpx

        import_httpx()
        from advisor.sources.graph.credentials import SignIn, sign_in
        from advisor.sources.graph.failure import Failure
        from advisor.sources.graph.tenant import read_tenant
    except ModuleNotFoundError as error:
        raise _not_installed(error) from None
    progress = Progress(tenant, verbose=access.verbose, quiet=access.quiet)
    permissions = permissions_for(fast=access.fast, has_usage=access.usage_days is not None, include=access.include)
    request = SignIn(
        tenant=tenant,
        place=place,
        auth=access.auth,
        client_id=access.client_id,
        certificate=access.certificate,
        permissions=permissions,
        is_interactive=sys.stdin.isatty() and sys.stderr.isatty(),
        deadline=access.deadline,
    )
    try:
        signed = sign_in(request, os.environ, progress)
        progress.say(f"signed in with {signed.method}; reads with {', '.join(permissions)}, as far as they are granted")
        read_tenant(signed, place, header, emit, progress, resume, access.deadline)
    except Failure as failure:
        for part in parts_of(header):
            if part is not OWNER_NAMES:
                emit(Outcome(part.id, "not-read", failure.unread))
    except KeyboardInterrupt:
        progress.close()
        progress.say("stopped; the result is incomplete")
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
