"""HAR files, which browsers and proxies export (HTTP Archive 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from advisor.preflight.wire import AuthRequest, make_request


def read_har(entries: Iterable[Any], name: str) -> tuple[AuthRequest, ...]:
    """The requests among *entries* that go to the identity platform; answers are not looked at."""
    found = (_request(entry.get("request"), name) for entry in entries if isinstance(entry, dict))
    return tuple(request for request in found if request is not None)


def _request(request: Any, name: str) -> AuthRequest | None:
    if not isinstance(request, dict) or not isinstance(request.get("url"), str):
        return None
    method = request.get("method")
    posted = request.get("postData")
    body: str | list[tuple[str, str]] | None = None
    headers = list(pairs(request.get("headers")))
    if isinstance(posted, dict):
        text, mime = posted.get("text"), posted.get("mimeType")
        if isinstance(text, str) and text:
            body = text
        elif isinstance(posted.get("params"), list):
            body = list(pairs(posted["params"]))
        if isinstance(mime, str) and not any(key.lower() == "content-type" for key, _ in headers):
            headers.append(("Content-Type", mime))
    return make_request(method if isinstance(method, str) else "GET", request["url"], headers, body, file=name)


def pairs(items: Any) -> Iterator[tuple[str, str]]:
    """Name and value of each entry of a list of ``{"name": ..., "value": ...}``."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            value = item.get("value")
            yield item["name"], value if isinstance(value, str) else ""
