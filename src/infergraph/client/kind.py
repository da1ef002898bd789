"""The kinds of data that a caller gives and gets."""

from enum import Enum


class Kind(Enum):
    """How the data of a result is held."""

    NUMPY = "numpy"  # an array, or a dict of arrays by name
    FRAME = "frame"  # a pandas DataFrame
    LIST = "list"  # nested lists
    TEXT = "text"  # str
    BYTES = "bytes"
    JSON = "json"  # dict, list, str, number, bool or None


class Protocol(Enum):
    """What is spoken to the server."""

    ANY = "any"  # binary v2 for arrays without names, else seldon
    SELDON = "seldon"  # only the seldon protocol, for servers that have no other
