"""What the examples of this family request, and the documents that its rules name."""

from __future__ import annotations

from typing import Any, Final

LIST: Final = ("requiredResourceAccess",)
AT: Final = "/requiredResourceAccess/0/resourceAccess/0"

#: An API of the organization's own.
OWN: Final = "11111111-1111-4111-8111-111111111119"
ROLE_MANAGEMENT: Final = ("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", "Role")
MAIL_READ: Final = ("810c84a8-4a9e-49e6-bf7d-12d183f40d01", "Role")
MAIL_READ_WRITE: Final = ("e2a3a72e-5f79-4c64-b1b1-878b674786c9", "Role")
AS_USER: Final = ("0e263e50-5827-48a4-b97c-d940288653c7", "Scope")
OFFLINE: Final = ("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "Scope")
USER_READ: Final = ("e1fe6dd8-ba31-4d61-89e7-88639da4683d", "Scope")


def requests(resource: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    """A fragment that requests permissions of one resource, each as ID and kind."""
    return {"requiredResourceAccess": [block(resource, *pairs)]}


def block(resource: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    """One entry of the list: permissions of one resource, each as ID and kind."""
    return {"resourceAppId": resource, "resourceAccess": [{"id": name, "type": kind} for name, kind in pairs]}
