"""Which methods count as a class's own."""

from typing import Any

from infergraph.components.method import is_not_implemented, is_v1_component, method_of, own
from tests.servers.microservice.derived import Derived, SeldonNotImplementedError


class Plain:
    class_names = ("a", "b")

    def predict(self) -> None: ...


def test_what_a_plain_class_has_is_its_own() -> None:
    plain = Plain()
    assert method_of(plain, "predict") == plain.predict
    assert method_of(plain, "class_names") is None
    assert own(plain, "class_names") == ("a", "b")
    assert own(plain, "tags") is None
    assert not is_v1_component(plain)


def test_what_is_inherited_from_the_v1_base_is_not() -> None:
    derived: Any = Derived()
    assert method_of(derived, "predict") is not None
    assert [name for name in ("tags", "route", "predict_raw", "load") if own(derived, name)] == []
    assert is_v1_component(derived)


def test_the_v1_way_to_say_not_implemented() -> None:
    class Narrower(SeldonNotImplementedError):
        pass

    assert is_not_implemented(Narrower())
    assert not is_not_implemented(NotImplementedError())
