"""The whole numbers of the manifest."""

from typing import Annotated, TypeAlias

from msgspec import Meta

Int32: TypeAlias = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number of 32 bits, as the schema of the resource has it."""
