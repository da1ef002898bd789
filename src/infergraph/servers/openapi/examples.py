"""Messages that a reader can send as they stand."""

from infergraph.servers.openapi.reference import Json

MESSAGES: dict[str, Json] = {
    "ndarray": {
        "summary": "Rows as nested lists",
        "value": {"data": {"names": ["a", "b", "c", "d"], "ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
    },
    "tensor": {
        "summary": "Rows as a shape and flat values",
        "value": {"data": {"tensor": {"shape": [1, 4], "values": [1.0, 2.0, 3.0, 4.0]}}},
    },
    "tftensor": {
        "summary": "TensorFlow's TensorProto in its JSON form",
        "value": {
            "data": {
                "tftensor": {
                    "dtype": "DT_DOUBLE",
                    "tensorShape": {"dim": [{"size": "1"}, {"size": "4"}]},
                    "doubleVal": [1.0, 2.0, 3.0, 4.0],
                }
            }
        },
    },
    "strData": {"summary": "Text", "value": {"strData": "hello"}},
    "binData": {"summary": "Bytes as base64", "value": {"binData": "aGVsbG8="}},
    "jsonData": {"summary": "Any JSON value", "value": {"jsonData": {"question": "how many?", "most": 3}}},
}
"""A SeldonMessage of each kind, as OpenAPI examples: name, then ``summary`` and ``value``."""

FEEDBACK: dict[str, Json] = {
    "reward": {
        "summary": "A reward for an answer",
        "value": {
            "request": {"data": {"ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
            "response": {"data": {"ndarray": [[0.1, 0.9]]}, "meta": {"routing": {"router": 1}}},
            "reward": 1.0,
        },
    },
    "truth": {
        "summary": "What the answer should have been",
        "value": {
            "request": {"data": {"ndarray": [[1.0, 2.0, 3.0, 4.0]]}},
            "truth": {"data": {"ndarray": [[0.0, 1.0]]}},
            "reward": 0.0,
        },
    },
}
"""Feedback, as OpenAPI examples."""
