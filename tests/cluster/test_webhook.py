"""A real API server asks the webhook: what it refuses is not stored."""

import asyncio
import base64
import copy
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.operator import Scope
from infergraph.kubernetes.webhook.configuration import webhook_configuration
from infergraph.kubernetes.webhook.keeper import CertificateKeeper, Place
from infergraph.kubernetes.webhook.rotation import Schedule
from infergraph.kubernetes.webhook.server import PATH, WebhookServer
from infergraph.kubernetes.webhook.webhook import webhook_server
from tests.cluster.api_server import MERGE, ApiServer
from tests.cluster.clients import client_of
from tests.kubernetes.webhook.reviews import BAD, BAD_SENTENCE, GOOD, changed
from tests.ports import free_port

CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
DEPLOYMENTS = "/apis/machinelearning.seldon.io/v1/namespaces/hooked/seldondeployments"
SECRETS = "/api/v1/namespaces/hooked/secrets"
PLACE = Place(namespace="hooked", secret="certificates", configuration="hooks", names=("127.0.0.1",))
OTHERS = "seldon.io/controller-id"


@pytest.fixture
def port(server: ApiServer) -> Iterator[int]:
    """A port that the API server asks, about one namespace only: other tests have theirs."""
    port = free_port()
    labels = {"kubernetes.io/metadata.name": "hooked"}
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": "hooked", "labels": labels}})
    hooks = webhook_configuration("hooks", {"url": f"https://127.0.0.1:{port}{PATH}"})
    hooks["webhooks"][0]["namespaceSelector"]["matchExpressions"].append(
        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["hooked"]}
    )
    assert server.call("POST", CONFIGURATIONS, hooks).status == 201
    yield port
    server.call("DELETE", f"{CONFIGURATIONS}/hooks")
    server.call("DELETE", DEPLOYMENTS)
    server.call("DELETE", f"{SECRETS}/certificates")


class Replica:
    """A webhook and its keeper."""

    def __init__(self, client: Any, port: int, schedule: Schedule | None = None) -> None:
        self.server: WebhookServer = webhook_server(Settings, Scope(), host="127.0.0.1", port=port)
        self.keeper = CertificateKeeper(client, PLACE, use=self.server.use, schedule=schedule)


def hooked(server: ApiServer, port: int, use: Callable[[Replica], Awaitable[None]], **how: Any) -> None:
    async def main() -> None:
        async with client_of(server) as client:
            replica = Replica(client, port, **how)
            await replica.keeper.begin()
            await replica.server.start()
            try:
                await asyncio.to_thread(until_asked, server)
                await use(replica)
            finally:
                await replica.server.stop()

    asyncio.run(main())


def create(server: ApiServer, one: Any, *, query: str = "") -> Any:
    whole = copy.deepcopy(one)
    whole["metadata"]["namespace"] = "hooked"
    return server.call("POST", DEPLOYMENTS + query, whole)


def until_asked(server: ApiServer) -> None:
    """It hears of a configuration, and of a bundle, a moment after it was written."""
    for _ in range(300):
        answer = create(server, changed(name="asked", spec=BAD["spec"]), query="?dryRun=All")
        if answer.status == 422 and "denied the request" in answer.message:
            return
    raise AssertionError(answer)


def test_what_is_bad_is_refused_with_the_sentence_of_the_command(server: ApiServer, port: int) -> None:
    async def use(_: Replica) -> None:
        good = await asyncio.to_thread(create, server, GOOD)
        assert good.status == 201, good.message
        bad = await asyncio.to_thread(create, server, changed(name="bad", spec=BAD["spec"]))
        assert bad.status == 422
        assert bad.message.startswith(
            f'admission webhook "v1.vseldondeployment.kb.io" denied the request: {BAD_SENTENCE}'
        )
        named = await asyncio.to_thread(create, server, changed(name="1st"))
        assert "cannot be called so" in named.message

    hooked(server, port, use)


def test_other_versions_come_to_it_too(server: ApiServer, port: int) -> None:
    async def use(_: Replica) -> None:
        path = DEPLOYMENTS.replace("/v1/", "/v1alpha2/")
        one = {**BAD, "apiVersion": "machinelearning.seldon.io/v1alpha2", "metadata": {"name": "old"}}
        answer = await asyncio.to_thread(server.call, "POST", path, one)
        assert "denied the request" in answer.message

    hooked(server, port, use)


