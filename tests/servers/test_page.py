"""The page: self-contained, escaped, and with requests that work."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from infergraph.declaration import SeldonDeployment
from infergraph.servers.examples import example_texts
from infergraph.servers.page import page

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{data}}"


def deployment(name: str = "iris", unit: str = "classifier") -> SeldonDeployment:
    graph = {"name": unit, "implementation": "SKLEARN_SERVER"}
    return msgspec.convert(
        {"metadata": {"name": name}, "spec": {"predictors": [{"name": "main", "graph": graph}]}}, SeldonDeployment
    )


class Page(HTMLParser):
    """A page taken apart: the tags with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.visible: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in self.raw and self.raw[self.tags[-1][0]][-1] == "":
            self.raw[self.tags[-1][0]][-1] = data
        else:
            self.visible.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = msgspec.json.decode(self.raw["script"][0])
        return data

    @property
    def policy(self) -> str:
        return next(meta["content"] or "" for meta in self.all("meta") if "http-equiv" in meta)


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def inputs(**first: Any) -> dict[str, Any]:
    return {"name": "main", "models": {}, "graphinputs": [first], "graphoutputs": []}


def test_it_shows_the_deployment_and_its_links() -> None:
    shown = Page(page(deployment(), prefix="/seldon/default/iris"))
    assert "default/iris" in shown.visible
    assert len(shown.all("svg")) == 1
    assert [link["href"] for link in shown.all("a")] == [
        "/seldon/default/iris/api/v1.0/doc/seldon.json",
        "/seldon/default/iris/api/v1.0/metadata",
        "/seldon/default/iris/ready",
    ]
    assert shown.data["prefix"] == "/seldon/default/iris"


def test_nothing_is_fetched_from_elsewhere() -> None:
    text = page(deployment(), prefix="")
    shown = Page(text)
    assert not [tag for tag, attributes in shown.tags if "src" in attributes]
    assert [link["href"] for link in shown.all("link")] == ["data:,"]
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}


def test_the_policy_allows_just_this_script_and_these_styles() -> None:
    shown = Page(page(deployment(), prefix=""))
    data, script = shown.raw["script"]
    assert f"script-src {hashed(script)};" in shown.policy
    assert f"style-src {' '.join(map(hashed, shown.raw['style']))};" in shown.policy
    assert hashed(data) not in shown.policy
    assert "unsafe" not in shown.policy
    assert "default-src 'none'" in shown.policy


def test_the_policy_is_the_same_for_every_deployment() -> None:
    assert Page(page(deployment(), prefix="")).policy == Page(page(deployment(HOSTILE, HOSTILE), prefix="/x")).policy


def test_no_style_or_script_hides_in_an_attribute() -> None:
    attributes = {name for _, found in Page(page(deployment(), prefix="")).tags for name in found}
    assert not [name for name in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize(
    "text",
    [
        page(deployment(name=HOSTILE), prefix=""),
        page(deployment(unit=HOSTILE), prefix=""),
        page(deployment(), prefix=f"/seldon/default/{HOSTILE}"),
        page(deployment(), prefix="", metadata=inputs(messagetype=HOSTILE, schema={"shape": [HOSTILE]})),
    ],
    ids=["name", "unit", "prefix", "metadata"],
)
def test_hostile_text_stays_text(text: str) -> None:
    harmless, hostile = Page(page(deployment(), prefix="")), Page(text)
    assert len(hostile.all("script")) == len(harmless.all("script"))
    assert not hostile.all("img")
    assert hostile.raw["script"][1] == harmless.raw["script"][1]
    assert hostile.data["examples"] == harmless.data["examples"]


def test_a_name_that_looks_like_a_placeholder_is_not_filled() -> None:
    assert "default/{{data}}" in Page(page(deployment("{{data}}"), prefix="")).visible


def test_the_examples_are_those_for_the_graphs_metadata() -> None:
    metadata = inputs(messagetype="tensor", schema={"shape": [7]})
    data = Page(page(deployment(), prefix="", metadata=metadata)).data
    assert (data["kind"], data["examples"]) == ("tensor", example_texts(metadata))
