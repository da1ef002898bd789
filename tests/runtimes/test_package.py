import sys
from importlib.machinery import ModuleSpec

import pytest

from infergraph.errors import LoadError
from infergraph.runtimes.package import needed


def test_a_module_that_is_there() -> None:
    assert needed("json", server="S", extra="e").dumps([1]) == "[1]"


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(LoadError, match=r'^XGBOOST_SERVER needs no_such: pip install "infergraph\[xgboost\]" \(No mod'):
        needed("no_such", server="XGBOOST_SERVER", extra="xgboost")


class Unlinked:
    """Finds a package whose library is linked to one that is not there."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name == "unlinked":
            raise OSError("libgomp.so.1: cannot open shared object file")
        return None


def test_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Unlinked(), *sys.meta_path])
    with pytest.raises(LoadError, match=r"needs unlinked: .*\(libgomp\.so\.1: cannot open"):
        needed("unlinked", server="S", extra="e")
