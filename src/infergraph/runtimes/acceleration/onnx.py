"""Whatever skl2onnx can convert, called by onnxruntime."""

from typing import Any

import numpy as np

from infergraph.runtimes.acceleration.candidate import Call, Candidate

BY = "onnxruntime"
_LABELS, _SCORES = 0, -1


def candidate(model: Any, method: str, width: int, dtype: type, expected: np.ndarray) -> Candidate:
    """The model in ONNX, with its numbers in ``dtype``, whose answers have the form of ``expected``.

    Raises whatever the conversion does.
    """
    return Candidate(BY, _call(_session(model, method, width, dtype), method, dtype, expected))


def _session(model: Any, method: str, width: int, dtype: type) -> Any:
    import onnxruntime
    from skl2onnx import to_onnx

    options: dict[str, Any] = {"zipmap": False} if hasattr(model, "classes_") else {}
    if method == "decision_function":
        options["raw_scores"] = True
    converted = to_onnx(model, np.zeros((1, width), dtype), options=options or None)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1  # a worker has a core, not more
    settings.log_severity_level = 4
    return onnxruntime.InferenceSession(converted.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def _call(session: Any, method: str, dtype: type, expected: np.ndarray) -> Call:
    given = session.get_inputs()[0].name
    outputs = session.get_outputs()
    wanted = [outputs[_LABELS if method == "predict" else _SCORES].name]
    run = session.run

    def call(x: np.ndarray) -> np.ndarray:
        answer: np.ndarray = run(wanted, {given: np.asarray(x, dtype, order="C")})[0]
        if answer.ndim > expected.ndim:  # a column of numbers, or the scores of both classes where one says it all
            answer = answer[:, -1]
        return answer.astype(expected.dtype, copy=False)

    return call
