import hashlib
import os
from pathlib import Path

import pytest

from infergraph.artifacts import download, http_client
from infergraph.artifacts.fetch import fetch
from infergraph.errors import ArtifactError
from tests.artifacts.fetching import capture, events, order
from tests.artifacts.http_store import Store, cut, failing, hang_up, http_store

CONTENT = os.urandom(3_000_000)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PIECE_BYTES", 400_000)


def get(store: Store, folder: Path, waits: list[float] | None = None) -> bytes:
    fetch(f"{store.url}/model", folder, order=order(waits))
    assert [path.name for path in folder.iterdir()] == ["model"]
    return (folder / "model").read_bytes()


@pytest.mark.usefixtures("small_pieces")
def test_pieces_make_the_file(tmp_path: Path) -> None:
    with http_store(model=CONTENT) as store:
        assert get(store, tmp_path / "out") == CONTENT
        assert len([span for _, span in store.asked if span != "bytes=0-0"]) == 8


@pytest.mark.parametrize("says_length", [True, False])
def test_a_server_without_ranges(tmp_path: Path, says_length: bool) -> None:
    with http_store(model=CONTENT) as store:
        store.has_ranges, store.says_length = False, says_length
        assert get(store, tmp_path / "out") == CONTENT


def test_a_connection_that_ends_in_the_middle_goes_on_there(tmp_path: Path) -> None:
    waits: list[float] = []
    with http_store(model=CONTENT) as store:
        store.faults = [cut(1_000_000), hang_up, cut(500_000)]
        assert get(store, tmp_path / "out", waits) == CONTENT
        spans = [span for _, span in store.asked if span != "bytes=0-0"]
    assert [span.partition("-")[0] for span in spans if span] == [
        "bytes=0",
        "bytes=1000000",
        "bytes=1000000",
        "bytes=1500000",
    ]
    assert len(waits) == 3


def test_without_ranges_it_begins_again(tmp_path: Path) -> None:
    with http_store(model=CONTENT) as store, capture() as logs:
        store.has_ranges = False
        store.faults = [cut(1_000_000)]
        assert get(store, tmp_path / "out") == CONTENT
    assert events(logs, "artifact_progress")[-1]["done_bytes"] == len(CONTENT)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_cannot_now(tmp_path: Path, status: int) -> None:
    waits: list[float] = []
    with http_store(model=CONTENT) as store:
        store.faults = [failing(status), failing(status)]
        assert get(store, tmp_path / "out", waits) == CONTENT
    assert waits == [0.5, 1.0]


def test_retry_after(tmp_path: Path) -> None:
    waits: list[float] = []
    with http_store(model=CONTENT) as store:
        store.faults = [failing(429, Retry_After="9")]
        assert get(store, tmp_path / "out", waits) == CONTENT
    assert waits == [9.0]


def test_giving_up_leaves_the_folder_without_a_model(tmp_path: Path) -> None:
    with http_store(model=CONTENT) as store:
        store.faults = [failing(503)] * 9
        with pytest.raises(ArtifactError, match=r"the server answered 503 .*not now; gave up after 6 attempts"):
            fetch(f"{store.url}/model", tmp_path, order=order())
    assert not (tmp_path / "model").exists()


@pytest.mark.usefixtures("small_pieces")
def test_what_came_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "THREADS", 1)
    with http_store(model=CONTENT) as store:
        store.faults = [*[lambda _: False] * 5, failing(404)]
        with pytest.raises(ArtifactError, match="404"):
            fetch(f"{store.url}/model", tmp_path, order=order())
        store.faults, before = [], store.sent["/model"]
        fetch(f"{store.url}/model", tmp_path, order=order())
        assert store.sent["/model"] - before == len(CONTENT) - 5 * 400_000 + 1
    assert (tmp_path / "model").read_bytes() == CONTENT


def test_another_version_is_not_mixed_with_the_first(tmp_path: Path) -> None:
    def changes(handler: object) -> bool:
        store.files["/model"], store.tags["/model"] = CONTENT[::-1], '"2"'
        return False

    with http_store(model=CONTENT) as store:
        store.faults = [cut(1_000_000), changes]
        with pytest.raises(ArtifactError, match="changed while it was fetched"):
            fetch(f"{store.url}/model", tmp_path, order=order())
        fetch(f"{store.url}/model", tmp_path, order=order())
    assert (tmp_path / "model").read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/gone", "the server answered 404 Not Found: no such key; nothing is there"),
        ("/", "names no file"),
        ("/..%2f..%2fevil", "climbs out of its folder"),
    ],
)
def test_what_is_not_there(tmp_path: Path, path: str, message: str) -> None:
    with http_store(**{"..%2f..%2fevil": b"x"}) as store, pytest.raises(ArtifactError, match=message):
        fetch(f"{store.url}{path}", tmp_path / "out", order=order())


