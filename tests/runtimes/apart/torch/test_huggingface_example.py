import json

from transformers import pipeline

from tests.runtimes.examples import served_example

LINES = ["return [line.strip() for line in lines if line]", "This function returns the lines of the file, stripped."]


def test_the_lines_get_the_pipelines_own_answers() -> None:
    with served_example("huggingface") as (process, folder):
        own = pipeline("text-classification", model=str(folder))(LINES)
        assert [answer["label"] for answer in own] == ["python", "prose"]
        tensor = {"name": "args", "shape": [2], "datatype": "BYTES", "data": LINES}
        asked = process.request("POST", "/v2/models/language/infer", {"inputs": [tensor]}).json
        (output,) = asked["outputs"]
        assert (output["name"], output["datatype"], output["shape"]) == ("output", "BYTES", [2, 1])
        assert [json.loads(text) for text in output["data"]] == own
        assert process.predict({"strData": LINES[0]}).json["jsonData"] == own[0]
        assert process.predict({"jsonData": {"inputs": LINES}}).json["data"]["ndarray"] == own
        bad = process.predict({"data": {"ndarray": [[1, 2]]}})
        assert (bad.status, bad.json["status"]["info"]) == (400, "the model takes texts, and 1 came")
