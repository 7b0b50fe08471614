{{/* The name that everything of this release begins with. */}}
{{- define "tributary.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What everything of this release carries. */}}
{{- define "tributary.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: tributary
{{ include "tributary.selector" . }}
{{- end -}}

{{- define "tributary.selector" -}}
app.kubernetes.io/name: tributary
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tributary.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
What runs, as a list of items with `name`, `role`, `pool` and `config`: the five services of the general pool,
and, where it is wanted, the same five for documents that contain personal data.
*/}}
{{- define "tributary.components" -}}
{{- $root := . -}}
{{- $fullname := include "tributary.fullname" . -}}
{{- $items := list -}}
{{- range $role, $config := .Values.services -}}
{{- $items = append $items (dict "name" (printf "%s-%s" $fullname $role) "prefix" $fullname "role" $role "pool" "general" "config" $config) -}}
{{- end -}}
{{- if .Values.restricted.enabled -}}
{{- range $role, $config := .Values.services -}}
{{- $own := mergeOverwrite (deepCopy $config) (deepCopy $root.Values.restricted.all) (deepCopy (default dict (get $root.Values.restricted.services $role))) -}}
{{- $prefix := printf "%s-restricted" $fullname -}}
{{- $items = append $items (dict "name" (printf "%s-%s" $prefix $role) "prefix" $prefix "role" $role "pool" "restricted" "config" $own) -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "items" $items) -}}
{{- end -}}

{{/* How a pod of ours may run: what the restricted Pod Security Standard asks for. */}}
{{- define "tributary.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tributary.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The file that the role runs. */}}
{{- define "tributary.program" -}}
{{- if eq . "gateway" -}}
dist/gateway/main.js
{{- else if eq . "worker" -}}
dist/subgraphs/ingest/worker-main.js
{{- else -}}
dist/subgraphs/{{ . }}/main.js
{{- end -}}
{{- end -}}

{{/* One variable from a key of a secret; nothing where no key is named. Takes a dict of name, secret, key. */}}
{{- define "tributary.fromSecret" -}}
{{- if .key }}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end }}
{{- end -}}

{{/* The secret of a pool: the restricted one has credentials of its own. */}}
{{- define "tributary.secretName" -}}
{{- if and (eq .pool "restricted") .root.Values.restricted.existingSecret -}}
{{ .root.Values.restricted.existingSecret }}
{{- else -}}
{{ .root.Values.secrets.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "tributary.milvusName" -}}
{{ printf "%s-vectors" (include "tributary.fullname" .) }}
{{- end -}}

{{/* The addresses of the stores, which are no secrets. */}}
{{- define "tributary.milvusUrl" -}}
{{- if .Values.milvus.url -}}
{{ .Values.milvus.url }}
{{- else -}}
http://{{ include "tributary.milvusName" . }}-milvus:19530
{{- end -}}
{{- end -}}

{{- define "tributary.s3Endpoint" -}}
{{- if .Values.objectStore.bundled.enabled -}}
http://{{ include "tributary.fullname" . }}-s3:7070
{{- else -}}
{{ .Values.objectStore.endpoint }}
{{- end -}}
{{- end -}}

{{/*
The environment of one component. Takes a dict of `root` and `component`. Settings for all services come first, what
the chart knows second, the component's own settings last; each variable once, as the later one has it.
*/}}
{{- define "tributary.environment" -}}
{{- $root := .root -}}
{{- $v := .root.Values -}}
{{- $c := .component -}}
{{- $role := $c.role -}}
{{- $settings := dict -}}
{{- range $name, $value := $v.settings }}{{- $_ := set $settings $name (toString $value) -}}{{- end -}}
{{- $_ := set $settings "NODE_ENV" "production" -}}
{{- $_ := set $settings "HOST" "0.0.0.0" -}}
{{- $_ := set $settings "PORT" (toString $c.config.port) -}}
{{- $_ := set $settings "TRIBUTARY_METRICS_PORT" (toString $v.metrics.port) -}}
{{- $_ := set $settings "TRIBUTARY_DATA" "/data" -}}
{{- $_ := set $settings "TRIBUTARY_MODELS" "/models" -}}
{{- $_ := set $settings "TRIBUTARY_SAMPLES" "false" -}}
{{- $_ := set $settings "TRIBUTARY_OFFLINE" (toString (ne $v.models.source "hub")) -}}
{{- if and (eq $v.models.source "hub") $v.models.hub }}{{- $_ := set $settings "TRIBUTARY_MODEL_HUB" $v.models.hub -}}{{- end -}}
{{- $_ := set $settings "TRIBUTARY_DRAIN_SECONDS" (toString $c.config.drainSeconds) -}}
{{- $_ := set $settings "TRIBUTARY_GRACE_SECONDS" (toString $c.config.graceSeconds) -}}
{{- if eq $role "gateway" -}}
{{- range $other := list "ingest" "retrieval" "generation" -}}
{{- $scheme := ternary "https" "http" $v.tls.enabled -}}
{{- $port := (get $v.services $other).port -}}
{{- $_ := set $settings (printf "TRIBUTARY_%s_URL" (upper $other)) (printf "%s://%s-%s:%v" $scheme $c.prefix $other $port) -}}
{{- end -}}
{{- with $v.authentication.jwt -}}
{{- if .jwksUrl -}}
{{- $_ := set $settings "TRIBUTARY_JWKS_URL" .jwksUrl -}}
{{- $_ := set $settings "TRIBUTARY_JWT_ISSUER" .issuer -}}
{{- $_ := set $settings "TRIBUTARY_JWT_AUDIENCE" .audience -}}
{{- $_ := set $settings "TRIBUTARY_JWT_TENANT_CLAIM" .tenantClaim -}}
{{- end -}}
{{- end -}}
{{- if $v.secrets.keys.apiKeys }}{{- $_ := set $settings "TRIBUTARY_API_KEYS" "@/secrets/api-keys.json" -}}{{- end -}}
{{- end -}}
{{- if eq $role "generation" -}}
{{- $_ := set $settings "TRIBUTARY_GATEWAY_URL" (printf "%s://%s-gateway:%v" (ternary "https" "http" $v.tls.enabled) $c.prefix $v.services.gateway.port) -}}
{{- end -}}
{{- if has $role (list "retrieval" "ingest" "worker") -}}
{{- $_ := set $settings "TRIBUTARY_MILVUS_URL" (include "tributary.milvusUrl" $root) -}}
{{- $_ := set $settings "TRIBUTARY_MILVUS_REPLICAS" (toString $v.milvus.replicas) -}}
{{- end -}}
{{- /* Retrieval reads uploads: pictures and sounds that are searched with. */ -}}
{{- if has $role (list "retrieval" "ingest" "worker") -}}
{{- $_ := set $settings "TRIBUTARY_S3_BUCKET" $v.objectStore.bucket -}}
{{- $_ := set $settings "TRIBUTARY_S3_REGION" $v.objectStore.region -}}
{{- $_ := set $settings "TRIBUTARY_S3_PATH_STYLE" (toString $v.objectStore.pathStyle) -}}
{{- with (include "tributary.s3Endpoint" $root) }}{{- $_ := set $settings "TRIBUTARY_S3_ENDPOINT" . -}}{{- end -}}
{{- with $v.objectStore.publicEndpoint }}{{- $_ := set $settings "TRIBUTARY_S3_PUBLIC_ENDPOINT" . -}}{{- end -}}
{{- $_ := set $settings "TRIBUTARY_S3_PRESIGNED_UPLOADS" (toString $v.objectStore.presignedUploads) -}}
{{- end -}}
{{- if and (eq $role "retrieval") $v.restricted.enabled (eq $c.pool "general") }}{{- $_ := set $settings "TRIBUTARY_PERSONAL_DATA" "without" -}}{{- end -}}
{{- if eq $role "ingest" }}{{- $_ := set $settings "TRIBUTARY_INGEST_WORKERS" "0" -}}{{- end -}}
{{- if $v.tls.enabled -}}
{{- $_ := set $settings "TRIBUTARY_TLS_CERTIFICATE" "/tls/tls.crt" -}}
{{- $_ := set $settings "TRIBUTARY_TLS_KEY" "/tls/tls.key" -}}
{{- $_ := set $settings "TRIBUTARY_TLS_CA" "/tls/ca.crt" -}}
{{- end -}}
{{- range $name, $value := $c.config.settings }}{{- $_ := set $settings $name (toString $value) -}}{{- end -}}
{{- range $name, $value := $settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- $secret := include "tributary.secretName" (dict "root" $root "pool" $c.pool) -}}
{{- $keys := $v.secrets.keys }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_INTERNAL_SECRET" "secret" $secret "key" $keys.internalSecret) }}
{{- if ne $role "gateway" }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_DATABASE_URL" "secret" $secret "key" $keys.databaseUrl) }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_DATABASE_REPLICA_URL" "secret" $secret "key" $keys.databaseReplicaUrl) }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_REDIS_URL" "secret" $secret "key" $keys.redisUrl) }}
{{- end }}
{{- if has $role (list "retrieval" "ingest" "worker") }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_MILVUS_TOKEN" "secret" $secret "key" $keys.milvusToken) }}
{{- end }}
{{- if has $role (list "retrieval" "ingest" "worker") }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_S3_ACCESS_KEY_ID" "secret" $secret "key" $keys.s3AccessKeyId) }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_S3_SECRET_ACCESS_KEY" "secret" $secret "key" $keys.s3SecretAccessKey) }}
{{- end }}
{{- if eq $role "generation" }}
{{- include "tributary.fromSecret" (dict "name" "TRIBUTARY_OPENAI_API_KEY" "secret" $secret "key" $keys.openaiApiKey) }}
{{- end }}
{{- end -}}

