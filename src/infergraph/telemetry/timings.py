"""When one request got how far."""

from collections.abc import Mapping

_NOWHERE: Mapping[str, int] = {}


class Timings:
    """The marks of one request, in seconds of the performance counter; 0 is not reached.

    Who handles the request sets them: ``received_s`` when the whole body is there, ``decoded_s`` when it is read and
    goes into the graph, ``walked_s`` when the graph has answered; one that never is has failed. ``routing`` is what the
    routers chose, and says also which predictor answered.
    """

    # Defaults of the class cost nothing when an object is made.
    started_s: float = 0.0
    received_s: float = 0.0
    decoded_s: float = 0.0
    walked_s: float = 0.0
    routing: Mapping[str, int] = _NOWHERE
