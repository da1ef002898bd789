"""A user's class, found beside the manifest and built: each failure is a sentence."""

from pathlib import Path

import pytest

from infergraph.components.python_class import build
from infergraph.errors import LoadError

pytestmark = pytest.mark.usefixtures("fresh_process")


def test_builds_with_typed_parameters(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("class A:\n    def __init__(self, n, s='x'):\n        self.n, self.s = n, s\n")
    built = build("mine:A", tmp_path, {"n": 3}, "u")
    assert (built.n, built.s) == (3, "x")  # type: ignore[attr-defined]


@pytest.mark.parametrize("spec", ["Model", "Model.Model", "Model:Model"])
def test_the_v1_ways_to_name_a_class(spec: str, tmp_path: Path) -> None:
    (tmp_path / "Model.py").write_text("class Model: pass\n")
    assert type(build(spec, tmp_path, {}, "u")).__name__ == "Model"


def test_a_path_before_it_is_the_folder_that_it_is_in(tmp_path: Path) -> None:
    (tmp_path / "scaler/src").mkdir(parents=True)
    (tmp_path / "scaler/src/scaling.py").write_text("import beside_scaling\nclass A:\n    n = beside_scaling.N\n")
    (tmp_path / "scaler/src/beside_scaling.py").write_text("N = 8\n")
    assert build("scaler/src/scaling:A", tmp_path, {}, "u").n == 8  # type: ignore[attr-defined]
    with pytest.raises(LoadError, match=r"there is no module `absent_there` in .*/scaler nor installed here"):
        build("scaler/absent_there:A", tmp_path, {}, "u")


def test_modules_beside_it_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "besides.py").write_text("N = 7\n")
    (tmp_path / "uses.py").write_text("import besides\nclass A:\n    n = besides.N\n")
    assert build("uses:A", tmp_path, {}, "u").n == 7  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("source", "spec", "message"),
    [
        ("", "", "unit `u`: '' names no class; expected MODULE:CLASS"),
        ("", ":A", "':A' names no class"),
        ("", "absent:A", "unit `u`: absent:A: there is no module `absent` in"),
        ("class B: pass\nclass C: pass", "m1:A", "the module has no class `A`; its classes are B, C"),
        ("import numpy as A", "m2:A", "the module has no class `A`; its classes are none"),
        ("import nothing_like_it", "m3:A", "imports `nothing_like_it`, which is not installed"),
        ("x = \n", "m4:A", "m4:A does not import: SyntaxError"),
        ("x = 1\n1/0", "m5:A", "does not import: ZeroDivisionError: division by zero (m5.py, line 2)"),
        ("import sys; sys.exit(3)", "m6:A", "does not import: SystemExit: 3"),
        ("class A:\n  def __init__(self, a): pass", "m7:A", "cannot be built with n=1: TypeError"),
        ("class A:\n  def __init__(self, n):\n    raise OSError('no')", "m8:A", "OSError: no (m8.py, line 3)"),
    ],
)
def test_failures_are_sentences(source: str, spec: str, message: str, tmp_path: Path) -> None:
    if source:
        (tmp_path / f"{spec.partition(':')[0]}.py").write_text(source)
    with pytest.raises(LoadError) as failed:
        build(spec, tmp_path, {"n": 1}, "u")
    assert message in str(failed.value)
    assert "\n" not in str(failed.value)


def test_two_modules_of_one_name(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text("class A: pass\n")
    build("same:A", tmp_path / "one", {}, "u")
    with pytest.raises(LoadError, match="another module named `same` is loaded already"):
        build("same:A", tmp_path / "two", {}, "u")
