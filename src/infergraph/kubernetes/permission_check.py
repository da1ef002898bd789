"""Asks the API server, at the start, whether the operator may do what it will do."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from infergraph.kubernetes.calls import Calls
from infergraph.kubernetes.kinds import ACCESS_REVIEW
from infergraph.kubernetes.permissions import Names, Permissions, Rule, grant

_AT_A_TIME: Final = 8


class _Question(Struct, frozen=True):
    verb: str
    resource: str
    group: str
    namespace: str
    name: str = ""

    def review(self) -> dict[str, Any]:
        resource, _, sub = self.resource.partition("/")
        attributes = {"verb": self.verb, "group": self.group, "resource": resource, "subresource": sub}
        place = {"namespace": self.namespace, "name": self.name}
        return {"metadata": {}, "spec": {"resourceAttributes": {**attributes, **place}}}


async def missing_permissions(
    client: Calls, found: Permissions, names: Names, *, namespaces: tuple[str, ...] = ()
) -> list[str]:
    """A sentence for each verb that the API server would refuse; none when all is granted.

    :raises httpx2.HTTPError: when it cannot be asked.
    """
    turn = asyncio.Semaphore(_AT_A_TIME)

    async def answer(question: _Question) -> str:
        async with turn:
            answered = await client.create(ACCESS_REVIEW.from_dict(question.review()))
        is_allowed = answered["status"].get("allowed", False)
        return "" if is_allowed else grant(*_fields(question))

    questions = list(_questions(found, names, namespaces))
    return [one for one in await asyncio.gather(*map(answer, questions)) if one]


def _questions(found: Permissions, names: Names, namespaces: tuple[str, ...]) -> Iterator[_Question]:
    places = [(rule, namespace) for namespace in namespaces or ("",) for rule in found.watched]
    places += [(rule, names.namespace) for rule in found.own]
    places += [(rule, "") for rule in found.cluster]
    for rule, namespace in places:
        yield from _of_rule(rule, namespace)


def _of_rule(rule: Rule, namespace: str) -> Iterator[_Question]:
    for resource in rule.resources:
        for verb in rule.verbs:
            for name in rule.names or ("",):
                yield _Question(verb, resource, rule.group, namespace, name)


def _fields(question: _Question) -> tuple[str, str, str, str, str]:
    return question.verb, question.resource, question.group, question.namespace, question.name
