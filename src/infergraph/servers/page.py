"""The page on which a newcomer sees what is deployed, and tries it.

One HTML text without any request to elsewhere. Its Content-Security-Policy allows its own script and styles by their
hashes and nothing else, so that a name that would slip through the escaping still cannot run.
"""

import base64
import hashlib
import re
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import msgspec

from infergraph.declaration import SeldonDeployment
from infergraph.payloads.json_text import escape_html
from infergraph.servers.examples import example_kind, example_texts
from infergraph.servers.picture import STYLE, graph_svg

_TEMPLATE = files("infergraph.servers").joinpath("page.html").read_text(encoding="utf-8")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def page(deployment: SeldonDeployment, *, prefix: str, metadata: dict[str, Any] | None = None) -> str:
    """Return the page of a deployment that is served under ``prefix``: ``""`` or ``/seldon/<namespace>/<name>``.

    ``metadata`` is the graph's (SELDON_V1 §3.7), when it is known: the example request then has as many columns as
    the graph takes. Everything inserted is escaped.
    """
    root = quote(prefix, safe="/")
    data = {"prefix": root, "kind": example_kind(metadata), "examples": example_texts(metadata)}
    parts = {
        "policy": escape(_POLICY),
        "title": escape(f"{deployment.namespace}/{deployment.name}"),
        "openapi": escape(f"{root}/api/v1.0/doc/seldon.json"),
        "metadata": escape(f"{root}/api/v1.0/metadata"),
        "ready": escape(f"{root}/ready"),
        "picture": graph_svg(deployment),
        "data": escape_html(msgspec.json.encode(data)).decode(),
    }
    # One pass: a name that looks like a placeholder is never filled.
    return _PLACEHOLDER.sub(lambda found: parts[found[1]], _TEMPLATE)


def _policy() -> str:
    """The policy for the template as it is; a change of its script or style changes the hashes with it."""
    script = _between(r"<script>(.*?)</script>")
    styles = " ".join(map(_hash, (_between(r"<style>(.*?)</style>"), STYLE)))
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {styles}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _between(pattern: str) -> str:
    found = re.search(pattern, _TEMPLATE, re.DOTALL)
    return found[1] if found else ""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY = _policy()
