from infergraph.declaration import ObjectMeta, SeldonPodSpec
from infergraph.kubernetes.objects import names
from tests.kubernetes.rendering import made


def test_names_of_a_plain_deployment() -> None:
    assert made("plain").names("Deployment") == ["plain-default-0-classifier"]
    assert made("unfused").services() == ["unfused-default", "unfused-default-classifier"]
    (initializer,) = made("plain").pod()["initContainers"]
    assert initializer["name"] == "classifier-model-initializer"
    assert "classifier-provision-location" in [volume["name"] for volume in made("plain").pod()["volumes"]]


def test_a_long_name_is_its_hash() -> None:
    # printf %s <name> | md5sum
    (deployment,) = made("long_names").names("Deployment")
    service, unit = made("long_names").services()
    assert deployment == "seldon-afc5515a5970e4db182daa9d90d8d697"
    assert service == "seldon-8c67b2babcf22ff4f62fffac951dd074"
    assert unit == "seldon-f0458e868a9b6ca6116ab5850dd8af68"


def test_a_hash_may_stand_behind_the_deployments_name() -> None:
    (name,) = made("name_as_prefix").names("Deployment")
    assert name.startswith("long-")
    assert len(name) == len("long-") + 32
    assert all(service.startswith("seldon-") for service in made("name_as_prefix").services()[1:])


def test_without_room_for_the_prefix_there_is_the_usual_hash() -> None:
    name = names.component_name("d" * 40, "p" * 40, 0, SeldonPodSpec(), otherwise="u", with_prefix=True)
    assert name.startswith("seldon-")
    assert len(name) == 39


def test_a_component_may_have_a_name() -> None:
    assert made("pod_name").names("Deployment") == ["pod-name-default-0-blue"]
    named = SeldonPodSpec(metadata=ObjectMeta(name="blue"))
    assert names.component_name("a", "b", 1, named, otherwise="u", with_prefix=False) == "a-b-1-blue"


def test_names_of_containers_are_cut() -> None:
    assert names.initializer_name("c" * 50) == ("c" * 50 + "-model-initializer")[:63]
    assert names.model_volume_name("c" * 62) == "c" * 62  # the dash that would be last is taken away


def test_the_name_of_a_label_is_never_too_long() -> None:
    assert names.service_label("classifier") == "seldon-app-svc-classifier"
    assert len(names.service_label("c" * 63)) <= 63


def test_the_explainers_name() -> None:
    assert names.explainer_name("income", "default") == "income-default-explainer"
    assert names.explainer_name("i" * 60, "default").startswith("seldon-")
