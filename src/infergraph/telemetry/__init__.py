"""What can be seen from outside: structured logs; later metrics, traces, payload logs.

MUST NOT be here: decisions. Nothing behaves differently because somebody looks.
"""
