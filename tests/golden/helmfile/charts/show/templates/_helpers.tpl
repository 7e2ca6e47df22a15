{{- define "show.name" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end -}}
