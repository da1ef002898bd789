"""Puts the parts of the operator together, and ends them in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Final

import structlog
from lightkube import AsyncClient
from msgspec import Struct

from infergraph.errors import SetupError
from infergraph.kubernetes.calls import TROUBLE, told
from infergraph.kubernetes.health_server import HealthServer
from infergraph.kubernetes.leader import LeaderElection
from infergraph.kubernetes.lease import Timing
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.operator.cluster import Cluster, connect
from infergraph.kubernetes.operator.health import illness, unreadiness
from infergraph.kubernetes.operator.meter import OperatorMeter
from infergraph.kubernetes.operator.operator import Operator, Scope
from infergraph.kubernetes.permission_check import missing_permissions
from infergraph.kubernetes.permissions import Names, Permissions, permissions
from infergraph.kubernetes.webhook.keeper import CertificateKeeper, Place
from infergraph.kubernetes.webhook.webhook import Webhook, webhook_server

DRAIN_S: Final = 20.0
"""How long what has begun may take after SIGTERM; a pod gets 30 s."""
LINGER_S: Final = 5.0
"""How long the webhook goes on after SIGTERM: until every API server knows that it leaves."""
_log = structlog.get_logger("infergraph.operator")


class Election(Struct, frozen=True, kw_only=True):
    """Several operators, of which one writes: this one's name among them, and the times."""

    identity: str
    timing: Timing = Timing()


class WebhookOptions(Struct, frozen=True, kw_only=True):
    """Where the webhook listens, and the host names or addresses by which the API server calls it."""

    port: int
    names: tuple[str, ...]


class Options(Struct, frozen=True, kw_only=True):
    """What the command was told. Without ``election`` it is the only one; without a port it tells no metrics."""

    settings: Settings
    scope: Scope
    workers: int = 8
    kubeconfig: str = ""
    context: str = ""
    names: Names = Names()
    host: str = "127.0.0.1"
    election: Election | None = None
    metrics_port: int | None = None
    webhook: WebhookOptions | None = None

    def permissions(self) -> Permissions:
        """What an operator with these options calls."""
        return permissions(
            self.settings,
            self.names,
            namespaces=self.scope.namespaces,
            has_webhook=self.webhook is not None,
            has_lease=self.election is not None,
        )


async def main(options: Options) -> None:
    """Run until SIGTERM or SIGINT.

    :raises SetupError: when there is no cluster to connect to, or when this process does not lead any more.
    """
    meter = OperatorMeter()
    client = connect(options.kubeconfig, options.context, called=meter.called)
    cluster = Cluster(client, concurrency=2 * options.workers)
    operator = Operator(cluster, options.settings, scope=options.scope, workers=options.workers, meter=meter)
    ends = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ends.set)
    webhook = _webhook(options, client, meter)
    try:
        async with _health(options, operator, meter, webhook, ends):
            await _run(operator, ends, _work(options, client, operator, meter), _check(options, client), webhook)
    except BaseExceptionGroup as group:
        raise _single(group) from None
    finally:
        await cluster.close()
    _log.info("stopped")


async def _run(
    operator: Operator,
    ends: asyncio.Event,
    work: Coroutine[None, None, None],
    check: Coroutine[None, None, None],
    webhook: Webhook | None,
) -> None:
    async with asyncio.TaskGroup() as tasks:
        watching, working = tasks.create_task(operator.watch()), tasks.create_task(work)
        beside = [tasks.create_task(check), *([tasks.create_task(webhook.run())] if webhook else [])]
        ending = tasks.create_task(ends.wait())
        await asyncio.wait((watching, working, ending), return_when=asyncio.FIRST_COMPLETED)
        operator.stop()
        if operator.is_working:
            await asyncio.wait([working], timeout=DRAIN_S)
        if webhook is not None:
            await asyncio.sleep(LINGER_S)
        for task in (ending, working, watching, *beside):
            task.cancel()


def _work(
    options: Options, client: AsyncClient, operator: Operator, meter: OperatorMeter
) -> Coroutine[None, None, None]:
    """The work, by this process alone: at once, or as soon as it leads."""
    if options.election is None:
        meter.leads(is_leader=True)
        return operator.work()
    election = LeaderElection(
        client,
        name=options.names.lease,
        namespace=options.names.namespace,
        identity=options.election.identity,
        timing=options.election.timing,
        on_change=meter.leads,
    )
    return election.run(operator.work)


async def _check(options: Options, client: AsyncClient) -> None:
    """Name every permission that is missing, before somebody waits for what needs it."""
    found, namespaces = options.permissions(), options.scope.namespaces
    try:
        missing = await missing_permissions(client, found, options.names, namespaces=namespaces)
    except TROUBLE as error:
        _log.warning("could not ask for the operator's permissions", why=told(error))
        return
    for sentence in missing:
        _log.error("a permission is missing", what=sentence)


def _webhook(options: Options, client: AsyncClient, meter: OperatorMeter) -> Webhook | None:
    if options.webhook is None:
        return None
    server = webhook_server(
        lambda: options.settings,
        options.scope,
        host=options.host,
        port=options.webhook.port,
        on_review=meter.reviewed,
    )
    place = Place(
        namespace=options.names.namespace,
        secret=options.names.secret,
        configuration=options.names.configuration,
        names=options.webhook.names,
    )
    return Webhook(server, CertificateKeeper(client, place, use=server.use, on_expiry=meter.certificate_ends))


@asynccontextmanager
async def _health(
    options: Options, operator: Operator, meter: OperatorMeter, webhook: Webhook | None, ends: asyncio.Event
) -> AsyncIterator[None]:
    if options.metrics_port is None:
        yield
        return

    def is_not_ready() -> str:
        waits = webhook is not None and not webhook.server.is_serving
        return unreadiness(operator, is_ending=ends.is_set(), waits_for_webhook=waits)

    server = HealthServer(
        meter.registry,
        is_ill=lambda: illness(operator, meter),
        is_not_ready=is_not_ready,
        host=options.host,
        port=options.metrics_port,
    )
    try:
        await server.start()
    except OSError as error:
        raise SetupError(f"--metrics-port {options.metrics_port}: {error.strerror or error}") from None
    _log.info("metrics and health", port=server.port)
    try:
        yield
    finally:
        await server.stop()


def _single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong, when it is one thing."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup) and len(found.exceptions) == 1:
        found = found.exceptions[0]
    return found
