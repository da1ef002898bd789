"""The binary ways take a large tensor to the component without a copy of it."""

import asyncio

import numpy as np
import pytest

from benchmarks.copies import copies
from benchmarks.doors import Door, doors, image
from infergraph.graph.context import Context
from infergraph.payloads import Payload

DOORS = {door.name: door for door in doors(image())}


@pytest.mark.parametrize("door", [door for door in DOORS.values() if door.is_binary], ids=lambda door: door.name)
def test_no_copy_on_a_binary_way(door: Door) -> None:
    assert asyncio.run(copies(door.ask, image().nbytes)) == 0


@pytest.mark.parametrize("name", ["seldon JSON ndarray", "v2 REST JSON"])
def test_the_count_sees_copies_where_there_are_some(name: str) -> None:
    assert asyncio.run(copies(DOORS[name].ask, image().nbytes)) > 0


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_the_tensor_comes_back(door: Door) -> None:
    seen = []

    async def step(payload: Payload, _: Context) -> Payload:
        seen.append(payload)
        return payload

    async def ask() -> bytes:
        return await door.ask(step)

    assert len(asyncio.run(ask())) > image().nbytes * 0.9
    np.testing.assert_array_equal(seen[0].data.reshape(1, 224, 224, 3).astype(np.float32), image())
