"""What is asked of a Kubernetes client (`lightkube.AsyncClient`), so that another one can stand in its place."""

from typing import Any, Final, Protocol

import httpx2

TROUBLE: Final = (httpx2.HTTPError, OSError, ValueError)
"""What a call raises when it did not work out: a refusal, no connection, half an answer."""
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409


class Calls(Protocol):
    """Its methods as they are: they have overloads by kind, and all our objects are plain mappings."""

    @property
    def get(self) -> Any: ...
    @property
    def create(self) -> Any: ...
    @property
    def replace(self) -> Any: ...
    @property
    def patch(self) -> Any: ...


async def read(client: Calls, kind: Any, name: str, **where: str) -> dict[str, Any] | None:
    """An object as it is; None where there is none."""
    try:
        return dict(await client.get(kind, name, **where))
    except httpx2.HTTPStatusError as error:
        if error.response.status_code != _NOT_FOUND:
            raise
        return None


async def written(client: Calls, one: Any, *, is_new: bool, namespace: str) -> dict[str, Any] | None:
    """Write an object, as a new one or over the version that it names; None when somebody has written meanwhile."""
    write = client.create if is_new else client.replace
    try:
        return dict(await write(one, namespace=namespace))
    except httpx2.HTTPStatusError as error:
        if error.response.status_code not in (_CONFLICT, _NOT_FOUND):
            raise
        return None


def told(error: Exception) -> str:
    """An error in words; some have none but their name."""
    return str(error) or type(error).__name__
