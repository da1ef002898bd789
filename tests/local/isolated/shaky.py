"""Components that harm the process they run in, and a manifest of one unit with one of them."""

import textwrap
from pathlib import Path

from tests.local.manifests import predictor, write

COMPONENTS = '''
import os, signal, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "a"


def has(name):
    return os.path.exists(os.path.join(HERE, name))


class Which:
    """Answers with its process and its version, in the row that asks who it is."""

    def predict(self, X, names):
        if X[0][0] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return [[os.getpid(), VERSION]]


class Hanging(Which):
    """Never comes back from its event loop when it is asked for `hang`."""

    async def predict(self, X, names):
        while X[0][0] == "hang":
            pass
        return super().predict(X, names)


class Slow(Which):
    def predict(self, X, names):
        if X[0][0] == "wait":
            open(os.path.join(HERE, "waits"), "w").close()
        while X[0][0] == "wait" and not has("go"):
            time.sleep(0.005)
        return [[os.getpid(), VERSION]]


class Talking(Which):
    def predict(self, X, names):
        print("said on stdout")
        print('{"event": "mine"}')
        print("said on stderr", file=sys.stderr)
        import logging

        logging.getLogger("shop").warning("logged %s", "text")
        return super().predict(X, names)


class Refusing(Which):
    def load(self):
        if not has("mended"):
            raise OSError("the disk is gone")


class Quitting(Which):
    def load(self):
        print("what it said last", file=sys.stderr)
        os._exit(7)


class Dying(Which):
    """Is killed before it is ready, the first time."""

    def load(self):
        if not has("died"):
            open(os.path.join(HERE, "died"), "w").close()
            os.kill(os.getpid(), signal.SIGKILL)


class Endless(Which):
    def load(self):
        if has("hang"):
            open(os.path.join(HERE, "hangs"), "w").close()
            threading.Event().wait()


class Parent(Which):
    """Has a child that goes on for long."""

    def load(self):
        self.child = subprocess.Popen(["sleep", "300"])

    def predict(self, X, names):
        return [[os.getpid(), self.child.pid]]
'''


def manifest(folder: Path, component: str) -> Path:
    """A manifest in a folder, of a unit `model`; the components are beside it."""
    path = write(folder, predictor("main", component))
    write_components(folder)
    return path


def write_components(folder: Path, version: str = "a") -> None:
    """The components, which say that they are of this version."""
    text = textwrap.dedent(COMPONENTS).replace('VERSION = "a"', f"VERSION = {version!r}")
    (folder / "components.py").write_text(text)
