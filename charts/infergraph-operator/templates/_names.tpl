{{- define "infergraph.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace -}}
{{- end }}

{{/* Of what has no namespace: two installations share a cluster. */}}
{{- define "infergraph.clusterName" -}}
infergraph-operator-{{ include "infergraph.namespace" . }}
{{- end }}

{{- define "infergraph.selector" -}}
app.kubernetes.io/name: infergraph-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "infergraph.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "infergraph.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* registry/repository:tag, of a mapping with these three. */}}
{{- define "infergraph.reference" -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag }}
{{- end }}

{{- define "infergraph.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- include "infergraph.reference" (dict "registry" .Values.image.registry "repository" .Values.image.repository "tag" $tag) -}}
{{- end }}

{{- define "infergraph.refusals" -}}
{{- if .Values.crd.forceV1beta1 }}
{{- fail "crd.forceV1beta1: no cluster that this chart runs on has CustomResourceDefinitions of v1beta1; leave it false" }}
{{- end }}
{{- if contains "seldon-core-operator" .Values.image.repository }}
{{- fail (printf "image.repository: %s is Seldon Core's operator; this chart runs an image of InferGraph's (docs/containers.md)" .Values.image.repository) }}
{{- end }}
{{- if eq (toString .Values.managerUserID) "0" }}
{{- fail "managerUserID: the operator does not run as root" }}
{{- end }}
{{- end }}

{{/* A role with its binding to the operator's account: of top, kind, name, rules. */}}
{{- define "infergraph.role" -}}
{{- $namespace := include "infergraph.namespace" .top }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- if eq .kind "Role" }}
  namespace: {{ $namespace }}
  {{- end }}
  labels:
    {{- include "infergraph.labels" .top | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- if eq .kind "Role" }}
  namespace: {{ $namespace }}
  {{- end }}
  labels:
    {{- include "infergraph.labels" .top | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .top.Values.serviceAccount.name }}
    namespace: {{ $namespace }}
{{- end }}
