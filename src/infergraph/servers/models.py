"""The deployment as other protocols see it: models with versions, inputs and outputs.

Every unit's name and the deployment's own mean the same thing, the whole graph: a request runs the graph.
"""

from typing import Any

from infergraph.errors import ComponentFailed, NotFound
from infergraph.payloads.payload import JsonObject
from infergraph.payloads.v2_response import DEFAULT_NAME, Model
from infergraph.servers.served import Served

ONLY_VERSION = "1"
_DATATYPES = {"strData": "BYTES", "binData": "BYTES", "jsonData": "BYTES"}


class Models:
    """The models of one deployment."""

    def __init__(self, served: Served) -> None:
        self._served = served
        predictors = served.deployment.spec.predictors
        units = {unit.name: None for predictor in predictors for unit in predictor.units()}
        self.names = tuple({served.deployment.name: None, **units})
        self._known: dict[str, Model] = {}

    def model(self, name: str, version: str = "") -> Model:
        """The model as an answer names it. An empty version means the one that there is.

        :raises NotFound: for another name or version.
        :raises NotReady: before everything is loaded.
        """
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._described(name)
        if version and version not in (known.version, ONLY_VERSION):
            raise NotFound(f"There is no version {version!r:.60} of model {name}; it has version {known.version}")
        return known

    def metadata(self, name: str, version: str = "") -> JsonObject:
        """What is known of a model (Open Inference Protocol, Model Metadata). :raises NotFound: as `model`."""
        known = self.model(name, version)
        own, graph = self._own(name), self._served.metadata()
        inputs = _tensors(graph["graphinputs"], "input")
        outputs = _tensors(graph["graphoutputs"], DEFAULT_NAME)
        described = {"name": name, "versions": [known.version], "platform": str(own.get("platform") or "")}
        return {**described, "inputs": inputs, "outputs": outputs}

    def _described(self, name: str) -> Model:
        if name not in self.names:
            raise NotFound(f"There is no model {name!r:.100}; the models are {', '.join(self.names):.1000}")
        _ = self._served.executable
        try:
            versions = self._own(name).get("versions")
            outputs = _tensors(self._served.metadata()["graphoutputs"], DEFAULT_NAME)
        except ComponentFailed:  # a unit that cannot say what it is can still answer
            return Model(name, ONLY_VERSION)
        first = versions[0] if isinstance(versions, list) and versions else None
        version = first if isinstance(first, str) and first else ONLY_VERSION
        return Model(name, version, outputs[0]["name"] if outputs else DEFAULT_NAME)

    def _own(self, name: str) -> JsonObject:
        """The metadata of the unit; the root of the main predictor speaks for the deployment."""
        served = self._served
        unit = served.main.graph.name if name == served.deployment.name else name
        return served.component(unit).metadata()


def _tensors(declared: Any, default: str) -> list[JsonObject]:
    """What a component declares of its inputs or outputs in either form of SELDON_V1 §4.3, in that of v2."""
    if not isinstance(declared, list):
        return []
    return [_tensor(one, default if not index else f"{default}_{index}") for index, one in enumerate(declared)]


def _tensor(one: Any, default: str) -> JsonObject:
    one = one if isinstance(one, dict) else {}
    schema = one.get("schema") if isinstance(one.get("schema"), dict) else {}
    name, kind = one.get("name"), one.get("messagetype")
    is_v2 = isinstance(one.get("datatype"), str)
    shape = one.get("shape") or schema.get("shape")
    sizes = [size for size in shape if isinstance(size, int)] if isinstance(shape, list) else [1]
    return {
        "name": name if isinstance(name, str) and name else default,
        "datatype": one["datatype"] if is_v2 else _DATATYPES.get(str(kind), "FP64"),
        "shape": sizes if is_v2 else [-1, *sizes],  # the seldon form says the shape of one row
    }
