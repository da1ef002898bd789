"""The messages of the v2 and the tensorflow protocols as JSON schemas, with what Triton and KServe add to them."""

from infergraph.servers.openapi.kinds import (
    ANY,
    COUNT,
    FLAG,
    INTEGER,
    TEXT,
    exactly,
    list_of,
    map_of,
    object_of,
    or_null,
)
from infergraph.servers.openapi.reference import Json, ref

_PARAMETERS: Json = or_null({"type": "object"})
_DATATYPE: Json = TEXT | {"examples": ["FP32", "INT64", "BYTES"]}
_VALUES: Json = {"type": "array", "description": "Flat, or nested as the shape says."}
_NOT_NULL: Json = {"not": {"type": "null"}}
_TIME: Json = exactly({"count": COUNT, "ns": COUNT})
_TIMES = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss")
_DESCRIBED: Json = list_of(exactly({"name": TEXT, "datatype": _DATATYPE, "shape": list_of(INTEGER)}))
_CONFIGURED: Json = list_of(exactly({"name": TEXT, "data_type": TEXT, "dims": list_of(INTEGER)}))
_SIGNED: Json = map_of(
    exactly(
        {
            "name": TEXT,
            "dtype": TEXT,
            "tensor_shape": exactly({"dim": list_of(exactly({"size": TEXT, "name": TEXT})), "unknown_rank": FLAG}),
        }
    )
)
_INPUT: Json = exactly(
    {
        "name": TEXT,
        "shape": list_of(COUNT),
        "datatype": _DATATYPE,
        "parameters": _PARAMETERS,
        "data": _VALUES,
    },
    "parameters",
    "data",
) | {
    "description": "Values in data, or after the JSON (header Inference-Header-Content-Length) as many bytes as "
    "parameters.binary_data_size says.",
}
_WANTED: Json = exactly({"name": TEXT, "parameters": _PARAMETERS}, "parameters")

PROTOCOL_SCHEMAS: dict[str, Json] = {
    "ProtocolError": exactly({"error": TEXT}),
    "InferRequest": exactly(
        {
            "inputs": list_of(ref("schemas", "InferInput")) | {"minItems": 1},
            "id": or_null(TEXT),
            "parameters": _PARAMETERS,
            "outputs": or_null(list_of(_WANTED)),
        },
        "id",
        "parameters",
        "outputs",
    ),
    "InferInput": _INPUT,
    "InferResponse": exactly(
        {
            "model_name": TEXT,
            "model_version": TEXT,
            "id": TEXT,
            "outputs": list_of(
                exactly(
                    {
                        "name": TEXT,
                        "shape": list_of(COUNT),
                        "datatype": _DATATYPE,
                        "parameters": {"type": "object"},
                        "data": _VALUES,
                    },
                    "parameters",
                    "data",
                )
            ),
        },
        "id",
    ),
    "ServerMetadata": exactly({"name": TEXT, "version": TEXT, "extensions": list_of(TEXT)}),
    "ServerLive": exactly({"live": {"const": True}}),
    "ServerReady": exactly({"live": {"const": True}, "ready": FLAG}),
    "ModelReady": exactly({"name": TEXT, "ready": FLAG}),
    "InferModel": exactly(
        {"name": TEXT, "versions": list_of(TEXT), "platform": TEXT, "inputs": _DESCRIBED, "outputs": _DESCRIBED}
    ),
    "ModelConfiguration": object_of(
        {"name": TEXT, "platform": TEXT, "max_batch_size": COUNT, "input": _CONFIGURED, "output": _CONFIGURED},
        required=["name", "platform", "max_batch_size", "input", "output"],
    ),
    "Statistics": exactly(
        {
            "model_stats": list_of(
                exactly(
                    {
                        "name": TEXT,
                        "version": TEXT,
                        "last_inference": COUNT,
                        "inference_count": COUNT,
                        "execution_count": COUNT,
                        "inference_stats": exactly(dict.fromkeys(_TIMES, _TIME)),
                        "batch_stats": list_of(ANY),
                    }
                )
            )
        }
    ),
    "RepositoryIndex": list_of(
        exactly({"name": TEXT, "version": TEXT, "state": {"enum": ["READY", "UNAVAILABLE"]}, "reason": TEXT}, "version")
    ),
    "PredictRequest": object_of(
        {"signature_name": or_null(TEXT), "instances": _NOT_NULL, "inputs": _NOT_NULL},
        oneOf=[{"required": ["instances"]}, {"required": ["inputs"]}],
    ),
    "PredictResponse": object_of(
        {"predictions": ANY, "outputs": ANY}, oneOf=[{"required": ["predictions"]}, {"required": ["outputs"]}]
    ),
    "ModelStatus": exactly(
        {
            "name": TEXT,
            "ready": FLAG,
            "model_version_status": list_of(
                exactly(
                    {
                        "version": TEXT,
                        "state": {"enum": ["LOADING", "AVAILABLE"]},
                        "status": exactly({"error_code": TEXT, "error_message": TEXT}),
                    }
                )
            ),
        }
    ),
    "Signature": exactly(
        {
            "model_spec": exactly({"name": TEXT, "signature_name": TEXT, "version": TEXT}),
            "metadata": exactly(
                {
                    "signature_def": exactly(
                        {"signature_def": map_of(exactly({"inputs": _SIGNED, "outputs": _SIGNED, "method_name": TEXT}))}
                    )
                }
            ),
        }
    ),
}
"""Each schema by its name."""
