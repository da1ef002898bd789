"""Where traffic goes."""

import re
from typing import Final

import msgspec

from infergraph.errors import SetupError

_FORM: Final = re.compile(r"(?P<name>[^=]+)=(?P<host>[^\s/@]+):(?P<http>\d+):(?P<grpc>\d+)@(?P<percent>\d+)")
_EXAMPLE: Final = "expected NAME=HOST:HTTP_PORT:GRPC_PORT@PERCENT, as in main=iris-main:8000:5001@75"


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """A predictor's Service, and its share in per cent; of a shadow, how many requests it gets a copy of."""

    name: str
    host: str
    http_port: int
    grpc_port: int
    percent: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.http_port}"

    @property
    def grpc_address(self) -> str:
        return f"{self.host}:{self.grpc_port}"

    @classmethod
    def parsed(cls, text: str) -> "Destination":
        """One that a flag says.

        :raises SetupError: when it says none.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise SetupError(f"{_EXAMPLE}, got {text!r}")
        one = cls(
            name=found["name"],
            host=found["host"],
            http_port=int(found["http"]),
            grpc_port=int(found["grpc"]),
            percent=int(found["percent"]),
        )
        if one.percent > 100 or not all(0 < port < 2**16 for port in (one.http_port, one.grpc_port)):
            raise SetupError(f"{_EXAMPLE}, with ports up to 65535 and at most 100 per cent, got {text!r}")
        return one

    def __str__(self) -> str:
        return f"{self.name}={self.host}:{self.http_port}:{self.grpc_port}@{self.percent}"


class Routes(msgspec.Struct, frozen=True):
    """All destinations of a deployment.

    :raises SetupError: when there is none, two have one name, or the shares are not 100 per cent.
    """

    destinations: tuple[Destination, ...]
    shadow: Destination | None = None

    def __post_init__(self) -> None:
        names = [one.name for one in self.destinations]
        if not names:
            raise SetupError(f"there is nowhere to send requests to; --to says it: {_EXAMPLE}")
        if len(set(names)) < len(names):
            raise SetupError(f"--to names a destination twice: {', '.join(names)}")
        if (total := sum(one.percent for one in self.destinations)) != 100:
            raise SetupError(f"the shares of --to sum up to 100, got {total}")
