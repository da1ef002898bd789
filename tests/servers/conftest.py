"""The server that the tests of this folder attack."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.attacked import attacked
from tests.serving import Process


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, iris_model: Path) -> Iterator[Process]:
    with attacked(tmp_path_factory.mktemp("attacked"), iris_model) as process:
        yield process
