"""Which method of a scikit-learn model answers a request."""

from typing import Any

import structlog

from infergraph.errors import LoadError

logger = structlog.get_logger("infergraph.runtimes")

_DEFAULT = "predict_proba"
_CALLED_BY_NAME = (_DEFAULT, "decision_function", "predict")
_KNOWN = (*_CALLED_BY_NAME, "predict_log_proba", "score_samples", "transform")


def choose_method(model: Any, wanted: str | None, file: str) -> str:
    """Return the name of the method to call: ``predict_proba``, ``decision_function`` or ``predict``.

    ``wanted`` is the parameter ``method``, None when the manifest has none. Any other method of the model means
    ``predict`` (SELDON_V1 §5.3). A model without ``predict_proba``, a regressor say, is served by ``predict`` when
    nothing is wanted.

    :raises LoadError: when the model does not have the method, or is no model at all.
    """
    has = _methods_of(model)
    if isinstance(model, type) or "predict" not in has:
        raise LoadError(f"{file} holds {_named(model)}, and a fitted model with a predict method was expected")
    if wanted is None:
        return _DEFAULT if _DEFAULT in has else _fallback(model, file)
    if wanted not in has:
        raise LoadError(
            f"the parameter method is {wanted!r}, and {file} holds {_named(model)}, which has {', '.join(has)}"
        )
    if wanted not in _CALLED_BY_NAME:
        logger.warning("as in Seldon v1, this method means predict; write predict to say so", method=wanted)
        return "predict"
    return wanted


def _fallback(model: Any, file: str) -> str:
    logger.info("the model has no predict_proba, so predict answers", file=file, model=type(model).__name__)
    return "predict"


def _methods_of(model: Any) -> tuple[str, ...]:
    return tuple(name for name in _KNOWN if callable(getattr(model, name, None)))


def _named(model: Any) -> str:
    if isinstance(model, type):
        return f"the class {model.__name__} itself"
    name = type(model).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
