"""Whose turn it is."""

import itertools
from typing import Final

from infergraph.errors import BadMessage
from infergraph.gateway.destination import Destination, Routes
from infergraph.graph.schedule import PERIOD, spread

CHOICE: Final = "infergraph-predictor"
"""The header that says which predictor answered; a request with it goes to that one, as feedback should."""


class Turns:
    """Each destination gets exactly its share of any 100 requests in a row, and the shadow its copies."""

    def __init__(self, routes: Routes) -> None:
        self._by_name = {one.name: one for one in routes.destinations}
        order = spread([one.percent for one in routes.destinations])
        self._turns = itertools.cycle([routes.destinations[index] for index in order])
        self._shadow = routes.shadow
        percent = routes.shadow.percent if routes.shadow else 0
        self._copies = itertools.cycle(spread([PERIOD - percent, percent]))

    def next(self, wish: str = "") -> Destination:
        """The next one, or the one that is wished for.

        :raises BadMessage: when there is none of that name.
        """
        if not wish:
            return next(self._turns)
        if wish not in self._by_name:
            raise BadMessage(f"the header {CHOICE} is one of {', '.join(self._by_name)}, got {wish[:100]!r}")
        return self._by_name[wish]

    def copy(self) -> Destination | None:
        """Who gets a copy of this request; nobody, most of the time."""
        return self._shadow if next(self._copies) else None
