"""Where the boxes stand: columns by depth, and each subtree in a strip of its own, so that nothing overlaps."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from infergraph.servers.picture.card import Card

PAD, GAP_X = 20.0, 112.0
_GAP_Y, _ENTRY = 22.0, 46.0


class Placed(msgspec.Struct, frozen=True):
    """A card with the top left corner of its box, and its placed children."""

    card: Card
    x: float
    y: float
    children: tuple["Placed", ...]

    @property
    def middle(self) -> float:
        """The height at which edges arrive and leave."""
        return self.y + self.card.height / 2

    def walk(self) -> Iterator["Placed"]:
        """This one and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def placed_tree(root: Card) -> Placed:
    """A tree with the place of each box, in pixels from the upper left corner of the tree's own area."""
    widths = list(_column_widths([root]))
    lefts = list(accumulate((width + GAP_X for width in widths), initial=PAD + _ENTRY))
    return _place(root, lefts, 0, 0.0)


def _column_widths(level: Sequence[Card]) -> Iterator[float]:
    while level:
        yield max(card.width for card in level)
        level = [child for card in level for child in card.children]


def tree_height(card: Card) -> float:
    """How many pixels high a card is with all that is below it."""
    below = sum(tree_height(child) + _GAP_Y for child in card.children) - _GAP_Y
    return max(card.height, below)


def _place(card: Card, lefts: Sequence[float], depth: int, top: float) -> Placed:
    height = tree_height(card)
    below = sum(tree_height(child) + _GAP_Y for child in card.children) - _GAP_Y
    child_tops = accumulate((tree_height(c) + _GAP_Y for c in card.children), initial=top + (height - below) / 2)
    children = tuple(
        _place(child, lefts, depth + 1, child_top) for child, child_top in zip(card.children, child_tops, strict=False)
    )
    return Placed(card, lefts[depth], top + (height - card.height) / 2, children)
