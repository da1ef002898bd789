"""The component that a microservice serves, as the command line and the environment declare it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from infergraph.declaration import DeploymentSpec, ObjectMeta, PredictiveUnit, Predictor, SeldonDeployment

METRICS_PATH = "/metrics"


class UnitPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A component to serve alone (SELDON_V1 §4.4).

    ``python_class`` is ``module:Class``, found in ``folder`` first and built with ``parameters``. ``unit``, ``image``,
    ``deployment``, ``predictor`` and ``predictor_version`` say where in which graph it is, empty where nobody knows.
    ``threads`` is how many calls may run at the same time. ``metrics_port`` is the port that has the metrics alone,
    beside the one that has everything; None for none, and one that nobody chose gives way when it is in use.
    ``shows_metrics`` puts what the component reports into its answers, ``counts_feedback`` counts what it gets,
    ``passes_payload`` hands it the bytes of
    predictions, ``described`` goes before what it says of itself.
    A worker is replaced after ``max_requests`` requests and up to ``max_requests_jitter`` more, 0 is never.
    """

    python_class: str
    folder: Path
    parameters: Mapping[str, int | float | str | bool] = {}
    unit: str = ""
    image: str = ""
    deployment: str = ""
    predictor: str = ""
    predictor_version: str = ""
    annotations: Mapping[str, str] = {}
    threads: int = 1
    max_requests: int = 0
    max_requests_jitter: int = 0
    metrics_port: int | None = None
    is_metrics_port_chosen: bool = True
    metrics_path: str = METRICS_PATH
    shows_metrics: bool = True
    counts_feedback: bool = True
    passes_payload: bool = False
    logs_access: bool = False
    log_level: str = "INFO"
    described: Mapping[str, Any] = {}

    @property
    def name(self) -> str:
        """What messages and logs call the component: its id in the graph, or else its class."""
        return self.unit or self.python_class.rpartition(":")[2].rpartition(".")[2]

    def declared(self) -> SeldonDeployment:
        """The deployment of this unit alone, so that its limits and labels are found as those of any other."""
        labels = {"version": self.predictor_version} if self.predictor_version else {}
        predictor = Predictor(name=self.predictor, labels=labels, graph=PredictiveUnit(name=self.name))
        return SeldonDeployment(
            metadata=ObjectMeta(name=self.deployment, annotations=self.annotations),
            spec=DeploymentSpec(predictors=(predictor,)),
        )
