"""Images built from a Dockerfile without Docker: each a folder with a root file system, and how to start it."""

import fcntl
import fnmatch
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.containers.confinement import run_in
from tests.containers.dockerfile import Stage, expand, flags, stages
from tests.containers.ignored import context_files
from tests.containers.machine import make_root
from tests.serving import ROOT

FOLDER = ROOT / ".containers"
BUILD_S = 500


@dataclass
class Image:
    """What an image holds beside its files."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    labels: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0"
    ports: list[int] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)
    cmd: list[str] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        return sum(path.lstat().st_size for path in self.root.rglob("*"))


def build(
    name: str,
    dockerfile: Path,
    context: Path,
    *,
    build_args: Mapping[str, str] | None = None,
    images: Mapping[str, Image] | None = None,
) -> Image:
    """The image of a Dockerfile; a second build of the same text and the same files is the first one.

    ``images`` are those that a FROM may name. Every other base is `machine.make_root`.

    :raises RuntimeError: when a RUN fails, with what it wrote.
    """
    building = _Building(dockerfile, context, dict(build_args or {}), dict(images or {}))
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target, told = FOLDER / name, FOLDER / f"{name}.json"
        digest = building.digest()
        if not told.exists() or json.loads(told.read_text())["digest"] != digest:
            told.unlink(missing_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            mask = os.umask(0o022)  # as in a container
            try:
                image = building.build(target)
            finally:
                os.umask(mask)
            told.write_text(json.dumps({"digest": digest, "image": msgspec.to_builtins(image, enc_hook=str)}))
        return msgspec.convert(json.loads(told.read_text())["image"], Image, dec_hook=lambda kind, text: kind(text))


@dataclass
class _Building:
    dockerfile: Path
    context: Path
    build_args: dict[str, str]
    images: dict[str, Image]

    def __post_init__(self) -> None:
        self.files = context_files(self.context, self.dockerfile)
        self.stages = stages(self.dockerfile, self.build_args)

    def digest(self) -> str:
        """What decides an image: its text, its files, what it is made from, and how we make it."""
        whole = hashlib.sha256(repr((sys.version, sorted(self.build_args.items()))).encode())
        named = {str(file): self.context / file for file in self.files}
        named |= {path.name: path for path in [self.dockerfile, *Path(__file__).parent.glob("[!t]*.py")]}
        for name, path in named.items():
            whole.update(f"{name} {path.stat().st_mode}".encode() + path.read_bytes())
        for name, image in self.images.items():
            whole.update(f"{name} {(image.root.with_suffix('.json')).read_text()}".encode())
        return whole.hexdigest()

    def build(self, target: Path) -> Image:
        """Build every stage in a folder that passes, and keep the last one."""
        done = dict(self.images)
        with tempfile.TemporaryDirectory(dir=FOLDER, ignore_cleanup_errors=True) as passing:
            for number, stage in enumerate(self.stages):
                image = self._stage(stage, Path(passing) / str(number), done)
                done[stage.name or str(number)] = image
            image.root.rename(target)
        image.root = target
        return image

    def _stage(self, stage: Stage, root: Path, done: Mapping[str, Image]) -> Image:
        if stage.base in done and not stage.instructions:
            return done[stage.base]  # a name for an image, to copy from
        image = Image(root)
        root.mkdir()
        make_root(root)
        arguments: dict[str, str] = {}
        for word, value in stage.instructions:
            if word == "ARG":
                name, _, default = value.partition("=")
                arguments[name] = self.build_args.get(name, default)
            elif word == "RUN":
                _run(image, value, arguments)
            elif word == "COPY":
                self._copy(image, expand(value, {**arguments, **image.env}), done)
            else:
                _SETTERS[word](image, expand(value, {**arguments, **image.env}))
        return image

    def _copy(self, image: Image, value: str, done: Mapping[str, Image]) -> None:
        given, value = flags(value)
        *sources, destination = shlex.split(value)
        target = image.root / (Path(image.workdir) / destination).relative_to("/")
        for source in sources:
            if origin := done.get(given.get("from", "")):
                _copy_path(origin.root / source.lstrip("/"), target, destination)
            else:
                self._copy_from_context(source, target, destination)
            if mode := given.get("chmod"):
                copied = target / Path(source).name if destination.endswith("/") else target
                copied.chmod(int(mode, 8))

    def _copy_from_context(self, source: str, target: Path, destination: str) -> None:
        for file in self.files:
            above = [path for path in (file, *file.parents) if fnmatch.fnmatch(path.as_posix(), source.rstrip("/"))]
            if file in above:
                _copy_path(self.context / file, target, destination)
            elif above:
                _copy_path(self.context / file, target / file.relative_to(above[0]), "")


def _copy_path(source: Path, target: Path, destination: str) -> None:
    """Copy a file, or what is in a folder, as COPY does."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        return
    if destination.endswith("/") or target.is_dir():
        target /= source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def _run(image: Image, value: str, arguments: Mapping[str, str]) -> None:
    given, command = flags(value)
    mounts = _index_mounts()
    if "mount" in given:
        options = dict(option.split("=") for option in given["mount"].split(","))
        cache = FOLDER / "cache" / options["target"].strip("/").replace("/", "-")
        cache.mkdir(parents=True, exist_ok=True)
        mounts[options["target"]] = cache
    env = {**_index_settings(), "HOME": "/root", **image.env, **arguments}
    done = subprocess.run(
        run_in(image.root, ["/bin/sh", "-c", command], env=env, workdir=image.workdir, mounts=mounts, is_building=True),
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"RUN {command}\nended with {done.returncode}:\n{done.stdout}\n{done.stderr}")


def _index_settings() -> dict[str, str]:
    """How pip finds packages here, as variables: an image is built with no settings of its own."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in {"global", "install", ":env:"}:
            settings["PIP_" + name.upper().replace("-", "_")] = value.strip("'\"")
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    return {**settings, **proxies}


def _index_mounts() -> dict[str, Path]:
    """What of this machine pip needs: how names are found, and the files that its settings name."""
    words = " ".join(_index_settings().values()).split()
    named = [Path(word) for word in words if word.startswith("/")]
    named += [
        Path(word.removeprefix("file://")).parent for word in words if word.startswith("file:///")
    ]  # and its files
    system = [Path("/etc/resolv.conf"), Path("/etc/hosts"), Path("/etc/ssl")]
    return {str(path): path for path in [*system, *named] if path.exists()}


def _set_env(image: Image, value: str) -> None:
    image.env |= dict(word.split("=", 1) for word in shlex.split(value))


def _set_label(image: Image, value: str) -> None:
    image.labels |= dict(word.split("=", 1) for word in shlex.split(value))


def _set_workdir(image: Image, value: str) -> None:
    image.workdir = str(Path(image.workdir) / value)
    (image.root / image.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _set_user(image: Image, value: str) -> None:
    image.user = value


def _set_ports(image: Image, value: str) -> None:
    image.ports += map(int, value.split())


def _set_entrypoint(image: Image, value: str) -> None:
    image.entrypoint, image.cmd = json.loads(value), []


def _set_cmd(image: Image, value: str) -> None:
    image.cmd = json.loads(value)


_SETTERS: dict[str, Callable[[Image, str], None]] = {
    "ENV": _set_env,
    "LABEL": _set_label,
    "WORKDIR": _set_workdir,
    "USER": _set_user,
    "EXPOSE": _set_ports,
    "ENTRYPOINT": _set_entrypoint,
    "CMD": _set_cmd,
}
