"""Whether the next call of an operation may hold the event loop, by how long the last ones took."""

SHORT_S = 0.001
"""A call as short as this may hold the event loop."""

STALL_S = 0.02
"""What nothing may hold the event loop for."""

PROBES = 5
"""So many short calls in a row, and the next one runs in the event loop."""

MOST_PROBES = 1000
TRUSTED = 100  # short calls in a row, and a long one in the past counts no more
GROWTH = 2  # a call may have so many times the rows that were measured to be short


class Pace:
    """What the last calls of one operation say about the next.

    A call begins in a thread, and comes into the event loop once calls of about as many rows were short. In a thread
    the processor's time counts, as the clock's holds the waiting for other threads too. So a call that only waits may
    get into the event loop; it turns out long there, and has to be short twice as often before it is tried again.
    """

    __slots__ = ("_is_doubtful", "_needed", "_rows", "_short")

    def __init__(self) -> None:
        self._short = 0  # calls in a row
        self._needed = PROBES
        self._rows = 0  # the most of them that were short
        self._is_doubtful = False

    def is_short(self, rows: int) -> bool:
        """Whether a call with so many rows may run in the event loop."""
        return self._short >= self._needed and rows <= self._rows * GROWTH

    def note(self, rows: int, seconds: float) -> None:
        """A call in the event loop took so long. One may be bad luck, two are not."""
        if seconds < SHORT_S:
            self._is_doubtful = False
            self._add(rows)
        elif self._is_doubtful or seconds >= STALL_S:
            self._needed = min(self._needed * 2, MOST_PROBES)
            self._forget(rows)
        else:
            self._is_doubtful = True

    def note_in_thread(self, rows: int, seconds: float, processor_s: float) -> None:
        """A call in a thread took so long, and so much of the processor's time."""
        if processor_s < SHORT_S and seconds < STALL_S:
            self._add(rows)
        else:
            self._forget(rows)

    def _add(self, rows: int) -> None:
        self._short += 1
        self._rows = max(self._rows, rows)
        if self._short == TRUSTED:
            self._needed = PROBES

    def _forget(self, rows: int) -> None:
        """So many rows are too many; fewer may still be short."""
        self._is_doubtful = False
        self._rows = min(self._rows, rows // (2 * GROWTH))
        if not self._rows:
            self._short = 0
