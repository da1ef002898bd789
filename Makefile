# make run    train the iris example and serve it on http://127.0.0.1:8000
# make test   the whole test suite; its first run also makes environments for official clients, in .conformance
# make check  format, lint, types, layers
# make bench-peers measure InferGraph beside other servers (QUICK=1: minutes instead of half an hour)
# make bench-microservice measure our microservice beside the official one, on the same class
# make test-faults-long kill a worker every second for a minute under load: who loses what?
# make soak   a million requests: does memory stay where it is?
# make bench-graph measure a chain of three units: fused, over REST and gRPC, beside the official microservices
# make bench-hop compare HTTP clients on the way from a graph to a component
# make bench-servers compare HTTP servers around the same application
# make bench-artifacts compare downloads with those of two S3 clients
# make bench-start-up how soon a deployment answers, and what many models weigh
# make bench-operator many deployments on a real API server: how long, how many calls, how much memory?
# make protos compile the protobuf messages
# make goldens write the golden objects of tests/kubernetes anew, to be read before they are committed
# make cluster-programs build a real Kubernetes for tests/cluster and cluster-up, from Debian 12's sources (once: 5 minutes)
# make test-cluster the operator on a real API server, and its deployments as real pods (Debian 12, root; 7 minutes)
# make image  our image as .containers/image.tar, without Docker: `python3 -m cluster load` gives it to the cluster
# make cluster-up  a real Kubernetes with real pods on this machine (Debian 12, root); make cluster-down takes it away
# make docs   write the pages that are made from the code
# Each makes its own virtual environment in .venv; all that is needed is Python 3.11 or later and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run test check format protos docs goldens cluster-programs cluster-up cluster-down test-cluster image soak test-faults-long clean bench-core bench-grpc bench-hop \
	bench-servers bench-peers bench-report bench-microservice bench-artifacts bench-acceleration bench-start-up bench-graph \
	bench-operator

run: $(VENV)/ready examples/iris/model/model.joblib
	$(BIN)/infergraph run examples/iris/iris.yaml --port $(PORT)

examples/iris/model/model.joblib: examples/iris/train.py $(VENV)/ready
	$(BIN)/python examples/iris/train.py

test: $(VENV)/ready
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered $(ARGS)

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

PROTOS := src/infergraph/payloads/protos
protos: $(VENV)/ready
	$(BIN)/python -m grpc_tools.protoc -I $(PROTOS) --include_imports \
	  --descriptor_set_out $(PROTOS)/messages.desc \
	  $(PROTOS)/prediction.proto $(PROTOS)/inference.proto $(PROTOS)/serving.proto

docs: $(VENV)/ready
	$(BIN)/python -m infergraph.telemetry.reference > docs/metrics.md
	$(BIN)/python -m tests.conformance.corpus.differences

goldens: $(VENV)/ready
	$(BIN)/python -m tests.kubernetes.goldens

cluster-programs:
	cluster/build.sh

cluster-up:
	$(PYTHON) -m cluster up

cluster-down:
	$(PYTHON) -m cluster down

image: $(VENV)/ready
	mkdir -p .containers
	$(BIN)/python -m tests.containers.save .containers/image.tar

test-cluster: $(VENV)/ready cluster-programs
	INFERGRAPH_PODS=1 $(BIN)/python -m pytest --durations=8 tests/cluster $(ARGS)

bench-grpc: $(VENV)/ready examples/iris/model/model.joblib
	$(BIN)/python -m benchmarks.grpc

# Needs wrk (Debian's package of that name).
bench-graph: $(VENV)/ready
	$(BIN)/python -m benchmarks.graph $(ARGS)

bench-hop: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m benchmarks.hop $(ARGS)

# Needs wrk (Debian's package of that name).
bench-servers: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python -m benchmarks.servers $(ARGS)

# Needs wrk (Debian's package of that name).
bench-microservice: $(VENV)/ready
	$(BIN)/python -m benchmarks.microservice $(ARGS)

bench-core: $(VENV)/ready
	$(BIN)/python -m benchmarks.core

bench-peers: $(VENV)/ready
	$(BIN)/python -m benchmarks.peers.run $(if $(QUICK),--quick) $(ARGS)

bench-report: $(VENV)/ready
	$(BIN)/python -m benchmarks.peers.report $(ARGS)

bench-artifacts: $(VENV)/ready
	$(BIN)/python -m benchmarks.artifacts $(ARGS)

bench-acceleration: $(VENV)/ready
	$(BIN)/python -m benchmarks.acceleration $(ARGS)

bench-start-up: $(VENV)/ready
	$(BIN)/python -m benchmarks.start_up $(ARGS)

bench-operator: $(VENV)/ready
	$(BIN)/python -m benchmarks.operator $(ARGS)

soak: $(VENV)/ready
	$(BIN)/python -m benchmarks.soak $(ARGS)

test-faults-long: $(VENV)/ready
	$(BIN)/python -m tests.faults.steady_killing $(ARGS)

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "InferGraph needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .conformance .containers examples/*/model .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
