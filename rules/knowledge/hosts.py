"""Hosts below a name that a cloud or a tunnel hands out to anybody: whoever gives the name up may find it in other hands.

Each row has its source. Names that only the cloud can choose are told apart: they are not re-registered on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

import msgspec

from rules.primitives.uri import Uri

#: How a name below the suffix is had: somebody chooses it, the cloud makes it up, or it lasts as long as a tunnel; or it was
#: once chosen, and is now given to those alone who had the service before (``older``), or to nobody (``closed``).
Naming = Literal["chosen", "generated", "tunnel", "older", "closed"]


class SharedSuffix(msgspec.Struct, frozen=True):
    """A name below which strangers have their hosts, what it belongs to, and the document that says so.

    With ``kept`` the cloud gives a name that was deleted to nobody but the tenant that had it, for a while.
    """

    suffix: str
    service: str
    source: str
    naming: Naming = "chosen"
    kept: bool = False


_TAKEOVER: Final = "https://learn.microsoft.com/azure/security/fundamentals/subdomain-takeover"
_SUFFIXES: Final = "https://publicsuffix.org/list/public_suffix_list.dat"
_STATIC: Final = "https://learn.microsoft.com/azure/storage/blobs/storage-blob-static-website"
_KEPT: Final = "https://learn.microsoft.com/azure/app-service/reference-dangling-subdomain-prevention"
_GOVERNMENT: Final = "https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure"
_CHINA: Final = "https://learn.microsoft.com/azure/azure-portal/azure-portal-safelist-urls"
#: "It no longer supports profile creation": Front Door (classic), whose profiles have one such name each. The tiers that came
#: after it add a hash to theirs.
_FRONT_DOOR: Final = "https://learn.microsoft.com/azure/frontdoor/migrate-tier"
#: "A different Azure tenant can't use the same profile name until the reservation expires."
_TRAFFIC: Final = "https://learn.microsoft.com/azure/traffic-manager/traffic-manager-faqs"
#: No new profiles since August 2025; older ones go on, and have as many names as their owner makes.
_CDN: Final = "https://learn.microsoft.com/azure/cdn/cdn-manage-powershell"
#: "It will be retired on August 31st, 2024 for all customers"; what came after it has names below cloudapp.azure.com.
_CLASSIC: Final = "https://learn.microsoft.com/powershell/module/servicemanagement/azure/get-azureservice"
_TUNNEL: Final = "https://github.com/localtunnel/localtunnel"

#: Checked 2026-11-24: Microsoft's page, and the private part of the Public Suffix List.
SHARED_SUFFIXES: Final[tuple[SharedSuffix, ...]] = (
    SharedSuffix("azurewebsites.net", "Azure App Service", _KEPT, kept=True),
    SharedSuffix("appserviceenvironment.net", "Azure App Service", _KEPT, kept=True),
    SharedSuffix("azurefd.net", "Azure Front Door", _FRONT_DOOR, "closed"),
    SharedSuffix("azureedge.net", "Azure CDN", _CDN, "older"),
    SharedSuffix("trafficmanager.net", "Azure Traffic Manager", _TRAFFIC, kept=True),
    SharedSuffix("cloudapp.azure.com", "Azure public IP addresses", _TAKEOVER),
    SharedSuffix("azurecontainer.io", "Azure Container Instances", _TAKEOVER),
    SharedSuffix("azure-api.net", "Azure API Management", _TAKEOVER),
    SharedSuffix("blob.core.windows.net", "Azure Blob Storage", _TAKEOVER),
    SharedSuffix("web.core.windows.net", "Azure Storage static websites", _STATIC),
    SharedSuffix("cloudapp.net", "Azure Cloud Services (classic)", _CLASSIC, "closed"),
    SharedSuffix("chinacloudapp.cn", "Azure Cloud Services in China", _TAKEOVER),
    SharedSuffix("usgovcloudapp.net", "Azure Cloud Services for US Government", _TAKEOVER),
    SharedSuffix("azurewebsites.us", "Azure App Service for US Government", _GOVERNMENT),
    SharedSuffix("usgovtrafficmanager.net", "Azure Traffic Manager for US Government", _GOVERNMENT),
    SharedSuffix("cloudapp.usgovcloudapi.net", "Azure public IP addresses for US Government", _GOVERNMENT),
    SharedSuffix("azure-api.us", "Azure API Management for US Government", _GOVERNMENT),
    SharedSuffix("blob.core.usgovcloudapi.net", "Azure Blob Storage for US Government", _GOVERNMENT),
    SharedSuffix("chinacloudsites.cn", "Azure App Service in China", _CHINA),
    SharedSuffix("trafficmanager.cn", "Azure Traffic Manager in China", _CHINA),
    SharedSuffix("azurestaticapps.net", "Azure Static Web Apps", _SUFFIXES, "generated"),
    SharedSuffix("herokuapp.com", "Heroku", _SUFFIXES),
    SharedSuffix("github.io", "GitHub Pages", _SUFFIXES),
    SharedSuffix("gitlab.io", "GitLab Pages", _SUFFIXES),
    SharedSuffix("netlify.app", "Netlify", _SUFFIXES),
    SharedSuffix("vercel.app", "Vercel", _SUFFIXES),
    SharedSuffix("now.sh", "Vercel", _SUFFIXES),
    SharedSuffix("pages.dev", "Cloudflare Pages", _SUFFIXES),
    SharedSuffix("workers.dev", "Cloudflare Workers", _SUFFIXES),
    SharedSuffix("onrender.com", "Render", _SUFFIXES),
    SharedSuffix("up.railway.app", "Railway", _SUFFIXES),
    SharedSuffix("replit.app", "Replit", _SUFFIXES),
    SharedSuffix("web.app", "Firebase Hosting", _SUFFIXES),
    SharedSuffix("firebaseapp.com", "Firebase Hosting", _SUFFIXES),
    SharedSuffix("appspot.com", "Google App Engine", _SUFFIXES),
    SharedSuffix("ngrok.io", "ngrok", _SUFFIXES, "tunnel"),
    SharedSuffix("ngrok.app", "ngrok", _SUFFIXES, "tunnel"),
    SharedSuffix("ngrok.dev", "ngrok", _SUFFIXES, "tunnel"),
    SharedSuffix("ngrok-free.app", "ngrok", _SUFFIXES, "tunnel"),
    SharedSuffix("ngrok-free.dev", "ngrok", _SUFFIXES, "tunnel"),
    SharedSuffix("trycloudflare.com", "Cloudflare Tunnel", _SUFFIXES, "tunnel"),
    SharedSuffix("loca.lt", "localtunnel", _TUNNEL, "tunnel"),
)

_BY_SUFFIX: Final = {row.suffix: row for row in SHARED_SUFFIXES}

#: ``app-hash.westeurope-01.azurewebsites.net``, ``app-hash.z01.azurefd.net`` and ``app.hash.westus.cloudapp.azure.com``: the
#: cloud adds a hash of the owner, so nobody else is given the name. Sources: Microsoft, "Secure unique default hostname" of
#: App Service, "Endpoints in Azure Front Door", "Public IP addresses: domain name label scope", and the type
#: ``DnsNameLabelReusePolicy`` of Container Instances.
_HASHED: Final = re.compile(
    r".+-[a-z0-9]{6,}\.(?:[a-z]+[a-z0-9]*-\d\d\.azurewebsites\.net|[a-z]\d\d\.azurefd\.net)"
    r"|.+\.[a-z0-9]{16}\.[a-z0-9]+\.(?:cloudapp\.azure\.com|azurecontainer\.io)"
)


@lru_cache(maxsize=65_536)
def shared_suffix(host: str) -> SharedSuffix | None:
    """The row below whose suffix *host* (lower case) lies, compared label by label; ``None`` for a name of one's own."""
    rest = host
    while rest:
        rest = rest.partition(".")[2]
        row = _BY_SUFFIX.get(rest)
        if row:
            return None if _HASHED.fullmatch(host) else row
    return None


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Say whether *host* is one of the *allowed* names or below one, compared label by label."""
    names = (name.lower().strip(".") for name in allowed)
    return any(host == name or host.endswith(f".{name}") for name in names if name)


def claimable(uri: Uri, allowed: Iterable[str]) -> SharedSuffix | None:
    """Why the host of *uri* may pass into other hands; ``None`` when it may not or is *allowed*."""
    host = uri.host
    row = shared_suffix(host) if host and "*" not in host else None
    return row if row and host and not is_allowed(host, allowed) else None
