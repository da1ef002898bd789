from typing import Any

import pytest

from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import objects
from tests.declaration.samples import deployment
from tests.kubernetes.rendering import made


def initializers(name: str) -> dict[str, Any]:
    return {one["name"]: one for one in made(name).pod()["initContainers"]}


def test_it_fetches_into_the_volume_that_the_server_reads() -> None:
    (found,) = initializers("plain").values()
    assert found["name"] == "classifier-model-initializer"
    assert found["image"].startswith("infergraph:")
    assert found["args"] == ["fetch", "gs://models/iris", "/mnt/models"]
    assert found["volumeMounts"][0] == {"name": "classifier-provision-location", "mountPath": "/mnt/models"}
    assert {"name": "classifier-provision-location", "emptyDir": {}} in made("plain").pod()["volumes"]
    server = made("unfused").containers()["classifier"]
    mount = {"name": "classifier-provision-location", "mountPath": "/mnt/models", "readOnly": True}
    assert mount in server["volumeMounts"]


def test_its_resources_are_the_operators() -> None:
    assert initializers("plain")["classifier-model-initializer"]["resources"] == {
        "requests": {"cpu": "100m", "memory": "100Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    }


def test_a_digest_pins_what_it_fetches_and_the_server_hears_nothing_of_it() -> None:
    found = initializers("unfused")["classifier-model-initializer"]
    assert found["args"] == ["fetch", "gs://models/iris", "/mnt/models", "--sha256", "0123"]
    assert "sha256" not in str(made("unfused").containers()["classifier"])


def test_secrets_and_accounts() -> None:
    found = initializers("credentials")
    assert found["left-model-initializer"]["envFrom"] == [{"secretRef": {"name": "left-secret"}}]
    assert found["right-model-initializer"]["envFrom"] == [{"secretRef": {"name": "everybody"}}]
    assert made("credentials").pod()["serviceAccountName"] == "reader"


def test_a_claim_is_mounted_and_copied_from() -> None:
    found = initializers("claims")
    assert found["left-model-initializer"]["args"] == ["fetch", "/mnt/pvc/left", "/mnt/models"]
    mount = {"name": "kfserving-pvc-source", "mountPath": "/mnt/pvc", "readOnly": True}
    assert mount in found["left-model-initializer"]["volumeMounts"]
    assert mount in found["third-model-initializer"]["volumeMounts"]


def test_two_claims_are_two_volumes() -> None:
    volumes = made("claims").pod()["volumes"]
    assert {"name": "kfserving-pvc-source", "persistentVolumeClaim": {"claimName": "store"}} in volumes
    assert {"name": "kfserving-pvc-source-1", "persistentVolumeClaim": {"claimName": "archive"}} in volumes
    other = {"name": "kfserving-pvc-source-1", "mountPath": "/mnt/pvc", "readOnly": True}
    assert other in initializers("claims")["right-model-initializer"]["volumeMounts"]


def test_other_images_get_what_they_are_used_to() -> None:
    found = initializers("initializer_image")
    assert found["left-model-initializer"]["image"] == "example/fetch:1.0"
    assert found["left-model-initializer"]["args"] == ["hdfs:models/left", "/mnt/models"]
    assert found["right-model-initializer"]["image"] == "example/rclone:1.59"
    assert "securityContext" not in found["right-model-initializer"]


def test_an_init_container_of_the_users_does_the_work() -> None:
    assert initializers("initializer_image")["third-model-initializer"] == {
        "name": "third-model-initializer",
        "image": "example/mine:1.0",
    }
    mounts = made("initializer_image").engine()["volumeMounts"]
    assert {"name": "third-provision-location", "mountPath": "/mnt/models/third", "readOnly": True} in mounts


def test_a_file_beside_the_manifest_is_refused() -> None:
    graph = "{name: m, implementation: SKLEARN_SERVER, modelUri: ./model}"
    declared = deployment(f"{{predictors: [{{name: p, graph: {graph}}}]}}")
    with pytest.raises(BadManifest, match=r"unit m: modelUri \./model is a file beside the manifest"):
        objects(declared)


def test_a_unit_with_an_image_of_its_own_takes_its_address_as_it_is() -> None:
    graph = "{name: m, modelUri: gs://a/b}"
    pods = "[{spec: {containers: [{name: m, image: 'x:1'}]}}]"
    found = objects(deployment(f"{{predictors: [{{name: p, graph: {graph}, componentSpecs: {pods}}}]}}"))
    (one,) = [one for one in found if one["kind"] == "Deployment"]
    assert "initContainers" not in one["spec"]["template"]["spec"]
