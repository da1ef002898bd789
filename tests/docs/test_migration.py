"""What the page of migration says, as far as it can be tried without two installations."""

import re
import shlex
from typing import Any

import yaml

from infergraph.kubernetes.objects import Settings, objects
from infergraph.kubernetes.objects.settings import settings_of
from tests.charts.helm import template
from tests.declaration.samples import deployment
from tests.serving import ROOT

PAGE = (ROOT / "docs/migration.md").read_text()
IRIS = "{predictors: [{name: p, graph: {name: m, implementation: SKLEARN_SERVER, modelUri: 'gs://a/b'}}]}"


def said(command: str) -> list[str]:
    """The ``--set`` of a command of the page."""
    (found,) = [one for one in re.findall(r"^helm (?:.*\\\n)*.*$", PAGE, re.MULTILINE) if command in one]
    words = shlex.split(found.replace("\\\n", " "))
    return [words[index + 1] for index, word in enumerate(words) if word == "--set"]


def test_the_values_of_operator_first_are_taken() -> None:
    values: dict[str, Any] = {}
    for one in said(" install infergraph "):
        path, _, value = one.partition("=")
        here = values
        *parents, last = path.split(".")
        for name in parents:
            here = here.setdefault(name, {})
        here[last] = {"false": False}.get(value, value)
    objects_made = template(values, namespace="seldon-system")
    (config,) = [one for one in objects_made if one["kind"] == "ConfigMap"]
    settings = settings_of(yaml.safe_load(config["data"]["settings.yaml"]))
    assert settings.engine.image == "docker.io/seldonio/seldon-core-executor:1.16.0"
    assert settings.image.startswith("registry.example/infergraph:")
    assert "CustomResourceDefinition" not in {one["kind"] for one in objects_made}
    assert any("seldon-config" in str(one) for one in objects_made if one["kind"] == "Deployment")


def test_objects_keep_their_names_whoever_executes_graphs() -> None:
    """Their executor and ours, fused or not: nothing comes or goes but the Services of units."""
    kinds = {
        "ours": Settings(),
        "unfused": settings_of({"fuse": False}),
        "theirs": settings_of({"engine": {"image": "e"}, "runtimes": []}),
    }
    names = {
        case: {(one["kind"], one["metadata"]["name"]) for one in objects(deployment(IRIS), settings)}
        for case, settings in kinds.items()
    }
    assert names["theirs"] == names["unfused"]
    assert names["unfused"] - names["ours"] == {("Service", "iris-p-m")}
    selectors = {
        case: [one["spec"]["selector"] for one in objects(deployment(IRIS), settings) if one["kind"] == "Deployment"]
        for case, settings in kinds.items()
    }
    assert selectors["ours"] == selectors["unfused"] == selectors["theirs"]
