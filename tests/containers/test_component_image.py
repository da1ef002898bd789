"""A component's image, made of a folder as s2i takes it, and started as the v1 operator does."""

import sys
from pathlib import Path

import grpc
import pytest

from tests.containers.conftest import COMPONENT, built
from tests.containers.container import container, output
from tests.containers.image import Image, build
from tests.serving import ROWS
from tests.stubs import rows, seldon

pytestmark = pytest.mark.timeout(600)  # the first run builds the images

SPAM = """
import os
from pathlib import Path

import iniconfig


class Spam:
    def __init__(self, threshold=1.0):
        self.threshold = threshold

    def predict(self, X, names):
        return X * self.threshold

    def tags(self):
        before = Path("/tmp/before").read_text()
        return {"before": before, "package": iniconfig.__name__, "mode": os.environ["THE_MODE"]}
"""

FOLDER = {
    "Spam.py": SPAM,
    "requirements.txt": "iniconfig\n",
    "before-run": "#!/bin/sh\necho -n done > /tmp/before\n",
    ".s2i/environment": "# as s2i reads it\nMODEL_NAME=Spam\nSERVICE_TYPE=MODEL\nTHE_MODE=x=y\n",
    ".git/HEAD": "ref: refs/heads/main\n",
}

OPERATOR = {
    "PREDICTIVE_UNIT_HTTP_SERVICE_PORT": "0",
    "PREDICTIVE_UNIT_GRPC_SERVICE_PORT": "0",
    "PREDICTIVE_UNIT_METRICS_SERVICE_PORT": "0",
    "PREDICTIVE_UNIT_ID": "spam",
    "PREDICTIVE_UNIT_IMAGE": "example/spam:1.0",
    "PREDICTIVE_UNIT_PARAMETERS": '[{"name":"threshold","type":"FLOAT","value":"2"}]',
    "SELDON_DEPLOYMENT_ID": "mail",
    "PREDICTOR_ID": "default",
}
"""What the v1 operator sets, on free ports."""


@pytest.fixture(scope="session")
def spam(server: Image, tmp_path_factory: pytest.TempPathFactory) -> Image:
    folder = tmp_path_factory.mktemp("spam")
    write(folder, FOLDER)
    return built(lambda: build("spam", COMPONENT, folder, images={"infergraph:latest": server}))


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "before-run").chmod(0o755)
    (folder / "Spam.py").chmod(0o600)


def test_it_is_the_folder_and_what_that_requires(spam: Image, capsys: pytest.CaptureFixture[str]) -> None:
    inside = {str(path.relative_to(spam.root / "microservice")) for path in (spam.root / "microservice").rglob("*")}
    assert inside == {"Spam.py", "requirements.txt", "before-run", ".s2i", ".s2i/environment"}
    assert (spam.user, spam.workdir, spam.ports) == ("8888", "/microservice", [9000, 5000, 6000])
    assert (spam.root / "microservice/Spam.py").stat().st_mode & 0o777 == 0o644
    ours = spam.root / "opt/infergraph"
    assert [*ours.glob("lib/python*/site-packages/iniconfig")]
    assert not [*ours.glob("lib/python*/site-packages/sklearn")]
    assert not (spam.root / "root/.cache").exists()
    size_bytes = sum(path.lstat().st_size for path in ours.rglob("*"))
    with capsys.disabled():
        sys.stdout.write(f"\n/opt/infergraph of a component's image: {size_bytes / 1e6:.0f} MB\n")
    assert size_bytes < 200e6


def test_it_serves_as_the_operator_starts_it(spam: Image) -> None:
    with container(spam, env=OPERATOR) as process:
        answer = process.predict(ROWS).json
        assert answer["data"]["ndarray"] == [[10.2, 7.0, 2.8, 0.4]]
        assert answer["meta"]["tags"] == {"before": "done", "package": "iniconfig", "mode": "x=y"}
        assert answer["meta"]["requestPath"] == {"spam": "example/spam:1.0"}
        with grpc.insecure_channel(process.grpc) as channel:
            assert seldon(channel).Predict(rows([1.0]), timeout=20).data.ndarray[0][0] == 2.0
        metrics = process.request("GET", "/metrics", port=process.metrics_port).body.decode()
        assert 'deployment_name="mail"' in metrics
        assert process.stop() == 0
    assert process.errors == ""


def test_what_the_pod_sets_goes_before_the_folders_environment(spam: Image) -> None:
    done = output(spam, env={"MODEL_NAME": "Absent"})
    assert done.returncode == 1
    assert "Absent" in done.stderr


def test_without_a_class_it_says_what_it_needs(server: Image, tmp_path: Path) -> None:
    """A folder without settings and without requirements is built too: the pod may name the class."""
    (tmp_path / "Plain.py").write_text("class Plain:\n    def predict(self, X, names):\n        return X\n")
    plain = built(lambda: build("plain", COMPONENT, tmp_path, images={"infergraph:latest": server}))
    done = output(plain)
    assert (done.returncode, done.stderr) == (1, "Failed to find required env vars MODEL_NAME, SERVICE_TYPE\n")
    with container(
        plain, env={**OPERATOR, "MODEL_NAME": "Plain", "SERVICE_TYPE": "MODEL", "PREDICTIVE_UNIT_PARAMETERS": "[]"}
    ) as process:
        assert process.predict(ROWS).json["data"]["ndarray"] == ROWS["data"]["ndarray"]


def test_conda_is_refused_when_the_image_is_built(server: Image, tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("name: microservice\n")
    with pytest.raises(RuntimeError, match=r"environment\.yml: conda is not in this image; name the packages in"):
        build("conda", COMPONENT, tmp_path, images={"infergraph:latest": server})
