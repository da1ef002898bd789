"""A process that user code forked off from the server, and that must not go on as if it were the server."""

import os

is_child = False
"""Whether this process was forked by code that a component called."""


def _note() -> None:
    global is_child  # noqa: PLW0603 - a fact about the process
    is_child = True


def begin_anew() -> None:
    """This process was forked by a fork server of ours, to be a server itself."""
    global is_child  # noqa: PLW0603 - a fact about the process
    is_child = False


def leave() -> None:
    """End a child that came back out of a component: it has the server's connections, and its caller's answer."""
    os._exit(0)


os.register_at_fork(after_in_child=_note)
