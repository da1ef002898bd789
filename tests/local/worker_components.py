"""Components that harm the process they run in, and a manifest with one of them."""

import textwrap
from pathlib import Path
from typing import Any

from tests.local.manifests import predictor, write

COMPONENTS = '''
import glob, os, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "a"


def has(name):
    return os.path.exists(os.path.join(HERE, name))


class Which:
    """Answers with its process and its version."""

    def __init__(self, version=VERSION):
        self.version = version

    async def predict(self, X, names):
        return [[os.getpid(), self.version]]


class Hanging(Which):
    """Never comes back from its event loop when it is asked for `hang`."""

    async def predict(self, X, names):
        while X[0][0] == "hang":
            pass
        return await super().predict(X, names)


class Deadlocked:
    """Waits for itself when it is asked for `hang`."""

    def predict(self, X, names):
        if X[0][0] == "hang":
            threading.Event().wait()
        return [[os.getpid(), VERSION]]


class Greedy(Which):
    """Holds 300 MB more for each request that asks for them."""

    held = []

    async def predict(self, X, names):
        if X[0][0] == "more":
            self.held.append(b"x" * 300_000_000)
        return await super().predict(X, names)


class Chatty(Which):
    """Writes 4 MB on stderr."""

    async def predict(self, X, names):
        sys.stderr.write(("x" * 999 + "\\n") * 4_000)
        return await super().predict(X, names)


class Slow(Which):
    def predict(self, X, names):
        time.sleep(0.02)
        return [[os.getpid(), self.version]]


class Threads:
    def predict(self, X, names):
        return [[os.environ.get(name) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")]]


class Crashing(Which):
    """Ends its process while it loads, as long as the file `crash` is there."""

    def load(self):
        if has("crash"):
            os._exit(7)


class Failing(Which):
    """Does not load as long as the file `fail` is there."""

    def load(self):
        if has("fail"):
            raise OSError("the disk is gone")


class Late(Which):
    """Loads once the file `wait` is not there."""

    def load(self):
        while has("wait"):
            time.sleep(0.005)


class ThirdFails(Which):
    """The third that loads does not; the others are not ready before it has failed."""

    def load(self):
        number = 1
        while True:
            try:
                os.close(os.open(os.path.join(HERE, f"load-{number}"), os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                number += 1
        if number == 3:
            open(os.path.join(HERE, "failed"), "w").close()
            raise OSError("no room for a third")
        while not has("failed"):
            time.sleep(0.005)
'''


def manifest(folder: Path, component: str, **fields: Any) -> Path:
    """The manifest of one component, with the components beside it."""
    path = write(folder, predictor("p", component, **fields))
    write_components(folder)
    return path


def write_components(folder: Path, version: str = "a") -> None:
    """The components, of a version that `Which` answers."""
    text = textwrap.dedent(COMPONENTS).replace('VERSION = "a"', f'VERSION = "{version}"')
    (folder / "new.py").write_text(text)
    (folder / "new.py").rename(folder / "components.py")
