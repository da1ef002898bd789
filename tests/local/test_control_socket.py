"""Telling a supervisor to reload, over a real socket."""

import asyncio
import stat
from pathlib import Path

import pytest

from infergraph.errors import SetupError
from infergraph.local.control_socket import ControlSocket, Outcome, reload, runtime_folder

DONE = Outcome(generation=2, seconds=1.5)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "infergraph"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


async def outcome() -> Outcome:
    return DONE


def begun() -> asyncio.Task[Outcome]:
    return asyncio.create_task(outcome())


def test_the_only_one_needs_no_port(folder: Path) -> None:
    async def main() -> None:
        async with ControlSocket("http://127.0.0.1:81", begun):
            assert await asyncio.to_thread(reload, None) == ("127.0.0.1:81", DONE)
            assert mode(folder) == 0o700
        assert names(folder) == []

    asyncio.run(main())


def test_one_of_several_is_chosen_by_port() -> None:
    async def main() -> None:
        async with ControlSocket("http://127.0.0.1:81", begun), ControlSocket("http://[::1]:82", begun):
            assert await asyncio.to_thread(reload, 82) == ("[::1]:82", DONE)
            with pytest.raises(SetupError, match=r"several run here \(127\.0\.0\.1:81, \[::1\]:82\)"):
                await asyncio.to_thread(reload, None)
            with pytest.raises(SetupError, match="nothing on port 8 can be reloaded; what can: 127"):
                await asyncio.to_thread(reload, 8)

    asyncio.run(main())


def test_a_socket_that_was_left_behind_is_nobody(folder: Path) -> None:
    runtime_folder()
    (folder / "127.0.0.1:81.sock").touch()
    with pytest.raises(SetupError, match="nothing runs here"):
        reload(None)


def test_it_takes_the_place_of_one_that_was_killed(folder: Path) -> None:
    runtime_folder()
    (folder / "127.0.0.1:81.sock").touch()

    async def main() -> None:
        async with ControlSocket("http://127.0.0.1:81", begun):
            assert await asyncio.to_thread(reload, 81) == ("127.0.0.1:81", DONE)

    asyncio.run(main())


def test_a_folder_that_others_may_enter_is_not_used(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with pytest.raises(SetupError, match="nobody else may enter"):
        runtime_folder()

    async def main() -> None:
        async with ControlSocket("http://127.0.0.1:81", begun):  # it is said, and all else goes on
            assert names(folder) == []

    asyncio.run(main())


def test_a_folder_that_is_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "real")
    with pytest.raises(SetupError, match="expected a folder of this user"):
        runtime_folder()
