"""What the stand-in's modules do, under the names that users import them by."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infergraph.components import compat
from infergraph.components.metrics import checked_metrics


@pytest.fixture(autouse=True)
def _offered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stand-in, for one test."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = dict(sys.modules)
    compat.offer()
    yield
    for name in sys.modules.keys() - before.keys():
        if name.partition(".")[0] == "seldon_core":
            del sys.modules[name]


def module(name: str) -> Any:
    return importlib.import_module(f"seldon_core.{name}")


def test_it_is_offered_once_and_last() -> None:
    compat.offer()
    assert [type(finder).__name__ for finder in sys.meta_path].count("StandIn") == 1
    assert type(sys.meta_path[-1]).__name__ == "StandIn"


def test_a_component_without_methods_refuses_each() -> None:
    user_model = module("user_model")
    component = user_model.SeldonComponent(any_parameter=1)
    component.load()
    methods = [name for name in vars(user_model.SeldonComponent) if not name.startswith("_") and name != "load"]
    assert len(methods) == 20
    for name in methods:
        method = getattr(component, name)
        count = method.__func__.__code__.co_argcount - 1 - len(method.__func__.__defaults__ or ())
        with pytest.raises(user_model.SeldonNotImplementedError, match=f"{name} is not implemented"):
            method(*[None] * count)


def test_the_exception_has_the_wrappers_body() -> None:
    kind = module("flask_utils").SeldonMicroserviceException
    assert kind("m").status_code == 400
    error = kind("m", 418, {"x": 1}, "TEAPOT")
    assert (error.status_code, error.payload, str(error)) == (418, {"x": 1}, "m")
    assert error.to_dict() == {"status": {"status": 1, "info": "m", "code": -1, "reason": "TEAPOT"}}
    assert issubclass(module("user_model").SeldonNotImplementedError, kind)


def test_metrics_are_those_that_are_taken() -> None:
    metrics = module("metrics")
    made = [metrics.create_counter("a", 1), metrics.create_gauge("b", 2.5), metrics.create_timer("c", 3)]
    assert checked_metrics(made, "unit") == made
    assert [metric["type"] for metric in made] == ["COUNTER", "GAUGE", "TIMER"]
    assert metrics.validate_metrics(made)
    assert not metrics.validate_metrics([{"key": "a"}])
    assert not metrics.validate_metrics("a")
    with pytest.raises(ValueError, match="could not convert"):
        metrics.create_counter("a", "many")


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    utils, env_utils = module("utils"), module("env_utils")
    monkeypatch.setenv("SET", "True")
    monkeypatch.delenv("PREDICTIVE_UNIT_ID", raising=False)
    assert utils.getenv("UNSET", "SET") == "True"
    assert utils.getenv("UNSET", default=3) == 3
    assert utils.getenv_as_bool("UNSET", "SET")
    assert not utils.getenv_as_bool("UNSET")
    assert env_utils.get_model_name() == "NOT_IMPLEMENTED"
    monkeypatch.setenv("PREDICTIVE_UNIT_ID", "unit")
    assert env_utils.get_model_name() == "unit"
    assert (env_utils.get_deployment_name("d"), env_utils.get_predictor_name("p")) == ("d", "p")
    assert env_utils.get_image_name() == "NOT_IMPLEMENTED:NOT_IMPLEMENTED"


@pytest.mark.parametrize("kind", ["ndarray", "tensor"])
def test_arrays_become_messages_and_come_back(kind: str) -> None:
    utils = module("utils")
    array = np.array([[1.0, 2.0]])
    data = utils.array_to_grpc_datadef(kind, array, ["a", "b"])
    assert list(data.names) == ["a", "b"]
    assert utils.grpc_datadef_to_array(data).tolist() == [[1.0, 2.0]]
    written = utils.array_to_rest_datadef(kind, array, ["a", "b"])
    assert written == {
        "names": ["a", "b"],
        **({"ndarray": [[1.0, 2.0]]} if kind == "ndarray" else {"tensor": {"shape": [1, 2], "values": [1.0, 2.0]}}),
    }
    assert utils.extract_request_parts_json({"data": written})[0].tolist() == [[1.0, 2.0]]


def test_messages_become_json_and_come_back() -> None:
    utils = module("utils")
    message = {"meta": {"tags": {"a": 1.0}}, "data": {"ndarray": [[1.0, 2.0]]}}
    proto = utils.json_to_seldon_message(message)
    assert isinstance(proto, module("proto.prediction_pb2").SeldonMessage)
    assert utils.seldon_message_to_json(proto) == message
    assert utils.get_meta_from_proto(proto) == {"tags": {"a": 1.0}}
    assert utils.get_data_from_proto(proto).tolist() == [[1.0, 2.0]]
    data, meta, part, kind = utils.extract_request_parts(proto)
    assert (data.tolist(), meta, kind) == ([[1.0, 2.0]], {"tags": {"a": 1.0}}, "data")
    assert part == proto.data
    assert utils.extract_request_parts_json({"strData": "a"}) == ("a", None, None, "strData")
    listed = utils.json_to_seldon_messages([message, message])
    assert len(utils.seldon_messages_to_json(listed)["seldonMessages"]) == 2
    assert utils.feedback_to_json(utils.json_to_feedback({"reward": 0.5})) == {"reward": 0.5}


def test_a_message_that_is_none_is_a_callers_mistake() -> None:
    utils = module("utils")
    for wrong in (utils.json_to_seldon_message, utils.extract_request_parts_json):
        with pytest.raises(module("flask_utils").SeldonMicroserviceException) as raised:
            wrong({"x": 1})
        assert raised.value.status_code == 400


def test_local_model_files_are_found(tmp_path: Path) -> None:
    storage = module("storage").Storage
    (tmp_path / "model").mkdir()
    (tmp_path / "model/model.joblib").write_text("x")
    assert storage.download(f"file://{tmp_path}/model") == f"{tmp_path}/model"
    assert storage.download(f"{tmp_path}/model", f"{tmp_path}/out") == f"{tmp_path}/out"
    assert (tmp_path / "out/model.joblib").read_text() == "x"
