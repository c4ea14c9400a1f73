"""Every threshold and allow-list that a rule may be tuned with: type, default and one sentence each.

The names are in kebab-case under ``[settings]`` of the configuration.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What an organization may tune. Days are whole days, hosts are compared label by label."""

    max_secret_days: Annotated[
        int,
        Meta(ge=1, description="The maximum lifetime of a client secret or symmetric key, from start to end, in days."),
    ] = 180
    max_certificate_days: Annotated[
        int, Meta(ge=1, description="The maximum lifetime of a certificate, from start to end, in days.")
    ] = 365
    expiry_warning_days: Annotated[
        int, Meta(ge=0, description="grantlint reports the last valid credential if it expires within this many days.")
    ] = 30
    expiry_urgent_days: Annotated[
        int, Meta(ge=0, description="The severity is high if the last valid credential expires within this many days.")
    ] = 7
    allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Redirect hosts that you own permanently. grantlint never reports these hosts as claimable. An entry "
                "also covers the subdomains of the host."
            )
        ),
    ] = ()
    verified_domains: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "The domains that the tenant has verified. If the list is empty, grantlint uses the domains of the "
                "tenant that it reads. Without a tenant, rules that compare domains report nothing."
            )
        ),
    ] = ()
    home_tenants: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "The IDs of your tenants. If the list is empty, grantlint uses the ID of the tenant that it reads. "
                "Without a tenant, rules that compare tenants report nothing."
            )
        ),
    ] = ()
    allowed_issuers: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Issuers of federated credentials that you trust in addition to the well-known issuers. `*` matches "
                "anything between two slashes or dots."
            )
        ),
    ] = ()
    trusted_tenants: Annotated[
        tuple[str, ...],
        Meta(
            description="IDs of other organizations' tenants whose applications are checked as if they were your own."
        ),
    ] = ()
    forbidden_applications: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Client IDs of applications that must not be in your tenant, such as applications known to be "
                "malicious."
            )
        ),
    ] = ()
    max_active_credentials: Annotated[
        int,
        Meta(
            ge=1,
            description=(
                "grantlint reports registrations with more valid credentials of one kind than this number; a rotation "
                "needs two."
            ),
        ),
    ] = 2
    max_application_permissions: Annotated[
        int,
        Meta(
            ge=1,
            description="grantlint reports registrations that request more application permissions than this number.",
        ),
    ] = 10
    max_redirect_uris: Annotated[
        int,
        Meta(
            ge=1,
            description=(
                "grantlint reports registrations with more redirect URIs than this number, even if the hosts are "
                "allowed."
            ),
        ),
    ] = 50
    max_agents_per_blueprint: Annotated[
        int,
        Meta(
            ge=1,
            description=(
                "grantlint reports more agent identities of one blueprint than this number. Platforms other than "
                "Microsoft's can create 250."
            ),
        ),
    ] = 225
    unused_after_days: Annotated[
        int,
        Meta(ge=0, description="grantlint reports a registration that allows no grant, once it is this many days old."),
    ] = 90


def settings_table() -> list[tuple[str, str, Any, str]]:
    """Name, type, default and sentence of every setting, for documentation."""
    kinds = {"int": "integer", "tuple[str, ...]": "list of strings"}
    rows: list[tuple[str, str, Any, str]] = []
    for field in msgspec.structs.fields(Settings):
        meta = field.type.__metadata__[0]
        base = field.type.__origin__
        name = base.__name__ if isinstance(base, type) and base is not tuple else str(base)
        rows.append((field.encode_name, kinds.get(name, name), field.default, meta.description or ""))
    return rows
