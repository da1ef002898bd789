"""The images that the tests start, built once from the Dockerfiles themselves."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conformance import environments
from tests.containers import confinement
from tests.containers.image import Image, build
from tests.serving import ROOT

SERVER = ROOT / "docker/server/Dockerfile"
COMPONENT = ROOT / "docker/component/Dockerfile"


def built(make: Callable[[], Image]) -> Image:
    """An image; the test is skipped where none can be made: no user namespaces, or no package index."""
    confinement.require()
    try:
        return make()
    except RuntimeError as error:
        installer = environments._installer(Path(sys.executable), None)
        if environments._is_index_there(installer, None):
            raise
        pytest.skip(f"the package index is out of reach: {str(error)[-300:]}")


@pytest.fixture(scope="session")
def server() -> Image:
    return built(lambda: build("server", SERVER, ROOT))
