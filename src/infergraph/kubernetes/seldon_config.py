"""The config map `seldon-config` of a Seldon Core v1 installation, read as settings (SELDON_V1 §5.1, §10.1)."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec import field

from infergraph.errors import SetupError

NAME: Final = "seldon-config"
_T = TypeVar("_T")


class _Strict(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A field that is not known is a mistake."""


class _Image(_Strict, frozen=True):
    image: str
    default_image_version: str = ""


class _Server(_Strict, frozen=True):
    """One implementation: images by protocol, or, until v1.4, by transport."""

    protocols: Mapping[str, _Image] = {}
    rest: _Image | None = None
    grpc: _Image | None = None
    tensorflow: bool = False
    tf_image: str = ""


class _Initializer(_Strict, frozen=True):
    image: str = ""
    cpu_request: str = ""
    cpu_limit: str = ""
    memory_request: str = ""
    memory_limit: str = ""


class _Gcs(_Strict, frozen=True):
    gcs_credential_file_name: str = ""


class _S3(_Strict, frozen=True):
    access_key_name: str = field(default="", name="s3AccessKeyIDName")
    secret_key_name: str = field(default="", name="s3SecretAccessKeyName")
    s3_endpoint: str = ""
    s3_use_https: str = ""


class _Credentials(_Strict, frozen=True):
    gcs: _Gcs = _Gcs()
    s3: _S3 = _S3()


def of_seldon_config(data: Mapping[str, str]) -> dict[str, Any]:
    """What the ``data`` of the config map says, as plain data for `settings_of`.

    Explainers do not run yet: what it says of their images is looked at no further.

    :raises SetupError: when a key is not known, its text is no JSON, or says what nobody would understand.
    """
    unknown = sorted(data.keys() - _READERS)
    if unknown:
        raise SetupError(f"{NAME}: there is no key `{unknown[0]}`; there is {', '.join(_READERS)}")
    found: dict[str, Any] = {}
    for key, read in _READERS.items():
        if key in data:
            found |= read(data[key])
    return found


def _predictor_servers(text: str) -> dict[str, Any]:
    servers = _decoded("predictor_servers", text, dict[str, _Server])
    return {"servers": {name: {"protocols": _protocols(name, server)} for name, server in servers.items()}}


def _protocols(name: str, server: _Server) -> dict[str, Any]:
    """Images by protocol. The older layout has one for each transport, of which we take that for REST."""
    is_older = server.rest or server.grpc or server.tf_image or server.tensorflow
    if server.protocols and is_older:
        raise _wrong("predictor_servers", f"an entry has `protocols` or images by transport, not both - at `$.{name}`")
    images = {protocol: msgspec.to_builtins(image) for protocol, image in server.protocols.items()}
    if image := server.rest or server.grpc:
        images["seldon"] = msgspec.to_builtins(image)
    if server.tf_image:
        images["tensorflow"] = {"image": server.tf_image, "defaultImageVersion": ""}
    if not images:
        raise _wrong("predictor_servers", f"there is no image; expected `protocols` - at `$.{name}`")
    return images


def _storage_initializer(text: str) -> dict[str, Any]:
    said = _decoded("storageInitializer", text, _Initializer)
    requests = _stated(cpu=said.cpu_request, memory=said.memory_request)
    limits = _stated(cpu=said.cpu_limit, memory=said.memory_limit)
    resources = _stated(requests=requests, limits=limits)
    return {"storageInitializer": _stated(image=said.image, resources=resources)}


def _credentials(text: str) -> dict[str, Any]:
    said = _decoded("credentials", text, _Credentials)
    found = _stated(
        gcsFileName=said.gcs.gcs_credential_file_name,
        s3AccessKeyName=said.s3.access_key_name,
        s3SecretKeyName=said.s3.secret_key_name,
        s3Endpoint=said.s3.s3_endpoint,
    )
    if said.s3.s3_use_https:
        found["s3UseHttps"] = said.s3.s3_use_https != "0"
    return {"credentials": found}


def _explainer(text: str) -> dict[str, Any]:
    _decoded("explainer", text, dict[str, Any])
    return {}


_READERS: Final = {
    "predictor_servers": _predictor_servers,
    "storageInitializer": _storage_initializer,
    "credentials": _credentials,
    "explainer": _explainer,
}


def _stated(**values: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in values.items() if value}


def _decoded(key: str, text: str, expected: type[_T]) -> _T:
    try:
        return msgspec.json.decode(text, type=expected)
    except msgspec.ValidationError as error:
        raise _wrong(key, str(error)) from None
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise _wrong(key, f"expected a JSON object: {error}") from None


def _wrong(key: str, why: str) -> SetupError:
    return SetupError(f"{NAME}: `{key}`: {why}")
