"""Where an engine's certificate is, by the environment that the v1 operator sets."""

from pathlib import Path

import pytest

from infergraph.cli.engine_certificate import certificate_of
from infergraph.servers.tls import Certificate


@pytest.mark.parametrize(
    ("environment", "chain", "key"),
    [
        ({}, "tls.crt", "tls.key"),
        ({"SELDON_CERT_FILE_NAME": "both.pem"}, "both.pem", "both.pem"),
        ({"SELDON_CERT_FILE_NAME": "a.pem", "SELDON_CERT_KEY_FILE_NAME": "b.pem"}, "a.pem", "b.pem"),
    ],
)
def test_the_names_are_those_of_kubernetes_or_of_the_variables(
    environment: dict[str, str], chain: str, key: str
) -> None:
    found = certificate_of({"SELDON_CERT_MOUNT_PATH": "/cert/", **environment})
    assert found == Certificate(Path("/cert") / chain, Path("/cert") / key)


def test_without_a_folder_there_is_none() -> None:
    assert certificate_of({"SELDON_CERT_FILE_NAME": "both.pem"}) is None
