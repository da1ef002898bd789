"""`infergraph operator` as the chart starts it: elected, asked by the API server, and with no permission too many."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infergraph.kubernetes.permissions import Names
from infergraph.kubernetes.webhook.configuration import webhook_configuration
from infergraph.kubernetes.webhook.server import PATH
from tests.cluster.api_server import ApiServer, wait_until
from tests.cluster.operators import operator
from tests.cluster.test_permissions import token_of
from tests.kubernetes.webhook.reviews import BAD, BAD_SENTENCE, GOOD, changed
from tests.ports import free_ports

HOME = "replicas"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{HOME}/leases/infergraph-operator"
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
DEPLOYMENTS = f"/apis/machinelearning.seldon.io/v1/namespaces/{HOME}/seldondeployments"
QUICK = ("--lease-duration-s=3", "--renew-deadline-s=2", "--retry-period-s=0.3")
ELECTED = ("--namespace", HOME, "--operator-namespace", HOME, "--lease", "infergraph-operator", *QUICK)


@pytest.fixture
def home(server: ApiServer) -> Iterator[str]:
    server.call("POST", "/api/v1/namespaces", {"metadata": {"name": HOME, "labels": {"replicas": "yes"}}})
    yield HOME
    server.call("DELETE", DEPLOYMENTS)
    server.call("DELETE", LEASE)


def holder(server: ApiServer) -> str:
    answer = server.call("GET", LEASE)
    return str(answer.data["spec"].get("holderIdentity", "")) if answer.status == 200 else ""


def fetched(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return str(answer.read().decode())


def is_ready(port: int) -> bool:
    try:
        return fetched(port, "/readyz") == "ok\n"
    except OSError:
        return False


def has_service(server: ApiServer, name: str) -> bool:
    return server.call("GET", f"/api/v1/namespaces/{HOME}/services/{name}-default").status == 200


def named(name: str, spec: Any = None) -> Any:
    return changed(name=name, namespace=HOME, spec=spec or GOOD["spec"])


def test_when_the_leader_is_killed_the_other_one_works(server: ApiServer, home: str, tmp_path: Path) -> None:
    first_env, second_env = {"POD_NAME": "first"}, {"POD_NAME": "second"}
    with operator(server, tmp_path, *ELECTED, env=first_env) as first:
        assert holder(server).startswith("first_")
        with operator(server, tmp_path, *ELECTED, env=second_env, is_working=False) as second:
            second.wait_for("waiting to lead")
            assert server.call("POST", DEPLOYMENTS, named("one")).status == 201
            wait_until(lambda: has_service(server, "one"), "the first one works")
            first.process.send_signal(signal.SIGKILL)
            second.wait_for("working")
            assert holder(server).startswith("second_")
            assert server.call("POST", DEPLOYMENTS, named("two")).status == 201
            wait_until(lambda: has_service(server, "two"), "the second one works")
            assert second.stop() == 0
            assert holder(server) == ""


def test_a_leader_that_lost_its_lease_ends(server: ApiServer, home: str, tmp_path: Path) -> None:
    with operator(server, tmp_path, *ELECTED) as process:
        spec = {"holderIdentity": "thief", "leaseDurationSeconds": 60}
        server.call("PATCH", LEASE, {"spec": spec}, content="application/merge-patch+json")
        assert process.wait() == 1
        assert "thief holds it" in process.errors
        assert "Traceback" not in process.errors


def test_one_that_waits_to_lead_ends_at_once(server: ApiServer, home: str, tmp_path: Path) -> None:
    with operator(server, tmp_path, *ELECTED), operator(server, tmp_path, *ELECTED, is_working=False) as waiting:
        waiting.wait_for("waiting to lead")
        assert waiting.stop() == 0


def test_with_the_permissions_that_it_prints_it_does_all_its_work(server: ApiServer, home: str, tmp_path: Path) -> None:
    metrics, webhook = free_ports(2)
    names = Names(namespace=HOME, service_account="infergraph-operator")
    token = token_of(server, names)
    hooks = webhook_configuration("replicas", {"url": f"https://127.0.0.1:{webhook}{PATH}"})
    hooks["webhooks"][0]["namespaceSelector"] = {"matchLabels": {"replicas": "yes"}}
    assert server.call("POST", CONFIGURATIONS, hooks).status == 201
    arguments = (
        *(*ELECTED, "--metrics-port", str(metrics), "--webhook-port", str(webhook), "--webhook-host", "127.0.0.1"),
        *("--webhook-configuration", "replicas"),
    )
    try:
        for one in printed_roles(*arguments):
            assert server.apply(one, is_dry=False).status in (200, 201)
        with operator(server, tmp_path, *arguments, token=token) as process:
            wait_until(lambda: is_ready(metrics), "it is ready")
            refuses(server)
            good = server.call("POST", DEPLOYMENTS, named("good"))
            assert good.status == 201, good.message
            wait_until(lambda: has_service(server, "good"), "it works")
            told = fetched(metrics, "/metrics")
            assert 'code="403"' not in told
            assert "infergraph_operator_leader 1.0" in told
            assert 'infergraph_operator_reconciles_total{result="' in told
            assert fetched(metrics, "/healthz") == "ok\n"
            assert process.stop() == 0
            assert [one for one in process.events if one["level"] in ("warning", "error")] == []
    finally:
        server.call("DELETE", f"{CONFIGURATIONS}/replicas")


def refuses(server: ApiServer) -> None:
    """The API server hears of the webhook's certificate a moment after it was told."""

    def is_refused() -> bool:
        answer = server.call("POST", f"{DEPLOYMENTS}?dryRun=All", named("bad", BAD["spec"]))
        return BAD_SENTENCE in answer.message

    wait_until(is_refused, "the webhook refuses")


def printed_roles(*arguments: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "infergraph", "operator", *arguments, "--print-rbac"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = list(yaml.safe_load_all(text))
    assert json.dumps(found).count("ClusterRoleBinding") == 1
    return found


def test_what_is_missing_is_named_at_the_start(server: ApiServer, home: str, tmp_path: Path) -> None:
    names = Names(namespace=HOME, service_account="nobody")
    with operator(server, tmp_path, *ELECTED, token=token_of(server, names), is_working=False) as process:
        said = process.wait_for("a permission is missing")["what"]
        assert said.startswith("cannot ")
        assert "grant the verb" in said
        assert process.stop() == 0
