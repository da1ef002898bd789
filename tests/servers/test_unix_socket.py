"""A socket that is found by nobody else."""

import asyncio
from pathlib import Path

import pytest

from infergraph.servers.unix_socket import UnixSocket


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_one_can_listen_and_connect(platform: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("infergraph.servers.unix_socket.sys.platform", platform)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        writer.close()

    async def main() -> None:
        one = UnixSocket()
        async with await asyncio.start_unix_server(answer, one.path):
            reader, writer = await asyncio.open_unix_connection(sock=await one.connected())
            assert await reader.read() == b"x"
            writer.close()
            await writer.wait_closed()
        one.remove()

    asyncio.run(main())
    assert not list(tmp_path.iterdir())
