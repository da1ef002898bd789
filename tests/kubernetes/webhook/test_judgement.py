import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from infergraph.cli.validate import validate
from infergraph.kubernetes.objects import Settings
from infergraph.kubernetes.objects.settings import settings_of
from infergraph.kubernetes.webhook.judgement import judge
from tests.kubernetes.webhook.reviews import BAD, BAD_SENTENCE, GOOD, changed

SETTINGS = Settings()


def judged(one: Any) -> Any:
    return judge(one, SETTINGS)


def test_a_good_one_has_no_problem() -> None:
    found = judged(GOOD)
    assert (found.problems, found.warnings) == ((), ())


def test_what_is_not_made_is_a_warning() -> None:
    spec = {"predictors": [{**GOOD["spec"]["predictors"][0], "explainer": {"type": "AnchorTabular"}}]}
    found = judged(changed(spec=spec))
    assert found.problems == ()
    assert found.warnings == ("the explainer of predictor default is not run: no objects are made for it",)


@pytest.mark.parametrize(
    "one",
    [
        BAD,
        changed(spec={"predictors": []}),
        changed(spec={"predictors": [{"name": "a", "graf": {"name": "b"}}]}),
        changed(spec={"predictors": "three"}),
        changed(spec={"protocol": "smoke", "replicas": -1, "predictors": [BAD["spec"]["predictors"][0]] * 2}),
        {**GOOD, "spec": None},
        {**GOOD, "metadata": {"name": "a", "labels": {"a": 3}}},
    ],
)
def test_it_says_what_the_command_says(one: Any, tmp_path: Path) -> None:
    """Word for word, but for file and line, which an object in a cluster does not have."""
    file = tmp_path / "m.json"
    file.write_text(json.dumps(one))
    output = CliRunner().invoke(validate, [str(file)]).stderr
    *said, count = output.replace(f"{file}:1: ", "").splitlines()
    assert "\n".join(judged(one).problems).splitlines() == said
    assert count.endswith("found")


def test_a_bad_name_of_an_object_is_refused() -> None:
    problems = judged(changed(name="1-iris")).problems
    assert problems[0].startswith("the Service '1-iris-default' cannot be called so")


def test_what_no_cluster_can_run_is_refused() -> None:
    unit = {**GOOD["spec"]["predictors"][0]["graph"], "modelUri": "./model"}
    (problem,) = judged(changed(spec={"predictors": [{"name": "default", "graph": unit}]})).problems
    assert "./model" in problem


def test_the_settings_say_which_servers_there_are() -> None:
    unit = {**GOOD["spec"]["predictors"][0]["graph"], "implementation": "OUR_SERVER"}
    one = changed(spec={"predictors": [{"name": "default", "graph": unit}]})
    assert judge(one, SETTINGS).problems
    servers = {"OUR_SERVER": {"protocols": {"seldon": {"image": "ours", "defaultImageVersion": "1"}}}}
    assert judge(one, settings_of({"servers": servers})).problems == ()


def test_the_sentence() -> None:
    assert judged(BAD).problems[0].splitlines()[0] == BAD_SENTENCE


@pytest.mark.parametrize("one", [{"kind": "Pod", "apiVersion": "v1"}, {}, [1, 2], 3, None])
def test_what_is_no_deployment(one: Any) -> None:
    assert judged(one).problems


def test_depths_without_end() -> None:
    unit: Any = {"name": "u"}
    for _ in range(2000):
        unit = {"name": "u", "children": [unit]}
    found = judged(changed(spec={"predictors": [{"name": "default", "graph": unit}]}))
    assert found.problems == ("the object is nested too deeply to be read",)
