"""What a server grants one caller before it refuses: sizes, counts and times, each with a default that is safe."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one server. Every field is a setting of the same name; all must be above zero.

    :raises ValueError: when a limit is zero or less: nothing could be served.
    """

    body_bytes: int = 64 * 1024 * 1024
    """The largest body, as sent and once decompressed; above it 413."""

    header_bytes: int = 64 * 1024
    """The request line and all header lines together; above it 431. Also chunk extensions and trailers of a body."""

    header_count: int = 100
    """How many header lines a request may have, as Apache and Envoy have it; above it 431."""

    json_depth: int = 100
    """How deep lists and objects of a JSON body may nest."""

    queue_length: int = 1000
    """How many requests may wait for one model; above it 503."""

    batch_rows: int = 4096
    """How many rows of waiting requests may be answered by one call of their model; 1 calls for each alone."""

    header_timeout_s: float = 10.0
    """From the connection, or from the first byte of a following request, until its headers are complete."""

    body_timeout_s: float = 30.0
    """The longest silence while a body arrives, or while a client takes its answer; slow ones are not cut off."""

    keep_alive_s: float = 65.0
    """How long a connection may idle between two requests, as with the v1 executor."""

    linger_s: float = 2.0
    """How long a client that is answered early may go on sending, so that it gets to read the answer."""

    drain_s: float = 60.0
    """How long a server that goes down waits for the next running request to finish, before it refuses the rest."""

    drain_grace_s: float = 0.5
    """How long a connection without a request stays open when the server goes down: one may be on its way."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not (value := getattr(self, name)) > 0:
                raise ValueError(f"expected a limit above zero for {name}, got {value}; leave it out for the default")
