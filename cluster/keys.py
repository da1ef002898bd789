"""Keys and certificates of a cluster, and a kubeconfig for everybody who has one."""

import base64
import subprocess
from pathlib import Path
from typing import Final

from cluster.places import API, API_SERVICE, KEYS, KUBECONFIG, NODE, NODE_ADDRESS

_DAYS: Final = "30"
_API_NAMES: Final = (
    "localhost",
    *(f"kubernetes{end}" for end in ("", ".default", ".default.svc", ".default.svc.cluster.local")),
)
_CLIENTS: Final = {
    "admin": "/O=system:masters/CN=admin",
    "controller-manager": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
    "kube-proxy": "/CN=system:kube-proxy",
}


def make() -> None:
    """Make all of them, where they are not there yet."""
    if KUBECONFIG.exists():
        return
    KEYS.mkdir(parents=True, exist_ok=True)
    KEYS.chmod(0o700)
    for authority in ("ca", "front-proxy-ca"):
        _authority(authority)
    _key("service-accounts")
    _openssl("ec", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub")
    addresses = ("127.0.0.1", NODE_ADDRESS, API_SERVICE)
    names = ",".join([*(f"IP:{one}" for one in addresses), *(f"DNS:{one}" for one in _API_NAMES)])
    _certificate("apiserver", "/CN=kube-apiserver", usage="serverAuth", names=names)
    _certificate("kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client")
    _certificate("front-proxy-client", "/CN=front-proxy-client", authority="front-proxy-ca")
    for name, subject in _CLIENTS.items():
        _certificate(name, subject)
        _kubeconfig(name)
    node_names = f"DNS:{NODE},IP:{NODE_ADDRESS},IP:127.0.0.1"
    _certificate("kubelet", f"/O=system:nodes/CN=system:node:{NODE}", usage="clientAuth,serverAuth", names=node_names)
    _kubeconfig("kubelet")
    KUBECONFIG.write_bytes((KEYS / "admin.kubeconfig").read_bytes())
    KUBECONFIG.chmod(0o600)


def _key(name: str) -> None:
    _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")


def _authority(name: str) -> None:
    _key(name)
    uses = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,digitalSignature")
    _openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        f"{name}.key",
        "-subj",
        f"/CN={name}",
        "-days",
        _DAYS,
        "-out",
        f"{name}.crt",
        *uses,
    )


def _certificate(name: str, subject: str, *, authority: str = "ca", usage: str = "clientAuth", names: str = "") -> None:
    _key(name)
    said = ["basicConstraints=CA:FALSE", "keyUsage=digitalSignature", f"extendedKeyUsage={usage}"]
    extensions = KEYS / f"{name}.extensions"
    extensions.write_text("\n".join([*said, *([f"subjectAltName={names}"] if names else [])]))
    _openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.request")
    by = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial", "-days", _DAYS)
    _openssl("x509", "-req", "-in", f"{name}.request", *by, "-extfile", extensions.name, "-out", f"{name}.crt")


def _kubeconfig(name: str) -> None:
    authority, certificate, key = (_base64(KEYS / one) for one in ("ca.crt", f"{name}.crt", f"{name}.key"))
    (KEYS / f"{name}.kubeconfig").write_text(f"""\
apiVersion: v1
kind: Config
clusters: [{{name: infergraph, cluster: {{server: "{API}", certificate-authority-data: {authority}}}}}]
users: [{{name: {name}, user: {{client-certificate-data: {certificate}, client-key-data: {key}}}}}]
contexts: [{{name: infergraph, context: {{cluster: infergraph, user: {name}}}}}]
current-context: infergraph
""")


def _base64(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=KEYS, check=True, capture_output=True)
