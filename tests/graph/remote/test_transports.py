"""What calls components is made when the first unit wants it."""

import subprocess
import sys
from typing import Any

import pytest

from infergraph.declaration import EndpointType
from infergraph.errors import LoadError
from infergraph.graph.remote.transports import Transports

PROGRAM = """
import sys
from infergraph.graph.remote import RemoteUnit
from infergraph.graph.remote.address import Address
from infergraph.graph.remote.transports import Transports
from infergraph.declaration import EndpointType
RemoteUnit("m", Address("h", 1), Transports().of(EndpointType.REST))
print([name for name in ("grpc", "google.protobuf") if name in sys.modules])
"""


def test_one_of_a_kind() -> None:
    transports = Transports()
    for kind in EndpointType:
        assert transports.of(kind) is transports.of(kind)


def test_a_unit_over_rest_imports_no_grpc() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=50)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("kind", "package", "extra"), [("REST", "aiohttp", "remote"), ("GRPC", "grpc.aio", "grpc")])
def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, kind: str, package: str, extra: str) -> None:
    absent: Any = None
    monkeypatch.setitem(sys.modules, package, absent)
    with pytest.raises(LoadError, match=rf"pip install 'infergraph\[{extra}\]'"):
        Transports().of(EndpointType(kind))
