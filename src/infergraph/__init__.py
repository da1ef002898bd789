"""InferGraph turns trained models into REST and gRPC services from one declaration, a SeldonDeployment."""

__version__ = "0.1.0"
