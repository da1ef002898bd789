"""What classes import from the v1 wrapper's package, in InferGraph's own words (SELDON_V1 §4.3).

The modules here call each other by the names under which a user's class imports them: an exception that is raised is
the one that is caught.
"""

from seldon_core.storage import Storage

__all__ = ["Storage"]
