"""Tests that run in environments of their own only: what they import is nowhere else."""

import os

from tests.runtimes.environments import INSIDE

collect_ignore_glob = [] if os.environ.get(INSIDE) else ["*/test_*.py"]
