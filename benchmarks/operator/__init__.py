"""Many deployments on a real API server: how long the operator takes, and what it asks of the API server for it."""
