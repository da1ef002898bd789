"""What the secrets of a service account give to those who fetch model files (SELDON_V1 §6)."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from infergraph.declaration import EnvVar, VolumeMount
from infergraph.kubernetes.objects import settings

_ANNOTATIONS: Final = ("machinelearning.seldon.io/s3-", "serving.kubeflow.org/s3-")
"""Where a secret says where its S3 is; the first one is said to be our own, the second one is KFServing's."""
_KEYS: Final = ("endpoint", "usehttps", "region", "verifyssl")
_GCS_VOLUME: Final = "user-gcp-sa"
_GCS_FOLDER: Final = "/var/secrets/"


class Credentials(Struct, frozen=True, kw_only=True):
    """What an init container gets. Nothing of it is secret: values are named, and the kubelet puts them in."""

    env: tuple[EnvVar, ...] = ()
    volumes: tuple[Any, ...] = ()
    mounts: tuple[VolumeMount, ...] = ()

    def numbered(self, index: int) -> "Credentials":
        """These, with names of volumes that the first ``index`` ones of the same pod do not have."""
        if index == 0:
            return self
        return Credentials(
            env=self.env,
            volumes=tuple({**one, "name": f"{one['name']}-{index}"} for one in self.volumes),
            mounts=tuple(replace(one, name=f"{one.name}-{index}") for one in self.mounts),
        )


NONE: Final[Mapping[str, Credentials]] = MappingProxyType({})


def secrets_of(account: Mapping[str, Any]) -> list[str]:
    """The names of the secrets that a ServiceAccount lists, each once."""
    listed = account.get("secrets") or ()
    return list(dict.fromkeys(one["name"] for one in listed if isinstance(one, dict) and one.get("name")))


def credentials_of(secrets: Iterable[Mapping[str, Any]], known: "settings.Credentials") -> Credentials:
    """The credentials that secrets hold, the first for each store; ``known`` says what their keys are called.

    Of a secret only its name, its annotations and the names of its keys are looked at.
    """
    env: list[EnvVar] = []
    volumes: list[Any] = []
    mounts: list[VolumeMount] = []
    has_s3 = False
    for secret in secrets:
        keys, name = secret.get("data") or {}, secret["metadata"]["name"]
        if known.s3_secret_key_name in keys and not has_s3:
            has_s3 = True
            env += _s3(name, secret["metadata"].get("annotations") or {}, known)
        if known.gcs_file_name in keys and not volumes:
            env.append(EnvVar(name="GOOGLE_APPLICATION_CREDENTIALS", value=_GCS_FOLDER + known.gcs_file_name))
            volumes.append({"name": _GCS_VOLUME, "secret": {"secretName": name}})
            mounts.append(VolumeMount(name=_GCS_VOLUME, mount_path=_GCS_FOLDER, read_only=True))
    return Credentials(env=tuple(env), volumes=tuple(volumes), mounts=tuple(mounts))


def _s3(name: str, annotations: Mapping[str, str], known: "settings.Credentials") -> Iterator[EnvVar]:
    said = {
        key: annotations[prefix + key]
        for prefix in reversed(_ANNOTATIONS)
        for key in _KEYS
        if prefix + key in annotations
    }
    yield _from_secret("AWS_ACCESS_KEY_ID", name, known.s3_access_key_name)
    yield _from_secret("AWS_SECRET_ACCESS_KEY", name, known.s3_secret_key_name)
    use_https = said.get("usehttps") or ("1" if known.s3_use_https else "0")
    if endpoint := said.get("endpoint") or known.s3_endpoint:
        scheme = "http" if use_https == "0" else "https"
        yield EnvVar(name="S3_ENDPOINT", value=endpoint)
        yield EnvVar(name="AWS_ENDPOINT_URL", value=f"{scheme}://{endpoint}")
        yield EnvVar(name="S3_USE_HTTPS", value=use_https)
    if region := said.get("region"):
        yield EnvVar(name="AWS_REGION", value=region)
    if verify := said.get("verifyssl"):
        yield EnvVar(name="S3_VERIFY_SSL", value=verify)


def _from_secret(variable: str, secret: str, key: str) -> EnvVar:
    return EnvVar(name=variable, value_from={"secretKeyRef": {"name": secret, "key": key}})
