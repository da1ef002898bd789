import msgspec
import pytest

from infergraph.declaration import DEFAULT_SERVERS, PrepackagedServer


def test_the_seven_servers() -> None:
    assert sorted(DEFAULT_SERVERS) == [
        "HUGGINGFACE_SERVER",
        "MLFLOW_SERVER",
        "SKLEARN_SERVER",
        "TEMPO_SERVER",
        "TENSORFLOW_SERVER",
        "TRITON_SERVER",
        "XGBOOST_SERVER",
    ]


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
