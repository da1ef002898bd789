from tests.kubernetes.rendering import NAMES, made

STRICT = {
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def test_pods_run_as_the_operators_user() -> None:
    assert made("plain").pod()["securityContext"] == {"runAsUser": 8888}


def test_an_operator_may_name_none() -> None:
    assert "securityContext" not in made("no_default_user").pod()


def test_the_users_context_of_the_pod_stays() -> None:
    assert made("security_context").pod()["securityContext"] == {"runAsUser": 1000, "fsGroup": 2000}


def test_what_the_user_says_of_a_container_goes_before_what_we_say() -> None:
    assert made("security_context").engine()["securityContext"] == {
        **STRICT,
        "readOnlyRootFilesystem": False,
        "seccompProfile": {"type": "Unconfined"},
    }


def test_a_foreign_image_is_left_as_the_user_has_it() -> None:
    assert made("security_context").containers()["right"]["securityContext"] == {"runAsUser": 0}
    assert "securityContext" not in made("own_image").containers()["classifier"]


def test_everything_with_our_image_is_strict_and_can_write_somewhere() -> None:
    found = 0
    for name in set(NAMES) - {"security_context"}:
        for deployment in made(name).of("Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            for container in [*pod["containers"], *pod.get("initContainers", ())]:
                if container["image"].startswith("infergraph:"):
                    found += 1
                    assert container["securityContext"] == STRICT
                    assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]
    assert found > 50


def test_who_asks_for_root_gets_it() -> None:
    from infergraph.kubernetes.objects.security import strict

    assert strict({"runAsUser": 0}, None)["runAsNonRoot"] is False
    assert strict(None, {"runAsUser": 0})["runAsNonRoot"] is False
    assert strict({"runAsUser": 0, "runAsNonRoot": True}, None)["runAsNonRoot"] is True
