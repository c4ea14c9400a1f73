"""Read X.509 certificates. Nothing of the certificate itself is kept, and nothing here raises."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Final

import msgspec

#: A certificate has a few thousand characters.
_MOST: Final = 65_536
_HEXADECIMAL: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_PEM: Final = b"-----BEGIN "


class Certificate(msgspec.Struct, frozen=True):
    """What a certificate says of itself.

    ``bits`` is the length of an RSA key; 0 for another kind of key. ``hash`` is the name of the hash that its signature
    is made with, such as ``sha256``; empty where the signature has none. ``is_own_issuer``: it is self-signed.
    """

    bits: int
    hash: str
    is_own_issuer: bool
    start: datetime
    end: datetime


def read_certificate(text: str) -> Certificate | None:
    """Read a certificate in PEM, or in DER as base64 or hexadecimal; ``None`` if *text* is not one or too long."""
    data = _bytes(text) if len(text) <= _MOST else b""
    if not data:
        return None
    # Half of a tenth of a second, and only an input with a certificate pays.
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        load = x509.load_pem_x509_certificate if data.startswith(_PEM) else x509.load_der_x509_certificate
        found = load(data)
        key, used = found.public_key(), found.signature_hash_algorithm
        return Certificate(
            bits=key.key_size if isinstance(key, RSAPublicKey) else 0,
            hash=used.name if used else "",
            is_own_issuer=found.issuer == found.subject,
            start=found.not_valid_before_utc,
            end=found.not_valid_after_utc,
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None


def has_private_key(text: str) -> bool:
    """Whether *text* is a private key, alone or with its certificate: in PEM, or in DER as base64 or hexadecimal.

    In DER, PKCS #12 (RFC 7292, section 4), PKCS #8 (RFC 5958, section 2), PKCS #1 (RFC 8017, appendix A.1.2) and keys
    of elliptic curves (RFC 5915, section 3) begin with their version, a number of one byte. A certificate does not.
    """
    data = _bytes(text) if len(text) <= _MOST else text.encode("ascii", "replace")
    if b"PRIVATE KEY-----" in data:
        return True
    begin = 2 + (data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0)
    return data[:1] == b"\x30" and data[begin : begin + 2] == b"\x02\x01"


def _bytes(text: str) -> bytes:
    """The bytes of a certificate: PEM as it is, or what hexadecimal or base64 encodes; PEM may be in base64, too."""
    text = text.strip()
    if text.startswith(_PEM.decode()):
        return text.encode("ascii", "replace")
    if _HEXADECIMAL.fullmatch(text):
        return bytes.fromhex(text)
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        return b""
