"""Where the frames of an HTTP/2 connection begin and end (RFC 9113 §4.1), and nothing of what is in them."""

HEAD_BYTES = 9  # three of length, then type, flags and stream


class Frames:
    """Follows what a server sends, in pieces as they come. A client begins with a preface, which is not a frame."""

    __slots__ = ("_head", "_left")

    def __init__(self) -> None:
        self._head = b""
        """Of a frame whose head is not whole yet."""
        self._left = -1
        """Bytes of the payload that are still to come; -1 before the first frame."""

    @property
    def is_between(self) -> bool:
        """Whether a frame of somebody else's may follow here."""
        return self._left == 0 and not self._head

    def pass_by(self, data: bytes) -> None:
        """More bytes of the connection."""
        position = max(self._left, 0)
        if self._head:
            data, self._head = self._head + data, b""
        size = len(data)
        while position + HEAD_BYTES <= size:
            position += HEAD_BYTES + int.from_bytes(data[position : position + 3])
        if position < size:
            self._head, self._left = data[position:], 0
        else:
            self._left = position - size
