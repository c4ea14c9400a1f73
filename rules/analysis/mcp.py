"""Whether a registration is that of a Model Context Protocol (MCP) server, as far as its names say.

Microsoft Entra ID has no property for it. A URL of a server is one sign; a scope with words of the protocol is another.
Sources: "Secure a Model Context Protocol server with Microsoft Entra ID" (the examples of URLs and scopes); Model
Context Protocol 2026-07-28, "Authorization", "Canonical Server URI".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.model.finding import Because
from rules.model.registration import Registration
from rules.primitives.texts import text_of
from rules.primitives.uri import Uri, parse

#: ``mcp``, ``mcp.tools``, ``mcp:tools``, and the names of Microsoft's page: ``tool.read``, ``tools.execute``.
_SCOPE: Final = re.compile(r"mcp(?:[._:/-].*)?|tools?[.:](?:read|execute)", re.IGNORECASE)


def is_mcp_url(uri: Uri) -> bool:
    """Say whether a URL names an MCP server: its first label is ``mcp``, or its path ends in ``/mcp``.

    >>> [is_mcp_url(parse(text)) for text in ("https://mcp.contoso.com", "https://contoso.com/mcp", "api://mcp")]
    [True, True, False]
    """
    return uri.is_web and ((uri.host or "").startswith("mcp.") or uri.path.rstrip("/").casefold().endswith("/mcp"))


def mcp_urls(app: Registration) -> Iterator[tuple[int, Uri]]:
    """The identifier URIs that name an MCP server, with their indexes."""
    for index, text in enumerate(app.identifier_uris or ()):
        if f"/identifierUris/{index}" not in app.unread and is_mcp_url(uri := parse(text)):
            yield index, uri


def mcp_signs(app: Registration) -> tuple[Because, ...]:
    """What says that *app* is an MCP server; empty if nothing does, or nothing was read."""
    scopes = (app.api.oauth2_permission_scopes if app.api else None) or ()
    return (
        *(Because(f"/identifierUris/{index}", "the URL of an MCP server") for index, _ in mcp_urls(app)),
        *(
            Because(f"/api/oauth2PermissionScopes/{index}/value", "a scope of an MCP server")
            for index, scope in enumerate(scopes)
            if scope.is_enabled is not False and _SCOPE.fullmatch(text_of(scope.value))
        ),
    )
