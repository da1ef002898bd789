#!/usr/bin/env bash
# Writes deploy/kustomize/ anew from the chart, by the helm that HELM names.
set -euo pipefail
cd "$(dirname "$0")/.."
"${HELM:-helm}" template infergraph charts/infergraph-operator --namespace infergraph-system \
  > deploy/kustomize/operator.yaml
