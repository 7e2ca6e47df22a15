#include "server/app/demo_files.hpp"

namespace sluice::app {

namespace {

constexpr const char* helmfile = R"(# What `sluice demo` deploys. Try your own changes: edit, commit, push.
environments:
  staging:
    values: [environments/staging.yaml]
  production:
    values: [environments/production.yaml]

---
helmDefaults:
  wait: true
  timeout: 120

releases:
  - name: store
    namespace: guestbook
    chart: ./charts/store
    values:
      - password: {{ requiredEnv "STORE_PASSWORD" | quote }}
        size: {{ .Values.storeSize }}

  - name: web
    namespace: guestbook
    chart: ./charts/web
    needs: [guestbook/store]
    values:
      - image:
          tag: {{ requiredEnv "IMAGE_TAG" | quote }}
        replicas: {{ .Values.replicas }}
        title: {{ .Values.title }}
)";

constexpr const char* helpers = R"({{- define "labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
)";

constexpr const char* web_deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "selector" . | nindent 6 }}
  template:
    metadata:
      annotations:
        checksum/page: {{ include (print $.Template.BasePath "/page.yaml") . | sha256sum }}
      labels:
        {{- include "selector" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ required "set image.tag" .Values.image.tag }}"
          ports:
            - {name: http, containerPort: 8080}
          env:
            - name: STORE_PASSWORD
              valueFrom:
                secretKeyRef: {name: store, key: password}
          volumeMounts:
            - {name: page, mountPath: /srv}
      volumes:
        - name: page
          configMap: {name: {{ .Release.Name }}-page}
)";

constexpr const char* web_page = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-page
  labels:
    {{- include "labels" . | nindent 4 }}
data:
  index.html: |
    <h1>{{ .Values.title }}</h1>
)";

constexpr const char* web_service = R"(apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  selector:
    {{- include "selector" . | nindent 4 }}
  ports:
    - {name: http, port: 80, targetPort: http}
)";

constexpr const char* store_set = R"(apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  serviceName: {{ .Release.Name }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "selector" . | nindent 8 }}
    spec:
      containers:
        - name: store
          image: {{ .Values.image }}
          env:
            - name: PASSWORD
              valueFrom:
                secretKeyRef: {name: {{ .Release.Name }}, key: password}
          volumeMounts:
            - {name: data, mountPath: /data}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: {{ .Values.size }}}}
)";

constexpr const char* store_rest = R"(apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
data:
  password: {{ .Values.password | b64enc }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "selector" . | nindent 4 }}
  ports:
    - {name: store, port: 6379}
)";

}  // namespace

Tree demo_files() {
  return {
      {"helmfile.yaml.gotmpl", helmfile},
      {"environments/staging.yaml", "replicas: 1\ntitle: Guestbook (staging)\nstoreSize: 1Gi\n"},
      {"environments/production.yaml", "replicas: 2\ntitle: Guestbook\nstoreSize: 4Gi\n"},
      {"charts/web/Chart.yaml", "apiVersion: v2\nname: web\ndescription: The page of a guestbook\nversion: 0.1.0\n"},
      {"charts/web/values.yaml", "image: {repository: registry.example/guestbook, tag: \"\"}\nreplicas: 1\ntitle: Guestbook\n"},
      {"charts/web/templates/_helpers.tpl", helpers},
      {"charts/web/templates/deployment.yaml", web_deployment},
      {"charts/web/templates/page.yaml", web_page},
      {"charts/web/templates/service.yaml", web_service},
      {"charts/store/Chart.yaml", "apiVersion: v2\nname: store\ndescription: Where a guestbook keeps its entries\nversion: 0.1.0\n"},
      {"charts/store/values.yaml", "image: registry.example/store:7\npassword: \"\"\nsize: 1Gi\n"},
      {"charts/store/templates/_helpers.tpl", helpers},
      {"charts/store/templates/statefulset.yaml", store_set},
      {"charts/store/templates/store.yaml", store_rest},
  };
}

}  // namespace sluice::app
