"""The same model, called faster: converted at load, compared with the original, used only where it answers the same.

Belongs here: conversions of loaded models, the rows that they are compared on, the decision between them.
MUST NOT be here: how models are loaded, or what rows they take. A conversion is never trusted, always measured.
"""
