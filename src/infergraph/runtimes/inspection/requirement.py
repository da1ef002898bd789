"""What pip has to install to get a version of a framework that works, and on which Python there is one."""

import re
import sys

# The first release for NumPy 2; older ones are found with it by pip, and do not start.
_FIRST_FOR_NUMPY_2 = {"scikit-learn": (1, 4, 2)}
# The newest Python that releases before this one have wheels for.
_NEWEST_PYTHON: dict[str, tuple[tuple[tuple[int, ...], tuple[int, int]], ...]] = {
    "scikit-learn": (
        ((0, 24), (3, 8)),
        ((1, 0), (3, 9)),
        ((1, 1), (3, 10)),
        ((1, 3), (3, 11)),
        ((1, 5, 2), (3, 12)),
        ((1, 7, 2), (3, 13)),
    ),
}


def release(version: str) -> tuple[int, ...]:
    """Return the numbers at the beginning of a version: (1, 2, 0) for 1.2.0rc1."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, numbers[0].split("."))) if numbers else ()


def requirements(package: str, version: str) -> tuple[str, ...]:
    """Return what to install for exactly this version of a package."""
    first = _FIRST_FOR_NUMPY_2.get(package)
    return (f"{package}=={version}", *(("numpy<2",) if first and release(version) < first else ()))


def newest_python(package: str, version: str) -> str | None:
    """Return the newest Python that this version can be installed with, None when this Python is not too new."""
    known = _NEWEST_PYTHON.get(package, ())
    newest = next((python for before, python in known if release(version) < before), None)
    return f"{newest[0]}.{newest[1]}" if newest and newest < sys.version_info[:2] else None
