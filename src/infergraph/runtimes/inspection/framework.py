"""The framework that a file needs, and whether the one here can read what another version has written."""

from infergraph.runtimes.inspection.installed import installed_version
from infergraph.runtimes.inspection.report import Package, Problem, Report, Verdict, pip_install
from infergraph.runtimes.inspection.requirement import release

EXTRAS = {
    "scikit-learn": "sklearn",
    "skops": "skops",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "onnxruntime": "onnx",
    "tensorflow": "tensorflow",
    "torch": "torch",
    "transformers": "huggingface",
    "mlflow": "mlflow",
}


def need(report: Report, package: str, made_with: str | None, where: str) -> None:
    """Add to ``report`` that it needs ``package``, which reads what its older versions wrote and not what newer did."""
    found = Package(name=package, made_with=made_with, installed=installed_version(package))
    report.framework = report.framework or package
    report.packages.append(found)
    if found.installed is None:
        report.problems.append(_missing(found, where))
    elif made_with and release(made_with)[:2] > release(found.installed)[:2]:
        install = (f"{package}>={made_with.partition('+')[0]}",)
        text = (
            f"{where} was made with {package} {made_with}, and {found.installed}, an older one, is installed here: "
            f"{pip_install(install)}"
        )
        report.problems.append(Problem(text=text, install=install, verdict=Verdict.MAY_FAIL))


def _missing(package: Package, where: str) -> Problem:
    install = (f"infergraph[{EXTRAS[package.name]}]",) if package.name in EXTRAS else (package.name,)
    return Problem(
        text=f"{where} needs {package.name}, which is not installed here: {pip_install(install)}", install=install
    )
