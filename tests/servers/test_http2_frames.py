"""Where frames begin and end, however the bytes are cut."""

from hypothesis import given
from hypothesis import strategies as st

from infergraph.servers.http2_frames import HEAD_BYTES, Frames

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=8)


def frame(length: int) -> bytes:
    return length.to_bytes(3) + bytes([length % 10, 0, 0, 0, 0, length]) + b"\x01" * length


@given(LENGTHS, st.sets(st.integers(1, 400)))
def test_between_frames_is_where_one_ends(lengths: list[int], cuts: set[int]) -> None:
    sent = b"".join(map(frame, lengths))
    ends = {sum(HEAD_BYTES + length for length in lengths[: number + 1]) for number in range(len(lengths))}
    frames, position = Frames(), 0
    for cut in [*sorted(cut for cut in cuts if cut < len(sent)), len(sent)]:
        frames.pass_by(sent[position:cut])
        position = cut
        assert frames.is_between is (position in ends)


def test_before_the_first_frame_nothing_may_come() -> None:
    assert not Frames().is_between
