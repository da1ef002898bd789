"""What is in the cluster, as the watches and our own writes tell: nobody has to ask the API server for it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from infergraph.kubernetes.operator.fingerprint import fields_mark, has_our_replicas
from infergraph.kubernetes.operator.kinds import Ref, ref_of
from infergraph.kubernetes.operator.owners import owner_name

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


class Live(Struct, frozen=True):
    """An object as it is. ``fields`` is the mark of those that are ours (see ``fingerprint``)."""

    data: dict[str, Any]
    fields: str = ""
    has_our_replicas: bool = False
    """Whether ``spec.replicas`` is what we said, and no autoscaler has said anything since."""

    @property
    def uid(self) -> str:
        return str(self.data["metadata"].get("uid", ""))

    @property
    def version(self) -> int:
        """Counts upwards with every change of anything in the cluster."""
        text = str(self.data["metadata"].get("resourceVersion", ""))
        return int(text) if text.isdecimal() else 0


class Store:
    """Objects by name, and by the deployment that they belong to."""

    def __init__(self) -> None:
        self._objects: dict[Ref, Live] = {}
        self._of: dict[tuple[str, str], set[Ref]] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, ref: Ref) -> Live | None:
        """The object of that name."""
        return self._objects.get(ref)

    def owned(self, namespace: str, deployment: str) -> list[Live]:
        """The objects that have a deployment of that name as their owner, in the order of their names."""
        return [self._objects[ref] for ref in sorted(self._of.get((namespace, deployment), ()))]

    def refs(self, kind: str) -> Iterator[Ref]:
        """The names of all objects of a kind."""
        return (ref for ref in list(self._objects) if ref.kind == kind)

    def put(self, data: dict[str, Any]) -> bool:
        """An object as somebody has just seen it; False when that state of it, or a later one, is known already."""
        ref, one = ref_of(data), live_of(data)
        known = self._objects.get(ref)
        if known is not None and known.uid == one.uid and known.version >= one.version > 0:
            return False
        if known is not None:
            self._forget(ref)
        self._objects[ref] = one
        if (owner := owner_name(one.data)) is not None:
            self._of.setdefault((ref.namespace, owner), set()).add(ref)
        return True

    def drop(self, ref: Ref, uid: str = "") -> None:
        """An object is gone; one that has come in its place since then stays."""
        known = self._objects.get(ref)
        if known is not None and (not uid or known.uid == uid):
            self._forget(ref)

    def replace(self, kind: str, found: Iterable[dict[str, Any]], namespace: str = "") -> list[dict[str, Any]]:
        """All objects of a kind there are, in a namespace where one is named: the rest is gone, and given back."""
        names = set()
        for data in found:
            names.add(ref_of(data))
            self.put(data)
        gone = [ref for ref in self.refs(kind) if ref not in names and namespace in ("", ref.namespace)]
        lost = [self._objects[ref].data for ref in gone]
        for ref in gone:
            self._forget(ref)
        return lost

    def _forget(self, ref: Ref) -> None:
        owner = owner_name(self._objects.pop(ref).data)
        if owner is not None:
            refs = self._of[ref.namespace, owner]
            refs.discard(ref)
            if not refs:
                del self._of[ref.namespace, owner]


def live_of(data: dict[str, Any]) -> Live:
    """An object as it is kept."""
    return Live(trimmed(data), fields_mark(data), has_our_replicas(data))


def trimmed(data: dict[str, Any]) -> dict[str, Any]:
    """An object without what takes much memory and tells us nothing."""
    metadata = {key: value for key, value in data["metadata"].items() if key not in ("managedFields", "selfLink")}
    if LAST_APPLIED in (metadata.get("annotations") or {}):
        rest = {key: value for key, value in metadata["annotations"].items() if key != LAST_APPLIED}
        metadata["annotations"] = rest
    return {**data, "metadata": metadata}
