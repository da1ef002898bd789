"""Whether the operator does its work, told by what it has done; the sentence says what is wrong."""

from typing import Final

from infergraph.kubernetes.operator.meter import OperatorMeter
from infergraph.kubernetes.operator.operator import Operator

LATE_S: Final = 300.0
"""How long a deployment that is due may wait for somebody who looks at it."""
LOOK_S: Final = 600.0
"""How long one look may take: each call has a time limit of its own, of 30 s."""


def illness(operator: Operator, meter: OperatorMeter) -> str:
    """Why this process should be replaced by another one; empty when it should not. A process that only waits to lead
    has nothing to be late with."""
    if not operator.is_working:
        return ""
    late_s, longest_s = operator.queue.late_s(), meter.longest_look_s()
    if late_s > LATE_S:
        return f"a deployment has been due for {late_s:.0f} s, and nobody looks at it"
    if longest_s > LOOK_S:
        return f"one look at a deployment has been taking {longest_s:.0f} s"
    return ""


def unreadiness(operator: Operator, *, is_ending: bool, waits_for_webhook: bool) -> str:
    """Why nothing should be sent here yet, or any more."""
    if is_ending:
        return "it is ending"
    if not operator.is_synced:
        return "it does not know yet all that there is in the cluster"
    return "the webhook has no certificate yet" if waits_for_webhook else ""
