"""Units that run as microservices of their own beside the engine: `infergraph run --isolate`.

Belongs here: which units those are, the environments of their code, their processes from start to end, what they say.
MUST NOT be here: how they are called (graph/remote); what a microservice does (local/microservice).
"""
