"""Crossplane: applications of Entra ID in Kubernetes manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder

_WORD: Final = b"workload.identity/client-id"


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.terraform.crossplane import read_crossplane

    read_crossplane(builder, file.name, file.data)
    if file.has_any((_WORD,)):  # a workload in the same file signs in as a registration
        from advisor.sources.code.kubernetes import read_kubernetes

        read_kubernetes(builder, file.name, file.data)


SOURCE: Final = Source(
    title="Crossplane manifests",
    kind="YAML",
    suffixes=(".yaml", ".yml"),
    is_like=has_lines_like(rb"^[ \t]*apiVersion:[ \t]*[\"']?applications\.azuread\.(?:m\.)?upbound\.io/"),
    is_known_by_suffix=False,
    words=(b"applications.azuread.",),
    read=_read,
    samples={
        "portal.yaml": "apiVersion: applications.azuread.upbound.io/v1beta1\nkind: Application\nmetadata:\n"
        "  name: portal\nspec:\n  forProvider:\n    displayName: Portal\n"
    },
)
