"""A Unix socket that nobody but this process has to find."""

import asyncio
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path


class UnixSocket:
    """Where one listens and connects. On Linux it needs no folder to write in: its name is not in the file system."""

    def __init__(self) -> None:
        self._folder = ""
        if sys.platform == "linux":
            name = f"infergraph-{secrets.token_hex(16)}"
            self.path = f"\0{name}"
            self.grpc_address = f"unix-abstract:{name}"
        else:
            self._folder = tempfile.mkdtemp(prefix="infergraph-grpc-")
            self.path = str(Path(self._folder, "behind.sock"))
            self.grpc_address = f"unix:{self.path}"

    async def connected(self) -> socket.socket:
        """A connection to who listens. :raises OSError: when nobody does, or no descriptors are left."""
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)  # noqa: FBT003 - the standard library's way
        try:
            # By hand: uvloop cannot connect to a name that is not in the file system.
            await asyncio.get_running_loop().sock_connect(one, self.path)
        except BaseException:
            one.close()
            raise
        return one

    def remove(self) -> None:
        """Take away what it has in the file system."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
