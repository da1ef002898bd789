"""What time it is for people and certificates; nothing is timed by it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - certificates and records that people read have no other clock


def stamp_now() -> str:
    """Now, as objects of Kubernetes hold it."""
    return utc_now().strftime("%Y-%m-%dT%H:%M:%SZ")
