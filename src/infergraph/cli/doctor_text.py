"""A report of the doctor for people: a few lines, the verdict last."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from infergraph.runtimes.inspection.report import Field, Package, Report, Severity, Verdict, pip_install

_MOST_NAMES = 12
_VERDICTS = {
    Verdict.LOADS: "[green]✓[/] it will load here",
    Verdict.MAY_FAIL: "[yellow]![/] it may not load or work here",
    Verdict.FAILS: "[red]✗[/] it will not load here",
}
_MARKS = {
    Severity.CODE: "[red]✗ dangerous:[/]",
    Severity.FOREIGN: "[yellow]! trust:[/]",
    Severity.UNSEEN: "[yellow]![/]",
}


def show(report: Report, console: Console | None = None) -> None:
    """Write the report."""
    console = console or Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(report.path)}[/]")
    facts = list(_facts(report))
    width = max(len(title) for title, _ in facts)
    for title, text in facts:
        console.print(f"[dim]{escape(title.ljust(width))}[/]  {escape(text)}")
    console.print()
    for danger in report.dangers:
        console.print(f"{_MARKS[danger.severity]} {escape(danger.where)}: {escape(danger.why)}")
    for problem in report.problems:
        console.print(f"{'[red]✗[/]' if problem.verdict is Verdict.FAILS else '[yellow]![/]'} {escape(problem.text)}")
    console.print(_VERDICTS[report.verdict] + _and_dangerous(report))
    for line in _what_to_do(report):
        console.print(escape(line))


def show_fixed(environment: Path, console: Console | None = None) -> None:
    """Write that it loads in an environment of its own."""
    console = console or Console(highlight=False, soft_wrap=True)
    console.print(f"[green]✓[/] it loads in an environment of its own, {escape(str(environment))}")
    console.print("  infergraph run --fix serves it from there")


def _and_dangerous(report: Report) -> str:
    if not report.is_dangerous:
        return ""
    return (
        ", but it is [red]dangerous[/]: a server refuses it without allow_code; allow it only if you know who made it"
    )


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield "format", report.format
    if report.model:
        yield "model", report.model
    for package in report.packages:
        yield package.name, _versions(package)
    yield "served by", report.server or "no server of InferGraph"
    for title, fields in (("takes", report.inputs), ("answers", report.outputs)):
        if fields:
            yield title, _fields(fields)
    yield from report.details.items()


def _versions(package: Package) -> str:
    made = f"made with {package.made_with}, " if package.made_with else ""
    return made + (f"{package.installed} is installed here" if package.installed else "not installed here")


def _fields(fields: list[Field]) -> str:
    shown = ", ".join(_field(field) for field in fields[:_MOST_NAMES])
    return shown + (f" and {len(fields) - _MOST_NAMES} more" if len(fields) > _MOST_NAMES else "")


def _field(field: Field) -> str:
    shape = "" if field.shape is None else f"[{', '.join('any' if size < 0 else str(size) for size in field.shape)}]"
    return " ".join(filter(None, [field.name, field.dtype, shape]))


def _what_to_do(report: Report) -> Iterator[str]:
    if not report.requirements:
        return
    if report.python:
        yield f"  with Python {report.python} or older, as this one is too new for it:"
    yield f"  {pip_install(report.requirements)}"
    yield "  or run it in an environment of its own: infergraph run --fix"
