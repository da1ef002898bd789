"""A certificate's life, decided without a clock and without an API server."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from infergraph.kubernetes.webhook.certificates import new_pair
from infergraph.kubernetes.webhook.rotation import Certificates, Schedule, next_certificates

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NAMES = ("hook.system.svc",)
SCHEDULE = Schedule()
FIRST = Certificates(serving=new_pair(NAMES, NOW, SCHEDULE.lifetime))


def after(
    found: Certificates | None, at: datetime, *, announced: timedelta | None = None, names: tuple[str, ...] = NAMES
) -> Certificates | None:
    return next_certificates(found, names, at, announced_for=announced, schedule=SCHEDULE, make=new_pair)


def must(found: Certificates | None) -> Certificates:
    assert found is not None
    return found


def test_at_first_one_is_made_that_serves_at_once() -> None:
    made = must(after(None, NOW))
    assert made.serving.fault(NAMES) == ""
    assert (made.coming, made.former) == (None, "")
    assert made.bundle() == made.serving.authority


def test_one_that_is_good_is_kept() -> None:
    assert after(FIRST, NOW) is None
    assert after(FIRST, NOW + 59 * DAY) is None


def test_before_its_end_the_next_one_is_made_and_only_announced() -> None:
    found = must(after(FIRST, NOW + 60 * DAY))
    assert found.serving == FIRST.serving
    assert found.coming is not None
    assert found.bundle() == FIRST.serving.authority + found.coming.authority
    assert after(found, NOW + 60 * DAY) is None


def test_it_serves_when_it_has_been_announced_for_long_enough() -> None:
    found = must(after(FIRST, NOW + 60 * DAY))
    assert after(found, NOW + 61 * DAY, announced=None) is None
    assert after(found, NOW + 61 * DAY, announced=1.9 * MINUTE) is None
    swapped = must(after(found, NOW + 61 * DAY, announced=2 * MINUTE))
    assert (swapped.serving, swapped.coming, swapped.former) == (found.coming, None, FIRST.serving.authority)
    assert FIRST.serving.authority in swapped.bundle()  # for replicas that have not heard of it


def test_a_former_authority_goes_when_nothing_of_it_is_valid_any_more() -> None:
    swapped = Certificates(serving=new_pair(NAMES, NOW + 60 * DAY, 90 * DAY), former=FIRST.serving.authority)
    assert after(swapped, NOW + 89 * DAY) is None
    assert must(after(swapped, NOW + 91 * DAY)).former == ""


def test_one_that_has_ended_is_replaced_at_once() -> None:
    """Nobody was there for months."""
    found = must(after(FIRST, NOW + 91 * DAY))
    assert found.serving.fault(NAMES) == ""
    assert found.serving != FIRST.serving


def test_one_for_other_names_is_replaced_at_once() -> None:
    found = must(after(FIRST, NOW, names=("other.system.svc",)))
    assert found.serving.fault(("other.system.svc",)) == ""


def test_one_that_cannot_be_read_is_replaced_at_once() -> None:
    broken = replace(FIRST, serving=replace(FIRST.serving, key="nonsense"))
    found = must(after(broken, NOW))
    assert found.serving.fault(NAMES) == ""
    assert found.former == ""


def test_a_coming_one_that_is_no_good_is_forgotten_and_made_anew() -> None:
    broken = replace(FIRST, coming=replace(FIRST.serving, certificate="nonsense"))
    assert after(broken, NOW + 60 * DAY, announced=MINUTE) == FIRST
    late = replace(FIRST, coming=new_pair(NAMES, NOW - 90 * DAY, 90 * DAY))
    assert after(late, NOW + DAY, announced=DAY) == FIRST


def test_years_go_by_and_there_is_always_one() -> None:
    found, at, served = None, NOW, 0
    trusted: set[str] = set()
    while at < NOW + 1000 * DAY:
        new = after(found, at, announced=2 * MINUTE if found and found.coming else None)
        if new is not None and found is not None and new.serving != found.serving:
            assert new.serving.authority in trusted  # it was told before
            served += 1
        found = new or must(found)
        trusted = {one for one in (found.serving.authority, found.coming.authority if found.coming else "") if one}
        assert found.serving.not_after() - at > 29 * DAY
        at += DAY / 2
    assert 15 <= served <= 17
