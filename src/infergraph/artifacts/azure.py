"""Credentials of Azure's blob storage."""

from typing import Any

from infergraph.artifacts.access import Access, Environment, Place, option
from infergraph.errors import ArtifactError

_SECRET = ("account_key", "sas_key", "client_secret")


def azure_access(place: Place, environment: Environment) -> Access:
    """A key, a SAS, a client secret or a federated token; anonymous where there is none."""
    connection = _connection_string(environment.get("AZURE_STORAGE_CONNECTION_STRING") or "")
    account = (
        place.account
        or option(environment, place.remote, "ACCOUNT")
        or environment.get("AZURE_STORAGE_ACCOUNT_NAME")
        or environment.get("AZURE_STORAGE_ACCOUNT")
        or connection.get("AccountName", "")
    )
    if not account:
        raise ArtifactError(
            f"modelUri {place.shown}: whose container? AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_CONNECTION_STRING or "
            f"RCLONE_CONFIG_{place.remote.upper()}_ACCOUNT says the account"
        )
    credentials, tried = _credentials(place, environment, connection)
    endpoint = (
        option(environment, place.remote, "ENDPOINT")
        or environment.get("AZURE_STORAGE_ENDPOINT")
        or connection.get("BlobEndpoint", "")
    ).rstrip("/")
    config = {"account_name": account, **credentials, **({"endpoint": endpoint} if endpoint else {})}
    return Access(
        kind="azure", shown=place.shown, container=place.container, path=place.path, tried=tried, account=account,
        endpoint=endpoint, secrets=tuple(str(config[name]) for name in _SECRET if name in config), config=config,
        client_options={"allow_http": endpoint.startswith("http://")},
    )  # fmt: skip


def _credentials(place: Place, environment: Environment, connection: dict[str, str]) -> tuple[dict[str, Any], str]:
    if "sig=" in place.query:
        return {"sas_key": place.query}, "the signature in the URI"
    name = f"RCLONE_CONFIG_{place.remote.upper()}"
    known = [(f"{name}_{word}", option(environment, place.remote, word), field) for word, field in _RCLONE]
    known += [(variable, environment.get(variable), field) for variable, field in _VARIABLES]
    known += [(f"AZURE_STORAGE_CONNECTION_STRING ({word})", connection.get(word), field) for word, field in _CONNECTION]
    for variable, value, field in known:
        if value:
            return {field: value.removeprefix("?") if field == "sas_key" else value}, variable
    return _identity(environment)


_RCLONE = (("KEY", "account_key"), ("SAS_TOKEN", "sas_key"))
_VARIABLES = (
    ("AZURE_STORAGE_ACCOUNT_KEY", "account_key"),
    ("AZURE_STORAGE_ACCESS_KEY", "account_key"),
    ("AZURE_STORAGE_KEY", "account_key"),
    ("AZURE_STORAGE_SAS_TOKEN", "sas_key"),
)
_CONNECTION = (("AccountKey", "account_key"), ("SharedAccessSignature", "sas_key"))


def _identity(environment: Environment) -> tuple[dict[str, Any], str]:
    """A service principal, by its secret or by a token of the cluster; AZ_* is how older secrets name it."""
    found = {
        word.lower(): environment.get(f"AZURE_{word}") or environment.get(f"AZ_{word}")
        for word in ("CLIENT_ID", "TENANT_ID", "CLIENT_SECRET")
    }
    if found["client_id"] and found["tenant_id"] and found["client_secret"]:
        return dict(found), "AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET"
    token = environment.get("AZURE_FEDERATED_TOKEN_FILE")
    if found["client_id"] and found["tenant_id"] and token:
        named = {name: found[name] for name in ("client_id", "tenant_id")}
        return {**named, "federated_token_file": token}, "AZURE_FEDERATED_TOKEN_FILE"
    return {"skip_signature": True}, (
        "none found: neither AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_CONNECTION_STRING "
        "nor AZURE_CLIENT_ID with AZURE_CLIENT_SECRET"
    )


def _connection_string(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
