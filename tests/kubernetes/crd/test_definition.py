from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from infergraph.cli.main import main
from infergraph.kubernetes.crd import definition
from tests.kubernetes.rendering import MANIFESTS, NAMES

SPEC = definition()["spec"]


def schema() -> dict[str, Any]:
    found: dict[str, Any] = SPEC["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def test_its_names() -> None:
    assert definition()["metadata"]["name"] == "seldondeployments.machinelearning.seldon.io"
    assert SPEC["group"] == "machinelearning.seldon.io"
    assert SPEC["scope"] == "Namespaced"
    assert SPEC["names"] == {
        "kind": "SeldonDeployment",
        "listKind": "SeldonDeploymentList",
        "plural": "seldondeployments",
        "singular": "seldondeployment",
        "shortNames": ["sdep"],
        "categories": ["all"],
    }


def test_three_versions_are_served_and_the_first_is_stored() -> None:
    assert [one["name"] for one in SPEC["versions"]] == ["v1", "v1alpha2", "v1alpha3"]
    assert [one["storage"] for one in SPEC["versions"]] == [True, False, False]
    assert all(one["served"] for one in SPEC["versions"])
    assert SPEC["conversion"] == {"strategy": "None"}
    first, *others = ({**one, "name": "", "storage": ""} for one in SPEC["versions"])
    assert others == [first, first]


def test_subresources() -> None:
    assert SPEC["versions"][0]["subresources"] == {
        "status": {},
        "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
    }


def test_printed_columns() -> None:
    columns = SPEC["versions"][0]["additionalPrinterColumns"]
    assert [column["name"] for column in columns] == ["State", "Replicas", "Ready", "URL", "Age"]


@pytest.mark.parametrize("name", NAMES)
def test_manifests_keep_the_schema(name: str) -> None:
    found = yaml.safe_load((MANIFESTS / f"{name}.yaml").read_text())
    without_nulls = yaml.safe_load(yaml.dump(found).replace("creationTimestamp: null", "creationTimestamp: ''"))
    assert list(Draft202012Validator(schema()).iter_errors(without_nulls)) == []


@pytest.mark.parametrize(
    "wrong", ["predictors: {}", "replicas: many, predictors: []", "annotations: [], predictors: []"]
)
def test_what_is_of_another_type_does_not(wrong: str) -> None:
    found = yaml.safe_load(f"{{spec: {{{wrong}}}}}")
    assert list(Draft202012Validator(schema()).iter_errors(found))


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(main, ["crd"])
    assert done.exit_code == 0
    assert yaml.safe_load(done.stdout) == definition()
    # What `kubectl apply` writes of an object into its annotation may have 256 KiB.
    assert len(str(definition())) < 200_000
