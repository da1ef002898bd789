"""HTTP as model files need it: checked addresses, checked redirects, one range at a time.

With the standard library's client, as no other lets every connection be checked in one place. It honours the usual
proxy variables and ``SSL_CERT_FILE``.
"""

import base64
import email.utils
import http.client
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from infergraph import __version__
from infergraph.artifacts.addresses import check_host, connect, is_private
from infergraph.artifacts.masked import masked, redacted
from infergraph.artifacts.retry import Transient
from infergraph.artifacts.wall_clock import now_s
from infergraph.errors import ArtifactError

SILENCE_S = 60.0
"""How long a server may say nothing."""

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_WHAT_TO_DO = {
    401: "it wants credentials: https://USER:PASSWORD@host/...",
    403: "what asks has no right to it",
    404: "nothing is there",
    407: "the proxy wants credentials",
    410: "it is gone",
}


def get(
    url: str, headers: Mapping[str, str] | None = None, *, what: str, advice: Mapping[int, str] | None = None
) -> http.client.HTTPResponse:
    """Ask for ``url``, and follow redirects to places that are not refused. User and password may be in it.

    ``what`` begins every message, ``advice`` says what to do at a status. Headers go to the first host only.

    :raises Transient: when the server cannot be reached, or cannot answer now.
    :raises ArtifactError: when it refuses, or leads to an address that is refused.
    """
    bare, authorization = _split(url)
    request = urllib.request.Request(bare, headers={"User-Agent": f"infergraph/{__version__}"})  # noqa: S310 - see Source
    for name, value in {**authorization, **(headers or {})}.items():
        request.add_unredirected_header(name, value)
    check_host(urlsplit(bare).hostname or "")  # for what goes through a proxy
    secrets = [value for name, value in request.unredirected_hdrs.items() if name.lower() == "authorization"]
    try:
        response: http.client.HTTPResponse = _opener().open(request, timeout=SILENCE_S)
    except urllib.error.HTTPError as error:
        raise _refusal(error, what, secrets, advice or {}) from None
    except ValueError as error:
        raise ArtifactError(f"{what}: {redacted(str(error), secrets)}") from None
    except (OSError, http.client.HTTPException) as error:
        raise failure(error, what, urlsplit(bare).netloc) from None
    return response


def failure(error: Exception, what: str, host: str = "") -> Exception:
    """The error for a connection that did not come about, or broke; ``host`` is who was asked."""
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return ArtifactError(
            f"{what}: the server's certificate is not trusted ({reason.verify_message}); "
            "SSL_CERT_FILE names a file with the certificates of your own authority"
        )
    said = redacted(str(reason)) or type(reason).__name__
    return Transient(f"{host}: {said}" if host else said)


def _split(url: str) -> tuple[str, dict[str, str]]:
    """The URL without user and password, and the header that says them."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    path = re.sub(r"[^\x21-\x7e]", lambda found: urllib.request.quote(found[0]), parts.path)  # type: ignore[attr-defined]
    bare = urlunsplit((parts.scheme, host, path or "/", parts.query, ""))
    if not at:
        return bare, {}
    token = base64.b64encode(unquote(user if ":" in user else f"{user}:").encode()).decode()
    return bare, {"Authorization": f"Basic {token}"}


def _refusal(error: urllib.error.HTTPError, what: str, secrets: list[str], own: Mapping[int, str]) -> Exception:
    with error:
        body = _words(error)
    reason = " ".join(str(error.reason).split())
    answer = f"the server answered {error.code} {reason}{f': {body}' if body else ''}"
    if error.code in _TRANSIENT:
        return Transient(redacted(answer, secrets), after_s=retry_after_s(error.headers.get("Retry-After")))
    advice = own.get(error.code) or _WHAT_TO_DO.get(error.code)
    return ArtifactError(redacted(f"{what}: {answer}", secrets) + (f"; {advice}" if advice else ""))


def _words(error: urllib.error.HTTPError) -> str:
    """The beginning of what a server says about its refusal, in one line."""
    try:
        text = error.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return ""
    return " ".join(re.sub(r"<[^>]*>|[^\x20-\x7e]", " ", text).split())[:200]


def retry_after_s(text: str | None) -> float | None:
    """The seconds that a Retry-After header says, as a number or as a date."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now_s())
    except ValueError:
        return None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect to another scheme than HTTP, from TLS to none, or from the world into this network."""

    max_redirections = 10

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        where = f"{masked(req.full_url)} redirects to {masked(newurl)[:200]}"
        if new.scheme not in {"http", "https"} or (old.scheme, new.scheme) == ("https", "http"):
            raise ArtifactError(f"{where}, from {old.scheme} to {new.scheme}, which is not followed")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is None:
            return None
        check_host(new.hostname or "")
        request.allows_private = _allows_private(req) and is_private(old.hostname or "")  # type: ignore[attr-defined]
        if (old.scheme, old.netloc) == (new.scheme, new.netloc):
            request.unredirected_hdrs.update(req.unredirected_hdrs)
        elif "Range" in req.unredirected_hdrs:
            request.add_unredirected_header("Range", req.unredirected_hdrs["Range"])
        return request


def _allows_private(request: urllib.request.Request) -> bool:
    return getattr(request, "allows_private", True)


def _checked(request: urllib.request.Request) -> Any:
    """The function that makes connections for a request, for the classes of `http.client`."""
    return partial(_connect, allows_private=_allows_private(request) or request.has_proxy())


def _connect(address: tuple[str, int], timeout: float | None, _source: object, *, allows_private: bool) -> Any:
    return connect(address, timeout, allows_private=allows_private)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def made(*arguments: Any, **options: Any) -> http.client.HTTPConnection:
            connection = http.client.HTTPConnection(*arguments, **options)
            vars(connection)["_create_connection"] = _checked(req)  # the name since Python 2.7
            return connection

        return self.do_open(made, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def made(*arguments: Any, **options: Any) -> http.client.HTTPSConnection:
            connection = http.client.HTTPSConnection(*arguments, context=_tls(), **options)
            vars(connection)["_create_connection"] = _checked(req)
            return connection

        return self.do_open(made, req)


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(),
        _Https(),
        _Redirects(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
