import re

import msgspec
import pytest
import yaml

from infergraph.errors import SetupError
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
    every: dict[str, object] = msgspec.to_builtins(Settings())
    assert {**yaml.safe_load(shown), "image": ""} == {**every, "image": ""}
