"""Units that run in another process, called over the v1 component API (SELDON_V1 §3.5, §4).

Belongs here: where such a unit listens, how it is asked, and what a call that goes wrong means. A deployment without
one imports nothing of what its calls need.
MUST NOT be here: how its code is started; what a unit of this process does.
"""

from infergraph.graph.remote.address import Address, Addresses, remote_addresses
from infergraph.graph.remote.calls import CallLimits
from infergraph.graph.remote.unit import RemoteUnit

__all__ = ["Address", "Addresses", "CallLimits", "RemoteUnit", "remote_addresses"]
