"""Manifests and components for tests of a whole process."""

import textwrap
from pathlib import Path
from typing import Any

import yaml

COMPONENTS = '''
import os, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))


def wait_for(name):
    """Until the test makes a file of this name beside this one."""
    while not os.path.exists(os.path.join(HERE, name)):
        time.sleep(0.005)


class Echo:
    def predict(self, X, names):
        return X


class Slow:
    """Takes its time, as models do."""

    def __init__(self, seconds=0.02):
        self.seconds = seconds

    def predict(self, X, names):
        time.sleep(self.seconds)
        return X


class Held:
    """Answers when the file `go` is there."""

    def predict(self, X, names):
        wait_for("go")
        return X


class LateLoad(Echo):
    def load(self):
        wait_for("go")


class Named:
    def __init__(self, name="?"):
        self.name = name

    def predict(self, X, names):
        return [[self.name]]


class Noting:
    """A shadow that notes what it got, then fails."""

    def predict(self, X, names):
        with open(os.path.join(HERE, "noted"), "a") as notes:
            notes.write(f"{X.tolist()}\\n")
        raise RuntimeError("the shadow fails")


class Quitting:
    def predict(self, X, names):
        raise SystemExit(3)


class Learning:
    """Answers with its own name, and feedback with that and what it got."""

    def predict(self, X, names):
        return [[str(id(self))]]

    def send_feedback(self, X, names, reward, truth):
        return {"name": str(id(self)), "got": [reward, X[0][1], truth[0][0]]}


class Raw:
    def predict_raw(self, message):
        return {"jsonData": {"got": message}}


class Telling(Echo):
    def tags(self):
        return {"version": 1, "names": ["a"]}

    def metrics(self):
        timer = {"key": "t", "type": "TIMER", "value": 0.5, "tags": {"x": "y"}}
        return [{"key": "n", "type": "COUNTER", "value": 2}, timer]


class Defining:
    """Brings messages of TensorFlow's and Seldon's names, other than ours."""

    def predict(self, X, names):
        import gc

        from google.protobuf import descriptor_pb2, descriptor_pool

        gc.collect()  # classes that nobody holds go now
        for package, message in (("seldon.protos", "SeldonMessage"), ("tensorflow", "TensorProto")):
            file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package)
            file.message_type.add(name=message)
            descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
        return descriptor_pool.Default().FindMessageTypeByName("tensorflow.TensorProto").full_name


class BadLoad:
    def load(self):
        raise OSError("the disk is gone")


class Endless:
    def load(self):
        threading.Event().wait()

    def predict(self, X, names):
        return X
'''


def predictor(name: str, component: str, **fields: Any) -> dict[str, Any]:
    """A predictor of one model, its class from the components above."""
    parameters = [{"name": "python_class", "type": "STRING", "value": f"components:{component}"}]
    parameters += fields.pop("parameters", [])
    container = {"name": "model", "image": "img:1.0", "env": fields.pop("env", [])}
    return {
        "name": name,
        "componentSpecs": [{"spec": {"containers": [container]}}],
        "graph": {"name": "model", "type": "MODEL", "parameters": parameters},
        **fields,
    }


def write(
    folder: Path, *predictors: dict[str, Any], name: str = "test", annotations: dict[str, str] | None = None
) -> Path:
    """The manifest in a folder, with the components beside it."""
    (folder / "components.py").write_text(textwrap.dedent(COMPONENTS))
    manifest = {
        "apiVersion": "machinelearning.seldon.io/v1",
        "kind": "SeldonDeployment",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"predictors": list(predictors)},
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(manifest))
    return path
