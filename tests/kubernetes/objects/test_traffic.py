from infergraph.kubernetes.objects.settings import Settings
from infergraph.kubernetes.objects.traffic import host, path_prefix, traffic_of
from infergraph.kubernetes.objects.variant import variants_of
from tests.declaration.samples import MODEL, deployment, spec


def test_a_predictor_alone_has_all_of_it() -> None:
    declared = deployment(spec("name: p"))
    (share,) = traffic_of(variants_of(declared, Settings())).shares
    assert share[1] == 100


def test_shares_and_the_shadow() -> None:
    declared = deployment(
        spec(
            "name: c, shadow: true, traffic: 10",
            "name: a, traffic: 75",
            "name: b, traffic: 25",
            f"name: d, graph: {MODEL}",
        )
    )
    traffic = traffic_of(variants_of(declared, Settings()))
    assert [(one.predictor.name, share) for one, share in traffic.shares] == [("a", 75), ("b", 25), ("d", 0)]
    assert traffic.shadow is not None
    assert traffic.shadow.predictor.name == "c"


def test_where_clients_and_the_cluster_find_it() -> None:
    declared = deployment(spec("name: p"))
    assert path_prefix(declared) == "/seldon/default/iris/"
    assert host(variants_of(declared, Settings())[0]) == "iris-p.default.svc.cluster.local"
