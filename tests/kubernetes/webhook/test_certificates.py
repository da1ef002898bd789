from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from infergraph.kubernetes.webhook.certificates import is_authority, new_pair, runs_out

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("hook.system.svc", "127.0.0.1")
PAIR = new_pair(NAMES, NOW, 90 * DAY)


def test_it_serves_for_its_names() -> None:
    assert PAIR.fault(NAMES) == ""
    assert PAIR.fault(("hook.system.svc", "other.system.svc")) == "it is not for other.system.svc"


def test_it_runs_out() -> None:
    assert PAIR.not_after() == NOW + 90 * DAY
    assert runs_out(PAIR.authority) == NOW + 90 * DAY


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("certificate", "", "cannot be read"),
        ("certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        ("key", "nonsense", "cannot be read"),
        ("authority", "nonsense", "cannot be read"),
        ("authority", new_pair(NAMES, NOW, DAY).authority, "not signed by its authority"),
        ("key", new_pair(NAMES, NOW, DAY).key, "its key is another certificate's"),
    ],
)
def test_what_does_not_fit_is_told(field: str, value: str, said: str) -> None:
    assert said in replace(PAIR, **{field: value}).fault(NAMES)


def test_each_has_an_authority_of_its_own() -> None:
    other = new_pair(NAMES, NOW, DAY)
    assert other.authority != PAIR.authority
    assert is_authority(other.authority)
    assert not is_authority("")


def test_a_long_name_of_a_service() -> None:
    name = f"{'a' * 63}.{'b' * 63}.svc"
    assert new_pair((name,), NOW, DAY).fault((name,)) == ""
