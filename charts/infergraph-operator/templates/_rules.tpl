{{/* What kubernetes/permissions.py says; a test compares the two. */}}
{{- define "infergraph.rules.watched" -}}
{{- $owned := list "create" "delete" "get" "list" "patch" "watch" -}}
- apiGroups: [machinelearning.seldon.io]
  resources: [seldondeployments]
  verbs: [list, watch]
- apiGroups: [machinelearning.seldon.io]
  resources: [seldondeployments/status]
  verbs: [patch]
- apiGroups: [machinelearning.seldon.io]
  resources: [seldondeployments/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [services]
  verbs: {{ toJson $owned }}
- apiGroups: [apps]
  resources: [deployments]
  verbs: {{ toJson $owned }}
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: {{ toJson $owned }}
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: {{ toJson $owned }}
{{- $settings := include "infergraph.settings" . | fromYaml }}
{{- if $settings.keda.enabled }}
- apiGroups: [keda.sh]
  resources: [scaledobjects]
  verbs: {{ toJson $owned }}
{{- end }}
{{- if $settings.istio.enabled }}
- apiGroups: [networking.istio.io]
  resources: [destinationrules, virtualservices]
  verbs: {{ toJson $owned }}
{{- end }}
{{- if and $settings.ambassador.enabled (eq $settings.ambassador.version "v2") }}
- apiGroups: [getambassador.io]
  resources: [mappings, tlscontexts]
  verbs: {{ toJson $owned }}
{{- end }}
{{- if $settings.gatewayApi.enabled }}
- apiGroups: [gateway.networking.k8s.io]
  resources: {{ toJson (ternary (list "grpcroutes" "httproutes") (list "httproutes") $settings.gatewayApi.grpc) }}
  verbs: {{ toJson $owned }}
{{- end }}
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- if $settings.credentials.serviceAccounts }}
# Whose secrets model files are fetched with: their names, annotations and keys, for references to them.
- apiGroups: [""]
  resources: [secrets, serviceaccounts]
  verbs: [get]
{{- end }}
{{- end }}

{{- define "infergraph.rules.own" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ .Values.manager.leaderElectionID }}]
  verbs: [get, update]
{{- if .Values.webhook.enabled }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [infergraph-webhook]
  verbs: [get, update]
{{- end }}
{{- end }}

{{- define "infergraph.rules.cluster" -}}
{{- if not .Values.singleNamespace }}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end }}
{{- if .Values.webhook.enabled }}
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingwebhookconfigurations]
  resourceNames: [{{ include "infergraph.clusterName" . }}]
  verbs: [get, patch]
{{- end }}
{{- end }}