{{/* The addresses for clients: one of the general pool, one of the restricted one. */}}
{{- define "tributary.sites" -}}
{{- $fullname := include "tributary.fullname" . -}}
{{- $items := list (dict "name" $fullname "service" (printf "%s-gateway" $fullname) "host" .Values.ingress.host "tlsSecret" .Values.ingress.tlsSecret) -}}
{{- if .Values.restricted.enabled -}}
{{- $name := printf "%s-restricted" $fullname -}}
{{- $items = append $items (dict "name" $name "service" (printf "%s-gateway" $name) "host" .Values.restricted.host "tlsSecret" .Values.restricted.tlsSecret) -}}
{{- end -}}
{{- toYaml (dict "items" $items) -}}
{{- end -}}

{{/*
One rule of a network policy that lets out to a store: a dict of `root`, `to`, `ports`, and `component` where the store
is one of the release's own. No rule at all where nobody is named: an empty list would mean everybody.
*/}}
{{- define "tributary.allowTo" -}}
{{- $peers := .to | default list -}}
{{- with .component -}}
{{- $labels := merge (dict "app.kubernetes.io/component" .) (include "tributary.selector" $.root | fromYaml) -}}
{{- $peers = append $peers (dict "podSelector" (dict "matchLabels" $labels)) -}}
{{- end -}}
{{- with .labels -}}
{{- $peers = append $peers (dict "podSelector" (dict "matchLabels" .)) -}}
{{- end -}}
{{- if $peers -}}
{{- $ports := list -}}
{{- range .ports }}{{- $ports = append $ports (dict "protocol" "TCP" "port" (int .)) -}}{{- end -}}
{{- toYaml (list (dict "to" $peers "ports" $ports)) -}}
{{- end -}}
{{- end -}}
