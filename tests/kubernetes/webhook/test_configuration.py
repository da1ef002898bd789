from infergraph.kubernetes.webhook.configuration import service_client, webhook_configuration


def test_it_is_that_of_the_first_version() -> None:
    whole = webhook_configuration("hooks", service_client("hook", "system"))
    (hook,) = whole["webhooks"]
    assert hook["failurePolicy"] == "Fail"
    assert hook["sideEffects"] == "None"
    assert hook["matchPolicy"] == "Equivalent"
    assert hook["admissionReviewVersions"] == ["v1", "v1beta1"]
    assert hook["clientConfig"]["service"]["path"] == "/validate-machinelearning-seldon-io-v1-seldondeployment"
    assert "caBundle" not in hook["clientConfig"]
    (rule,) = hook["rules"]
    assert (rule["apiVersions"], rule["operations"], rule["resources"]) == (
        ["v1"],
        ["CREATE", "UPDATE"],
        ["seldondeployments"],
    )


def test_which_deployments_it_asks_about() -> None:
    label = "seldon.io/controller-id"
    absent = {"matchExpressions": [{"key": label, "operator": "DoesNotExist"}]}
    (hook,) = webhook_configuration("hooks", {})["webhooks"]
    assert (hook["namespaceSelector"], hook["objectSelector"]) == (absent, absent)
    (hook,) = webhook_configuration("hooks", {}, controller_id="a", watched_namespace="n")["webhooks"]
    assert hook["namespaceSelector"] == {"matchExpressions": [{"key": label, "operator": "In", "values": ["n"]}]}
    assert hook["objectSelector"] == {"matchExpressions": [{"key": label, "operator": "In", "values": ["a"]}]}
