"""What to do about the webhook's certificates at a time: pure, and the same for every replica.

A certificate goes through three stages. It is *coming* when it stands in the Secret and its authority in the API
server's bundle; after a while, when every API server has heard of it, it *serves*; and when it has been replaced, its
authority is *former*, still trusted, for replicas that have not heard of the change yet. So the API server never meets
a certificate whose authority it does not trust.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from infergraph.kubernetes.webhook.certificates import KeyPair, runs_out


class Certificates(Struct, frozen=True, kw_only=True):
    """What the Secret holds; ``former`` is the authority of what served before."""

    serving: KeyPair
    coming: KeyPair | None = None
    former: str = ""

    def bundle(self) -> str:
        """The authorities that the API server is to trust."""
        return self.serving.authority + (self.coming.authority if self.coming else "") + self.former


class Schedule(Struct, frozen=True, kw_only=True):
    """How long a certificate is valid, how long before its end the next one is made, and how long that one is known to
    the API servers before it serves."""

    lifetime: timedelta = timedelta(days=90)
    renew_before: timedelta = timedelta(days=30)
    announce: timedelta = timedelta(minutes=2)


Make = Callable[[Sequence[str], datetime, timedelta], KeyPair]


def next_certificates(
    found: Certificates | None,
    names: Sequence[str],
    now: datetime,
    *,
    announced_for: timedelta | None,
    schedule: Schedule,
    make: Make,
) -> Certificates | None:
    """What the Secret should hold instead of what was ``found`` in it; None when it is right as it is.

    ``announced_for`` is how long the API server's bundle has been seen to hold all authorities, None when it does not.
    """
    if found is None or found.serving.fault(names) or _has_ended(found.serving, now):
        # Nothing that serves could be lost: the new one serves at once.
        former = found.serving.authority if found and not found.serving.fault(()) else ""
        return Certificates(serving=make(names, now, schedule.lifetime), former=former)
    coming = found.coming
    if coming is not None:
        return _with_coming(found, coming, names, now, announced_for=announced_for, schedule=schedule)
    if found.serving.not_after() - now <= schedule.renew_before:
        return replace(found, coming=make(names, now, schedule.lifetime))
    return _without_ended(found, now)


def _with_coming(
    found: Certificates,
    coming: KeyPair,
    names: Sequence[str],
    now: datetime,
    *,
    announced_for: timedelta | None,
    schedule: Schedule,
) -> Certificates | None:
    if coming.fault(names) or _has_ended(coming, now):
        return replace(found, coming=None)  # a new one is made the next time
    if announced_for is not None and announced_for >= schedule.announce:
        return Certificates(serving=coming, former=found.serving.authority)
    return None


def _without_ended(found: Certificates, now: datetime) -> Certificates | None:
    is_over = bool(found.former) and runs_out(found.former) < now
    return replace(found, former="") if is_over else None


def _has_ended(pair: KeyPair, now: datetime) -> bool:
    return pair.not_after() <= now
