from typing import Any

import pytest

from infergraph.kubernetes.lease import LeaseRecord, Move, Observation, Timing, lease_object, record_of


def lease(version: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "l", "resourceVersion": version}, "spec": spec}


def test_a_lease_of_nobody_is_taken() -> None:
    seen = Observation()
    seen.see(lease("1", holderIdentity=""), 0)
    assert seen.move("a", 0) is Move.TAKE


def test_ones_own_is_renewed() -> None:
    seen = Observation()
    seen.see(lease("1", holderIdentity="a", leaseDurationSeconds=15), 0)
    assert seen.move("a", 1000) is Move.RENEW


def test_anothers_is_taken_when_it_was_not_seen_to_change_for_as_long_as_it_lasts() -> None:
    seen = Observation()
    for now_s, version in ((0, "1"), (10, "2"), (24, "2")):
        seen.see(lease(version, holderIdentity="b", leaseDurationSeconds=15), now_s)
        assert seen.move("a", now_s) is Move.WAIT
    seen.see(lease("2", holderIdentity="b", leaseDurationSeconds=15), 25)
    assert seen.move("a", 25) is Move.TAKE


@pytest.mark.parametrize("renew_time", ["1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"])
def test_the_clocks_of_others_decide_nothing(renew_time: str) -> None:
    seen = Observation()
    seen.see(lease("1", holderIdentity="b", leaseDurationSeconds=15, renewTime=renew_time), 100)
    assert (seen.move("a", 114), seen.move("a", 115)) == (Move.WAIT, Move.TAKE)


def test_a_lease_that_does_not_say_how_long_it_lasts_is_not_free_at_once() -> None:
    seen = Observation()
    seen.see(lease("1", holderIdentity="b"), 0)
    assert (seen.move("a", 14), seen.move("a", 15)) == (Move.WAIT, Move.TAKE)


def test_nulls_and_what_is_not_known_are_no_trouble() -> None:
    found = record_of(lease("1", holderIdentity="b", leaseTransitions=None, strategy="OldestEmulationVersion"))
    assert found == LeaseRecord(holder_identity="b")
    assert record_of(lease("1", holderIdentity=3)) == LeaseRecord()
    assert record_of({"metadata": {}, "spec": None}) == LeaseRecord()


def test_what_is_written_is_what_is_read() -> None:
    record = LeaseRecord(holder_identity="a", lease_duration_seconds=15, renew_time="2026-01-01T00:00:00.000000Z")
    whole = lease_object("l", "n", record, version="7")
    assert whole["metadata"] == {"name": "l", "namespace": "n", "resourceVersion": "7"}
    assert record_of(whole) == record


@pytest.mark.parametrize(("lease_s", "renew_deadline_s", "retry_s"), [(10, 10, 2), (15, 2, 2), (15, 10, 0)])
def test_times_with_which_two_could_lead_are_refused(lease_s: float, renew_deadline_s: float, retry_s: float) -> None:
    with pytest.raises(ValueError, match="lease_s > renew_deadline_s > retry_s > 0"):
        Timing(lease_s=lease_s, renew_deadline_s=renew_deadline_s, retry_s=retry_s)
