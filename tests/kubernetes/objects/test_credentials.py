from typing import Any

from infergraph.kubernetes.objects.credentials import Credentials, credentials_of, secrets_of
from infergraph.kubernetes.objects.kube_object import plain
from infergraph.kubernetes.objects.settings import Credentials as Known
from tests.kubernetes.rendering import made

OURS, KFSERVINGS = "machinelearning.seldon.io/s3-", "serving.kubeflow.org/s3-"
KEYS = {"awsAccessKeyID": "aWQ=", "awsSecretAccessKey": "a2V5"}


def secret(name: str, data: Any = None, **annotations: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "annotations": annotations}, "data": data}


def env(credentials: Credentials) -> dict[str, Any]:
    return {one["name"]: one.get("value") or one["valueFrom"] for one in plain(credentials.env)}


def test_keys_of_s3_are_references_and_no_values() -> None:
    found = credentials_of([secret("minio", KEYS)], Known())
    assert env(found) == {
        "AWS_ACCESS_KEY_ID": {"secretKeyRef": {"name": "minio", "key": "awsAccessKeyID"}},
        "AWS_SECRET_ACCESS_KEY": {"secretKeyRef": {"name": "minio", "key": "awsSecretAccessKey"}},
    }
    assert "a2V5" not in str(plain(found))


def test_where_s3_is_say_the_annotations() -> None:
    said = {f"{OURS}endpoint": "a:9000", f"{OURS}usehttps": "0", f"{OURS}region": "eu", f"{OURS}verifyssl": "0"}
    found = env(credentials_of([secret("minio", KEYS, **said)], Known()))
    assert found["S3_ENDPOINT"] == "a:9000"
    assert found["AWS_ENDPOINT_URL"] == "http://a:9000"
    assert (found["S3_USE_HTTPS"], found["AWS_REGION"], found["S3_VERIFY_SSL"]) == ("0", "eu", "0")


def test_those_of_kfserving_too_and_after_ours() -> None:
    both = secret("minio", KEYS, **{f"{KFSERVINGS}endpoint": "theirs", f"{OURS}endpoint": "ours"})
    theirs = secret("minio", KEYS, **{f"{KFSERVINGS}endpoint": "theirs"})
    assert env(credentials_of([both], Known()))["AWS_ENDPOINT_URL"] == "https://ours"
    assert env(credentials_of([theirs], Known()))["AWS_ENDPOINT_URL"] == "https://theirs"


def test_else_the_settings_say_where() -> None:
    found = env(credentials_of([secret("minio", KEYS)], Known(s3_endpoint="minio:9000", s3_use_https=False)))
    assert found["AWS_ENDPOINT_URL"] == "http://minio:9000"


def test_a_file_for_google_is_mounted() -> None:
    found = credentials_of([secret("google", {"gcloud-application-credentials.json": ""})], Known())
    assert found.volumes == ({"name": "user-gcp-sa", "secret": {"secretName": "google"}},)
    assert plain(found.mounts) == [{"name": "user-gcp-sa", "mountPath": "/var/secrets/", "readOnly": True}]
    assert env(found) == {"GOOGLE_APPLICATION_CREDENTIALS": "/var/secrets/gcloud-application-credentials.json"}


def test_keys_are_called_as_the_settings_say() -> None:
    known = Known(gcs_file_name="g.json", s3_access_key_name="id", s3_secret_key_name="key")
    found = credentials_of([secret("aws", {"id": "", "key": ""}), secret("google", {"g.json": ""})], known)
    assert env(found)["AWS_ACCESS_KEY_ID"]["secretKeyRef"] == {"name": "aws", "key": "id"}
    assert env(found)["GOOGLE_APPLICATION_CREDENTIALS"] == "/var/secrets/g.json"


def test_the_first_secret_of_a_store_is_taken_and_others_are_none() -> None:
    found = credentials_of(
        [secret("token", {"token": ""}), secret("none"), secret("a", KEYS), secret("b", KEYS)], Known()
    )
    assert env(found)["AWS_ACCESS_KEY_ID"]["secretKeyRef"]["name"] == "a"
    assert credentials_of([secret("token", {"token": ""})], Known()) == Credentials()


def test_the_secrets_that_an_account_lists() -> None:
    assert secrets_of({"secrets": [{"name": "a"}, {"name": "b"}, {"name": "a"}, {}]}) == ["a", "b"]
    assert secrets_of({}) == secrets_of({"secrets": None}) == []


def test_an_init_container_gets_those_of_its_units_account() -> None:
    found = {one["name"]: one for one in made("account_secrets").pod()["initContainers"]}
    left = {one["name"]: one for one in found["left-model-initializer"]["env"]}
    assert left["AWS_SECRET_ACCESS_KEY"]["valueFrom"]["secretKeyRef"]["name"] == "minio"
    assert left["AWS_ENDPOINT_URL"]["value"] == "http://minio.minio-system:9000"
    assert left["AWS_REGION"]["value"] == "eu-1"
    right = found["right-model-initializer"]
    assert [one["name"] for one in right["env"]] == ["GOOGLE_APPLICATION_CREDENTIALS"]
    mounted = {one["name"] for one in right["volumeMounts"]}
    assert {"name": "user-gcp-sa-1", "secret": {"secretName": "google"}} in made("account_secrets").pod()["volumes"]
    assert "user-gcp-sa-1" in mounted
    assert "env" not in found["third-model-initializer"]
