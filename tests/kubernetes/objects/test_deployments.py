from tests.kubernetes.rendering import made


def test_the_strategy_and_what_a_pod_says_when_the_user_says_nothing() -> None:
    deployment = made("plain").one("Deployment")
    assert deployment["apiVersion"] == "apps/v1"
    assert deployment["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}}
    pod = made("plain").pod()
    assert (pod["restartPolicy"], pod["dnsPolicy"], pod["schedulerName"]) == (
        "Always",
        "ClusterFirst",
        "default-scheduler",
    )


def test_the_pods_annotations_are_a_file_in_it() -> None:
    (volume,) = [one for one in made("own_image").pod()["volumes"] if one["name"] == "seldon-podinfo"]
    assert volume["downwardAPI"]["items"] == [
        {"path": "annotations", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.annotations"}}
    ]
    for container in made("own_image").containers().values():
        assert {"name": "seldon-podinfo", "mountPath": "/etc/podinfo"} in container["volumeMounts"]


def test_the_nearest_word_about_replicas_counts() -> None:
    def replicas(name: str) -> int:
        count: int = made("replicas").one("Deployment", name)["spec"]["replicas"]
        return count

    assert replicas("replicas-one-0-a") == 3
    assert replicas("replicas-one-1-b") == 2
    assert replicas("replicas-two-0-c") == 1
    assert replicas("replicas-two-1-d") == 0


def test_without_a_word_kubernetes_decides() -> None:
    assert "replicas" not in made("plain").one("Deployment")["spec"]


def test_an_autoscaler_decides_about_replicas() -> None:
    for name in ("hpa_v2beta1", "keda", "keda_off"):
        assert "replicas" not in made(name).one("Deployment")["spec"]


def test_how_long_a_roll_out_may_take() -> None:
    for deployment in made("progress_deadline").of("Deployment"):
        assert deployment["spec"]["progressDeadlineSeconds"] == 1200
    assert len(made("progress_deadline").of("Deployment")) == 2
