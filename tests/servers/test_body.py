"""Bodies that are compressed, typed or wrapped in forms, well and badly, over a real socket."""

import gzip
import zlib

import pytest

from tests.servers.attacked import BODY_BYTES, GOOD, Attack, assert_answered, post
from tests.serving import Process

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


def part(name: str, content: bytes, more: str = "") -> bytes:
    """One part of a multipart body."""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def bomb() -> bytes:
    """A gzip body of nearly the allowed size that unpacks to thousands of times that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * ((BODY_BYTES - 100) // len(block))


ENCODINGS = {
    "gzip": Attack(post(gzip.compress(GOOD), Content_Encoding="gzip"), 200),
    "gzip in capitals": Attack(post(gzip.compress(GOOD), Content_Encoding="GZip"), 200),
    "deflate": Attack(post(zlib.compress(GOOD), Content_Encoding="deflate"), 200),
    "an empty encoding": Attack(post(GOOD, Content_Encoding=""), 200),
    "garbage as gzip": Attack(post(b"garbage", Content_Encoding="gzip"), 400, "not gzip"),
    "gzip that ends early": Attack(post(gzip.compress(GOOD)[:-3], Content_Encoding="gzip"), 400, "ends too early"),
    "gzip in two pieces": Attack(post(gzip.compress(GOOD) * 2, Content_Encoding="gzip"), 400, "Something follows"),
    "gzip bomb": Attack(post(bomb(), Content_Encoding="gzip"), 413, "at most"),
    "gzip twice": Attack(post(gzip.compress(GOOD), Content_Encoding="gzip, gzip"), 415, "gzip, deflate or identity"),
    "brotli": Attack(post(GOOD, Content_Encoding="br"), 415, "got br"),
}
TYPES = {
    "JSON as text": Attack(post(GOOD, Content_Type="text/plain"), 200),
    "no type": Attack(post(GOOD, Content_Type=""), 200),
    "a type in capitals": Attack(post(GOOD, Content_Type="Application/JSON; charset=utf-8"), 200),
    "a JSON type": Attack(post(GOOD, Content_Type="application/cloudevents+json; x=y"), 200),
    "nearly a JSON type": Attack(post(GOOD, Content_Type="application/jsonx"), 415, "got application/jsonx"),
    "a type without a message": Attack(post(GOOD, Content_Type="text/html"), 415),
    "a long type": Attack(post(GOOD, Content_Type="a" * 50_000), 415),
    "a type in Latin-1": Attack(post(GOOD, Content_Type="\xe9"), 415),
}
FORMS = {
    "json=": Attack(post(b"json=%7B%22strData%22%3A%22x%22%7D", Content_Type=FORM), 200, '"strData":"x"'),
    "json= unescaped": Attack(post('json={"strData":"é"}'.encode(), Content_Type=FORM), 200, '"strData":"é"'),
    "JSON under curl's type": Attack(post(GOOD, Content_Type=FORM), 200),
    "a form without json": Attack(post(b"a=b", Content_Type=FORM), 400, "form field `json`"),
    "broken json=": Attack(post(b"json=%7B", Content_Type=FORM), 400, "Can't find JSON"),
    "json= that is not UTF-8": Attack(post(b"json=%ff", Content_Type=FORM), 400, "form cannot be read"),
    "a form that is not UTF-8": Attack(post(b"json=\xff", Content_Type=FORM), 400, "form cannot be read"),
    "100,000 fields": Attack(post(b"a=b&" * 100_000 + b"json=1", Content_Type=FORM), 400, "form cannot be read"),
    "deep json=": Attack(post(b"json=" + b"[" * 200 + b"]" * 200, Content_Type=FORM), 400, "at most 100 levels"),
    "a query": Attack(post(b"", at="/api/v1.0/predictions?json=%7B%22strData%22%3A%22x%22%7D"), 200, '"strData":"x"'),
    "a broken query": Attack(post(b"", at="/api/v1.0/predictions?json=%ff"), 400, "query cannot be read"),
    "a query without json": Attack(post(b"", at="/api/v1.0/predictions?a=b"), 400, "the body is empty"),
    "a query beside a body": Attack(post(GOOD, at="/api/v1.0/predictions?json=1"), 200, '"strData":"x"'),
}
PARTS = {
    "a text": Attack(post(part("strData", b"x") + b"--x--", Content_Type=MULTIPART), 200, '"strData":"x"'),
    "a file": Attack(
        post(part("binData", b"\xff", '; filename="f"') + b"--x--", Content_Type=MULTIPART), 200, '"binData":"/w=="'
    ),
    "large file": Attack(
        post(part("binData", bytes(3_000_000), '; filename="f"') + b"--x--", Content_Type=MULTIPART), 200
    ),
    "large field without a file name": Attack(
        post(part("strData", b"x" * 7_000_000) + b"--x--", Content_Type=MULTIPART), 200
    ),
    "a quoted boundary in capitals": Attack(
        post(part("strData", b"x") + b"--x--", Content_Type='multipart/form-data; BOUNDARY="x"'), 200
    ),
    "a foreign charset": Attack(
        post(part("strData", "é".encode()) + b"--x--", Content_Type="multipart/form-data; charset=foo; boundary=x"),
        200,
        '"strData":"é"',
    ),
    "a text that is not UTF-8": Attack(
        post(part("strData", b"\xff") + b"--x--", Content_Type=MULTIPART), 400, "strData is not UTF-8"
    ),
    "a file that is not UTF-8": Attack(
        post(part("strData", b"\xff", '; filename="f"') + b"--x--", Content_Type=MULTIPART),
        400,
        "send bytes as binData",
    ),
    "no end": Attack(post(part("strData", b"x"), Content_Type=MULTIPART), 400, "boundary that ends it"),
    "no boundary": Attack(post(b"", Content_Type="multipart/form-data"), 400, "1 to 70 characters"),
    "a boundary of 1 MB": Attack(post(b"", Content_Type="multipart/form-data; boundary=" + "x" * 2**20), 431),
    "a boundary of 1 KB": Attack(post(b"", Content_Type="multipart/form-data; boundary=" + "x" * 1024), 400),
    "100,000 parts": Attack(post(part("a", b"1") * 100_000 + b"--x--", Content_Type=MULTIPART), 400, "Too many"),
    "no name": Attack(post(b"--x\r\nX: y\r\n\r\nhi\r\n--x--", Content_Type=MULTIPART), 400, "name"),
    "a name of 1 MB": Attack(post(part("n" * 2**20, b"x") + b"--x--", Content_Type=MULTIPART), 400, "broken"),
    "dashes": Attack(post(b"--x" * 100_000 + b"--x--", Content_Type=MULTIPART), 400),
}
BODIES = {
    f"{kind}: {name}": attack
    for kind, table in {"encoding": ENCODINGS, "type": TYPES, "form": FORMS, "part": PARTS}.items()
    for name, attack in table.items()
}


@pytest.mark.parametrize("attack", BODIES.values(), ids=BODIES.keys())
def test_a_body_is_read_whole_or_refused(server: Process, attack: Attack) -> None:
    assert_answered(server, attack)
