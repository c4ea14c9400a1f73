"""JSON pointers (RFC 6901) and the dotted paths for readers. Pure functions."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache


@lru_cache(maxsize=65_536)
def dotted(pointer: str) -> str:
    """A JSON pointer as a dotted path: ``/web/redirectUris/0`` is ``web.redirectUris[0]``."""
    tokens = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    return "".join(f"[{token}]" if token.isdigit() else f".{token}" for token in tokens).removeprefix(".")


def pointer_to(path: str) -> str:
    """The JSON pointer of a dotted path that enters no list: ``web.redirectUris`` is ``/web/redirectUris``."""
    return "/" + path.replace(".", "/")


def nearest(places: Container[str], pointer: str) -> str:
    """The one of *places* that *pointer* is or that lies closest around it; empty, the whole, where there is none."""
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    return pointer
