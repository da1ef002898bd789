"""A root file system like that of python:slim, of what this machine has: its Python, a shell, and their libraries."""

import ensurepip
import functools
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable
from pathlib import Path

PROGRAMS = "sh cat chmod cp echo env false find id ln ls mkdir mv rm sleep touch true"
LIBRARIES = (
    *("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2"),
    *("libnss_files.so.2", "libnss_dns.so.2", "libstdc++.so.6", "libgcc_s.so.1"),
)
"""What packages expect of a system beside what our programs are linked with."""
FOLDERS = ("dev", "proc", "sys", "tmp", "root", "srv", "etc", "usr/bin", "usr/local/bin", "usr/local/lib", "var")
LEFT_OUT = ("site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "__pycache__", "config-*")
PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"


AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def make_root(root: Path) -> None:
    """Make it, in an empty folder."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    if AUTHORITIES.exists():  # an HTTP client of Rust does not start without any, whether it needs one or not
        (root / AUTHORITIES.parent.relative_to("/")).mkdir(parents=True)
        shutil.copy2(AUTHORITIES, root / AUTHORITIES.relative_to("/"))
    _copy_python(root)
    found = [shutil.which(name) for name in PROGRAMS.split()]
    programs = [Path(path) for path in found if path]
    for program in programs:
        shutil.copy2(program, root / "usr/bin" / program.name)
    (root / "bin").symlink_to("usr/bin")
    binaries = [*programs, *(root / "usr/local").rglob("*.so"), Path(sys.executable).resolve()]
    for library in {*_libraries(binaries), *_system_libraries()}:
        target = root / _place(library).relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, target)


def _place(library: Path) -> Path:
    """Where a library goes: where it is, or where every loader looks when it is no part of the system."""
    return library if library.parts[1].startswith(("lib", "usr")) else Path("/usr/lib") / library.name


def _copy_python(root: Path) -> None:
    """The interpreter and its library, at /usr/local, where the images of Python have them."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shutil.copy2(Path(sys.executable).resolve(), root / "usr/local/bin" / version)
    for name in ("python", "python3"):
        (root / "usr/local/bin" / name).symlink_to(version)
    library = root / "usr/local/lib" / version
    shutil.copytree(sysconfig.get_path("stdlib"), library, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (library / "site-packages").mkdir()
    (pip,) = Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")
    with zipfile.ZipFile(pip) as wheel:
        wheel.extractall(library / "site-packages")


def _libraries(binaries: Iterable[Path]) -> set[Path]:
    """The shared libraries that these are linked with, and the loader."""
    done = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False)
    return {Path(found) for found in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", done.stdout, re.MULTILINE)}


@functools.cache
def _system_libraries() -> set[Path]:
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    paths = (re.search(rf"^\s+{re.escape(name)} .*=> (/\S+)", known, re.MULTILINE) for name in LIBRARIES)
    return {Path(found[1]) for found in paths if found}
