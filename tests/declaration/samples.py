"""Manifests for tests, written as short as they can be."""

import textwrap

from infergraph.declaration import Problem, Reading, SeldonDeployment, inspect_text

HEAD = "apiVersion: machinelearning.seldon.io/v1\nkind: SeldonDeployment\nmetadata: {name: iris}\nspec:\n"
MODEL = "{name: m, implementation: SKLEARN_SERVER, modelUri: models/iris}"


def read(spec: str) -> Reading:
    """What comes of a manifest with this spec, whose first line is line 5 of ``iris.yaml``."""
    return inspect_text(HEAD + textwrap.indent(textwrap.dedent(spec).strip("\n"), "  "), file="iris.yaml")


def deployment(spec: str) -> SeldonDeployment:
    """The deployment of a spec that is expected to be valid."""
    reading = read(spec)
    assert reading.problems == ()
    return reading.manifests[0].deployment


def with_graph(graph: str, *, extra: str = "", containers: str = "") -> Reading:
    """What comes of one predictor with this graph, in flow style."""
    pods = f"[{{spec: {{containers: [{containers}]}}}}]"
    return read(f"{{predictors: [{{name: p, graph: {graph}, componentSpecs: {pods}}}]{extra}}}")


def said(problem: Problem) -> str:
    """Path and message, as the manifest's writer reads them."""
    return f"{problem.path}: {problem.message}"
