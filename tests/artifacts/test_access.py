from pathlib import Path
from typing import Any

import msgspec
import pytest

from infergraph.artifacts import gcs, s3
from infergraph.artifacts.access import Access, access_to, is_store
from infergraph.errors import ArtifactError

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret-word"}
ROLE = {"AWS_ROLE_ARN": "arn:x", "AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}
PRINCIPAL = {"AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t"}


@pytest.fixture(autouse=True)
def no_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(s3, "_VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(gcs, "_VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(gcs, "OPERATORS_FILE", tmp_path / "operators.json")


def access(uri: str, **environment: str) -> Access:
    return access_to(uri, environment)


@pytest.mark.parametrize(
    ("environment", "tried", "field", "value"),
    [
        ({}, "none found", "skip_signature", True),
        (KEYS, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "secret_access_key", "secret-word"),
        ({**KEYS, "AWS_SESSION_TOKEN": "t"}, "AWS_ACCESS_KEY_ID", "session_token", "t"),
        ({**KEYS, "AWS_SKIP_SIGNATURE": "true"}, "AWS_SKIP_SIGNATURE", "skip_signature", True),
        (ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE", "role_arn", "arn:x"),
        ({**KEYS, **ROLE}, "AWS_ACCESS_KEY_ID", "access_key_id", "key"),
        ({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, "container", "container_credentials_relative_uri", "/x"),
        (
            {"RCLONE_CONFIG_S3_TYPE": "s3", "RCLONE_CONFIG_S3_ENV_AUTH": "false"},
            "ENV_AUTH is false",
            "skip_signature",
            True,
        ),
        ({"AWS_REGION": "eu-west-1"}, "none", "region", "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "none", "region", "eu-west-2"),
        ({"AWS_ENDPOINT_URL": "minio:9000"}, "none", "endpoint", "https://minio:9000"),
        ({"AWS_ENDPOINT_URL": "minio:9000", "USE_SSL": "false"}, "none", "endpoint", "http://minio:9000"),
        ({"AWS_ENDPOINT_URL": "http://minio:9000/", "USE_SSL": "true"}, "none", "endpoint", "http://minio:9000"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b"}, "none", "endpoint", "http://b"),
    ],
)
def test_s3(environment: dict[str, str], tried: str, field: str, value: Any) -> None:
    found = access("s3://bucket/a//b/", **environment)
    assert (found.kind, found.container, found.path) == ("s3", "bucket", "a/b")
    assert tried in found.tried
    assert found.config[field] == value
    assert found.client_options["allow_http"] == found.endpoint.startswith("http://")


def test_the_profile_of_a_file(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[prod]\naws_access_key_id = k\naws_secret_access_key = s%cret\n")
    assert access("s3://b/x", AWS_PROFILE="prod").config["secret_access_key"] == "s%cret"
    assert "skip_signature" in access("s3://b/x").config


@pytest.mark.parametrize(("uri", "vendor"), [("s3://b/x", "Amazon EC2"), ("gs://b/x", "Google")])
def test_a_machine_with_a_role(tmp_path: Path, uri: str, vendor: str) -> None:
    (tmp_path / "vendor").write_text(f"{vendor}\n")
    assert "this machine" in access(uri).tried
    assert "skip_signature" not in access(uri).config


def test_secrets_are_known() -> None:
    assert access("s3://b/x", **KEYS).secrets == ("secret-word",)
    assert access("az://c/x", AZURE_STORAGE_ACCOUNT="a", AZURE_STORAGE_KEY="word").secrets == ("word",)


def test_google(tmp_path: Path) -> None:
    key = msgspec.json.encode({"type": "service_account"}).decode()
    (tmp_path / "key.json").write_text(key)
    assert access("gs://b/x").config == {"skip_signature": True}
    found = access("gs://b/x", GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "key.json"))
    assert found.config == {"application_credentials": str(tmp_path / "key.json")}
    rclone = {"RCLONE_CONFIG_GS_TYPE": "google cloud storage", "RCLONE_CONFIG_GS_ANONYMOUS": "false"}
    assert access("gs://b/x", **rclone, RCLONE_CONFIG_GS_SERVICE_ACCOUNT_CREDENTIALS=key).secrets == (key,)
    (tmp_path / "operators.json").write_text(key)
    assert "operators.json" in access("gs://b/x").tried
    assert "ANONYMOUS" in access("gs://b/x", RCLONE_CONFIG_GS_ANONYMOUS="true").tried


@pytest.mark.parametrize(
    ("text", "message"), [(None, "cannot be read"), ("no json", "no JSON object"), ("[]", "no JSON object")]
)
def test_keys_that_are_none(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "key.json").write_text(text)
    with pytest.raises(ArtifactError, match=message):
        access("gs://b/x", GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "key.json"))


@pytest.mark.parametrize(
    ("uri", "environment", "field", "value"),
    [
        ("https://acc.blob.core.windows.net/c/p?sv=1&sig=s", {}, "sas_key", "sv=1&sig=s"),
        ("az://c/p", {"AZURE_STORAGE_SAS_TOKEN": "?sig=s"}, "sas_key", "sig=s"),
        ("az://c/p", {**PRINCIPAL, "AZURE_CLIENT_SECRET": "word"}, "client_secret", "word"),
        ("az://c/p", {"AZ_CLIENT_ID": "c", "AZ_TENANT_ID": "t", "AZ_CLIENT_SECRET": "word"}, "client_secret", "word"),
        ("az://c/p", {**PRINCIPAL, "AZURE_FEDERATED_TOKEN_FILE": "/t"}, "federated_token_file", "/t"),
        ("abfss://c@acc.dfs.core.windows.net/p", {}, "skip_signature", True),
    ],
)
def test_azure(uri: str, environment: dict[str, str], field: str, value: Any) -> None:
    found = access(uri, **{"AZURE_STORAGE_ACCOUNT_NAME": "acc", **environment})
    assert (found.kind, found.account, found.container, found.path) == ("azure", "acc", "c", "p")
    assert found.config[field] == value
    assert "sig=s" not in found.shown


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("s3://", "expected the name of a bucket"),
        ("s3://b u/x", "expected the name of a bucket"),
        ("gs://../x", "expected the name of a bucket"),
        ("gs://b/../../x", "climbs out"),
        ("abfss://c@169.254.169.254/x", "expected CONTAINER@ACCOUNT"),
    ],
)
def test_malformed(uri: str, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        access(uri)


@pytest.mark.parametrize("uri", ["./s3", "hf://x/y", "oci://x", "C:\\x", ":s3:bucket/x", "sftp:x/y"])
def test_what_is_no_store(uri: str) -> None:
    assert not is_store(uri, {"RCLONE_CONFIG_SFTP_TYPE": "sftp"})
