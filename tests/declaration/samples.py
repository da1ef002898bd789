"""Manifests for tests, written as short as they can be."""

import textwrap

import yaml

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


def spec(*predictors: str, **fields: str) -> str:
    """A spec in flow style: predictors by what they say beside a graph (a model, unless they have one)."""
    whole = (f"{{{each}}}" if "graph:" in each else f"{{{each}, graph: {MODEL}}}" for each in predictors)
    return f"{{{''.join(f'{name}: {value}, ' for name, value in fields.items())}predictors: [{', '.join(whole)}]}}"


def node(text: str) -> yaml.Node:
    """The root node of a YAML text."""
    found = yaml.compose(text, Loader=yaml.SafeLoader)
    assert found is not None
    return found
