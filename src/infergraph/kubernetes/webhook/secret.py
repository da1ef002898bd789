"""Certificates as the Secret that all replicas share."""

import base64
import binascii
from typing import Any

from infergraph.kubernetes.webhook.certificates import KeyPair, is_authority
from infergraph.kubernetes.webhook.rotation import Certificates

# The names of kubernetes.io/tls for what serves, so that tools that look for certificates find it.
_SERVING = {"certificate": "tls.crt", "key": "tls.key", "authority": "ca.crt"}
_COMING = {field: f"coming-{name}" for field, name in _SERVING.items()}
_FORMER = "former-ca.crt"


def certificates_of(secret: dict[str, Any]) -> Certificates | None:
    """What a Secret holds; None where it holds no certificates, and what cannot be read is left out."""
    data = {name: _decoded(value) for name, value in (secret.get("data") or {}).items()}
    serving = _pair(data, _SERVING)
    if serving is None:
        return None
    former = data.get(_FORMER, "")
    return Certificates(serving=serving, coming=_pair(data, _COMING), former=former if is_authority(former) else "")


def secret_object(name: str, namespace: str, found: Certificates, *, before: dict[str, Any] | None) -> dict[str, Any]:
    """The Secret that holds certificates; with the one ``before`` it replaces that version and no other.

    Labels and annotations that others have put on it stay, and so does its type, which cannot change.
    """
    data = _data(found.serving, _SERVING) | (_data(found.coming, _COMING) if found.coming else {})
    if found.former:
        data[_FORMER] = _encoded(found.former)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": before["metadata"] if before else {"name": name, "namespace": namespace},
        "type": before.get("type", "Opaque") if before else "kubernetes.io/tls",
        "data": data,
    }


def _pair(data: dict[str, str], names: dict[str, str]) -> KeyPair | None:
    found = {field: data.get(name, "") for field, name in names.items()}
    return KeyPair(**found) if all(found.values()) else None


def _data(pair: KeyPair, names: dict[str, str]) -> dict[str, str]:
    return {name: _encoded(getattr(pair, field)) for field, name in names.items()}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
