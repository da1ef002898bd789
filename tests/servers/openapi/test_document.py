"""The OpenAPI document: whole, and true to the codecs."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from infergraph import errors
from infergraph.declaration import SeldonDeployment
from infergraph.payloads import Encoding
from infergraph.payloads.seldon_json import decode_feedback, decode_message
from infergraph.payloads.tensorflow_json import decode_predict
from infergraph.payloads.v2_request import decode_request
from infergraph.servers.answers import body_of
from infergraph.servers.openapi import openapi_document
from infergraph.servers.openapi.protocols import TENSORFLOW_EXAMPLE, V2_EXAMPLE, protocol_paths

Json = dict[str, Any]

DEPLOYMENT = msgspec.convert(
    {
        "metadata": {"name": "iris", "namespace": "flowers"},
        "spec": {
            "predictors": [
                {"name": "main", "graph": {"name": "router", "type": "ROUTER", "children": [{"name": "a"}]}},
                {"name": "canary", "graph": {"name": "a"}},
            ]
        },
    },
    SeldonDeployment,
)
SELDON_ENCODINGS = set(Encoding) - {Encoding.NONE, Encoding.V2, Encoding.TF, Encoding.TENSORS, Encoding.CUSTOM}
DOCUMENT = openapi_document(DEPLOYMENT, prefix="", version="1.2.3")

POST_STATUSES = {"200", "400", "404", "405", "408", "413", "415", "500", "503", "504"}
GET_STATUSES = {"200", "404", "405", "500", "503"}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def resolved(document: Json, reference: str) -> Any:
    value: Any = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part]
    return value


def examples(names: list[str]) -> Iterator[tuple[str, Json]]:
    for name in names:
        yield name, resolved(DOCUMENT, f"#/components/examples/{name}")["value"]


def test_it_says_what_it_describes() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"] == "flowers/iris"
    assert DOCUMENT["info"]["version"] == "1.2.3"


@pytest.mark.parametrize("prefix", ["", "/seldon/flowers/iris"])
def test_every_path_is_there(prefix: str) -> None:
    document = openapi_document(DEPLOYMENT, prefix=prefix, version="1")
    posts = {f"{prefix}/api/{v}/{what}" for v in ("v1.0", "v0.1") for what in ("predictions", "feedback")}
    units = {f"{prefix}/api/{v}/{what}/{{unit}}" for v in ("v1.0", "v0.1") for what in ("metadata", "status")}
    whole = {f"{prefix}/api/v1.0/{what}" for what in ("metadata", "status", "health/status")}
    health = {f"{prefix}/ready", f"{prefix}/live"}
    others = {f"{prefix}{path}" for path in protocol_paths([])}
    assert {path for path, method, _ in operations(document) if method == "post"} - others == posts
    assert {path for path, method, _ in operations(document) if method == "get"} - others == units | whole | health
    assert others <= set(document["paths"])


def test_every_reference_resolves() -> None:
    found = set(references(DOCUMENT))
    assert found
    assert all(resolved(DOCUMENT, reference) for reference in found)


def test_every_component_is_used() -> None:
    used = set(references(DOCUMENT))
    kinds = ("schemas", "examples", "responses", "parameters", "headers")
    assert {f"#/components/{kind}/{name}" for kind in kinds for name in DOCUMENT["components"][kind]} == used


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations(DOCUMENT)]
    assert len(set(names)) == len(names)


def test_units_are_listed_once() -> None:
    (parameter,) = DOCUMENT["paths"]["/api/v1.0/metadata/{unit}"]["get"]["parameters"]
    assert parameter["schema"]["enum"] == ["router", "a"]


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/api/v1.0/predictions", "post", POST_STATUSES | {"default"}),
        ("/api/v0.1/feedback", "post", POST_STATUSES),
        ("/api/v1.0/metadata/{unit}", "get", GET_STATUSES),
        ("/api/v1.0/status/{unit}", "get", GET_STATUSES),
        ("/api/v1.0/metadata", "get", GET_STATUSES - {"404"}),
        ("/api/v1.0/health/status", "get", {"200", "503"}),
        ("/ready", "get", {"200", "503"}),
        ("/live", "get", {"200"}),
    ],
)
def test_every_answer_is_described(path: str, method: str, statuses: set[str]) -> None:
    assert set(DOCUMENT["paths"][path][method]["responses"]) == statuses


def test_message_examples_decode_each_in_its_own_encoding() -> None:
    content = DOCUMENT["paths"]["/api/v1.0/predictions"]["post"]["requestBody"]["content"]["application/json"]
    decoded = {name: decode_message(msgspec.json.encode(value)) for name, value in examples(list(content["examples"]))}
    assert {name: payload.encoding.value for name, payload in decoded.items()} == {
        encoding.value: encoding.value for encoding in SELDON_ENCODINGS
    }


def test_examples_of_other_protocols_decode() -> None:
    rows = [[1.0, 2.0, 3.0, 4.0]]
    assert decode_request(msgspec.json.encode(V2_EXAMPLE), None, 100)[0].data.tolist() == rows
    assert decode_predict(msgspec.json.encode(TENSORFLOW_EXAMPLE), 100)[0].data.tolist() == rows


def test_every_json_answer_is_described() -> None:
    health = {"/ready", "/live", "/api/v1.0/status", "/api/v1.0/health/status"}
    for path, _, operation in operations(DOCUMENT):
        if path not in health:
            assert "$ref" in operation["responses"]["200"]["content"]["application/json"]["schema"], path


@pytest.mark.parametrize(
    ("schema", "value", "is_right"),
    [
        ("SeldonMessage", {"strData": "x"}, True),
        ("SeldonMessage", {}, False),
        ("SeldonMessage", {"strData": "x", "binData": ""}, False),
        ("SeldonMessagePart", {"meta": {}}, True),
        ("SeldonMessagePart", {"strData": "x", "jsonData": 1}, False),
        ("DefaultData", {"names": ["a"]}, True),
        ("DefaultData", {"ndarray": [], "tensor": {"shape": [0], "values": []}}, False),
        ("InferRequest", V2_EXAMPLE, True),
        ("InferRequest", V2_EXAMPLE | {"outputs": None, "id": None, "parameters": None}, True),
        ("InferRequest", {"inputs": []}, False),
        ("PredictRequest", {"signature_name": None, "instances": [1]}, True),
        ("PredictRequest", {"inputs": None}, False),
        ("PredictRequest", {"inputs": 1, "instances": [1]}, False),
    ],
)
def test_schemas_take_what_the_codecs_take(schema: str, value: Json, is_right: bool) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    assert Draft202012Validator(whole).is_valid(value) == is_right


def test_models_are_the_deployment_and_its_units() -> None:
    (parameter,) = DOCUMENT["paths"]["/v2/models/{model}/infer"]["post"]["parameters"]
    assert parameter["schema"]["enum"] == ["iris", "router", "a"]


def test_feedback_examples_decode() -> None:
    content = DOCUMENT["paths"]["/api/v1.0/feedback"]["post"]["requestBody"]["content"]["application/json"]
    decoded = {name: decode_feedback(msgspec.json.encode(value)) for name, value in examples(list(content["examples"]))}
    assert decoded["reward"].response.meta.routing == {"router": 1}
    assert decoded["truth"].truth.data.tolist() == [[0.0, 1.0]]


RAISED = [
    errors.BadMessage("no"),
    errors.NotFound("no"),
    errors.MethodNotAllowed("no", allowed="GET"),
    errors.BodyTooLarge("no"),
    errors.UnsupportedMedia("no"),
    errors.ComponentFailed("no", unit="u"),
    errors.BadAnswer("no"),
    errors.NotReady("no"),
    errors.QueueFull("no"),
    errors.DeadlineExceeded("no"),
]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_the_error_examples_are_what_the_server_answers(error: errors.RequestError) -> None:
    responses = DOCUMENT["paths"]["/api/v1.0/predictions"]["post"]["responses"]
    response = resolved(DOCUMENT, responses[str(error.http_status)]["$ref"])
    example = response["content"]["application/json"]["examples"][error.reason]["value"]
    example["status"]["info"] = "no"
    assert msgspec.json.decode(body_of(error)) == example


def test_each_document_belongs_to_its_caller() -> None:
    first, untouched = (openapi_document(DEPLOYMENT, prefix="", version="1") for _ in range(2))
    for part in first["components"].values():
        part.clear()
    for _, _, operation in operations(first):
        operation["responses"].clear()
    assert openapi_document(DEPLOYMENT, prefix="", version="1") == untouched


@pytest.mark.parametrize("prefix", ["", "/seldon/flowers/iris"])
def test_it_is_valid_openapi(prefix: str) -> None:
    validate(openapi_document(DEPLOYMENT, prefix=prefix, version="1"))
