"""One machine: a whole deployment in a process, from its start to its last answer.

Belongs here: starting, loading, draining; later workers, their supervisor, reload.
MUST NOT be here: what a request does, what a manifest means; the command line's words.
"""
