"""Models that behave as badly as models do. A real process loads them: this file is copied beside its manifest."""

import asyncio
import os
import signal
import sys
import threading
import time

import numpy as np


class Unpicklable(Exception):
    def __init__(self):
        super().__init__("cannot be copied")
        self.lock = threading.Lock()


class Faulty:
    """Does what the first number of a request says, by its place in NAMES; 0 answers what came."""

    rows_are_independent = False

    def predict(self, X, names):
        return FAULTS[NAMES[int(X[0][0])]](X)


class FaultyBatch(Faulty):
    rows_are_independent = True

    def predict(self, X, names):
        kinds = {int(row[0]) for row in X} - {0}
        return FAULTS[NAMES[kinds.pop()]](X) if kinds else X


class Deaf:
    """Takes every signal, as libraries do that install handlers of their own."""

    async def predict(self, X, names):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        return [[os.getpid()]]


class Sleeping:
    """Keeps the event loop from everything else for a while."""

    async def predict(self, X, names):
        time.sleep(X[0][0])
        return [[os.getpid()]]


def fork(X):
    """A child that goes on as if it were the server."""
    pid = os.fork()
    if pid:
        assert os.waitpid(pid, 0)[1] == 0, "the child should have left quietly"
    return X


def fork_and_leave(X):
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return X


def flood(X):
    line = "x" * 100_000
    for _ in range(100):
        print(line)
        print(line, file=sys.stderr)
    return X


def close_output(X):
    os.close(1)
    os.close(2)
    return X


def upset_process(X):
    os.chdir("/")
    os.environ.clear()
    np.seterr(all="raise")
    sys.setrecursionlimit(200)
    return X


def leave_threads(X):
    for _ in range(20):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    return X


def raise_warning(X):
    import warnings

    warnings.simplefilter("error")
    return X


def allocate(X):
    return np.ones(10 * 2**40, dtype=np.uint8)  # ten TiB: refused at once


def recurse(X):
    return recurse(X)


def unpicklable(X):
    raise Unpicklable


def raise_stop(X):
    raise StopIteration("over")


def raise_cancelled(X):
    raise asyncio.CancelledError


def raise_interrupt(X):
    raise KeyboardInterrupt


def raise_generator_exit(X):
    raise GeneratorExit


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


def raise_silent(X):
    raise Silent


FAULTS = {
    "nothing": lambda X: X,
    "exit": lambda X: sys.exit(3),
    "fewer rows": lambda X: X[:0],
    "None": lambda X: None,
    "a generator": lambda X: (row for row in X),
    "complex numbers": lambda X: X.astype("complex128"),
    "dates": lambda X: X.astype("datetime64[s]"),
    "an object": lambda X: [object()],
    "NaN": lambda X: np.array([float("nan")] * len(X)),
    "odd keys": lambda X: {1: 2},
    "ragged lists": lambda X: [[1]] * len(X) + [[2, 3]],
    "unpicklable": unpicklable,
    "StopIteration": raise_stop,
    "CancelledError": raise_cancelled,
    "KeyboardInterrupt": raise_interrupt,
    "GeneratorExit": raise_generator_exit,
    "an error without words": raise_silent,
    "endless recursion": recurse,
    "too much memory": allocate,
    "a child that leaves": fork_and_leave,
    "a child that stays": fork,
    "a flood of output": flood,
    "threads left running": leave_threads,
    "warnings as errors": raise_warning,
    "another folder, environment and limits": upset_process,
    "output closed": close_output,
}
NAMES = list(FAULTS)
