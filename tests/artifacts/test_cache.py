import multiprocessing
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from infergraph.artifacts.cache import Cache, Entry
from infergraph.artifacts.fetch import cached
from infergraph.artifacts.http_source import HttpSource
from infergraph.artifacts.lock import Lock
from infergraph.artifacts.obtain import obtain
from infergraph.errors import ArtifactError
from tests.artifacts.fetching import capture, events, order
from tests.artifacts.http_store import Store, failing, http_store
from tests.artifacts.test_archive import member, tar


class Clock:
    """Goes on by a second each time somebody looks."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        self.now_s += 1
        return self.now_s


def filler(key: str, size: int = 100) -> Callable[[Path], Entry]:
    def fill(work: Path) -> Entry:
        (work / "files").mkdir(exist_ok=True)
        (work / "files/model").write_bytes(bytes(size))
        return Entry(key=key, artifact=f"s3://b/{key}", identity=key, size_bytes=size, sha256="0" * 64, fetched_s=1.0)

    return fill


def never(work: Path) -> Entry:
    raise AssertionError("it is there already")


def test_it_is_filled_once(tmp_path: Path) -> None:
    assert (Cache(tmp_path).obtain("k", filler("k")) / "model").read_bytes() == bytes(100)
    assert (Cache(tmp_path).obtain("k", never) / "model").exists()


def test_what_fails_is_not_there(tmp_path: Path) -> None:
    def broken(work: Path) -> Entry:
        (work / "files").mkdir()
        (work / "files/model").write_bytes(b"half")
        raise ArtifactError("it broke")

    cache = Cache(tmp_path)
    with pytest.raises(ArtifactError, match="it broke"):
        cache.obtain("k", broken)
    assert cache.entries() == []
    assert not (tmp_path / "entries/k").exists()
    cache.obtain("k", filler("k"))
    assert len(cache.entries()) == 1


def test_those_used_longest_ago_go(tmp_path: Path) -> None:
    clock = Clock()
    for key in "abc":
        Cache(tmp_path, 250, clock=clock).obtain(key, filler(key))
    assert [entry.key for entry in Cache(tmp_path).entries()] == ["c", "b"]
    Cache(tmp_path, 250, clock=clock).obtain("b", never)
    Cache(tmp_path, 250, clock=clock).obtain("d", filler("d"))
    assert [entry.key for entry in Cache(tmp_path).entries()] == ["d", "b"]


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    running = Cache(tmp_path, 50)
    path = running.obtain("a", filler("a"))
    Cache(tmp_path, 50).obtain("b", filler("b"))
    assert (path / "model").exists()
    assert not Cache(tmp_path).remove("a")
    del running
    assert Cache(tmp_path).remove("a")
    assert not path.exists()


def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(ArtifactError, match="belongs to another user"):
        Cache(tmp_path).obtain("k", never)


def test_nobody_else_may_write(tmp_path: Path) -> None:
    Cache(tmp_path / "new").obtain("k", filler("k"))
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="INFERGRAPH_CACHE_DIR names another folder"):
        Cache(tmp_path / "file").obtain("k", never)


def test_a_new_version_is_another_entry(tmp_path: Path) -> None:
    with http_store(model=b"one") as store:
        cache = Cache(tmp_path)
        assert (cached(HttpSource(f"{store.url}/model"), None, order(), cache) / "model").read_bytes() == b"one"
        store.files["/model"], store.tags["/model"] = b"two", '"2"'
        assert (cached(HttpSource(f"{store.url}/model"), None, order(), cache) / "model").read_bytes() == b"two"
    assert len(cache.entries()) == 2


def test_a_store_that_is_away(tmp_path: Path) -> None:
    with http_store(model=b"one") as store:
        url = f"{store.url}/model"
        cached(HttpSource(url), None, order(), Cache(tmp_path))
    with capture() as logs:
        assert (cached(HttpSource(url), None, order(), Cache(tmp_path)) / "model").read_bytes() == b"one"
    assert "Connection refused" in events(logs, "artifact_unreachable")[0]["error"]


def test_a_store_that_says_no_is_not_away(tmp_path: Path) -> None:
    with http_store(model=b"one") as store:
        cached(HttpSource(f"{store.url}/model"), None, order(), Cache(tmp_path))
        del store.files["/model"]
        with pytest.raises(ArtifactError, match="404"):
            cached(HttpSource(f"{store.url}/model"), None, order(), Cache(tmp_path))


def test_the_digest_is_checked_each_time(tmp_path: Path) -> None:
    with http_store(model=b"one") as store:
        cached(HttpSource(f"{store.url}/model"), None, order(), Cache(tmp_path))
        with pytest.raises(ArtifactError, match="its SHA-256 is"):
            cached(HttpSource(f"{store.url}/model"), "0" * 64, order(), Cache(tmp_path))


def get(url: str, folder: Path) -> Path:
    return obtain(url, folder=folder, artifacts={}, order=order(), cache=Cache(folder / "cache"))


def test_a_file_is_a_file(tmp_path: Path) -> None:
    with http_store(**{"model.joblib": b"x"}) as store:
        assert get(f"{store.url}/model.joblib?sig=secret", tmp_path).read_bytes() == b"x"


@pytest.mark.parametrize("kind", ["http", "path", "file"])
def test_an_archive_is_a_folder(tmp_path: Path, kind: str) -> None:
    archive = tar(tmp_path / "m.tar.gz", member("model.joblib"))
    with http_store(**{"m.tar.gz": archive.read_bytes()}) as store:
        uri = {"http": f"{store.url}/m.tar.gz", "path": "m.tar.gz", "file": f"file://{archive}"}[kind]
        assert (get(uri, tmp_path) / "model.joblib").read_bytes() == b"x"
    assert archive.exists()


def test_a_bad_archive_leaves_nothing(tmp_path: Path) -> None:
    tar(tmp_path / "m.tar.gz", member("../../../evil"))
    with pytest.raises(ArtifactError, match=r"m\.tar\.gz holds '\.\./.*climbs out"):
        get("m.tar.gz", tmp_path)
    assert not list(tmp_path.rglob("evil"))
    assert not list((tmp_path / "cache/entries").iterdir())


def test_local_files_are_used_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"x")
    assert get("model", tmp_path) == tmp_path / "model"
    assert not (tmp_path / "cache").exists()


def test_a_copy_that_the_user_names_goes_first(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"x")
    artifacts = {"http://127.0.0.1:9/m": tmp_path / "model"}
    assert obtain("http://127.0.0.1:9/m", folder=tmp_path, artifacts=artifacts) == tmp_path / "model"


def _obtain_in_a_process(url: str, folder: Path, start: "multiprocessing.synchronize.Barrier") -> None:
    start.wait(30)
    assert get(url, folder).read_bytes() == bytes(3_000_000)


def test_processes_at_once_fetch_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with http_store(model=bytes(3_000_000)) as store:
        barrier = spawn.Barrier(4)
        url = f"{store.url}/model"
        processes = [spawn.Process(target=_obtain_in_a_process, args=(url, tmp_path, barrier)) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(50)
            process.kill()
        assert [process.exitcode for process in processes] == [0] * 4
        assert store.sent["/model"] == 3_000_000 + 4  # and the first byte, four times


def test_a_holder_that_dies_leaves_no_lock(tmp_path: Path) -> None:
    Cache(tmp_path).obtain("k", filler("k"))
    Lock(tmp_path / "locks/k", waits=False).close()


def _unavailable(store: Store) -> None:
    store.faults = [failing(503)] * 6


def test_a_failed_fetch_is_gone_on_with(tmp_path: Path) -> None:
    with http_store(model=b"one") as store:
        _unavailable(store)
        with pytest.raises(ArtifactError, match="503"):
            get(f"{store.url}/model", tmp_path)
        assert get(f"{store.url}/model", tmp_path).read_bytes() == b"one"
