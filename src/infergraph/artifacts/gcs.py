"""Credentials of Google Cloud Storage."""

from pathlib import Path
from typing import Any

import msgspec

from infergraph.artifacts.access import Access, Environment, Place, is_true, option
from infergraph.errors import ArtifactError

OPERATORS_FILE = Path("/var/secrets/gcloud-application-credentials.json")
"""Where the v1 operator mounts the secret of a service account (SELDON_V1 §6)."""
_OWN_FILE = "~/.config/gcloud/application_default_credentials.json"
_VENDOR = Path("/sys/class/dmi/id/sys_vendor")


def gcs_access(place: Place, environment: Environment) -> Access:
    """A service account of rclone's remote or of ``GOOGLE_APPLICATION_CREDENTIALS``; anonymous where there is none."""
    config, tried = _credentials(place, environment)
    endpoint = environment.get("STORAGE_EMULATOR_HOST") or ""
    if endpoint and "://" not in endpoint:
        endpoint = f"http://{endpoint}"
    if endpoint:
        config["base_url"] = endpoint
    secrets = (config["service_account_key"],) if "service_account_key" in config else ()
    return Access(
        kind="gcs", shown=place.shown, container=place.container, path=place.path, tried=tried, endpoint=endpoint,
        secrets=secrets, config=config, client_options={"allow_http": endpoint.startswith("http://")},
    )  # fmt: skip


def _credentials(place: Place, environment: Environment) -> tuple[dict[str, Any], str]:
    name = f"RCLONE_CONFIG_{place.remote.upper()}"
    if text := option(environment, place.remote, "SERVICE_ACCOUNT_CREDENTIALS"):
        return {"service_account_key": _checked(text, f"{name}_SERVICE_ACCOUNT_CREDENTIALS")}, (
            f"{name}_SERVICE_ACCOUNT_CREDENTIALS"
        )
    if file := option(environment, place.remote, "SERVICE_ACCOUNT_FILE"):
        return _file(Path(file), f"{name}_SERVICE_ACCOUNT_FILE")
    if is_true(option(environment, place.remote, "ANONYMOUS"), default=False):
        return {"skip_signature": True}, f"none, as {name}_ANONYMOUS says"
    return _ambient(environment)


def _ambient(environment: Environment) -> tuple[dict[str, Any], str]:
    if file := environment.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return _file(Path(file), "GOOGLE_APPLICATION_CREDENTIALS")
    for known in (OPERATORS_FILE, Path(_OWN_FILE).expanduser()):
        if known.exists():
            return _file(known, "found there")
    if _is_google():
        return {}, "the service account of this machine"
    return {
        "skip_signature": True
    }, f"none found: neither GOOGLE_APPLICATION_CREDENTIALS, {OPERATORS_FILE} nor {_OWN_FILE}"


def _file(path: Path, what: str) -> tuple[dict[str, Any], str]:
    try:
        _checked(path.read_text(), f"{path} ({what})")
    except OSError as error:
        raise ArtifactError(f"the credentials {path} ({what}) cannot be read: {error.strerror}") from None
    return {"application_credentials": str(path)}, f"{path} ({what})"


def _checked(text: str, what: str) -> str:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        raise ArtifactError(f"the credentials in {what} are no JSON object, as Google's keys are")
    return text


def _is_google() -> bool:
    try:
        return _VENDOR.read_text().strip() == "Google"
    except OSError:
        return False
