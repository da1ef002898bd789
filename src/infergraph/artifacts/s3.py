"""Credentials of S3, and of what speaks like it."""

import configparser
from pathlib import Path
from typing import Any

from infergraph.artifacts.access import Access, Environment, Place, is_true, option

DEFAULT_REGION = "us-east-1"
_VENDOR = Path("/sys/class/dmi/id/sys_vendor")


def s3_access(place: Place, environment: Environment) -> Access:
    """Keys of rclone's remote, of ``AWS_*``, of a role, or of ``~/.aws/credentials``; anonymous where there is none."""
    credentials, tried = _credentials(place, environment)
    endpoint = _endpoint(place, environment)
    config: dict[str, Any] = {"region": _region(place, environment), **credentials}
    if endpoint:
        config["endpoint"] = endpoint
        config["virtual_hosted_style_request"] = False
    options: dict[str, Any] = {"allow_http": endpoint.startswith("http://")}
    if not is_true(environment.get("S3_VERIFY_SSL"), default=True):
        options["allow_invalid_certificates"] = True
    if bundle := environment.get("AWS_CA_BUNDLE"):
        options["root_certificate"] = Path(bundle).read_bytes()
    secrets = tuple(str(credentials[name]) for name in ("secret_access_key", "session_token") if name in credentials)
    return Access(
        kind="s3", shown=place.shown, container=place.container, path=place.path, tried=tried, endpoint=endpoint,
        secrets=secrets, config=config, client_options=options,
    )  # fmt: skip


def _credentials(place: Place, environment: Environment) -> tuple[dict[str, Any], str]:
    name = f"RCLONE_CONFIG_{place.remote.upper()}"
    keys = [option(environment, place.remote, word) for word in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
    if keys[0] and keys[1]:
        return _keys(*keys), f"{name}_ACCESS_KEY_ID and _SECRET_ACCESS_KEY"
    if not is_true(option(environment, place.remote, "ENV_AUTH"), default=True):
        return {"skip_signature": True}, f"none, as {name}_ENV_AUTH is false and {name}_ACCESS_KEY_ID is not set"
    return _ambient(environment, is_role_meant=option(environment, place.remote, "ENV_AUTH") is not None)


def _ambient(environment: Environment, *, is_role_meant: bool) -> tuple[dict[str, Any], str]:
    get = environment.get
    if is_true(get("AWS_SKIP_SIGNATURE"), default=False):
        return {"skip_signature": True}, "none, as AWS_SKIP_SIGNATURE is set"
    if get("AWS_ACCESS_KEY_ID") and get("AWS_SECRET_ACCESS_KEY"):
        found = _keys(get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY"), get("AWS_SESSION_TOKEN"))
        return found, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return _roles(environment, is_role_meant=is_role_meant)


def _roles(environment: Environment, *, is_role_meant: bool) -> tuple[dict[str, Any], str]:
    get = environment.get
    if get("AWS_WEB_IDENTITY_TOKEN_FILE") and get("AWS_ROLE_ARN"):
        found = {"web_identity_token_file": get("AWS_WEB_IDENTITY_TOKEN_FILE"), "role_arn": get("AWS_ROLE_ARN")}
        return found, "the role AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE"
    for name in ("CONTAINER_CREDENTIALS_FULL_URI", "CONTAINER_CREDENTIALS_RELATIVE_URI"):
        if get(f"AWS_{name}"):
            return {name.lower(): get(f"AWS_{name}")}, f"the container's, AWS_{name}"
    if found := _from_file(environment):
        return found, f"the profile {_profile(environment)!r} in {_file(environment)}"
    # Asking for a role costs seconds where there is none: only where there can be one.
    if is_role_meant or _is_amazon():
        return {}, "the role of this machine"
    return {"skip_signature": True}, f"none found: neither AWS_ACCESS_KEY_ID, AWS_ROLE_ARN nor {_file(environment)}"


def _keys(key: str | None, secret: str | None, token: str | None) -> dict[str, Any]:
    return {"access_key_id": key, "secret_access_key": secret, **({"session_token": token} if token else {})}


def _endpoint(place: Place, environment: Environment) -> str:
    """With its scheme: USE_SSL says it where the endpoint does not."""
    known = (environment.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT"))
    endpoint = option(environment, place.remote, "ENDPOINT") or next(filter(None, known), "")
    if not endpoint or "://" in endpoint:
        return endpoint.rstrip("/")
    is_tls = is_true(environment.get("USE_SSL") or environment.get("S3_USE_HTTPS"), default=True)
    return f"{'https' if is_tls else 'http'}://{endpoint.rstrip('/')}"


def _region(place: Place, environment: Environment) -> str:
    given = option(environment, place.remote, "REGION")
    return given or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or DEFAULT_REGION


def _file(environment: Environment) -> Path:
    return Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()


def _profile(environment: Environment) -> str:
    return environment.get("AWS_PROFILE") or "default"


def _from_file(environment: Environment) -> dict[str, Any]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(_file(environment))
        section = dict(parser[_profile(environment)])
    except (configparser.Error, KeyError, OSError, UnicodeError):
        return {}
    if "aws_access_key_id" not in section or "aws_secret_access_key" not in section:
        return {}
    return _keys(section["aws_access_key_id"], section["aws_secret_access_key"], section.get("aws_session_token"))


def _is_amazon() -> bool:
    try:
        return _VENDOR.read_text().strip() == "Amazon EC2"
    except OSError:
        return False
