"""The whole picture."""

from infergraph.declaration import SeldonDeployment
from infergraph.servers.picture.band import HEADER, MARGIN, band, band_width, shares
from infergraph.servers.picture.card import card_of
from infergraph.servers.picture.layout import PAD, placed_tree, tree_height
from infergraph.servers.picture.style import STYLE
from infergraph.servers.picture.text import clipped, escaped, text_width


def graph_svg(deployment: SeldonDeployment) -> str:
    """Return the picture of a deployment, a whole ``<svg>`` element; the same deployment gives the same text.

    Names are escaped, and broken into lines where they are long; the full name is the box's tooltip.
    """
    cards = [card_of(predictor.graph, predictor, 1)[0] for predictor in deployment.spec.predictors]
    placed = [placed_tree(card) for card in cards]
    full = f"{deployment.namespace}/{deployment.name}"
    title = clipped(full, 64)
    width = max([text_width(title, 20), *(band_width(p, t) for p, t in zip(shares(deployment), placed, strict=True))])
    top, bands = MARGIN + 40.0, []
    for share, predictor, tree in zip(shares(deployment), deployment.spec.predictors, placed, strict=True):
        height = HEADER + tree_height(tree.card) + PAD
        bands.append(band(predictor, share, tree, top, width, height))
        top += height + 18.0
    return _document(full, title, width + 2 * MARGIN, top - 18.0 + MARGIN, "".join(bands))


def _document(full: str, title: str, width: float, height: float, bands: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ig-picture" role="img" {size}>'
        f"<title>The inference graph of {escaped(full)}</title><style>{STYLE}</style>"
        f'<rect class="ig-ground" width="{width:.0f}" height="{height:.0f}" rx="14"/>'
        f'<text class="ig-title" x="{MARGIN}" y="{MARGIN + 18}">{escaped(title)}</text>{bands}</svg>\n'
    )
