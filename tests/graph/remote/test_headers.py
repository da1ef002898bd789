"""The headers of a request that go with a call of a component, over each transport."""

from infergraph.graph.remote.headers import forwarded, metadata_of

HEADERS = [
    (b"authorization", b"Bearer x"),
    (b"x-umlaut", "ü".encode()),
    (b"x-raw-bin", b"\r\nevil: 1\x00"),
    (b"x-said-bin", b"AAE="),
    (b"connection", b"close, x-hop"),
    (b"x-hop", b"1"),
    (b"content-type", b"text/plain"),
    (b"seldon-puid", b"other"),
    (b"grpc-timeout", b"1S"),
    (b":authority", b"a"),
    (b"user-agent", b"curl"),
    (b"x!y", b"1"),
]


def test_over_rest() -> None:
    assert forwarded(HEADERS, "id-1") == [
        ("Content-Type", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Seldon-Puid", "id-1"),
        ("authorization", "Bearer x"),
        ("x-umlaut", "ü"),
        ("x-raw-bin", "DQpldmlsOiAxAA=="),
        ("x-said-bin", "AAE="),
        ("user-agent", "curl"),
        ("x!y", "1"),
    ]


def test_over_grpc_without_what_metadata_cannot_say() -> None:
    assert metadata_of(HEADERS, "id-1") == [
        ("seldon-puid", "id-1"),
        ("authorization", "Bearer x"),
        ("x-raw-bin", b"\r\nevil: 1\x00"),
        ("x-said-bin", b"AAE="),
    ]
