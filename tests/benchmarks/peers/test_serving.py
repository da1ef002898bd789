from benchmarks.peers.serving import fill


def test_words_are_filled_in_and_other_braces_stay() -> None:
    assert fill('{"port": "{http}", "name": "{other}"}', {"http": "8000"}) == '{"port": "8000", "name": "{other}"}'
