"""A deployment as a cluster has it: plain data that came from no file."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from infergraph.declaration.deployment import SeldonDeployment
from infergraph.declaration.document import Document
from infergraph.declaration.manifest import KNOWN_SERVERS
from infergraph.declaration.nodes import Place
from infergraph.declaration.problem import At, Problem, in_order
from infergraph.declaration.rules import check_rules
from infergraph.declaration.shape import check_shape


def inspect_object(
    data: Mapping[str, Any], *, servers: Collection[str] = KNOWN_SERVERS
) -> tuple[SeldonDeployment | None, tuple[Problem, ...]]:
    """The deployment, or all that is wrong with it: what `infergraph validate` says, without file and line.

    ``servers`` are the prepackaged servers that there are. None where there is any problem.
    """
    deployment, problems = check_shape(_Stored(data=data, file="", places={}))
    if deployment is not None:
        problems += check_rules(deployment, servers=servers)
    return (None if problems else deployment), in_order(problems)


class _Stored(Document, frozen=True, kw_only=True):
    """Its values have no line, and are written as JSON has them."""

    def place(self, at: At) -> Place:
        value = self.data
        for part in at:
            value = value[part]
        return Place(0, 0, value if isinstance(value, str) else json.dumps(value))
