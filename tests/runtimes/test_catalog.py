import inspect
import re
import tomllib

import pytest

from infergraph.errors import LoadError
from infergraph.runtimes.catalog import ELSEWHERE, RUNTIMES, runtime_class
from tests.serving import ROOT

PAGE = (ROOT / "docs/runtimes.md").read_text()
UNTOLD = {"model_uri", "model_input", "optimum_model", "framework"}  # ours to give, or without effect
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("implementation", sorted(RUNTIMES))
def test_each_is_imported_without_its_package_and_stands_on_the_page(implementation: str) -> None:
    found = runtime_class(implementation)
    assert found.__doc__
    row = re.search(rf"^\| `{implementation}`.*?\| `(\w+)` \|(.*?)\|(.*?)\|", PAGE, re.MULTILINE)
    assert row
    assert row[1] in EXTRAS
    for parameter in inspect.signature(found).parameters.keys() - UNTOLD:
        assert f"`{parameter}`" in row[3]
    for file in getattr(found, "files", ()):
        assert f"`{file}`" in row[2]


def test_one_that_there_is_not() -> None:
    with pytest.raises(
        LoadError, match=r"there is no server MY_SERVER here; there is CATBOOST_SERVER, .*XGBOOST_SERVER"
    ):
        runtime_class("MY_SERVER")


@pytest.mark.parametrize("implementation", ELSEWHERE)
def test_one_that_runs_by_its_own_image_may_run_already(implementation: str) -> None:
    with pytest.raises(LoadError, match=f"no server {implementation} here, .* --endpoint UNIT=host:port"):
        runtime_class(implementation)
