"""Processes of units that end, hang, talk, or outlive what they should not."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.local.isolated.shaky import manifest, write_components
from tests.local.steady_load import BODY, HEADERS, steady_load
from tests.serving import Process, failing, running

WAIT_S = 20


def ask(process: Process, text: str = "which") -> Any:
    return process.predict({"data": {"ndarray": [[text]]}})


def which(process: Process) -> list[Any]:
    answer = ask(process)
    assert answer.status == 200, answer
    row: list[Any] = answer.json["data"]["ndarray"][0]
    return row


def is_gone(pid: int) -> bool:
    """Whether a process has ended; who reaps it does not matter."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(is_so: Any) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def test_a_dead_component_is_a_clear_503_until_it_is_there_again(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--isolate", "model") as process:
        first, _ = which(process)
        assert first not in (process.process.pid, os.getpid())
        lost = ask(process, "die")
        assert (lost.status, lost.json["status"]["reason"]) == (500, "COMPONENT_LOST")
        assert process.wait_for("unit_ended")["reason"] == "SIGKILL"
        assert process.wait_for("unit_started")["unit"] == "model"
        second, _ = which(process)
        assert second != first
        (tmp_path / "components.py").write_text("raise OSError('no code')")
        os.kill(second, signal.SIGKILL)
        assert "no code" in process.wait_for("unit_failed")["error"]
        refused = ask(process)
        assert (refused.status, refused.json["status"]["reason"]) == (503, "COMPONENT_UNREACHABLE")
        assert "Unit `model` cannot be reached" in refused.json["status"]["info"]
        wait_until(lambda: process.request("GET", "/ready").status == 503)
        write_components(tmp_path, "mended")
        process.wait_for("unit_started")
        assert which(process)[1] == "mended"
        wait_until(lambda: process.request("GET", "/ready").status == 200)


@pytest.mark.parametrize(
    ("component", "told"),
    [
        ("Refusing", "infergraph: unit `model`: load() raised OSError: the disk is gone\n"),
        ("Missing", "components:Missing: the module has no class `Missing`; its classes are Which, "),
        ("Quitting", "its process ended with exit code 7 before it was ready, after saying\n    what it said last\n"),
    ],
)
def test_a_component_that_cannot_start_ends_the_start(tmp_path: Path, component: str, told: str) -> None:
    code, errors = failing(manifest(tmp_path, component), "--isolate", "model", "--port", "0")
    assert (code, told in errors) == (1, True), errors


def test_a_start_that_is_cut_off_is_tried_again(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Dying"), "--isolate", "all", "--workers", "2") as process:
        assert which(process)[1] == "a"


def test_a_start_that_never_ends_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "hang").touch()
    with running(manifest(tmp_path, "Endless"), "--isolate", "model", is_ready=False) as process:
        wait_until((tmp_path / "hangs").exists)
        assert process.request("GET", "/ready").status == 503
        refused = ask(process)
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert refused.json["status"]["reason"] == "NOT_READY"
        assert process.stop() == 0


