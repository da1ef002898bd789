"""Write the golden objects anew: `make goldens`. What git shows then is to be read before it is committed."""

from infergraph.kubernetes.yaml_text import yaml_text
from tests.kubernetes.rendering import GOLDEN, NAMES, made


def write() -> None:
    for path in GOLDEN.glob("*.yaml"):
        path.unlink()
    for name in NAMES:
        (GOLDEN / f"{name}.yaml").write_text(yaml_text(made(name).all))


if __name__ == "__main__":
    write()
