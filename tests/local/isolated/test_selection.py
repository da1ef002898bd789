"""Which units are isolated, and what they are started with."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infergraph.declaration import read_manifests
from infergraph.errors import LoadError
from infergraph.local.isolated.selection import isolated_units
from infergraph.local.isolated.unit import IsolatedUnit
from infergraph.local.plan import Plan
from infergraph.servers.limits import Limits
from tests.local.isolated.test_isolation import CLASSES, GRAPH, PARAMETERS, manifest, unit

MODELS = {name: f"my:{component}" for name, component in CLASSES.items()}
PREPACKAGED = {"implementation": "SKLEARN_SERVER", "modelUri": "./iris"}


def plan(*paths: Path, isolated: tuple[str, ...], **fields: Any) -> Plan:
    return Plan(manifests=read_manifests(paths), isolated=isolated, **fields)


def one(path: Path, name: str, **fields: Any) -> IsolatedUnit:
    (found,) = isolated_units(plan(path, isolated=(name,), **fields))
    return found


def variables(found: IsolatedUnit, model: Path | None = None) -> dict[str, Any]:
    """Those of JSON as what they say."""
    given = found.variables(9, model)
    return {name: json.loads(text) if text[:1] in "[{" else text for name, text in given.items()}


def test_a_unit_is_started_as_the_operator_would(tmp_path: Path) -> None:
    found = one(manifest(tmp_path), "scale", classes=MODELS)
    assert (found.python_class, found.folder, found.requirements) == ("my:Scale", tmp_path, None)
    assert variables(found) == {
        "MODE": "fast",
        "PREDICTIVE_UNIT_ID": "scale",
        "PREDICTIVE_UNIT_IMAGE": "shop/scale:1",
        "PREDICTIVE_UNIT_PARAMETERS": PARAMETERS,
        "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": "9",
        "PREDICTIVE_UNIT_SERVICE_PORT": "9",
        "PREDICTOR_ID": "p",
        "PREDICTOR_LABELS": {"version": "p"},
        "SELDON_DEPLOYMENT_ID": "g",
    }
    assert found.arguments(9)[:6] == ["microservice", "my:Scale", "--host", "127.0.0.1", "--http-port", "9"]


def test_a_servers_files_come_as_a_parameter_and_a_classs_as_a_variable(tmp_path: Path) -> None:
    path = manifest(tmp_path, unit("mean", "MODEL", **PREPACKAGED))
    server = one(path, "mean")
    assert server.python_class == "infergraph.runtimes.sklearn:SklearnServer"
    given = variables(server, Path("/files"))
    assert given["PREDICTIVE_UNIT_PARAMETERS"] == [{"name": "model_uri", "value": "/files", "type": "STRING"}]
    given = variables(one(path, "mean", classes=MODELS), Path("/files"))
    assert given["MLSERVER_MODEL_URI"] == "/files"
    assert "PREDICTIVE_UNIT_PARAMETERS" not in given


def test_the_folder_of_a_class_says_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "scaler").mkdir()
    (tmp_path / "scaler/requirements.txt").touch()
    found = one(manifest(tmp_path), "scale", classes={"scale": "scaler/mine:Scale"})
    assert (found.python_class, found.folder) == ("mine:Scale", tmp_path / "scaler")
    assert found.requirements == tmp_path / "scaler/requirements.txt"


def test_what_the_engine_lets_pass_passes_there_too(tmp_path: Path) -> None:
    found = one(manifest(tmp_path), "scale", classes=MODELS, limits={"body_bytes": 1000, "queue_length": 7})
    flags = dict(flag.split("=") for flag in found.arguments(9) if "=" in flag)
    assert flags["--queue-length"] == "7"
    assert int(flags["--body-bytes"]) == 8000
    assert flags.keys() == {f"--{name.replace('_', '-')}" for name in msgspec.structs.asdict(Limits())}


def test_all_are_those_whose_code_is_here(tmp_path: Path) -> None:
    units = [
        unit("scale", "MODEL", endpoint={"service_host": "far", "httpPort": 1}),
        unit("b", "MODEL", implementation="SIMPLE_MODEL"),
        unit("mean", "MODEL"),
        unit("other", "MODEL"),
        unit("server", "MODEL", **PREPACKAGED),
    ]
    path = manifest(tmp_path, unit("sum", "COMBINER", *units))
    given = {"classes": {"mean": "my:Mean"}, "endpoints": {"sum": "near:1"}}
    assert [found.name for found in isolated_units(plan(path, isolated=("all",), **given))] == ["mean", "server"]


def test_a_deployment_before_the_name_tells_units_apart(tmp_path: Path) -> None:
    paths = [manifest(tmp_path, GRAPH, name) for name in ("a", "b")]
    both = isolated_units(plan(*paths, isolated=("mean",), classes=MODELS))
    assert [(found.deployment, found.name) for found in both] == [("a", "mean"), ("b", "mean")]
    one_of_them = isolated_units(plan(*paths, isolated=("b/mean",), classes=MODELS))
    assert [(found.deployment, found.name) for found in one_of_them] == [("b", "mean")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nobody", "--isolate nobody: there is no such unit; the units are mean, simple, sum"),
        ("other/mean", "--isolate other/mean: there is no such unit"),
        ("simple", "--isolate simple: SIMPLE_MODEL is built in, and has no code to run in another process"),
        ("g/sum", "--isolate g/sum and --endpoint sum=… contradict each other"),
        ("mean", "(shop/mean:1) runs code that is not here. Name its class with the unit's parameter `python_class`"),
        ("mean", "or with --component mean=module:Class; where it runs already, say --endpoint mean=host:port instead"),
    ],
)
def test_a_unit_without_code_is_refused(tmp_path: Path, name: str, told: str) -> None:
    simple = unit("simple", "MODEL", implementation="SIMPLE_MODEL")
    path = manifest(tmp_path, unit("sum", "COMBINER", unit("mean", "MODEL"), simple))
    with pytest.raises(LoadError) as raised:
        isolated_units(plan(path, isolated=(name,), endpoints={"sum": "near:1"}))
    assert told in str(raised.value)
