"""The config map of a v1 installation. The texts are shaped as its charts make them."""

import json
from typing import Any

import pytest

from infergraph.errors import SetupError
from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.seldon_config import of_seldon_config


def said(**texts: Any) -> dict[str, Any]:
    return of_seldon_config({key: json.dumps(value) for key, value in texts.items()})


def test_servers_by_protocol() -> None:
    protocols = {"seldon": {"image": "my/sklearn", "defaultImageVersion": "2"}, "v2": {"image": "my/mlserver"}}
    settings = settings_of(said(predictor_servers={"SKLEARN_SERVER": {"protocols": protocols}}))
    assert settings.servers["SKLEARN_SERVER"].image("") == "my/sklearn:2"
    assert settings.servers["SKLEARN_SERVER"].image("kfserving") == "my/mlserver"
    assert settings.runtime("SKLEARN_SERVER") == ""


def test_servers_by_transport_as_they_were_until_v1_4() -> None:
    old = {
        "rest": {"image": "seldonio/tfserving-proxy_rest", "defaultImageVersion": "0.7"},
        "grpc": {"image": "seldonio/tfserving-proxy_grpc", "defaultImageVersion": "0.7"},
        "tensorflow": True,
        "tfImage": "tensorflow/serving:latest",
    }
    server = settings_of(said(predictor_servers={"TENSORFLOW_SERVER": old})).servers["TENSORFLOW_SERVER"]
    assert server.image("seldon") == "seldonio/tfserving-proxy_rest:0.7"
    assert server.image("tensorflow") == "tensorflow/serving:latest"


def test_a_server_of_ones_own_is_known() -> None:
    own = {"TREES": {"protocols": {"seldon": {"image": "trees"}}}}
    assert "TREES" in settings_of(said(predictor_servers=own)).known_servers


def test_what_fetches_model_files() -> None:
    initializer = {"image": "seldonio/rclone-storage-initializer:1.16.0", "cpuLimit": "2", "memoryRequest": "1Gi"}
    found = settings_of(said(storageInitializer=initializer)).storage_initializer
    assert found.image == "seldonio/rclone-storage-initializer:1.16.0"
    assert found.resources.limits == {"cpu": "2"}
    assert found.resources.requests == {"memory": "1Gi"}


def test_the_names_of_keys_in_secrets() -> None:
    keys = {"s3AccessKeyIDName": "id", "s3SecretAccessKeyName": "key", "s3Endpoint": "minio:9000", "s3UseHttps": "0"}
    found = settings_of(said(credentials={"gcs": {"gcsCredentialFileName": "g.json"}, "s3": keys})).credentials
    assert (found.gcs_file_name, found.s3_access_key_name, found.s3_secret_key_name) == ("g.json", "id", "key")
    assert (found.s3_endpoint, found.s3_use_https) == ("minio:9000", False)


def test_images_of_explainers_are_taken_and_do_nothing() -> None:
    assert said(explainer={"image": "seldonio/alibiexplainer:1.16.0", "image_v2": "seldonio/mlserver:1.3.0"}) == {}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"predictor_server": "{}"}, "there is no key `predictor_server`; there is predictor_servers, "),
        ({"predictor_servers": "{"}, "`predictor_servers`: expected a JSON object: .*truncated"),
        ({"predictor_servers": "[]"}, "`predictor_servers`: Expected `object`, got `array`"),
        ({"predictor_servers": '{"X": {}}'}, r"`predictor_servers`: there is no image; .*`\$\.X`"),
        (
            {"predictor_servers": '{"X": {"protocol": {}}}'},
            r"`predictor_servers`: .*unknown field `protocol` .*\[\.\.\.\]",
        ),
        (
            {"predictor_servers": '{"X": {"protocols": {"v2": {"image": "a"}}, "tensorflow": true}}'},
            r"`protocols` or images by transport, not both - at `\$\.X`",
        ),
        (
            {"storageInitializer": '{"cpuLimit": 1}'},
            r"`storageInitializer`: Expected `str`, got `int` - at `\$\.cpuLimit`",
        ),
        ({"credentials": '{"s4": {}}'}, "`credentials`: .*unknown field `s4`"),
        ({"explainer": "x"}, "`explainer`: expected a JSON object"),
    ],
)
def test_a_mistake_is_said_with_its_key_and_place(data: dict[str, str], sentence: str) -> None:
    with pytest.raises(SetupError, match=f"^seldon-config: {sentence}|^seldon-config: .*{sentence}"):
        of_seldon_config(data)
