"""The sign-in methods, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AUTH: Final[Mapping[str, str]] = {
    "certificate": "a certificate file of the client: --client-id, --certificate",
    "environment": "AZURE_CLIENT_ID with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH",
    "workload-identity": "a federated token: AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE",
    "managed-identity": "the identity of the Azure resource that this runs on",
    "azure-cli": "the user who is signed in with az",
    "azure-powershell": "the user who is signed in with Connect-AzAccount",
    "device-code": "a user, with a code that is entered in a browser on another device",
    "browser": "a user, in the browser of this machine",
}
