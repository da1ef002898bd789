import msgspec
import pytest

from infergraph import __version__
from infergraph.declaration import DEFAULT_SERVERS, PrepackagedServer
from infergraph.runtimes.catalog import RUNTIMES


def test_the_seven_servers_and_ours() -> None:
    ours = f"infergraph:{__version__}"
    theirs = [name for name, server in DEFAULT_SERVERS.items() if server.image("v2") != ours]
    assert sorted(theirs) == [
        "HUGGINGFACE_SERVER",
        "MLFLOW_SERVER",
        "SKLEARN_SERVER",
        "TEMPO_SERVER",
        "TENSORFLOW_SERVER",
        "TRITON_SERVER",
        "XGBOOST_SERVER",
    ]
    for name in DEFAULT_SERVERS.keys() - theirs:
        assert {DEFAULT_SERVERS[name].image(protocol) for protocol in ("", "seldon", "v2", "tensorflow")} == {ours}


def test_every_runtime_is_a_server() -> None:
    assert RUNTIMES.keys() <= DEFAULT_SERVERS.keys()


@pytest.mark.parametrize(
    ("protocol", "image"), [("", "a:1"), ("seldon", "a:1"), ("v2", "b"), ("kfserving", "b"), ("tensorflow", "")]
)
def test_an_operators_configuration_is_read_as_it_stands(protocol: str, image: str) -> None:
    text = """{"MY_SERVER": {"protocols": {
        "seldon": {"image": "a", "defaultImageVersion": "1"},
        "kfserving": {"image": "b", "defaultImageVersion": ""}}}}"""
    servers = msgspec.json.decode(text, type=dict[str, PrepackagedServer])
    assert servers["MY_SERVER"].image(protocol) == image


def test_v2_alone_serves_the_old_name_too() -> None:
    assert DEFAULT_SERVERS["TRITON_SERVER"].image("kfserving") == "nvcr.io/nvidia/tritonserver:21.08-py3"
