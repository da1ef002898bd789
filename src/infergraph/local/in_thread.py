"""Loading beside the event loop."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(function: Callable[[], T]) -> T:
    """The result of a function that may take for ever: its thread does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def set_result(result: T) -> None:
        if not future.done():
            future.set_result(result)

    def set_error(error: BaseException) -> None:
        if not future.done():
            future.set_exception(error)

    def run() -> None:
        try:
            tell, outcome = set_result, function()
        except Exception as raised:  # noqa: BLE001 - handed to who waits
            tell, outcome = set_error, raised  # type: ignore[assignment]
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, outcome)

    threading.Thread(target=run, name="load", daemon=True).start()
    return await future
