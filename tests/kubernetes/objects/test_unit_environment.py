import json

from tests.kubernetes.rendering import env, made


def test_every_variable_in_its_order() -> None:
    assert list(env(made("own_image").containers()["classifier"]).items()) == [
        ("PREDICTIVE_UNIT_SERVICE_PORT", "9000"),
        ("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "9000"),
        ("MLSERVER_HTTP_PORT", "9000"),
        ("PREDICTIVE_UNIT_GRPC_SERVICE_PORT", "9500"),
        ("MLSERVER_GRPC_PORT", "9500"),
        ("PREDICTIVE_UNIT_PARAMETERS", '[{"name":"threshold","value":"0.5","type":"FLOAT"}]'),
        ("PREDICTIVE_UNIT_ID", "classifier"),
        ("MLSERVER_MODEL_NAME", "classifier"),
        ("PREDICTIVE_UNIT_IMAGE", "example/classifier:1.0"),
        ("PREDICTOR_ID", "default"),
        ("PREDICTOR_LABELS", '{"version":"default"}'),
        ("SELDON_DEPLOYMENT_ID", "own-image"),
        ("SELDON_EXECUTOR_ENABLED", "true"),
        ("PREDICTIVE_UNIT_METRICS_SERVICE_PORT", "6000"),
        ("MLSERVER_METRICS_PORT", "6000"),
        ("PREDICTIVE_UNIT_METRICS_ENDPOINT", "/prometheus"),
        ("MLSERVER_METRICS_ENDPOINT", "/prometheus"),
    ]


def test_what_the_user_says_of_ports_and_parameters_stays() -> None:
    given = env(made("env_given").containers()["classifier"])
    assert given["PREDICTIVE_UNIT_HTTP_SERVICE_PORT"] == "7000"
    assert given["PREDICTIVE_UNIT_PARAMETERS"] == "[]"


def test_where_the_unit_is_the_operator_says() -> None:
    given = env(made("env_given").containers()["classifier"])
    assert given["PREDICTOR_ID"] == "default"


def test_of_a_name_that_is_there_twice_the_last_counts() -> None:
    assert env(made("env_given").containers()["classifier"])["TOKEN"] == "last"


def test_over_grpc_the_service_port_is_its() -> None:
    assert env(made("grpc").containers()["classifier"])["PREDICTIVE_UNIT_SERVICE_PORT"] == "9500"


def test_a_prepackaged_server_is_told_where_its_model_is() -> None:
    given = env(made("unfused").containers()["classifier"])
    assert json.loads(given["PREDICTIVE_UNIT_PARAMETERS"]) == [
        {"name": "method", "value": "predict", "type": "STRING"},
        {"name": "model_uri", "value": "/mnt/models", "type": "STRING"},
    ]
    assert given["MLSERVER_MODEL_URI"] == "/mnt/models"
