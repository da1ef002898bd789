"""What the v2 protocol tells of a server's models beside their answers, the same over REST and gRPC."""

from collections.abc import Sequence
from typing import Any

from infergraph import __version__
from infergraph.payloads.datatypes import BYTES, DTYPES
from infergraph.payloads.payload import JsonObject
from infergraph.servers.models import Models
from infergraph.servers.served import Served
from infergraph.servers.statistics import Statistics

SERVER: JsonObject = {
    "name": "infergraph",
    "version": __version__,
    "extensions": ["binary_tensor_data", "model_configuration", "model_repository_index", "statistics"],
}
MAX_BATCH_SIZE = 1024
"""What Triton's tools are told where any number of rows will do: they want a number, and try up to it."""

_NEVER = {"count": 0, "ns": 0}
_LOADING = "models are loading, or the server goes down"


def statistics_of(counts: Statistics, models: Models, name: str, version: str) -> JsonObject:
    """Triton's statistics extension; a count of 0 is that of a figure which is not taken here.

    A request counts as one inference, whatever the number of its rows. :raises NotFound: for another version.
    """
    success = {"count": counts.success_count, "ns": counts.success_ns}
    times = dict.fromkeys(("queue", "compute_input", "compute_output", "cache_hit", "cache_miss"), _NEVER)
    return {
        "name": name,
        "version": models.model(name, version).version,
        "last_inference": counts.last_inference_ms,
        "inference_count": counts.success_count,
        "execution_count": counts.success_count,
        "inference_stats": {
            "success": success,
            "fail": {"count": counts.fail_count, "ns": counts.fail_ns},
            "compute_infer": success,
            **times,
        },
        "batch_stats": [],
    }


def index_of(deployments: Sequence[tuple[Served, Models]], *, is_ready_only: bool) -> list[dict[str, str]]:
    """Triton's index of the repository: every name of every deployment."""
    return [
        entry
        for served, models in deployments
        if served.is_ready or not is_ready_only
        for entry in _entries(served, models)
    ]


def configuration_of(models: Models, name: str, version: str) -> JsonObject:
    """Triton's model configuration, as far as its tools look at it.

    Where every tensor has a first dimension of any size, that is the batch, and Triton's ``dims`` leave it out.

    :raises NotFound: for another name or version.
    """
    known = models.metadata(name, version)
    tensors = [*known["inputs"], *known["outputs"]]
    is_batched = bool(tensors) and all(tensor["shape"][:1] == [-1] for tensor in tensors)
    return {
        "name": name,
        "platform": known["platform"],
        "backend": "infergraph",
        "version_policy": {"latest": {"num_versions": 1}},
        "max_batch_size": MAX_BATCH_SIZE if is_batched else 0,
        "input": [_tensor(tensor, is_batched) for tensor in known["inputs"]],
        "output": [_tensor(tensor, is_batched) for tensor in known["outputs"]],
        "model_transaction_policy": {"decoupled": False},
    }


def _tensor(tensor: JsonObject, is_batched: bool) -> dict[str, Any]:  # noqa: FBT001 - named where it is made
    datatype = tensor["datatype"] if tensor["datatype"] in DTYPES else "INVALID"
    dims = tensor["shape"][1:] if is_batched else tensor["shape"]
    return {"name": tensor["name"], "data_type": f"TYPE_{'STRING' if datatype == BYTES else datatype}", "dims": dims}


def _entries(served: Served, models: Models) -> list[dict[str, str]]:
    if not served.is_ready:
        return [{"name": name, "state": "UNAVAILABLE", "reason": _LOADING} for name in models.names]
    return [
        {"name": name, "version": models.model(name).version, "state": "READY", "reason": ""} for name in models.names
    ]
