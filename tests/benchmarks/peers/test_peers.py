"""What is declared of the servers fits together."""

import re

import pytest

from benchmarks.peers.environment import REQUIREMENTS
from benchmarks.peers.measure import loads
from benchmarks.peers.ours import our_servers
from benchmarks.peers.peers import PEERS
from benchmarks.peers.server import OURS, Server

SERVERS = [*our_servers(has_workers=True), *PEERS]
WORD = re.compile(r"\{(?:bin|apps|models|tmp|(?:http|grpc|metrics)\d?)\}")


def test_names_are_unique() -> None:
    assert len({server.name for server in SERVERS}) == len(SERVERS)


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_commands_name_only_words_that_are_filled_in(server: Server) -> None:
    words = [word for command in server.commands for word in command] + list(server.env.values())
    assert not [word for word in words if "{" in WORD.sub("", word)]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_every_interface_has_its_port_and_a_name_of_its_own(server: Server) -> None:
    said = f"{server.commands} {server.files}"
    assert all(f"{{{target.port}}}" in said for target in server.targets)
    assert len({target.name for target in server.targets}) == len(server.targets)


@pytest.mark.parametrize("name", sorted({"chart", *(server.environment for server in SERVERS)} - {OURS}))
def test_every_requirement_is_pinned(name: str) -> None:
    lines = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    assert lines
    assert all("==" in line for line in lines)


def test_several_workers_only_where_the_command_knows_them() -> None:
    assert all("--workers" not in server.commands[0] for server in our_servers(has_workers=False))


def test_a_quick_run_has_the_loads_of_the_aims() -> None:
    for target in {target for server in SERVERS for target in server.targets}:
        quick, whole = (loads(target, is_quick=is_quick) for is_quick in (True, False))
        assert set(quick) < set(whole) or target.case in {"echo", "class", "graph"}
        assert target.case == "identity" or (1, 64) in quick
