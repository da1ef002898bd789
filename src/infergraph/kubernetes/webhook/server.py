"""The webhook over HTTPS: reviews come in, answers go out, and the certificate changes while it serves."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import web

from infergraph.errors import SetupError
from infergraph.kubernetes.webhook.certificates import KeyPair
from infergraph.kubernetes.webhook.review import Answer, BadReview

PATH: Final = "/validate-machinelearning-seldon-io-v1-seldondeployment"
"""That of Seldon Core v1 (SELDON_V1 §1.1)."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""A review of an update holds two objects, each of which the API server takes up to 3 MiB of."""
READ_WITHIN_S: Final = 10.0
_ENDS_WITHIN_S: Final = 10.0
_THREADS: Final = 4

Answering = Callable[[bytes], Answer]
"""From the body of a review to its answer; it raises BadReview."""


class WebhookServer:
    """Serves ``answer`` on ``host:port``; with port 0 the system chooses one, and ``port`` says which.

    ``on_review`` is told of each review whether it was ``allowed``, ``refused`` or ``bad``.

    It listens from ``start`` on, after the first certificate is there: until then the API server finds nobody, which is
    what it should find.
    """

    def __init__(
        self,
        answer: Answering,
        *,
        host: str,
        port: int = 4443,
        on_review: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._answer, self._on_review = answer, on_review
        self._host, self.port = host or None, port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_ENDS_WITHIN_S)
        # Threads of its own: nobody else can keep reviews waiting.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook")
        self.is_serving = False

    def use(self, pair: KeyPair) -> None:
        """Take a certificate for every connection from now on; those that are open go on with theirs."""
        with TemporaryDirectory(prefix="infergraph-webhook-") as folder:  # which nobody else can enter
            file = Path(folder) / "pair.pem"
            file.write_text(pair.key + pair.certificate)
            # Into a context of its own first: one that does not fit its key must not replace one that does.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)
            self._context.load_cert_chain(file)

    async def start(self) -> None:
        """Listen; with the certificate that `use` got before."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port, ssl_context=self._context)
        try:
            await site.start()
        except OSError as error:
            raise SetupError(f"the webhook cannot listen on port {self.port}: {error.strerror or error}") from None
        self.port = self._runner.addresses[0][1]
        self.is_serving = True

    async def stop(self) -> None:
        """Answer what was asked already, and listen no more."""
        self.is_serving = False
        await self._runner.cleanup()
        self._threads.shutdown(wait=False)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BYTES, middlewares=[_sentences])
        app.router.add_post(PATH, self._review)
        return app

    async def _review(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text=f"expected application/json, got {request.content_type}")
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text=f"the review did not arrive within {READ_WITHIN_S:g} s") from None
        try:
            # Judging a large object takes a while, in which others are answered too.
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, body)
        except BadReview as error:
            self._on_review("bad")
            raise web.HTTPBadRequest(text=str(error)) from None
        self._on_review("allowed" if answer.is_allowed else "refused")
        return web.Response(body=answer.body, content_type="application/json")


@web.middleware
async def _sentences(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What is refused is refused with a sentence that says what is expected here."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return web.Response(status=404, text=f"there is nothing at {request.path}: reviews are sent to {PATH}\n")
    except web.HTTPMethodNotAllowed as error:
        text = f"expected POST with an AdmissionReview, got {request.method}\n"
        return web.Response(status=405, text=text, headers={"Allow": error.headers["Allow"]})
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413, text=f"expected a review of at most {MAX_BYTES} bytes\n")
