"""Follows the opcodes of a pickle without doing what they say: it notes which names are called, with what.

The opcodes are those of ``pickletools`` in the standard library. joblib puts the numbers of arrays between them; they
are passed over as joblib reads them (``joblib/numpy_pickle.py``).
"""

import pickletools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from infergraph.runtimes.inspection.numpy_state import array_from_buffer, array_of, read_joblib_array
from infergraph.runtimes.inspection.pickle_stream import CutShort, PickleStream, TooLong
from infergraph.runtimes.inspection.pickle_text import unescaped
from infergraph.runtimes.inspection.pickle_values import Global, Made, PassedOver

MOST_OPCODES = 2_000_000
_MOST_NESTED = 8
_LONGEST_KEPT = 1 << 20
_MARK = object()
_LINES = {"GLOBAL": 2, "INST": 2, "PERSID": 1}
_LENGTH_BYTES = {
    "BINBYTES": 4, "SHORT_BINBYTES": 1, "BINBYTES8": 8, "BYTEARRAY8": 8, "BINSTRING": 4, "SHORT_BINSTRING": 1,
    "SHORT_BINUNICODE": 1, "BINUNICODE": 4, "BINUNICODE8": 8,
}  # fmt: skip
_OPCODES: dict[bytes, Any] = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}


class Damaged(Exception):
    """Raised when the opcodes make no sense."""


@dataclass
class Record:
    """What was seen: the names in the order of their coming, whether each was called, and the objects made."""

    called: dict[Global, bool] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    left: int = MOST_OPCODES

    def see(self, named: Any, *, is_called: bool) -> None:
        """Note that ``named`` stands in the pickle."""
        if isinstance(named, Global):
            self.called[named] = self.called.get(named, False) or is_called


