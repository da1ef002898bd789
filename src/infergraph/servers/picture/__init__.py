"""A deployment drawn as one SVG: every predictor a band, its units a tree from left to right.

A reader sees who is called when: the numbers on the boxes are the order of the calls, a router and a combiner have
shapes of their own, and an arrow back to a parent says that this parent waits for its children's answers.

In the order of the work: `calls` (what a unit is asked, and when), `card` (what its box says), `layout` (where it
stands), `box` and `edge` (its shapes), `band` (a predictor), `svg` (the whole).
"""

from infergraph.servers.picture.style import STYLE
from infergraph.servers.picture.svg import graph_svg

__all__ = ["STYLE", "graph_svg"]
