"""Environments with other versions of packages, made when a test first wants one."""

from tests.conformance.conftest import made

__all__ = ["made"]
