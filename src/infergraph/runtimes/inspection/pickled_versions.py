"""The versions that frameworks write into the pickles of their models."""

from collections.abc import Iterator

from infergraph.runtimes.inspection.pickle_scan import Scan


def sklearn_version(found: Scan) -> str | None:
    """Return the scikit-learn that a model was made with; it adds its version to the state of every estimator."""
    return next((version for package, version in versions(found) if package == "scikit-learn"), None)


def versions(found: Scan) -> Iterator[tuple[str, str]]:
    """Yield the packages that wrote their version, with it; those of the outermost objects first."""
    for made in reversed(found.made):
        version = made.attribute("_sklearn_version")
        if isinstance(version, str):
            yield "scikit-learn", version
