import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from infergraph.artifacts.fetch import Fetched
from infergraph.cli.download_bar import DownloadBar
from infergraph.cli.main import main
from tests.artifacts.http_store import Handler, http_store
from tests.artifacts.test_archive import member, tar


def run(*arguments: str | Path, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infergraph", *map(str, arguments)]
    variables = {**os.environ, **(env or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=50, env=variables)


def test_json_lines_on_a_pipe(tmp_path: Path) -> None:
    with http_store(model=bytes(1_000_000)) as store:
        done = run("fetch", f"{store.url}/model", tmp_path)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["artifact_fetching", "artifact_progress", "artifact_fetched"]
    assert lines[1]["done_bytes"] == lines[1]["total_bytes"] == lines[2]["size_bytes"] == 1_000_000
    assert len(lines[2]["sha256"]) == 64


def test_an_archive_is_taken_apart(tmp_path: Path) -> None:
    archive = tar(tmp_path / "m.tar.gz", member("model.joblib"))
    assert run("fetch", archive, tmp_path / "out").returncode == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model.joblib"]


def test_a_refusal(tmp_path: Path) -> None:
    done = run("fetch", "http://me:secret@169.254.169.254/latest", tmp_path)
    assert done.returncode == 1
    assert "no model is fetched there" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("oci://registry/model", "oci:// is not fetched"),
        ("pvc://claim/model", "a claim is mounted in a cluster"),
        ("store9:bucket/x", "RCLONE_CONFIG_STORE9_TYPE"),
        (":s3,secret_access_key=abcd:bucket/x", "name the remote by RCLONE_CONFIG_<REMOTE>_TYPE"),
        ("s3://../x", "expected the name of a bucket"),
        ("gs://bucket/../x", "climbs out"),
        ("az://container/x", "whose container"),
        ("/no/such/file", "No such file"),
    ],
)
def test_what_cannot_be_fetched(tmp_path: Path, uri: str, message: str) -> None:
    done = CliRunner().invoke(main, ["fetch", uri, str(tmp_path / "out")])
    assert done.exit_code == 1
    assert message in done.stderr
    assert "abcd" not in done.stderr


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    archive = tar(tmp_path / "m.tar.gz", member("model/evil"), member("plain"))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / "plain").symlink_to(tmp_path / "file")
    assert run("fetch", tar(tmp_path / "n.tar.gz", member("plain")), out).returncode == 0
    assert (tmp_path / "file").read_bytes() == b"mine"
    assert (out / "plain").read_bytes() == b"x"
    (out / "model").symlink_to(tmp_path / "elsewhere")
    done = run("fetch", archive, out)
    assert done.returncode == 1
    assert "is a link" in done.stderr
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_disk_is_full(tmp_path: Path) -> None:
    """A file may have so many bytes only: it is the same for who writes."""
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000));"
        "from infergraph.cli.main import main; main(sys.argv[1:])"
    )
    with http_store(model=bytes(1_000_000)) as store:
        command = [sys.executable, "-c", program, "fetch", f"{store.url}/model", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_that_claims_to_be_huge(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**13)
    done = run("fetch", tmp_path / "sparse", tmp_path / "out")
    assert done.returncode == 1
    assert "are allowed; INFERGRAPH_ARTIFACT_BYTES allows more" in done.stderr
    done = run("fetch", tmp_path / "sparse", tmp_path / "out", env={"INFERGRAPH_ARTIFACT_BYTES": str(10**14)})
    assert done.returncode == 1
    assert "bytes free" in done.stderr


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_special_files(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    if kind == "fifo":
        os.mkfifo(folder / "x")
    else:
        (folder / "x").symlink_to("/dev/zero")
    done = run("fetch", folder, tmp_path / "out")
    assert done.returncode == 1
    assert "is no plain file" in done.stderr


def test_a_killed_download_is_gone_on_with(tmp_path: Path) -> None:
    with http_store(model=bytes(40_000_000)) as store:

        def kills(handler: Handler) -> bool:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return False

        command = [sys.executable, "-m", "infergraph", "fetch", f"{store.url}/model", str(tmp_path)]
        store.faults = [kills]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(50)
        assert not (tmp_path / "model").exists()
        assert run("fetch", f"{store.url}/model", tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert (tmp_path / "model").stat().st_size == 40_000_000


def test_the_bar() -> None:
    out = StringIO()
    with DownloadBar(Console(file=out, force_terminal=True, width=120, highlight=False)) as bar:
        bar.show({"event": "artifact_fetching", "artifact": "s3://b/[m]", "total_bytes": 2_000_000, "done_bytes": 0})
        bar.show({"event": "artifact_progress", "done_bytes": 1_000_000})
        bar.show({"event": "artifact_retrying", "error": "not now", "wait_s": 1.5})
        bar.done(Fetched("s3://b/[m]", Path("/x"), 2_000_000, "abc"))
    assert "s3://b/[m]" in out.getvalue()
    assert "not now; again in 1.5 s" in out.getvalue()
    assert "2,000,000" in out.getvalue()
