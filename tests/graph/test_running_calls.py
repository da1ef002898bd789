"""How long the calls in threads run."""

import threading

from infergraph.graph.running_calls import RunningCalls


def test_the_longest_of_those_that_run() -> None:
    now_s = 10.0
    calls = RunningCalls(lambda: now_s)
    assert calls.longest_s() == 0
    calls.begin()
    now_s = 12.0
    thread = threading.Thread(target=calls.begin)
    thread.start()
    thread.join()
    now_s = 15.0
    assert calls.longest_s() == 5
    calls.end()
    assert calls.longest_s() == 3
