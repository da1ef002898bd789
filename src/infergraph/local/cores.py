"""The cores of this process: how many it may use, and how the threads of numeric libraries share them."""

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from infergraph.declaration import Manifest

CGROUP = Path("/sys/fs/cgroup")
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
ONE_THREAD = dict.fromkeys(THREAD_VARIABLES, "1")


def count_cores(cgroup: Path = CGROUP) -> int:
    """The cores that this process may use: those of its affinity, and no more than its cgroup's quota; at least one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return affinity if quota is None else max(1, min(affinity, int(quota)))


def thread_settings(workers: int, cores: int, manifests: Iterable[Manifest]) -> dict[str, str]:
    """The variables that tell BLAS and OpenMP how many threads to start: cores ÷ workers, at least one.

    A manifest's own value goes before that. They count only when they are set before numpy is imported.
    """
    declared = {
        variable.name: variable.value
        for manifest in reversed(list(manifests))
        for predictor in reversed(manifest.deployment.spec.predictors)
        for container in reversed(list(predictor.containers()))
        for variable in container.env
        if variable.value_from is None
    }
    share = str(max(1, cores // workers))
    return {name: declared.get(name, share) for name in THREAD_VARIABLES}


def set_threads(settings: Mapping[str, str]) -> None:
    """Set the variables in this process; what the user has set stays."""
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def adopt_threads(settings: Mapping[str, str]) -> None:
    """Let numeric libraries that are loaded already, with one thread, have as many as the variables say from now on."""
    os.environ.update(settings)
    omp, blas = settings["OMP_NUM_THREADS"], settings["OPENBLAS_NUM_THREADS"]
    if not (omp.isdigit() and blas.isdigit()) or (omp, blas) == ("1", "1"):
        return
    with contextlib.suppress(ImportError):  # it comes with scikit-learn; numpy alone goes on with one thread
        from threadpoolctl import threadpool_limits

        threadpool_limits({"openmp": int(omp), "blas": int(blas)})


def _quota(cgroup: Path) -> float | None:
    """The processor time that the cgroup grants, in cores; None without a limit. Version 2, then version 1."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        quota = _number(cgroup / "cpu/cpu.cfs_quota_us")
        period = _number(cgroup / "cpu/cpu.cfs_period_us")
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None
    return int(quota) / int(period)


def _number(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
