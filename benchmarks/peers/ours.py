"""Ourselves, as `infergraph run` serves."""

from benchmarks.peers import messages
from benchmarks.peers.server import OURS, Server, Target

PREDICTIONS = "/api/v1.0/predictions"
SELDON = "/seldon.protos.Seldon/Predict"
V2 = "/inference.GRPCInferenceService/ModelInfer"


def _run(manifest: str, *options: str) -> tuple[tuple[str, ...], ...]:
    artifact = "gs://benchmarks/iris={models}"
    command = ("{bin}/infergraph", "run", f"{{apps}}/{manifest}.yaml", "--artifact", artifact, *options)
    return ((*command, "--port", "{http}", "--grpc-port", "{grpc}"),)


def seldon(case: str) -> Target:
    return Target(case=case, protocol="seldon REST", path=PREDICTIONS, form=messages.SELDON)


IRIS = (
    seldon("iris"),
    Target(case="iris", protocol="v2 REST", path="/v2/models/iris/infer", form=messages.V2),
    Target(case="iris", protocol="seldon gRPC", path=SELDON, form=messages.SELDON_GRPC, is_grpc=True, port="grpc"),
    Target(case="iris", protocol="v2 gRPC", path=V2, form=messages.V2_GRPC, is_grpc=True, port="grpc"),
)
GRPC = tuple(target for target in IRIS if target.is_grpc)
NATIVE = ("--grpc-server", "native")
IDENTITY = (
    seldon("echo"),
    Target(
        case="identity",
        protocol="v2 REST, binary",
        path="/v2/models/identity/infer",
        form=messages.V2_BINARY,
    ),
    Target(case="identity", protocol="v2 REST", path="/v2/models/identity/infer", form=messages.V2),
    seldon("identity"),
    Target(
        case="identity",
        protocol="seldon gRPC, tftensor",
        path=SELDON,
        form=messages.SELDON_GRPC_TFTENSOR,
        is_grpc=True,
        port="grpc",
    ),
    Target(
        case="identity", protocol="v2 gRPC, raw", path=V2, form=messages.V2_GRPC_IDENTITY, is_grpc=True, port="grpc"
    ),
)


def our_server(name: str, settings: str, manifest: str, targets: tuple[Target, ...], *options: str) -> Server:
    """`infergraph run` of one manifest, with options."""
    return Server(
        name=name,
        environment=OURS,
        settings=settings,
        commands=_run(manifest, *options),
        targets=targets,
        env={"MODEL": "{models}/model.joblib"},
    )


def our_servers(*, has_workers: bool) -> list[Server]:
    """Our configurations. Several workers only where the command knows the option."""
    one = ("--workers", "1") if has_workers else ()
    servers = [
        our_server("infergraph", "one worker", "iris", IRIS, *one),
        our_server("infergraph, native gRPC", "one worker, --grpc-server native", "iris", GRPC, *one, *NATIVE),
        our_server("infergraph identity", "one worker", "identity", IDENTITY, *one),
        our_server("infergraph class", "one worker", "class", (seldon("class"),), *one),
        our_server("infergraph graph", "one worker", "graph", (seldon("graph"),), *one),
    ]
    if has_workers:
        servers.insert(1, our_server("infergraph ×2", "two workers", "iris", IRIS, "--workers", "2"))
    return servers
