"""What spreads a deployment's traffic over its predictors where no ingress does: shares, kept exactly, and copies.

Belongs here: passing requests on, over HTTP and gRPC, as they are.
MUST NOT be here: anything that reads what is in a request; a gateway knows neither models nor payloads.
"""

from infergraph.gateway.destination import Destination, Routes
from infergraph.gateway.gateway import Gateway

__all__ = ["Destination", "Gateway", "Routes"]
