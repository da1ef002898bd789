"""What the user declares: the types of a SeldonDeployment, defaults, validation.

Belongs here: the manifest as immutable types, reading it from YAML or JSON, its rules, its defaults. All pure: the
same manifest gives the same result on a laptop and on a cluster.
MUST NOT be here: anything that loads a model, opens a socket, or knows how a request flows.
"""

from infergraph.declaration.autoscaling import HpaSpec, KedaSpec, PdbSpec
from infergraph.declaration.container import Container, ContainerPort, EnvVar, ResourceRequirements, VolumeMount
from infergraph.declaration.default_settings import DefaultSettings
from infergraph.declaration.defaults import defaulted
from infergraph.declaration.deployment import API_VERSIONS, GROUP, KIND, DeploymentSpec, SeldonDeployment
from infergraph.declaration.explainer import Explainer, ExplainerType
from infergraph.declaration.hosts import container_service_name, has_separate_engine
from infergraph.declaration.kinds import Skipped
from infergraph.declaration.manifest import (
    KNOWN_SERVERS,
    Manifest,
    Reading,
    inspect_manifests,
    inspect_text,
    read_manifests,
)
from infergraph.declaration.metadata import ObjectMeta
from infergraph.declaration.parameter import Parameter, ParameterType
from infergraph.declaration.pod import PodSpec, SeldonPodSpec
from infergraph.declaration.predictor import Predictor, Ssl, SvcOrchSpec
from infergraph.declaration.problem import Problem
from infergraph.declaration.rules import check_rules
from infergraph.declaration.server import DEFAULT_SERVERS, PrepackagedServer, ServerImage
from infergraph.declaration.unit import (
    BUILT_IN_IMPLEMENTATIONS,
    UNKNOWN_IMPLEMENTATION,
    Endpoint,
    EndpointType,
    Logger,
    LoggerMode,
    Method,
    PredictiveUnit,
    UnitType,
)

__all__ = [
    "API_VERSIONS",
    "BUILT_IN_IMPLEMENTATIONS",
    "DEFAULT_SERVERS",
    "GROUP",
    "KIND",
    "KNOWN_SERVERS",
    "UNKNOWN_IMPLEMENTATION",
    "Container",
    "ContainerPort",
    "DefaultSettings",
    "DeploymentSpec",
    "Endpoint",
    "EndpointType",
    "EnvVar",
    "Explainer",
    "ExplainerType",
    "HpaSpec",
    "KedaSpec",
    "Logger",
    "LoggerMode",
    "Manifest",
    "Method",
    "ObjectMeta",
    "Parameter",
    "ParameterType",
    "PdbSpec",
    "PodSpec",
    "PredictiveUnit",
    "Predictor",
    "PrepackagedServer",
    "Problem",
    "Reading",
    "ResourceRequirements",
    "SeldonDeployment",
    "SeldonPodSpec",
    "ServerImage",
    "Skipped",
    "Ssl",
    "SvcOrchSpec",
    "UnitType",
    "VolumeMount",
    "check_rules",
    "container_service_name",
    "defaulted",
    "has_separate_engine",
    "inspect_manifests",
    "inspect_text",
    "read_manifests",
]
