"""Long names."""

from tests.servers.picture.drawing import SVG, drawn, graph, said, unit


def test_long_names_are_broken_into_lines_and_whole_in_the_tooltip() -> None:
    name = "a-rather-long-name-that-somebody-generated-from-a-branch-123"
    long = graph(unit(name))
    rows = [text.text or "" for text in drawn(long).findall(f".//{SVG}text[@class='ig-name']")]
    assert len(rows) > 1
    assert "".join(rows) == name
    assert name in said(long)


def test_a_name_without_end_is_cut() -> None:
    rows = drawn(graph(unit("n" * 10_000))).findall(f".//{SVG}text[@class='ig-name']")
    assert len(rows) == 4
    assert (rows[-1].text or "").endswith("…")
