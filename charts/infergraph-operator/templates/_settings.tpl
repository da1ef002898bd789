{{/* The values as the settings of docs/kubernetes.md. */}}
{{- define "infergraph.settings" -}}
{{- $values := .Values -}}
{{- $settings := dict "image" (include "infergraph.image" .) "imagePullPolicy" $values.image.pullPolicy -}}
{{- $user := $values.defaultUserID | toString -}}
{{- $_ := set $settings "defaultUserID" (ternary nil (int $user) (or (eq $user "") (eq $user "<nil>"))) -}}
{{- $_ := set $settings "deploymentNameAsPrefix" $values.manager.deploymentNameAsPrefix -}}
{{- $executor := $values.executor -}}
{{- $engine := dict
  "port" (int $executor.port)
  "metricsPortName" $executor.metricsPortName
  "prometheusPath" $executor.prometheus.path
  "serviceAccountName" $executor.serviceAccount.name
  "requestLoggerEndpoint" $executor.requestLogger.defaultEndpoint
  "logWorkBufferSize" (int $executor.requestLogger.workQueueSize)
  "logWriteTimeoutMs" (int $executor.requestLogger.writeTimeoutMs)
  "fullHealthChecks" $executor.fullHealthChecks
  "resources" (include "infergraph.resources" $executor.resources | fromYaml) -}}
{{- if $executor.image.repository -}}
{{- $_ := set $engine "image" (include "infergraph.reference" $executor.image) -}}
{{- $_ := set $engine "imagePullPolicy" $executor.image.pullPolicy -}}
{{- $executorUser := $executor.user | toString -}}
{{- $_ := set $engine "userID" (ternary nil (int $executorUser) (or (eq $executorUser "") (eq $executorUser "<nil>"))) -}}
{{- end -}}
{{- $_ := set $settings "engine" $engine -}}
{{- $unit := $values.predictiveUnit -}}
{{- $_ := set $settings "unit" (dict
  "httpPort" (int $unit.httpPort)
  "grpcPort" (int $unit.grpcPort)
  "metricsPortName" $unit.metricsPortName
  "defaultEnvSecretRefName" $unit.defaultEnvSecretRefName) -}}
{{- if $values.predictor_servers -}}
{{- $_ := set $settings "servers" $values.predictor_servers -}}
{{- end -}}
{{- $initializer := $values.storageInitializer -}}
{{- range $place, $value := dict
  "storageInitializer.image" $initializer.image
  "storageInitializer.resources.requests.cpu" $initializer.cpuRequest
  "storageInitializer.resources.requests.memory" $initializer.memoryRequest
  "storageInitializer.resources.limits.cpu" $initializer.cpuLimit
  "storageInitializer.resources.limits.memory" $initializer.memoryLimit
  "credentials.gcsFileName" $values.credentials.gcs.gcsCredentialFileName
  "credentials.s3AccessKeyName" $values.credentials.s3.s3AccessKeyIDName
  "credentials.s3SecretKeyName" $values.credentials.s3.s3SecretAccessKeyName -}}
{{- if $value -}}
{{- $said := $value | toString -}}
{{- range $name := splitList "." $place | reverse -}}
{{- $said = dict $name $said -}}
{{- end -}}
{{- $_ := mergeOverwrite $settings $said -}}
{{- end -}}
{{- end -}}
{{- $_ := mergeOverwrite $settings (dict "credentials" (dict "serviceAccounts" $values.credentials.serviceAccounts)) -}}
{{- $_ := set $settings "istio" $values.istio -}}
{{- $_ := set $settings "ambassador" $values.ambassador -}}
{{- $_ := set $settings "keda" $values.keda -}}
{{- $_ := set $settings "gatewayApi" $values.gatewayApi -}}
{{- toYaml (mergeOverwrite $settings (deepCopy $values.settings)) -}}
{{- end }}

{{- define "infergraph.resources" -}}
requests: {cpu: {{ .cpuRequest | quote }}, memory: {{ .memoryRequest | quote }}}
limits: {cpu: {{ .cpuLimit | quote }}, memory: {{ .memoryLimit | quote }}}
{{- end }}
