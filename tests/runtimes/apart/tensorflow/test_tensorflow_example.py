import grpc
import numpy as np
import tensorflow as tf
from grpc_health.v1 import health_pb2
from sklearn.datasets import load_digits

from tests.runtimes.examples import served_example


def test_the_digits_get_tensorflows_own_numbers() -> None:
    digits = (load_digits().data[::200] / 16).astype(np.float32)
    with served_example("tensorflow") as (process, folder):
        function = tf.saved_model.load(str(folder / "1")).signatures["serving_default"]
        (own,) = (tensor.numpy() for tensor in function(tf.constant(digits)).values())
        answer = process.predict({"data": {"ndarray": digits.tolist()}}).json
        np.testing.assert_allclose(answer["data"]["ndarray"], own, rtol=1e-5, atol=1e-6)
        asked = process.request("POST", "/v1/models/digits:predict", {"instances": digits.tolist()}).json
        np.testing.assert_allclose(asked["predictions"], own, rtol=1e-5, atol=1e-6)
        proxied = process.predict({"jsonData": {"instances": digits.tolist()}}).json["jsonData"]
        np.testing.assert_allclose(proxied["predictions"], own, rtol=1e-5, atol=1e-6)
        bad = process.predict({"data": {"ndarray": [[1, 2]]}})
        assert bad.status == 400
        assert "takes FP32 of the shape [-1, 64], and the shape [1, 2] came" in bad.json["status"]["info"]
        # TensorFlow brings messages of the names that our own have, and gRPC works beside it all the same.
        with grpc.insecure_channel(process.grpc) as channel:
            check = channel.unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            health = check(health_pb2.HealthCheckRequest(), timeout=20)
        assert health.status == health_pb2.HealthCheckResponse.SERVING
