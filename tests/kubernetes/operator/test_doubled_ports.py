"""What is taken away before an API server applies anything to Deployments of Seldon Core v1."""

from typing import Any

from infergraph.kubernetes.operator.doubled_ports import removals


def deployment(*containers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "c", "ports": ports} for ports in containers]}}}}


def port(number: int, name: str = "", **more: str) -> dict[str, Any]:
    return {"name": name, "containerPort": number, **more}


def test_the_second_of_a_number_goes_and_the_last_one_first() -> None:
    ports = [port(8000, "a"), port(8000, "b"), port(5001), port(8000, "c", protocol="TCP")]
    paths = [one["path"] for one in removals(deployment([port(9000)], ports))]
    assert paths == [f"/spec/template/spec/containers/1/ports/{index}" for index in (3, 1)]


def test_other_protocols_are_other_ports() -> None:
    assert removals(deployment([port(53), port(53, protocol="UDP")], [])) == []
    assert removals({"spec": {}}) == []
