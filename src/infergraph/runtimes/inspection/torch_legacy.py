"""What PyTorch saved before 1.6: several pickles in a row, and numbers after them."""

from infergraph.runtimes.file_format import TORCH_WEIGHTS
from infergraph.runtimes.inspection.danger import dangers_in
from infergraph.runtimes.inspection.framework import need
from infergraph.runtimes.inspection.model_name import model_name
from infergraph.runtimes.inspection.pickle_scan import Scan
from infergraph.runtimes.inspection.report import Problem, Report

LEGACY = 0x1950A86A20F9469CFC6C
"""The number that is the first of the pickles (``MAGIC_NUMBER`` in torch/serialization.py)."""
LEGACY_PICKLES = 4
"""That number, the protocol, the machine, and the object; then come the numbers."""


def describe_legacy(found: Scan, report: Report, where: str) -> None:
    """Add to ``report`` that a plain pickle is what torch saved before it had a format of its own."""
    report.format = "a PyTorch checkpoint in the format before 1.6"
    report.model = model_name(found.value)
    report.dangers = dangers_in(found.called, where)
    need(report, "torch", None, where)
    report.problems.append(Problem(text=f"{where} is {report.format}: {TORCH_WEIGHTS.advice}"))
