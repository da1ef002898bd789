"""The tables of the chain's benchmark."""

import io

import pytest
from rich.console import Console

from benchmarks.graph.tables import Round, Sample, aims, table
from benchmarks.graph.ways import ALONE, ALONE_EACH, FUSED, FUSED_EACH, ROWS, THEIRS_REST, right_answer


def round_(added_us: float, ratio: float) -> Round:
    """One in which the fused chain costs so much more than the model alone, and does so many times as much."""
    alone = Sample(per_second=9000, p50_us=100, cpu_us=50)
    return {
        (ALONE, 1): alone,
        (FUSED, 1): Sample(per_second=100 * ratio, p50_us=100 + added_us, cpu_us=60, errors=1),
        (ALONE_EACH, 1): alone,
        (FUSED_EACH, 1): Sample(per_second=9000, p50_us=100 + added_us / 2, cpu_us=60),
        (THEIRS_REST, 1): Sample(per_second=100, p50_us=9000, cpu_us=8000),
    }


def test_ratios_are_those_of_a_round() -> None:
    out = io.StringIO()
    Console(file=out, width=120).print(table([round_(10, 2), round_(20, 40), round_(30, 30)], 1))
    (fused,) = [line.split("│")[1:-1] for line in out.getvalue().splitlines() if "fused " in line and "no" not in line]
    assert [cell.strip() for cell in fused] == ["fused", "3,000", "120", "60", "30.0", "3"]


@pytest.mark.parametrize(("added_us", "word"), [(29, "reached"), (31, "missed")])
def test_the_aim_is_said(added_us: float, word: str) -> None:
    batched, each = aims([round_(added_us, 2), round_(added_us, 3), round_(900, 2)])
    assert f"fused, add {added_us} µs to half of the answers" in batched
    assert batched.endswith(f"(aim: 30 µs, {word})")
    assert f"{FUSED_EACH}, add " in each
    assert each.endswith("(aim: 30 µs, reached)")


def test_the_right_answer_is_that_of_the_classes() -> None:
    ((alone,), (chain,)) = right_answer(ALONE), right_answer(FUSED)
    assert len(ROWS) == 1
    assert sum(alone) == pytest.approx(1)
    assert sum(chain) == pytest.approx(100)
