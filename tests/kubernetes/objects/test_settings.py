import re

import pytest
import yaml

from infergraph.errors import SetupError
from infergraph.kubernetes.objects.kube_object import plain
from infergraph.kubernetes.objects.settings import AutoscalingVersion, Settings, settings_of
from tests.serving import ROOT


def test_nothing_said_is_the_default() -> None:
    assert settings_of(None) == settings_of({}) == Settings()


def test_what_is_said() -> None:
    settings = settings_of({"defaultUserID": None, "engine": {"port": 80}, "apis": {"autoscaling": "v2beta2"}})
    assert settings.default_user_id is None
    assert settings.engine.port == 80
    assert settings.engine.grpc_port == 5001
    assert settings.apis.autoscaling is AutoscalingVersion.V2BETA2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"istoi": {}}, "istoi"),
        ({"engine": {"prot": 1}}, r"prot.*\$\.engine"),
        ({"engine": {"port": "80"}}, r"\$\.engine\.port"),
        ({"apis": {"policy": "v2"}}, r"\$\.apis\.policy"),
        ([], "array"),
        ({"runtimes": ["SKLEARN"]}, r"no runtime SKLEARN - at `\$\.runtimes`; there is .*SKLEARN_SERVER"),
    ],
)
def test_a_mistake_is_said_with_its_place(data: object, said: str) -> None:
    with pytest.raises(SetupError, match=said):
        settings_of(data)


def test_an_image_of_the_operators_goes_before_our_runtime() -> None:
    own = settings_of({"servers": {"SKLEARN_SERVER": {"protocols": {"seldon": {"image": "x"}}}}})
    assert Settings().runtime("SKLEARN_SERVER") == "infergraph.runtimes.sklearn:SklearnServer"
    assert own.runtime("SKLEARN_SERVER") == ""
    assert own.defaults().servers["SKLEARN_SERVER"].image("seldon") == "x"
    assert "SKLEARN_SERVER" not in Settings().defaults().servers


def test_servers_of_ones_own_are_known() -> None:
    assert "TREES" in settings_of({"servers": {"TREES": {}}}).known_servers


def test_the_page_shows_every_setting_with_its_default() -> None:
    page = (ROOT / "docs/kubernetes.md").read_text()
    (shown,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    every = plain(Settings())
    assert {**yaml.safe_load(shown), "image": ""} == {**every, "image": ""}


def test_our_image_has_what_the_default_runtimes_need() -> None:
    """Their packages, and those that fetch models and call units of other images."""
    dockerfile = (ROOT / "docker/server/Dockerfile").read_text()
    (extras,) = re.findall(r"^ARG EXTRAS=(.*)$", dockerfile, re.MULTILINE)
    needed = {name.removesuffix("_SERVER").lower() for name in Settings().runtimes} | {"artifacts", "remote"}
    assert needed <= set(extras.split(","))


def test_a_runtime_that_the_image_does_not_have_is_another_images() -> None:
    assert Settings().runtime("XGBOOST_SERVER") == ""
    assert Settings().defaults().servers["XGBOOST_SERVER"].image("seldon") == "seldonio/xgboostserver:1.16.0"
    more = settings_of({"runtimes": ["SKLEARN_SERVER", "XGBOOST_SERVER"]})
    assert more.runtime("XGBOOST_SERVER").startswith("infergraph.runtimes.xgboost:")
    assert "XGBOOST_SERVER" not in more.defaults().servers
