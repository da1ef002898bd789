"""How to accept no more connections without forgetting one."""

import asyncio


def accept_no_more(listening: asyncio.AbstractServer) -> None:
    """Close a server of `asyncio`'s or uvloop's. Connections that nobody has accepted yet stay in the kernel's queue.

    asyncio makes the transport of a connection in the turn of the event loop after the one in which it accepts it; if
    the server is closed between the two, the connection stays open and nobody ever reads from it. So it stops accepting
    a turn earlier. uvloop does both in one step.
    """
    if isinstance(listening, asyncio.base_events.Server):
        loop = listening.get_loop()
        for one in listening.sockets:
            loop.remove_reader(one.fileno())
        loop.call_soon(listening.close)
    else:
        listening.close()