def test_a_component_that_hangs_is_started_again(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Hanging"), "--isolate", "model", "--heartbeat-s", "5") as process:
        pid, _ = which(process)
        lost = ask(process, "hang")
        assert (lost.status, lost.json["status"]["reason"]) == (500, "COMPONENT_LOST")
        assert process.wait_for("unit_stuck")["process"] == pid
        process.wait_for("unit_started")
        assert which(process)[0] != pid


def test_what_it_says_is_in_the_log_with_its_name(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Talking"), "--isolate", "model") as process:
        assert ask(process).status == 200
        wait_until(lambda: sum(event.get("unit") == "model" for event in process.events) >= 7)
        assert process.stop() == 0
        said = [event["line"] for event in process.events if event["event"] == "unit_output"]
        assert sorted(said) == ["said on stderr", "said on stdout", '{"event": "mine"}']
        logged = next(event for event in process.events if event["event"] == "logged text")
        assert (logged["unit"], logged["logger"], logged["level"]) == ("model", "shop", "warning")
        names = [event["event"] for event in process.events]
        assert (names.count("ready"), names.count("listening"), names.count("stopped")) == (1, 1, 1)
        assert process.errors == ""


def test_the_engine_drains_before_its_components_end(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Slow"), "--isolate", "model") as process:
        pid, _ = which(process)
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(ask(process, "wait")))
        asking.start()
        wait_until((tmp_path / "waits").exists)
        process.process.send_signal(signal.SIGTERM)
        process.wait_for("draining")
        (tmp_path / "go").touch()
        asking.join()
        assert answers[0].status == 200
        assert process.wait() == 0
        assert is_gone(pid)


def test_ctrl_c_on_a_terminal_is_the_supervisors_alone(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--isolate", "model") as process:
        pid, _ = which(process)
        assert os.getpgid(pid) != os.getpgid(process.process.pid)
        assert process.stop(signal.SIGINT) == 0
        assert is_gone(pid)


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
def test_no_process_outlives_a_supervisor_that_is_killed(tmp_path: Path, workers: tuple[str, ...]) -> None:
    with running(manifest(tmp_path, "Which"), "--isolate", "model", *workers) as process:
        pid, _ = which(process)
        process.process.kill()
        wait_until(lambda: is_gone(pid))


def test_what_a_component_has_started_ends_with_it(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Parent"), "--isolate", "model") as process:
        pid, child = which(process)
        os.kill(pid, signal.SIGKILL)
        process.wait_for("unit_ended")
        wait_until(lambda: is_gone(child))
        process.wait_for("unit_started")
        _, child = which(process)
        assert process.stop() == 0
        assert is_gone(child)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_reloads_under_load_fail_no_request(tmp_path: Path, workers: str) -> None:
    path = manifest(tmp_path, "Which")
    with running(path, "--isolate", "model", "--workers", workers) as process, steady_load(process.port, 8) as load:
        seen = {which(process)[0]}
        for version in "bcd":
            load.wait_for_more(50)
            write_components(tmp_path, version)
            reload(process)
            pid, answered = which(process)
            assert answered == version
            seen.add(pid)
        load.wait_for_more(50)
        load.stop()
        assert load.problems == []
        assert {exchange.status for exchange in load.exchanges} == {200}
        assert {exchange.version for exchange in load.exchanges} == set("abcd")
        assert len(seen) == 4
        wait_until(lambda: sum(not is_gone(pid) for pid in seen) == 1)
        assert process.stop() == 0


def reload(process: Process) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infergraph", "reload", "--port", str(process.port)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reload_that_cannot_start_a_component_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mended").touch()
    with running(manifest(tmp_path, "Refusing"), "--isolate", "model") as process:
        before = which(process)
        (tmp_path / "mended").unlink()
        process.process.send_signal(signal.SIGHUP)
        assert process.wait_for("reload_failed")["error"] == "unit `model`: load() raised OSError: the disk is gone"
        assert which(process) == before


def test_a_component_with_workers_of_its_own(tmp_path: Path) -> None:
    path = manifest(tmp_path, "Which")
    with running(path, "--isolate", "model", env={"GUNICORN_WORKERS": "2"}) as process:
        pid, _ = which(process)
        os.kill(pid, signal.SIGKILL)  # a worker, whom its own supervisor replaces
        wait_until(lambda: which_or_none(process) not in (None, pid))
        pid, _ = which(process)
        process.process.kill()
        wait_until(lambda: is_gone(pid))


def which_or_none(process: Process) -> int | None:
    answer = ask(process)
    return int(answer.json["data"]["ndarray"][0][0]) if answer.status == 200 else None


def test_a_connection_that_is_kept_survives_a_restart(tmp_path: Path) -> None:
    with running(manifest(tmp_path, "Which"), "--isolate", "model") as process:
        connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=WAIT_S)
        for _ in range(2):
            connection.request("POST", "/api/v1.0/predictions", BODY, HEADERS)
            response = connection.getresponse()
            assert (response.status, len(response.read()) > 0) == (200, True)
            os.kill(which(process)[0], signal.SIGKILL)
            process.wait_for("unit_started")
        connection.close()