def test_a_web_page_is_no_model(tmp_path: Path) -> None:
    with http_store() as store:
        store.redirects = {"/model": "/login"}
        store.password = "me:secret"
        with pytest.raises(ArtifactError, match="401 Unauthorized: Who are you") as caught:
            fetch(f"http://you:letmein@{store.url[7:]}/model", tmp_path, order=order())
    assert "letmein" not in str(caught.value)
    assert "***@" in str(caught.value)
    assert str(caught.value).endswith("it wants credentials: https://USER:PASSWORD@host/...")


def test_a_password_in_the_uri(tmp_path: Path) -> None:
    with http_store(model=CONTENT) as store, capture() as logs:
        store.password = "me:se cret/@1"
        fetch(f"http://me:se%20cret%2F%401@{store.url[7:]}/model", tmp_path, order=order())
    assert (tmp_path / "model").read_bytes() == CONTENT
    assert "cret" not in str(logs)


def test_a_password_does_not_go_to_another_host(tmp_path: Path) -> None:
    with http_store(model=b"x") as other, http_store() as store:
        store.redirects = {"/model": f"{other.url}/model"}
        other.password = "me:secret"
        with pytest.raises(ArtifactError, match="401"):
            fetch(f"http://me:secret@{store.url[7:]}/model", tmp_path, order=order())


def test_redirects_are_followed(tmp_path: Path) -> None:
    with http_store(model=CONTENT) as other, http_store() as store:
        store.redirects = {"/model": f"{other.url}/model"}
        fetch(f"{store.url}/model", tmp_path, order=order())
    assert (tmp_path / "model").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://169.254.169.254/latest/meta-data/iam", "no model is fetched there"),
        ("http://[::ffff:169.254.169.254]/", "no model is fetched there"),
        ("file:///etc/passwd", "not allowed"),
        ("ftp://127.0.0.1/x", "from http to ftp"),
        ("/model", "redirect"),
    ],
)
def test_redirects_that_are_not_followed(tmp_path: Path, target: str, message: str) -> None:
    with http_store() as store:
        store.redirects = {"/model": target}
        with pytest.raises(ArtifactError, match=message):
            fetch(f"{store.url}/model", tmp_path / "out", order=order())
    assert not list(tmp_path.rglob("*"))


def test_a_public_host_does_not_redirect_into_this_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "is_private", lambda _: False)  # there is no public host here
    with http_store(model=CONTENT) as other, http_store() as store:
        store.redirects = {"/model": f"{other.url}/model"}
        with pytest.raises(ArtifactError, match=r"a public host redirected to 127\.0\.0\.1"):
            fetch(f"{store.url}/model", tmp_path, order=order())
        assert other.asked == []


@pytest.mark.parametrize("uri", ["http://169.254.169.254/latest/x", "http://2852039166/x", "http://[fd00:ec2::254]/x"])
def test_metadata_addresses(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ArtifactError, match="no model is fetched there"):
        fetch(uri, tmp_path, order=order())


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with http_store() as store:
        url = store.url
    with pytest.raises(ArtifactError, match="Connection refused; gave up after 6 attempts"):
        fetch(f"{url}/model", tmp_path, order=order())


def test_the_digest(tmp_path: Path) -> None:
    expected = hashlib.sha256(CONTENT).hexdigest()
    with http_store(model=CONTENT) as store:
        assert fetch(f"{store.url}/model", tmp_path / "a", sha256=expected, order=order()).sha256 == expected
        with pytest.raises(ArtifactError, match=f"its SHA-256 is {expected}, and 000"):
            fetch(f"{store.url}/model", tmp_path / "b", sha256="0" * 64, order=order())
        assert not list((tmp_path / "b").iterdir())
        with pytest.raises(ArtifactError, match="64 hexadecimal digits"):
            fetch(f"{store.url}/model", tmp_path / "c", sha256="abc", order=order())
        assert not (tmp_path / "c").exists()  # nothing was asked for
