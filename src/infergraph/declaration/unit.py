"""One unit of an inference graph."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct, field

from infergraph.declaration.int32 import Int32
from infergraph.declaration.parameter import Parameter

UNKNOWN_IMPLEMENTATION = "UNKNOWN_IMPLEMENTATION"
"""What the manifest may say for "my own container"; the same as saying nothing."""


class UnitType(StrEnum):
    """What a unit does with a request (SELDON_V1 §1.5)."""

    UNKNOWN_TYPE = "UNKNOWN_TYPE"  # what its methods say
    ROUTER = "ROUTER"  # chooses one of its children
    COMBINER = "COMBINER"  # makes one answer of its children's answers
    MODEL = "MODEL"  # predicts
    TRANSFORMER = "TRANSFORMER"  # changes the request on its way down
    OUTPUT_TRANSFORMER = "OUTPUT_TRANSFORMER"  # changes the answer on its way up


_BUILT_IN_ROLES = {
    "SIMPLE_MODEL": UnitType.MODEL,
    "SIMPLE_ROUTER": UnitType.ROUTER,
    "RANDOM_ABTEST": UnitType.ROUTER,
    "AVERAGE_COMBINER": UnitType.COMBINER,
}

BUILT_IN_IMPLEMENTATIONS = frozenset({UNKNOWN_IMPLEMENTATION, *_BUILT_IN_ROLES})
"""SELDON_V1 §1.5: the implementations that need no server of their own."""


class Method(StrEnum):
    """What a unit can be asked, for units whose type does not say it."""

    TRANSFORM_INPUT = "TRANSFORM_INPUT"  # change the request on its way down
    TRANSFORM_OUTPUT = "TRANSFORM_OUTPUT"  # change the answer on its way up
    ROUTE = "ROUTE"  # choose one of the children
    AGGREGATE = "AGGREGATE"  # make one answer of several
    SEND_FEEDBACK = "SEND_FEEDBACK"  # learn from a reward


class EndpointType(StrEnum):
    """How a unit is called over the network."""

    REST = "REST"  # JSON over HTTP
    GRPC = "GRPC"  # protobuf over HTTP/2


class LoggerMode(StrEnum):
    """Which payloads of a unit are logged."""

    ALL = "all"  # requests and answers
    REQUEST = "request"  # requests only
    RESPONSE = "response"  # answers only


class Endpoint(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where a unit listens. Defaulting fills it (SELDON_V1 §1.8)."""

    service_host: str = field(default="", name="service_host")
    service_port: Int32 | None = field(default=None, name="service_port")
    type: EndpointType | None = None
    http_port: Int32 | None = None
    grpc_port: Int32 | None = None


class Logger(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where the payloads of a unit are sent, and which."""

    url: str = ""
    mode: LoggerMode | None = None


class PredictiveUnit(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """SELDON_V1 §1.5: one node of the graph, with the nodes below it."""

    name: str
    children: tuple["PredictiveUnit", ...] = ()
    type: UnitType | None = None
    implementation: str = ""
    methods: tuple[Method, ...] = ()
    endpoint: Endpoint | None = None
    parameters: tuple[Parameter, ...] = ()
    model_uri: str = ""
    service_account_name: str = ""
    env_secret_ref_name: str = ""
    storage_initializer_image: str = ""
    logger: Logger | None = None

    @property
    def role(self) -> UnitType | None:
        """What the unit is: its type, or what a built-in implementation is where no type is given."""
        if self.type in (None, UnitType.UNKNOWN_TYPE):
            return _BUILT_IN_ROLES.get(self.implementation, self.type)
        return self.type

    @property
    def has_implementation(self) -> bool:
        """Whether the code behind the unit is named by ``implementation`` rather than by a container."""
        return self.implementation not in {"", UNKNOWN_IMPLEMENTATION}

    @property
    def is_prepackaged(self) -> bool:
        """Whether a prepackaged server runs it: an implementation, and none of the built-in ones."""
        return self.implementation != "" and self.implementation not in BUILT_IN_IMPLEMENTATIONS

    @property
    def names_a_server(self) -> bool:
        """Whether a TENSORFLOW_SERVER is asked for that runs already, and has its model (SELDON_V1 §5.3)."""
        named = (self.parameter("rest_endpoint"), self.parameter("grpc_endpoint"))
        return self.implementation == "TENSORFLOW_SERVER" and any(one and one.value for one in named)

    def has_method(self, method: Method) -> bool:
        """Whether ``methods`` names it. What the type implies is the graph's matter (SELDON_V1 §3.2)."""
        return method in self.methods

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called ``name``."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def walk(self) -> Iterator["PredictiveUnit"]:
        """The unit and all below it, parents first, children in their order."""
        yield self
        for child in self.children:
            yield from child.walk()
