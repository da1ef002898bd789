"""A certificate for the webhook, from an authority that exists for this one certificate.

The authority's key is thrown away as soon as it has signed: nobody can steal it, and each new certificate comes with an
authority of its own, which the API server is told to trust before it meets the certificate.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

_CLOCKS_DIFFER_BY: Final = timedelta(hours=1)
"""A certificate is valid from before its making: the API server's clock may be behind ours."""


class KeyPair(Struct, frozen=True, kw_only=True):
    """A certificate, its key, and the authority that signed it; all as PEM."""

    certificate: str
    key: str
    authority: str

    def not_after(self) -> datetime:
        """When it runs out, in UTC."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc

    def fault(self, names: Sequence[str]) -> str:
        """Why it cannot serve for these names, at whatever time; empty when it can."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.encode())
            authority = x509.load_pem_x509_certificate(self.authority.encode())
            key = load_pem_private_key(self.key.encode(), password=None)
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
            return f"it cannot be read or was not signed by its authority: {type(error).__name__} {error}".strip()
        if _public(key.public_key()) != _public(certificate.public_key()):
            return "its key is another certificate's"
        absent = set(names) - _names_of(certificate)
        return f"it is not for {', '.join(sorted(absent))}" if absent else ""


def new_pair(names: Sequence[str], now: datetime, lifetime: timedelta) -> KeyPair:
    """Make a certificate for host names or addresses, with an authority of its own, valid from an hour ago."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # An authority of its own name each time: two of one name in a bundle would be taken for one another.
    authority_name = _named(f"infergraph-webhook-{x509.random_serial_number():x}")
    authority = _built(authority_name, authority_key, now, lifetime)
    signed = (
        authority.issuer_name(authority_name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _built(_named(names[0][:64]), key, now, lifetime)
        .issuer_name(authority_name)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return KeyPair(certificate=_pem(certificate), key=_key_pem(key), authority=_pem(signed))


def is_authority(text: str) -> bool:
    """Whether a text is one certificate as PEM."""
    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return False
    return True


def runs_out(pem: str) -> datetime:
    """When a certificate runs out, in UTC."""
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def _built(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _CLOCKS_DIFFER_BY)
        .not_valid_after(now.astimezone(UTC) + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(one.value) for one in found}


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public(key: object) -> bytes:
    found: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return found
