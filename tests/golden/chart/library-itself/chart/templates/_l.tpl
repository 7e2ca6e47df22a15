{{ define "lib.meta" }}name: {{ .Chart.Name }} {{ include "lib.blank" . }}{{ end }}{{ define "lib.blank" }}kept{{ end }}{{ define "who" }}lib{{ end }}
