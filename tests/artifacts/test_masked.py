import pytest

from infergraph.artifacts.masked import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("modelUri http://h/m?sig=secret: it is gone", "modelUri http://h/m?***: it is gone"),
        ("see (https://me:secret@h/m).", "see (https://***@h/m)."),
        ("http://h/m?a=secret:&b=secret", "http://h/m?***"),
        ("http://me:se:cret@h, http://h/m?***: twice", "http://***@h, http://h/m?***: twice"),
        ("nothing: here://", "nothing: here://"),
    ],
)
def test_uris_in_a_sentence_lose_their_secrets_and_nothing_else(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_secrets_that_are_known() -> None:
    assert redacted("bad key letmein", ["letmein", "ad"]) == "bad key ***"
