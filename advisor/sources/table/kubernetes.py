"""Kubernetes manifests: which registration a workload signs in as, and secrets of Azure Service Operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from advisor.sources.reading.source import File, Source, has_lines_like

if TYPE_CHECKING:
    from advisor.sources.reading.builder import Builder


def _read(builder: Builder, file: File) -> None:
    from advisor.sources.code.kubernetes import read_kubernetes

    read_kubernetes(builder, file.name, file.data)


SOURCE: Final = Source(
    title="Kubernetes manifests",
    kind="YAML",
    suffixes=(".yaml", ".yml"),
    is_like=has_lines_like(rb"^(?:apiVersion|kind):[ \t]"),
    words=(b"azure.workload.identity/client-id", b"azure_client_id", b"aadpodidentity.k8s.io"),
    read=_read,
    samples={
        "account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: orders\n  annotations:\n"
        '    azure.workload.identity/client-id: "11111111-1111-4111-8111-111111111111"\n'
    },
)
