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
        Meta(ge=1, description="Longest accepted lifetime of a client secret or symmetric key, start to end, in days."),
    ] = 180
    max_certificate_days: Annotated[
        int, Meta(ge=1, description="Longest accepted lifetime of a certificate, start to end, in days.")
    ] = 365
    expiry_warning_days: Annotated[
        int, Meta(ge=0, description="A last valid credential that ends within this many days is reported.")
    ] = 30
    expiry_urgent_days: Annotated[
        int, Meta(ge=0, description="Within this many days the same is reported with high severity.")
    ] = 7
    allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Redirect hosts that are yours for good: never reported as claimable. A name also covers what is "
                "below it."
            )
        ),
    ] = ()
    verified_domains: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "The domains that the tenant has verified. If empty, grantlint uses the domains of the tenant that it "
                "reads; without one, "
                "rules that compare with them say nothing."
            )
        ),
    ] = ()
    home_tenants: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Ids of the tenants that are yours. Empty: that of the tenant that is read; without one, rules that "
                "compare with them say nothing."
            )
        ),
    ] = ()
    allowed_issuers: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Issuers of federated credentials that you trust besides the well-known ones. `*` matches anything "
                "between two slashes or dots."
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
                "Client ids of applications that may not be in your tenant, such as those known to be malicious."
            )
        ),
    ] = ()
    max_active_credentials: Annotated[
        int, Meta(ge=1, description="More valid credentials of one kind than this are reported; rotation needs two.")
    ] = 2
    max_application_permissions: Annotated[
        int, Meta(ge=1, description="More application permissions requested than this are reported.")
    ] = 10
    max_redirect_uris: Annotated[
        int,
        Meta(
            ge=1,
            description="More redirect URIs than this on one registration are reported, even allowed ones.",
        ),
    ] = 50
    unused_after_days: Annotated[
        int,
        Meta(ge=0, description="A registration with which no grant works is reported once it is this many days old."),
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
