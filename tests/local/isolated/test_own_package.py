"""What runs here can be installed elsewhere as it is: from a checkout, and from what was installed from a wheel."""

import subprocess
import sys
from pathlib import Path

import infergraph
from infergraph.local.isolated.own_package import FOLDER, OwnPackage

AGAIN = """
import sys
from pathlib import Path
from infergraph.local.isolated.own_package import FOLDER, OwnPackage
print(FOLDER)
print(OwnPackage().identity)
print(OwnPackage().write(Path(sys.argv[1])))
"""


def installed(wheel: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    subprocess.run([*command, str(wheel)], check=True, timeout=50)


def test_a_checkout_is_installed_as_a_path_to_it(tmp_path: Path) -> None:
    wheel = OwnPackage().write(tmp_path)
    assert wheel.name == f"infergraph-{infergraph.__version__}-py3-none-any.whl"
    installed(wheel, tmp_path / "there")
    assert (tmp_path / "there/_infergraph.pth").read_text() == f"{FOLDER.parent}\n"


def test_what_was_installed_can_be_installed_again(tmp_path: Path) -> None:
    own = OwnPackage()
    own._is_checkout = False
    installed(own.write(tmp_path), tmp_path / "first")
    again = [sys.executable, "-c", AGAIN, str(tmp_path / "first")]
    done = subprocess.run(
        again, env={"PYTHONPATH": str(tmp_path / "first")}, capture_output=True, text=True, check=True
    )
    folder, identity, wheel = done.stdout.splitlines()
    assert folder == str(tmp_path / "first/infergraph")
    assert identity != OwnPackage().identity
    installed(Path(wheel), tmp_path / "second")
    names = [sorted(path.name for path in (tmp_path / one).rglob("*.py")) for one in ("first", "second")]
    assert names[0] == names[1]
    assert len(names[0]) > 300
