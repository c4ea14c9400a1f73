"""What a broken connection means: a certificate that is not trusted, a proxy, a host that DNS does not know.

The libraries wrap these errors several times, and some say only that the sign-in failed.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any, Final

from advisor.sources.graph.failure import Failure

#: The variables that name a file of certificate authorities: for the sign-in (requests) and for Graph (httpx).
_TRUST: Final = "REQUESTS_CA_BUNDLE and SSL_CERT_FILE"
#: How the libraries name the errors; their types are private, or those of several libraries.
_CERTIFICATE: Final = "CERTIFICATE_VERIFY_FAILED"
_PROXY: Final = ("ProxyError", "Tunnel connection failed")
_DNS: Final = ("NameResolutionError", "gaierror", "getaddrinfo failed", "Name or service not known", "nodename nor")
_PLAIN: Final = ("ConnectionRefusedError", "Connection refused", "NewConnectionError", "ConnectTimeout", "timed out")


def connection_failure(error: BaseException, server: str) -> Failure | None:
    """Why the connection to *server* failed; ``None`` where *error* is not one of the network."""
    errors = tuple(_chain(error))
    said = " ".join(f"{type(one).__name__} {one}" for one in errors)
    if is_certificate_fault(error):
        reason = next((one.verify_message for one in errors if isinstance(one, ssl.SSLCertVerificationError)), "")
        return Failure(
            f"the certificate of {server} is not trusted{f' ({reason})' if reason else ''}",
            remedy=f"if a proxy inspects TLS, set {_TRUST} to a file with the certificate of its authority",
        )
    if any(word in said for word in _PROXY):
        return Failure(f"the proxy refused the connection to {server}", remedy="check HTTPS_PROXY and NO_PROXY")
    if any(word in said for word in _DNS):
        return Failure(
            f"DNS has no address for {server}", remedy="check the network, HTTPS_PROXY, --cloud and --graph-endpoint"
        )
    if any(isinstance(one, json.JSONDecodeError) for one in errors):
        return not_json(server)
    if any(word in said for word in _PLAIN):
        return Failure(f"the connection to {server} failed", remedy="check the network and HTTPS_PROXY")
    return None


def is_certificate_fault(error: BaseException) -> bool:
    """Whether the server's certificate was not accepted: the next try gives the same."""
    return any(isinstance(one, ssl.SSLCertVerificationError) or _CERTIFICATE in str(one) for one in _chain(error))


def is_permanent(error: BaseException) -> bool:
    """Whether the next try gives the same: a certificate that is not trusted, or a proxy that refuses."""
    return is_certificate_fault(error) or any("ProxyError" in type(one).__name__ for one in _chain(error))


def not_json(server: str) -> Failure:
    """*server* answered with something else than JSON."""
    return Failure(
        f"{server} answered with an HTML page or text, not JSON: a proxy or a sign-in page of the network answered",
        remedy="open a browser to sign in to the network, or check HTTPS_PROXY",
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that caused it."""
    seen: set[int] = set()
    open_errors: list[Any] = [error]
    while open_errors:
        one = open_errors.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "inner_exception", None), getattr(one, "reason", None))
        open_errors += [*inner, *one.args]
