import pytest

from benchmarks.peers.load import NoLoad, parse_h2load, parse_times, parse_wrk

WRK = """\
Running 1m test @ http://127.0.0.1:18080/predict
  1 threads and 16 connections
  6022 requests in 1.60s, 1.17MB read
  Non-2xx or 3xx responses: 22
Requests/sec:   3762.77
{"requests": 6022, "seconds": 1.600415, "p50_ms": 4.0500, "p99_ms": 9.6000, "errors": 22}
"""
H2LOAD = """\
Main benchmark duration is over for thread #0. Stopping all clients.
Stopped all clients for thread #0

finished in %s, 9259.00 req/s, 518.20KB/s
requests: 100 total, 116 started, 100 done, %d succeeded, 0 failed, 0 errored, 0 timeout
status codes: 100 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 518.20KB (530638) total, 317.17KB (324785) headers (space savings 56.15%%), 0B (%d) data
                     min         max         mean         sd        +/- sd
time for request:     1.36ms      6.92ms      1.72ms       326us    95.25%%
"""
TIMES_US = tuple(range(1000, 101000, 1000))


def test_what_wrk_measured_is_in_its_last_line() -> None:
    load = parse_wrk(WRK)
    assert (load.requests, load.errors, load.p50_ms, load.p99_ms) == (6022, 22, 4.05, 9.6)
    assert load.per_second == pytest.approx(6000 / 1.600415)


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:1 Connection refused", '{"requests": 1}'])
def test_a_wrk_that_measured_nothing_is_an_error(output: str) -> None:
    with pytest.raises(NoLoad, match="wrk measured nothing"):
        parse_wrk(output)


@pytest.mark.parametrize(("finished", "seconds"), [("1.50s", 1.5), ("612.30ms", 0.6123)])
def test_h2load_says_how_long_it_took(finished: str, seconds: float) -> None:
    load = parse_h2load(H2LOAD % (finished, 100, 9500), TIMES_US, answer_bytes=95)
    assert load.seconds == pytest.approx(seconds)
    assert load.per_second == pytest.approx(100 / seconds)


def test_percentiles_are_of_the_single_calls() -> None:
    load = parse_h2load(H2LOAD % ("1.00s", 100, 9500), TIMES_US, answer_bytes=95)
    assert (load.p50_ms, load.p99_ms) == (50.5, 100.0)


def test_calls_that_failed_over_http_are_errors() -> None:
    assert parse_h2load(H2LOAD % ("1.00s", 90, 8550), TIMES_US, answer_bytes=95).errors == 10


def test_answers_without_data_are_grpc_errors() -> None:
    load = parse_h2load(H2LOAD % ("1.00s", 100, 0), TIMES_US, answer_bytes=95)
    assert (load.errors, load.per_second) == (100, 0)


def test_a_half_of_the_data_is_a_half_of_the_answers() -> None:
    assert parse_h2load(H2LOAD % ("1.00s", 100, 4750), TIMES_US, answer_bytes=95).errors == 50


def test_answers_may_vary_a_little_in_length() -> None:
    assert parse_h2load(H2LOAD % ("1.00s", 100, 9400), TIMES_US, answer_bytes=95).errors == 0


def test_the_log_of_calls_may_end_in_the_middle_of_a_line() -> None:
    assert parse_times("1795560611361005\t200\t11596\n1795560611361815\t200\t900\n17955606\t20") == [900, 11596]


def test_without_a_single_call_the_times_are_zero() -> None:
    load = parse_h2load(H2LOAD % ("1.00s", 0, 0), (), answer_bytes=95)
    assert (load.p50_ms, load.p99_ms) == (0, 0)


def test_an_h2load_that_measured_nothing_is_an_error() -> None:
    with pytest.raises(NoLoad, match="-D: value error"):
        parse_h2load("-D: value error 1.5", (), answer_bytes=95)
