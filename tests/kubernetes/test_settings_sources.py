import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from infergraph.errors import SetupError
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.settings_sources import gathered, merged_settings, settings_file

SERVERS = {
    "SKLEARN_SERVER": {"protocols": {"seldon": {"image": "theirs", "defaultImageVersion": "1"}}},
    "TREES": {"protocols": {"seldon": {"image": "trees"}}},
}
SELDON_CONFIG = {"predictor_servers": json.dumps(SERVERS), "storageInitializer": '{"image": "rclone", "cpuLimit": "3"}'}


def config_map(data: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "any"}, "data": data}


def written(folder: Path, data: Any) -> Path:
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


def test_the_file_goes_before_the_environment_and_that_before_the_config_map() -> None:
    environment = {
        "RELATED_IMAGE_SKLEARNSERVER": "ours/sklearn@sha256:1",
        "ISTIO_ENABLED": "true",
        "KEDA_ENABLED": "true",
    }
    file = {"keda": {"enabled": False}, "storageInitializer": {"image": "mine"}}
    settings = merged_settings(seldon_config=SELDON_CONFIG, environment=environment, file=file)
    assert settings.servers["SKLEARN_SERVER"].image("seldon") == "ours/sklearn@sha256:1"
    assert settings.servers["TREES"].image("seldon") == "trees"
    assert settings.storage_initializer.image == "mine"
    assert settings.storage_initializer.resources.limits == {"cpu": "3"}
    assert settings.istio.enabled
    assert not settings.keda.enabled


def test_nothing_said_is_the_default() -> None:
    assert merged_settings() == gathered() == Settings()


@pytest.mark.parametrize("file", [[], "text", {"istoi": {}}])
def test_a_file_that_is_wrong(file: Any) -> None:
    with pytest.raises(SetupError, match=r"^settings: .*(object|istoi)"):
        merged_settings(seldon_config=SELDON_CONFIG, file=file)


def test_a_file_may_be_plain_or_a_config_map(tmp_path: Path) -> None:
    plain = {"istio": {"enabled": True}}
    expected = merged_settings(file=plain)
    assert settings_file(written(tmp_path, plain)) == expected
    assert settings_file(written(tmp_path, config_map({"settings.yaml": yaml.safe_dump(plain)}))) == expected
    assert settings_file(written(tmp_path, config_map(SELDON_CONFIG))) == merged_settings(seldon_config=SELDON_CONFIG)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"istoi": {}}, "settings: .*istoi"),
        (config_map({"predictor_servers": "{"}), "seldon-config: `predictor_servers`"),
        (config_map({"settings.yaml": "a: ["}), "while parsing"),
        (config_map(["a"]), "`data` are texts by key"),
        (config_map({"explainer": {}}), "`data` are texts by key"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(tmp_path: Path, data: Any, sentence: str) -> None:
    with pytest.raises(SetupError, match=rf"settings\.yaml: .*{sentence}"):
        settings_file(written(tmp_path, data))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No such file"):
        settings_file(tmp_path / "none.yaml")


def test_a_config_map_as_a_pod_sees_it(tmp_path: Path) -> None:
    """The kubelet links the keys to a folder whose name begins with dots."""
    (tmp_path / "..data").mkdir()
    for key, text in SELDON_CONFIG.items():
        (tmp_path / "..data" / key).write_text(text)
        (tmp_path / key).symlink_to(tmp_path / "..data" / key)
    assert gathered(seldon_config=tmp_path) == merged_settings(seldon_config=SELDON_CONFIG)


def test_what_is_gathered_of_all_three(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.yaml", tmp_path / "ours.yaml"
    theirs.write_text(yaml.safe_dump(config_map(SELDON_CONFIG)))
    ours.write_text("storageInitializer: {image: mine}")
    found = gathered(ours, seldon_config=theirs, environment={"KEDA_ENABLED": "true"})
    assert found.storage_initializer.image == "mine"
    assert found.keda.enabled
    assert "TREES" in found.known_servers


def test_a_folder_that_is_not_there_and_a_file_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="No such file"):
        gathered(seldon_config=tmp_path / "none")
    with pytest.raises(SetupError, match="expected a ConfigMap, or the folder where one is mounted"):
        gathered(seldon_config=written(tmp_path, {"kind": "Secret"}))
