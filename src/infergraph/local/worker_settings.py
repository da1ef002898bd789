"""How many workers there are, and how they are looked after."""

import msgspec


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a supervisor.

    ``heartbeat_s`` is how long a worker's event loop may be silent, ``call_s`` how long a call of a component may take
    before that, ``memory_bytes`` what a worker may hold in memory. ``is_preloading`` asks for models that are loaded
    once and shared by all workers, where they survive a fork.
    """

    count: int
    heartbeat_s: float = 30.0
    call_s: float = 600.0
    memory_bytes: int | None = None
    is_watching: bool = False
    is_preloading: bool = False
