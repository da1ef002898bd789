"""A real `infergraph run --workers`: how load is shared, what is replaced, reloaded and drained."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.local.steady_load import steady_load
from tests.local.test_run import opened, statuses
from tests.local.worker_components import manifest, write_components
from tests.serving import Process, failing, running
from tests.stubs import rows, seldon

ASK: Any = {"data": {"ndarray": [["which"]]}}


def which(process: Process) -> tuple[int, str]:
    """The worker that answers, and its version."""
    answer = process.predict(ASK)
    assert answer.status == 200, answer
    pid, version = answer.json["data"]["ndarray"][0]
    return pid, version


def workers(process: Process, count: int) -> list[int]:
    """The workers once so many are ready. To be called once."""
    ready = [event["worker"] for event in process.events if event["event"] == "worker_ready"]
    while len(ready) < count:
        ready.append(process.wait_for("worker_ready")["worker"])
    return ready


def reload(process: Process) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infergraph", "reload", "--port", str(process.port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


@contextlib.contextmanager
def ending(*pids: int) -> Iterator[None]:
    """These processes, which are not ours to wait for, end in the block or soon after it."""
    descriptors = [os.pidfd_open(pid) for pid in pids]
    try:
        yield
        for descriptor in descriptors:
            assert select.select([descriptor], [], [], 30)[0], "it goes on"
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@contextlib.contextmanager
def hanging(process: Process) -> Iterator[None]:
    """A worker hangs over a request."""
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        body = b'{"data":{"ndarray":[["hang"]]}}'
        head = b"POST /api/v1.0/predictions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        client.sendall(head + b"content-length: %d\r\n\r\n%s" % (len(body), body))
        yield


def test_two_workers_share_the_load(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--workers", "2") as process:
        expected = set(workers(process, 2))
        over_rest = Counter(which(process)[0] for _ in range(64))
        over_grpc: Counter[int] = Counter()
        for _ in range(64):
            with grpc.insecure_channel(process.grpc, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                answer = seldon(channel).Predict(rows([1]), timeout=20)
                over_grpc[int(answer.data.ndarray[0][0])] += 1
        for counts in (over_rest, over_grpc):
            assert set(counts) == expected
            assert min(counts.values()) > 8  # one in a thousand million by chance
        assert process.stop() == 0
        assert process.errors == ""
        names = Counter(event["event"] for event in process.events)
        assert (names["listening"], names["ready"], names["unit_loaded"], names["stopped"]) == (1, 1, 1, 1)


def test_while_none_is_ready_the_answer_is_503(tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    with running(manifest(tmp_path, "Late"), "--workers", "2", is_ready=False) as process:
        process.wait_for("unit_loading")
        assert process.request("GET", "/live").status == 200
        assert process.request("GET", "/seldon/default/test/live").status == 200
        ready = process.request("GET", "/ready")
        assert (ready.status, ready.headers["retry-after"]) == (503, "1")
        refused = process.predict()
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert refused.json["status"]["reason"] == "NOT_READY"
        assert "error" in process.request("POST", "/v2/models/model/infer", {}).json
        with grpc.insecure_channel(process.grpc) as channel, pytest.raises(grpc.RpcError) as raised:
            seldon(channel).Predict(rows([1]), timeout=20)
        assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
        (tmp_path / "wait").unlink()
        process.wait_for("ready")
        assert process.request("GET", "/ready").status == 200
        assert process.predict(ASK).status == 200
        with grpc.insecure_channel(process.grpc) as channel:
            seldon(channel).Predict(rows([1]), timeout=20)


def test_a_load_that_never_ends_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    with running(manifest(tmp_path, "Late"), "--workers", "2", is_ready=False) as process:
        process.wait_for("unit_loading")
        assert process.stop() == 0


def test_a_killed_worker_takes_no_more_with_it_than_it_had_in_hand(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Slow"), "--workers", "2") as process:
        killed = workers(process, 2)[0]
        with steady_load(process.port, 8) as load:
            load.wait_for_more(50)
            os.kill(killed, signal.SIGKILL)
            ended = process.wait_for("worker_ended")
            assert (ended["worker"], ended["reason"]) == (killed, "SIGKILL")
            load.wait_for_more(50)
            process.wait_for("worker_ready")
            load.wait_for_more(50)
        assert {exchange.status for exchange in load.exchanges} <= {200, 0}
        lost = [exchange for exchange in load.exchanges if exchange.status == 0]
        assert all(exchange.before in (killed, 0) for exchange in lost)  # 0: its first request on a new connection
        assert len(lost) <= 8
        assert process.stop() == 0


def test_a_worker_that_is_told_to_go_is_replaced_without_a_loss(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Slow"), "--workers", "2") as process:
        told = workers(process, 2)[1]
        with ending(told), steady_load(process.port, 8) as load:
            load.wait_for_more(20)
            os.kill(told, signal.SIGTERM)
            assert process.wait_for("worker_ready")["worker"] != told
            load.wait_for_more(20)
        assert {exchange.status for exchange in load.exchanges} == {200}


def test_a_worker_that_hangs_is_replaced_and_says_where_it_hung(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Hanging"), "--workers", "1", "--heartbeat-s", "4") as process:
        (first,) = workers(process, 1)
        with hanging(process):
            stuck = process.wait_for("worker_stuck")
            assert stuck["worker"] == first
            assert stuck["silent_s"] > 4
            assert 'components.py", line' in stuck["exception"]
            assert "in predict" in stuck["exception"]
            assert process.wait_for("worker_ended")["reason"] == "SIGKILL"
            process.wait_for("worker_ready")
        assert which(process)[0] != first


def test_a_worker_with_a_deadlock_in_its_model_is_replaced(tmp_path: Path) -> None:
    limits = ("--workers", "1", "--heartbeat-s", "3", "--call-s", "1")
    with running(manifest(tmp_path, "Deadlocked"), *limits) as process:
        (first,) = workers(process, 1)
        with hanging(process):
            assert "in predict" in process.wait_for("worker_stuck")["exception"]
            assert process.wait_for("worker_ended")["reason"] == "SIGKILL"
            process.wait_for("worker_ready")
        assert which(process)[0] != first


def test_a_worker_that_has_outgrown_its_memory_is_replaced_without_a_loss(tmp_path: Path) -> None:
    options = ("--workers", "1", "--worker-memory-bytes", "300000000")
    with running(manifest(tmp_path, "Greedy"), *options) as process:
        (first,) = workers(process, 1)
        with steady_load(process.port, 4) as load:
            assert process.predict({"data": {"ndarray": [["more"]]}}).status == 200
            outgrown = process.wait_for("worker_outgrown")
            assert outgrown["worker"] == first
            assert outgrown["resident_bytes"] > outgrown["limit_bytes"] == 300000000
            assert process.wait_for("worker_ready")["worker"] != first
            load.wait_for_more(10)
        assert {exchange.status for exchange in load.exchanges} == {200}
        assert which(process)[0] != first


def test_a_crash_loop_is_slowed_down_and_not_ready_until_it_is_over(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Crashing"), "--workers", "1") as process:
        (first,) = workers(process, 1)
        (tmp_path / "crash").touch()
        os.kill(first, signal.SIGKILL)
        reasons = [process.wait_for("worker_ended")["reason"] for _ in range(4)]
        assert reasons == ["SIGKILL", "exit code 7", "exit code 7", "exit code 7"]
        assert process.request("GET", "/live").status == 200
        assert process.request("GET", "/ready").status == 503
        assert process.predict(ASK).headers["retry-after"] == "1"
        (tmp_path / "crash").unlink()
        process.wait_for("worker_ready")
        assert process.request("GET", "/ready").status == 200
        assert which(process)[0] != first


def test_workers_that_crash_before_any_was_ready_end_it(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Crashing")
    (tmp_path / "crash").touch()
    code, errors = failing(path, "--workers", "2", "--port", "0")
    assert (code, errors) == (1, "infergraph: a worker ended with exit code 7 before it was ready\n")


def test_a_model_that_does_not_load_ends_it_with_one_sentence(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Failing")
    (tmp_path / "fail").touch()
    code, errors = failing(path, "--workers", "3", "--port", "0")
    assert (code, errors) == (1, "infergraph: unit `model`: load() raised OSError: the disk is gone\n")


def test_a_load_that_fails_on_the_third_worker_only(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "ThirdFails"), "--workers", "3") as process:
        failed = [event for event in process.events if event["event"] == "worker_failed"]
        assert [event["error"] for event in failed] == ["unit `model`: load() raised OSError: no room for a third"]
        assert process.request("GET", "/ready").status == 200
        assert {process.predict(ASK).status for _ in range(20)} == {200}
        assert len(set(workers(process, 3))) == 3  # it is tried again


@pytest.mark.timeout(180)  # ten workers are started, on cores that the load has already
def test_reloads_under_load_fail_no_request(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--workers", "2") as process, steady_load(process.port, 16) as load:
        for generation, version in enumerate("bcdef", start=2):
            load.wait_for_more(50)
            write_components(tmp_path, version)
            done = reload(process)
            assert (done.returncode, done.stderr) == (0, "")
            assert f"generation {generation} is ready" in done.stdout
            assert which(process)[1] == version
        load.wait_for_more(50)
        load.stop()
        assert load.problems == []
        assert {exchange.status for exchange in load.exchanges} == {200}
        assert {exchange.version for exchange in load.exchanges} == set("abcdef")
        assert process.stop() == 0


@pytest.mark.timeout(180)
def test_reloads_under_load_lose_no_call_over_grpc(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--workers", "2") as process:
        seen = set(workers(process, 2))
        with steady_calls(process.grpc, 4) as calls:
            for _ in range(4):
                calls.wait_for_all(other_than=set())
                process.process.send_signal(signal.SIGHUP)
                process.wait_for("reloaded")
                calls.wait_for_all(other_than=seen)
                seen |= calls.pids
            assert calls.lost == []


class Calls:
    """Clients of gRPC that call without a pause, each over a connection of its own."""

    def __init__(self, address: str, count: int) -> None:
        self.lost: list[grpc.RpcError] = []
        self.pids: set[int] = set()
        """The workers that gave each client its last answer."""
        self._answered = threading.Condition()
        self._last: dict[int, int] = {}
        self._told = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(address, number)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def wait_for_all(self, other_than: set[int]) -> None:
        """Until every client had its last answer of another worker than these."""
        with self._answered:
            assert self._answered.wait_for(lambda: self.lost or self._are_others(other_than), 50)

    def _are_others(self, pids: set[int]) -> bool:
        return len(self._last) == len(self._threads) and not self.pids & pids

    def stop(self) -> None:
        self._told.set()
        for thread in self._threads:
            thread.join()

    def _call(self, address: str, number: int) -> None:
        with grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            while not self._told.is_set() and not self.lost:
                try:
                    pid = int(seldon(channel).Predict(rows([1]), timeout=20).data.ndarray[0][0])
                except grpc.RpcError as error:
                    self.lost.append(error)
                    pid = 0
                with self._answered:
                    self._last[number] = pid
                    self.pids = set(self._last.values())
                    self._answered.notify_all()


@contextlib.contextmanager
def steady_calls(address: str, count: int) -> Iterator[Calls]:
    calls = Calls(address, count)
    try:
        yield calls
    finally:
        calls.stop()


def test_a_reload_that_fails_says_why_and_changes_nothing(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Failing")
    with running(path, "--workers", "2") as process:
        before = set(workers(process, 2))
        (tmp_path / "fail").touch()
        done = reload(process)
        assert done.returncode == 1
        assert "goes on as it was: unit `model`: load() raised OSError: the disk is gone" in done.stderr
        assert which(process)[0] in before
        path.write_text(path.read_text().replace("predictors", "predictor"))
        process.process.send_signal(signal.SIGHUP)
        process.wait_for("reload_failed")
        assert "predictors" in process.wait_for("reload_failed")["error"]
        assert which(process)[0] in before


def test_a_reload_takes_up_a_changed_manifest(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Which")
    with running(path, "--workers", "1") as process:
        assert process.predict({"data": {"ndarray": [["x" * 200]]}}).status == 200
        version = [{"name": "version", "type": "STRING", "value": "new"}]
        manifest(tmp_path, "Which", parameters=version)
        text = path.read_text()
        path.write_text(text.replace("annotations: {}", "annotations: {infergraph.io/body-bytes: '150'}"))
        assert reload(process).returncode == 0
        assert which(process)[1] == "new"
        assert process.predict({"data": {"ndarray": [["x" * 200]]}}).status == 413


def test_a_newer_reload_goes_before_one_that_never_ends(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Late"), "--workers", "1") as process:
        (first,) = workers(process, 1)
        (tmp_path / "wait").touch()
        process.process.send_signal(signal.SIGHUP)
        process.wait_for("unit_loading")
        (tmp_path / "wait").unlink()
        process.process.send_signal(signal.SIGHUP)
        assert "once more" in process.wait_for("reload_failed")["error"]
        assert process.wait_for("reloaded")["generation"] == 3
        assert which(process)[0] != first


def test_watch_reloads_what_has_changed(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Which")
    with running(path, "--watch") as process:
        process.wait_for("watching")
        write_components(tmp_path, "b")
        assert process.wait_for("changed")["path"].endswith("components.py")
        process.wait_for("reloaded")
        assert which(process)[1] == "b"
        path.write_text(path.read_text() + "\nrubbish")
        process.wait_for("reload_failed")
        assert which(process)[1] == "b"
        manifest(tmp_path, "Which", parameters=[{"name": "version", "type": "STRING", "value": "c"}])
        process.wait_for("reloaded")
        assert which(process)[1] == "c"
        assert process.stop() == 0


def test_sigterm_loses_no_request(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Slow"), "--workers", "2") as process:
        workers(process, 2)
        clients = opened(process, 50)
        process.process.send_signal(signal.SIGTERM)
        assert statuses(clients) == {200: 50}
        assert process.wait() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Hanging"), "--workers", "1") as process, hanging(process):
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        process.process.send_signal(signal.SIGINT)
        process.wait_for("stopping_at_once")
        assert process.wait() == 1


def test_workers_end_with_their_supervisor(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Hanging"), "--workers", "2") as process:
        pids = workers(process, 2)
        with hanging(process), ending(*pids):
            process.process.kill()


def test_a_flood_of_output_harms_nobody(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Chatty"), "--workers", "2") as process:
        assert {process.predict(ASK).status for _ in range(8)} == {200}
        assert process.stop() == 0
    assert len(process.errors) == 8 * 4_000_000


def test_a_port_in_use(tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    path = manifest(tmp_path, "Late")
    with running(path, "--workers", "2", is_ready=False) as process:
        for flag, port in (("--port", str(process.port)), ("--grpc-port", process.grpc.rpartition(":")[2])):
            for options in ([], ["--workers", "2"]):
                code, errors = failing(path, "--port", "0", flag, port, *options)
                assert code == 1
                assert errors.startswith(f"infergraph: cannot listen on 127.0.0.1, port {port}: Address already in use")


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_count_of_workers_that_is_none(value: str, tmp_path: Path) -> None:
    code, errors = failing(manifest(tmp_path, "Which"), "--workers", value)
    assert code == 2
    assert "expected auto or a number from 1" in errors


def test_nothing_to_reload() -> None:
    command = [sys.executable, "-m", "infergraph", "reload", "--port", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert "can be reloaded" in done.stderr
