"""A predictor says how much of the traffic it gets."""

from tests.servers.picture.drawing import deployment, drawn, texts, unit


def test_predictors_show_their_share_of_the_traffic() -> None:
    canary = deployment(
        {"name": "main", "graph": unit("m"), "traffic": 75},
        {"name": "canary", "graph": unit("m"), "traffic": 25},
        {"name": "next", "graph": unit("m"), "traffic": 20, "shadow": True},
    )
    shares = [text for text in texts(canary) if "%" in text]
    assert shares == [
        "75 % of the traffic",
        "25 % of the traffic",
        "shadow: a copy of 20 % of the traffic; its answers are dropped",
    ]
    assert [rect.get("width") for rect in drawn(canary).iter() if rect.get("class") == "ig-share"] == [
        "120.0",
        "40.0",
        "32.0",
    ]


def test_a_shadow_beside_one_predictor_gets_everything_unless_it_says_less() -> None:
    both = deployment({"name": "main", "graph": unit("m")}, {"name": "next", "graph": unit("m"), "shadow": True})
    assert "100 % of the traffic" in texts(both)
    assert "shadow: a copy of 100 % of the traffic; its answers are dropped" in texts(both)
