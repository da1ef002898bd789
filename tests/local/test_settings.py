"""Which limits hold: flag or environment, else annotation, else default."""

import pytest

from infergraph.declaration import inspect_text
from infergraph.errors import BadManifest
from infergraph.local.settings import grpc_target, limits_for, timeout_of, widest
from infergraph.servers.limits import Limits
from infergraph.servers.served import Served
from tests.serving import ROOT

IRIS = (ROOT / "examples/iris/iris.yaml").read_text()


def deployment(**annotations: str):  # type: ignore[no-untyped-def]
    lines = "".join(f'    {key}: "{value}"\n' for key, value in annotations.items())
    text = IRIS.replace(
        "  name: sklearn\n", f"  name: sklearn\n  annotations:\n{lines}" if lines else "  name: sklearn\n"
    )
    (manifest,) = inspect_text(text).manifests
    return manifest.deployment


def test_defaults() -> None:
    assert limits_for(deployment(), {}) == Limits()
    assert timeout_of(deployment()) is None


def test_an_annotation_goes_before_the_default_and_a_flag_before_it() -> None:
    annotated = deployment(**{"infergraph.io/body-bytes": "7", "infergraph.io/drain-s": "1.5"})
    assert limits_for(annotated, {}) == Limits(body_bytes=7, drain_s=1.5)
    assert limits_for(annotated, {"body_bytes": 9}) == Limits(body_bytes=9, drain_s=1.5)


@pytest.mark.parametrize("value", ["", "x", "0", "-3", "1.5", "NaN"])
def test_an_annotation_that_is_no_count(value: str) -> None:
    with pytest.raises(BadManifest, match=r"annotation infergraph\.io/body-bytes: expected a number above zero"):
        limits_for(deployment(**{"infergraph.io/body-bytes": value}), {})


@pytest.mark.parametrize("value", [0, -1])
def test_a_flag_out_of_range(value: int) -> None:
    with pytest.raises(BadManifest, match="body_bytes"):
        limits_for(deployment(), {"body_bytes": value})


def test_a_connection_has_the_most_that_any_deployment_grants() -> None:
    assert widest([Limits(body_bytes=1, drain_s=9), Limits(body_bytes=2, drain_s=3)]) == Limits(body_bytes=2, drain_s=9)


def test_deadline_in_milliseconds() -> None:
    assert timeout_of(deployment(**{"seldon.io/rest-timeout": "1500"})) == 1.5
    with pytest.raises(BadManifest, match=r"seldon\.io/rest-timeout"):
        timeout_of(deployment(**{"seldon.io/rest-timeout": "soon"}))


def test_what_grpc_grants() -> None:
    plain = grpc_target(Served(deployment(), Limits(body_bytes=7)))
    assert (plain.message_bytes, plain.timeout_s) == (7, None)
    annotations = {"seldon.io/grpc-max-message-size": "10485760", "seldon.io/grpc-timeout": "100000"}
    annotated = grpc_target(Served(deployment(**annotations), Limits()))
    assert (annotated.message_bytes, annotated.timeout_s) == (10485760, 100.0)
    for name in annotations:
        with pytest.raises(BadManifest, match=name):
            grpc_target(Served(deployment(**{name: "much"}), Limits()))
