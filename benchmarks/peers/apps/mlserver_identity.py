"""An identity model for MLServer, as its guide to custom runtimes writes one."""

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Identity(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        given = payload.inputs[0]
        output = ResponseOutput(
            name="predict", shape=given.shape, datatype=given.datatype, data=given.data, parameters=given.parameters
        )
        return InferenceResponse(model_name=self.name, outputs=[output])
