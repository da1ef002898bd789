"""What a pickle would make, as plain descriptions: a name instead of a class, a record instead of an object."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Global:
    """A class or function that a pickle names; it is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def package(self) -> str:
        """The top-level package that it is imported from."""
        return self.module.partition(".")[0]


@dataclass(slots=True, eq=False)
class Made:
    """An object that calling ``kind`` with ``arguments`` would make, with the state that it would get."""

    kind: Any
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The full name of its class; empty when it is no plain one."""
        return str(self.class_ or "")

    @property
    def class_(self) -> Global | None:
        """The class of the object: that itself, or what ``copyreg`` would make one of."""
        if isinstance(self.kind, Global) and self.kind.module in ("copyreg", "copy_reg") and self.arguments:
            first = self.arguments[0]
            return first if isinstance(first, Global) else None
        return self.kind if isinstance(self.kind, Global) else None

    def attribute(self, name: str) -> Any:
        """The value that the object's ``__dict__`` would have; None when there is none."""
        state = self.state[0] if isinstance(self.state, tuple) and self.state else self.state
        return state.get(name) if isinstance(state, dict) else None


@dataclass(slots=True, eq=False)
class Array:
    """A NumPy array whose numbers were passed over: ``content`` has them where they are few, ``items`` are objects."""

    shape: tuple[int, ...]
    dtype: str
    fields: tuple[str, ...] = ()
    content: bytes | None = None
    items: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A text or bytes too long to keep."""

    size_bytes: int
