"""Certificates in key credentials: what is read of them, in which forms, and that nothing else is kept or raised."""

import base64
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.rule import Context, Subject
from rules.engine.run import Result, lint
from rules.families import RULES
from rules.model.clean import NOW, merged_into
from rules.model.fragments import CERTIFICATE, SELF_SIGNED, SHORT_KEY
from rules.model.registration import Credential, Registration
from rules.primitives.certificates import Certificate, has_private_key, read_certificate
from rules.primitives.texts import HIDDEN

DER = base64.b64decode(SELF_SIGNED)
PEM = x509.load_der_x509_certificate(DER).public_bytes(serialization.Encoding.PEM).decode()
START, END = datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
READ = ("weak-certificate", "self-signed-certificate", "credential-outlives-certificate")


def checked(**key: Any) -> Result:
    data = merged_into("web", {"keyCredentials": [{**CERTIFICATE, **key}]})
    rules = [rule for rule in RULES if rule.id in READ]
    return lint([Subject("x", msgspec.convert(data, Registration))], rules, Context(NOW))


def said(**key: Any) -> dict[str, str]:
    return {found.rule: f"{found.severity}: {found.message}" for found in checked(**key).findings}


def certificate(key: Any, algorithm: Any) -> str:
    """A certificate of Contoso's certificate authority for *key*, in base64."""
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("portal", "ca"))
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).serial_number(1)
    builder = builder.public_key(key.public_key()).not_valid_before(START).not_valid_after(END)
    signer = ec.generate_private_key(ec.SECP256R1())
    return base64.b64encode(builder.sign(signer, algorithm).public_bytes(serialization.Encoding.DER)).decode()


@pytest.mark.parametrize(
    "text",
    [
        SELF_SIGNED,
        f"{SELF_SIGNED[:64]}\n{SELF_SIGNED[64:]}\n",
        PEM,
        f"\n{PEM}\n",
        DER.hex(),
        DER.hex().upper(),
        base64.b64encode(PEM.encode()).decode(),
    ],
)
def test_a_certificate_is_read_in_every_form_that_tools_write(text: str) -> None:
    assert read_certificate(text) == Certificate(2048, "sha256", is_own_issuer=True, start=START, end=END)


@pytest.mark.parametrize("text", ["", "MIIC", "00" * 20, "a" * 70_000, f"{PEM[:200]}", "\ud800", "é" * 40])
def test_what_is_no_certificate_is_not_assessed(text: str) -> None:
    assert read_certificate(text) is None
    result = checked(key=text)
    assert result.findings == ()
    gaps = {(gap.rule, gap.pointer) for gap in result.not_assessed}
    assert gaps == ({(rule, "/keyCredentials/0/key") for rule in READ} if text else set())


@given(st.integers(0, len(DER) - 1), st.integers(0, 255), st.integers(0, len(DER)))
def test_no_bytes_break_the_reader(place: int, value: int, length: int) -> None:
    changed = bytearray(DER)
    changed[place] = value
    read_certificate(base64.b64encode(bytes(changed)[:length]).decode())


def test_weak_certificates_are_reported_by_their_key_and_their_signature() -> None:
    assert said(key=SHORT_KEY) == {
        "weak-certificate": "medium: has a certificate with an RSA key of 512 bits; the minimum is 2048"
    }
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    assert said(key=elliptic) == {"weak-certificate": "low: has a certificate whose key is not RSA"}
    key = rsa.generate_private_key(65537, 2048)
    assert said(key=certificate(key, hashes.SHA384())) == {}
    assert said(key=certificate(key, hashes.SHA224())) == {
        "weak-certificate": "low: has a certificate that is signed with SHA224"
    }


def test_a_certificate_is_compared_with_the_dates_of_its_entry() -> None:
    late = said(key=SELF_SIGNED, endDateTime="2026-09-01T02:00:00Z")
    assert late["credential-outlives-certificate"].endswith("its certificate expires on 2026-09-01T00:00:00Z")
    for end in ("2026-09-01T00:00:00Z", "2026-09-01T02:00:00+02:00", "2026-05-01T00:00:00Z", None):
        assert "credential-outlives-certificate" not in said(key=SELF_SIGNED, endDateTime=end)


def test_a_private_key_in_pem_is_a_secret_whatever_the_type_says() -> None:
    private = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"
    key = msgspec.convert({**CERTIFICATE, "key": private + PEM}, Credential)
    assert (key.secret_text, key.certificate) == ("(hidden)", None)


def test_a_key_that_is_hidden_is_not_read() -> None:
    key = msgspec.convert({**CERTIFICATE, "key": "(hidden)"}, Credential)
    assert (key.digest, key.certificate) == ("", None)
    assert checked(key="(hidden)").not_assessed == ()


def test_nothing_of_the_certificate_is_kept_or_printed() -> None:
    key = msgspec.convert({**CERTIFICATE, "key": SELF_SIGNED}, Credential)
    assert SELF_SIGNED[:40] not in str(vars(key)) + str(msgspec.to_builtins(key))
    assert not any(SELF_SIGNED[:40] in str(found) for found in checked(key=SELF_SIGNED).findings)


def test_the_library_is_loaded_only_for_a_certificate() -> None:
    code = """
import sys, msgspec
from rules.model.registration import Registration
import rules.families
msgspec.json.decode(b'{"keyCredentials": [{"key": null, "type": "AsymmetricX509Cert"}]}', type=Registration)
print("cryptography" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def private_keys() -> dict[str, bytes]:
    """A private key in each form in which a key credential may have it by mistake."""
    key = rsa.generate_private_key(65537, 2048)
    plain, formats = serialization.NoEncryption(), serialization.PrivateFormat
    of_key = x509.load_der_x509_certificate(base64.b64decode(certificate(key, hashes.SHA256())))
    return {
        "PKCS #12": pkcs12.serialize_key_and_certificates(b"portal", key, of_key, None, plain),
        "PKCS #8": key.private_bytes(serialization.Encoding.DER, formats.PKCS8, plain),
        "PKCS #1": key.private_bytes(serialization.Encoding.DER, formats.TraditionalOpenSSL, plain),
        "elliptic curve": ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.DER, formats.TraditionalOpenSSL, plain
        ),
        "PEM": PEM.encode() + key.private_bytes(serialization.Encoding.PEM, formats.PKCS8, plain),
    }


def test_a_private_key_is_a_secret_in_every_form() -> None:
    for form, data in private_keys().items():
        for text in (base64.b64encode(data).decode(), data.hex()):
            assert has_private_key(text), form
            assert msgspec.convert({**CERTIFICATE, "key": text}, Credential).secret_text == HIDDEN, form
    assert not any(has_private_key(text) for text in (SELF_SIGNED, SHORT_KEY, PEM, DER.hex(), "", "MA==", "x y"))
