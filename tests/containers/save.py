"""The server's image as an archive that a node takes: `make image`. Built from the Dockerfile, without Docker."""

import sys
from pathlib import Path

from cluster import archive
from tests.containers.conftest import SERVER
from tests.containers.image import build
from tests.serving import ROOT

NAME = "infergraph.local/infergraph:dev"


def save(file: Path) -> None:
    """Write it.

    :raises RuntimeError: when it cannot be built, with what was written.
    """
    image = build("server", SERVER, ROOT)
    config = {
        "Env": [f"{name}={value}" for name, value in image.env.items()],
        "Entrypoint": image.entrypoint,
        "Cmd": image.cmd,
        "WorkingDir": image.workdir,
        "User": image.user,
        "Labels": image.labels,
    }
    archive.write(file, NAME, image.root, config=config)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
