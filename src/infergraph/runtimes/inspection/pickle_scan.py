"""A pickle read from its first opcode to its last, and how that ended."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infergraph.runtimes.inspection.pickle_machine import MOST_OPCODES, Damaged, PickleMachine, Record
from infergraph.runtimes.inspection.pickle_stream import CutShort, PickleStream, TooLong
from infergraph.runtimes.inspection.pickle_values import Global, Made

_FEW = 10_000
_TOO_LONG = "it is too long to be looked at whole"
LZ4 = b"\x04\x22\x4d\x18"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a pickle would make, the names in it and whether each is called, and why it could not be read whole.

    ``is_cut_short`` says that its bytes end early, ``unseen`` why the rest of it could not be followed.
    """

    value: Any = None
    called: dict[Global, bool] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    protocol: int | None = None
    is_cut_short: bool = False
    unseen: str = ""


def scan(file: Path, *, most_opcodes: int = MOST_OPCODES, pickles: int = 1) -> Scan:
    """Follow the opcodes of ``file``, compressed or not, without doing what they say; of so many pickles in a row."""
    with file.open("rb") as stream:
        if stream.read(4) == LZ4:
            return Scan(unseen="it is compressed with lz4, which is not read here")
    return _scanned(PickleStream.of_file(file), most_opcodes, pickles)


def is_pickle(file: Path) -> bool:
    """Tell whether a file is a pickle whatever it begins with: old ones begin with any opcode.

    It is one when it names a class or function, and makes sense as far as that is looked at.
    """
    found = scan(file, most_opcodes=_FEW)
    return bool(found.called) and (found.value is not None or found.unseen == _TOO_LONG)


def scan_stream(stream: PickleStream, *, most_opcodes: int = MOST_OPCODES) -> Scan:
    """The same for an open stream."""
    return _scanned(stream, most_opcodes)


def _scanned(stream: PickleStream, most_opcodes: int, pickles: int = 1) -> Scan:
    record = Record(left=most_opcodes)
    machines = [PickleMachine(stream, record) for _ in range(pickles)]
    value, is_cut_short, unseen = None, False, ""
    try:
        for machine in machines:
            value = machine.run()
    except CutShort:
        is_cut_short = True
    except TooLong:
        unseen = _TOO_LONG
    except Damaged as error:
        unseen = f"it makes no sense as a pickle ({error})"
    finally:
        stream.close()
    return Scan(value, record.called, record.made, machines[0].protocol, is_cut_short, unseen)
