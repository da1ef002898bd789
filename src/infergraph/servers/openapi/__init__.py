"""The OpenAPI 3.1 document of one deployment's REST paths (SELDON_V1 §3.4, §4.1)."""

from infergraph.servers.openapi.document import openapi_document
from infergraph.servers.openapi.examples import MESSAGES

__all__ = ["MESSAGES", "openapi_document"]
