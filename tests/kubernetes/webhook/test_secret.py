import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infergraph.kubernetes.webhook.certificates import new_pair
from infergraph.kubernetes.webhook.rotation import Certificates
from infergraph.kubernetes.webhook.secret import certificates_of, secret_object

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST, SECOND = (new_pair(("hook.system.svc",), NOW, timedelta(days=90)) for _ in range(2))


@pytest.mark.parametrize(
    "found",
    [
        Certificates(serving=FIRST),
        Certificates(serving=FIRST, coming=SECOND),
        Certificates(serving=FIRST, former=SECOND.authority),
    ],
)
def test_what_is_written_is_read(found: Certificates) -> None:
    assert certificates_of(secret_object("s", "n", found, before=None)) == found


def test_it_is_one_of_kubernetes_own_type() -> None:
    secret = secret_object("s", "n", Certificates(serving=FIRST), before=None)
    assert secret["type"] == "kubernetes.io/tls"
    assert secret["metadata"] == {"name": "s", "namespace": "n"}
    assert set(secret["data"]) == {"tls.crt", "tls.key", "ca.crt"}
    assert base64.b64decode(secret["data"]["tls.crt"]).decode() == FIRST.certificate


def test_one_that_is_there_keeps_its_type_and_what_others_wrote() -> None:
    before = {"metadata": {"name": "s", "resourceVersion": "7", "labels": {"a": "b"}}, "type": "Opaque", "data": None}
    secret = secret_object("s", "n", Certificates(serving=FIRST), before=before)
    assert (secret["metadata"], secret["type"]) == (before["metadata"], "Opaque")


@pytest.mark.parametrize("data", [None, {}, {"tls.crt": "!!", "tls.key": "", "ca.crt": ""}, {"tls.crt": "AAAA"}])
def test_one_without_certificates(data: Any) -> None:
    assert certificates_of({"data": data}) is None


def test_what_cannot_be_read_beside_a_good_one_is_left_out() -> None:
    secret = secret_object("s", "n", Certificates(serving=FIRST, coming=SECOND, former=SECOND.authority), before=None)
    secret["data"]["former-ca.crt"] = base64.b64encode(b"nonsense").decode()
    del secret["data"]["coming-tls.key"]
    assert certificates_of(secret) == Certificates(serving=FIRST)
