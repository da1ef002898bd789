"""A lock between processes, on a file. It goes with its holder, however that ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Lock:
    """A lock that is held until `close`, or until nobody has this object any more."""

    def __init__(self, path: Path, *, is_shared: bool = False, waits: bool = True) -> None:
        """Lock ``path``, a file that is made where it is not there. One that was removed while we waited is no lock.

        :raises BlockingIOError: when it is held already, and this does not wait.
        """
        kind = (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | (0 if waits else fcntl.LOCK_NB)
        self._descriptor = _opened(path)
        fcntl.flock(self._descriptor, kind)
        while not _is_same(self._descriptor, path):
            self.close()
            self._descriptor = _opened(path)
            fcntl.flock(self._descriptor, kind)

    def share(self) -> None:
        """Let others hold it as well, who only read."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let it go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def __del__(self) -> None:
        self.close()


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Alone among the processes that lock this folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
