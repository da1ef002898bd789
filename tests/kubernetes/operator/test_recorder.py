"""Events, each once."""

from typing import Any

from infergraph.kubernetes.operator.recorder import Happening, Recorder

OWNER: dict[str, Any] = {
    "apiVersion": "machinelearning.seldon.io/v1",
    "kind": "SeldonDeployment",
    "metadata": {"name": "iris", "namespace": "models", "uid": "1"},
}
MADE = Happening("Normal", "CreateService", "Created Service iris")


def test_what_comes_again_is_counted() -> None:
    recorder = Recorder()
    first, again = recorder.event(OWNER, MADE, "then"), recorder.event(OWNER, MADE, "now")
    assert again["metadata"]["name"] == first["metadata"]["name"]
    assert (again["count"], again["firstTimestamp"], again["lastTimestamp"]) == (2, "then", "now")


def test_what_is_different_is_another_event() -> None:
    recorder = Recorder()
    other = {**OWNER, "metadata": {**OWNER["metadata"], "uid": "2"}}
    names = {
        recorder.event(owner, happening, "now")["metadata"]["name"]
        for owner in (OWNER, other)
        for happening in (MADE, Happening("Warning", MADE.reason, MADE.message))
    }
    assert len(names) == 4


def test_a_long_message_is_cut_where_a_letter_ends() -> None:
    message = Recorder().event(OWNER, Happening("Warning", "InternalError", "ä" * 1001), "now")["message"]
    assert message == "ä" * 500


def test_it_does_not_remember_for_ever() -> None:
    recorder = Recorder()
    recorder.event(OWNER, MADE, "then")
    for number in range(5000):
        recorder.event(OWNER, Happening("Normal", "x", str(number)), "then")
    assert recorder.event(OWNER, MADE, "now")["count"] == 1
