import re
import tomllib

import pytest

from infergraph.errors import LoadError
from infergraph.runtimes.catalog import RUNTIMES, runtime_class
from tests.serving import ROOT

PAGE = (ROOT / "docs/runtimes.md").read_text()
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("implementation", sorted(RUNTIMES))
def test_each_is_imported_without_its_package_and_stands_on_the_page(implementation: str) -> None:
    found = runtime_class(implementation)
    assert found.__doc__
    row = re.search(rf"^\| `{implementation}`.*?\| `(\w+)` \|(.*?)\|(.*?)\|", PAGE, re.MULTILINE)
    assert row
    assert row[1] in EXTRAS
    for file in getattr(found, "files", ()):
        assert f"`{file}`" in row[2]


def test_one_that_there_is_not() -> None:
    with pytest.raises(
        LoadError, match=r"there is no server MY_SERVER here; there is CATBOOST_SERVER, .*XGBOOST_SERVER"
    ):
        runtime_class("MY_SERVER")
