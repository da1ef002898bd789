"""What the operator may do: exactly what it calls, as data. The chart's roles are compared with it."""

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from infergraph.declaration import GROUP
from infergraph.kubernetes.crd.definition import PLURAL
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.kinds import owned_kinds

_RBAC: Final = "rbac.authorization.k8s.io/v1"
_OWNED_VERBS: Final = ("create", "delete", "get", "list", "patch", "watch")
_FORBIDDEN: Final = re.compile(
    r'cannot (?P<verb>[a-z]+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)


class Rule(Struct, frozen=True, kw_only=True):
    """Verbs on resources of one group; of some objects only, where they have ``names``."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()

    def manifest(self) -> dict[str, Any]:
        """The rule as a role has it."""
        names = {"resourceNames": list(self.names)} if self.names else {}
        return {"apiGroups": [self.group], "resources": list(self.resources), **names, "verbs": list(self.verbs)}


class Names(Struct, frozen=True, kw_only=True):
    """The objects that are the operator's own, in the namespace that it runs in."""

    namespace: str = "infergraph-system"
    service_account: str = "infergraph-operator"
    lease: str = "infergraph-operator"
    secret: str = "infergraph-webhook"  # noqa: S105 - its name
    configuration: str = "infergraph-operator-infergraph-system"


class Permissions(Struct, frozen=True, kw_only=True):
    """Rules by where they hold: in each ``watched`` namespace, in the operator's ``own``, in the whole ``cluster``."""

    watched: tuple[Rule, ...]
    own: tuple[Rule, ...]
    cluster: tuple[Rule, ...]


def permissions(
    settings: Settings,
    names: Names,
    *,
    namespaces: tuple[str, ...] = (),
    has_webhook: bool = True,
    has_lease: bool = True,
) -> Permissions:
    """What an operator of some namespaces, or without any of all of them, calls with these settings."""
    return Permissions(
        watched=tuple(_watched(settings)),
        own=tuple(_own(names, has_webhook=has_webhook, has_lease=has_lease)),
        cluster=tuple(_cluster(names, is_everywhere=not namespaces, has_webhook=has_webhook)),
    )


def roles(found: Permissions, names: Names, *, namespaces: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The roles and their bindings to the operator's service account; the same for the same arguments."""
    name = names.service_account
    of_cluster = found.cluster if namespaces else (*found.watched, *found.cluster)
    objects = [*_pair("ClusterRole", name, "", of_cluster, names)] if of_cluster else []
    for namespace in namespaces:
        objects += _pair("Role", name, namespace, found.watched, names)
    return [*objects, *(_pair("Role", f"{name}-own", names.namespace, found.own, names) if found.own else ())]


def grant(verb: str, resource: str, group: str, namespace: str, name: str = "") -> str:
    """A sentence about a permission that is missing: what cannot be done, and what to grant."""
    what = f"{resource}.{group}" if group else resource
    which = f" {name}" if name else ""
    where = f"in namespace {namespace}" if namespace else "in the cluster"
    return (
        f'cannot {verb} {what}{which} {where}: grant the verb "{verb}" on the resource "{resource}" of the API group '
        f'"{group}" to the operator\'s service account; its chart does'
    )


def missing_grant(said: str) -> str:
    """The same sentence for what an API server has said with a 403; empty where that was not about a role."""
    found = _FORBIDDEN.search(said)
    return grant(found["verb"], found["resource"], found["group"], found["namespace"] or "") if found else ""


def _watched(settings: Settings) -> Iterator[Rule]:
    yield Rule(group=GROUP, resources=(PLURAL,), verbs=("list", "watch"))
    yield Rule(group=GROUP, resources=(f"{PLURAL}/status",), verbs=("patch",))
    # Objects that block the deletion of their owner: some clusters ask whether one may change its finalizers.
    yield Rule(group=GROUP, resources=(f"{PLURAL}/finalizers",), verbs=("update",))
    by_group: dict[str, list[str]] = {}
    for kind in owned_kinds(settings):
        by_group.setdefault(kind.group, []).append(kind.plural)
    for group, resources in by_group.items():
        yield Rule(group=group, resources=tuple(sorted(resources)), verbs=_OWNED_VERBS)
    yield Rule(group="", resources=("events",), verbs=("create", "patch"))
    if settings.credentials.service_accounts:  # a secret says by its keys and annotations what it is for
        yield Rule(group="", resources=("secrets", "serviceaccounts"), verbs=("get",))


def _own(names: Names, *, has_webhook: bool, has_lease: bool) -> Iterator[Rule]:
    # What is created has no name yet that could be checked.
    if has_lease:
        yield Rule(group="coordination.k8s.io", resources=("leases",), verbs=("create",))
        yield Rule(group="coordination.k8s.io", resources=("leases",), verbs=("get", "update"), names=(names.lease,))
    if has_webhook:
        yield Rule(group="", resources=("secrets",), verbs=("create",))
        yield Rule(group="", resources=("secrets",), verbs=("get", "update"), names=(names.secret,))


def _cluster(names: Names, *, is_everywhere: bool, has_webhook: bool) -> Iterator[Rule]:
    if is_everywhere:  # a namespace may say that it has an operator of its own
        yield Rule(group="", resources=("namespaces",), verbs=("list", "watch"))
    if has_webhook:
        yield Rule(
            group="admissionregistration.k8s.io",
            resources=("validatingwebhookconfigurations",),
            verbs=("get", "patch"),
            names=(names.configuration,),
        )


def _pair(kind: str, name: str, namespace: str, rules: tuple[Rule, ...], names: Names) -> Iterator[dict[str, Any]]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    yield {"apiVersion": _RBAC, "kind": kind, "metadata": metadata, "rules": [rule.manifest() for rule in rules]}
    yield {
        "apiVersion": _RBAC,
        "kind": f"{kind}Binding",
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": names.service_account, "namespace": names.namespace}],
    }
