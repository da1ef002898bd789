"""How model files arrive: from a ``modelUri`` to a path on this machine.

Belongs here: reading URIs, finding the files behind them, checking that they can be read at all.
MUST NOT be here: anything that opens a model file or knows a model format, a graph or a server.
"""
