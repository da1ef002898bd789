"""A process that ends with the one that started it, however that one ends."""

import asyncio
import contextlib
import os
import select
import signal
import threading
from time import sleep

ORPHAN_LOOK_S = 1.0
ORPHAN_S = 5.0
"""How long an event loop that hangs may go on hanging once the supervisor is gone."""


def leash_to_stdin() -> None:
    """From now on this process drains once nobody holds the other end of its standard input, as after SIGTERM."""
    loop = asyncio.get_running_loop()

    def run() -> None:
        wait_for_hang_up(0)
        os.kill(os.getpid(), signal.SIGTERM)
        end_if_stuck(loop)

    threading.Thread(target=run, name="leash", daemon=True).start()


def wait_for_hang_up(descriptor: int) -> None:
    """Until the other end of a pipe or a pair of sockets is gone."""
    poll = select.poll()
    poll.register(descriptor, 0)
    while not any(state & (select.POLLHUP | select.POLLERR) for _, state in poll.poll()):
        pass


def end_if_stuck(loop: asyncio.AbstractEventLoop) -> None:
    """In a thread: an event loop that hangs does not see that it is to end. This ends the process where it does."""
    is_running = threading.Event()
    is_running.set()
    while is_running.wait(ORPHAN_S):
        is_running.clear()
        sleep(ORPHAN_LOOK_S)
        with contextlib.suppress(RuntimeError):  # the loop is closed, so the process ends anyway
            loop.call_soon_threadsafe(is_running.set)
    os._exit(1)
