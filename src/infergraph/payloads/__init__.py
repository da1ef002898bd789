"""What travels: the payload, decoded once, and one codec for each wire format.

Belongs here: `Payload` and its parts, and pure functions between them and bytes.
MUST NOT be here: sockets, headers, anything that knows of a graph or of a component.
"""

from infergraph.payloads.feedback import Feedback
from infergraph.payloads.payload import Encoding, Meta, Payload

__all__ = ["Encoding", "Feedback", "Meta", "Payload"]
