from pathlib import Path

import pytest

from infergraph.artifacts import locate as locate_module
from infergraph.artifacts.locate import find_model_file, locate
from infergraph.artifacts.masked import masked
from infergraph.errors import ArtifactError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "the model"
    folder.mkdir()
    (folder / "model.joblib").write_bytes(b"x")
    return folder


@pytest.mark.parametrize(
    "uri",
    [
        "./the model",
        "the model",
        "the model/",
        "{folder}/the model",
        "file://{folder}/the model",
        "file://{folder}/the%20model",
        "file://localhost{folder}/the%20model",
        "file:{folder}/the%20model",
    ],
)
def test_local_paths(model: Path, uri: str) -> None:
    assert locate(uri.format(folder=model.parent), folder=model.parent, artifacts={}) == model


def test_plain_paths_are_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "a%20b").write_bytes(b"x")
    assert locate("a%20b", folder=tmp_path, artifacts={}) == tmp_path / "a%20b"


def test_a_path_with_a_colon_after_a_slash_is_local(tmp_path: Path) -> None:
    (tmp_path / "model:v1").write_bytes(b"x")
    assert locate("./model:v1", folder=tmp_path, artifacts={}) == tmp_path / "model:v1"


@pytest.mark.parametrize(
    ("known", "path", "uri"),
    [
        ("gs://bucket/m", "the model", "gs://bucket/m"),
        ("gs://bucket/m/", "the model", "gs://bucket/m"),
        ("gs://bucket/m", "the model", "gs://bucket/m/"),
        ("gs://bucket", ".", "gs://bucket/the model"),
        ("gs://", ".", "gs://the model"),
        ("azureblob:box", ".", "azureblob:box/the model"),
        ("https://***@host/m", "the model", "https://me:se/cr@et@host/m"),
        ("./elsewhere", "the model", "./elsewhere"),
    ],
)
def test_mapped_artifacts(model: Path, known: str, path: str, uri: str) -> None:
    found = locate(uri, folder=Path("/"), artifacts={known: model.parent / path})
    assert found.samefile(model)


def test_the_longest_mapping_wins(model: Path) -> None:
    artifacts = {"gs://b": Path("/nowhere"), "gs://b/m": model, "gs://b/model": Path("/nowhere")}
    assert locate("gs://b/m", folder=Path("/"), artifacts=artifacts) == model


def test_a_mapping_ends_at_a_slash(model: Path) -> None:
    with pytest.raises(ArtifactError, match="--artifact gs://bucket2=PATH"):
        locate("gs://bucket2", folder=Path("/"), artifacts={"gs://bucket": model})


def test_a_mapping_holds_its_readers_in(model: Path) -> None:
    with pytest.raises(ArtifactError, match=r"climbs out of its folder with '\.\.'"):
        locate("gs://bucket/../secret", folder=Path("/"), artifacts={"gs://bucket": model})


@pytest.mark.parametrize(
    "uri",
    [
        *("gs://b/m", "s3://b/m", "azureblob:c/m", "http://h/m", "https://h/m", "pvc://claim/m", "hf://org/m"),
        *("oci://r/m", "myremote:path", ":http:path", "C:\\model"),
    ],
)
def test_remote_uris_name_the_flag(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        locate(uri, folder=tmp_path, artifacts={})
    assert f"--artifact {uri}=PATH" in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("s3://bucket/model@v1", "s3://bucket/model@v1"),
        ("s3://key:secret@bucket/m", "s3://***@bucket/m"),
        ("s3://key:sec/ret@bucket/m", "s3://***@bucket/m"),
        ("https://token@host/m", "https://***@host/m"),
        ("https://a.blob.core.windows.net/m?sig=secret", "https://a.blob.core.windows.net/m?***"),
        (":s3,secret_access_key=sec/ret:bucket/m", ":s3,***:bucket/m"),
        ("./model", "./model"),
    ],
)
def test_secrets_are_masked(uri: str, shown: str) -> None:
    assert masked(uri) == shown


def test_no_secret_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError) as caught:
        locate("s3://key:secret@bucket/m?token=secret", folder=tmp_path, artifacts={})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "modelUri is empty"),
        ("  ", "modelUri is empty"),
        ("file://otherhost/model", "names the host 'otherhost'"),
        ("file://./model", "names the host '.'"),
        ("file:model", "write file:///absolute/path"),
        ("file:///a%00b", "is not a path"),
        ("./modle", "modelUri ./modle: looked for .*/modle: No such file or directory; .* holds the model"),
    ],
)
def test_wrong_uris(model: Path, uri: str, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        locate(uri, folder=model.parent, artifacts={})


def test_a_plain_file_is_the_model(model: Path) -> None:
    assert find_model_file(model / "model.joblib", ["other"]) == model / "model.joblib"


def test_the_first_name_wins(model: Path) -> None:
    (model / "model.pkl").write_bytes(b"x")
    assert find_model_file(model, ["model.joblib", "model.pkl"]).name == "model.joblib"
    assert find_model_file(model, ["model.pkl", "model.joblib"]).name == "model.pkl"


def test_a_folder_without_a_model_lists_what_it_holds(tmp_path: Path) -> None:
    for index in range(12):
        (tmp_path / f"file{index:02}").touch()
    with pytest.raises(ArtifactError) as caught:
        find_model_file(tmp_path, ["model.joblib", "model.pkl"])
    assert "looked for any of model.joblib, model.pkl" in str(caught.value)
    assert "holds file00, file01" in str(caught.value)
    assert str(caught.value).endswith("file09 and 2 more")


def test_a_folder_of_the_models_name(tmp_path: Path) -> None:
    (tmp_path / "model.joblib" / "inner").mkdir(parents=True)
    with pytest.raises(ArtifactError, match="is a folder, and the model file"):
        find_model_file(tmp_path, ["model.joblib"])


def test_a_dangling_link_of_the_models_name(tmp_path: Path) -> None:
    (tmp_path / "model.joblib").symlink_to("gone")
    with pytest.raises(ArtifactError, match="a link to gone, and nothing is there"):
        find_model_file(tmp_path, ["model.joblib"])


def test_a_mounted_claim(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locate_module, "CLAIMS", model.parent)
    assert locate("pvc://claim/the model", folder=Path("/"), artifacts={}) == model
    with pytest.raises(ArtifactError, match="climbs out of its claim"):
        locate("pvc://claim/../etc", folder=Path("/"), artifacts={})
