"""The HTTP side of a gateway: an application that passes every request on."""

import asyncio
from typing import Final

from infergraph.errors import BodyTooLarge
from infergraph.gateway.copies import Copies
from infergraph.gateway.destination import Destination
from infergraph.gateway.http_calls import Fields, HttpCalls, Passed, passed_on
from infergraph.gateway.turns import CHOICE, Turns
from infergraph.servers.answers import BODILESS, Answer, Form, answer_to
from infergraph.servers.headers import PUID, puid_of
from infergraph.servers.limits import Limits
from infergraph.servers.request import Reply, Request

ALIVE: Final = b"/gateway/live"
"""The one path that a gateway answers itself, for its probes."""
_CHOICE: Final = CHOICE.encode()


class HttpRelay:
    """Every method and path, whatever it means; the answer is the predictor's, with its name beside it."""

    def __init__(self, turns: Turns, copies: Copies, limits: Limits) -> None:
        self._turns = turns
        self._copies = copies
        self._limits = limits
        self._calls = HttpCalls()

    def accept(self, request: Request) -> int:
        """A body is read whatever the path is."""
        return 0 if request.raw_path == ALIVE else self._limits.body_bytes

    async def __call__(self, request: Request) -> Reply:
        """The reply of the predictor whose turn it is."""
        if request.raw_path == ALIVE:
            return Reply(200, b"content-type: text/plain\r\ncontent-length: 5\r\n", b"alive")
        request.puid = puid_of(request.headers.get(PUID, b"").decode("latin-1"))
        try:
            return await self._passed(request)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - answered and logged in one place
            return _reply(answer_to(error, request.puid, _form(request)), request)

    async def close(self) -> None:
        """Close the connections to predictors."""
        await self._calls.close()

    async def _passed(self, request: Request) -> Reply:
        if request.body is None:  # it was too large to be read
            raise BodyTooLarge(f"expected at most {self._limits.body_bytes} bytes of body, got more")
        to = self._turns.next(request.headers.get(_CHOICE, b"").decode("latin-1"))
        fields = _fields(request)
        if (shadow := self._turns.copy()) is not None and self._copies.has_room():
            self._copies.send(self._calls.send(request, shadow, fields))
        return _answered(await self._calls.send(request, to, fields), to, request)


def _fields(request: Request) -> Fields:
    """Its headers, and its id, which the copy has too."""
    others = [pair for pair in request.fields if pair[0] not in (PUID, _CHOICE)]
    return passed_on([*others, (PUID, request.puid.encode())])


def _answered(passed: Passed, to: Destination, request: Request) -> Reply:
    lines = [b"%b: %b\r\n" % pair for pair in passed.fields]
    lines.append(b"%b: %b\r\n" % (_CHOICE, to.name.encode()))
    if passed.status not in BODILESS and request.method != "HEAD":
        lines.append(b"content-length: %d\r\n" % len(passed.body))
    return Reply(passed.status, b"".join(lines), passed.body)


def _reply(answer: Answer, request: Request) -> Reply:
    lines = [b"%b: %b\r\n" % pair for pair in (*answer.headers, (PUID, request.puid.encode()))]
    lines.append(b"content-length: %d\r\n" % len(answer.body))
    return Reply(answer.status, b"".join(lines), answer.body, closes=answer.status == 413)


def _form(request: Request) -> Form:
    """The errors of the v2 and the tensorflow protocols have their own form."""
    path = request.raw_path
    return Form.ERROR if b"/v2" in path or b"/v1/" in path else Form.STATUS
