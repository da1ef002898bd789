"""How model files come into a pod: an init container fetches them into a volume (SELDON_V1 §6)."""

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from infergraph.artifacts.locate import is_local
from infergraph.declaration import Container, PredictiveUnit, VolumeMount
from infergraph.errors import BadManifest
from infergraph.kubernetes.objects import names, security
from infergraph.kubernetes.objects.accounts import account_of, accounts_of
from infergraph.kubernetes.objects.credentials import Credentials
from infergraph.kubernetes.objects.unit_environment import MODELS
from infergraph.kubernetes.objects.variant import Variant
from infergraph.kubernetes.objects.volumes import SCRATCH_MOUNT

NO_INITIALIZER: Final = "seldon.io/no-storage-initializer"
CLAIM_VOLUME: Final = "kfserving-pvc-source"
_CLAIM_PATH: Final = "/mnt/pvc"
_PVC: Final = "pvc://"
DIGEST: Final = "sha256"
"""The parameter of a unit that pins its model files."""


class ModelFiles(Struct, frozen=True, kw_only=True):
    """What the files of one unit add to its pod; ``mounts`` are those of the container that serves."""

    initializer: Container | None = None
    volumes: tuple[Any, ...] = ()
    mounts: tuple[VolumeMount, ...] = ()


def model_files(variant: Variant, unit: PredictiveUnit, *, server: str, path: str = MODELS) -> ModelFiles:
    """The files of ``unit``, to be found at ``path`` of the container called ``server``.

    Only prepackaged servers have their files fetched: another component takes its ``modelUri`` as it is.
    """
    if not (unit.is_prepackaged and unit.model_uri) or reads_uri_itself(variant, unit):
        return ModelFiles()
    _check_uri(variant, unit)
    volume = names.model_volume_name(server)
    uri, claim = _claimed(unit.model_uri)
    mounts: tuple[VolumeMount, ...] = (VolumeMount(name=volume, mount_path=MODELS),)
    serving = (VolumeMount(name=volume, mount_path=path, read_only=True),)
    volumes: tuple[Any, ...] = ({"name": volume, "emptyDir": {}},)
    if claim:
        name = _claim_volume(variant, claim)
        mounts += (VolumeMount(name=name, mount_path=_CLAIM_PATH, read_only=True),)
        volumes += ({"name": name, "persistentVolumeClaim": {"claimName": claim}},)
    initializer = _initializer(variant, unit, server=server, uri=uri)
    found = _credentials(variant, unit)
    return ModelFiles(
        initializer=replace(
            initializer, volume_mounts=mounts + found.mounts + initializer.volume_mounts, env=found.env
        ),
        volumes=volumes + found.volumes,
        mounts=serving,
    )


def reads_uri_itself(variant: Variant, unit: PredictiveUnit) -> bool:
    """Whether a Triton server is told the address of its models and fetches them by itself."""
    asked = variant.deployment.spec.annotations.get(NO_INITIALIZER, "").lower() == "true"
    return asked and unit.implementation == "TRITON_SERVER"


def _credentials(variant: Variant, unit: PredictiveUnit) -> Credentials:
    """Those of the unit's account; where two have a file for Google, each has a volume of its own."""
    account = account_of(variant.predictor, unit)
    having = dict.fromkeys(one for one in accounts_of(variant.predictor) if one in variant.credentials)
    return variant.credentials[account].numbered(list(having).index(account)) if account in having else Credentials()


def _check_uri(variant: Variant, unit: PredictiveUnit) -> None:
    has_image = unit.storage_initializer_image or variant.settings.storage_initializer.image
    if unit.model_uri.startswith(_PVC) or has_image or not is_local(unit.model_uri):
        return
    if not unit.model_uri.removeprefix("file://").startswith("/"):
        raise BadManifest(
            f"predictor {variant.predictor.name}: unit {unit.name}: modelUri {unit.model_uri} is a file beside the "
            "manifest, and no pod has it; put the model into a store (gs://, s3://, https://, az://) or a volume "
            "(pvc://claim/path)"
        )


def _initializer(variant: Variant, unit: PredictiveUnit, *, server: str, uri: str) -> Container:
    settings = variant.settings
    image = unit.storage_initializer_image or settings.storage_initializer.image
    secret = unit.env_secret_ref_name or settings.unit.default_env_secret_ref_name
    container = Container(
        name=names.initializer_name(server),
        image=image,
        image_pull_policy="IfNotPresent",
        args=(uri, MODELS),
        env_from=({"secretRef": {"name": secret}},) if secret else (),
        resources=settings.storage_initializer.resources,
    )
    return container if image else _our_own(container, variant, unit)


def _our_own(container: Container, variant: Variant, unit: PredictiveUnit) -> Container:
    digest = unit.parameter(DIGEST)
    pinned = ("--sha256", digest.value) if digest else ()
    return replace(
        container,
        image=variant.settings.image,
        image_pull_policy=variant.settings.image_pull_policy,
        args=("fetch", *container.args, *pinned),
        volume_mounts=(SCRATCH_MOUNT,),
        security_context=dict(security.STRICT),
    )


def _claimed(uri: str) -> tuple[str, str]:
    """The path that stands for a ``pvc://`` address in the pod, and the claim; other addresses as they are."""
    if not uri.startswith(_PVC):
        return uri, ""
    claim, _, path = uri.removeprefix(_PVC).partition("/")
    return f"{_CLAIM_PATH}/{path}", claim


def _claim_volume(variant: Variant, claim: str) -> str:
    """The volume of a claim: the first version's name for the first one, so that two claims do not share it."""
    claims = list(dict.fromkeys(filter(None, (_claimed(unit.model_uri)[1] for unit in variant.predictor.units()))))
    index = claims.index(claim)
    return CLAIM_VOLUME if index == 0 else f"{CLAIM_VOLUME}-{index}"
