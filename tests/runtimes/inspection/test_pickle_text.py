import pickle
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infergraph.runtimes.inspection.pickle_text import unescaped


@pytest.mark.parametrize(
    "quoted",
    [b"'os'", b'"os"', rb"'o\x73'", rb"'\157s'", rb"'\557s'", rb"'a\qb'", rb"'a\\qb'", rb"'a\\\qb'", rb"'\n\''"],
)
def test_it_is_what_pickle_reads(quoted: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert unescaped(quoted) == pickle.loads(b"S" + quoted + b"\n.", encoding="latin-1")


@given(st.text(st.characters(max_codepoint=255)))
def test_any_text(text: str) -> None:
    quoted = repr(text.encode("latin-1"))[1:].encode()
    assert unescaped(quoted) == text


@given(st.text("\\\\x74q'n", max_size=8))
def test_any_escapes(text: str) -> None:
    line = b"'%s'" % text.encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = pickle.loads(b"S" + line + b"\n.", encoding="latin-1")
        except (ValueError, pickle.UnpicklingError):  # pickle refuses it
            return
    assert unescaped(line) == expected


@pytest.mark.parametrize("quoted", [b"", b"'", b"os", b"'os\"", b"'\\x7'"])
def test_what_is_no_text(quoted: bytes) -> None:
    with pytest.raises(ValueError, match=r"quotes|x escape"):
        unescaped(quoted)
