"""Calls three upstream microservices one after the other: it stands in for upstream's engine, which is written in Go.

`chain.py PORT TRANSFORMER_PORT MODEL_PORT OUTPUT_PORT`. It hands each answer on as it came, without decoding it, which
is less work than an engine does.
"""

import sys

import aiohttp
import uvloop
from aiohttp import web

PORT, *PORTS = map(int, sys.argv[1:])
STEPS = [
    f"http://127.0.0.1:{port}/{path}"
    for port, path in zip(PORTS, ("transform-input", "predict", "transform-output"), strict=True)
]
JSON = {"Content-Type": "application/json"}
SESSION = web.AppKey("session", aiohttp.ClientSession)


async def predict(request: web.Request) -> web.Response:
    message, status = await request.read(), 200
    for url in STEPS:
        async with request.app[SESSION].post(url, data=message, headers=JSON) as response:
            message, status = await response.read(), response.status
        if status != 200:
            break
    return web.Response(body=message, status=status, content_type="application/json")


async def make() -> web.Application:
    app = web.Application(client_max_size=2**26)
    app[SESSION] = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    app.router.add_post("/api/v1.0/predictions", predict)
    return app


if __name__ == "__main__":
    uvloop.install()
    web.run_app(make(), host="127.0.0.1", port=PORT, access_log=None, print=None)
