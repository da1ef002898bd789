"""Errors as gRPC statuses: the code, the sentence, and the word for programs."""

import grpc
import pytest

from infergraph.errors import ComponentFailed, ComponentUnreachable, QueueFull, RequestError, VerbatimStatus
from infergraph.servers.grpc_status import failure_of

CODES = grpc.StatusCode


@pytest.mark.parametrize(
    ("error", "code", "trailers"),
    [
        (QueueFull("full"), CODES.RESOURCE_EXHAUSTED, {"infergraph-reason": "QUEUE_FULL"}),
        (ComponentUnreachable("gone"), CODES.UNAVAILABLE, {"infergraph-reason": "COMPONENT_UNREACHABLE"}),
        (
            ComponentFailed("boo", unit="m ü", status=404, reason="NO FLOWER"),
            CODES.NOT_FOUND,
            {"infergraph-reason": "NO%20FLOWER", "infergraph-unit": "m%20%C3%BC"},
        ),
        (
            VerbatimStatus("DATA_LOSS", "own words"),
            CODES.DATA_LOSS,
            {"infergraph-reason": "MICROSERVICE_INTERNAL_ERROR"},
        ),
    ],
)
def test_an_error_has_its_code_and_its_reason(error: RequestError, code: CODES, trailers: dict[str, str]) -> None:
    failure = failure_of(error, "id-1")
    assert (failure.code, failure.details, dict(failure.trailers)) == (code, str(error), trailers)
