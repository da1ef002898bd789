"""Ray Serve with two replicas and dynamic batching, tuned for throughput."""

import os
from typing import Any

import joblib
import numpy as np
import orjson
from ray import serve
from starlette.requests import Request
from starlette.responses import Response


@serve.deployment(num_replicas=2, max_ongoing_requests=256, ray_actor_options={"num_cpus": 0.5})
class Iris:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001)
    async def predict(self, many: list[Any]) -> list[Any]:
        ends = np.cumsum([len(rows) for rows in many])[:-1]
        return np.split(self.model.predict_proba(np.concatenate(many)), ends)

    async def __call__(self, request: Request) -> Response:
        rows = np.array(orjson.loads(await request.body())["instances"])
        result = rows if request.url.path == "/identity" else await self.predict(rows)
        return Response(
            orjson.dumps({"predictions": result}, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
        )


deployment: Any = Iris
app = deployment.bind()
