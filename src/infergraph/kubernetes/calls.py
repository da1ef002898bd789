"""What is asked of a Kubernetes client (`lightkube.AsyncClient`), so that another one can stand in its place."""

from typing import Any, Protocol


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
