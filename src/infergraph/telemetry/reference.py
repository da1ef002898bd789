"""The page about metrics, made from the catalog: ``python -m infergraph.telemetry.reference``, or ``make docs``."""

import sys
from collections.abc import Iterator

from infergraph.telemetry.catalog import CATALOG
from infergraph.telemetry.definition import Definition, Kind, Way
from infergraph.telemetry.reported import MAX_SERIES, TIMER_BUCKETS

_INTRODUCTION = """\
# Metrics

This page is made from the code: `make docs` writes it.

`/metrics` on the HTTP port has the metrics of everything that the process serves, in the text format of Prometheus, or
as OpenMetrics where the `Accept` header asks for it. `/prometheus`, the path that Seldon Core's operator gives
Prometheus, has the summaries beside them that Seldon Core v1 has. Neither has CORS headers: no web page of another
origin reads them. With several workers, each answers for all of them, and no label says which worker it was: counters
and histograms add up, and those of a worker that is gone stay, but for what one that was killed has counted since its
last heartbeat; gauges become one as the tables say.

```sh
curl -s http://127.0.0.1:8000/metrics
```

No label has a value from a request. A method that is none of HTTP's is `other`, and a path or a deployment that is not
there is counted under an empty `deployment_name`. Where one process serves deployments of the same name in several
namespaces, `deployment_name` is `namespace/name` for those.
"""

_OF_V1 = """\
## Names of Seldon Core v1

- `service` of a server metric is `predictions`, `feedback`, `status` or `metadata`, for the paths of all three
  protocols, and over gRPC the full method, as `/seldon.protos.Seldon/Predict`. `method` is the HTTP method in lower
  case, or `unary`. `code` is the HTTP status, or gRPC's code as Go writes it (`OK`, `InvalidArgument`).
- The client metrics are those of the graph's calls to its units. A unit that runs in the process itself is called
  without a network, and has the same series as if it were not: `service` is the path that its method has in the
  component's API (`/predict`, `/transform-input`, `/route`, …), `method` is `post`, and `code` is 200, the status
  that its error would have had, or 499 when nobody waited for the answer any more. The time is what the graph waited:
  for the unit's turn, for its batch, and for the call.
- `model_image` and `model_version` are the two parts of the unit's image.
- `predictor_version` of the server and client metrics is the predictor's annotation `version`; that of what components
  report is its label `version`.
- `/ready`, `/live`, the documentation and the metrics themselves are not measured.
"""

_STAGES = """\
## The stages of a request

`infergraph_stage_seconds` says where the time of a request goes:

| stage | from | to |
| --- | --- | --- |
| `parse` | the whole body is there | it is decoded |
| `queue` | the graph asks a unit | the unit's call begins |
| `batch` | | what it took to put requests together for one call, and to take their answers apart |
| `compute` | the unit's call begins | it ends |
| `encode` | the graph has answered | the answer's bytes are there |

A request counts once in `parse` and `encode`, and once for each unit that it goes through in `queue` and `compute`.
Where several requests share a call, each has its whole time. `batch` has only those that went through a batch queue.
"""

_CUSTOM = """\
## Metrics of components

What a component's `metrics()` reports with a call, and `meta.metrics` of a message that a raw method returns, is served
here too. A COUNTER `orders` becomes `orders_total` and adds up, a GAUGE is the value that was set last, a TIMER takes
milliseconds and becomes a histogram in seconds ({buckets} bounds from 0 and 0.001 to 30). Labels are the metric's tags,
and {labels}. What is not known of them is `NOT_IMPLEMENTED`.

Not taken, counted in `infergraph_custom_metrics_dropped_total`, and logged once for each reason:

| reason | |
| --- | --- |
| `too_many_series` | the unit has {series} series already: a tag with an unbounded number of values |
| `bad_name`, `bad_label` | a name that Prometheus does not take |
| `name_taken` | the name belongs to a metric of another kind, or to one of this page |
| `counter_goes_down` | a COUNTER below zero |
| `not_finite` | infinite, or not a number |

Rewards below zero cannot be in a counter: they add up in `infergraph_feedback_negative_reward_total`, without their
sign. The mean reward is the one counter less the other, by `seldon_api_model_feedback_total`.
"""

_OPERATOR = """\
## The operator

`infergraph operator` has metrics of its own, at `/metrics` of its health port:

- `result` of a look is `done`, `again` where there was more to do at once, `refused` where somebody has to change
  something, `later` where the API server could not do it now, and `error` for an error of the operator.
- `verb` is that of Kubernetes: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. Where nothing changes,
  nothing is written but the leader's Lease, by `update`.
"""

_PROCESS = """\
## The process

`process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_virtual_memory_bytes` and `process_open_fds` are
sums over all workers, `process_max_fds` and `process_start_time_seconds` the largest of them.
"""


def page() -> str:
    """The page, in Markdown."""
    of_v1 = [one for one in CATALOG if one.name.startswith("seldon_")]
    of_operator = [one for one in CATALOG if one.name.startswith("infergraph_operator_")]
    ours = [one for one in CATALOG if one not in (*of_v1, *of_operator)]
    labels = ", ".join(f"`{label}`" for label in of_v1[-1].labels)
    custom = _CUSTOM.format(labels=labels, series=MAX_SERIES, buckets=len(TIMER_BUCKETS))
    parts = [_INTRODUCTION, _OF_V1, *_tables(of_v1), "## Our own\n", *_tables(ours), _STAGES, custom]
    return "\n".join([*parts, _OPERATOR, *_tables(of_operator), _PROCESS])


def _tables(definitions: list[Definition]) -> Iterator[str]:
    rows = [_row(definition) for definition in definitions]
    yield "\n".join(["| metric | kind | what | labels |", "| --- | --- | --- | --- |", *rows, ""])
    bounds: dict[tuple[float, ...], list[str]] = {}
    for definition in definitions:
        if definition.buckets:
            bounds.setdefault(definition.buckets, []).append(f"`{definition.name}`")
    for buckets, names in bounds.items():
        yield f"Buckets of {', '.join(names)}: {', '.join(f'{bound:g}' for bound in buckets)}.\n"


def _row(definition: Definition) -> str:
    kind = definition.kind.value
    if definition.kind is Kind.GAUGE:
        kind += {Way.SUM: " (sum)", Way.MAX: " (largest)", Way.LAST: " (last)"}[definition.way]
    if definition.summary:
        kind += f", summary `{definition.summary}`"
    labels = ", ".join(f"`{label}`" for label in definition.labels)
    return f"| `{definition.name}` | {kind} | {definition.help} | {labels} |"


if __name__ == "__main__":
    sys.stdout.write(page())
