"""Where the same class answers differently under the two wrappers, and why; also a section of docs/compatibility.md.

    python -m tests.conformance.corpus.differences

writes that section anew.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.conformance.corpus.cases import cases
from tests.serving import ROOT

PAGE = ROOT / "docs/compatibility.md"
BEGIN = "## The same class under both wrappers\n"


@dataclass(frozen=True)
class Difference:
    """``cases`` are ids, or patterns of ids. ``theirs_say`` and ``ours_say`` find what each answer must hold."""

    cases: tuple[str, ...]
    theirs: str
    ours: str
    why: str
    theirs_say: str
    ours_say: str

    def covers(self, case_id: str) -> bool:
        """Whether it is about this case."""
        return any(fnmatchcase(case_id, pattern) for pattern in self.cases)


DIFFERENCES = (
    Difference(
        ("Plain * predict: ndarray of mixed values", "Plain grpc predict: returns mixed"),
        'one text among numbers makes all of them texts: `[["a", "1"]]`',
        "each value stays what it is",
        "a number is no text",
        r'"a", "1(\.0)?"',
        r'"a", 1(\.0)?',
    ),
    Difference(
        tuple(f"* transform_input: {kind}" for kind in ("ndarray", "tensor", "meta")),
        "the answer of `transform_input` has `t:0`, `t:1`, … or the class names as names",
        "it keeps the names of the question, where as many columns come out",
        "the unit below knows its columns by their names",
        r'"names": \["(t:0|first)"',
        r'"names": \["a", "b"\]',
    ),
    Difference(
        (
            "Plain rest route: strData",
            "Plain rest route: jsonData, object",
            "Plain rest route: returns fraction",
            "Plain rest route: returns text",
        ),
        "a router that answers no integer: 400",
        "500 that names the unit",
        "it is not the caller's mistake",
        r"^\[400, .*Routing response must be int",
        r"^\[500, .*Unit `unit`: Routing response must be int",
    ),
    Difference(
        ("Plain * route: returns numpy branch",),
        "a router that answers one of numpy's integers: an error",
        "it is an integer",
        "numpy's own functions answer so",
        r"^\[400|UNKNOWN",
        r'^\[(200|"OK")',
    ),
    Difference(
        ("Plain rest aggregate: none at all",),
        "`aggregate` of an empty list: 500 `list index out of range`",
        "400",
        "it is the caller's mistake",
        r"^\[500, .*list index out of range",
        r"^\[400, .*at least one message",
    ),
    Difference(
        ("Plain rest predict: a ragged ndarray", "Plain rest predict: a tensor of the wrong shape"),
        "lists of unequal length, or a shape that does not fit: 500 in numpy's words",
        "400 that says what came and where",
        "it is the caller's mistake",
        r"^\[500",
        r"^\[400, .* at `\$\.data",
    ),
    Difference(
        ("Plain * predict: data without an array", "Plain * predict: names of the wrong length"),
        "names of another number than the columns pass",
        "400",
        "a model would take one column for another",
        r'^\[(200|"OK")',
        r"one name for each of \d columns",
    ),
    Difference(
        ("Plain rest predict: two kinds at once",),
        "two kinds of data in a message: the first wins",
        "400",
        "the sender meant one of them",
        r"^\[200",
        r"^\[400, .*got data and strData",
    ),
    Difference(
        ("Plain rest predict: base64 that is none",),
        "`binData` that is no base64 is read as nothing",
        "400",
        "an answer about nothing misleads",
        r'"binData": ""',
        r"^\[400, .*base64",
    ),
    Difference(
        (
            "Plain rest send_feedback: an unknown field",
            "Plain rest send_feedback: a reward that is text",
            "Plain rest predict: broken JSON",
            "Plain rest predict: no JSON",
            "Plain rest predict: nothing",
            "Plain rest aggregate: one message",
        ),
        "400 with its sentence",
        "400 with the same beginning, and what was expected or where it broke",
        "somebody has to find it",
        r"^\[400",
        r"^\[400",
    ),
    Difference(
        ("Plain rest control: an unknown path", "Plain rest control: a wrong method"),
        "an unknown path or method: 500",
        "404, 405",
        "it is the caller's mistake",
        r"^\[500, .*405 Method Not Allowed",
        r"^\[40[45]",
    ),
    Difference(
        ("Plain rest predict: text/plain",),
        "JSON under another Content-Type: 400",
        "it is read",
        "`curl` sends it so when nobody says otherwise",
        r"^\[400",
        r"^\[200",
    ),
    Difference(
        ("Telling rest send_feedback: rows",),
        "the empty reply to a feedback has no `names`, counters without a type, and tags with fractions only",
        "as every other reply",
        "one form for all answers",
        r'^\[200, \{"data": \{"ndarray": \[\]\}',
        r'"names": \[\]',
    ),
    Difference(
        (
            "Plain grpc predict: jsonData, number",
            "Plain grpc predict: an empty message",
            "Plain grpc predict: a ragged ndarray",
            "Plain grpc predict: a tensor of the wrong shape",
            "Plain grpc aggregate: none at all",
            *(
                f"Plain grpc predict: returns {what}"
                for what in (
                    "single",
                    "None",
                    "number",
                    "branch",
                    "all",
                    "none",
                    "fraction",
                    "numpy branch",
                    "refuse",
                    "fail",
                )
            ),
            *(
                f"Plain grpc route: {what}"
                for what in (
                    "strData",
                    "jsonData, object",
                    "returns fraction",
                    "returns text",
                    "returns refuse",
                    "returns fail",
                )
            ),
        ),
        "errors over gRPC are UNKNOWN, `Exception calling application: …`, often without a reason",
        "the code that fits, and the sentence of REST",
        "a client can tell its own mistake from the server's",
        r'^\["UNKNOWN", "Exception calling application: ',
        r'^\["(INVALID_ARGUMENT|INTERNAL|NOT_FOUND)", "\w',
    ),
)


def section() -> str:
    """The section of the page: the table."""
    count = len(list(cases()))
    differing = sum(any(one.covers(case.id) for one in DIFFERENCES) for case in cases())
    lines = [
        BEGIN,
        f"The tests ask the same two classes {count} things under `seldon-core-microservice` 1.17.1 and under",
        f"`infergraph microservice`, over REST and gRPC. {count - differing} answers are equal, {differing} differ:",
        "",
        "| `seldon-core-microservice` 1.17.1 | `infergraph microservice` | why | requests |",
        "| --- | --- | --- | --- |",
    ]
    for one in DIFFERENCES:
        requests = sum(one.covers(case.id) for case in cases())
        lines.append(f"| {one.theirs} | {one.ours} | {one.why} | {requests} |")
    return "\n".join(lines) + "\n"


def page_with(section: str, page: str) -> str:
    """The page with this section in the place of the old one, or at its end."""
    found = re.search(f"^{re.escape(BEGIN)}.*?(?=^## |\\Z)", page, re.MULTILINE | re.DOTALL)
    if found is None:
        return f"{page.rstrip()}\n\n{section}"
    rest = page[found.end() :]
    return page[: found.start()] + section + (f"\n{rest}" if rest else "")


if __name__ == "__main__":
    PAGE.write_text(page_with(section(), PAGE.read_text()))
