"""Where a deployment is, from the URL that a caller gives."""

from urllib.parse import urlsplit

import msgspec

from infergraph.client.errors import ClientError


class Address(msgspec.Struct, frozen=True):
    """A server, and the deployment on it: ``base`` is ``scheme://host:port``, ``path`` what stands before every path.

    ``deployment`` and ``namespace`` are empty where a server has a single one and nothing else was said.
    """

    scheme: str
    host: str
    path: str = ""
    deployment: str = ""
    namespace: str = ""

    @property
    def base(self) -> str:
        """The URL that every path is added to."""
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def is_grpc(self) -> bool:
        """Whether gRPC is spoken there."""
        return self.scheme in ("grpc", "grpcs")


SCHEMES = ("http", "https", "grpc", "grpcs")


def address_of(url: str, deployment: str = "", namespace: str = "") -> Address:
    """The address that a URL says, with the deployment by path (``/seldon/<namespace>/<name>``) or by name.

    :raises ClientError: when it is no such URL.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise ClientError(f"Expected a URL such as http://127.0.0.1:8000 or grpc://127.0.0.1:5001, got {url!r:.200}")
    if parts.query or parts.fragment:
        raise ClientError(f"The address of a deployment has neither ? nor #, got {url!r:.200}")
    path = parts.path.rstrip("/")
    if deployment or namespace:
        return _named(parts.scheme, parts.netloc, path, deployment, namespace or "default")
    if parts.scheme.startswith("grpc") and path:
        return _by_path(parts.scheme, parts.netloc, path)
    return Address(parts.scheme, parts.netloc, path)


def _named(scheme: str, host: str, path: str, deployment: str, namespace: str) -> Address:
    if not deployment:
        raise ClientError(f"Namespace {namespace!r} is given, and no deployment in it")
    return Address(scheme, host, f"{path}/seldon/{namespace}/{deployment}", deployment, namespace)


def _by_path(scheme: str, host: str, path: str) -> Address:
    """gRPC has no paths: the deployment is said by metadata."""
    parts = path.split("/")
    if len(parts) != 4 or parts[1] != "seldon":
        raise ClientError(f"Over gRPC a path is /seldon/<namespace>/<name>, got {path!r:.200}")
    return Address(scheme, host, path, parts[3], parts[2])
