"""Every metric that there is, beside those that components define: `docs/metrics.md` is made from this page.

Names that begin with ``seldon_`` are those of Seldon Core v1 (SELDON_V1 §7.1, §7.2), so that dashboards, alerts and
habits keep working; ours begin with ``infergraph_``.
"""

from infergraph.telemetry.definition import Definition, Kind, Way

V1_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
STAGE_BUCKETS = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
SIZE_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0, 16384.0)

_REQUEST = ("deployment_name", "predictor_name", "predictor_version", "service", "method", "code")
_UNIT = ("deployment_name", "predictor_name", "model_name")
COMPONENT_LABELS = (
    *("method", "deployment_name", "predictor_name", "predictor_version", "model_name", "model_image"),
    *("model_version", "seldon_deployment_name", "image_name", "image_version"),
)
"""The labels of what a component reports (SELDON_V1 §7.2); the last three are old names of others."""

SERVER_REQUESTS = Definition(
    name="seldon_api_executor_server_requests_seconds",
    kind=Kind.HISTOGRAM,
    help="Time from a request's arrival until its answer is ready to be sent, in seconds.",
    labels=_REQUEST,
    buckets=V1_BUCKETS,
    summary="seldon_api_executor_server_requests_seconds_summary",
)
CLIENT_REQUESTS = Definition(
    name="seldon_api_executor_client_requests_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of a call of one unit, from the graph asking it until the graph has its answer, in seconds.",
    labels=(*_REQUEST, "model_name", "model_image", "model_version"),
    buckets=V1_BUCKETS,
    summary="seldon_api_executor_client_requests_seconds_summary",
)
COMPONENT_REQUESTS = Definition(
    name="infergraph_component_requests_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of a request to a microservice, from its arrival until its answer is ready to be sent, in seconds.",
    labels=_REQUEST,
    buckets=V1_BUCKETS,
)
COMPONENT_CALLS = Definition(
    name="infergraph_component_calls_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of a call of a microservice's component, with the wait for its turn, in seconds.",
    labels=(*_REQUEST, "model_name", "model_image", "model_version"),
    buckets=V1_BUCKETS,
)
FEEDBACK = Definition(
    name="seldon_api_model_feedback_total",
    kind=Kind.COUNTER,
    help="Feedback that a unit has taken.",
    labels=COMPONENT_LABELS,
)
FEEDBACK_REWARD = Definition(
    name="seldon_api_model_feedback_reward_total",
    kind=Kind.COUNTER,
    help="Sum of the rewards above zero that a unit has got with feedback.",
    labels=COMPONENT_LABELS,
)
NEGATIVE_REWARD = Definition(
    name="infergraph_feedback_negative_reward_total",
    kind=Kind.COUNTER,
    help="Sum of the rewards below zero that a unit has got with feedback, without their sign.",
    labels=_UNIT,
)
IN_FLIGHT = Definition(
    name="infergraph_requests_in_flight",
    kind=Kind.GAUGE,
    help="Requests that are being answered.",
    labels=("deployment_name",),
)
STAGES = ("parse", "queue", "batch", "compute", "encode")
STAGE = Definition(
    name="infergraph_stage_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of one request in one stage of its way, in seconds.",
    labels=("deployment_name", "stage"),
    buckets=STAGE_BUCKETS,
)
GRAPH = Definition(
    name="infergraph_graph_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of one request in the graph, after it was read and before its answer is written, in seconds.",
    labels=("deployment_name", "outcome"),
    buckets=STAGE_BUCKETS,
)
LAST_INFERENCE = Definition(
    name="infergraph_last_inference_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When the graph answered or failed last, in seconds since 1970.",
    labels=("deployment_name",),
    way=Way.MAX,
)
BATCH_ROWS = Definition(
    name="infergraph_batch_rows",
    kind=Kind.HISTOGRAM,
    help="Rows in one call of a model.",
    labels=_UNIT,
    buckets=SIZE_BUCKETS,
)
BATCH_REQUESTS = Definition(
    name="infergraph_batch_requests",
    kind=Kind.HISTOGRAM,
    help="Requests that share one call of a model.",
    labels=_UNIT,
    buckets=SIZE_BUCKETS,
)
QUEUE_DEPTH = Definition(
    name="infergraph_queue_depth",
    kind=Kind.GAUGE,
    help="Requests that wait for their turn at a unit.",
    labels=_UNIT,
)
REFUSALS = Definition(
    name="infergraph_refusals_total",
    kind=Kind.COUNTER,
    help="Requests that were refused, by the reason that their answer gives.",
    labels=("deployment_name", "reason"),
)
SHADOWS_DROPPED = Definition(
    name="infergraph_shadows_dropped_total",
    kind=Kind.COUNTER,
    help="Copies of requests that a shadow did not get because it falls behind.",
    labels=("deployment_name", "predictor_name"),
)
CUSTOM_DROPPED = Definition(
    name="infergraph_custom_metrics_dropped_total",
    kind=Kind.COUNTER,
    help="Values of a component's own metrics that were not taken, by reason.",
    labels=(*_UNIT, "reason"),
)
MODEL_LOAD = Definition(
    name="infergraph_model_load_seconds",
    kind=Kind.GAUGE,
    help="Time that a unit took to load; the longest of all workers, in seconds.",
    labels=_UNIT,
    way=Way.MAX,
)
CIRCUIT_OPEN = Definition(
    name="infergraph_circuit_open",
    kind=Kind.GAUGE,
    help="1 while a unit in another process cannot be reached, and calls of it are refused at once.",
    labels=_UNIT,
    way=Way.MAX,
)
CIRCUIT_OPENED = Definition(
    name="infergraph_circuit_opened_total",
    kind=Kind.COUNTER,
    help="How often calls of a unit in another process began to be refused because it cannot be reached.",
    labels=_UNIT,
)
WORKER_RESTARTS = Definition(
    name="infergraph_worker_restarts_total",
    kind=Kind.COUNTER,
    help="Workers that the supervisor has replaced, by what ended them.",
    labels=("reason",),
)
BUILD_INFO = Definition(
    name="infergraph_build_info",
    kind=Kind.GAUGE,
    help="Always 1; the labels say which versions run.",
    labels=("version", "python_version"),
    way=Way.MAX,
)
RECONCILES = Definition(
    name="infergraph_operator_reconciles_total",
    kind=Kind.COUNTER,
    help="Looks at a deployment, by how they ended.",
    labels=("result",),
)
RECONCILE_SECONDS = Definition(
    name="infergraph_operator_reconcile_seconds",
    kind=Kind.HISTOGRAM,
    help="Time of one look at a deployment, with what was written, in seconds.",
    buckets=V1_BUCKETS,
)
RECONCILE_QUEUE = Definition(
    name="infergraph_operator_queue_depth",
    kind=Kind.GAUGE,
    help="Deployments that wait for a look, now or later.",
)
API_CALLS = Definition(
    name="infergraph_operator_api_calls_total",
    kind=Kind.COUNTER,
    help="Calls of the API server by verb and HTTP status; the status is 0 where there was no answer.",
    labels=("verb", "code"),
)
DEPLOYMENTS = Definition(
    name="infergraph_operator_deployments",
    kind=Kind.GAUGE,
    help="SeldonDeployments by the state that their status says; `none` for those that have none yet.",
    labels=("state",),
)
LEADER = Definition(
    name="infergraph_operator_leader",
    kind=Kind.GAUGE,
    help="1 while this process is the one that writes.",
)
REVIEWS = Definition(
    name="infergraph_operator_reviews_total",
    kind=Kind.COUNTER,
    help="Answers of the webhook: `allowed`, `refused`, or `bad` for what was no review.",
    labels=("result",),
)
CERTIFICATE_EXPIRY = Definition(
    name="infergraph_operator_certificate_expiry_timestamp_seconds",
    kind=Kind.GAUGE,
    help="When the webhook's certificate runs out, in seconds since 1970.",
)

CATALOG = (
    *(SERVER_REQUESTS, CLIENT_REQUESTS, FEEDBACK, FEEDBACK_REWARD, NEGATIVE_REWARD, IN_FLIGHT, STAGE, GRAPH),
    *(LAST_INFERENCE, BATCH_ROWS, BATCH_REQUESTS, QUEUE_DEPTH, REFUSALS, SHADOWS_DROPPED, CUSTOM_DROPPED, MODEL_LOAD),
    *(CIRCUIT_OPEN, CIRCUIT_OPENED, WORKER_RESTARTS, BUILD_INFO, COMPONENT_REQUESTS, COMPONENT_CALLS),
    *(RECONCILES, RECONCILE_SECONDS, RECONCILE_QUEUE, API_CALLS, DEPLOYMENTS, LEADER, REVIEWS, CERTIFICATE_EXPIRY),
)
