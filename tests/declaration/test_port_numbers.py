"""Numbers are counted by container name, over all predictors, in the order in which they are asked for."""

import pytest

from infergraph.declaration import Container, ContainerPort, DefaultSettings
from infergraph.declaration.port_numbers import PortNumbers

SETTINGS = DefaultSettings(http_port=100, grpc_port=200, metrics_port=300, metrics_port_name="numbers")


def stating(name: str, **ports: int) -> Container:
    return Container(
        name=name, ports=tuple(ContainerPort(name=key, container_port=port) for key, port in ports.items())
    )


def numbers(ports: PortNumbers, name: str) -> tuple[int, int, int]:
    container = Container(name=name)
    return ports.http(container), ports.grpc(container), ports.metrics(container)


def test_each_name_gets_the_next_numbers_and_keeps_them() -> None:
    ports = PortNumbers(SETTINGS)
    assert [numbers(ports, name) for name in "abab"] == [
        (100, 200, 300),
        (101, 201, 301),
        (100, 200, 300),
        (101, 201, 301),
    ]


@pytest.mark.parametrize(("is_unit", "metrics"), [(True, 301), (False, 300)])
def test_what_is_no_unit_takes_no_metrics_number(metrics: int, *, is_unit: bool) -> None:
    ports = PortNumbers(SETTINGS)
    ports.take(Container(name="a"), is_unit=is_unit)
    assert numbers(ports, "b") == (101, 201, metrics)


def test_a_metrics_port_that_is_stated_takes_no_number() -> None:
    ports = PortNumbers(SETTINGS)
    ports.take(stating("a", numbers=7), is_unit=True)
    assert ports.metrics(stating("a", numbers=7)) == 7
    assert numbers(ports, "b") == (101, 201, 300)


def test_a_port_of_another_name_is_no_metrics_port() -> None:
    assert PortNumbers(SETTINGS).metrics(stating("a", metrics=7, http=8)) == 300


def test_a_stated_http_or_grpc_port_takes_a_number_all_the_same() -> None:
    ports = PortNumbers(SETTINGS)
    ports.take(stating("a", http=1, grpc=2), is_unit=True)
    assert numbers(ports, "b") == (101, 201, 301)
