"""Manifests of this folder, and the objects that come of them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infergraph.declaration import read_manifests
from infergraph.kubernetes.objects import Credentials, Settings, credentials_of, objects
from infergraph.kubernetes.objects.settings import settings_of

MANIFESTS = Path(__file__).with_name("manifests")
GOLDEN = Path(__file__).with_name("golden")
NAMES = sorted(path.stem for path in MANIFESTS.glob("*.yaml"))


def settings_for(name: str) -> Settings:
    """The settings that a comment of the manifest says."""
    return settings_of(_comment(name, "settings"))


def credentials_for(name: str) -> dict[str, Credentials]:
    """What the service accounts that a comment of the manifest gives have secrets for."""
    known = settings_for(name).credentials
    return {account: credentials_of(secrets, known) for account, secrets in _comment(name, "accounts").items()}


def _comment(name: str, what: str) -> dict[str, Any]:
    found = re.search(rf"^# {what}: (.*)$", (MANIFESTS / f"{name}.yaml").read_text(), re.MULTILINE)
    return yaml.safe_load(found[1]) if found else {}


@cache
def made(name: str) -> "Made":
    """The objects of a manifest."""
    settings = settings_for(name)
    (manifest,) = read_manifests([MANIFESTS / f"{name}.yaml"], servers=settings.known_servers)
    return Made(objects(manifest.deployment, settings, credentials_for(name)))


class Made:
    """Objects, to be asked for by kind and name."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        self.all = found

    def names(self, kind: str) -> list[str]:
        return [one["metadata"]["name"] for one in self.of(kind)]

    def services(self) -> list[str]:
        """The names of the Services of predictors and units: those without the one before them all."""
        return [name for name in self.names("Service") if not name.endswith("-gateway")]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.all if one["kind"] == kind]

    def one(self, kind: str, name: str = "") -> dict[str, Any]:
        (found,) = [one for one in self.of(kind) if not name or one["metadata"]["name"] == name]
        return found

    def pod(self, deployment: str = "") -> dict[str, Any]:
        """The pod's spec of a Deployment."""
        found: dict[str, Any] = self.one("Deployment", deployment)["spec"]["template"]["spec"]
        return found

    def containers(self, deployment: str = "") -> dict[str, dict[str, Any]]:
        """The containers of a Deployment's pod by name."""
        return {one["name"]: one for one in self.pod(deployment)["containers"]}

    def engine(self) -> dict[str, Any]:
        """The one engine."""
        (found,) = [one for one in self._containers() if one["name"] == "seldon-container-engine"]
        return found

    def _containers(self) -> Iterator[dict[str, Any]]:
        for one in self.of("Deployment"):
            yield from one["spec"]["template"]["spec"]["containers"]


def env(container: dict[str, Any]) -> dict[str, str]:
    """The variables of a container that have a value; each stands once."""
    names = [one["name"] for one in container["env"]]
    assert len(names) == len(set(names))
    return {one["name"]: one.get("value", "") for one in container["env"]}


def flags(container: dict[str, Any]) -> dict[str, str]:
    """The flags of an engine's container."""
    words = [word for arg in container["args"] for word in arg.split("=")]
    return dict(zip(words[::2], words[1::2], strict=True))
