"""The objects of each manifest are those that were reviewed. What each is about, the tests in objects/ assert."""

import pytest

from infergraph.kubernetes.yaml_text import yaml_text
from tests.kubernetes.rendering import GOLDEN, NAMES, made


@pytest.mark.parametrize("name", NAMES)
def test_the_objects_are_the_golden_ones(name: str) -> None:
    assert yaml_text(made(name).all) == (GOLDEN / f"{name}.yaml").read_text(), "see `make goldens`"


def test_no_golden_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.yaml")) == NAMES


def test_the_same_objects_are_the_same_bytes() -> None:
    made.cache_clear()
    first = yaml_text(made("fused_graph").all)
    made.cache_clear()
    assert yaml_text(made("fused_graph").all) == first


@pytest.mark.parametrize("name", NAMES)
def test_every_object_can_be_found_and_applied(name: str) -> None:
    """What holds for all: server-side apply takes lists whose keys are there, and are there once."""
    for one in made(name).all:
        assert one["metadata"]["namespace"] == "models"
        assert "seldon-deployment-id" in one["metadata"]["labels"]
    for deployment in made(name).of("Deployment"):
        template = deployment["spec"]["template"]
        labels = template["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
        assert all(len(key.rpartition("/")[2]) <= 63 and len(value) <= 63 for key, value in labels.items())
        volumes = [volume["name"] for volume in template["spec"]["volumes"]]
        assert len(volumes) == len(set(volumes))
        for container in [*template["spec"]["containers"], *template["spec"].get("initContainers", ())]:
            ports = [(port["containerPort"], port["protocol"]) for port in container.get("ports", ())]
            mounts = container.get("volumeMounts", ())
            assert len(ports) == len(set(ports))
            assert container["image"]
            assert {mount["name"] for mount in mounts} <= set(volumes)
            assert len({mount["mountPath"] for mount in mounts}) == len(mounts)
