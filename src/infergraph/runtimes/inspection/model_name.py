"""What a pickled model calls itself."""

from typing import Any

from infergraph.runtimes.inspection.pickle_values import Global, Made

_MOST_SHOWN = 6


def model_name(value: Any) -> str:
    """Return the class of a model, and those of a pipeline's steps."""
    if isinstance(value, Global):
        return f"the class {value.name} itself"
    if not isinstance(value, Made):
        return f"a {type(value).__name__}"
    kind = value.class_
    if kind is None:
        return "an object"
    steps = [model_name(step) for step in steps_of(value)]
    more = ["..."] if len(steps) > _MOST_SHOWN else []
    return kind.name + (f" ({' → '.join([*steps[:_MOST_SHOWN], *more])})" if steps else "")


def steps_of(pipeline: Made) -> list[Any]:
    steps = pipeline.attribute("steps")
    if pipeline.name != "sklearn.pipeline.Pipeline" or not isinstance(steps, list):
        return []
    return [pair[1] for pair in steps if isinstance(pair, tuple) and len(pair) == 2]
