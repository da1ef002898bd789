"""A stand-in for the v1 wrapper's package, so that classes written for it run where it is not installed.

Belongs here: what users' classes import from `seldon_core`, written from its interface (SELDON_V1 §4.3) in the folder
`seldon_core`, and the finder that offers it. MUST NOT be here: what serves or calls a component.

A wheel cannot bring a second top-level package on condition, and a package of that name would overwrite the files of a
real installation. So the stand-in lies inside this package, and a finder offers it under the real one's name, in the
processes that load users' classes. It is the last of all finders: where a real one can be imported, it is never asked.
"""

from infergraph.components.compat.finder import offer

__all__ = ["offer"]
