import pytest

from infergraph.errors import SetupError
from infergraph.gateway import Destination, Routes


def test_what_a_flag_says() -> None:
    one = Destination.parsed("main=iris-main.models.svc.cluster.local:8000:5001@75")
    assert (one.name, one.percent) == ("main", 75)
    assert one.url == "http://iris-main.models.svc.cluster.local:8000"
    assert one.grpc_address == "iris-main.models.svc.cluster.local:5001"
    assert Destination.parsed(str(one)) == one


@pytest.mark.parametrize(
    "text", ["", "main", "main=host:8000@75", "main=host:8000:5001", "a=h:0:1@1", "a=h:1:70000@1", "a=h:1:1@101"]
)
def test_what_says_none_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="expected NAME=HOST:HTTP_PORT:GRPC_PORT@PERCENT"):
        Destination.parsed(text)


def routes(*texts: str) -> Routes:
    return Routes(tuple(map(Destination.parsed, texts)))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "nowhere to send requests"),
        (["a=h:1:1@50", "a=h:2:2@50"], "names a destination twice"),
        (["a=h:1:1@50", "b=h:2:2@40"], "sum up to 100, got 90"),
    ],
)
def test_routes_that_lead_nowhere_are_refused(texts: list[str], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        routes(*texts)
