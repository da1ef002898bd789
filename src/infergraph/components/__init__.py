"""What a unit does: the code behind it, and how that code is called.

Belongs here: the adapter of user classes (SELDON_V1 §4.2), finding and building a user's class, the built-in routers
and combiners. A built-in or a prepackaged server is a plain class, exactly as a user's, so there is one adapter.
MUST NOT be here: the order in which units run, threads, sockets, wire formats.
"""

from infergraph.components.component import Component
from infergraph.components.operation import Operation

__all__ = ["Component", "Operation"]
