"""How InferGraph meets the network: HTTP, health, limits, error answers, documentation of the interface.

Belongs here: connections, reading bodies, the paths that are served, turning errors into answers.
MUST NOT be here: what a request does inside the graph, processes, the command line.
"""
