"""Prepackaged servers: one loader per model format, each a plain class as a user would write one.

Belongs here: finding a format's files, loading them, checking that an input is one that the model takes, calling it.
MUST NOT be here: servers, the graph, message formats, threads. A runtime knows arrays and a path, nothing else.
"""