class PickleMachine:
    """One pickle, from its first opcode to STOP."""

    def __init__(self, stream: PickleStream, record: Record, depth: int = 0) -> None:
        self.stream = stream
        self.record = record
        self.protocol: int | None = None
        self._depth = depth
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Return a description of what the pickle would make.

        :raises CutShort: when the bytes end early.
        :raises Damaged: when the opcodes make no sense.
        :raises TooLong: when there are too many of them.
        """
        try:
            while True:
                opcode = _OPCODES[self.stream.read(1)]
                self.record.left -= 1
                if self.record.left < 0:
                    raise TooLong
                if opcode.name == "STOP":
                    return self._stack.pop()
                self._do(opcode.name, self._argument(opcode))
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise Damaged(f"{type(error).__name__} at an opcode") from error

    def _argument(self, opcode: Any) -> Any:
        """Read what follows the opcode; long bytes and texts are not kept."""
        width = _LENGTH_BYTES.get(opcode.name)
        if opcode.name in _LINES:  # pickletools takes these for texts with escapes, and pickle does not
            return [self.stream.readline()[:-1].decode() for _ in range(_LINES[opcode.name])]
        if opcode.name == "STRING":
            return unescaped(self.stream.readline()[:-1])
        if width is None:
            return opcode.arg.reader(self.stream) if opcode.arg else None
        length = int.from_bytes(self.stream.read(width), "little")
        if length > _LONGEST_KEPT:
            self.stream.skip(length)
            return PassedOver(length)
        content = self.stream.read(length)
        return content.decode("utf-8", "surrogatepass") if opcode.name.endswith(_TEXTS) else content

    def _do(self, name: str, argument: Any) -> None:
        if name in _ACTIONS:
            _ACTIONS[name](self, argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            self._stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            self._tuple(_TUPLES[name])
        elif name not in _IGNORED:
            self._stack.append(argument)  # a number, a text, bytes

    def _since_mark(self) -> list[Any]:
        place = len(self._stack) - 1
        while self._stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise IndexError
        items = self._stack[place + 1 :]
        del self._stack[place:]
        return items

    def _tuple(self, count: int) -> None:
        if len(self._stack) < count:
            raise IndexError
        items = tuple(self._stack[-count:])
        del self._stack[-count:]
        self._stack.append(items)

    def proto(self, argument: int) -> None:
        self.protocol = argument

    def mark(self, _: Any) -> None:
        self._stack.append(_MARK)

    def pop(self, _: Any) -> None:
        self._stack.pop()

    def pop_mark(self, _: Any) -> None:
        self._since_mark()

    def dup(self, _: Any) -> None:
        self._stack.append(self._stack[-1])

    def tuple(self, _: Any) -> None:
        self._stack.append(tuple(self._since_mark()))

    def list(self, _: Any) -> None:
        self._stack.append(self._since_mark())

    def dict(self, _: Any) -> None:
        made: dict[Any, Any] = {}
        _fill(made, self._since_mark())
        self._stack.append(made)

    def frozenset(self, _: Any) -> None:
        self._stack.append(Made("frozenset", items=self._since_mark()))

    def append(self, _: Any) -> None:
        item = self._stack.pop()
        _extend(self._stack[-1], [item])

    def appends(self, _: Any) -> None:
        items = self._since_mark()
        _extend(self._stack[-1], items)

    def setitem(self, _: Any) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        _fill(self._stack[-1], [key, value])

    def setitems(self, _: Any) -> None:
        items = self._since_mark()
        _fill(self._stack[-1], items)

    def global_(self, argument: Sequence[str]) -> None:
        self._name(*argument)

    def stack_global(self, _: Any) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._name(str(module), str(name))

    def _name(self, module: str, name: str) -> None:
        named = Global(module, name)
        self.record.see(named, is_called=False)
        self._stack.append(named)

    def inst(self, argument: Sequence[str]) -> None:
        self._call(Global(*argument), *self._since_mark())

    def obj(self, _: Any) -> None:
        kind, *arguments = self._since_mark()
        self._call(kind, *arguments)

    def reduce(self, _: Any) -> None:
        arguments, kind = self._stack.pop(), self._stack.pop()
        self._call(kind, *(arguments if isinstance(arguments, tuple) else (arguments,)))

    def newobj_ex(self, _: Any) -> None:
        named, arguments, kind = self._stack.pop(), self._stack.pop(), self._stack.pop()
        self._call(kind, *arguments, named)

    def _call(self, kind: Any, *arguments: Any) -> None:
        made = Made(kind, arguments)
        self.record.see(kind, is_called=True)
        for argument in arguments:
            self.record.see(argument, is_called=made.class_ is argument)
        self.record.made.append(made)
        self._stack.append(array_from_buffer(made) or made)

    def build(self, _: Any) -> None:
        state = self._stack.pop()
        top = self._stack[-1]
        if not isinstance(top, Made):
            self._stack[-1] = top = Made(top)
            self.record.made.append(top)
        top.state = state
        self._stack[-1] = array_of(top) or top
        if top.name.endswith("joblib.numpy_pickle.NumpyArrayWrapper"):
            self._stack[-1] = read_joblib_array(top, self.stream, self._nested)

    def _nested(self) -> Any:
        if self._depth >= _MOST_NESTED:
            raise TooLong
        return PickleMachine(self.stream, self.record, self._depth + 1).run()

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def put(self, argument: int) -> None:
        self._memo[argument] = self._stack[-1]

    def get(self, argument: int) -> None:
        self._stack.append(self._memo[argument])

    def extension(self, argument: int) -> None:
        """A number that a registry of the loading process turns into a name: nobody can say which."""
        self._name("copyreg", f"extension {argument}")

    def persistent(self, argument: Any) -> None:
        self._stack.append(Made("persistent", (argument if argument is not None else self._stack.pop(),)))


def _extend(target: Any, items: list[Any]) -> None:
    if isinstance(target, list):
        target.extend(items)
    elif isinstance(target, Made):
        target.items.extend(items)


def _fill(target: Any, flat: list[Any]) -> None:
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if isinstance(target, dict):
            target[key if isinstance(key, str | int | float | bytes | bool | None) else id(key)] = value
        elif isinstance(target, Made):
            target.items.append((key, value))


_TEXTS = ("STRING", "UNICODE", "UNICODE8")
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (), "NEXT_BUFFER": PassedOver(0)}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": lambda: Made("set")}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_IGNORED = frozenset({"FRAME", "READONLY_BUFFER"})
_ACTIONS: dict[str, Callable[[PickleMachine, Any], None]] = {
    "PROTO": PickleMachine.proto,
    "MARK": PickleMachine.mark,
    "POP": PickleMachine.pop,
    "POP_MARK": PickleMachine.pop_mark,
    "DUP": PickleMachine.dup,
    "TUPLE": PickleMachine.tuple,
    "LIST": PickleMachine.list,
    "DICT": PickleMachine.dict,
    "FROZENSET": PickleMachine.frozenset,
    "APPEND": PickleMachine.append,
    "APPENDS": PickleMachine.appends,
    "ADDITEMS": PickleMachine.appends,
    "SETITEM": PickleMachine.setitem,
    "SETITEMS": PickleMachine.setitems,
    "GLOBAL": PickleMachine.global_,
    "STACK_GLOBAL": PickleMachine.stack_global,
    "INST": PickleMachine.inst,
    "OBJ": PickleMachine.obj,
    "REDUCE": PickleMachine.reduce,
    "NEWOBJ": PickleMachine.reduce,
    "NEWOBJ_EX": PickleMachine.newobj_ex,
    "BUILD": PickleMachine.build,
    "MEMOIZE": PickleMachine.memoize,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), PickleMachine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), PickleMachine.get),
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), PickleMachine.extension),
    **dict.fromkeys(("PERSID", "BINPERSID"), PickleMachine.persistent),
}
__all__ = ["CutShort", "Damaged", "PickleMachine", "Record", "TooLong"]
