"""A component served alone, over the v1 component API (SELDON_V1 §4).

Belongs here: the paths and gRPC services of one component, and how its errors are written.
MUST NOT be here: what the component's methods are and how they are called, processes, the command line.
"""
