"""Keeps the webhook's certificates: in a Secret that all replicas share, and in the API server's bundle."""

import asyncio
import base64
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from lightkube.types import PatchType
from msgspec import Struct

from infergraph.errors import SetupError
from infergraph.kubernetes.calls import TROUBLE, Calls, read, told, written
from infergraph.kubernetes.kinds import SECRET, WEBHOOK_CONFIGURATION
from infergraph.kubernetes.wall_clock import utc_now
from infergraph.kubernetes.webhook.certificates import KeyPair, new_pair
from infergraph.kubernetes.webhook.rotation import Certificates, Schedule, next_certificates
from infergraph.kubernetes.webhook.secret import certificates_of, secret_object

log = structlog.get_logger(__name__)

FIELD_MANAGER: Final = "infergraph-webhook"
LOOK_EVERY_S: Final = 60.0
_TRY_AGAIN_S: Final = 5.0
_ATTEMPTS: Final = 10


class Place(Struct, frozen=True, kw_only=True):
    """Where certificates are kept, for which host ``names``, and who is to trust them: the
    ValidatingWebhookConfiguration called ``configuration``."""

    namespace: str
    secret: str
    configuration: str
    names: tuple[str, ...]


class CertificateKeeper:
    """Makes, shares and renews a certificate, and hands it to ``use`` each time that it is another one.

    ``on_expiry`` is told when the certificate that serves runs out, in seconds since 1970.
    """

    def __init__(
        self,
        client: Calls,
        place: Place,
        *,
        use: Callable[[KeyPair], None],
        schedule: Schedule | None = None,
        on_expiry: Callable[[float], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._place = place
        self._use, self._on_expiry = use, on_expiry
        self._schedule = schedule or Schedule()
        self._now = now
        self._used: KeyPair | None = None
        self._announced: tuple[str, float] | None = None

    async def begin(self) -> None:
        """Look until there is a certificate that serves; what the API server cannot do at the moment is tried again."""
        while True:
            await self._looked()
            if self._used is not None:
                return
            await asyncio.sleep(_TRY_AGAIN_S)

    async def run(self) -> None:
        """Look again and again, until this is cancelled."""
        while True:
            # Replicas that started together should not look together.
            await asyncio.sleep(LOOK_EVERY_S * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
            await self._looked()

    async def look(self) -> None:
        """Bring the Secret, the bundle and what serves up to date, as far as it is time for it.

        :raises httpx2.HTTPError: when the API server cannot be asked, or refuses.
        :raises SetupError: when there is no such ValidatingWebhookConfiguration.
        """
        found = await self._shared()
        await self._announce(found)
        if found.serving != self._used:
            self._use(found.serving)
            self._used = found.serving
            until = found.serving.not_after()
            self._on_expiry(until.timestamp())
            log.info("serving the webhook with another certificate", valid_until=until.isoformat())

    async def _looked(self) -> None:
        try:
            await self.look()
        except (*TROUBLE, SetupError) as error:
            log.warning("the webhook's certificates could not be looked after", error=told(error))

    async def _shared(self) -> Certificates:
        """What the Secret holds, once it holds what it should."""
        for _ in range(_ATTEMPTS):
            secret = await read(self._client, SECRET, self._place.secret, namespace=self._place.namespace)
            found = certificates_of(secret) if secret else None
            wanted = next_certificates(
                found,
                self._place.names,
                self._now(),
                announced_for=self._announced_for(found),
                schedule=self._schedule,
                make=new_pair,
            )
            if wanted is None and found is not None:
                return found
            if wanted is not None and await self._written(wanted, secret):
                return wanted
        raise SetupError(
            f"the Secret {self._place.namespace}/{self._place.secret} changes each time that it is written"
        )

    def _announced_for(self, found: Certificates | None) -> timedelta | None:
        if found is None or self._announced is None or self._announced[0] != found.bundle():
            return None
        return timedelta(seconds=_time_s() - self._announced[1])

    async def _written(self, wanted: Certificates, before: dict[str, Any] | None) -> bool:
        """Write it, unless another replica has written meanwhile: then its certificates are ours too."""
        secret = SECRET.from_dict(secret_object(self._place.secret, self._place.namespace, wanted, before=before))
        return await written(self._client, secret, is_new=not before, namespace=self._place.namespace) is not None

    async def _announce(self, found: Certificates) -> None:
        """See to it that the API server trusts all authorities, and note since when it has been seen to.

        Authorities that are there beside them stay until the next change: the one that another replica has just
        announced must not be taken back by one that has read the Secret a moment before.
        """
        bundle = found.bundle()
        configuration = await self._read_configuration()
        hooks = configuration.get("webhooks") or []
        if all(_trusts(hook, found) for hook in hooks):
            if self._announced is None or self._announced[0] != bundle:
                self._announced = (bundle, _time_s())
            return
        self._announced = None
        await self._client.patch(
            WEBHOOK_CONFIGURATION,
            self._place.configuration,
            _bundle_patch(configuration, bundle),
            patch_type=PatchType.APPLY,
            field_manager=FIELD_MANAGER,
            force=True,
        )
        self._announced = (bundle, _time_s())

    async def _read_configuration(self) -> dict[str, Any]:
        found = await read(self._client, WEBHOOK_CONFIGURATION, self._place.configuration)
        if found is None:
            raise SetupError(
                f"there is no ValidatingWebhookConfiguration {self._place.configuration}: the chart makes it; without "
                "one the cluster asks nobody, and bad manifests end in state Failed"
            )
        return found


def _bundle_patch(configuration: dict[str, Any], bundle: str) -> dict[str, Any]:
    encoded = base64.b64encode(bundle.encode()).decode()
    hooks = [{"name": hook["name"], "clientConfig": {"caBundle": encoded}} for hook in configuration["webhooks"]]
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": configuration["metadata"]["name"]},
        "webhooks": hooks,
    }


def _trusts(hook: dict[str, Any], found: Certificates) -> bool:
    there = base64.b64decode(hook.get("clientConfig", {}).get("caBundle") or "").decode(errors="replace")
    coming = found.coming.authority if found.coming else ""
    return all(authority in there for authority in (found.serving.authority, coming, found.former))


def _time_s() -> float:
    return asyncio.get_running_loop().time()
