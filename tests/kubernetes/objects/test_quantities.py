import pytest

from infergraph.kubernetes.objects.quantities import added


@pytest.mark.parametrize(
    ("quantities", "total"),
    [
        (["500m", "1"], "1500m"),
        (["500m", "500m"], "1"),
        (["0.1", "0.25"], "350m"),
        ([1, 2], "3"),
        (["512Mi", "512Mi"], "1Gi"),
        (["1Gi", "256Mi"], "1280Mi"),
        (["1Gi", "1G"], "2073741824"),
        (["1e3", "1k"], "2000"),
        (["1E", "1"], "1000000000000000001"),
        (["1Ei", "0"], "1Ei"),
        (["100u", "1n"], "1m"),
    ],
)
def test_sums(quantities: list[str | int], total: str) -> None:
    assert added(quantities) == total


@pytest.mark.parametrize("one", ["0.50", 2, 1.5, "1Gi", "much"])
def test_a_single_one_stays_as_it_is(one: str | float) -> None:
    assert added([one]) == one


def test_what_is_no_quantity_is_left_to_the_api_server() -> None:
    assert added(["1", "much"]) == "much"
