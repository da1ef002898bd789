"""How a request flows: the units of a deployment, compiled once into steps.

Belongs here: compiling, the walk of a request and of a feedback, where a call runs, traffic split and shadow.
Everything that happens to a request is a `Step`, or a step that wraps a step.
MUST NOT be here: web frameworks, gRPC servers, Kubernetes; what a component does inside.
"""

from infergraph.graph.context import Context
from infergraph.graph.step import Executable, FeedbackStep, Step

__all__ = ["Context", "Executable", "FeedbackStep", "Step"]
