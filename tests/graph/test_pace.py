"""When a call may hold the event loop."""

from infergraph.graph.pace import GROWTH, MOST_PROBES, PROBES, SHORT_S, STALL_S, TRUSTED, Pace

SHORT, LONG = SHORT_S / 2, SHORT_S * 2


def in_threads(pace: Pace, count: int, rows: int = 1, *, seconds: float = SHORT, processor_s: float = SHORT) -> None:
    for _ in range(count):
        pace.note_in_thread(rows, seconds, processor_s)


def trusted(rows: int = 1) -> Pace:
    pace = Pace()
    in_threads(pace, PROBES, rows)
    return pace


def test_several_short_calls_come_first() -> None:
    pace = Pace()
    in_threads(pace, PROBES - 1)
    assert not pace.is_short(1)
    in_threads(pace, 1)
    assert pace.is_short(1)


def test_many_more_rows_than_were_measured_are_tried_in_a_thread_first() -> None:
    pace = trusted(rows=10)
    assert pace.is_short(10 * GROWTH)
    assert not pace.is_short(10 * GROWTH + 1)
    in_threads(pace, 1, rows=1000)
    assert pace.is_short(1000)


def test_waiting_for_other_threads_is_not_the_calls_own_time() -> None:
    pace = Pace()
    in_threads(pace, PROBES, seconds=STALL_S / 2)
    assert pace.is_short(1)


def test_long_in_a_thread() -> None:
    for seconds, processor_s in ((SHORT, LONG), (STALL_S, SHORT)):
        pace = Pace()
        in_threads(pace, PROBES * 2, seconds=seconds, processor_s=processor_s)
        assert not pace.is_short(1)


def test_one_long_call_may_be_bad_luck_and_two_are_not() -> None:
    pace = trusted()
    pace.note(1, LONG)
    assert pace.is_short(1)
    pace.note(1, SHORT)
    pace.note(1, LONG)
    assert pace.is_short(1)
    pace.note(1, LONG)
    assert not pace.is_short(1)


def test_what_stalls_everybody_is_no_question_of_luck() -> None:
    pace = trusted()
    pace.note(1, STALL_S)
    assert not pace.is_short(1)


def test_who_was_long_in_the_event_loop_has_to_be_short_twice_as_often() -> None:
    pace = trusted()
    for probes in (PROBES * 2, PROBES * 4, PROBES * 8):
        pace.note(1, STALL_S)
        in_threads(pace, probes - 1)
        assert not pace.is_short(1)
        in_threads(pace, 1)
        assert pace.is_short(1)
    in_threads(pace, TRUSTED)
    pace.note(1, STALL_S)
    in_threads(pace, PROBES * 2)
    assert pace.is_short(1)


def test_it_is_tried_again_at_last() -> None:
    pace = trusted()
    for _ in range(20):
        pace.note(1, STALL_S)
        in_threads(pace, MOST_PROBES)
        assert pace.is_short(1)


def test_too_many_rows_do_not_count_against_few() -> None:
    pace = trusted(rows=8)
    in_threads(pace, 1, rows=1000, processor_s=LONG)
    assert pace.is_short(8)
    in_threads(pace, 1, rows=8, processor_s=LONG)
    assert not pace.is_short(8)
    assert pace.is_short(4)
