"""Why a model file does not load, in one sentence: what was expected, what lies there, and what to do."""

from pathlib import Path

from infergraph.runtimes.file_format import BROKEN_ZIP, EMPTY, FileFormat, format_of
from infergraph.runtimes.one_line import one_line


def wrong_format(file: Path, wanted: tuple[FileFormat, ...], server: str) -> str | None:
    """Say what ``file`` is instead of one of ``wanted``, which ``server`` reads; None when it is one, or not known."""
    found = format_of(file)
    if found is None or found in wanted:
        return None
    if found is EMPTY:
        return f"{file.name} is {found.name}, and {_either(wanted)} was expected: {found.advice}"
    if found is BROKEN_ZIP:
        return cut_short(file, "")
    serves = f"{found.server} serves that" if found.server and found.server != server else ""
    todo = "; ".join(filter(None, [serves, found.advice]))
    return f"{file.name} is {found.name}, and {server} reads {_either(wanted)}" + (f"; {todo}" if todo else "")


def not_loaded(file: Path, wanted: tuple[FileFormat, ...], server: str, error: Exception | None = None) -> str:
    """Say why ``file`` did not load, when ``error`` is what its own library said of it."""
    if wrong := wrong_format(file, wanted, server):
        return wrong
    if format_of(file) is not None:
        return cut_short(file, one_line(error) if error else "")
    begins = f"it begins with {_head(file)!r}" + (f" ({one_line(error)})" if error else "")
    return f"{file.name} is not {_either(wanted)}: {begins}"


def cut_short(file: Path, reason: str) -> str:
    """Say that ``file`` begins as it should and does not go on so; ``reason`` is how that was found."""
    return f"{file.name} is cut short or damaged: copy it again" + (f" ({reason})" if reason else "")


def _either(wanted: tuple[FileFormat, ...]) -> str:
    return " or ".join(one.name for one in wanted)


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(24)
