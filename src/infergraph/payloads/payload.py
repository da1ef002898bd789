"""The payload: one message, decoded."""

from enum import Enum
from typing import Any, Self

import msgspec
import numpy as np

from infergraph.errors import BadAnswer

JsonObject = dict[str, Any]
Array = np.ndarray[Any, np.dtype[Any]]


class Encoding(Enum):
    """How the data of a message is written in the seldon protocol (SELDON_V1 §4.1); the answer takes the question's.

    V2, TF and TENSORS come from other protocols, whose arrays have no names of columns unless somebody gives them. A
    component that wants whole messages gets them as the seldon protocol would write them: data.tensor for numbers, else
    data.ndarray, and jsonData for several arrays.
    """

    NDARRAY = "ndarray"  # data.ndarray: nested lists
    TENSOR = "tensor"  # data.tensor: a shape and flat values
    TFTENSOR = "tftensor"  # data.tftensor: TensorFlow's TensorProto
    TEXT = "strData"
    BYTES = "binData"  # base64 in JSON
    JSON = "jsonData"
    CUSTOM = "customData"  # a protobuf message of the user's, in a google.protobuf.Any; over gRPC only
    V2 = "v2"  # one tensor of the Open Inference Protocol
    TF = "tensorflow"  # one tensor of TensorFlow Serving's protocol
    TENSORS = "tensors"  # several named arrays, in either of these
    NONE = "none"  # a message without data, as the parts of a feedback may be

    __hash__ = object.__hash__  # Enum's own is written in Python, and every reply is looked up several times


ARRAY_ENCODINGS = frozenset(
    {Encoding.NDARRAY, Encoding.TENSOR, Encoding.TFTENSOR, Encoding.NONE, Encoding.V2, Encoding.TF}
)


class Meta(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a message carries beside its data (SELDON_V1 §4.1, Meta); None is absent.

    Fields stand in the order of the alphabet, because answers are written with sorted keys.
    """

    metrics: list[JsonObject] | None = None
    puid: str | None = None
    request_path: dict[str, str] | None = None
    routing: dict[str, int] | None = None
    tags: JsonObject | None = None


NO_META = Meta()


class Payload(msgspec.Struct, frozen=True):
    """One decoded message: the data, and the encoding that it came in.

    ``data`` is a numpy array of any shape for the array encodings (rows first), ``str`` for TEXT, ``bytes`` for
    BYTES, a JSON value for JSON, a dict of arrays by name for TENSORS and protobuf's Any for CUSTOM. ``names`` are the
    names of the columns, or empty. ``tensor`` is what the array is called where arrays have names, or empty.
    """

    data: Any
    encoding: Encoding
    names: list[str] = []
    meta: Meta = NO_META
    status: JsonObject | None = None
    tensor: str = ""

    @property
    def is_array(self) -> bool:
        """Whether ``data`` is a numpy array."""
        return self.encoding in ARRAY_ENCODINGS

    def copy(self) -> Self:
        """The same payload over arrays of its own, so that a component may change its input in place."""
        if isinstance(self.data, np.ndarray) and self.data.flags.writeable:
            return msgspec.structs.replace(self, data=self.data.copy())
        if self.encoding is Encoding.TENSORS:
            arrays = {name: array.copy() if array.flags.writeable else array for name, array in self.data.items()}
            return msgspec.structs.replace(self, data=arrays)
        return self


def check_not_custom(payload: Payload) -> None:
    """:raises BadAnswer: for customData, which only the seldon protocol over gRPC has a place for."""
    if payload.encoding is Encoding.CUSTOM:
        raise BadAnswer("The answer is customData, which travels over gRPC only, in the seldon protocol")


def merged(first: JsonObject | None, second: JsonObject | None) -> JsonObject | None:
    """Both mappings as one; the second wins. None when there is nothing in either."""
    if first and second:
        return {**first, **second}
    return second or first or None
