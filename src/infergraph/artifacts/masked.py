"""Text without secrets: of a URI, and of whatever a library says."""

import re
from collections.abc import Iterable

_SHORTEST_SECRET = 4  # shorter ones would mask half of every sentence


def masked(uri: str) -> str:
    """Return ``uri`` without what may be secret: user and password, query, options of an rclone remote."""
    uri = re.sub(r"(?<=://)([^/@]*:.*|[^/]*)@", "***@", uri)  # a secret may contain slashes
    uri = re.sub(r"^(:?[^/:,]+),.*:", r"\1,***:", uri)
    return re.sub(r"(://[^?#]*[?#]).*", r"\1***", uri)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without the ``secrets``, and with every URI in it masked."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    # A colon or a full stop at the end belongs to the sentence.
    return re.sub(r"\b[a-z][a-z0-9+.-]*://[^\s,'\"<>)]*[^\s,'\"<>).:;]", lambda found: masked(found[0]), text)