def test_updates_scaling_status_and_deletion(server: ApiServer, port: int) -> None:
    def patch(path: str, body: Any) -> Any:
        return server.call("PATCH", DEPLOYMENTS + path, body, content=MERGE)

    def all_of_it() -> None:
        assert create(server, GOOD).status == 201
        assert patch("/iris", {"metadata": {"labels": {"a": "b"}}}).status == 200
        refused = patch("/iris", {"spec": {"protocol": "smoke"}})
        assert refused.status == 422
        assert "Invalid protocol" in refused.message
        assert patch("/iris/status", {"status": {"state": "Failed"}}).status == 200
        assert patch("/iris/scale", {"spec": {"replicas": 2}}).status == 200
        assert server.call("DELETE", f"{DEPLOYMENTS}/iris").status == 200

    async def use(_: Replica) -> None:
        await asyncio.to_thread(all_of_it)

    hooked(server, port, use)


def test_what_is_another_operators_and_what_has_its_name_made(server: ApiServer, port: int) -> None:
    def all_of_it() -> None:
        foreign = changed(name="foreign", labels={OTHERS: "other"}, spec=BAD["spec"])
        assert create(server, foreign, query="?dryRun=All").status == 201
        generated = changed(generateName="iris-")
        del generated["metadata"]["name"]
        answer = create(server, generated, query="?dryRun=All")
        assert answer.status == 201, answer.message

    async def use(_: Replica) -> None:
        await asyncio.to_thread(all_of_it)

    hooked(server, port, use)


def test_renewal_refuses_no_request(server: ApiServer, port: int) -> None:
    """The next certificate is announced, then it serves; the API server is asked all the while."""
    schedule = Schedule(renew_before=timedelta(days=91), announce=timedelta(seconds=2))  # it is time at once
    answers: list[Any] = []

    async def use(replica: Replica) -> None:
        ended = asyncio.Event()

        async def ask() -> None:
            while not ended.is_set():
                answers.append(await asyncio.to_thread(create, server, GOOD, query="?dryRun=All"))

        asking = asyncio.ensure_future(ask())
        first = secret(server)["tls.crt"]
        for _ in range(2):
            before = secret(server)["tls.crt"]
            await replica.keeper.look()
            assert "coming-tls.crt" in secret(server)
            assert secret(server)["tls.crt"] == before
            await replica.keeper.look()
            assert secret(server)["tls.crt"] == before  # not yet
            await asyncio.sleep(2.1)
            await replica.keeper.look()
            assert secret(server)["tls.crt"] != before
            await asyncio.sleep(0.5)
        ended.set()
        await asking
        assert secret(server)["tls.crt"] != first

    hooked(server, port, use, schedule=schedule)
    assert {(answer.status, answer.message) for answer in answers} == {(201, "")}
    assert len(answers) > 5


def test_replicas_share_one_certificate(server: ApiServer, port: int) -> None:
    async def main() -> None:
        async with client_of(server) as client:
            replicas = [Replica(client, 0) for _ in range(5)]
            await asyncio.gather(*(one.keeper.begin() for one in replicas))
            bundle = server.call("GET", f"{CONFIGURATIONS}/hooks").data["webhooks"][0]["clientConfig"]["caBundle"]
            assert base64.b64decode(bundle).decode().count("BEGIN CERTIFICATE") == 1
            assert bundle == secret(server)["ca.crt"]

    asyncio.run(main())


def test_our_bundle_is_all_that_is_ours(server: ApiServer, port: int) -> None:
    """Whoever installs the configuration keeps the rest, and keeps it when it is applied again."""

    async def use(replica: Replica) -> None:
        whole = server.call("GET", f"{CONFIGURATIONS}/hooks").data
        ours = [one for one in whole["metadata"]["managedFields"] if one["manager"] == "infergraph-webhook"]
        assert len(ours) == 1
        fields = str(ours[0]["fieldsV1"])
        assert "f:caBundle" in fields
        assert "f:rules" not in fields
        assert whole["webhooks"][0]["failurePolicy"] == "Fail"

    hooked(server, port, use)


def secret(server: ApiServer) -> dict[str, str]:
    found: dict[str, str] = server.call("GET", f"{SECRETS}/certificates").data["data"]
    return found
