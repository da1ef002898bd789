"""The base for Kustomize is the chart's objects, and Kustomize can build it."""

import subprocess
from typing import Any

import yaml

from tests.charts.helm import template, tool
from tests.serving import ROOT

BASE = ROOT / "deploy/kustomize"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def by_name(objects: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """Objects by kind and name; Kustomize orders them anew."""
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def base() -> list[dict[str, Any]]:
    return [one for one in yaml.load_all((BASE / "operator.yaml").read_text(), Loader=_LOADER) if one]


def test_it_is_what_the_chart_makes() -> None:
    """`deploy/render.sh` writes it anew."""
    assert base() == template(release="infergraph")


def test_kustomize_builds_it() -> None:
    found = subprocess.run([tool("kubectl"), "kustomize", BASE], capture_output=True, text=True, check=True, timeout=50)
    built = by_name([one for one in yaml.load_all(found.stdout, Loader=_LOADER) if one])
    assert built.pop(("Namespace", "infergraph-system"))
    assert built == by_name(base())
