"""The shapes of files with sign-ins: how each names the values of a record, and what follows for its reach.

JSON is recognized by the names of its first record, CSV by its header. Names of CSV columns are in lower case here,
without the spaces around them; the portal writes ``Application ID `` with one.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from advisor.usage.reduce import USE_QUERY, Raw, Source


class JsonShape(msgspec.Struct, frozen=True, kw_only=True):
    """Records that are objects: the names of their values in the order of ``Raw``, up to ``interactive``."""

    names: tuple[str, ...]
    date: str
    user: str
    name: str


class CsvShape(msgspec.Struct, frozen=True, kw_only=True):
    """Rows: *columns* name the values of ``Raw``; a file has this shape if it has the columns *needs*."""

    source: Source
    needs: tuple[str, ...]
    date: str
    columns: dict[str, str]
    user: str = ""
    name: str = ""


_GRAPH_NAMES: Final = (
    "appId",
    "authenticationProtocol",
    "originalTransferMethod",
    "clientCredentialType",
    "servicePrincipalCredentialKeyId",
    "federatedCredentialId",
    "resourceId",
    "isInteractive",
)

GRAPH: Final = JsonShape(names=_GRAPH_NAMES, date="createdDateTime", user="userId", name="appDisplayName")
#: What ``ConvertTo-Json`` writes of the objects of Microsoft Graph PowerShell.
POWERSHELL: Final = JsonShape(
    names=tuple(name[0].upper() + name[1:] for name in _GRAPH_NAMES),
    date="CreatedDateTime",
    user="UserId",
    name="AppDisplayName",
)
#: ``ResourceId`` of Log Analytics is the Azure resource that has the log.
LOG_ANALYTICS: Final = JsonShape(
    names=tuple({"ResourceId": "ResourceIdentity"}.get(name, name) for name in POWERSHELL.names),
    date="TimeGenerated",
    user="UserId",
    name="AppDisplayName",
)

GRAPH_V1: Final = Source(title="Graph v1.0 page", kind="interactiveUser")
GRAPH_BETA: Final = Source(title="Graph beta page")
#: A portal download and an array of Graph look alike, and the portal groups what is not interactive.
ARRAY: Final = Source(title="JSON download", is_grouped=True)
POWERSHELL_ARRAY: Final = Source(title="Graph PowerShell")
WORKSPACE: Final = Source(title="Log Analytics")
STORAGE: Final = Source(title="storage account", is_hourly=True)
EVENT_HUB: Final = Source(title="Event Hub", why="messages may be missing", remedy=USE_QUERY)

CSV_SHAPES: Final = (
    CsvShape(
        # The portal groups these sign-ins by application, status, address and API.
        source=Source(title="portal CSV of applications", kind="servicePrincipal", is_grouped=True),
        needs=("date (utc)", "service principal id", "application id"),
        date="date (utc)",
        columns={
            "app": "application id",
            "key_id": "credential key id",
            "resource": "resource id",
            "code": "sign-in error code",
            "status": "status",
        },
        name="application",
    ),
    CsvShape(
        source=Source(title="portal CSV of users", kind="user"),
        needs=("date (utc)", "user id", "application id"),
        date="date (utc)",
        columns={
            "app": "application id",
            "protocol": "authentication protocol",
            "transfer": "original transfer method",
            "credential": "client credential type",
            "resource": "resource id",
            "code": "sign-in error code",
            "status": "status",
        },
        user="user id",
        name="application",
    ),
    CsvShape(
        source=WORKSPACE,
        needs=("timegenerated", "appid"),
        date="timegenerated",
        columns={
            **{name: column.casefold() for name, column in zip(Raw._fields, LOG_ANALYTICS.names, strict=False)},
            "code": "resulttype",
            "kind": "category",
        },
        user="userid",
        name="appdisplayname",
    ),
)


def shape_of(record: dict[str, Any]) -> JsonShape | None:
    """The shape of a sign-in by its names; ``None`` for something else."""
    for shape in (GRAPH, LOG_ANALYTICS, POWERSHELL):
        if shape.date in record and shape.names[0] in record:
            return shape
    return None


def csv_shape(header: list[str]) -> CsvShape | None:
    """The shape of a file by the names of its columns; ``None`` for something else."""
    return next((shape for shape in CSV_SHAPES if all(name in header for name in shape.needs)), None)
