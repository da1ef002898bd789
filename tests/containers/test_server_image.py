"""The server's image: what is in it, and that it serves as a hardened pod runs it."""

import os
import sys
import threading
from pathlib import Path

import grpc
import pytest

from tests.containers.container import container, output
from tests.containers.image import Image
from tests.serving import ROOT, ROWS, Answer
from tests.stubs import rows, seldon

pytestmark = pytest.mark.timeout(600)  # the first run builds the image

FREE_PORTS = ("--port", "0", "--grpc-port", "0")
COMPILERS = {"gcc", "cc", "g++", "c++", "clang", "ld", "as", "make", "git"}

SLOW = """
import time


class Slow:
    def predict(self, X, names):
        print('{"event": "called"}', flush=True)
        time.sleep(1)
        return X
"""

SLOW_MANIFEST = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: slow}
spec:
  predictors:
    - name: default
      componentSpecs:
        - spec: {containers: [{name: slow, image: "example/slow:1.0"}]}
      graph:
        name: slow
        type: MODEL
        parameters: [{name: python_class, type: STRING, value: slow.Slow}]
"""


def test_it_says_what_it_is(server: Image) -> None:
    assert server.user == "8888"
    assert server.ports == [8000, 5001]
    assert server.env["INFERGRAPH_HOST"] == "0.0.0.0"
    assert server.entrypoint == ["infergraph"]
    assert server.labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    told = output(server)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Usage: infergraph" in told.stdout


def test_what_is_in_it(server: Image, capsys: pytest.CaptureFixture[str]) -> None:
    ours = server.root / "opt/infergraph"
    size_bytes = sum(path.lstat().st_size for path in ours.rglob("*"))
    with capsys.disabled():
        sys.stdout.write(f"\n/opt/infergraph of the server's image: {size_bytes / 1e6:.0f} MB\n")
    assert size_bytes < 400e6
    names = {path.name for path in server.root.rglob("*")}
    assert not names & COMPILERS
    assert not names & {".cache", ".git"}
    assert not [*ours.rglob("tests")]
    assert not (server.root / "build").exists()
    assert not [path for path in ours.rglob("pip") if path.is_dir()]


def test_its_files_are_for_all_to_read_and_for_nobody_to_write(server: Image) -> None:
    for path in server.root.rglob("*"):
        mode = path.lstat().st_mode
        if path.is_symlink() or path == server.root / "tmp":
            continue
        assert mode & 0o004, path
        assert not mode & 0o6002, path


def test_it_serves_a_manifest(server: Image, iris_model: Path) -> None:
    with container(server, "run", "iris.yaml", *FREE_PORTS, mounts={"/srv": iris_model.parent}) as process:
        answer = process.predict({"data": {"ndarray": [[5.964, 4.006, 2.081, 1.031]]}})
        assert answer.json["data"]["ndarray"][0] == pytest.approx([0.9548, 0.0450, 0.0001], abs=1e-3)
        with grpc.insecure_channel(process.grpc) as channel:
            over_grpc = seldon(channel).Predict(rows([5.964, 4.006, 2.081, 1.031]), timeout=20)
        assert over_grpc.data.ndarray[0][0] == pytest.approx(answer.json["data"]["ndarray"][0][0])
        assert process.stop() == 0
    assert process.errors == ""


@pytest.mark.parametrize("options", [(), ("--workers", "2")])
def test_as_process_1_it_ends_what_it_has_begun(options: tuple[str, ...], server: Image, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "slow.yaml").write_text(SLOW_MANIFEST)
    arguments = ("run", "slow.yaml", *FREE_PORTS, *options)
    with container(server, *arguments, mounts={"/srv": tmp_path}) as process:
        assert _number_inside(process.first) == 1
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(process.predict(ROWS)))
        asking.start()
        process.wait_for("called")
        assert process.stop() == 0
        asking.join()
    assert [answer.status for answer in answers] == [200]


def _number_inside(pid: int) -> int:
    """The number that a process has in its own namespace."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("NSpid:")).split()[-1])


def test_its_process_is_nobody_and_can_write_to_tmp_only(server: Image) -> None:
    tries = (
        "id -u; for f in /x /srv/x /opt/infergraph/x /etc/passwd /tmp/x; do (echo >> $f) 2> /dev/null && echo $f; done"
    )
    done = output(server, tries, entrypoint=["sh", "-c"])
    assert done.stdout.split() == ["8888", "/tmp/x"]
    named = output(server, "import getpass; print(getpass.getuser())", entrypoint=["python", "-c"])
    assert named.stdout.strip() == "infergraph", named.stderr


def test_the_package_in_the_image_is_the_one_of_the_checkout(server: Image) -> None:
    (package,) = (server.root / "opt/infergraph/lib").glob("python*/site-packages/infergraph")
    files = {path.relative_to(package) for path in package.rglob("*.py")}
    assert files == {path.relative_to(ROOT / "src/infergraph") for path in (ROOT / "src/infergraph").rglob("*.py")}
    assert os.access(server.root / "usr/share/infergraph/start", os.X_OK)
