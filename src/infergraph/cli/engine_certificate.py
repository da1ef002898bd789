"""Where the v1 operator puts an engine's certificate (SELDON_V1 §2.8)."""

from collections.abc import Mapping
from pathlib import Path

from infergraph.servers.tls import Certificate

FOLDER, CHAIN, KEY = "SELDON_CERT_MOUNT_PATH", "SELDON_CERT_FILE_NAME", "SELDON_CERT_KEY_FILE_NAME"


def certificate_of(environment: Mapping[str, str]) -> Certificate | None:
    """The files in the folder that a variable names; None without it.

    Upstream reads the key's name from the variable of the certificate's: a file that another name than ``tls.crt`` is
    given to holds both there, unless a variable of ours names the key.
    """
    if not (folder := environment.get(FOLDER)):
        return None
    chain = environment.get(CHAIN) or "tls.crt"
    key = environment.get(KEY) or environment.get(CHAIN) or "tls.key"
    return Certificate(Path(folder) / chain, Path(folder) / key)
