"""What a broken connection means: a certificate that is not trusted, a proxy, a host that DNS does not know.

The libraries wrap these errors several times, and some say only that the sign-in failed.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any, Final

from advisor.sources.graph.failure import PROXY, Failure

#: The variables that name a file of certificate authorities: for the sign-in (requests) and for Graph (httpx).
_TRUST: Final = "REQUESTS_CA_BUNDLE and SSL_CERT_FILE"
#: How the libraries name the errors; their types are private, or those of several libraries.
_CERTIFICATE: Final = "CERTIFICATE_VERIFY_FAILED"
#: The words of an error; what it means, with the server; and what helps.
_FAULTS: Final = (
    (("ProxyError", "Tunnel connection failed"), "the proxy refused the connection to {}", PROXY),
    (
        ("NameResolutionError", "gaierror", "getaddrinfo failed", "Name or service not known", "nodename nor"),
        "DNS has no address for {}",
        "check the network, HTTPS_PROXY, --cloud and --graph-endpoint",
    ),
    (
        ("ConnectionRefusedError", "Connection refused", "NewConnectionError", "ConnectTimeout", "timed out"),
        "the connection to {} failed",
        "check the network and HTTPS_PROXY",
    ),
)


def connection_failure(error: BaseException, server: str) -> Failure | None:
    """Why the connection to *server* failed; ``None`` where *error* is not one of the network."""
    errors = tuple(_chain(error))
    if ours := next((one for one in errors if isinstance(one, Failure)), None):  # of our own transport
        return ours
    said = " ".join(f"{type(one).__name__} {one}" for one in errors)
    if is_certificate_fault(error):
        reason = next((one.verify_message for one in errors if isinstance(one, ssl.SSLCertVerificationError)), "")
        return Failure(
            f"the certificate of {server} is not trusted{f' ({reason})' if reason else ''}",
            remedy=f"if a proxy inspects TLS, set {_TRUST} to a file with the certificate of its authority",
        )
    if any(isinstance(one, json.JSONDecodeError) for one in errors):
        return not_json(server)
    faults = (
        Failure(note.format(server), remedy=remedy) for words, note, remedy in _FAULTS if any(w in said for w in words)
    )
    return next(faults, None)


def is_certificate_fault(error: BaseException) -> bool:
    """Whether the server's certificate was not accepted: the next try gives the same."""
    return any(isinstance(one, ssl.SSLCertVerificationError) or _CERTIFICATE in str(one) for one in _chain(error))


def is_permanent(error: BaseException) -> bool:
    """Whether the next try gives the same: a certificate that is not trusted, or a proxy that refuses."""
    return is_certificate_fault(error) or any("ProxyError" in type(one).__name__ for one in _chain(error))


def is_page(body: bytes) -> bool:
    """Whether an answer is HTML or XML, which Graph never sends."""
    return body.lstrip()[:1] == b"<"


def not_json(server: str, status: int = 200) -> Failure:
    """*server* answered with something else than JSON, with the HTTP *status*."""
    answered = "answered" if status == 200 else f"answered {status}"
    return Failure(
        f"{server} {answered} with an HTML page or text, not JSON: a proxy or a sign-in page of the network answered",
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
