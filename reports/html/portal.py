"""Links to a registration in the Microsoft Entra admin center of its cloud."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from reports.html.markup import Link
from reports.rows import RegistrationRow
from rules.primitives.texts import is_guid

#: The admin center of each cloud by the host of its Microsoft Graph. Both US Government clouds share one.
_CENTERS: Final = {
    "graph.microsoft.com": "https://entra.microsoft.com/",
    "graph.microsoft.us": "https://entra.microsoft.us/",
    "dod-graph.microsoft.us": "https://entra.microsoft.us/",
    "microsoftgraph.chinacloudapi.cn": "https://entra.microsoftonline.cn/",
}
#: The pages of a registration: the admin center's label, and its name in the URL.
_PAGES: Final = (
    ("Overview", "Overview"),
    ("Authentication", "Authentication"),
    ("Certificates & secrets", "Credentials"),
    ("API permissions", "CallAnAPI"),
    ("Owners", "Owners"),
)
_PATH: Final = "#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{page}/appId/{app_id}/isMSAApp~/false"


def admin_center(row: RegistrationRow) -> str:
    """The admin center that shows *row*; empty for what is in a file, and in a cloud that is not in the table."""
    if row.kind != "registration" or not row.tenant or not is_guid(row.app_id or ""):
        return ""
    return _CENTERS.get(urlsplit(row.graph).hostname or "", "")


def portal_links(row: RegistrationRow) -> tuple[Link, ...]:
    """The pages of *row* in its admin center; nothing where it is in none."""
    center = admin_center(row)
    if not center:
        return ()
    return tuple(Link(label, center + _PATH.format(page=page, app_id=row.app_id)) for label, page in _PAGES)
