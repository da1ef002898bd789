"""A wall clock that jumps, for one server and its workers; the clock of the machine stays as it is.

A process reads the time through the vDSO, a page of code that the kernel maps into it. `install` writes over that page,
for this process only: its functions ask the kernel, and add to CLOCK_REALTIME an offset from a file that the test
writes to. So Python and every library in C, C++ or Rust see the jump, as they would see one of the real clock, while
CLOCK_MONOTONIC stays true. A server gets it by a module `sitecustomize`, which Python imports at its start.
"""

import ctypes
import mmap
import os
import platform
import subprocess
import sys
from pathlib import Path

FILE = "WRONG_CLOCK_FILE"
VDSO = "linux-vdso.so.1"

# x86-64. Each asks the kernel, and returns; %s is where the address of the offset, in seconds, is put.
CODE = {
    "__vdso_clock_gettime": """
        b8e4000000 0f05    # mov eax, 228; syscall
        85c0 7519          # kernel said no: return
        85ff 7405          # CLOCK_REALTIME: add
        83ff05 7510        # not CLOCK_REALTIME_COARSE either: return
        49bb%s             # mov r11, offset
        498b13 480116      # add [rsi], [r11]
        c3                 # return
    """,
    "__vdso_gettimeofday": """
        b860000000 0f05    # mov eax, 96; syscall
        85c0 7515          # kernel said no: return
        4885ff 7410        # not asked for the time: return
        49bb%s             # mov r11, offset
        498b13 480117      # add [rdi], [r11]
        c3                 # return
    """,
    "__vdso_time": """
        b8c9000000 0f05    # mov eax, 201; syscall
        49bb%s             # mov r11, offset
        490303             # add rax, [r11]
        4885ff 7403        # no place to write it to: return
        488907             # mov [rdi], rax
        c3                 # return
    """,
}
JUMP = "49bb%s 41ffe3"  # mov r11, address; jmp r11


class WrongClock:
    """The offset of a clock, and what a process needs to have that clock."""

    def __init__(self, folder: Path) -> None:
        path = folder / "offset"
        path.write_bytes(bytes(mmap.PAGESIZE))
        (folder / "sitecustomize.py").write_text(f"{Path(__file__).read_text()}\n\ninstall()\n")
        self.environment = {"PYTHONPATH": str(folder), FILE: str(path)}
        self._offset = ctypes.c_int64.from_buffer(_shared(path))

    def jump(self, seconds: int) -> None:
        """Be so much ahead of the real time, or behind it, from now on."""
        self._offset.value = seconds

    def works(self) -> bool:
        """Whether a process gets it: on Linux on x86-64, as long as the kernel lets it write to its vDSO."""
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            return False
        self.jump(-(10**9))
        command = [sys.executable, "-c", "import time; print(time.time())"]
        done = subprocess.run(command, env={**os.environ, **self.environment}, capture_output=True, check=False)
        self.jump(0)
        return done.returncode == 0 and not done.stderr and float(done.stdout) < 1.5e9


def install() -> None:
    """Give this process the clock whose offset is in the file."""
    offset = _address(_shared(Path(os.environ[FILE])))
    _make_writable()
    for name, code in CODE.items():
        jump = _bytes(JUMP, _placed(_bytes(code, offset)))
        ctypes.memmove(_function(name), jump, len(jump))


def _bytes(code: str, address: int) -> bytes:
    """The code that stands before the comment of each line, with an address in it."""
    lines = [line.partition("#")[0] for line in code.splitlines()]
    return bytes.fromhex("".join(lines) % address.to_bytes(8, "little").hex())


def _shared(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), mmap.PAGESIZE)


def _placed(code: bytes) -> int:
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    return _address(page)


def _address(page: mmap.mmap) -> int:
    """Where it is. It stays there as long as the process does: until then somebody may ask for the time."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(page))
    return ctypes.addressof(ctypes.c_char.from_buffer(page))


def _function(name: str) -> int:
    return ctypes.cast(getattr(ctypes.CDLL(VDSO), name), ctypes.c_void_p).value or 0


def _make_writable() -> None:
    """Let the vDSO be written to; what is written is seen by this process alone. The kernel takes it whole only."""
    line = next(line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith("[vdso]"))
    begin, end = (int(address, 16) for address in line.split()[0].split("-"))
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    if ctypes.CDLL(None, use_errno=True).mprotect(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), protection):
        raise OSError(ctypes.get_errno(), "the vDSO cannot be written to")
