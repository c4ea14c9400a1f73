"""App registrations in YAML: what ``az ad app show -o yaml`` and ``az ad app list -o yaml`` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.manifest.yaml_file import read_yaml

    read_yaml(builder, file.name, file.data)


SOURCE: Final = Source(
    title="app registrations in YAML (az ad app output)",
    kind="YAML",
    suffixes=(".yaml", ".yml"),
    is_like=has_lines_like(rb"^(?:- |  )?(?:signInAudience|identifierUris|requiredResourceAccess):"),
    is_known_by_suffix=False,
    words=(b"signinaudience", b"identifieruris", b"requiredresourceaccess"),
    read=_read,
    samples={
        "app.yaml": "appId: 11111111-1111-4111-8111-111111111111\ndisplayName: Portal\nsignInAudience: AzureADMyOrg\n",
        "apps.yaml": "- appId: 11111111-1111-4111-8111-111111111111\n  displayName: Portal\n"
        "  signInAudience: AzureADMyOrg\n",
    },
)
