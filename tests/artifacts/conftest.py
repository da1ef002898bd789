"""Object stores, started once for all tests that want them."""

from collections.abc import Callable, Iterator

import pytest

from tests.artifacts.object_stores import GCS, MOTO, ObjectStore, azure, azurite, fake_gcs, moto
from tests.conformance.environments import Environment


@pytest.fixture(scope="session")
def s3(made: Callable[[Environment], Environment]) -> Iterator[ObjectStore]:
    """moto's S3."""
    with moto(made(MOTO)) as store:
        yield store


@pytest.fixture(scope="session")
def gcs(made: Callable[[Environment], Environment]) -> Iterator[ObjectStore]:
    """fake-gcs-server."""
    with fake_gcs(made(GCS)) as store:
        yield store


@pytest.fixture(scope="session")
def azure_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """azurite, where there is npm."""
    program = azurite()
    if program is None:
        pytest.skip("azurite needs npm and its registry")
    with azure(program, tmp_path_factory.mktemp("azurite")) as store:
        yield store
