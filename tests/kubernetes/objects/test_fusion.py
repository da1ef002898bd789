from tests.kubernetes.rendering import env, made


def test_a_prepackaged_unit_without_an_image_runs_in_the_engine() -> None:
    assert list(made("plain").containers()) == ["seldon-container-engine"]


def test_an_image_of_its_own_is_a_container_of_its_own() -> None:
    assert list(made("own_image").containers()) == ["classifier", "seldon-container-engine"]


def test_the_annotation_or_the_operator_turns_it_off() -> None:
    for name in ("unfused", "fuse_off"):
        assert list(made(name).containers()) == ["classifier", "seldon-container-engine"]


def test_a_server_with_an_image_of_the_operators_is_not_fused() -> None:
    assert list(made("mlserver").containers()) == ["classifier", "seldon-container-engine"]


def test_units_that_contradict_each_other_are_apart() -> None:
    assert list(made("fused_apart").containers("fused-apart-default-0-left-right-command")) == [
        "right",  # another value of a variable
        "command",  # arguments of its own
        "seldon-container-engine",
    ]
    assert list(made("fused_apart").containers("fused-apart-default-1-other")) == ["other"]  # another pod
    assert made("fused_apart").services() == [
        "fused-apart-default",
        *[f"fused-apart-default-{name}" for name in ("right", "command", "other")],
    ]


def test_the_users_environment_and_volumes_are_the_engines() -> None:
    engine = made("fused_graph").engine()
    assert env(engine)["LANG"] == "C.UTF-8"
    secret = {"secretKeyRef": {"name": "token", "key": "text"}}
    assert {"name": "TOKEN", "valueFrom": secret} in engine["env"]
    assert {"name": "vocabulary", "mountPath": "/vocabulary"} in engine["volumeMounts"]
    assert {"name": "vocabulary", "configMap": {"name": "vocabulary"}} in made("fused_graph").pod()["volumes"]


def test_the_users_numbers_are_those_of_the_engines_probe() -> None:
    probe = made("fused_graph").engine()["readinessProbe"]
    assert probe["initialDelaySeconds"] == 120
    assert probe["failureThreshold"] == 9
    assert probe["httpGet"] == {"path": "/ready", "port": 8000, "scheme": "HTTP"}


def test_the_users_own_ports_are_the_engines_too() -> None:
    ports = {port["name"]: port["containerPort"] for port in made("fused_graph").engine()["ports"]}
    assert ports == {"metrics": 8000, "grpc": 5001, "debug": 5678}


def test_resources_add_up() -> None:
    """A limit of processor or memory holds for all of it only where each part has one: `right` states none of cpu."""
    assert made("fused_graph").engine()["resources"] == {
        "requests": {"cpu": "1250m", "memory": "1792Mi", "nvidia.com/gpu": "1"},
        "limits": {"memory": "3584Mi", "nvidia.com/gpu": "1"},
    }


def test_a_model_of_which_nothing_is_said_is_not_held_to_the_engines_limit() -> None:
    assert made("plain").engine()["resources"] == {"requests": {"cpu": "500m", "memory": "512Mi"}}


def test_model_files_have_folders_of_their_own() -> None:
    mounts = {mount["mountPath"]: mount for mount in made("fused_graph").engine()["volumeMounts"]}
    assert mounts["/mnt/models/left"]["name"] == "left-provision-location"
    assert mounts["/mnt/models/right"]["name"] == "right-provision-location"
    assert mounts["/mnt/models/left"]["readOnly"] is True
