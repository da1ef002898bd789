import base64
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from infergraph.artifacts.fetch import fetch
from infergraph.artifacts.obtain import obtain
from infergraph.errors import ArtifactError
from tests.artifacts.fetching import capture, order
from tests.artifacts.object_stores import AZURE_ACCOUNT, AZURE_KEY, ObjectStore
from tests.artifacts.test_archive import member, tar

MODEL = os.urandom(20_000_000)
FILES = {"model.joblib": MODEL, "sub/a b+c%.txt": b"hi", "empty": b""}
PREFIXES = ("AWS_", "S3_", "AZURE_", "AZ_", "GOOGLE_", "STORAGE_", "RCLONE_", "USE_SSL")


@pytest.fixture(params=["s3", "gcs", "azure_store"])
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    found: ObjectStore = request.getfixturevalue(request.param)
    use(found.environment, monkeypatch)
    for name, content in FILES.items():
        found.put(f"iris/{name}", content)
    found.put("iris-2/model.joblib", b"another")
    return found


def use(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def fetched(uri: str, folder: Path) -> dict[str, bytes]:
    fetch(uri, folder, order=order())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("end", ["", "/"])
def test_a_folder(store: ObjectStore, tmp_path: Path, end: str) -> None:
    assert fetched(f"{store.scheme}://models/iris{end}", tmp_path) == FILES


def test_an_object(store: ObjectStore, tmp_path: Path) -> None:
    assert fetched(f"{store.scheme}://models/iris/model.joblib", tmp_path) == {"model.joblib": MODEL}


def test_an_archive(store: ObjectStore, tmp_path: Path) -> None:
    store.put("packed/m.tar.gz", tar(tmp_path / "m.tar.gz", member("1/saved_model.pb")).read_bytes())
    assert fetched(f"{store.scheme}://models/packed/m.tar.gz", tmp_path / "out") == {"1/saved_model.pb": b"x"}


def test_it_is_cached(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERGRAPH_CACHE_DIR", str(tmp_path))
    uri = f"{store.scheme}://models/iris"
    first = obtain(uri, folder=tmp_path, artifacts={}, order=order())
    with capture() as logs:
        assert obtain(uri, folder=tmp_path, artifacts={}, order=order()) == first
    assert logs == []
    assert (first / "model.joblib").read_bytes() == MODEL


@pytest.mark.parametrize("path", ["models/gone", "no-such-bucket/x"])
def test_what_is_not_there(store: ObjectStore, tmp_path: Path, path: str) -> None:
    waits: list[float] = []
    with pytest.raises(ArtifactError, match=r"nothing is there|404|no bucket named") as caught:
        fetch(f"{store.scheme}://{path}", tmp_path, order=order(waits))
    assert "credentials: " in str(caught.value)
    assert waits == [] or "no bucket named" in str(caught.value)  # the emulator says 500, Google 404


def test_a_folder_marker_is_no_file(s3: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(s3.environment, monkeypatch)
    s3.put("marked/sub/model", b"x")
    s3.put("marked/sub/", b"")
    s3.put("marked/", b"")
    assert fetched("s3://models/marked", tmp_path) == {"sub/model": b"x"}


S3_FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "endpoint without scheme": ("s3://models/iris", {"AWS_ENDPOINT_URL": "{host}", "USE_SSL": "false"}),
    "older secrets": ("s3://models/iris", {"S3_ENDPOINT": "{host}", "S3_USE_HTTPS": "0", "AWS_REGION": "eu-west-1"}),
    "s3a": ("s3a://models/iris", {"AWS_ENDPOINT_URL": "http://{host}/"}),
    "rclone": (
        "s3://models/iris",
        {
            "RCLONE_CONFIG_S3_TYPE": "s3",
            "RCLONE_CONFIG_S3_PROVIDER": "minio",
            "RCLONE_CONFIG_S3_ENV_AUTH": "false",
            "RCLONE_CONFIG_S3_ACCESS_KEY_ID": "minio",
            "RCLONE_CONFIG_S3_SECRET_ACCESS_KEY": "minio-secret",
            "RCLONE_CONFIG_S3_ENDPOINT": "http://{host}",
        },
    ),
    "rclone, another name": (
        "store2:models/iris",
        {"RCLONE_CONFIG_STORE2_TYPE": "s3", "RCLONE_CONFIG_STORE2_ENDPOINT": "http://{host}"},
    ),
}


@pytest.mark.parametrize("form", S3_FORMS)
def test_forms_of_s3(s3: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    uri, variables = S3_FORMS[form]
    keys = {} if form == "rclone" else {name: s3.environment[name] for name in s3.environment if "KEY" in name}
    use({**keys, **{name: value.format(host=s3.host) for name, value in variables.items()}}, monkeypatch)
    s3.put("iris/model.joblib", b"x")
    assert fetched(uri, tmp_path)["model.joblib"] == b"x"


AZURE_FORMS = [
    "az://models/iris",
    "azure://models/iris",
    "azureblob:models/iris",
    f"abfss://models@{AZURE_ACCOUNT}.dfs.core.windows.net/iris",
]


@pytest.mark.parametrize("uri", [*AZURE_FORMS, f"https://{AZURE_ACCOUNT}.blob.core.windows.net/models/iris"])
@pytest.mark.parametrize("form", ["key", "connection string", "rclone"])
def test_forms_of_azure(
    azure_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str, form: str
) -> None:
    endpoint = azure_store.environment["AZURE_STORAGE_ENDPOINT"]
    text = f"AccountName={AZURE_ACCOUNT};AccountKey={AZURE_KEY};BlobEndpoint={endpoint};"
    remote_options = {"TYPE": "azureblob", "ACCOUNT": AZURE_ACCOUNT, "KEY": AZURE_KEY, "ENDPOINT": endpoint}
    forms = {
        "key": azure_store.environment,
        "connection string": {"AZURE_STORAGE_CONNECTION_STRING": text},
        "rclone": {
            f"RCLONE_CONFIG_{remote}_{name}": value
            for remote in ("AZ", "AZURE", "AZUREBLOB", "ABFSS")
            for name, value in remote_options.items()
        },
    }
    use(forms[form], monkeypatch)
    azure_store.put("iris/model.joblib", b"x")
    assert fetched(uri, tmp_path)["model.joblib"] == b"x"


@pytest.mark.parametrize(
    ("wrong", "answer"), [(base64.b64encode(b"x" * 64).decode(), "403"), ("no key at all", "Invalid Access Key")]
)
def test_a_wrong_key_is_named_and_not_shown(
    azure_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, answer: str
) -> None:
    use({**azure_store.environment, "AZURE_STORAGE_ACCOUNT_KEY": wrong}, monkeypatch)
    with pytest.raises(ArtifactError, match=rf"{answer}.*credentials: AZURE_STORAGE_ACCOUNT_KEY") as caught:
        fetch("az://models/iris", tmp_path, order=order())
    assert wrong not in str(caught.value)


def test_no_secret_is_logged(s3: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use({**s3.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, monkeypatch)
    with capture() as logs, pytest.raises(ArtifactError, match="gave up after 6 attempts") as caught:
        fetch("s3://models/iris", tmp_path, order=order())
    assert "minio-secret" not in f"{logs} {caught.value}"
    assert "AWS_ACCESS_KEY_ID" in str(caught.value)


def test_an_endpoint_at_a_metadata_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use({"AWS_ENDPOINT_URL": "http://169.254.169.254"}, monkeypatch)
    with pytest.raises(ArtifactError, match="no model is fetched there"):
        fetch("s3://models/iris", tmp_path, order=order())
